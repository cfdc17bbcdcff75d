"""Secrets as a type: a value that never prints, pickles or compares in the clear by accident."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

MASK = "••••••••"


class Secret:
    """A password, client secret or token. Only :meth:`reveal` gives the value, and each call of it is greppable."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

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


class SecretKind(StrEnum):
    """Which of a profile's secrets is meant."""

    PASSWORD = "password"  # noqa: S105 - the name of a kind, not a password
    CLIENT_SECRET = "client-secret"  # noqa: S105


@dataclass(frozen=True)
class SecretRef:
    """Names a secret without holding it: whose it is and which one."""

    profile_id: str
    kind: SecretKind
