"""The lines found in a pasted text as rows of a table: where, how often, what it means."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import IntEnum

from PySide6.QtCore import QObject, Qt

from relaywright.gui.models import wording
from relaywright.gui.models.row_model import RowModel
from relaywright.services.pasted_lines import FoundLine


class Column(IntEnum):
    """The columns, in their order."""

    MEANING = 0
    PLACE = 1
    TIMES = 2


_HEADERS = {Column.MEANING: "What it means", Column.PLACE: "Where", Column.TIMES: "How often"}


class FoundLinesModel(RowModel[FoundLine, Column]):
    """Lines, in the order of the text."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_HEADERS, parent)

    def show_lines(self, lines: Sequence[FoundLine]) -> None:
        """Show these in the place of the last ones."""
        self._replace(tuple(lines))

    @property
    def has_repeated(self) -> bool:
        """Whether one of them stands there more than once."""
        return any(item.times > 1 for item in self._rows)

    def tells(self, item: FoundLine, column: Column) -> Mapping[int, Callable[[], str]]:
        return {
            Qt.ItemDataRole.DisplayRole: lambda: _text(item, column),
            Qt.ItemDataRole.ToolTipRole: lambda: wording.tip(item.text),
            Qt.ItemDataRole.AccessibleTextRole: lambda: f"{_HEADERS[column]}: {_text(item, column)}",
        }


def place(item: FoundLine) -> str:
    """Return where a line stands: “line 12”, “line 2 from the end”, “Diagnostic-Code, line 30”."""
    line = "" if item.line is None else f"line {item.line}" if item.line > 0 else f"line {-item.line} from the end"
    words = ", ".join(part for part in (item.where, line) if part) or "in an encoded part"
    return f"{words[0].upper()}{words[1:]}"


def times(item: FoundLine) -> str:
    """Return how often it stands there, in words."""
    return "once" if item.times == 1 else f"{item.times} times"


def _text(item: FoundLine, column: Column) -> str:
    match column:
        case Column.MEANING:
            title = item.explanation.title
            return f"{item.recipient}: {title}" if item.where and item.recipient else title
        case Column.PLACE:
            return place(replace(item, where="") if item.line else item)
        case Column.TIMES:
            return times(item)
