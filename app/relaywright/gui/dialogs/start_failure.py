"""What is shown when the services could not be built: a damaged database, a full disk. Says what to do next."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from relaywright.domain.errors import RelaywrightError
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.card import Card, Edge
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label


class StartFailure(QWidget):
    """A small window with the error and its way out."""

    def __init__(self, error: RelaywrightError) -> None:
        super().__init__()
        self.setWindowTitle("Relaywright cannot open")
        self.setMinimumWidth(520)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID_PX, 3 * GRID_PX, 3 * GRID_PX, 3 * GRID_PX)
        column.setSpacing(2 * GRID_PX)
        card = Card(edge=Edge.ERROR)
        card.add(label("Relaywright cannot open", TextStyle.HEADING))
        card.add(label(error.message, wrap=True, selectable=True))
        if error.hint:
            card.add(label(error.hint, tone=Tone.SOFT, wrap=True, selectable=True))
        card.add_note("Nothing was changed.")
        column.addWidget(card)
        row = QHBoxLayout()
        row.addStretch(1)
        close = button("Close", self.close, kind=ButtonKind.PRIMARY)
        row.addWidget(close)
        column.addLayout(row)
        close.setFocus(Qt.FocusReason.OtherFocusReason)
