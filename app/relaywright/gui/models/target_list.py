"""The export targets as rows: those that fit the profile, those that need a bridge, those that do not fit.

Painting a row is target_row.py's; whether a target fits, the export service's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from relaywright.exporting.target import FitLevel, Target, TargetKind
from relaywright.gui.models import wording
from relaywright.services.export_settings import FittingTarget

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()

HEADINGS = {
    FitLevel.FITS: "Fits this profile",
    FitLevel.WITH_BRIDGE: "With a bridge",
    FitLevel.DOES_NOT_FIT: "Does not fit",
}
PICTOGRAMS = {
    TargetKind.DEVICE: "printer",
    TargetKind.APPLICATION: "application",
    TargetKind.CODE: "script",
    TargetKind.BRIDGE: "plug",
    TargetKind.GENERIC: "file",
}


class TargetRole(IntEnum):
    """What a row can be asked for besides its text."""

    HEADING = Qt.ItemDataRole.UserRole
    TARGET_ID = Qt.ItemDataRole.UserRole + 1
    SUB_LINE = Qt.ItemDataRole.UserRole + 2
    PICTOGRAM = Qt.ItemDataRole.UserRole + 3
    BADGE = Qt.ItemDataRole.UserRole + 4
    FIT = Qt.ItemDataRole.UserRole + 5


@dataclass(frozen=True)
class _Row:
    heading: str
    item: FittingTarget | None


class TargetListModel(QAbstractListModel):
    """Headings and targets in one flat list; headings can't be selected."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[FittingTarget, ...] = ()
        self._search = ""
        self._rows: list[_Row] = []

    @property
    def target_count(self) -> int:
        """How many targets there are, found or not."""
        return len(self._items)

    @property
    def found_count(self) -> int:
        """How many the search found."""
        return sum(1 for row in self._rows if row.item is not None)

    def show_targets(self, items: Sequence[FittingTarget]) -> None:
        """Show these targets, grouped by how they fit."""
        if tuple(items) == self._items:
            return
        self.beginResetModel()
        self._items = tuple(items)
        self._rows = self._arranged()
        self.endResetModel()

    def search(self, text: str) -> None:
        """Show only targets that hold every word of the text."""
        if text != self._search:
            self.beginResetModel()
            self._search = text
            self._rows = self._arranged()
            self.endResetModel()

    def item_at(self, index: Index) -> FittingTarget | None:
        """Return the target in a row; None for a heading."""
        return self._rows[index.row()].item if index.isValid() else None

    def index_of(self, target_id: str) -> QModelIndex:
        """Return a target's row; an invalid index when it is not shown."""
        for number, row in enumerate(self._rows):
            if row.item is not None and row.item.target.id == target_id:
                return self.index(number)
        return QModelIndex()

    def first_fitting(self) -> QModelIndex:
        """Return the first proven target that fits, else the first that fits, else any, else an invalid index."""
        found = [(_standing(row.item), number) for number, row in enumerate(self._rows) if row.item is not None]
        return self.index(min(found)[1]) if found else QModelIndex()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self._rows[index.row()].item is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if row.item is None:
            return row.heading if role in {Qt.ItemDataRole.DisplayRole, TargetRole.HEADING} else None
        return _target_data(row.item, role)

    def _arranged(self) -> list[_Row]:
        words = self._search.casefold().split()
        rows = []
        for level, heading in HEADINGS.items():
            found = [item for item in self._items if item.fit.level is level and _holds(item.target, words)]
            if found:
                rows += [_Row(heading, None), *(_Row("", item) for item in found)]
        return rows


def badge_of(target: Target) -> str:
    """Return what a target is proven with, as short as it fits a list: “proven 1.8.23”; empty when it is not."""
    return f"proven {target.proven.version}" if target.proven is not None else ""


def _standing(item: FittingTarget) -> int:
    if item.fit.level is not FitLevel.FITS:
        return 2
    return 0 if item.target.proven is not None else 1


def _holds(target: Target, words: Sequence[str]) -> bool:
    haystack = f"{target.id} {target.name} {target.kind} {target.summary}".casefold()
    return all(word in haystack for word in words)


def _target_data(item: FittingTarget, role: int) -> Any:
    target = item.target
    sub_line = target.summary if item.fit.level is FitLevel.FITS else item.fit.reason
    badge = badge_of(target)
    tell: dict[int, Callable[[], object]] = {
        Qt.ItemDataRole.DisplayRole: lambda: target.name,
        Qt.ItemDataRole.ToolTipRole: lambda: wording.tip(
            "\n".join(filter(None, (target.name, target.summary, item.fit.reason)))
        ),
        Qt.ItemDataRole.AccessibleTextRole: lambda: ", ".join(
            filter(None, (target.name, HEADINGS[item.fit.level], sub_line, badge))
        ),
        TargetRole.TARGET_ID: lambda: target.id,
        TargetRole.SUB_LINE: lambda: sub_line,
        TargetRole.PICTOGRAM: lambda: PICTOGRAMS[target.kind],
        TargetRole.BADGE: lambda: badge,
        TargetRole.FIT: lambda: item.fit.level,
    }
    found = tell.get(role)
    return found() if found is not None else None
