"""What a session tells while it runs, and what it comes to. Secrets never get this far.

``run`` in engine.py emits these; window, command line and tests read the same stream.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from relaywright.domain.reply import Failure, Reply


class PhaseName(StrEnum):
    """The bars of the waterfall, in the order of a STARTTLS session (EHLO comes twice there)."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    TLS = "tls"
    AUTH = "auth"
    ENVELOPE = "envelope"
    DATA = "data"
    QUIT = "quit"


class Speaker(StrEnum):
    """Whose line of the transcript it is."""

    SERVER = "server"
    CLIENT = "client"
    NOTE = "note"
    """Relaywright's own remark: addresses found, TLS facts, what went wrong below SMTP."""


@dataclass(frozen=True)
class CertificateFacts:
    """The server's certificate as far as people ask about it."""

    subject: str
    issuer: str
    not_before: datetime.datetime
    not_after: datetime.datetime
    names: tuple[str, ...]
    trusted: bool


@dataclass(frozen=True)
class TlsFacts:
    """What the handshake agreed on."""

    version: str
    cipher: str
    certificate: CertificateFacts | None


@dataclass(frozen=True)
class Authentication:
    """The proof of sign-in: the mechanism and the server's code, which is 235 or this does not exist."""

    mechanism: str
    code: int


@dataclass(frozen=True)
class PhaseStarted:
    """A phase began, ``at_ms`` after the session's start."""

    name: PhaseName
    at_ms: float


@dataclass(frozen=True)
class Phase:
    """A phase that ended: when it began, how long it took, and whether it went well."""

    name: PhaseName
    at_ms: float
    ms: float
    ok: bool


@dataclass(frozen=True)
class Line:
    """One line of the conversation, secrets already hidden."""

    ms: float
    speaker: Speaker
    text: str
    refused: bool = False
    """Whether this line is (part of) the reply that decided against us."""


@dataclass(frozen=True)
class TlsEstablished:
    """The connection is encrypted and the certificate verified."""

    tls: TlsFacts


@dataclass(frozen=True)
class SignedIn:
    """The server said 235."""

    authentication: Authentication


@dataclass(frozen=True)
class RecipientAnswered:
    """One recipient's own reply to RCPT TO."""

    recipient: str
    reply: Reply


Event = PhaseStarted | Phase | Line | TlsEstablished | SignedIn | RecipientAnswered
"""Everything a session emits while it runs; the last word is the :class:`Outcome` that ``run`` returns."""

Emit = Callable[[Event], None]


@dataclass(frozen=True)
class Outcome:
    """How a session ended."""

    ok: bool
    """All that was asked really happened: signed in with 235 if asked, message taken by every recipient's leg."""
    message_id: str
    """With angle brackets; empty for a check."""
    tls: TlsFacts | None
    authenticated: Authentication | None
    reply: Reply | None
    """The reply that decided: the refusal, or the server's last word on the message (on sign-in for a check)."""
    failure: Failure | None
    """Trouble that was no reply."""
    phases: tuple[Phase, ...]
    round_trips: int
    transcript: tuple[Line, ...]
    recipients: tuple[RecipientAnswered, ...] = ()
    server_limits: tuple[str, ...] = ()
    """The last EHLO's extension lines, untrusted."""
    rejected_certificate: CertificateFacts | None = None
    """The certificate that did not pass, so that people see whose it is; ``tls`` is None then."""
