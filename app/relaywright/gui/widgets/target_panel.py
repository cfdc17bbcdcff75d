"""The list of export targets with its search: typing narrows it, arrow keys walk it, one target is always in hand."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListView, QWidget

from relaywright.gui.models.target_list import TargetListModel
from relaywright.gui.theme import TextStyle
from relaywright.gui.widgets.card import Card
from relaywright.gui.widgets.target_row import TargetRowDelegate
from relaywright.gui.widgets.text import Tone, label
from relaywright.services.export_settings import FittingTarget


class TargetPanel(Card):
    """Chooses a target."""

    chosen = Signal(object)
    """The FittingTarget that came into hand, when it is another one than before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setMinimumWidth(200)
        self._target_id = ""
        self._model = TargetListModel(self)
        self._search = QLineEdit()
        self._search.setClearButtonEnabled(True)
        self._search.setAccessibleName("Search devices and applications")
        self._search.textChanged.connect(self._model.search)
        self._search.installEventFilter(self)
        self._list = QListView()
        self._list.setModel(self._model)
        self._list.setItemDelegate(TargetRowDelegate(self._list))
        self._list.setAccessibleName("Devices and applications")
        self._list.setMouseTracking(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._list.selectionModel().currentChanged.connect(self._on_current)
        self._model.modelReset.connect(self._keep_in_hand)
        self._nothing = label("", TextStyle.BODY, Tone.SOFT, wrap=True)
        self.add(self._search)
        self.add(self._nothing)
        self.add(self._list, 1)
        self._nothing.hide()

    @property
    def target_id(self) -> str:
        """The id of the target in hand, also while a search hides it; empty when there never was one."""
        return self._target_id

    @property
    def current(self) -> FittingTarget | None:
        """The target in hand."""
        return self._model.item_at(self._list.currentIndex())

    def show_targets(self, items: Sequence[FittingTarget]) -> None:
        """Show these targets; the one in hand stays there when it is among them."""
        self._model.show_targets(items)
        self._search.setPlaceholderText(f"Search {self._model.target_count} devices and applications")
        self._keep_in_hand()

    def choose(self, target_id: str) -> bool:
        """Take a target in hand by its id; tells whether it is in the list."""
        index = self._model.index_of(target_id)
        if index.isValid():
            self._list.setCurrentIndex(index)
        return index.isValid()

    def _keep_in_hand(self) -> None:
        """Keep the target in hand after a search or for another profile, else take the first that fits."""
        index = self._model.index_of(self._target_id) if self._target_id else QModelIndex()
        if not index.isValid():
            index = self._model.first_fitting()
        if index.isValid():
            self._list.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        text = self._search.text()
        self._nothing.setVisible(self._model.found_count == 0)
        self._nothing.setText(
            f"Nothing is called “{text}”. The device sheet fits any device." if text else "There are no targets."
        )

    def _on_current(self, current: QModelIndex, _previous: QModelIndex) -> None:
        item = self._model.item_at(current)
        if item is not None and item.target.id != self._target_id:
            self._target_id = item.target.id
            self.chosen.emit(item)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys walk the list while the search has the keyboard."""
        key = event.key() if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress else None
        if watched is self._search and key in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            QGuiApplication.sendEvent(self._list, event)
            return True
        return super().eventFilter(watched, event)
