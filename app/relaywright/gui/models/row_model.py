"""Rows of one kind under fixed headings: what Qt asks of every table of ours, answered once.

Which columns there are and what each says of a row is for the models that stand on it.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
RowT = TypeVar("RowT")
ColumnT = TypeVar("ColumnT", bound=IntEnum)


class RowModel(QAbstractTableModel, Generic[RowT, ColumnT]):
    """Keeps the rows; a model on it says by :meth:`tells` what stands in a cell."""

    def __init__(self, headers: Mapping[ColumnT, str], parent: QObject | None = None) -> None:
        """``headers`` has every column, in order from 0."""
        super().__init__(parent)
        self._headers = dict(headers)
        self._columns = list(headers)
        self._rows: tuple[RowT, ...] = ()

    def row_at(self, index: Index) -> RowT | None:
        """Return what stands in an index's row."""
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def tells(self, item: RowT, column: ColumnT) -> Mapping[int, Callable[[], Any]]:
        """Return, by Qt's role, what makes the answer of a cell; only the one that is asked for is called."""
        raise NotImplementedError

    def alignment(self, column: ColumnT) -> Qt.AlignmentFlag:  # noqa: ARG002 - a model may align some otherwise
        """Return how a column and its heading are aligned."""
        return Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headers[column]
        return self.alignment(column) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self.row_at(index)
        if item is None:
            return None
        column = self._columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(column)
        found = self.tells(item, column).get(role)
        return found() if found is not None else None

    def _replace(self, rows: tuple[RowT, ...]) -> None:
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()
