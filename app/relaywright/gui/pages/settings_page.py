"""The Settings page: every field of a profile, kept as it is changed, with a step back for each change.

What the fields mean is domain's, the order of the form form_plan's, keeping profile_saver's, the secret secret_panel's.
The page asks the catalogue for the method's defaults and says at each field what is wrong and what to do.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from relaywright.domain.address import domain_of
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import RelaywrightError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import FIELD_BY_NAME, FIELDS, Method, RelayProfile
from relaywright.gui.jobs import Emit, JobRunner
from relaywright.gui.models.profile_draft import ProfileDraft
from relaywright.gui.pages import form_plan
from relaywright.gui.pages.form_plan import SECRET, fields_that_matter
from relaywright.gui.pages.page import Page
from relaywright.gui.pages.profile_saver import ProfileSaver
from relaywright.gui.pages.save_bar import SaveBar
from relaywright.gui.pages.secret_panel import SecretPanel
from relaywright.gui.theme import GRID_PX
from relaywright.gui.widgets.card import Card
from relaywright.gui.widgets.columns import Columns, PageScroll
from relaywright.gui.widgets.field_editors import ChoiceEditor, FieldEditor, FileEditor, LineEditor, TextEditor
from relaywright.gui.widgets.field_row import FieldRow
from relaywright.gui.widgets.text import ButtonKind, button

if TYPE_CHECKING:
    from relaywright.bootstrap import Services

REMARK_PAUSE_MS = 700
"""How long a person may be in the middle of a word before the page says what is wrong with it."""
DRAFTS_KEPT = 100


class SettingsPage(Page):
    """The form over one profile. Changes are kept by themselves; what cannot be kept yet is kept in the page."""

    secret_changed = Signal(object)  # the RelayProfile whose secret was stored or forgotten

    def __init__(self, *, services: Services, jobs: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent, scrolls=False)
        self._services = services
        self._jobs = jobs
        self._drafts: dict[str, ProfileDraft] = {}
        self._draft: ProfileDraft | None = None
        self._more_open = False
        self._saver = ProfileSaver(services.profiles.update, jobs, self)
        self._saver.saved.connect(self._on_saved)
        self._saver.failed.connect(self._on_failed)
        self._store_faults: dict[str, RelaywrightError] = {}
        self._remark_timer = QTimer(self)
        self._remark_timer.setSingleShot(True)
        self._remark_timer.setInterval(REMARK_PAUSE_MS)
        self._remark_timer.timeout.connect(self._show_remarks)
        self._secret = SecretPanel(services=services, jobs=jobs, parent=self)
        self._secret.secret_changed.connect(self.secret_changed)
        self._rows = {item.name: self._make_row(item.name) for item in FIELDS}
        self._build()
        self._choices_loaded = False

    # what the window calls

    def show_profile(self, profile: RelayProfile | None) -> None:
        """Show a profile, with what was typed into it earlier and is not kept yet."""
        super().show_profile(profile)
        self.setEnabled(profile is not None)
        self._saver.start()
        if profile is None:
            self._draft = None
            self._secret.show_profile(None)
            return
        self._load_choices()
        draft = self._drafts.pop(profile.id, None)
        if draft is None:
            draft = ProfileDraft(profile)
        elif not self._saver.is_waiting(profile.id) and draft.profile != profile:
            draft.accept(profile)
        self._drafts[profile.id] = draft
        self._forget_oldest_drafts()
        self._draft = draft
        self._fill()
        self._place_rows()
        self._show_remarks()
        self._secret.show_profile(draft.profile)

    @property
    def has_unsaved(self) -> bool:
        """Whether something was typed that the store does not have: on its way, refused, or unreadable."""
        return not self._saver.is_idle or any(draft.unread_fields for draft in self._drafts.values())

    def flush(self) -> None:
        """Keep what waits before the window closes or a test begins.

        Raises RelaywrightError when the shown profile cannot be kept; another one's trouble stays in its form.
        """
        faults = self._saver.flush()
        self._store_faults.update(faults)
        if self._draft is not None and self._draft.profile.id in faults:
            self._show_remarks()
            raise faults[self._draft.profile.id]

    def show_field(self, name: str) -> None:
        """Put the keyboard into a field, opening “More” when it is there."""
        row = self._rows.get(name)
        if row is None:
            return
        if not self._more_open and name not in self._mattering():
            self._on_more()
        self._scroll.ensureWidgetVisible(row)
        row.editor.focus_target.setFocus(Qt.FocusReason.OtherFocusReason)

    # building

    def _build(self) -> None:
        self._cards = {group.title: Card(group.title) for group in form_plan.GROUPS}
        self._more_card = Card(form_plan.MORE.title)
        self._more_button = button("", self._on_more, kind=ButtonKind.QUIET, icon="chevron-down")
        cards = list(self._cards.values())
        self._scroll = PageScroll()
        column = self._scroll.column
        more = QWidget()
        more_column = QVBoxLayout(more)
        more_column.setContentsMargins(0, 0, 0, 0)
        more_column.addWidget(self._more_button, 0, Qt.AlignmentFlag.AlignLeading)
        more_column.addWidget(self._more_card)
        column.addWidget(Columns(cards[:2], [*cards[2:], more]))
        column.addStretch(1)
        self._bar = SaveBar()
        self._bar.undo_requested.connect(self._on_undo)
        self._bar.redo_requested.connect(self._on_redo)
        self._bar.retry_requested.connect(self._saver.start)
        self._bar.drop_requested.connect(self._on_drop)
        self._bar.field_requested.connect(self.show_field)
        self.content.setSpacing(0)
        self.content.addWidget(self._scroll, 1)
        self.content.addWidget(self._bar)
        self._place_rows()
        save = QShortcut(QKeySequence.StandardKey.Save, self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        save.activated.connect(self._saver.start)

    def _make_row(self, name: str) -> FieldRow:
        row = FieldRow(name, form_plan.LABELS[name], _editor(name), note=form_plan.NOTES.get(name, ""))
        row.edited.connect(self._on_edited)
        row.left.connect(self._on_left)
        return row

    def _load_choices(self) -> None:
        """Read the catalogue when the first profile is shown, not when the window opens."""
        if self._choices_loaded:
            return
        self._choices_loaded = True
        catalog = self._services.catalog
        _choices(self._rows["method"]).set_choices([(catalog.method(method).name, method) for method in Method])
        _choices(self._rows["cloud"]).set_choices([(cloud.name, cloud.id) for cloud in catalog.clouds.values()])

    def _place_rows(self) -> None:
        """Put each field into its group, or under “More” when it does not matter for this profile."""
        mattering = self._mattering()
        leftover: list[tuple[str, ...]] = list(form_plan.MORE.rows)
        for group in form_plan.GROUPS:
            kept = [tuple(name for name in row if name in mattering) for row in group.rows]
            leftover += [(name,) for row in group.rows for name in row if name not in mattering and name != SECRET]
            self._lay_out(self._cards[group.title], [row for row in kept if row])
        self._lay_out(self._more_card, leftover)
        self._secret.setVisible(SECRET in mattering)
        self._chain_tabs()
        count = sum(len(row) for row in leftover)
        self._more_card.setVisible(self._more_open)
        self._more_button.setText("Fewer fields" if self._more_open else f"{count} more fields")
        self._more_button.setProperty("open", self._more_open)

    def _lay_out(self, card: Card, rows: list[tuple[str, ...]]) -> None:
        while card.body.count():
            item = card.body.takeAt(0)
            layout = item.layout() if item is not None else None
            if layout is not None:
                # Emptied first: a widget's size is only forgotten through the one layout item that it knows.
                while layout.count():
                    layout.takeAt(0)
                layout.deleteLater()
        for names in rows:
            line = QHBoxLayout()
            line.setSpacing(2 * GRID_PX)
            for name in names:
                widget: QWidget = self._secret if name == SECRET else self._rows[name]
                line.addWidget(widget, _SHARE.get(name, 1))
            card.body.addLayout(line)

    def _chain_tabs(self) -> None:
        mattering = self._mattering()
        names = [name for group in form_plan.GROUPS for row in group.rows for name in row]
        shown = [name for name in names if name in mattering or name == SECRET]
        rest = [name for name in (*names, *self._rows) if name not in shown]
        order: list[QWidget] = []
        for name in shown:
            order += self._secret.tab_stops() if name == SECRET else self._rows[name].tab_stops()
        order.append(self._more_button)
        for name in dict.fromkeys(rest):
            order += self._rows[name].tab_stops()
        here = [stop for stop in order if stop.window() is self.window()]
        for first, second in itertools.pairwise(here):
            QWidget.setTabOrder(first, second)

    # showing

    def _mattering(self) -> frozenset[str]:
        return fields_that_matter(self._draft.profile if self._draft else RelayProfile("-"))

    def _fill(self) -> None:
        if self._draft is None:
            return
        for name, row in self._rows.items():
            row.set_text(self._draft.text(name))
        self._show_hints()

    def _show_hints(self) -> None:
        """Say in placeholders and notes what counts while a field is empty, and what the method is."""
        if self._draft is None:
            return
        profile = self._draft.profile
        catalog = self._services.catalog
        self._rows["method"].set_note(catalog.method(profile.method).summary)
        domain = domain_of(profile.sender)
        lookup = f"MX endpoint of {domain}" if domain else "MX endpoint of the From domain"
        self._rows["host"].editor.set_placeholder("" if catalog.method(profile.method).needs_host else lookup)
        self._rows["from"].editor.set_placeholder("scanner@contoso.com")
        self._rows["username"].editor.set_placeholder("The mailbox that signs in")

    def _show_remarks(self) -> None:
        """Say at each field what is to be said; a CA file is looked for in a job, its disk may be far away."""
        self._remark_timer.stop()
        if self._draft is None:
            return
        profile, profiles = self._draft.profile, self._services.profiles
        if not profile.ca_file:
            self._show_findings((profile, profiles.faults(profile)))
            return

        def work(_emit: Emit, _cancel: CancelToken) -> tuple[RelayProfile, list[Finding]]:
            return profile, profiles.faults(profile)

        self._show_bar()
        self._jobs.start(work, owner=self).succeeded.connect(self._show_findings)

    def _show_findings(self, result: tuple[RelayProfile, list[Finding]]) -> None:
        profile, findings = result
        if self._draft is None or self._draft.profile != profile:
            return
        remarks = self._draft.remarks(findings)
        fault = self._store_faults.get(profile.id)
        if fault is not None and fault.id == "name-taken":
            remarks["name"] = Finding(fault.id, Level.ERROR, fault.message, fault.hint, field="name")
        for name, row in self._rows.items():
            row.say(remarks.get(name))
        self._show_bar()

    def _show_bar(self) -> None:
        if self._draft is None:
            return
        profile_id = self._draft.profile.id
        self._bar.show_state(
            unread=[(name, FIELD_BY_NAME[name].label) for name in self._draft.unread_fields],
            fault=self._store_faults.get(profile_id),
            waiting=self._saver.is_waiting(profile_id),
            undo=self._draft.undo_label,
            redo=self._draft.redo_label,
        )

    # what the person does

    def _on_edited(self, name: str, text: str) -> None:
        if self._draft is None:
            return
        if name == "method":
            changed = self._change_with_defaults({"method": text}, "Method")
        elif name == "cloud":
            changed = self._change_with_defaults({"cloud": text}, "Cloud")
        else:
            changed = self._draft.set_text(name, text)
        if changed:
            self._store_faults.pop(self._draft.profile.id, None)
            self._saver.take(self._draft.profile)
            if name in {"method", "cloud", "auth"}:
                self._fill()
                self._place_rows()
                self._secret.show_profile(self._draft.profile)
            self._show_hints()
        self._show_bar()
        self._remark_timer.start()

    def _change_with_defaults(self, texts: dict[str, str], label: str) -> bool:
        """Change method or cloud; what still has the old defaults gets the new ones, as one step."""
        if self._draft is None:
            return False
        before = self._draft.profile
        catalog = self._services.catalog
        method = Method(texts.get("method", before.method))
        old = catalog.new_profile_texts(before.method, before.cloud)
        new = catalog.new_profile_texts(method, texts.get("cloud", before.cloud))
        for name in form_plan.METHOD_FIELDS:
            if name in new and FIELD_BY_NAME[name].text_of(before) == old.get(name, ""):
                texts[name] = new[name]
        return self._draft.set_texts(texts, label)

    def _on_left(self, _name: str) -> None:
        if self._draft is not None:
            self._draft.close_step()
            self._saver.start()
            self._show_remarks()

    def _on_undo(self) -> None:
        if self._draft is not None and self._draft.undo():
            self._after_travel()

    def _on_redo(self) -> None:
        if self._draft is not None and self._draft.redo():
            self._after_travel()

    def _after_travel(self) -> None:
        if self._draft is None:
            return
        self._store_faults.pop(self._draft.profile.id, None)
        self._saver.take(self._draft.profile)
        self._saver.start()
        self._fill()
        self._place_rows()
        self._secret.show_profile(self._draft.profile)
        self._show_remarks()

    def _on_drop(self) -> None:
        if self._draft is not None:
            self._draft.drop_unread()
            self._fill()
            self._show_remarks()

    def _on_more(self) -> None:
        self._more_open = not self._more_open
        self._place_rows()

    # what comes back

    def _on_saved(self, profile: RelayProfile) -> None:
        self._store_faults.pop(profile.id, None)
        self._show_remarks()
        self.profile_changed.emit(profile)

    def _on_failed(self, profile: RelayProfile, error: RelaywrightError) -> None:
        self._store_faults[profile.id] = error
        if error.id == "unknown-profile":
            self._saver.drop(profile.id)
        self._show_remarks()

    def _forget_oldest_drafts(self) -> None:
        spare = [
            key for key, draft in self._drafts.items() if not draft.unread_fields and not self._saver.is_waiting(key)
        ]
        for key in spare[: max(0, len(self._drafts) - DRAFTS_KEPT)]:
            del self._drafts[key]


_SHARE = {"port": 2, "security": 3}


def _editor(name: str) -> FieldEditor:
    match name:
        case "method" | "cloud":
            return ChoiceEditor([])
        case "security":
            return ChoiceEditor([(text, value) for value, text in form_plan.SECURITY_TEXTS.items()])
        case "auth":
            return ChoiceEditor([(text, value) for value, text in form_plan.AUTH_TEXTS.items()])
        case "ca_file":
            return FileEditor(title="Choose a CA file", name_filter="Certificates (*.pem *.crt *.cer);;All files (*)")
        case "notes":
            return TextEditor()
        case _:
            return LineEditor()


def _choices(row: FieldRow) -> ChoiceEditor:
    editor = row.editor
    if not isinstance(editor, ChoiceEditor):
        raise TypeError(f"the field {row.name} is no choice")
    return editor
