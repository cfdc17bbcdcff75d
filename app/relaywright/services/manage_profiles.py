"""Keep relay profiles: list, search, add, change, copy, rename, remove, and take the last step back.

A removed profile's secret goes with it; until the program ends, undo brings both back. Secrets themselves are the
credentials service's.
"""

import dataclasses
import datetime
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from relaywright.catalog.catalog import Catalog
from relaywright.domain.address import domain_of, has_control
from relaywright.domain.errors import InputError, RelaywrightError, UnknownProfile
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Method, RelayProfile, name_key, new_id, parse_field, with_fields
from relaywright.domain.profile_rules import faults
from relaywright.domain.secret import Secret, SecretKind, SecretRef
from relaywright.store.store import Store

MAX_UNDO_STEPS = 50
CA_FILE_MISSING = "ca-file-missing"

_log = logging.getLogger(__name__)


class SecretKeeper(Protocol):
    """What this service needs of the vault: to take a secret away with its profile, and to put it back."""

    def get(self, ref: SecretRef) -> Secret | None: ...
    def put(self, ref: SecretRef, secret: Secret) -> None: ...
    def drop(self, ref: SecretRef) -> bool: ...
    def keep_for_session(self, ref: SecretRef, secret: Secret) -> None: ...
    def kept_for_session(self, ref: SecretRef) -> bool: ...


# The service's own ``list`` hides the type of that name inside the class.
_Findings = list[Finding]
_TakenSecrets = list[tuple[SecretRef, Secret, bool]]
"""A secret, and whether it was kept for this run only."""


@dataclasses.dataclass(frozen=True)
class _Step:
    """One change and how it is taken back."""

    description: str
    take_back: Callable[[], None]


@dataclasses.dataclass(frozen=True)
class TakenOver:
    """What became of the secrets when profiles were taken over, as ids of profiles."""

    for_session: frozenset[str]
    """Whose secret the keyring did not take: it is in this run’s memory."""
    without_secret: frozenset[str]
    """Whose secret or sign-in here was removed, because the profile now leads to another server."""


class Profiles:
    """The relay profiles of one data folder."""

    def __init__(self, store: Store, vault: SecretKeeper, catalog: Catalog) -> None:
        self._store = store
        self._vault = vault
        self._catalog = catalog
        self._steps: list[_Step] = []

    def list(self, search: str = "") -> list[RelayProfile]:
        """Return the profiles that hold every word of the search somewhere, by folder and name."""
        profiles = self._store.profiles()
        words = search.casefold().split()
        return [profile for profile in profiles if matches(profile, words)] if words else profiles

    def get(self, profile_id: str) -> RelayProfile:
        """Return a profile by its id. Raises UnknownProfile."""
        profile = self._store.profile(profile_id)
        if profile is None:
            raise UnknownProfile("This profile is not there any more.", hint="Somebody removed it meanwhile.")
        return profile

    def by_name(self, name: str) -> RelayProfile:
        """Return a profile by its name, whatever its case. Raises UnknownProfile, naming those that come near."""
        profile = None if has_control(name) else self._store.profile_named(name)
        if profile is None:
            import difflib

            near = difflib.get_close_matches(name, [item.name for item in self._store.profiles()], n=3, cutoff=0.5)
            hint = f"Did you mean {' or '.join(f'“{item}”' for item in near)}?" if near else "“profile list” shows all."
            raise UnknownProfile(f"There is no profile named “{name}”.", hint=hint)
        return profile

    def draft(self, name: str, texts: Mapping[str, str]) -> RelayProfile:
        """Return a new profile, not yet kept: the method's defaults, then these fields. Raises FieldError."""
        method = Method(parse_field("method", texts.get("method", Method.CLIENT_SUBMISSION)))
        cloud = str(parse_field("cloud", texts.get("cloud", "worldwide")))
        self._catalog.cloud(cloud)
        defaults = self._catalog.new_profile_texts(method, cloud)
        profile = with_fields(RelayProfile(name="-"), {**defaults, **texts, "name": name})
        if "username" in texts and "from" not in texts and "@" in profile.username:
            profile = with_fields(profile, {"from": profile.username})
        return profile

    def change(self, profile: RelayProfile, texts: Mapping[str, str]) -> RelayProfile:
        """Return the profile with these fields changed, not yet kept. Raises FieldError or InputError."""
        changed = with_fields(profile, texts)
        if changed.cloud != profile.cloud:  # one that is described elsewhere may stay while other fields are edited
            self._catalog.cloud(changed.cloud)
        return changed

    def add(self, *profiles: RelayProfile) -> None:
        """Keep new profiles, all or none. Raises InputError when a name is taken."""
        self._store.save(*profiles)
        names = ", ".join(f"“{profile.name}”" for profile in profiles)

        def take_back() -> None:
            for profile in profiles:
                self._store.delete(profile.id)
                self._drop_secrets(profile.id)

        self._remember(f"adding {names}", take_back)

    def take_over(self, profiles: Sequence[RelayProfile], secrets: Mapping[SecretRef, Secret]) -> TakenOver:
        """Keep profiles that came from elsewhere, new ones and changed ones, with their secrets, as one step.

        A profile that would now lead to another server loses the secret and the sign-in that it had here: whoever made
        the file chose that server, and must not be sent them. A secret that the keyring does not take stays in this
        run’s memory. Raises InputError, and KeyringUnavailable when a secret that must go cannot be removed; nothing
        has changed then.
        """
        before = {profile.id: self._store.profile(profile.id) for profile in profiles}
        led_away = {
            item.id for item in profiles if (was := before[item.id]) and _destination(was) != _destination(item)
        }
        sign_ins = [record for profile_id in led_away if (record := self._store.sign_in(profile_id))]
        credentials = [known for profile_id in before if (known := self._store.credential(profile_id))]
        replaced = {ref.profile_id for ref in secrets if before.get(ref.profile_id)}
        taken = [item for profile_id in led_away for item in self._take_secrets(profile_id, must_know=True)]
        taken += [item for profile_id in replaced - led_away for item in self._take_secrets(profile_id)]
        try:
            for ref, _, _ in taken:
                if ref.profile_id in led_away:
                    self._vault.drop(ref)
            self._store.save(*profiles)
        except RelaywrightError:
            self._put_back(taken)
            raise
        for record in sign_ins:
            self._store.forget_sign_in(record.profile_id)
        for profile_id in led_away | replaced:
            self._store.forget_credential(profile_id)
        for_session = frozenset(ref.profile_id for ref, secret in secrets.items() if not self._put(ref, secret))

        def take_back() -> None:
            for profile_id, was in before.items():
                if was is None:
                    self._store.delete(profile_id)
                else:
                    self._store.save(was)
                    self._store.forget_credential(profile_id)  # what came in is noted after this step
            for ref in secrets:
                self._drop_secret(ref)
            self._put_back(taken)
            for record in sign_ins:
                self._store.remember_sign_in(record)
            for known in credentials:
                self._store.remember_credential(known)

        self._remember(f"importing {len(profiles)} profile{'s' * (len(profiles) != 1)}", take_back)
        lost = {ref.profile_id for ref, _, _ in taken} | {record.profile_id for record in sign_ins}
        return TakenOver(for_session, frozenset(lost & led_away) - {ref.profile_id for ref in secrets})

    def update(self, profile: RelayProfile) -> None:
        """Keep a changed profile. Raises UnknownProfile, or InputError when the name is taken."""
        before = self.get(profile.id)
        if before != profile:
            self._store.save(profile)
            self._remember(f"the change of “{before.name}”", lambda: self._store.save(before))

    def copy(self, profile_id: str, new_name: str) -> RelayProfile:
        """Keep a copy under a new name, without secret, sign-in and history, and return it."""
        source = self.get(profile_id)
        copy = with_fields(dataclasses.replace(source, id=new_id()), {"name": new_name})
        self.add(copy)
        return copy

    def rename(self, profile_id: str, new_name: str) -> RelayProfile:
        """Give a profile another name and return it."""
        renamed = with_fields(self.get(profile_id), {"name": new_name})
        self.update(renamed)
        return renamed

    def remove(self, profile_id: str) -> None:
        """Remove a profile with its history, sign-in and secret. May wait for the keyring."""
        profile = self.get(profile_id)
        runs = self._store.runs(profile_id)
        sign_in, credential = self._store.sign_in(profile_id), self._store.credential(profile_id)
        secrets = self._take_secrets(profile_id)
        self._store.delete(profile_id)
        self._drop_secrets(profile_id)

        def bring_back() -> None:
            self._store.save(profile)
            for run in reversed(runs):
                self._store.record(run)
            if sign_in is not None:
                self._store.remember_sign_in(sign_in)
            if credential is not None:
                self._store.remember_credential(credential)
            self._put_back(secrets)

        self._remember(f"removing “{profile.name}”", bring_back)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._steps)

    def undo(self) -> str | None:
        """Take the last change back and say which it was; None when there is none. May wait for the keyring."""
        if not self._steps:
            return None
        step = self._steps[-1]
        step.take_back()
        self._steps.pop()
        return step.description

    def faults(self, profile: RelayProfile) -> _Findings:
        """Return what is wrong or doubtful about a profile's fields, and what ends for its method, and when."""
        found = faults(profile)
        if profile.cloud not in self._catalog.clouds:
            found.append(
                Finding(
                    "unknown-cloud",
                    Level.ERROR,
                    f"There is no cloud “{profile.cloud}”",
                    steps=("Choose another cloud, or describe this one in clouds.toml in the data folder.",),
                    field="cloud",
                )
            )
        if profile.ca_file and not _is_file(profile.ca_file):
            found.append(
                Finding(
                    CA_FILE_MISSING,
                    Level.ERROR,
                    "The CA file is not there",
                    f"{profile.ca_file} cannot be read as a file.",
                    ("Choose the file again, or leave the field empty to trust what the system trusts.",),
                    "ca_file",
                )
            )
        return [*found, *self._catalog.notices(profile, datetime.datetime.now(datetime.UTC).date())]

    def free_name(self, wanted: str) -> str:
        """Return the wanted name, or with a number behind it when it is taken."""
        taken = {name_key(profile.name) for profile in self._store.profiles()}
        if name_key(wanted) not in taken:
            return wanted
        number = 2
        while name_key(f"{wanted} {number}") in taken:
            number += 1
        return f"{wanted} {number}"

    def _remember(self, description: str, take_back: Callable[[], None]) -> None:
        self._steps.append(_Step(description, take_back))
        del self._steps[:-MAX_UNDO_STEPS]

    def _take_secrets(self, profile_id: str, *, must_know: bool = False) -> _TakenSecrets:
        """Return a profile’s secrets. ``must_know`` raises KeyringUnavailable where the keyring cannot say."""
        taken: _TakenSecrets = []
        for kind in SecretKind:
            ref = SecretRef(profile_id, kind)
            try:
                secret = self._vault.get(ref)
            except RelaywrightError:  # the keyring cannot say, or the file of long secrets comes from the future
                if must_know:
                    raise
                continue  # what cannot be read cannot be brought back; the removal itself must not fail for it
            if secret is not None:
                taken.append((ref, secret, self._vault.kept_for_session(ref)))
        return taken

    def _drop_secrets(self, profile_id: str) -> None:
        for kind in SecretKind:
            self._drop_secret(SecretRef(profile_id, kind))

    def _drop_secret(self, ref: SecretRef) -> None:
        try:
            self._vault.drop(ref)
        except RelaywrightError as error:
            _log.warning("A secret of a removed profile stays where it was kept: %s", error.message)

    def _put_back(self, taken: _TakenSecrets) -> None:
        for ref, secret, for_session in taken:
            (self._vault.keep_for_session if for_session else self._vault.put)(ref, secret)

    def _put(self, ref: SecretRef, secret: Secret) -> bool:
        """Store a secret; without a usable keyring keep it for this run, and return False."""
        try:
            self._vault.put(ref, secret)
        except RelaywrightError:
            self._vault.keep_for_session(ref, secret)
            return False
        return True


def _destination(profile: RelayProfile) -> tuple[object, ...]:
    """Return what decides which server gets the secret."""
    domain = "" if profile.host else domain_of(profile.sender)
    return profile.cloud, profile.host, domain, profile.port, profile.auth


def matches(profile: RelayProfile, words: list[str]) -> bool:
    """Tell whether every word (case-folded) stands somewhere in what people know a profile by."""
    haystack = "\n".join(
        (
            profile.name,
            profile.folder,
            *profile.tags,
            profile.host,
            profile.username,
            profile.sender,
            profile.method,
            profile.cloud,
            profile.recipient,
        )
    ).casefold()
    return all(word in haystack for word in words)


def _is_file(path: str) -> bool:
    try:
        return Path(path).is_file()
    except OSError:  # a name too long for the disk, a folder that may not be looked into
        return False


def require_sound(findings: list[Finding]) -> None:
    """Raise InputError for the first finding that keeps a test from running."""
    for finding in findings:
        if finding.level is Level.ERROR:
            raise InputError(
                f"{finding.field}: {finding.title}." if finding.field else f"{finding.title}.",
                hint=" ".join(finding.steps) or finding.detail,
                id=finding.id,
            )
