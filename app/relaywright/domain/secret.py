"""Secrets as a type: a value that never prints, pickles or compares in the clear by accident.

It also knows which secrets are in memory now, so that a log or a crash report can hide them where a library or a bug
put one into a text. What a mail server sends back is hidden by smtp's redaction, which knows more disguises.
"""

import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

MASK = "••••••••"

_SHORTEST_HIDDEN = 4
"""A shorter value would take ordinary words out of a report; no account has such a password."""


class Secret:
    """A password, client secret or token. Only :meth:`reveal` gives the value, and each call of it is greppable."""

    __slots__ = ("__weakref__", "_value")

    def __init__(self, value: str) -> None:
        self._value = value
        with _LOCK:
            _IN_MEMORY[id(self)] = self

    def reveal(self) -> str:
        """Return the value itself, for the one place that must hand it on."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac  # loads OpenSSL: two milliseconds and three megabytes that most starts do without

        return hmac.compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # a secret is no dictionary key

    def __repr__(self) -> str:
        return "Secret(••••••••)"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled or copied to disk")


_LOCK = threading.Lock()
_IN_MEMORY: "weakref.WeakValueDictionary[int, Secret]" = weakref.WeakValueDictionary()


def hide_secrets(text: str) -> str:
    """Return the text with the value of every secret that is in memory masked, in the clear or encoded.

    A secret is in memory as long as anything holds it: in a traceback, the frames that it shows do.
    """
    with _LOCK:
        values = {secret.reveal() for secret in _IN_MEMORY.values()}
    # The longest first: a shorter one may be a part of it.
    forms = {form for value in values if len(value) >= _SHORTEST_HIDDEN for form in _forms(value)}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, MASK)
    return text


def _forms(value: str) -> Iterator[str]:
    """The value as it stands, and as tracebacks, addresses and protocols write it."""
    import base64
    import urllib.parse

    raw = value.encode("utf-8", "surrogatepass")
    yield value
    yield from (repr(value)[1:-1], repr(raw)[2:-1], ascii(value)[1:-1], raw.hex())
    yield from (urllib.parse.quote(raw, safe=""), urllib.parse.quote_plus(raw))
    for shift in range(3):
        # In a longer base64 text a value begins at one of three places; the letters at both ends hold neighbours’ bits.
        encoded = base64.b64encode(bytes(shift) + raw).decode().rstrip("=")
        inner = encoded[shift + 1 if shift else 0 : -1]
        if len(inner) >= 2 * _SHORTEST_HIDDEN:
            yield from (inner, inner.translate(_URL_SAFE))


_URL_SAFE = str.maketrans("+/", "-_")


class SecretKind(StrEnum):
    """Which of a profile's secrets is meant."""

    PASSWORD = "password"  # noqa: S105 - the name of a kind, not a password
    CLIENT_SECRET = "client-secret"  # noqa: S105
    CLIENT_CERTIFICATE = "client-certificate"
    """An application's private key with its certificate, as one PEM text."""


@dataclass(frozen=True)
class SecretRef:
    """Names a secret without holding it: whose it is and which one."""

    profile_id: str
    kind: SecretKind
