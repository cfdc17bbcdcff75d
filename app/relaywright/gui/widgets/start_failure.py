"""What the window shows when the services could not be built: a damaged database, a full disk. Says what to do next."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from relaywright.domain.errors import RelaywrightError
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.card import Card, Edge
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label


class StartFailure(QWidget):
    """The error and its way out, in the middle of an otherwise empty window."""

    def __init__(self, error: RelaywrightError) -> None:
        super().__init__()
        card = Card(edge=Edge.ERROR)
        card.setMaximumWidth(680)
        card.add(label("Relaywright cannot open", TextStyle.HEADING))
        card.add(label(error.message, wrap=True, selectable=True))
        if error.hint:
            card.add(label(error.hint, tone=Tone.SOFT, wrap=True, selectable=True))
        card.add_note("Nothing was changed.")
        foot = QHBoxLayout()
        foot.addStretch(1)
        close = button("Close", self._close_window, kind=ButtonKind.PRIMARY)
        foot.addWidget(close)
        card.add(foot)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(card, 6)
        middle.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(4 * GRID_PX, 4 * GRID_PX, 4 * GRID_PX, 4 * GRID_PX)
        column.addStretch(1)
        column.addLayout(middle)
        column.addStretch(2)
        close.setFocus(Qt.FocusReason.OtherFocusReason)

    def _close_window(self) -> None:
        self.window().close()
