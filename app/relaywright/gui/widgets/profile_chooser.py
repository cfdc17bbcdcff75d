"""A list of profiles with a tick before each, a search above it, and the count below."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from relaywright.domain.profile import RelayProfile
from relaywright.gui.models import wording
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label
from relaywright.services.manage_profiles import matches

_ID = Qt.ItemDataRole.UserRole
FEW = 8
"""So many profiles are seen at one glance: no search is offered."""


class ProfileChooser(QWidget):
    """Chooses some of many profiles."""

    changed = Signal()

    def __init__(
        self, profiles: Sequence[RelayProfile], chosen: Collection[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._profiles = tuple(profiles)
        self._search = QLineEdit()
        self._search.setPlaceholderText("Search profiles")
        self._search.setAccessibleName("Search profiles")
        self._search.setClearButtonEnabled(True)
        self._search.setVisible(len(profiles) > FEW)
        self._list = QListWidget()
        self._list.setAccessibleName("Profiles to share")
        self._list.setObjectName("chooser")
        row_height = max(28, self.fontMetrics().height() + GRID_PX)  # the style sheet's own least height is not asked
        for profile in profiles:
            item = QListWidgetItem(f"{profile.name}   ·   {wording.sub_line(profile)}")
            item.setData(_ID, profile.id)
            item.setSizeHint(QSize(0, row_height))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if profile.id in chosen else Qt.CheckState.Unchecked)
            self._list.addItem(item)
        self._count = label("", TextStyle.CAPTION, Tone.FAINT)
        self._all = button("Choose all", self._on_all, kind=ButtonKind.QUIET)
        self._none = button("Choose none", self._on_none, kind=ButtonKind.QUIET)
        foot = QHBoxLayout()
        foot.setSpacing(GRID_PX)
        foot.addWidget(self._count, 1)
        foot.addWidget(self._all)
        foot.addWidget(self._none)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID_PX)
        column.addWidget(self._search)
        column.addWidget(self._list, 1)
        column.addLayout(foot)
        rows = min(max(len(profiles), 2), 7)
        self._list.setMinimumHeight(rows * (self.fontMetrics().height() + 2 * GRID_PX) + GRID_PX)
        self._search.textChanged.connect(self._on_search)
        self._list.itemChanged.connect(self._on_changed)
        self._list.setCurrentRow(next((row for row, item in enumerate(profiles) if item.id in chosen), 0))
        self._show_count()

    def chosen_ids(self) -> list[str]:
        """Return the ids of the ticked profiles, in the list's order, found by the search or not."""
        items = (self._list.item(row) for row in range(self._list.count()))
        return [str(item.data(_ID)) for item in items if item.checkState() is Qt.CheckState.Checked]

    def _on_search(self, text: str) -> None:
        words = text.casefold().split()
        for row, profile in enumerate(self._profiles):
            self._list.item(row).setHidden(not matches(profile, words))

    def _on_all(self) -> None:
        self._set_shown(Qt.CheckState.Checked)

    def _on_none(self) -> None:
        self._set_shown(Qt.CheckState.Unchecked)

    def _set_shown(self, state: Qt.CheckState) -> None:
        self._list.blockSignals(True)
        for row in range(self._list.count()):
            item = self._list.item(row)
            if not item.isHidden():
                item.setCheckState(state)
        self._list.blockSignals(False)
        self._list.viewport().update()
        self._on_changed()

    def _on_changed(self) -> None:
        self._show_count()
        self.changed.emit()

    def _show_count(self) -> None:
        self._count.setText(f"{len(self.chosen_ids())} of {len(self._profiles)} chosen")
