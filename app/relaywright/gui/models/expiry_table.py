"""What ends as rows of a table: whose, what, when, how long still, what to do; filtered by words."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum

from PySide6.QtCore import QObject, Qt

from relaywright.gui.models import expiry_words, wording
from relaywright.gui.models.row_model import RowModel
from relaywright.services.expiries import Expiry

FULL_BAR_DAYS = 90
"""So many days fill the bar, the life of a sign-in: bars of different things can be compared."""


class Column(IntEnum):
    """The columns, in their order."""

    PROFILE = 0
    WHAT = 1
    ENDS = 2
    LEFT = 3
    NEXT = 4


LEVEL_ROLE = Qt.ItemDataRole.UserRole
SHARE_ROLE = Qt.ItemDataRole.UserRole + 1
"""How full the bar is, from 0 to 1; None when nobody knows."""

_HEADERS = {
    Column.PROFILE: "Profile",
    Column.WHAT: "What",
    Column.ENDS: "Ends",
    Column.LEFT: "Time left",
    Column.NEXT: "What to do",
}
_STATE_WORDS = {"ended": "Ended", "soon": "Ends soon", "unknown": "End not known", "good": "Good"}


class ExpiryModel(RowModel[Expiry, Column]):
    """Ends, in the order in which they were given."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_HEADERS, parent)
        self._all: tuple[Expiry, ...] = ()
        self._words: list[str] = []
        self._now = datetime.datetime.now(datetime.UTC)

    @property
    def expiries(self) -> tuple[Expiry, ...]:
        """All of them, found or not."""
        return self._all

    @property
    def found(self) -> tuple[Expiry, ...]:
        """Those that the filter leaves."""
        return self._rows

    @property
    def now(self) -> datetime.datetime:
        """The moment from which the time left is counted."""
        return self._now

    def show_expiries(self, expiries: Sequence[Expiry], now: datetime.datetime) -> None:
        """Show these, as they stand at that moment."""
        self._all, self._now = tuple(expiries), now
        self._replace(self._filtered())

    def filter(self, text: str) -> None:
        """Show only those that hold every word of the text."""
        words = text.casefold().split()
        if words != self._words:
            self._words = words
            self._replace(self._filtered())

    def _filtered(self) -> tuple[Expiry, ...]:
        def matches(item: Expiry) -> bool:
            heap = "\n".join((item.profile, expiry_words.what(item), _STATE_WORDS[item.state], item.who)).casefold()
            return all(word in heap for word in self._words)

        return tuple(filter(matches, self._all)) if self._words else self._all

    def tells(self, item: Expiry, column: Column) -> Mapping[int, Callable[[], object]]:
        return {
            Qt.ItemDataRole.DisplayRole: lambda: self._text(item, column),
            Qt.ItemDataRole.ToolTipRole: lambda: wording.tip(self._tip(item, column)),
            Qt.ItemDataRole.AccessibleTextRole: lambda: self._spoken(item, column),
            LEVEL_ROLE: lambda: expiry_words.LEVELS[item.state],
            SHARE_ROLE: lambda: self._share(item),
        }

    def _text(self, item: Expiry, column: Column) -> str:
        match column:
            case Column.PROFILE:
                return item.profile
            case Column.WHAT:
                return expiry_words.what(item)
            case Column.ENDS:
                return expiry_words.day(item)
            case Column.LEFT:
                return expiry_words.left(item, self._now)
            case Column.NEXT:
                return item.steps[0] if item.steps else "Nothing for now."

    def _tip(self, item: Expiry, column: Column) -> str:
        return expiry_words.whole(item, self._now) if column is Column.NEXT else self._text(item, column)

    def _spoken(self, item: Expiry, column: Column) -> str:
        if column is Column.PROFILE:
            return f"{item.profile}, {_STATE_WORDS[item.state]}"
        return f"{_HEADERS[column]}: {self._text(item, column)}"

    def _share(self, item: Expiry) -> float | None:
        if item.ends_at is None:
            return None
        left = (item.ends_at - self._now).total_seconds() / 86_400
        return min(max(left / FULL_BAR_DAYS, 0.0), 1.0)
