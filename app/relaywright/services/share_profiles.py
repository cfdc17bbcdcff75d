"""Hand profiles to a colleague in an encrypted file, and take profiles from one after looking at them.

What a bundle is and how it is sealed is sharing's; here it meets the profiles and secrets of this data folder.
"""

import datetime
import getpass
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import InputError
from relaywright.domain.profile import RelayProfile
from relaywright.domain.secret import Secret, SecretKind, SecretRef
from relaywright.exporting.writing import FileToWrite, write_all
from relaywright.services.app_credentials import AppCredentials
from relaywright.services.manage_profiles import Profiles, TakenOver
from relaywright.sharing.bundle import Bundle, SharedProfile, for_sharing
from relaywright.sharing.envelope import MAX_SEALED_BYTES, check_passphrase, open_sealed, seal
from relaywright.sharing.incoming import Choice, Incoming, compare, resolve
from relaywright.vault.vault import Vault

PRIVATE_MODE = 0o600

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SharedFile:
    """A bundle that was written."""

    path: Path
    size: int
    names: tuple[str, ...]
    secrets: int
    """How many secrets travel in it."""


@dataclass(frozen=True)
class OpenedBundle:
    """A bundle that was opened and held against the profiles here. Nothing was taken yet."""

    path: Path
    created: datetime.datetime
    creator: str
    incoming: tuple[Incoming, ...]

    @property
    def conflicts(self) -> tuple[Incoming, ...]:
        """The profiles that need a choice."""
        return tuple(item for item in self.incoming if item.in_the_way)


class Action(StrEnum):
    """What became of an incoming profile."""

    ADDED = "added"
    REPLACED = "replaced"
    RENAMED = "renamed"
    KEPT = "kept"
    """What was here stayed."""


@dataclass(frozen=True)
class Taken:
    """One incoming profile and what became of it."""

    name: str
    action: Action
    secret_for_session: bool = False
    """Its secret could not be kept in the keyring and is in this run's memory."""
    secret_removed: bool = False
    """It leads to another server now, so the secret or the sign-in that it had here was removed."""


class Sharing:
    """Bundles to and from colleagues. Sealing and opening take seconds on purpose (scrypt): run them in a job."""

    def __init__(self, profiles: Profiles, vault: Vault, applications: AppCredentials) -> None:
        self._profiles = profiles
        self._vault = vault
        self._applications = applications

    def share(
        self,
        profile_ids: Sequence[str],
        path: Path,
        passphrase: Secret,
        *,
        with_secrets: bool = False,
        overwrite: bool = False,
        cancel: CancelToken | None = None,
    ) -> SharedFile:
        """Write the profiles into an encrypted file, under exactly this name.

        Raises InputError (passphrase too short, file there already), Cancelled, KeyringUnavailable when secrets are
        wanted and cannot be read; nothing is written then.
        """
        check_passphrase(passphrase)
        shared = []
        for profile in (self._profiles.get(profile_id) for profile_id in dict.fromkeys(profile_ids)):
            secrets = self._secrets_of(profile) if with_secrets else {}
            shared.append(SharedProfile(for_sharing(profile), secrets))
        bundle = Bundle(tuple(shared), datetime.datetime.now(datetime.UTC), _own_name())
        (written,) = write_all(
            [FileToWrite(path.name, seal(bundle, passphrase, cancel), PRIVATE_MODE)], path.parent, overwrite=overwrite
        )
        count = sum(len(item.secrets) for item in shared)
        return SharedFile(written.path, written.size, tuple(item.profile.name for item in shared), count)

    def read(self, path: Path) -> bytes:
        """Return a bundle file’s bytes, still sealed. Raises InputError when it cannot be read or is too large."""
        try:
            with path.open("rb") as file:
                data = file.read(MAX_SEALED_BYTES + 1)
        except OSError as error:
            raise InputError(
                f"{path} cannot be read: {error.strerror or error}.", hint="Nothing was changed.", id="unreadable-file"
            ) from error
        if len(data) > MAX_SEALED_BYTES:
            raise InputError(f"{path} is too large to be a bundle of Relaywright.", id="file-too-large")
        return data

    def open(self, path: Path, passphrase: Secret, cancel: CancelToken | None = None) -> OpenedBundle:
        """Open a bundle and hold it against the profiles here; nothing is taken.

        Raises InputError (cannot be read, wrong passphrase), DamagedFile (damaged, or from a newer Relaywright),
        Cancelled.
        """
        bundle = open_sealed(self.read(path), passphrase, cancel)
        return OpenedBundle(path, bundle.created, bundle.creator, tuple(compare(bundle, self._profiles.list())))

    def take(self, opened: OpenedBundle, choices: Mapping[str, Choice]) -> list[Taken]:
        """Take the profiles over, all or none; ``choices`` by incoming profile id, KEEP where there is none.

        A secret that the keyring does not take stays in this run’s memory, and is told; so is a profile that lost its
        own because it leads to another server now. Raises InputError, KeyringUnavailable; nothing has changed then.
        """
        names = [profile.name for profile in self._profiles.list()]
        results: list[tuple[Incoming, RelayProfile | None]] = []
        for item in opened.incoming:
            profile = resolve(item, choices.get(item.profile.id, Choice.KEEP), names)
            results.append((item, profile))
            if profile is not None:
                names.append(profile.name)
        kept = [(item, profile) for item, profile in results if profile is not None]
        outcome = TakenOver(frozenset(), frozenset())
        if kept:
            secrets = {
                SecretRef(profile.id, kind): secret for item, profile in kept for kind, secret in item.secrets.items()
            }
            outcome = self._profiles.take_over([profile for _, profile in kept], secrets)
            for ref, secret in secrets.items():
                self._note(ref, secret)
        return [_taken(item, profile, outcome) for item, profile in results]

    def _note(self, ref: SecretRef, secret: Secret) -> None:
        """Say what a credential is; one that cannot be read is told when it is used."""
        try:
            self._applications.note(ref.profile_id, ref.kind, secret)
        except InputError as fault:
            _log.warning("A credential that was imported cannot be read: %s", fault.message)

    def _secrets_of(self, profile: RelayProfile) -> dict[SecretKind, Secret]:
        found = {kind: self._vault.get(SecretRef(profile.id, kind)) for kind in SecretKind}
        return {kind: secret for kind, secret in found.items() if secret is not None}


def _taken(item: Incoming, profile: RelayProfile | None, outcome: TakenOver) -> Taken:
    if profile is None:
        return Taken(item.profile.name, Action.KEPT)
    action = Action.RENAMED if profile.name != item.profile.name else Action.ADDED
    if item.existing is not None and profile.id == item.existing.id:
        action = Action.REPLACED
    return Taken(profile.name, action, profile.id in outcome.for_session, profile.id in outcome.without_secret)


def _own_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container’s user may have no name
        return ""
