"""What a bundle would change here, and what each choice comes to. Pure: nothing is stored or asked.

The caller (services) stores what :func:`resolve` returns, and the secrets that came with it.
"""

import dataclasses
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from relaywright.domain.profile import FIELDS, MAX_NAME_LENGTH, RelayProfile, name_key
from relaywright.domain.secret import Secret, SecretKind
from relaywright.sharing.bundle import Bundle, keep_local


class Conflict(StrEnum):
    """How an incoming profile meets those that are here."""

    NONE = "none"
    SAME = "same"
    """It is here already, equal in everything that is shared."""
    CHANGED = "changed"
    """It is here (the same id), with other values."""
    NAME = "name"
    """Another profile here has its name."""


class Choice(StrEnum):
    """What to do with a profile that meets one here."""

    KEEP = "keep"
    """Leave what is here."""
    REPLACE = "replace"
    """Take the incoming values over into the profile that is here."""
    RENAME = "rename"
    """Have both: the incoming one gets a free name."""


@dataclass(frozen=True)
class Difference:
    """One field whose values are not the same. ``label`` is for people, ``field`` the contract's name."""

    field: str
    label: str
    here: str
    incoming: str


@dataclass(frozen=True)
class Incoming:
    """One profile of a bundle, held against those that are here."""

    profile: RelayProfile
    conflict: Conflict
    existing: RelayProfile | None = None
    """The profile here that it meets."""
    changes: tuple[Difference, ...] = ()
    secrets: Mapping[SecretKind, Secret] = dataclasses.field(default_factory=dict)

    @property
    def differences(self) -> tuple[str, ...]:
        """The names of the fields that differ from the profile here."""
        return tuple(change.field for change in self.changes)

    @property
    def in_the_way(self) -> bool:
        """Whether a choice is needed: something else is here already."""
        return self.conflict in {Conflict.CHANGED, Conflict.NAME}


def compare(bundle: Bundle, existing: Iterable[RelayProfile]) -> list[Incoming]:
    """Hold every profile of the bundle against those that are here, in the bundle's order."""
    here = list(existing)
    by_id = {profile.id: profile for profile in here}
    by_name = {name_key(profile.name): profile for profile in here}
    result = []
    for shared in bundle.profiles:
        profile = shared.profile
        met = by_id.get(profile.id) or by_name.get(name_key(profile.name))
        changes = _changes(met, profile) if met else ()
        conflict = Conflict.NONE
        if met is not None:
            other = Conflict.CHANGED if met.id == profile.id else Conflict.NAME
            conflict = other if changes else Conflict.SAME
        result.append(Incoming(profile, conflict, met, changes, shared.secrets))
    return result


def resolve(incoming: Incoming, choice: Choice, taken_names: Collection[str]) -> RelayProfile | None:
    """Return the profile to store, or None when what is here stays.

    ``taken_names`` are the names of the profiles here and of those already taken over. A returned profile with the id
    of ``incoming.existing`` replaces it and keeps what is never shared (the CA file); its name gives way when a third
    profile has it.
    """
    existing = incoming.existing
    if existing is None:
        return dataclasses.replace(incoming.profile, name=free_name(incoming.profile.name, taken_names))
    if choice is Choice.KEEP or (choice is Choice.REPLACE and incoming.conflict is Conflict.SAME):
        return None
    if choice is Choice.REPLACE:
        others = [name for name in taken_names if name_key(name) != name_key(existing.name)]
        name = free_name(incoming.profile.name, others)
        return dataclasses.replace(keep_local(incoming.profile, existing), id=existing.id, name=name)
    name = free_name(incoming.profile.name, taken_names)
    own_id = uuid.uuid4().hex if existing.id == incoming.profile.id else incoming.profile.id
    return dataclasses.replace(incoming.profile, id=own_id, name=name)


def free_name(name: str, taken_names: Collection[str]) -> str:
    """Return the name, or ``name (2)``, ``name (3)`` … that nobody has, upper and lower case being the same."""
    taken = {name_key(taken_name) for taken_name in taken_names}
    candidate, number = name, 1
    while name_key(candidate) in taken:
        number += 1
        ending = f" ({number})"
        candidate = name[: MAX_NAME_LENGTH - len(ending)].rstrip() + ending
    return candidate


def _changes(here: RelayProfile, incoming: RelayProfile) -> tuple[Difference, ...]:
    return tuple(
        Difference(item.name, item.label, item.text_of(here), item.text_of(incoming))
        for item in FIELDS
        if item.shareable and item.value_of(here) != item.value_of(incoming)
    )
