"""One SMTP session as Exchange Online holds it: the commands, their order and their replies.

What is allowed at this port is asked of the policy, refusals on demand of the refusal book. Sources: RFC 5321, 3207,
4954, 2920, 3030; real transcripts of the service.
"""

import base64
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from relaywright.domain.address import AddressFault, parse_domain
from relaywright.domain.reply import Reply, Stage
from relaywright.practice import replies
from relaywright.practice.authentication import MAX_RESPONSE, MECHANISMS, SignInResult, exchange
from relaywright.practice.channel import Channel, ChannelClosed, LineTooLong
from relaywright.practice.envelope import EnvelopeFault, Transaction, parse_mail, parse_rcpt
from relaywright.practice.intake import has_bare_line_feed, read_chunk, read_data
from relaywright.practice.policy import Client, Policy
from relaywright.practice.refusals import RefusalBook
from relaywright.practice.submission import MAX_RECIPIENTS

ANNOUNCED_SIZE = 157_286_400
_COMMAND_LIMIT = 2_048
_MAX_FAULTS = 25
_EXTENSIONS = ("SIZE 157286400", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES")
_LAST_EXTENSIONS = ("8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8")


@dataclass(frozen=True)
class Taken:
    """A message that was taken, with the circumstances the server saw."""

    client: Client
    sender: str
    recipients: tuple[str, ...]
    content: bytes


@dataclass(frozen=True)
class House:
    """What all sessions of a port share."""

    policy: Policy
    refusals: RefusalBook
    tls: ssl.SSLContext
    deliver: Callable[[Taken], str]
    """Keeps the message and returns its id."""
    stopping: threading.Event
    auth_delay_s: float = 0.0
    """How long a refused sign-in is held back; the real service takes about 5 s."""


class Session:
    """The state of one connection."""

    def __init__(self, channel: Channel, peer: str, house: House) -> None:
        self._channel = channel
        self._house = house
        self._policy = house.policy
        self._client = Client(peer)
        self._transaction: Transaction | None = None
        self._faults = 0
        self._open = True
        self._commands: dict[str, Callable[[str], Reply | None]] = {
            "EHLO": self._ehlo,
            "HELO": self._helo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "BDAT": self._bdat,
            "RSET": self._rset,
            "NOOP": lambda _: replies.NOTHING_DONE,
            "VRFY": lambda _: replies.CANNOT_VERIFY,
            "QUIT": self._quit,
        }

    def run(self, *, implicit_tls: bool = False) -> None:
        """Hold the session until either side ends it. Never raises for what the peer does."""
        try:
            if implicit_tls:
                self._secure()
            self._say(replies.greeting(self._policy.host))
            while self._open:
                self._one_command()
        except TimeoutError:
            self._say(replies.IDLE)
        except ChannelClosed:
            pass
        finally:
            self._channel.close()

    def _one_command(self) -> None:
        try:
            line = self._channel.read_line(MAX_RESPONSE + 64)
        except LineTooLong:
            reply: Reply | None = replies.LINE_TOO_LONG
        else:
            reply = self._answer(line)
        if reply is not None:
            self._say(reply)
            self._count(reply)

    def _answer(self, line: bytes) -> Reply | None:
        text = line.decode("utf-8", "replace")
        verb, _, argument = text.partition(" ")
        command = self._commands.get(verb.upper())
        if command is None:
            return replies.unrecognized_command(verb)
        if len(line) > _COMMAND_LIMIT and verb.upper() != "AUTH":
            return replies.LINE_TOO_LONG
        return command(argument.strip())

    def _count(self, reply: Reply) -> None:
        self._faults += reply.code >= 500
        if reply.code == 421:
            self._open = False
        elif self._faults >= _MAX_FAULTS:
            self._say(replies.TOO_MANY_ERRORS)
            self._open = False

    def _say(self, reply: Reply) -> None:
        self._channel.write(replies.as_bytes(replies.with_tail(reply, self._policy.host)))

    # Greeting and encryption

    def _ehlo(self, argument: str) -> Reply:
        fault = self._greet(argument)
        if fault is not None:
            return fault
        lines = [f"{self._policy.host} Hello [{self._client.peer}]", *_EXTENSIONS]
        if not self._client.tls_version:
            lines.append("STARTTLS")
        elif self._policy.gate is not None:
            lines.append(f"AUTH {' '.join(MECHANISMS)}")
        return Reply(250, "\n".join([*lines, *_LAST_EXTENSIONS]))

    def _helo(self, argument: str) -> Reply:
        return self._greet(argument) or Reply(250, f"{self._policy.host} Hello [{self._client.peer}]")

    def _greet(self, name: str) -> Reply | None:
        if not _is_hello_name(name):
            return replies.BAD_HELLO
        self._client.ehlo_name = name
        self._transaction = None
        return None

    def _starttls(self, argument: str) -> Reply | None:
        if argument:
            return replies.BAD_ARGUMENTS
        if self._client.tls_version:
            return replies.unrecognized_command("STARTTLS")
        self._say(replies.READY_FOR_TLS)
        self._secure()
        return None

    def _secure(self) -> None:
        """Turn to TLS and forget what was said before (RFC 3207 section 4.2)."""
        self._channel.start_tls(self._house.tls)
        self._client = Client(self._client.peer)
        self._transaction = None
        tls = self._channel.tls
        if tls is not None:
            self._client.tls_version = tls.version() or ""
            self._client.certificate_names = _names_in(tls)

    # Sign-in

    def _auth(self, argument: str) -> Reply | None:
        gate = self._policy.gate
        mechanism, _, initial = argument.partition(" ")
        if gate is None or not self._client.tls_version:
            return replies.UNRECOGNIZED_AUTHENTICATION
        if not self._client.ehlo_name:
            return replies.HELLO_FIRST
        if self._client.signed_in_as:
            return replies.ALREADY_SIGNED_IN
        talk = exchange(mechanism, initial.strip().encode() or None, gate)
        try:
            challenge = next(talk)
            while True:
                self._say(Reply(334, base64.b64encode(challenge).decode()))
                challenge = talk.send(self._channel.read_line(MAX_RESPONSE))
        except StopIteration as ended:
            return self._signed_in(ended.value)
        except LineTooLong:
            return replies.LINE_TOO_LONG

    def _signed_in(self, result: SignInResult) -> Reply:
        if result.reply.positive:
            self._client.signed_in_as = result.user
            self._client.mechanism = result.mechanism
            self._client.failed_sign_in = None
        else:
            self._client.failed_sign_in = result.reply
            self._house.stopping.wait(self._house.auth_delay_s)
        return result.reply

    # Envelope and message

    def _mail(self, argument: str) -> Reply:
        if not self._client.ehlo_name:
            return replies.HELLO_FIRST
        if self._transaction is not None:
            return replies.ONE_SENDER
        try:
            transaction = parse_mail(argument, ANNOUNCED_SIZE)
        except EnvelopeFault as fault:
            return fault.reply
        refusal = self._policy.mail(self._client, transaction.sender) or self._demanded(Stage.MAIL, transaction.sender)
        if refusal is not None:
            return refusal
        self._transaction = transaction
        return replies.SENDER_OK

    def _rcpt(self, argument: str) -> Reply:
        transaction = self._transaction
        if transaction is None or transaction.chunks is not None:
            return replies.NEED_MAIL
        try:
            recipient = parse_rcpt(argument, utf8=transaction.utf8)
        except EnvelopeFault as fault:
            return fault.reply
        if len(transaction.recipients) >= MAX_RECIPIENTS:
            return replies.TOO_MANY_RECIPIENTS
        refusal = self._demanded(Stage.RCPT, recipient, transaction.sender) or self._policy.recipient(
            self._client, transaction.sender, recipient
        )
        if refusal is not None:
            return refusal
        transaction.recipients.append(recipient)
        return replies.RECIPIENT_OK

    def _data(self, argument: str) -> Reply:
        transaction = self._transaction
        if argument:
            return replies.BAD_ARGUMENTS
        if transaction is None or transaction.chunks is not None:
            return replies.NEED_MAIL
        if not transaction.recipients or transaction.binary:
            return replies.BINARY_NEEDS_CHUNKS if transaction.recipients else replies.NEED_RECIPIENT
        return self._read_message(transaction)

    def _read_message(self, transaction: Transaction) -> Reply:
        self._say(replies.START_INPUT)
        content = read_data(self._channel)
        self._transaction = None
        if content is None:
            return replies.TOO_BIG
        if has_bare_line_feed(content):
            return replies.BARE_LINE_FEED
        return self._take(transaction, content)

    def _bdat(self, argument: str) -> Reply:
        words = argument.split()
        if (
            not words
            or not (words[0].isascii() and words[0].isdigit())
            or [w.upper() for w in words[1:]] not in ([], ["LAST"])
        ):
            self._open = False  # how many bytes follow is not known, so nothing after this can be read
            return replies.BAD_ARGUMENTS
        size, last = int(words[0][:12]), len(words) == 2
        transaction = self._transaction
        if transaction is None or not transaction.recipients:
            read_chunk(self._channel, size, None)
            return replies.NEED_MAIL if transaction is None else replies.NEED_RECIPIENT
        if transaction.chunks is None:
            transaction.chunks = bytearray()
        if not read_chunk(self._channel, size, transaction.chunks):
            self._transaction = None
            return replies.TOO_BIG
        if not last:
            return Reply(250, f"2.0.0 {size} octets received")
        self._transaction = None
        return self._take(transaction, bytes(transaction.chunks))

    def _take(self, transaction: Transaction, content: bytes) -> Reply:
        refusal = self._demanded(Stage.DATA, *transaction.recipients, transaction.sender) or self._policy.message(
            self._client, transaction.sender, content
        )
        if refusal is not None:
            return refusal
        taken = Taken(self._client, transaction.sender, tuple(transaction.recipients), content)
        return Reply(250, f"2.0.0 OK {self._house.deliver(taken)} [Hostname={self._policy.host}]")

    def _demanded(self, stage: Stage, *addresses: str) -> Reply | None:
        return self._house.refusals.at(stage, *addresses, self._client.signed_in_as)

    def _rset(self, _argument: str) -> Reply:
        self._transaction = None
        return replies.RESET

    def _quit(self, _argument: str) -> Reply:
        self._open = False
        return replies.CLOSING


def _names_in(tls: ssl.SSLSocket) -> tuple[str, ...]:
    """Return the DNS names in the client's certificate, if it showed one."""
    names = cast("tuple[tuple[str, str], ...]", (tls.getpeercert() or {}).get("subjectAltName", ()))
    return tuple(value for kind, value in names if kind == "DNS")


def _is_hello_name(name: str) -> bool:
    """Tell whether the service would take this name: no empty one, no trailing dot, no underscore."""
    if not name or len(name) > 255 or name.endswith("."):
        return False
    if name.startswith("[") and name.endswith("]"):
        return True
    try:
        parse_domain(name if "." in name else f"{name}.local")
    except AddressFault:
        return False
    return True
