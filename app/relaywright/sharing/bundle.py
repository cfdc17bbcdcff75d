"""A bundle of profiles for a colleague: what goes in, what never does, and reading one that may be hostile or newer.

The text is JSON and is only ever kept sealed (envelope.py). Nothing in a bundle is believed: every field is read by the
same rules as one that was typed. What to do with profiles that are here already is said by incoming.py.
"""

import dataclasses
import datetime
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from relaywright.domain.address import has_control
from relaywright.domain.errors import DamagedFile, FieldError, InputError
from relaywright.domain.profile import FIELDS, RelayProfile, name_key, with_fields
from relaywright.domain.secret import Secret, SecretKind

FORMAT = "relaywright-bundle"
VERSION = 2
MAX_PROFILES = 1_000
MAX_TEXT_BYTES = 5_000_000
MAX_SECRET_LENGTH = 32_768
"""A private key of 4,096 bits with its certificates has some 6,000 letters."""
MAX_CREATOR_LENGTH = 120

_SHAREABLE = tuple(item for item in FIELDS if item.shareable)
_LOCAL_ATTRIBUTES = tuple(item.attribute for item in FIELDS if not item.shareable)
_PROFILE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: lambda document: document,  # had neither the account of a shared mailbox nor certificates: both may be missing
}
"""For each older version the step to the next one."""


@dataclass(frozen=True)
class SharedProfile:
    """One profile as it travels, with the secrets that were expressly added."""

    profile: RelayProfile
    secrets: Mapping[SecretKind, Secret] = field(default_factory=dict)


@dataclass(frozen=True)
class Bundle:
    """What one file holds."""

    profiles: tuple[SharedProfile, ...]
    created: datetime.datetime
    creator: str = ""
    """Who made it, in their own words; proves nothing."""

    @property
    def has_secrets(self) -> bool:
        """Whether any secret travels in it."""
        return any(shared.secrets for shared in self.profiles)


def for_sharing(profile: RelayProfile) -> RelayProfile:
    """Return the profile without what belongs to this machine. Its id stays: by it a known profile is recognised."""
    return keep_local(profile, RelayProfile(name=profile.name))


def keep_local(profile: RelayProfile, local: RelayProfile) -> RelayProfile:
    """Return the profile with the fields that are never shared taken from ``local``."""
    return dataclasses.replace(profile, **{name: getattr(local, name) for name in _LOCAL_ATTRIBUTES})


def write_bundle(bundle: Bundle) -> bytes:
    """Return the bundle's text, secrets in the clear: for sealing at once, never for a file.

    Raises InputError for an empty bundle or one above :data:`MAX_PROFILES` or :data:`MAX_TEXT_BYTES`.
    """
    if not 1 <= len(bundle.profiles) <= MAX_PROFILES:
        raise InputError(f"A bundle holds 1 to {MAX_PROFILES} profiles, not {len(bundle.profiles)}.", id="bundle-size")
    document = {
        "format": FORMAT,
        "version": VERSION,
        "created": bundle.created.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        "creator": bundle.creator,
        "profiles": [
            {
                "id": shared.profile.id,
                "fields": {item.name: item.text_of(shared.profile) for item in _SHAREABLE},
                "secrets": {kind.value: secret.reveal() for kind, secret in shared.secrets.items()},
            }
            for shared in bundle.profiles
        ],
    }
    text = json.dumps(document, ensure_ascii=False, indent=1).encode()
    if len(text) > MAX_TEXT_BYTES:
        raise InputError(
            f"The bundle is bigger than {MAX_TEXT_BYTES // 1_000_000} MB.",
            hint="Share fewer profiles, or shorten their notes.",
            id="bundle-size",
        )
    return text


def read_bundle(text: bytes) -> Bundle:
    """Return the bundle in a text of :func:`write_bundle`, also of an older version.

    Raises DamagedFile (``newer-file`` for one of a newer Relaywright) and repeats no secret in it.
    """
    if len(text) > MAX_TEXT_BYTES:
        raise _damaged("it is too big")
    try:
        document = _dict(json.loads(text, parse_constant=_no_constant), "the bundle")
    except (ValueError, RecursionError):
        raise _damaged("it is no JSON text") from None
    return _bundle(_upgraded(document))


def _upgraded(document: dict[str, Any]) -> dict[str, Any]:
    if document.get("format") != FORMAT:
        raise _damaged("it is something else")
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise _damaged("its version is no number")
    if version > VERSION:
        raise DamagedFile(
            f"This bundle comes from a newer Relaywright (format {version}; this one reads up to {VERSION}).",
            hint="Update Relaywright, or ask for the profiles from an older one.",
            id="newer-file",
        )
    for step in range(version, VERSION):
        document = _UPGRADES[step](document)
    return document


def _bundle(document: dict[str, Any]) -> Bundle:
    _only(document, {"format", "version", "created", "creator", "profiles"}, "the bundle")
    rows = document.get("profiles")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MAX_PROFILES:
        raise _damaged(f"it must hold 1 to {MAX_PROFILES} profiles")
    profiles = tuple(_shared(row, f"profile {number}") for number, row in enumerate(rows, 1))
    for what, values in (
        ("id", [shared.profile.id for shared in profiles]),
        ("name", [name_key(shared.profile.name) for shared in profiles]),
    ):
        if len(set(values)) != len(values):
            raise _damaged(f"two profiles have the same {what}")
    return Bundle(profiles, _moment(document.get("created")), _creator(document.get("creator")))


def _shared(row: object, where: str) -> SharedProfile:
    values = _dict(row, where)
    _only(values, {"id", "fields", "secrets"}, where)
    profile_id = _text(values.get("id"), f"{where}: id")
    if not _PROFILE_ID.fullmatch(profile_id):
        raise _damaged(f"{where} has an id that cannot be one")
    texts = _dict(values.get("fields"), f"{where}: fields")
    _only(texts, {item.name for item in _SHAREABLE}, f"{where}: fields")
    if "name" not in texts:
        raise _damaged(f"{where} has no name")
    try:
        profile = with_fields(
            RelayProfile(name="-", id=profile_id),
            {name: _text(text, f"{where}: {name}") for name, text in texts.items()},
        )
    except FieldError as error:
        raise _damaged(f"{where}, {error.message}") from None
    return SharedProfile(profile, _secrets(values.get("secrets", {}), where))


def _secrets(values: object, where: str) -> dict[SecretKind, Secret]:
    secrets = {}
    for kind, value in _dict(values, f"{where}: secrets").items():
        if kind not in set(SecretKind):
            raise _damaged(f"{where} has a secret of an unknown kind")
        if not isinstance(value, str) or not 1 <= len(value) <= MAX_SECRET_LENGTH:
            raise _damaged(f"{where} has a secret that cannot be one")
        secrets[SecretKind(kind)] = Secret(value)
    return secrets


def _moment(value: object) -> datetime.datetime:
    try:
        moment = datetime.datetime.fromisoformat(_text(value, "created"))
        return moment.astimezone(datetime.UTC) if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    except (ValueError, OverflowError):
        raise _damaged("its date is none") from None


def _creator(value: object) -> str:
    creator = _text(value, "creator")
    if len(creator) > MAX_CREATOR_LENGTH or has_control(creator):
        raise _damaged("its creator’s name is too long or has a control character")
    return creator


def _dict(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _damaged(f"{where} is no table")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise _damaged(f"{where} is no text")
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell
        raise _damaged(f"{where} is no text") from None
    return value


def _only(values: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(values) - known)
    if unknown:
        raise _damaged(f"{where} has an unknown field “{ascii(unknown[0][:40])[1:-1]}”")


def _no_constant(name: str) -> float:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _damaged(why: str) -> DamagedFile:
    return DamagedFile(
        f"This is no bundle that Relaywright can read: {why}.", hint="Ask for the file once more.", id="damaged-file"
    )
