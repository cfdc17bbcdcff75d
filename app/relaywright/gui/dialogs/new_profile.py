"""New profile: a name, how it sends, who signs in, who the mail comes from. Everything else takes the method's default.

The defaults are the catalogue's, keeping the profile the profiles service's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QWidget

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import FieldError, RelaywrightError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Auth, Method, RelayProfile, parse_field
from relaywright.gui.dialogs.sheet import Sheet
from relaywright.gui.jobs import Emit, JobRunner
from relaywright.gui.pages.form_plan import AUTH_TEXTS
from relaywright.gui.theme import GRID_PX
from relaywright.gui.widgets.choice_card import ChoiceCard
from relaywright.gui.widgets.field_editors import ChoiceEditor, LineEditor
from relaywright.gui.widgets.field_row import FieldRow
from relaywright.gui.widgets.text import label

if TYPE_CHECKING:
    from relaywright.bootstrap import Services


class NewProfileDialog(Sheet):
    """Makes one profile."""

    created = Signal(object)  # the RelayProfile that is now in the store

    def __init__(self, *, services: Services, jobs: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(
            "New profile", "One profile for each device or application that sends mail.", "&Create", parent
        )
        self._services = services
        self._jobs = jobs
        self._build()
        self._on_method()
        self.fit(100, 40)
        self._rows["name"].editor.focus_target.setFocus()

    @property
    def texts(self) -> dict[str, str]:
        """The chosen fields, as the contract writes them."""
        method = self._method()
        texts: dict[str, str] = {
            "method": method,
            "cloud": self._rows["cloud"].text(),
            "auth": self._rows["auth"].text(),
            "from": self._rows["from"].text().strip(),
        }
        # Somebody who signs in sends as themselves unless they say otherwise later.
        if texts["auth"] != Auth.NONE:
            texts["username"] = texts["from"]
        return texts

    def choose_method(self, method: Method) -> None:
        """Choose how it sends."""
        for card in self._cards:
            if card.value == method:
                card.setChecked(True)
        self._on_method()

    def act(self) -> None:
        """Create the profile, or say at the field what is missing."""
        if self.is_waiting or not self._is_sound():
            return
        name, texts, profiles = self._rows["name"].text(), self.texts, self._services.profiles

        def work(_emit: Emit, _cancel: CancelToken) -> RelayProfile:
            profile = profiles.draft(name, texts)
            profiles.add(profile)
            return profile

        job = self._jobs.start(work)
        self.wait_for(job)
        job.succeeded.connect(self._on_created)
        job.failed.connect(self._on_failed)

    # building

    def _build(self) -> None:
        catalog = self._services.catalog
        clouds = [(cloud.name, cloud.id) for cloud in catalog.clouds.values()]
        self._rows = {
            "name": FieldRow("name", "&Name", LineEditor()),
            "from": FieldRow("from", "Sends &from", LineEditor(), note="The mailbox or address the mail comes from."),
            "cloud": FieldRow("cloud", "C&loud", ChoiceEditor(clouds)),
            "auth": FieldRow("auth", "S&ign-in", ChoiceEditor([])),
        }
        self._rows["name"].editor.set_placeholder("Scanner, 2nd floor")
        self._rows["from"].editor.set_placeholder("scanner@contoso.com")
        self._group = QButtonGroup(self)
        self._cards = [ChoiceCard(method, facts.name, facts.summary) for method, facts in catalog.methods.items()]
        grid = QGridLayout()
        grid.setVerticalSpacing(GRID_PX)
        grid.setHorizontalSpacing(2 * GRID_PX)
        for number, card in enumerate(self._cards):
            self._group.addButton(card)
            grid.addWidget(card, number // 2, number % 2)
        self._cards[0].setChecked(True)
        self._group.buttonClicked.connect(self._on_method)
        caption = label("How it sends")
        self.body.addLayout(_side_by_side(self._rows["name"], self._rows["from"]))
        self.body.addWidget(caption)
        self.body.addLayout(grid)
        self.body.addLayout(_side_by_side(self._rows["cloud"], self._rows["auth"]))
        self.body.addStretch(1)
        for row in self._rows.values():
            row.edited.connect(self._on_edited)

    # what the person does

    def _method(self) -> Method:
        return next(Method(card.value) for card in self._cards if card.isChecked())

    def _on_method(self) -> None:
        facts = self._services.catalog.method(self._method())
        editor = self._rows["auth"].editor
        if isinstance(editor, ChoiceEditor):
            editor.offer([(AUTH_TEXTS[auth], auth) for auth in facts.auths or tuple(Auth)], facts.auth)

    def _on_edited(self, name: str, _text: str) -> None:
        self._rows[name].say(None)
        self.tell(None)

    def _is_sound(self) -> bool:
        first = ""
        for name in ("name", "from"):
            fault = self._fault(name)
            self._rows[name].say(Finding("unreadable", Level.ERROR, fault, field=name) if fault else None)
            first = first or (name if fault else "")
        if first:
            self._rows[first].editor.focus_target.setFocus()
        return not first

    def _fault(self, name: str) -> str:
        text = self._rows[name].text()
        if name == "from" and not text.strip():
            return "Enter who the mail comes from"
        try:
            parse_field(name, text)
        except FieldError as error:
            fault = error.message.removeprefix(f"{name}: ")
            return fault[:1].upper() + fault[1:]
        return ""

    def _on_created(self, profile: RelayProfile) -> None:
        self.created.emit(profile)
        self.accept()

    def _on_failed(self, error: RelaywrightError) -> None:
        if error.id == "name-taken":
            self.tell(None)
            self._rows["name"].say(Finding(error.id, Level.ERROR, error.message, error.hint, field="name"))
            self._rows["name"].editor.focus_target.setFocus()


def _side_by_side(*rows: FieldRow) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(2 * GRID_PX)
    for row in rows:
        line.addWidget(row, 1)
    return line
