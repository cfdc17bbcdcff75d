"""The AUTH exchanges that Exchange Online offers, LOGIN and XOAUTH2, as generators without a socket.

Sources: RFC 4954; Microsoft, "Authenticate an IMAP, POP or SMTP connection using OAuth" (2025-09-07). Whether a
password or a token is right is asked of the :class:`Gate`.
"""

import base64
import binascii
from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

from relaywright.domain.reply import Reply
from relaywright.practice import replies

MECHANISMS = ("LOGIN", "XOAUTH2")
MAX_RESPONSE = 12_288
"""Bytes of one response line, RFC 4954 section 4: at least 12288."""


class Gate(Protocol):
    """Decides who comes in. Returns the refusal, or None when the door is open."""

    def password(self, user: str, password: str) -> Reply | None:
        """Try a password."""

    def token(self, user: str, token: str) -> Reply | None:
        """Try an access token."""


@dataclass(frozen=True)
class SignInResult:
    """How the exchange ended: ``reply`` is 235 or the refusal."""

    user: str
    mechanism: str
    reply: Reply


Exchange = Generator[bytes, bytes, SignInResult]
"""Yields challenges (not encoded yet), is sent responses (still in base64), returns the result."""


class _Ended(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


def exchange(mechanism: str, initial: bytes | None, gate: Gate) -> Exchange:
    """Run one AUTH command. ``initial`` is the response that came with it, in base64; None when there was none."""
    name = mechanism.upper()
    try:
        if name == "LOGIN":
            return (yield from _login(initial, gate))
        if name == "XOAUTH2":
            return (yield from _xoauth2(initial, gate))
    except _Ended as ended:
        return SignInResult("", name, ended.reply)
    return SignInResult("", name, replies.UNRECOGNIZED_AUTHENTICATION)


def _login(initial: bytes | None, gate: Gate) -> Exchange:
    user = _decoded((yield b"Username:") if initial is None else initial)
    password = _decoded((yield b"Password:"))
    return SignInResult(user, "LOGIN", gate.password(user, password) or replies.SIGNED_IN)


def _xoauth2(initial: bytes | None, gate: Gate) -> Exchange:
    text = _decoded((yield b"") if initial is None else initial)
    fields = dict(part.partition("=")[::2] for part in text.split("\x01") if part)
    user = fields.get("user", "")
    scheme, _, token = fields.get("auth", "").partition(" ")
    if not user or scheme.lower() != "bearer" or not token or not text.endswith("\x01\x01"):
        return SignInResult(user, "XOAUTH2", replies.SIGN_IN_FAILED)
    return SignInResult(user, "XOAUTH2", gate.token(user, token.strip()) or replies.SIGNED_IN)


def _decoded(response: bytes) -> str:
    if response == b"*":
        raise _Ended(replies.AUTHENTICATION_CANCELLED)
    if response == b"=":  # an empty initial response, RFC 4954 section 4
        return ""
    try:
        return base64.b64decode(response, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise _Ended(replies.BAD_BASE64) from None
