"""Secrets that are too long for a keyring, all in one sealed file: an application's private keys.

Windows Credential Manager takes 1,280 characters, a private key with its certificate has 3,000 and more. The file is
sealed under the key that the keyring keeps (sealed_file.py); which secrets go here is vault.py's to say.
"""

import json
from collections.abc import Callable

from relaywright.domain.errors import RelaywrightError
from relaywright.domain.secret import Secret, SecretRef
from relaywright.vault.sealed_file import SealedFile


class LongSecrets:
    """Reads and writes the file. Each call may block on the keyring's unlock prompt, and raises as noted."""

    def __init__(self, file: SealedFile) -> None:
        self._file = file

    def get(self, ref: SecretRef) -> Secret | None:
        """Return a secret; None when there is none. Raises KeyringUnavailable, DamagedFile (``newer-file``)."""
        try:
            value = _entries(self._file.load()).get(_name(ref))
        except OSError as fault:
            raise _not_on_disk("could not be read", fault) from None
        return None if value is None else Secret(value)

    def put(self, ref: SecretRef, secret: Secret) -> None:
        """Store a secret. Raises KeyringUnavailable, RelaywrightError (full disk, newer file): as before then."""
        self._update(lambda entries: {**entries, _name(ref): secret.reveal()})

    def drop(self, ref: SecretRef) -> bool:
        """Remove a secret; says whether there was one. Raises as :meth:`put`."""
        if not self._file.path.exists() or self.get(ref) is None:
            return False
        self._update(lambda entries: {name: value for name, value in entries.items() if name != _name(ref)})
        return True

    def _update(self, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
        def changed(stored: bytes | None, _session: bytes | None) -> bytes:
            return json.dumps(change(_entries(stored))).encode()

        try:
            if self._file.update(changed):
                return
        except OSError as fault:
            self._file.forget_session()
            raise _not_on_disk("could not be stored", fault) from None
        # Half a success is none here: what is to be kept for this run is for the person to say.
        problem = self._file.problem
        self._file.forget_session()
        raise problem or RelaywrightError("The secret could not be stored.", id="secret-file")


def _name(ref: SecretRef) -> str:
    return f"{ref.profile_id}/{ref.kind.value}"


def _entries(data: bytes | None) -> dict[str, str]:
    """Read the file's content; what this program never wrote counts as empty."""
    try:
        entries = json.loads(data or b"{}")
    except ValueError:
        return {}
    if not isinstance(entries, dict):
        return {}
    return {str(name): value for name, value in entries.items() if isinstance(value, str)}


def _not_on_disk(what: str, fault: OSError) -> RelaywrightError:
    return RelaywrightError(
        f"The secret {what}: {fault.strerror or type(fault).__name__}.",
        hint="Check the free space and the permissions of Relaywright’s data folder, then try again.",
        id="secret-file",
    )
