"""The first page: no profile yet. Offers the practice relay, a new profile, an import, and says what they are for."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from relaywright.gui.pages.page import Page
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.card import Card, Edge
from relaywright.gui.widgets.status_strip import SmallIcon
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label

_WIDTH_PX = 760

_PRACTICE = (
    ("send", "Send a test and read the whole conversation, step by step"),
    ("key", "Sign in with a password, or with a browser as at Microsoft"),
    ("error", "Be refused the way Exchange Online refuses, and see whose move it is"),
    ("export", "Export the settings for a printer, an application or a server"),
)


class WelcomePage(Page):
    """Three ways to begin."""

    practice_requested = Signal()
    new_requested = Signal()
    import_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content.addSpacing(2 * GRID_PX)
        sheet = QWidget()
        sheet.setMaximumWidth(_WIDTH_PX)
        column = QVBoxLayout(sheet)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GRID_PX)
        column.addWidget(label("Get a device to send mail through Microsoft 365", TextStyle.TITLE, wrap=True))
        column.addWidget(
            label(
                "A profile holds how one printer, application or server sends. Relaywright tries it the way the device "
                "would, says what is wrong and whose move it is, and writes the settings for the device.",
                tone=Tone.SOFT,
                wrap=True,
            )
        )
        column.addWidget(self._practice_card())
        pair = QHBoxLayout()
        pair.setSpacing(2 * GRID_PX)
        self._new = button("New profile", self.new_requested.emit, icon="plus")
        self._new.setObjectName("welcome-new")
        self._import = button("Import…", self.import_requested.emit, icon="import", name="Import profiles")
        pair.addWidget(
            self._choice("Begin with your own", "For a mailbox, a connector or Direct Send of your tenant.", self._new),
            1,
        )
        pair.addWidget(
            self._choice("Take over a colleague’s", "Open an encrypted bundle. It can be dropped here.", self._import),
            1,
        )
        column.addLayout(pair)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(sheet, 8)
        middle.addStretch(1)
        self.content.addLayout(middle)
        self.content.addStretch(1)

    def _practice_card(self) -> Card:
        card = Card("Try it without a tenant", edge=Edge.ACCENT)
        card.add_note(
            "The practice relay behaves like Exchange Online, on this computer only: no account, no mail leaves. "
            "With it you can:"
        )
        for icon, text in _PRACTICE:
            row = QHBoxLayout()
            row.setSpacing(GRID_PX + 2)
            row.addWidget(SmallIcon(icon, "link", 18), 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(label(text, wrap=True), 1)
            card.add(row)
        self._start = button(
            "Start the practice relay", self.practice_requested.emit, kind=ButtonKind.PRIMARY, icon="practice"
        )
        self._start.setObjectName("start-practice")
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName("The practice relay is starting")
        self._busy.hide()
        card.body.addSpacing(GRID_PX)
        foot = QHBoxLayout()
        foot.addWidget(self._start)
        foot.addStretch(1)
        card.add(foot)
        card.add(self._busy)
        return card

    def focus_first(self) -> None:
        """Put the keyboard where most people begin."""
        self._start.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_starting(self, starting: bool) -> None:
        """Show that the practice relay is on its way."""
        self._start.setEnabled(not starting)
        self._start.setText("Starting the practice relay…" if starting else "Start the practice relay")
        self._busy.setVisible(starting)

    def _choice(self, heading: str, text: str, way: QWidget) -> Card:
        card = Card(heading)
        card.add_note(text)
        card.body.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(way)
        foot.addStretch(1)
        card.add(foot)
        return card
