"""What a profile wants of its token and what the token says, line by line. The token itself is nowhere near."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from relaywright.domain.finding import Level
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.explanation_view import empty
from relaywright.gui.widgets.remark import LevelIcon
from relaywright.gui.widgets.text import Tone, breakable, label

if TYPE_CHECKING:
    from relaywright.identity.token_lens import Wanted

_MARKS = {True: (Level.OK, "fits"), False: (Level.ERROR, "does not fit"), None: (Level.INFO, "cannot be told here")}
_HEADINGS = ("", "Claim", "Wanted", "Found")


class TokenTable(QWidget):
    """Shows the rows of a token view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Wanted, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 * GRID_PX)
        self._grid.setVerticalSpacing(GRID_PX)
        self._grid.setColumnStretch(2, 1)
        self._grid.setColumnStretch(3, 1)

    @property
    def rows(self) -> "tuple[Wanted, ...]":
        """What is shown."""
        return self._rows

    def show_rows(self, rows: "tuple[Wanted, ...]") -> None:
        """Show these rows in the place of the last ones."""
        self._rows = rows
        empty(self._grid)
        self.setVisible(bool(rows))
        if not rows:
            return
        for column, heading in enumerate(_HEADINGS):
            self._grid.addWidget(label(heading, TextStyle.CAPTION, Tone.FAINT), 0, column)
        for number, row in enumerate(rows, start=1):
            level, word = _MARKS[row.ok]
            mark = LevelIcon(level)
            mark.setToolTip(word)
            name = label(f"{row.name}", TextStyle.BODY)
            name.setToolTip(f"Claim “{row.claim}” of the token")
            name.setAccessibleName(f"{row.name}: wanted {row.wanted or 'any'}, found {row.found or 'none'}, {word}")
            found = label(breakable(row.found) or "none", TextStyle.BODY, _tone(row), wrap=True, selectable=True)
            wanted = label(breakable(row.wanted) or "any", TextStyle.BODY, Tone.SOFT, wrap=True)
            for column, part in enumerate((mark, name, wanted, found)):
                self._grid.addWidget(part, number, column, Qt.AlignmentFlag.AlignTop)


def _tone(row: "Wanted") -> Tone:
    if row.ok is False:
        return Tone.ERROR
    return Tone.NORMAL if row.found else Tone.FAINT
