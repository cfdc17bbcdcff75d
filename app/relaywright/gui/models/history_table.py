"""The history of one profile as rows of a table: when, what, how it ended, what the server said, how long it took."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from relaywright.gui.models import wording
from relaywright.gui.models.profile_list import Status
from relaywright.store.records import Run

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()


class Column(IntEnum):
    """The columns, in their order."""

    RESULT = 0
    WHEN = 1
    WHAT = 2
    REPLY = 3
    TIME = 4


STATUS_ROLE = Qt.ItemDataRole.UserRole
RUN_ROLE = Qt.ItemDataRole.UserRole + 1

_HEADERS = {
    Column.RESULT: "Result",
    Column.WHEN: "When",
    Column.WHAT: "What",
    Column.REPLY: "Reply",
    Column.TIME: "Time",
}
_WHAT = {"send": "Test message", "check": "Check"}


class HistoryModel(QAbstractTableModel):
    """Runs, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs: tuple[Run, ...] = ()

    @property
    def runs(self) -> tuple[Run, ...]:
        """What is shown."""
        return self._runs

    def show_runs(self, runs: Sequence[Run]) -> None:
        """Show these runs; the same ones again change nothing."""
        if tuple(runs) != self._runs:
            self.beginResetModel()
            self._runs = tuple(runs)
            self.endResetModel()

    def run_at(self, index: Index) -> Run | None:
        """Return the run in a row."""
        return self._runs[index.row()] if index.isValid() and index.row() < len(self._runs) else None

    def row_of(self, run_id: int) -> int:
        """Return the row of a run, or -1."""
        return next((row for row, run in enumerate(self._runs) if run.id == run_id), -1)

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _HEADERS[Column(section)]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(Column(section))
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        run = self.run_at(index)
        if run is None:
            return None
        column = Column(index.column())
        tell: dict[int, Callable[[], object]] = {
            Qt.ItemDataRole.DisplayRole: lambda: _text(run, column),
            Qt.ItemDataRole.TextAlignmentRole: lambda: _alignment(column),
            Qt.ItemDataRole.ToolTipRole: lambda: _tip(run, column),
            Qt.ItemDataRole.AccessibleTextRole: lambda: _spoken(run, column),
            STATUS_ROLE: lambda: status_of(run),
            RUN_ROLE: lambda: run,
        }
        found = tell.get(role)
        return found() if found is not None else None


def status_of(run: Run) -> Status:
    """Return the mark that goes with how a run ended."""
    if not run.ok:
        return Status.FAILED
    return Status.TAKEN if run.kind == "send" else Status.CHECKED


def reply_text(run: Run) -> str:
    """Return code and enhanced code of the reply that decided: “535 5.7.139”; a dash when there was none."""
    reply = run.report.get("reply")
    if not isinstance(reply, dict):
        return "–"
    return " ".join(str(part) for part in (reply.get("code"), reply.get("enhanced")) if part) or "–"


def _text(run: Run, column: Column) -> str:
    match column:
        case Column.RESULT:
            return run.title
        case Column.WHEN:
            return wording.age(run.started_at)
        case Column.WHAT:
            return _WHAT.get(run.kind, run.kind)
        case Column.REPLY:
            return reply_text(run)
        case Column.TIME:
            return wording.milliseconds(run.total_ms)


def _tip(run: Run, column: Column) -> str:
    return wording.moment(run.started_at) if column is Column.WHEN else wording.tip(_text(run, column))


def _spoken(run: Run, column: Column) -> str:
    if column is Column.RESULT:
        return f"{'Worked' if run.ok else 'Failed'}: {run.title}"
    return f"{_HEADERS[column]}: {_text(run, column)}"


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignTrailing if column is Column.TIME else Qt.AlignmentFlag.AlignLeading
    return side | Qt.AlignmentFlag.AlignVCenter
