"""What an access token says of itself, read on this machine and believed in nothing: no signature is checked.

The mail server decides; this is for seeing why it might say no. Holding them against a profile is token_lens.py's.
Form: JSON Web Token in compact serialization (RFC 7519, RFC 7515); claims: Microsoft, "Access token claims reference".
"""

import base64
import binascii
import datetime
import json
import re
from dataclasses import dataclass
from typing import Any

from relaywright.domain.errors import InputError
from relaywright.domain.secret import Secret

MAX_TOKEN_CHARS = 64 * 1024
_MAX_ITEMS = 100
_LAST_SECOND = 253_402_300_799  # the end of the year 9999
_PART = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Claims:
    """A token's claims as far as sending mail needs them. All texts are untrusted: on one line, and bounded."""

    audiences: tuple[str, ...]
    """``aud``: for which resource the token is; usually one."""
    scopes: tuple[str, ...]
    """``scp``: what a person let the application do."""
    roles: tuple[str, ...]
    """``roles``: what the application may do by itself."""
    tenant: str
    """``tid``."""
    username: str
    """``upn``, ``preferred_username`` or ``unique_name``: who signed in; empty for an application."""
    application: str
    """``appid`` (v1 tokens) or ``azp`` (v2)."""
    issuer: str
    """``iss``."""
    issued_at: datetime.datetime | None
    """``iat``, in UTC."""
    valid_from: datetime.datetime | None
    """``nbf``, in UTC."""
    expires_at: datetime.datetime | None
    """``exp``, in UTC."""
    is_application: bool
    """Whether it is an application's own (``idtyp`` is ``app``, or roles without scopes and without a person)."""


def read_claims(token: Secret) -> Claims:
    """Decode a token's claims. Raises InputError (``token-unreadable``), whose text holds nothing of the token."""
    claims = _payload(token.reveal())
    scopes, roles = _words(claims.get("scp")), _words(claims.get("roles"))
    username = next(
        filter(None, (_text(claims.get(name)) for name in ("upn", "preferred_username", "unique_name"))), ""
    )
    kind = _text(claims.get("idtyp"))
    return Claims(
        audiences=_texts(claims.get("aud")),
        scopes=scopes,
        roles=roles,
        tenant=_text(claims.get("tid")),
        username=username,
        application=_text(claims.get("appid")) or _text(claims.get("azp")),
        issuer=_text(claims.get("iss")),
        issued_at=_moment(claims.get("iat")),
        valid_from=_moment(claims.get("nbf")),
        expires_at=_moment(claims.get("exp")),
        is_application=kind == "app" or (not kind and not scopes and not username and bool(roles)),
    )


def _payload(untrusted_token: str) -> dict[str, Any]:
    parts = untrusted_token.split(".") if len(untrusted_token) <= MAX_TOKEN_CHARS else []
    if len(parts) == 5:
        raise _unreadable("It is encrypted for the server (JWE), and only the server can read it.")
    if len(parts) != 3:
        raise _unreadable("It is opaque: not a JSON Web Token, and only the server knows what it stands for.")
    header, payload = _object(parts[0]), _object(parts[1])
    if header is None or payload is None:
        raise _unreadable("It looks like a JSON Web Token, but its parts hold no JSON.")
    return payload


def _object(untrusted_part: str) -> dict[str, Any] | None:
    if not _PART.fullmatch(untrusted_part):
        return None
    try:
        decoded = json.loads(base64.urlsafe_b64decode(untrusted_part + "=" * (-len(untrusted_part) % 4)))
    except (binascii.Error, ValueError, RecursionError):  # nested too deep, numbers too long, not UTF-8
        return None
    return decoded if isinstance(decoded, dict) else None


def _unreadable(why: str) -> InputError:
    return InputError(
        f"The token cannot be read here. {why}",
        hint="That need not be a fault: try it at the server. Microsoft’s tokens for mail can usually be read.",
        id="token-unreadable",
    )


def _text(untrusted_value: object) -> str:
    from relaywright.identity.refusals import clean

    return clean(untrusted_value) if isinstance(untrusted_value, str) else ""


def _texts(untrusted_value: object) -> tuple[str, ...]:
    values = untrusted_value if isinstance(untrusted_value, list) else [untrusted_value]
    return tuple(filter(None, (_text(value) for value in values[:_MAX_ITEMS])))


def _words(untrusted_value: object) -> tuple[str, ...]:
    """Return a list's texts, or the words of a text with spaces (RFC 8693 section 4.2 for ``scp``)."""
    if isinstance(untrusted_value, str):
        return _texts(untrusted_value[:MAX_TOKEN_CHARS].split())
    return _texts(untrusted_value)


def _moment(untrusted_value: object) -> datetime.datetime | None:
    """Return a NumericDate (RFC 7519 section 2); None for what is none or lies outside the calendar."""
    if isinstance(untrusted_value, bool) or not isinstance(untrusted_value, int | float):
        return None
    if not 0 <= untrusted_value <= _LAST_SECOND:  # also false for NaN
        return None
    return datetime.datetime.fromtimestamp(int(untrusted_value), datetime.UTC)
