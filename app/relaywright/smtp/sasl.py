"""The sign-in exchanges LOGIN, PLAIN and XOAUTH2: what is answered to which challenge. No commands, no sockets.

LOGIN as Exchange Online speaks it (challenges ``VXNlcm5hbWU6`` and ``UGFzc3dvcmQ6``), PLAIN by RFC 4616, XOAUTH2 by
Microsoft's "Authenticate an IMAP, POP or SMTP connection using OAuth". Each message carries its own transcript form.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from relaywright.domain.secret import MASK, Secret

_MAX_REMARK_CHARS = 600
_MAX_NAMES_SENT = 2


@dataclass(frozen=True)
class SaslMessage:
    """One message of ours: the base64 text for the wire, and what the transcript shows in its place."""

    wire: str = field(repr=False)
    shown: str
    untrusted_remark: str = ""
    """What the challenge before it said, if that is worth a line of its own."""


class Exchange(Protocol):
    """One sign-in. ``initial`` is asked at most once; a None from ``answer`` means: break off with ``*``."""

    mechanism: str

    def initial(self) -> SaslMessage:
        """Return what may stand on the AUTH line itself (RFC 4954 section 4)."""

    def without_initial(self) -> None:
        """Take note that the initial message was not sent after all."""

    def answer(self, untrusted_challenge: str) -> SaslMessage | None:
        """Return the answer to a 334."""

    def payloads(self) -> Sequence[str]:
        """Return the base64 texts that carry the secret, for redaction."""


class Login:
    """AUTH LOGIN: user name, then password. The password is sent once, whatever the server asks for."""

    mechanism = "LOGIN"

    def __init__(self, username: str, password: Secret) -> None:
        self._username = username
        self._password = password
        self._names_sent = 0
        self._password_sent = False

    def initial(self) -> SaslMessage:
        """Return the user name: System.Net.Mail sends it that way, and Exchange Online takes it."""
        self._names_sent += 1
        text = _encoded(self._username)
        return SaslMessage(text, text)

    def without_initial(self) -> None:
        self._names_sent = 0

    def answer(self, untrusted_challenge: str) -> SaslMessage | None:
        if self._password_sent:
            return None
        if not self._names_sent or _decoded(untrusted_challenge).strip().lower().startswith("user"):
            # A server that ignores the initial message asks for the name once more; again would be a loop.
            return self.initial() if self._names_sent < _MAX_NAMES_SENT else None
        self._password_sent = True
        return SaslMessage(_encoded(self._password.reveal()), MASK)

    def payloads(self) -> Sequence[str]:
        return (_encoded(self._password.reveal()),)


class Plain:
    """AUTH PLAIN: everything in one message. Exchange Online does not offer it; other servers may offer only this."""

    mechanism = "PLAIN"

    def __init__(self, username: str, password: Secret) -> None:
        self._username = username
        self._password = password
        self._sent = False

    def initial(self) -> SaslMessage:
        self._sent = True
        return SaslMessage(self.payloads()[0], MASK)

    def without_initial(self) -> None:
        self._sent = False

    def answer(self, untrusted_challenge: str) -> SaslMessage | None:
        del untrusted_challenge  # empty by RFC 4616; whatever it says, there is one answer
        return None if self._sent else self.initial()

    def payloads(self) -> Sequence[str]:
        return (_encoded(f"\0{self._username}\0{self._password.reveal()}"),)


class XOAuth2:
    """AUTH XOAUTH2: the token in one message; a challenge after it is the error, answered with an empty line."""

    mechanism = "XOAUTH2"

    def __init__(self, username: str, token: Secret) -> None:
        self._username = username
        self._token = token
        self._sent = False
        self._ended = False

    def initial(self) -> SaslMessage:
        self._sent = True
        return SaslMessage(self.payloads()[0], MASK)

    def without_initial(self) -> None:
        self._sent = False

    def answer(self, untrusted_challenge: str) -> SaslMessage | None:
        if not self._sent:
            return self.initial()
        if self._ended:
            return None
        self._ended = True
        said = _decoded(untrusted_challenge)[:_MAX_REMARK_CHARS]
        return SaslMessage("", "(empty line)", f"The server’s reason: {said}" if said else "")

    def payloads(self) -> Sequence[str]:
        return (_encoded(f"user={self._username}\1auth=Bearer {self._token.reveal()}\1\1"),)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decoded(untrusted_challenge: str) -> str:
    """Return the challenge in clear text; empty when it is no base64."""
    try:
        return base64.b64decode(untrusted_challenge.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
