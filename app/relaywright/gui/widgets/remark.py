"""One observation in words: a drawn shape for its level, the fact, and the way out.

What is observed is the caller's; level is never said by colour alone.
"""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from relaywright.domain.finding import Finding, Level
from relaywright.gui import icons, theme
from relaywright.gui.theme import GRID_PX
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label, set_tone

_ICON = {Level.OK: "ok", Level.INFO: "info", Level.WARNING: "warn", Level.ERROR: "error"}
_COLOUR = {Level.OK: "ok", Level.INFO: "text_faint", Level.WARNING: "warn", Level.ERROR: "error"}
_TONE = {Level.OK: Tone.OK, Level.INFO: Tone.SOFT, Level.WARNING: Tone.WARN, Level.ERROR: Tone.ERROR}
_WORD = {Level.OK: "Good", Level.INFO: "Note", Level.WARNING: "Warning", Level.ERROR: "Fault"}


LONG_CHARS = 200
"""A longer observation shows its first sentence only, and the rest on demand."""


class LevelIcon(QWidget):
    """The drawn shape of a level, beside the first line of a text."""

    def __init__(self, level: Level = Level.INFO, size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level = level
        self._size = size
        self.setFixedSize(QSize(size, max(size, self.fontMetrics().height())))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_level(self, level: Level) -> None:
        """Show another level."""
        self._level = level
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        top = (self.height() - self._size) / 2
        colour = getattr(theme.colours_of(self.palette()), _COLOUR[self._level])
        icons.paint(painter, QRectF(0, top, self._size, self._size), _ICON[self._level], colour)


class Remark(QWidget):
    """A level's shape with a wrapped text. The text is plain: what a server said cannot become markup."""

    def __init__(self, finding: Finding | None = None, *, folds: bool = True, parent: QWidget | None = None) -> None:
        """With ``folds`` a long observation shows its first sentence only, until the person wants more."""
        super().__init__(parent)
        self.finding: Finding | None = None
        self._folds = folds
        self._icon = LevelIcon()
        self._text = label(wrap=True, selectable=True)
        self.more = button("More", self._on_more, kind=ButtonKind.QUIET)
        self.more.setProperty("inline", True)  # its word begins where the text above it does
        self._is_open = False
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._text)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeading)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID_PX)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        if finding is not None:
            self.show_finding(finding)

    @property
    def plain_text(self) -> str:
        """What is shown, with the level as a word, as a screen reader says it."""
        return f"{_WORD[self.finding.level]}: {_whole(self.finding)}" if self.finding is not None else ""

    def show_finding(self, finding: Finding) -> None:
        """Show this observation in the place of the last one."""
        if finding != self.finding:
            self._is_open = False
        self.finding = finding
        self._icon.set_level(finding.level)
        self._text.setAccessibleName(self.plain_text)
        set_tone(self._text, _TONE[finding.level])
        self._show_text()

    def _show_text(self) -> None:
        if self.finding is None:
            return
        whole = _whole(self.finding)
        is_long = self._folds and len(whole) > LONG_CHARS and whole != _sentence(self.finding.title)
        self._text.setText(whole if self._is_open or not is_long else _sentence(self.finding.title))
        self.more.setVisible(is_long)
        self.more.setText("Less" if self._is_open else "More")
        self.more.setAccessibleName(f"{self.more.text()} about: {self.finding.title}")

    def _on_more(self) -> None:
        self._is_open = not self._is_open
        self._show_text()


def _whole(finding: Finding) -> str:
    return " ".join(_sentence(part) for part in (finding.title, finding.detail, *finding.steps) if part)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…", "”", ":")) else f"{text}."
