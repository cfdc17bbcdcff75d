"""Where the time went: one bar per phase of a session, growing while it runs."""

import time
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from relaywright.gui import theme
from relaywright.gui.models import wording
from relaywright.gui.theme import GRID_PX, Colours, TextStyle
from relaywright.smtp.events import Phase, PhaseName, PhaseStarted

_BAR_PX = 11
_REDRAW_MS = 40

# What is shown before anything happened: the order of a STARTTLS session.
_USUAL = (
    PhaseName.RESOLVE,
    PhaseName.CONNECT,
    PhaseName.GREETING,
    PhaseName.EHLO,
    PhaseName.TLS,
    PhaseName.EHLO,
    PhaseName.AUTH,
    PhaseName.ENVELOPE,
    PhaseName.DATA,
)


class Waterfall(QWidget):
    """Paints phases. ``began`` and ``ended`` feed it live, ``show_phases`` shows a run that is over."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._phases: list[Phase] = []
        self._expected: tuple[PhaseName, ...] = _USUAL
        self._running: PhaseStarted | None = None
        self._given_up = False
        """The person ended it: the last phase did not fail."""
        self._running_since_s = 0.0
        self._font = theme.font(TextStyle.CAPTION)
        self._timer = QTimer(self, interval=_REDRAW_MS)
        self._timer.timeout.connect(self.update)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setAccessibleName("Where the time went")

    def expect(self, *, starttls: bool, encrypted: bool, signs_in: bool) -> None:
        """Say which phases this profile's session should have."""
        names = [PhaseName.RESOLVE, PhaseName.CONNECT]
        if encrypted and not starttls:
            names.append(PhaseName.TLS)
        names += [PhaseName.GREETING, PhaseName.EHLO]
        if starttls:
            names += [PhaseName.TLS, PhaseName.EHLO]
        if signs_in:
            names.append(PhaseName.AUTH)
        self._expected = (*names, PhaseName.ENVELOPE, PhaseName.DATA)
        self._changed()

    def clear(self) -> None:
        """Forget all phases."""
        self._phases = []
        self._stop()
        self._changed()

    def show_phases(self, phases: Sequence[Phase]) -> None:
        """Show the phases of a run that is over."""
        self._phases = list(phases)
        self._stop()
        self._changed()

    def began(self, event: PhaseStarted) -> None:
        """Let a bar grow from now on."""
        self._running = event
        self._running_since_s = time.monotonic()
        self._timer.start()
        self._changed()

    def ended(self, phase: Phase) -> None:
        """Set a bar to what it really took."""
        self._phases.append(phase)
        self._stop()
        self._changed()

    @property
    def running_phase(self) -> PhaseName | None:
        """The phase whose bar grows; when none does, the last that ended."""
        if self._running is not None:
            return self._running.name
        return self._phases[-1].name if self._phases else None

    def stop(self) -> None:
        """Let nothing grow any more: the session was cancelled."""
        self._stop()
        self._given_up = True
        self._changed()

    @property
    def row_count(self) -> int:
        """How many rows are shown."""
        return len(self._rows())

    def sizeHint(self) -> QSize:
        return QSize(360, len(self._rows()) * self._row_height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def _stop(self) -> None:
        self._running = None
        self._given_up = False
        self._timer.stop()

    def _changed(self) -> None:
        told = [f"{wording.PHASES[item.name]} {wording.milliseconds(item.ms)}" for item in self._phases]
        failed = [wording.PHASES[item.name] for item in self._phases if not item.ok]
        ended = "cancelled" if self._given_up else "failed"
        text = ", ".join(told) + (f"; {ended} at {failed[0]}" if failed else "")
        self.setAccessibleDescription(text or "Nothing measured yet")
        self.updateGeometry()
        self.update()

    def _row_height(self) -> int:
        return max(QFontMetrics(self._font).height() + 6, _BAR_PX + GRID_PX)

    def _rows(self) -> list[tuple[PhaseName, Phase | None]]:
        """Return what happened, then what was expected and did not come."""
        rows: list[tuple[PhaseName, Phase | None]] = [(phase.name, phase) for phase in self._phases]
        done = [phase.name for phase in self._phases]
        if self._running is not None:
            rows.append((self._running.name, None))
            done.append(self._running.name)
        rest = list(self._expected)
        for name in done:
            if name in rest:
                rest.remove(name)
        missing: list[tuple[PhaseName, Phase | None]] = [(name, None) for name in rest]
        if rows and rows[-1][0] is PhaseName.QUIT:  # the goodbye comes last, whatever was left out
            return rows[:-1] + missing + rows[-1:]
        return rows + missing

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        colours = theme.colours_of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        metrics = QFontMetrics(self._font)
        rows = self._rows()
        running_ms = (time.monotonic() - self._running_since_s) * 1000 if self._running else 0.0
        total = max([phase.at_ms + phase.ms for phase in self._phases] + [1.0])
        if self._running is not None:
            total = max(total, self._running.at_ms + running_ms)
        names = max(metrics.horizontalAdvance(wording.PHASES[name]) for name in PhaseName) + 2 * GRID_PX
        times = metrics.horizontalAdvance("88.88 ms") + GRID_PX
        height = self._row_height()
        for number, (name, phase) in enumerate(rows):
            row = QRectF(0, number * height, self.width(), height)
            is_running = phase is None and self._running is not None and name is self._running.name
            self._paint_words(painter, row, name, phase, running_ms if is_running else None, colours)
            if phase is not None:
                share = (phase.at_ms / total, phase.ms / total)
            elif is_running and self._running is not None:
                share = (self._running.at_ms / total, running_ms / total)
            else:
                continue
            self._paint_bar(painter, row, (names, times), share, self._ink(name, phase, colours))

    def _ink(self, name: PhaseName, phase: Phase | None, colours: Colours) -> str:
        if phase is not None and not phase.ok:
            return colours.idle if self._given_up else colours.error
        return colours.bar_tls if name is PhaseName.TLS else colours.bar

    def _paint_words(
        self,
        painter: QPainter,
        row: QRectF,
        name: PhaseName,
        phase: Phase | None,
        running_ms: float | None,
        colours: Colours,
    ) -> None:
        lead, trail = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight  # the painter mirrors them itself
        middle = Qt.AlignmentFlag.AlignVCenter
        failed = phase is not None and not phase.ok and not self._given_up
        reached = phase is not None or running_ms is not None
        painter.setPen(QColor(colours.error_text if failed else colours.text if reached else colours.text_faint))
        painter.drawText(row, lead | middle, wording.PHASES[name])
        if phase is not None:
            said = wording.milliseconds(phase.ms)
        elif running_ms is not None:
            said = f"{wording.milliseconds(max(running_ms, 10))} …"
        else:
            said = "–"
        painter.setPen(QColor(colours.error_text if failed else colours.text_soft if reached else colours.text_faint))
        painter.drawText(row, trail | middle, said)

    def _paint_bar(
        self, painter: QPainter, row: QRectF, margins: tuple[float, float], share: tuple[float, float], ink: str
    ) -> None:
        names, times = margins
        room = max(10.0, row.width() - names - times)
        left = names + share[0] * room
        width = max(3.0, share[1] * room)
        left = min(left, names + room - width)
        if self.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            left = row.width() - left - width
        bar = QRectF(left, row.center().y() - _BAR_PX / 2, width, _BAR_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ink))
        radius = min(3.0, width / 2)
        painter.drawRoundedRect(bar, radius, radius)
