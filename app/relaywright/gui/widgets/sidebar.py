"""The side of the window: search, the list of profiles, and how a new one comes in."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QColor, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLineEdit, QListView, QVBoxLayout, QWidget

from relaywright.domain.profile import RelayProfile
from relaywright.gui import icons, theme
from relaywright.gui.models.profile_list import ProfileListModel
from relaywright.gui.theme import GRID_PX
from relaywright.gui.widgets.profile_row import ProfileRowDelegate
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label, tool_button
from relaywright.services.expiries import Expiry
from relaywright.store.records import LastRun

SEARCH_DELAY_MS = 60


class Sidebar(QWidget):
    """Search field, profile list, New profile and Import."""

    profile_chosen = Signal(str)
    """The id of the profile to show."""
    new_requested = Signal()
    import_requested = Signal()
    menu_requested = Signal()
    remove_requested = Signal()
    """The shown profile should go: Delete was pressed in the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ProfileListModel(self)
        self._delay = QTimer(self, singleShot=True, interval=SEARCH_DELAY_MS)
        self._delay.timeout.connect(self._on_search)
        self.search = QLineEdit()
        self.search.setObjectName("search")
        self.search.setAccessibleName("Search profiles")
        self.search.setClearButtonEnabled(False)
        self.search.addAction(icons.icon("search", "text_faint"), QLineEdit.ActionPosition.LeadingPosition)
        self._clear = QAction(icons.icon("close", "text_faint"), "Clear the search", self)
        self._clear.triggered.connect(self.search.clear)
        self.search.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self._clear.setVisible(False)
        self.search.textChanged.connect(self._on_text)
        self.search.installEventFilter(self)
        self.menu = tool_button("menu", "Menu", self.menu_requested.emit)
        self.menu.setObjectName("menu")

        self.list = QListView()
        self.list.setObjectName("profiles")
        self.list.setAccessibleName("Profiles")
        self.list.setModel(self.model)
        self.list.setItemDelegate(ProfileRowDelegate(self.list))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        remove = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.list, context=Qt.ShortcutContext.WidgetShortcut)
        remove.activated.connect(self.remove_requested)
        self._nothing = label("", tone=Tone.FAINT, wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._nothing.hide()

        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(GRID_PX // 2)
        top.addWidget(self.search, 1)
        top.addWidget(self.menu)
        bottom = QHBoxLayout()
        bottom.setSpacing(GRID_PX)
        new = button("New profile", self.new_requested.emit, kind=ButtonKind.PRIMARY, icon="plus")
        new.setObjectName("new-profile")
        self.bring = button("Import", self.import_requested.emit, icon="import", name="Import profiles")
        self.bring.setObjectName("import")
        bottom.addWidget(new, 1)
        bottom.addWidget(self.bring)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID_PX + 2, GRID_PX + 4, GRID_PX + 2, GRID_PX + 4)
        column.setSpacing(GRID_PX)
        column.addLayout(top)
        column.addWidget(self._nothing)
        column.addWidget(self.list, 1)
        column.addLayout(bottom)
        self.setMinimumWidth(252)

    def show_profiles(
        self,
        profiles: Sequence[RelayProfile],
        last_runs: Mapping[str, LastRun],
        expiries: Mapping[str, Expiry],
        current: str = "",
    ) -> None:
        """Show these profiles and keep the current one chosen, without telling of it again."""
        self.model.show_profiles(profiles, last_runs, expiries)
        count = len(profiles)
        self.search.setPlaceholderText(f"Search {count} profiles" if count > 1 else "Search")
        self._show_emptiness()
        self.choose(current)

    def choose(self, profile_id: str) -> None:
        """Mark a profile as the current one without telling of it."""
        index = self.model.index_of(profile_id)
        selection = self.list.selectionModel()
        was_blocked = selection.blockSignals(True)
        selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        selection.blockSignals(was_blocked)
        if index.isValid():
            self.list.scrollTo(index)
        self.list.viewport().update()

    def go_to(self, profile_id: str) -> None:
        """Show a profile as if it had been chosen here; a search that hides it is taken away."""
        if not self.model.index_of(profile_id).isValid():
            self.search.clear()
            self._delay.stop()
            self._on_search()
        index = self.model.index_of(profile_id)
        if index.isValid():
            self.list.setCurrentIndex(index)

    def step(self, by: int) -> None:
        """Go to the next (1) or previous (-1) profile."""
        row = self.model.next_profile_row(self.list.currentIndex().row(), by)
        if row is not None:
            self.list.setCurrentIndex(self.model.index(row))

    def focus_search(self) -> None:
        """Put the cursor into the search, its text chosen."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _on_text(self, text: str) -> None:
        self._clear.setVisible(bool(text))
        self._delay.start()

    def _on_search(self) -> None:
        current = self.model.profile_at(self.list.currentIndex())
        self.model.search(self.search.text())
        self._show_emptiness()
        if current is not None:
            self.choose(current.id)

    def _show_emptiness(self) -> None:
        sought = self.search.text()
        nothing = self.model.found_count == 0
        self._nothing.setText(f"Nothing found for “{sought}”." if sought else "No profiles yet.")
        self._nothing.setVisible(nothing)

    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        profile = self.model.profile_at(current)
        if profile is not None:
            self.profile_chosen.emit(profile.id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down leads from the search into the list, Return opens the first find, Esc clears."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            key = event.key()
            if key in {Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self._delay.stop()
                self._on_search()
                row = self.model.next_profile_row(-1, 1)
                if row is not None:
                    self.list.setCurrentIndex(self.model.index(row))
                    self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return True
            if key == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        return QSize(max(272, self.fontMetrics().averageCharWidth() * 34), 600)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        colours = theme.colours_of(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.sidebar))
