"""The history of one profile as rows of a table: when, what, how it ended, what the server said, how long it took."""

from collections.abc import Callable, Mapping, Sequence
from enum import IntEnum

from PySide6.QtCore import QObject, Qt

from relaywright.gui.models import wording
from relaywright.gui.models.profile_list import Status
from relaywright.gui.models.row_model import RowModel
from relaywright.store.records import Run


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


class HistoryModel(RowModel[Run, Column]):
    """Runs, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_HEADERS, parent)

    @property
    def runs(self) -> tuple[Run, ...]:
        """What is shown."""
        return self._rows

    def show_runs(self, runs: Sequence[Run]) -> None:
        """Show these runs; the same ones again change nothing."""
        if tuple(runs) != self._rows:
            self._replace(tuple(runs))

    def row_of(self, run_id: int) -> int:
        """Return the row of a run, or -1."""
        return next((row for row, run in enumerate(self._rows) if run.id == run_id), -1)

    def alignment(self, column: Column) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignTrailing if column is Column.TIME else Qt.AlignmentFlag.AlignLeading
        return side | Qt.AlignmentFlag.AlignVCenter

    def tells(self, item: Run, column: Column) -> Mapping[int, Callable[[], object]]:
        return {
            Qt.ItemDataRole.DisplayRole: lambda: _text(item, column),
            Qt.ItemDataRole.ToolTipRole: lambda: _tip(item, column),
            Qt.ItemDataRole.AccessibleTextRole: lambda: _spoken(item, column),
            STATUS_ROLE: lambda: status_of(item),
            RUN_ROLE: lambda: item,
        }


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
