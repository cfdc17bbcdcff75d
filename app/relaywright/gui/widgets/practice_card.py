"""What can be practised with the relay: every refusal it knows, tried with one press. For practice profiles only."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from relaywright.gui.models import wording
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.card import Card
from relaywright.gui.widgets.choice_box import ChoiceBox
from relaywright.gui.widgets.text import Tone, button, label
from relaywright.services.practice_relay import PracticeRefusal


class PracticeCard(Card):
    """A choice of refusals and a button."""

    refusal_requested = Signal(object)
    """The PracticeRefusal to provoke."""

    def __init__(self) -> None:
        super().__init__()
        self._refusals: tuple[PracticeRefusal, ...] = ()
        caption = label("&Practise a refusal", TextStyle.CAPTION, Tone.SOFT)
        self.choice = ChoiceBox()
        self.choice.setObjectName("refusal")
        self.choice.setAccessibleName("Refusal to practise")
        self.choice.chosen.connect(self._on_chosen)
        caption.setBuddy(self.choice)
        self._try = button("Try it", self._on_try, name="Send a test that is refused this way")
        self._try.setObjectName("try-refusal")
        row = QHBoxLayout()
        row.setSpacing(GRID_PX)
        row.addWidget(caption)
        row.addWidget(self.choice, 1)
        row.addWidget(self._try)
        self.add(row)

    def follow(self, before: QWidget) -> None:
        """Come right after this widget when the keyboard walks on."""
        self.setTabOrder(before, self.choice)
        self.setTabOrder(self.choice, self._try)

    @property
    def refusals(self) -> tuple[PracticeRefusal, ...]:
        """What is offered."""
        return self._refusals

    def show_refusals(self, refusals: tuple[PracticeRefusal, ...]) -> None:
        """Offer these refusals, by title."""
        offered = tuple(sorted(refusals, key=lambda item: item.title.casefold()))
        if offered == self._refusals:
            return
        self._refusals = offered
        self.choice.set_choices([(item.title, item.id) for item in self._refusals])
        self._on_chosen()

    def set_busy(self, busy: bool) -> None:
        """While a session runs, nothing else is tried."""
        self._try.setEnabled(not busy)

    def _chosen(self) -> PracticeRefusal | None:
        return next((item for item in self._refusals if item.id == self.choice.value()), None)

    def _on_chosen(self, _value: str = "") -> None:
        refusal = self._chosen()
        how = (
            f"The relay refuses so whenever {refusal.address} is the {' or the '.join(refusal.use_as)}."
            if refusal
            else ""
        )
        for part in (self.choice, self._try):
            part.setToolTip(wording.tip(how))
            part.setAccessibleDescription(how)

    def _on_try(self) -> None:
        refusal = self._chosen()
        if refusal is not None:
            self.refusal_requested.emit(refusal)
