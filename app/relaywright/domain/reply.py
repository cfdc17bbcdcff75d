"""An SMTP reply and a failure that is none: what an explanation can be asked for.

Reply grammar: RFC 5321 section 4.2; enhanced status codes: RFC 2034 and RFC 3463.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")
_SERVICE_TAIL = re.compile(r"\s*\[[A-Za-z0-9.-]+(?:\s[^\[\]]*)?\]\s*$")


class Stage(StrEnum):
    """Where in a session something was said or went wrong."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    GREETING = "greeting"
    EHLO = "ehlo"
    TLS = "tls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    QUIT = "quit"


@dataclass(frozen=True)
class Reply:
    """A server's reply, its lines joined by a line feed. ``text`` is untrusted and has no code in front."""

    code: int
    text: str
    command: str = ""
    """The verb it answers: ``AUTH``, ``MAIL`` …; empty for the greeting."""

    @property
    def enhanced(self) -> str:
        """The enhanced status code of the first line (``5.7.139``), or an empty text."""
        match = _ENHANCED.match(self.text)
        return match.group(1) if match else ""

    @property
    def one_line(self) -> str:
        """Code and text on one line, enhanced codes repeated on later lines left out."""
        enhanced = self.enhanced
        lines = [line.removeprefix(enhanced).strip() if enhanced else line for line in self.text.split("\n")]
        return " ".join(part for part in (str(self.code), enhanced, " ".join(filter(None, lines))) if part)

    @property
    def positive(self) -> bool:
        """Whether the server went along (2xx or 3xx)."""
        return 200 <= self.code < 400


def without_service_tail(text: str) -> str:
    """Drop the ``[HOST time id]`` that Exchange Online appends to most replies."""
    return _SERVICE_TAIL.sub("", text)


class FailureKind(StrEnum):
    """What can go wrong without a reply. Each has an entry in resources/facts/replies.toml."""

    NAME_NOT_FOUND = "name-not-found"
    NAME_NO_ANSWER = "name-no-answer"
    NO_MX = "no-mx"
    CONNECTION_REFUSED = "connection-refused"
    UNREACHABLE = "unreachable"
    CONNECT_TIMEOUT = "connect-timeout"
    NO_REPLY = "no-reply"
    CONNECTION_CLOSED = "connection-closed"
    CONNECTION_RESET = "connection-reset"
    NOT_SMTP = "not-smtp"
    LINE_TOO_LONG = "line-too-long"
    EARLY_DATA = "early-data"
    """Bytes in the clear after the 220 to STARTTLS: an injection attempt or a broken middlebox."""
    STARTTLS_MISSING = "starttls-missing"
    TLS_NOT_SPOKEN = "tls-not-spoken"
    """The other side answered a TLS handshake with something else: wrong security mode for the port."""
    TLS_OLD_VERSION = "tls-old-version"
    TLS_FAILED = "tls-failed"
    CERTIFICATE_EXPIRED = "certificate-expired"
    CERTIFICATE_NAME = "certificate-name"
    CERTIFICATE_UNTRUSTED = "certificate-untrusted"
    CERTIFICATE_SELF_SIGNED = "certificate-self-signed"
    AUTH_NOT_OFFERED = "auth-not-offered"
    MECHANISM_NOT_OFFERED = "mechanism-not-offered"
    TOO_BIG = "too-big"
    """The server's SIZE is smaller than the message."""
    NEEDS_SMTPUTF8 = "needs-smtputf8"
    """An address outside ASCII, and a server without SMTPUTF8."""


@dataclass(frozen=True)
class Failure:
    """Trouble without a reply: its kind, where it happened, and the library's own words (untrusted)."""

    kind: FailureKind
    stage: Stage
    detail: str = ""
