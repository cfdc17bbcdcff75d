"""The foot of the window: the keyring's state, how many profiles there are and need attention, the last test."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStatusBar, QWidget

from relaywright.gui import icons, theme
from relaywright.gui.models import wording
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label, set_tone

if TYPE_CHECKING:
    from relaywright.vault.vault import KeyringState


class SmallIcon(QWidget):
    """One icon beside a word."""

    def __init__(self, name: str, role: str = "text_faint", size: int = 15) -> None:
        super().__init__()
        self._name, self._role, self._side = name, role, size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(QSize(size, size))

    def show_icon(self, name: str, role: str) -> None:
        """Show another icon, in this colour of the theme."""
        self._name, self._role = name, role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        colour = getattr(theme.colours_of(self.palette()), self._role)
        icons.paint(QPainter(self), QRectF(self.rect()), self._name, colour)


class ShrinkingLabel(QLabel):
    """Words that give way in a narrow window: cut with “…” and told in the tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font(TextStyle.CAPTION))
        self.setProperty("tone", Tone.SOFT.value)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(super().minimumSizeHint().width(), 4 * GRID_PX), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(wording.tip(self.text()) if shown != self.text() else "")
        if shown == self.text():
            super().paintEvent(event)
            return
        side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter = QPainter(self)
        self.style().drawItemText(
            painter, self.rect(), side, self.palette(), self.isEnabled(), shown, self.foregroundRole()
        )


class StatusStrip(QStatusBar):
    """Three facts, always in view."""

    attention_wanted = Signal()
    """The person wants to see what needs attention."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._key = SmallIcon("keyring")
        self._keyring = label("Keyring: not asked yet", TextStyle.CAPTION, Tone.SOFT)
        self._counts = label("", TextStyle.CAPTION, Tone.SOFT)
        self._practice = ShrinkingLabel()
        self._last = ShrinkingLabel()
        self._keyring.setObjectName("keyring-state")
        self.attention = button("", self.attention_wanted.emit, kind=ButtonKind.QUIET)
        self.attention.setObjectName("attention")
        self.attention.setFont(theme.font(TextStyle.CAPTION))
        self.attention.setIcon(icons.icon("warn", "warn_text"))
        self.attention.hide()
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(GRID_PX, 2, 2 * GRID_PX, 2)
        line.setSpacing(6)
        line.addWidget(self._key)
        line.addWidget(self._keyring)
        line.addSpacing(2 * GRID_PX)
        line.addWidget(self._counts)
        line.addWidget(self.attention)
        line.addSpacing(2 * GRID_PX)
        line.addWidget(self._practice)
        line.addStretch(1)
        line.addWidget(self._last)
        self.addWidget(row, 1)

    def show_keyring(self, state: "KeyringState") -> None:
        """Show which keyring is in use, and whether it can be."""
        trouble = state.kind != "ready"
        words = {"ready": "ready", "locked": "locked", "absent": "none"}[state.kind.value]
        self._keyring.setText(f"Keyring: {state.backend}, {words}" if state.backend else f"Keyring: {words}")
        self._keyring.setToolTip("\n".join(filter(None, (state.detail, state.hint))))
        self._key.show_icon("warn" if trouble else "keyring", "warn_text" if trouble else "text_faint")
        set_tone(self._keyring, Tone.WARN if trouble else Tone.SOFT)

    def show_counts(self, profiles: int, failed: int) -> None:
        """Show how many profiles there are and how many failed when last tried."""
        words = f"{profiles} profile{'' if profiles == 1 else 's'}"
        self._counts.setText(f"{words} · {failed} failed last time" if failed else words)

    def show_attention(self, count: int) -> None:
        """Show how many profiles sign in with something that has ended or ends soon; nothing when none does."""
        self.attention.setVisible(count > 0)
        self.attention.setText(f"{count} need{'s' if count == 1 else ''} attention")
        what = "A sign-in, secret or certificate has ended or ends soon"
        self.attention.setToolTip(f"{what}. Opens the expiry overview.")
        self.attention.setAccessibleDescription(what)

    @property
    def practice_words(self) -> str:
        """What is said of the practice relay."""
        return self._practice.text()

    def show_practice(self, text: str) -> None:
        """Show whether the practice relay runs."""
        self._practice.setText(text)

    def show_last(self, text: str) -> None:
        """Show when the shown profile was last tried and how that ended."""
        self._last.setText(text)
