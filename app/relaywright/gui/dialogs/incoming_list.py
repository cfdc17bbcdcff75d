"""The profiles of a bundle: what each is, how it meets what is here, and the choice where one is needed."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from relaywright.gui.models import wording
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.card import Card
from relaywright.gui.widgets.chip import Chip, ChipKind
from relaywright.gui.widgets.choice_box import ChoiceBox
from relaywright.gui.widgets.text import Tone, label
from relaywright.sharing.incoming import Choice, Conflict, Incoming

_CHOICES = ((Choice.KEEP, "Keep mine"), (Choice.REPLACE, "Replace mine"), (Choice.RENAME, "Keep both"))
_CHIPS = {
    Conflict.NONE: ("new", ChipKind.OK),
    Conflict.SAME: ("the same as yours", ChipKind.PLAIN),
    Conflict.CHANGED: ("differs from yours", ChipKind.WARN),
    Conflict.NAME: ("you have another with this name", ChipKind.WARN),
}
MAX_SHOWN_CHANGES = 6


class IncomingList(QWidget):
    """Shows what came and takes the choices. Keeping mine is what happens when nobody chooses."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._incoming: tuple[Incoming, ...] = ()
        self._boxes: dict[str, ChoiceBox] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID_PX)

    @property
    def change_count(self) -> int:
        """How many profiles here would be added or changed."""
        choices = self.choices()
        return sum(
            1
            for item in self._incoming
            if item.conflict is Conflict.NONE or (item.in_the_way and choices[item.profile.id] is not Choice.KEEP)
        )

    def show_incoming(self, incoming: Sequence[Incoming]) -> None:
        """Show these; called once."""
        self._incoming = tuple(incoming)
        conflicts = [item for item in incoming if item.in_the_way]
        if len(conflicts) > 1:
            self._column.addLayout(self._for_all())
        # What needs a choice comes first; the rest keeps its order.
        for item in (*conflicts, *(other for other in incoming if not other.in_the_way)):
            self._column.addWidget(self._line(item))
        self._column.addStretch(1)

    def focus_first(self) -> bool:
        """Put the keyboard on the first choice; tells whether there is one."""
        first = next(iter(self._boxes.values()), None)
        if first is not None:
            first.setFocus()
        return first is not None

    def choices(self) -> dict[str, Choice]:
        """Return the choice for each profile that needs one, by its id."""
        return {profile_id: Choice(box.value()) for profile_id, box in self._boxes.items()}

    def choose(self, profile_id: str, choice: Choice) -> None:
        """Choose for one profile."""
        self._boxes[profile_id].set_value(choice)
        self.changed.emit()

    def _for_all(self) -> QHBoxLayout:
        line = QHBoxLayout()
        caption = label("For &all that differ:")
        box = ChoiceBox([("Choose each", "each"), *((text, choice) for choice, text in _CHOICES)])
        box.setAccessibleName("For all that differ")
        caption.setBuddy(box)
        box.chosen.connect(self._on_all)
        line.addWidget(caption)
        line.addWidget(box)
        line.addStretch(1)
        return line

    def _line(self, item: Incoming) -> QWidget:
        card = Card()
        line = QHBoxLayout()
        line.setSpacing(GRID_PX)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(item.profile.name, TextStyle.STRONG, wrap=True))
        words.addWidget(label(wording.sub_line(item.profile), TextStyle.CAPTION, Tone.FAINT, wrap=True))
        line.addLayout(words, 1)
        text, kind = _CHIPS[item.conflict]
        if item.secrets:
            line.addWidget(Chip("with its secret", ChipKind.INFO))
        line.addWidget(Chip(text, kind))
        if item.in_the_way:
            box = ChoiceBox([(caption, choice) for choice, caption in _CHOICES])
            box.setAccessibleName(f"What to do with {item.profile.name}")
            box.setMinimumWidth(box.fontMetrics().horizontalAdvance("Replace mine") + 6 * GRID_PX)
            box.chosen.connect(self._on_chosen)
            self._boxes[item.profile.id] = box
            line.addWidget(box)
        card.add(line)
        if item.in_the_way:
            card.add(label(_told_changes(item), TextStyle.CAPTION, Tone.SOFT, wrap=True))
        return card

    def _on_all(self, value: str) -> None:
        if value in set(Choice):
            for box in self._boxes.values():
                box.set_value(value)
        self.changed.emit()

    def _on_chosen(self, _value: str) -> None:
        self.changed.emit()


def _told_changes(item: Incoming) -> str:
    """Say what differs: “Port: yours 587, theirs 25”."""
    shown = [
        f"{change.label}: yours {_told(change.here)}, theirs {_told(change.incoming)}"
        for change in item.changes[:MAX_SHOWN_CHANGES]
    ]
    more = len(item.changes) - len(shown)
    return "  ·  ".join((*shown, f"{more} more") if more > 0 else shown)


def _told(value: str) -> str:
    line = " ".join(value.split())
    return f"“{line[:60]}…”" if len(line) > 60 else f"“{line}”" if line else "empty"
