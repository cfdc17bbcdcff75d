"""The Test page: the answer first, then where the time went, what a check saw, and the whole conversation.

Sessions are run by runs.py and survive a change of profile; this page shows those of the profile it is given.
"""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QFileDialog, QWidget

from relaywright.domain.errors import RelaywrightError
from relaywright.domain.finding import Finding
from relaywright.domain.profile import Auth, RelayProfile, Security
from relaywright.gui.models import wording
from relaywright.gui.models.run_view import RunView
from relaywright.gui.models.ticket import ticket_text
from relaywright.gui.pages.page import Page
from relaywright.gui.practice_switch import PRACTICE_CLOUD, PracticeSwitch
from relaywright.gui.runs import Runs
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.answer_card import AnswerCard
from relaywright.gui.widgets.card import Card
from relaywright.gui.widgets.composer import Composer
from relaywright.gui.widgets.conversation import Conversation
from relaywright.gui.widgets.seen_card import SeenCard
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label
from relaywright.gui.widgets.waterfall import Waterfall
from relaywright.smtp.events import Event, Line, Phase, PhaseStarted

if TYPE_CHECKING:
    from relaywright.gui.widgets.practice_card import PracticeCard
    from relaywright.services.practice_relay import PracticeRefusal

NARROW_PX = 860
_FEWEST_LINES, _MOST_LINES = 3, 60


class TestPage(Page):
    """Composer, answer, waterfall, conversation."""

    __test__ = False  # pytest: this is no test class

    def __init__(self, *, runs: Runs, practice: PracticeSwitch, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._practice = practice
        self._shown: RunView | None = None
        self.composer = Composer()
        self.answer = AnswerCard()
        self.waterfall = Waterfall()
        self._total = label("", TextStyle.CAPTION, Tone.FAINT)
        self.timing = Card("Where the time went")
        self.timing.head.addWidget(self._total)
        self.timing.add(self.waterfall)
        self.timing.body.addStretch(1)
        self.conversation = Conversation()
        self.seen = SeenCard()
        self._nothing = label("What server and client say appears here, line by line.", tone=Tone.FAINT)
        self._talk = Card("Conversation")
        self._copy = button(
            "Copy for a ticket", self._copy_ticket, kind=ButtonKind.QUIET, icon="copy", tip="Answer and conversation"
        )
        self._save = button(
            "Save…", self._choose_file, kind=ButtonKind.QUIET, icon="save", name="Save the conversation"
        )
        self._copy.setObjectName("copy-ticket")
        self._talk.head.addWidget(label("secrets hidden", TextStyle.CAPTION, Tone.FAINT))
        self._talk.head.addWidget(self._copy)
        self._talk.head.addWidget(self._save)
        self._talk.add(self._nothing)
        self._talk.add(self.conversation)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(2 * GRID_PX - 4)
        self._row.addWidget(self.answer, 9)
        self._row.addWidget(self.timing, 7)
        self._drills: PracticeCard | None = None
        self.content.addWidget(self.composer)
        self.content.addLayout(self._row)
        self.content.addWidget(self.seen)
        self.content.addWidget(self._talk)
        self.content.addStretch(1)
        self._ageing = QTimer(self, interval=30_000)
        self._ageing.timeout.connect(self._refresh_age)
        self._ageing.start()
        self._connect()

    def _connect(self) -> None:
        self.conversation.document().documentLayout().documentSizeChanged.connect(self._fit_conversation)
        self.composer.send_requested.connect(self.send)
        self.composer.cancel_requested.connect(self.cancel)
        self.seen.old_devices_requested.connect(self._on_old_devices)
        self.answer.page_requested.connect(self.page_requested)
        self._runs.began.connect(self._on_began)
        self._runs.progressed.connect(self._on_progressed)
        self._runs.found.connect(self._on_found)
        self._runs.ended.connect(self._on_ended)
        self._runs.troubled.connect(self._on_troubled)
        self._runs.cancelled.connect(self._on_cancelled)
        self._runs.loaded.connect(self._on_loaded)
        self._practice.started.connect(self._on_practice)
        self._practice.stopped.connect(self._on_practice)

    def show_profile(self, profile: RelayProfile | None) -> None:
        before = self.profile
        super().show_profile(profile)
        if profile is None:
            return
        if before is None or before.id != profile.id:
            self.composer.show_profile(profile)
        self._show_drills(profile)
        self._expect(profile)
        active = self._runs.active(profile.id)
        self._set_busy(active is not None)
        if active is None:
            self._show_nothing(profile)
            self._runs.load(profile.id)
            return
        self._on_began(profile.id)
        for event in active.events:
            self._take(event)

    @property
    def drills(self) -> "PracticeCard | None":
        """The card of refusals to practise, once it was needed."""
        return self._drills

    def begin(self) -> None:
        self.send()

    def send(self) -> None:
        """Send the composed test message."""
        if self.profile is not None:
            self._runs.send(self.profile, self.composer.options())

    def _show_drills(self, profile: RelayProfile) -> None:
        """Offer the practice relay's refusals for its own profiles."""
        info = self._practice.info if profile.cloud == PRACTICE_CLOUD else None
        if info is not None and self._drills is None:
            from relaywright.gui.widgets.practice_card import PracticeCard

            self._drills = PracticeCard()
            self._drills.refusal_requested.connect(self._on_refusal_requested)
            self.content.insertWidget(1, self._drills)
            self._drills.follow(self.composer.send)
        if self._drills is not None:
            self._drills.setVisible(info is not None)
            if info is not None:
                self._drills.show_refusals(info.refusals)

    def _on_old_devices(self) -> None:
        if self.profile is not None:
            self._runs.check(self.profile, as_old_devices=True)

    def _on_practice(self) -> None:
        if self.profile is not None:
            self._show_drills(self.profile)

    def _on_refusal_requested(self, refusal: "PracticeRefusal") -> None:
        """Send as the one who is refused; the profile itself stays as it is."""
        if self.profile is None:
            return
        options = self.composer.options()
        if "user" in refusal.use_as and self.profile.auth is Auth.PASSWORD:
            self._runs.send(dataclasses.replace(self.profile, username=refusal.address), options)
        elif "recipient" in refusal.use_as:
            self._runs.send(self.profile, dataclasses.replace(options, recipients=(refusal.address,)))
        else:
            self._runs.send(dataclasses.replace(self.profile, sender=refusal.address), options)

    def is_busy(self) -> bool:
        return self.profile is not None and self._runs.active(self.profile.id) is not None

    def cancel(self) -> None:
        if self.profile is not None:
            self._runs.cancel(self.profile.id)

    # what the sessions tell

    def _set_busy(self, busy: bool) -> None:
        self.composer.set_busy(busy)
        if self._drills is not None:
            self._drills.set_busy(busy)

    def _is_shown(self, profile_id: str) -> bool:
        return self.profile is not None and self.profile.id == profile_id

    def _on_began(self, profile_id: str) -> None:
        active = self._runs.active(profile_id)
        if not self._is_shown(profile_id) or active is None:
            return
        self._shown = None
        self._set_busy(True)
        self.waterfall.clear()
        self._total.clear()
        self._show_lines(())
        self.answer.show_running(active.kind, active.phase)
        self.seen.hide()
        if active.kind == "check":
            self.seen.begin(active.findings)

    def _on_progressed(self, profile_id: str, event: Event) -> None:
        if self._is_shown(profile_id):
            self._take(event)

    def _on_found(self, profile_id: str, finding: Finding) -> None:
        if self._is_shown(profile_id):
            self.seen.add_finding(finding)

    def _take(self, event: Event) -> None:
        match event:
            case PhaseStarted():
                self.waterfall.began(event)
                self.answer.show_running("send", event.name)
            case Phase():
                self.waterfall.ended(event)
            case Line():
                self._nothing.hide()
                self.conversation.show()
                self.conversation.add_line(event)
                self._fit_conversation()
            case _:
                pass  # TLS, sign-in and recipients are told by the outcome

    def _on_ended(self, profile_id: str, run: RunView) -> None:
        if self._is_shown(profile_id):
            self._set_busy(False)
            self._show_run(run)

    def _on_troubled(self, profile_id: str, error: RelaywrightError) -> None:
        if self._is_shown(profile_id):
            self._set_busy(False)
            self.waterfall.clear()
            self.seen.hide()
            self.answer.show_trouble(error)

    def _on_cancelled(self, profile_id: str) -> None:
        if not self._is_shown(profile_id):
            return
        self._set_busy(False)
        begun = self.waterfall.running_phase
        self.waterfall.stop()
        self.seen.show_findings(self.seen.findings)
        self.answer.show_cancelled(begun)

    def _on_loaded(self, profile_id: str, run: RunView | None) -> None:
        if self._is_shown(profile_id) and not self.is_busy() and run is not None:
            self._show_run(run)

    # what is shown

    def _expect(self, profile: RelayProfile) -> None:
        self.waterfall.expect(
            starttls=profile.security is Security.STARTTLS,
            encrypted=profile.security is not Security.NONE,
            signs_in=profile.auth is not Auth.NONE,
        )

    def _show_nothing(self, profile: RelayProfile) -> None:
        self._shown = None
        self.waterfall.clear()
        self._total.clear()
        self._show_lines(())
        self.seen.hide()
        self.answer.show_idle(profile)

    def _show_run(self, run: RunView) -> None:
        self._shown = run
        self.answer.show_run(run)
        self.waterfall.show_phases(run.phases)
        self.seen.show_findings(run.findings)
        trips = f"{run.round_trips} round trip{'' if run.round_trips == 1 else 's'}"
        self._total.setText(f"{wording.milliseconds(run.total_ms)} · {trips}")
        self._show_lines(run.lines)
        self._copy.setEnabled(True)
        self._save.setEnabled(True)

    def _show_lines(self, lines: tuple[Line, ...]) -> None:
        self.conversation.show_lines(lines)
        self.conversation.setVisible(bool(lines))
        self._nothing.setVisible(not lines)
        self._copy.setEnabled(False)
        self._save.setEnabled(False)
        self._fit_conversation()

    def _fit_conversation(self, _size: object = None) -> None:
        """Give the conversation the height of its lines, so that the page scrolls, not a box within it."""
        rows = int(self.conversation.document().size().height())
        rows = min(max(rows, _FEWEST_LINES), _MOST_LINES)
        height = rows * QFontMetrics(self.conversation.font()).lineSpacing() + 14
        if self.conversation.minimumHeight() != height:
            self.conversation.setFixedHeight(height)

    def _refresh_age(self) -> None:
        if self._shown is not None:
            self.answer.refresh_age(self._shown)

    # tickets

    def _ticket(self) -> str:
        return ticket_text(self.profile, self._shown) if self.profile and self._shown else ""

    def _copy_ticket(self) -> None:
        QApplication.clipboard().setText(self._ticket())
        self.message_posted.emit("Copied: the answer and the whole conversation.", "ok")

    def _choose_file(self) -> None:
        if self.profile is None:
            return
        chooser = QFileDialog(self, "Save the conversation", f"{self.profile.name} test.txt")
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.fileSelected.connect(self.save_to)
        chooser.open()

    def save_to(self, path: str) -> None:
        """Write the ticket text to a file."""
        try:
            Path(path).write_text(self._ticket(), encoding="utf-8")
        except OSError as error:
            self.message_posted.emit(f"Could not save: {error.strerror or error}.", "error")
        else:
            self.message_posted.emit(f"Saved {Path(path).name}.", "ok")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < NARROW_PX
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._row.direction() is not direction:
            self._row.setDirection(direction)
        self._fit_conversation()
