"""The answer to “does it work, and if not, whose move is it?”: one card for every way a test can stand."""

import enum

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from relaywright.domain.address import domain_of
from relaywright.domain.errors import CredentialNeeded, KeyringUnavailable, RelaywrightError
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.gui.models import wording
from relaywright.gui.models.run_view import RunView
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.card import Card, Edge
from relaywright.gui.widgets.explanation_view import ExplanationView, Steps
from relaywright.gui.widgets.fact_list import FactList
from relaywright.gui.widgets.status_strip import SmallIcon
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label
from relaywright.smtp.events import PhaseName


class AnswerState(enum.StrEnum):
    """How a test stands."""

    IDLE = "idle"
    RUNNING = "running"
    OK = "ok"
    REFUSED = "refused"
    TROUBLE = "trouble"
    CANCELLED = "cancelled"


# Where a person mends what kept a test from running: the error's id, the page, and the word on the button.
_WAYS_OUT = {
    "no-secret": ("sign-in", "Store it"),
    "not-signed-in": ("sign-in", "Sign in"),
    "sign-in-expired": ("sign-in", "Sign in again"),
    "sign-in-needed": ("sign-in", "Sign in again"),
    "sign-in-broker-gone": ("sign-in", "Sign in again"),
}
_ANY_OTHER_WAY_OUT = ("settings", "Open the settings")


class AnswerCard(Card):
    """Title, words and what to do next. Every state is said in words, the edge only repeats it."""

    page_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.state = AnswerState.IDLE
        self._icon = SmallIcon("info", "text_faint", 22)
        self._title = label("", TextStyle.HEADING, wrap=True, selectable=True)
        self._title.setObjectName("answer-title")
        self._when = label("", TextStyle.CAPTION, Tone.FAINT)
        head = QHBoxLayout()
        head.setSpacing(GRID_PX + 2)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self._title, 1)
        head.addWidget(self._when, 0, Qt.AlignmentFlag.AlignTop)
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("Test under way")
        self._words = label("", tone=Tone.SOFT, wrap=True, selectable=True)
        self._facts = FactList()
        self._steps = Steps()
        self.explanation = ExplanationView()
        self._certificate = FactList()
        self._way_out = button("", self._on_way_out, kind=ButtonKind.PRIMARY)
        self._way_out.setObjectName("way-out")
        self._way_out_page = ""
        self.body.setSpacing(GRID_PX + 4)
        foot = QHBoxLayout()
        foot.addWidget(self._way_out)
        foot.addStretch(1)
        self.add(head)
        for part in (self._progress, self._words, self._facts, self._steps, self.explanation, self._certificate):
            self.add(part)
        self.add(foot)
        self.body.addStretch(1)

    @property
    def title(self) -> str:
        """The answer in one sentence."""
        return self._title.text()

    @property
    def words(self) -> str:
        """What is said below the title."""
        return self._words.text()

    def show_idle(self, profile: RelayProfile) -> None:
        """Nothing was ever tried."""
        self._begin(AnswerState.IDLE, "Not tried yet", ("info", "text_faint"), Edge.NONE)
        self._words.setText(
            "A test sends one real message the way the device would, and shows every step of it. "
            "“Check” goes the same way as far as the sign-in and sends nothing."
        )
        self._words.show()
        host = profile.host or f"the MX endpoint of {domain_of(profile.sender) or 'the From domain'}"
        facts = [("Server", f"{host}, port {profile.port}, {wording.SECURITIES[profile.security]}")]
        if profile.auth is Auth.NONE:
            facts.append(("Sign-in", "none"))
        else:
            facts.append(("Sign-in", f"{profile.username or 'no user name yet'}, {wording.SIGN_INS[profile.auth]}"))
        facts.append(("From", profile.sender or "no From address yet"))
        facts.append(("To", profile.recipient or "nobody yet: enter an address above"))
        self._facts.show_facts(facts, copies=False)
        self._facts.show()

    def show_running(self, kind: str, phase: PhaseName) -> None:
        """A session is under way."""
        if self.state is not AnswerState.RUNNING:
            self._begin(AnswerState.RUNNING, "", ("clock", "link"), Edge.ACCENT)
            self._progress.show()
            self._words.setText("Esc or Cancel ends it at once." if kind == "check" else "Esc or Cancel ends it.")
            self._words.show()
        self._title.setText(f"{wording.DOING[phase]}…")

    def show_run(self, run: RunView) -> None:
        """A session has ended, well or not."""
        if run.ok:
            self._show_ok(run)
        else:
            self._show_refused(run)
        self.refresh_age(run)
        self._when.setToolTip(wording.moment(run.started_at))

    def refresh_age(self, run: RunView) -> None:
        """Say anew how long ago the run was."""
        self._when.setText(wording.age(run.started_at))

    def show_trouble(self, error: RelaywrightError) -> None:
        """Nothing was tried: something has to be put right first."""
        known = error.explanation
        self._begin(AnswerState.TROUBLE, known.title if known else error.message, ("warn", "warn_text"), Edge.WARN)
        self._words.setText(f"{error.message} {error.hint}".strip() if known else error.hint)
        self._words.setVisible(bool(self._words.text()))
        if known is not None:
            self.explanation.show_explanation(known)
            self.explanation.show()
        is_credential = isinstance(error, CredentialNeeded | KeyringUnavailable)
        other = ("sign-in", "Look at the sign-in") if is_credential else _ANY_OTHER_WAY_OUT
        page, word = _WAYS_OUT.get(error.id, other)
        if error.id != "internal":
            self._way_out_page = page
            self._way_out.setText(word)
            self._way_out.show()

    def show_cancelled(self, phase: PhaseName | None) -> None:
        """The person ended it."""
        where = f" at “{wording.PHASES[phase]}”" if phase else ""
        self._begin(AnswerState.CANCELLED, f"Cancelled{where}", ("stop", "text_faint"), Edge.NONE)
        late = phase in {PhaseName.DATA, PhaseName.QUIT}
        self._words.setText(
            "The message was on its way: whether the server took it is not known."
            if late
            else "The connection is closed; no message was sent."
        )
        self._words.show()

    def _begin(self, state: AnswerState, title: str, icon: tuple[str, str], edge: Edge) -> None:
        self.state = state
        for part in (self._progress, self._words, self._facts, self._steps, self.explanation, self._certificate):
            part.hide()
        self._way_out.hide()
        self._when.clear()
        self._title.setText(title)
        self._icon.show_icon(*icon)
        self.set_edge(edge)

    def _show_ok(self, run: RunView) -> None:
        self._begin(AnswerState.OK, run.title, ("ok", "ok_text"), Edge.OK)
        self._words.setText(
            "Every recipient’s address was accepted and the service answered for the message. Whether it lands in the "
            "inbox, in junk or in quarantine is decided later and not seen from here."
            if run.kind == "send"
            else "The server was reached, the certificate fits and the sign-in was accepted. No message was sent."
        )
        self._words.show()
        self._show_facts(run)
        if run.kind == "send":
            self._steps.show_steps(
                ("Look for the message at the recipient.", "Then export the settings for the device.")
            )
            self._way_out_page = "export"
            self._way_out.setText("Export…")
            self._way_out.show()

    def _show_refused(self, run: RunView) -> None:
        self._begin(AnswerState.REFUSED, run.title, ("error", "error_text"), Edge.ERROR)
        if run.explanation is not None:
            self.explanation.show_explanation(run.explanation, _said(run), by_text=not run.failed_at)
            self.explanation.show()
        if run.rejected is not None:
            self._certificate.show_facts(run.rejected.facts())
            self._certificate.show()

    def _show_facts(self, run: RunView) -> None:
        facts: list[tuple[str, str]] = []
        if run.reply is not None:
            facts.append(("Server said", run.reply.one_line))
        if run.mechanism:
            facts.append(("Signed in", f"AUTH {run.mechanism}, answered with 235"))
        if run.tls_version:
            until = f", certificate valid to {wording.date(run.certificate_until)}" if run.certificate_until else ""
            facts.append(("Encrypted", f"{run.tls_version.replace('TLSv', 'TLS ')}{until}"))
        for address, reply in run.recipients:
            facts.append(("Recipient", f"{address}: {reply.one_line}" if reply else address))
        if run.message_id:
            facts.append(("Message-ID", run.message_id))
        self._facts.show_facts(facts)
        self._facts.setVisible(bool(facts))

    def _on_way_out(self) -> None:
        self.page_requested.emit(self._way_out_page)


def _said(run: RunView) -> str:
    """Return what was said and where: “535 5.7.139 · said at AUTH”."""
    if run.reply is not None and not run.reply.positive:
        code = " ".join(part for part in (str(run.reply.code or ""), run.reply.enhanced) if part)
        where = f"said at {run.reply.command}" if run.reply.command else "said as the greeting"
        return f"{code} · {where}" if code else ""
    return f"happened at {run.failed_at}" if run.failed_at else ""
