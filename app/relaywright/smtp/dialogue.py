"""The conversation itself, as a generator: yields what to do next and takes replies. No sockets, no clock.

Order, pipelining and verdicts are decided here; bytes, time limits and cancelling are the engine's. RFC 5321, 1870
(SIZE), 2920 (PIPELINING), 3030 (CHUNKING), 3207 (STARTTLS), 4954 (AUTH), 6531 (SMTPUTF8).
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from relaywright.domain.profile import Security
from relaywright.domain.reply import Failure, FailureKind, Reply, Stage
from relaywright.smtp.events import Authentication, PhaseName, RecipientAnswered, SignedIn
from relaywright.smtp.plan import PasswordCredential, SendPlan, TokenCredential
from relaywright.smtp.sasl import Exchange, Login, Plain, XOAuth2
from relaywright.smtp.steps import (
    Begin,
    Command,
    Dialogue,
    Remark,
    Say,
    StartTls,
    Step,
    Tell,
    after_data,
    hear,
    in_one_chunk,
    normalised,
    open_command,
)
from relaywright.smtp.trouble import Trouble

MAX_AUTH_LINE_OCTETS = 12_288
"""RFC 4954 section 4: a longer initial response has to wait for the challenge."""
MAX_BLIND_MESSAGE_OCTETS = 262_144
"""A larger message waits until the envelope is accepted; a smaller one saves the round trip."""
_MAX_CHALLENGES = 4


@dataclass
class Findings:
    """What the conversation has come to so far; the engine reads it whenever the session ends."""

    refusal: Reply | None = None
    last_word: Reply | None = None
    failure: Failure | None = None
    authenticated: Authentication | None = None
    recipients: list[RecipientAnswered] = field(default_factory=list)
    extensions: dict[str, str] = field(default_factory=dict)
    extension_lines: tuple[str, ...] = ()
    message_taken: bool = False
    reached_end: bool = False


class _Stop(Exception):
    """Ends the conversation politely; the findings say why."""


class Conversation:
    """One session after the connection stands. ``ehlo_name`` is final, ``plan`` checked."""

    def __init__(self, plan: SendPlan, ehlo_name: str) -> None:
        self._plan = plan
        self._ehlo_name = ehlo_name
        self.findings = Findings()
        self._said_goodbye = False

    def steps(self) -> Dialogue:
        """Run the conversation. Trouble thrown in ends it, except while waiting for the farewell."""
        try:
            yield from self._open()
            yield from self._sign_in()
            if self._plan.message is None:
                self.findings.reached_end = True
            else:
                yield from self._send(self._plan.message)
        except _Stop:
            pass
        yield from self._quit()

    def _open(self) -> Dialogue:
        security = self._plan.security
        if security is Security.TLS:
            yield Begin(PhaseName.TLS)
            yield StartTls(after_reply=False)
        yield Begin(PhaseName.GREETING)
        yield from self._must("", Stage.GREETING, 220)
        yield from self._ehlo()
        if security is not Security.STARTTLS:
            return
        yield Begin(PhaseName.TLS)
        if "STARTTLS" not in self.findings.extensions:
            raise self._failed(FailureKind.STARTTLS_MISSING, Stage.TLS, "the EHLO answer does not list STARTTLS")
        yield Say((open_command("STARTTLS"),), Stage.TLS)
        yield from self._must("STARTTLS", Stage.TLS, 220)
        yield StartTls(after_reply=True)
        # RFC 3207 section 4.2: what was learnt in the clear is forgotten.
        yield from self._ehlo()

    def _ehlo(self) -> Dialogue:
        yield Begin(PhaseName.EHLO)
        yield Say((open_command(f"EHLO {self._ehlo_name}"),), Stage.EHLO)
        reply = yield from self._must("EHLO", Stage.EHLO, 250)
        lines = tuple(reply.text.split("\n")[1:])
        self.findings.extension_lines = lines
        self.findings.extensions = _extensions(lines)
        self.findings.last_word = reply

    def _sign_in(self) -> Dialogue:
        credential = self._plan.credential
        if credential is None:
            return
        yield Begin(PhaseName.AUTH)
        exchange = self._exchange(credential)
        yield Remark(f"Signing in as “{credential.username}” with {exchange.mechanism}; the secret is not shown")
        reply = yield from self._authenticate(exchange)
        if reply.code != 235:
            raise self._refused(reply)
        self.findings.authenticated = Authentication(exchange.mechanism, reply.code)
        self.findings.last_word = reply
        yield Tell(SignedIn(self.findings.authenticated))

    def _exchange(self, credential: PasswordCredential | TokenCredential) -> Exchange:
        if "AUTH" not in self.findings.extensions:
            raise self._failed(FailureKind.AUTH_NOT_OFFERED, Stage.AUTH, "the EHLO answer lists no AUTH")
        offered = self.findings.extensions["AUTH"].upper().split()
        if isinstance(credential, TokenCredential):
            if "XOAUTH2" in offered:
                return XOAuth2(credential.username, credential.token)
        # LOGIN first: it is what Exchange Online offers, and what the devices use that this test speaks for.
        elif "LOGIN" in offered:
            return Login(credential.username, credential.password)
        elif "PLAIN" in offered:
            return Plain(credential.username, credential.password)
        raise self._failed(
            FailureKind.MECHANISM_NOT_OFFERED, Stage.AUTH, f"the server offers {', '.join(offered) or 'none'}"
        )

    def _authenticate(self, exchange: Exchange) -> Generator[Step, Reply | None, Reply]:
        """Do the AUTH command to its final reply, which may be a refusal."""
        verb = f"AUTH {exchange.mechanism}"
        reply = yield from self._begin_auth(verb, exchange)
        for _ in range(_MAX_CHALLENGES):
            if reply.code != 334:
                return reply
            message = exchange.answer(reply.text)
            if message is None:
                break
            if message.untrusted_remark:
                yield Remark(message.untrusted_remark)
            yield Say((Command(f"{message.wire}\r\n".encode(), message.shown),), Stage.AUTH)
            reply = yield from hear("AUTH", Stage.AUTH, 235, 334)
        stop = self._failed(FailureKind.NOT_SMTP, Stage.AUTH, "the server keeps asking for more in the sign-in")
        yield Say((open_command("*"),), Stage.AUTH)
        yield from hear("AUTH", Stage.AUTH)
        raise stop

    def _begin_auth(self, verb: str, exchange: Exchange) -> Generator[Step, Reply | None, Reply]:
        initial = exchange.initial()
        fits = len(verb) + len(initial.wire) + 3 <= MAX_AUTH_LINE_OCTETS
        may_repeat = fits and exchange.mechanism == "LOGIN"
        if fits:
            command = Command(f"{verb} {initial.wire}\r\n".encode(), f"{verb} {initial.shown}")
        else:
            exchange.without_initial()
            command = open_command(verb)
        yield Say((command,), Stage.AUTH)
        reply = yield from hear("AUTH", Stage.AUTH, 235, 334, *((501,) if may_repeat else ()))
        if reply.code != 501 or not may_repeat:
            return reply
        yield Remark("The server does not take the user name on the AUTH line: once more without it")
        exchange.without_initial()
        yield Say((open_command(verb),), Stage.AUTH)
        return (yield from hear("AUTH", Stage.AUTH, 235, 334))

    def _send(self, message: bytes) -> Dialogue:
        content = normalised(message)
        offered = self.findings.extensions
        yield Begin(PhaseName.ENVELOPE)
        envelope = self._envelope(content)
        chunking, pipelining = "CHUNKING" in offered, "PIPELINING" in offered
        blind = chunking and pipelining and len(content) <= MAX_BLIND_MESSAGE_OCTETS
        if blind:
            yield Say((*envelope, *in_one_chunk(content), open_command("QUIT")), Stage.MAIL)
        elif pipelining:
            yield Say((*envelope, *(() if chunking else (open_command("DATA"),))), Stage.MAIL)
        yield from self._hear_envelope(envelope, pipelining=pipelining)
        taken = any(answer.reply.positive for answer in self.findings.recipients)
        if blind:
            yield from self._hear_blind(taken=taken)
        elif chunking:
            yield from self._send_chunk(content, taken=taken, pipelining=pipelining)
        else:
            yield from self._send_data(content, taken=taken, pipelining=pipelining)

    def _envelope(self, content: bytes) -> tuple[Command, ...]:
        offered = self.findings.extensions
        limit = offered.get("SIZE", "").split(" ")[0]
        if limit.isdecimal() and 0 < int(limit) < len(content):
            raise self._failed(
                FailureKind.TOO_BIG, Stage.MAIL, f"the message has {len(content)} bytes, the server takes {limit}"
            )
        parameters = f" SIZE={len(content)}" if "SIZE" in offered else ""
        if not content.isascii() and "8BITMIME" in offered:
            parameters += " BODY=8BITMIME"
        header = content.partition(b"\r\n\r\n")[0]
        if not (header.isascii() and self._plan.sender.isascii() and all(map(str.isascii, self._plan.recipients))):
            if "SMTPUTF8" not in offered:
                raise self._failed(
                    FailureKind.NEEDS_SMTPUTF8, Stage.MAIL, "an address or header has letters outside ASCII"
                )
            parameters += " SMTPUTF8"
        sender = open_command(f"MAIL FROM:<{self._plan.sender}>{parameters}")
        return sender, *(open_command(f"RCPT TO:<{recipient}>") for recipient in self._plan.recipients)

    def _hear_envelope(self, envelope: tuple[Command, ...], *, pipelining: bool) -> Dialogue:
        if not pipelining:
            yield Say(envelope[:1], Stage.MAIL)
        reply = yield from hear("MAIL", Stage.MAIL, 250)
        if reply.code != 250:
            stop = self._refused(reply)
            if not pipelining:
                raise stop
        for recipient, command in zip(self._plan.recipients, envelope[1:], strict=True):
            if not pipelining:
                yield Say((command,), Stage.RCPT)
            if self.findings.refusal is reply:
                yield from hear("RCPT", Stage.RCPT)
                continue
            answer = RecipientAnswered(recipient, (yield from hear("RCPT", Stage.RCPT, 250, 251)))
            self.findings.recipients.append(answer)
            yield Tell(answer)
        for answer in self.findings.recipients:
            if answer.reply.code not in {250, 251}:
                self._refused(answer.reply)

    def _hear_blind(self, *, taken: bool) -> Dialogue:
        """Hear the answer to a chunk and a QUIT that are on their way already."""
        if taken:
            yield Begin(PhaseName.DATA)
        reply = yield from hear("BDAT", Stage.DATA, *((250,) if taken else ()))
        self._content_answered(reply, taken=taken)
        yield Begin(PhaseName.QUIT)
        yield from self._farewell()

    def _send_chunk(self, content: bytes, *, taken: bool, pipelining: bool) -> Dialogue:
        if not taken:
            raise _Stop
        yield Begin(PhaseName.DATA)
        yield Say((*in_one_chunk(content), *((open_command("QUIT"),) if pipelining else ())), Stage.DATA)
        self._content_answered((yield from hear("BDAT", Stage.DATA, 250)), taken=True)
        if pipelining:
            yield Begin(PhaseName.QUIT)
            yield from self._farewell()

    def _send_data(self, content: bytes, *, taken: bool, pipelining: bool) -> Dialogue:
        if not (taken or pipelining):
            raise _Stop
        if taken:
            yield Begin(PhaseName.DATA)
        if not pipelining:
            yield Say((open_command("DATA"),), Stage.DATA)
        reply = yield from hear("DATA", Stage.DATA, *((354,) if taken else ()))
        if reply.code != 354:
            raise self._refused(reply)
        if not taken:
            # RFC 2920 section 3.1: the server opened the door although nobody is addressed; close it with nothing.
            yield Say((Command(b".\r\n", "."),), Stage.DATA)
            yield from hear("DATA", Stage.DATA)
            raise _Stop
        yield Say((*after_data(content), *((open_command("QUIT"),) if pipelining else ())), Stage.DATA)
        self._content_answered((yield from hear("DATA", Stage.DATA, 250)), taken=True)
        if pipelining:
            yield Begin(PhaseName.QUIT)
            yield from self._farewell()

    def _content_answered(self, reply: Reply, *, taken: bool) -> None:
        if reply.code != 250 or not taken:
            self._refused(reply)
            return
        self.findings.last_word = reply
        self.findings.message_taken = True
        self.findings.reached_end = True

    def _quit(self) -> Dialogue:
        if self._said_goodbye:
            return
        yield Begin(PhaseName.QUIT)
        try:
            yield Say((open_command("QUIT"),), Stage.QUIT)
        except Trouble:
            return
        yield from self._farewell()

    def _farewell(self) -> Dialogue:
        self._said_goodbye = True
        try:
            yield from hear("QUIT", Stage.QUIT)
        except Trouble as trouble:
            yield Remark(f"No farewell: {trouble.detail}")

    def _must(self, command: str, stage: Stage, wanted: int) -> Generator[Step, Reply | None, Reply]:
        reply = yield from hear(command, stage, wanted)
        if reply.code != wanted:
            raise self._refused(reply)
        return reply

    def _refused(self, reply: Reply) -> _Stop:
        """Keep the first refusal: it decided, what follows are its consequences."""
        if self.findings.refusal is None:
            self.findings.refusal = reply
        return _Stop()

    def _failed(self, kind: FailureKind, stage: Stage, detail: str) -> _Stop:
        self.findings.failure = Failure(kind, stage, detail)
        return _Stop()


def _extensions(lines: Sequence[str]) -> dict[str, str]:
    """Return keyword → parameters. ``AUTH=LOGIN`` is how old servers wrote ``AUTH LOGIN``."""
    extensions: dict[str, str] = {}
    for line in lines:
        keyword, _, parameters = line.strip().partition(" ")
        name, equals, first = keyword.partition("=")
        if equals and name.upper() == "AUTH":
            keyword, parameters = name, f"{first} {parameters}"
        known = extensions.get(keyword.upper())
        extensions[keyword.upper()] = f"{known} {parameters}".strip() if known else parameters.strip()
    return extensions
