"""Runs one session: takes the dialogue's steps to the wire, within time limits, and ends at once when cancelled.

What is said is the dialogue's, bytes are the transport's, the record is the journal's.
"""

import socket
import time
from collections.abc import Callable
from dataclasses import replace

from relaywright.domain.address import AddressFault, parse_domain
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled
from relaywright.domain.profile import Security
from relaywright.domain.reply import Failure, FailureKind, Reply, Stage
from relaywright.smtp.dialogue import Conversation, Findings
from relaywright.smtp.endpoint import addresses_of, endpoint_of
from relaywright.smtp.events import CertificateFacts, Emit, Outcome, PhaseName, TlsEstablished, TlsFacts
from relaywright.smtp.journal import Journal
from relaywright.smtp.plan import (
    MxOf,
    PasswordCredential,
    SendPlan,
    TimeLimits,
    TokenCredential,
    checked,
)
from relaywright.smtp.redaction import Redactor, printable
from relaywright.smtp.reply import RawReply, ReplyReader
from relaywright.smtp.sasl import Login, Plain, XOAuth2
from relaywright.smtp.steps import Begin, Command, Hear, Remark, Say, StartTls, Step, Tell
from relaywright.smtp.tls import PreparedTls, agreed, client_context, described
from relaywright.smtp.transport import Connection, connect
from relaywright.smtp.trouble import Trouble
from relaywright.smtp.waiting import SocketWait

__all__ = ["MxOf", "PasswordCredential", "SendPlan", "TimeLimits", "TokenCredential", "run"]

_MAX_PARTIAL_LINES = 20
_SLOWEST_OCTETS_PER_S = 100_000


def run(plan: SendPlan, emit: Emit, cancel: CancelToken) -> Outcome:
    """Run one session to its end and return how it ended; refusals and broken connections are outcomes, not errors.

    ``emit`` is called in this thread with every event. Blocks for at most the
    whole of ``plan.limits`` and the farewell.
    Raises InputError before anything is contacted (a field that cannot be put on the wire, a credential without
    encryption, an unreadable CA file), and Cancelled within milliseconds of ``cancel``.
    """
    plan = checked(plan)
    if isinstance(plan.host, MxOf):
        import dns.resolver  # noqa: F401 - loaded here so that its import is no part of the look-up's time
    prepare_tls = None if plan.security is Security.NONE else _tls_factory(plan)
    prepared_tls = prepare_tls(plan.host) if prepare_tls and isinstance(plan.host, str) else None
    cancel.raise_if_cancelled()
    redactor = _redactor(plan.credential)
    with SocketWait(cancel) as wait:
        return _Session(plan, prepare_tls, prepared_tls, Journal(emit, redactor), wait, cancel).run()


def _tls_factory(plan: SendPlan) -> Callable[[str], PreparedTls]:
    """Load what TLS needs before the clock starts: the CA file, the trust store and the certificate parser."""
    import cryptography.x509  # noqa: F401 - loaded here so that its import is no part of the handshake's time

    context = client_context(plan.ca_file, old_versions=plan.old_tls)
    return lambda host: PreparedTls(context, host)


def _redactor(credential: PasswordCredential | TokenCredential | None) -> Redactor:
    match credential:
        case None:
            return Redactor()
        case PasswordCredential(username, password):
            return Redactor(
                [password.reveal()], [*Login(username, password).payloads(), *Plain(username, password).payloads()]
            )
        case TokenCredential(username, token):
            return Redactor([token.reveal()], XOAuth2(username, token).payloads())


class _Session:
    def __init__(
        self,
        plan: SendPlan,
        prepare_tls: Callable[[str], PreparedTls] | None,
        prepared_tls: PreparedTls | None,
        journal: Journal,
        wait: SocketWait,
        cancel: CancelToken,
    ) -> None:
        self._plan = plan
        slow_line_s = len(plan.message or b"") / _SLOWEST_OCTETS_PER_S
        self._limits = replace(
            plan.limits, data_s=plan.limits.data_s + slow_line_s, whole_s=plan.limits.whole_s + slow_line_s
        )
        self._prepare_tls = prepare_tls
        self._prepared_tls = prepared_tls
        self._journal = journal
        self._wait = wait
        self._cancel = cancel
        self._whole_deadline = time.monotonic() + self._limits.whole_s
        self._stage = Stage.RESOLVE
        self._host = plan.host if isinstance(plan.host, str) else ""
        self._reader = ReplyReader()
        self._tls: TlsFacts | None = None
        self._findings = Findings()
        self._round_trips = 0
        self._rejected_certificate: CertificateFacts | None = None

    def run(self) -> Outcome:
        failure: Failure | None = None
        try:
            self._reach_and_converse()
        except Trouble as trouble:
            failure = self._broke_off(trouble)
        except Cancelled:
            self._journal.spoil()
            self._journal.note("Cancelled")
            self._journal.end()
            raise
        self._journal.end()
        return self._outcome(failure or self._findings.failure)

    def _reach_and_converse(self) -> None:
        journal, limits = self._journal, self._limits
        journal.begin(PhaseName.RESOLVE)
        deadline = self._deadline(limits.resolve_s)
        if isinstance(self._plan.host, MxOf):
            self._host = endpoint_of(self._plan.host, deadline, self._cancel)
            journal.note(f"The MX endpoint of {self._plan.host.domain} is {self._host}")
        addresses = addresses_of(self._host, self._plan.port, deadline, self._cancel)
        journal.note(f"{self._host} is {', '.join(address.text for address in addresses)}")
        journal.end()
        if self._prepare_tls is not None and self._prepared_tls is None:
            self._prepared_tls = self._prepare_tls(self._host)  # only now the name is known
        self._stage = Stage.CONNECT
        journal.begin(PhaseName.CONNECT)
        with connect(addresses, self._deadline(limits.connect_s), self._wait, journal.note) as connection:
            try:
                self._converse(connection)
            finally:
                self._round_trips = connection.round_trips
                self._rejected_certificate = connection.untrusted_certificate

    def _converse(self, connection: Connection) -> None:
        ehlo_name = self._plan.ehlo_name or _own_name(connection.local_address)
        conversation = Conversation(self._plan, ehlo_name)
        self._findings = conversation.findings
        steps = conversation.steps()
        answer: Reply | None = None
        trouble: Trouble | None = None
        while True:
            try:
                step = steps.send(answer) if trouble is None else steps.throw(trouble)
            except StopIteration:
                return
            answer, trouble = None, None
            try:
                answer = self._take(step, connection)
            except Trouble as error:
                trouble = error

    def _take(self, step: Step, connection: Connection) -> Reply | None:
        match step:
            case Begin(phase):
                if self._findings.failure is not None and phase is PhaseName.QUIT:
                    self._journal.spoil()
                self._journal.begin(phase)
            case Say(commands, stage):
                self._stage = stage
                if stage is Stage.TLS and self._reader.has_leftover:
                    raise Trouble(FailureKind.EARLY_DATA, "the server sent a reply that nobody had asked for")
                self._say(commands, connection)
            case Hear():
                self._stage = step.stage
                return self._hear(step, connection)
            case StartTls(after_reply):
                self._stage = Stage.TLS
                self._start_tls(connection, after_reply=after_reply)
            case Remark(untrusted_text):
                self._journal.note(untrusted_text)
            case Tell(event):
                self._journal.tell(event)
        return None

    def _say(self, commands: tuple[Command, ...], connection: Connection) -> None:
        for command in commands:
            if command.is_content:
                self._journal.note(command.shown)
            else:
                self._journal.said(command.shown)
        has_content = any(command.is_content for command in commands)
        limit_s = self._limits.data_s if has_content else self._limit_s(self._stage)
        connection.send(b"".join(command.wire for command in commands), self._deadline(limit_s))

    def _hear(self, step: Hear, connection: Connection) -> Reply:
        deadline = self._deadline(self._limit_s(step.stage))
        while (raw := self._reader.next_reply()) is None:
            self._reader.feed(connection.receive(deadline))
        refused = bool(step.wanted) and raw.code not in step.wanted
        return self._record(raw, step.command, refused=refused)

    def _record(self, raw: RawReply, command: str, *, refused: bool) -> Reply:
        for line in raw.untrusted_lines:
            self._journal.heard(line, refused=refused)
        if refused:
            self._journal.spoil()
        return Reply(raw.code, self._journal.clean(raw.untrusted_text), command)

    def _start_tls(self, connection: Connection, *, after_reply: bool) -> None:
        if self._prepared_tls is None:
            raise TypeError("a plan without security starts no TLS")
        if after_reply and self._reader.has_leftover:
            raise Trouble(FailureKind.EARLY_DATA, "the server sent more after its 220 to STARTTLS, still in the clear")
        try:
            connection.start_tls(self._prepared_tls, self._deadline(self._limits.tls_s))
        except Trouble:
            if connection.untrusted_certificate is not None:
                self._journal.note(f"Not trusted: {described(connection.untrusted_certificate)}")
            raise
        self._tls = agreed(self._prepared_tls.tls)
        self._journal.note(f"TLS established: {self._tls.version}, {self._tls.cipher}")
        if self._tls.certificate is not None:
            self._journal.note(f"Verified: {described(self._tls.certificate)}")
        self._journal.tell(TlsEstablished(self._tls))

    def _broke_off(self, trouble: Trouble) -> Failure | None:
        self._journal.spoil()
        for line in self._reader.untrusted_partial[:_MAX_PARTIAL_LINES]:
            self._journal.heard(line, refused=False)
        detail = self._journal.clean(printable(trouble.detail))
        self._journal.note(f"The session ends here: {detail}")
        # After a refusal a broken connection is only how the server said goodbye.
        return None if self._findings.refusal else Failure(trouble.kind, self._stage, detail)

    def _outcome(self, failure: Failure | None) -> Outcome:
        plan, found = self._plan, self._findings
        signed_in = plan.credential is None or (found.authenticated is not None and found.authenticated.code == 235)
        encrypted = plan.security is Security.NONE or self._tls is not None
        delivered = found.reached_end and (plan.message is None or found.message_taken)
        ok = failure is None and found.refusal is None and signed_in and encrypted and delivered
        return Outcome(
            ok=ok,
            message_id=plan.message_id,
            tls=self._tls,
            authenticated=found.authenticated,
            reply=found.refusal or (found.last_word if ok else None),
            failure=failure,
            phases=tuple(self._journal.phases),
            round_trips=self._round_trips,
            transcript=tuple(self._journal.lines),
            recipients=tuple(found.recipients),
            server_limits=found.extension_lines,
            rejected_certificate=self._rejected_certificate,
        )

    def _limit_s(self, stage: Stage) -> float:
        limits = self._limits
        return {Stage.AUTH: limits.auth_s, Stage.DATA: limits.data_s, Stage.QUIT: limits.quit_s}.get(
            stage, limits.reply_s
        )

    def _deadline(self, limit_s: float) -> float:
        own = time.monotonic() + limit_s
        # The farewell has its own short limit, so that a verdict reached in the last second is not lost.
        return own if self._stage is Stage.QUIT else min(own, self._whole_deadline)


def _own_name(local_address: str) -> str:
    """Return this computer's name if it is a domain name, else the address literal of RFC 5321 section 4.1.3."""
    try:
        name = parse_domain(socket.gethostname())
        if name != "localhost":
            return name
    except (AddressFault, OSError):
        pass
    address = local_address.partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
