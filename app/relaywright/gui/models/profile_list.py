"""The profiles as rows for the list at the side: folder headings, then profiles, filtered by the search.

Painting a row is profile_row.py's; which profile is shown, the window's.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from relaywright.domain.profile import RelayProfile
from relaywright.gui.models import expiry_words, wording
from relaywright.services.expiries import Expiry
from relaywright.services.manage_profiles import matches
from relaywright.store.records import LastRun

Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()


class Status(StrEnum):
    """What was last seen of a profile. Green means a message was really taken."""

    UNTRIED = "untried"
    TAKEN = "taken"
    CHECKED = "checked"
    """A check went through; no message was sent."""
    FAILED = "failed"


class RowRole(IntEnum):
    """What a row can be asked for besides its text."""

    PROFILE = Qt.ItemDataRole.UserRole
    HEADING = Qt.ItemDataRole.UserRole + 1
    STATUS = Qt.ItemDataRole.UserRole + 2
    SUB_LINE = Qt.ItemDataRole.UserRole + 3
    PICTOGRAM = Qt.ItemDataRole.UserRole + 4
    URGENCY = Qt.ItemDataRole.UserRole + 5
    """The Level that the sub-line's words have: an end that is near or past. None for ordinary words."""


@dataclass(frozen=True)
class _Row:
    heading: str
    profile: RelayProfile | None


class ProfileListModel(QAbstractListModel):
    """Headings and profiles in one flat list; headings can't be selected."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._profiles: tuple[RelayProfile, ...] = ()
        self._last_runs: Mapping[str, LastRun] = {}
        self._expiries: Mapping[str, Expiry] = {}
        self._search = ""
        self._rows: list[_Row] = []

    @property
    def profile_count(self) -> int:
        """How many profiles there are, found or not."""
        return len(self._profiles)

    @property
    def found_count(self) -> int:
        """How many profiles the search found."""
        return sum(1 for row in self._rows if row.profile is not None)

    @property
    def failed_count(self) -> int:
        """How many profiles failed when they were last tried."""
        return sum(1 for profile in self._profiles if self._status(profile) is Status.FAILED)

    @property
    def attention_count(self) -> int:
        """How many profiles sign in with something that has ended or ends soon."""
        return sum(1 for profile in self._profiles if self._urgent(profile) is not None)

    def show_profiles(
        self,
        profiles: Sequence[RelayProfile],
        last_runs: Mapping[str, LastRun],
        expiries: Mapping[str, Expiry] | None = None,
    ) -> None:
        """Show these profiles, in this order within their folders; runs and ends by profile id."""
        self.beginResetModel()
        self._profiles = tuple(profiles)
        self._last_runs = last_runs
        self._expiries = expiries or {}
        self._rows = self._arranged()
        self.endResetModel()

    def search(self, text: str) -> None:
        """Show only profiles that hold every word of the text."""
        if text == self._search:
            return
        self.beginResetModel()
        self._search = text
        self._rows = self._arranged()
        self.endResetModel()

    def index_of(self, profile_id: str) -> QModelIndex:
        """Return the row of a profile; an invalid index when it is not shown."""
        for number, row in enumerate(self._rows):
            if row.profile is not None and row.profile.id == profile_id:
                return self.index(number)
        return QModelIndex()

    def profile_at(self, index: Index) -> RelayProfile | None:
        """Return the profile in a row; None for a heading."""
        return self._rows[index.row()].profile if index.isValid() else None

    def next_profile_row(self, row: int, step: int) -> int | None:
        """Return the nearest row with a profile after (or with step -1 before) this one."""
        row += step
        while 0 <= row < len(self._rows):
            if self._rows[row].profile is not None:
                return row
            row += step
        return None

    def neighbour_of(self, profile_id: str) -> str:
        """Return the id of the profile beside this one, to be shown when it goes; empty when it is the only one."""
        row = self.index_of(profile_id).row()
        beside = self.next_profile_row(row, 1)
        beside = self.next_profile_row(row, -1) if beside is None else beside
        neighbour = self._rows[beside].profile if beside is not None else None
        return neighbour.id if neighbour is not None else ""

    def _arranged(self) -> list[_Row]:
        words = self._search.casefold().split()
        folders: dict[str, list[RelayProfile]] = {}
        for profile in self._profiles:
            if matches(profile, words):
                folders.setdefault(profile.folder, []).append(profile)
        rows = []
        for folder, members in folders.items():
            if folder or len(folders) > 1:
                rows.append(_Row(folder or "No folder", None))
            rows += [_Row("", profile) for profile in members]
        return rows

    def _status(self, profile: RelayProfile) -> Status:
        run = self._last_runs.get(profile.id)
        if run is None:
            return Status.UNTRIED
        if not run.ok:
            return Status.FAILED
        return Status.TAKEN if run.kind == "send" else Status.CHECKED

    def _urgent(self, profile: RelayProfile) -> Expiry | None:
        found = self._expiries.get(profile.id)
        return found if found is not None and found.needs_attention else None

    def expiry_of(self, profile_id: str) -> Expiry | None:
        """Return when what the profile signs in with ends; None when nothing does."""
        return self._expiries.get(profile_id)

    def status_of(self, profile_id: str) -> Status | None:
        """Return the status of a profile in the list."""
        profile = self.profile_at(self.index_of(profile_id))
        return self._status(profile) if profile is not None else None

    def status_text(self, profile: RelayProfile) -> str:
        """Return the status in words, with its age."""
        run = self._last_runs.get(profile.id)
        if run is None:
            return "Never tried"
        what = "Test" if run.kind == "send" else "Check"
        return f"{what} {wording.age(run.started_at)}: {run.title}"

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self._rows[index.row()].profile is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row = self._rows[index.row()]
        if row.profile is None:
            return row.heading if role in {Qt.ItemDataRole.DisplayRole, RowRole.HEADING} else None
        return self._profile_data(row.profile, role)

    def _profile_data(self, profile: RelayProfile, role: int) -> Any:
        sub_line, urgent = wording.sub_line(profile), self._urgent(profile)
        now = datetime.datetime.now(datetime.UTC)
        ends = expiry_words.short(urgent, now) if urgent is not None else ""
        whole = expiry_words.whole(urgent, now) if urgent is not None and role == Qt.ItemDataRole.ToolTipRole else ""
        tell: dict[int, Callable[[], object]] = {
            Qt.ItemDataRole.DisplayRole: lambda: profile.name,
            Qt.ItemDataRole.ToolTipRole: lambda: wording.tip(
                "\n".join(filter(None, (profile.name, sub_line, self.status_text(profile), whole and f"\n{whole}")))
            ),
            Qt.ItemDataRole.AccessibleTextRole: lambda: ", ".join(
                filter(None, (profile.name, ends, sub_line, self.status_text(profile)))
            ),
            RowRole.PROFILE: lambda: profile,
            RowRole.STATUS: lambda: self._status(profile),
            RowRole.SUB_LINE: lambda: ends or sub_line,
            RowRole.URGENCY: lambda: expiry_words.LEVELS[urgent.state] if urgent is not None else None,
            RowRole.PICTOGRAM: lambda: wording.pictogram(profile),
        }
        return tell[role]() if role in tell else None
