"""The secrets of profiles, kept in the operating system's keyring or, when told so, in memory for this run.

Choosing and naming the keyring is keyring_backend.py's, its refusals are keyring_failures.py's, secrets too long for a
keyring long_secrets.py's, files under a key of the keyring sealed_file.py's. Every call may block for as long as the
keyring's own unlock prompt is open (measured: no time limit), so callers run them in a job, never on the window's
thread; ``state`` alone never asks a person.
"""

import base64
import binascii
import os
import threading
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from relaywright.domain.errors import KeyringUnavailable
from relaywright.domain.secret import Secret, SecretKind, SecretRef
from relaywright.vault import keyring_backend
from relaywright.vault.keyring_failures import KeyringTrouble, from_exception, hint_for, unavailable
from relaywright.vault.long_secrets import LongSecrets
from relaywright.vault.sealed_file import SealedFile, SealedWhat

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

MAX_WINDOWS_UTF16_UNITS = 1280
"""CRED_MAX_CREDENTIAL_BLOB_SIZE is 5 * 512 bytes (wincred.h), and keyring writes UTF-16."""

_KEY_USER = "token-key-v1"
_KEY_BYTES = 32
LONG_SECRETS_FILE = "keys.bin"
_LONG = {SecretKind.CLIENT_CERTIFICATE}


class KeyringStateKind(StrEnum):
    """Whether the keyring can be used."""

    READY = "ready"
    LOCKED = "locked"
    """Using it will ask the person to unlock it, or to set it up."""
    ABSENT = "absent"


@dataclass(frozen=True)
class KeyringState:
    """The keyring as the status bar tells it. ``detail`` and ``hint`` are empty when it is ready."""

    kind: KeyringStateKind
    backend: str
    """“GNOME Keyring / Secret Service”, “Windows Credential Manager” …; empty when absent."""
    detail: str = ""
    hint: str = ""


class Vault:
    """Reads and writes secrets. Safe to use from several threads.

    An entry's service is ``relaywright/PROFILE_ID`` and its user the kind of secret: Windows Credential Manager has
    one target per service. ``installation_id`` sets this data folder's sealed files apart from another's; a secret too
    long for a keyring lies sealed in ``folder``.
    """

    def __init__(self, installation_id: str, folder: Path) -> None:
        self._lock = threading.RLock()
        self._backend: KeyringBackend | None = None
        self._session: dict[SecretRef, Secret] = {}
        self._sealing_key = _SealingKey(self, installation_id)
        self._sealed_files: dict[Path, SealedFile] = {}
        what = SealedWhat("private keys", "Choose the certificates of your applications again.")
        self._long = LongSecrets(self.sealed_file(folder / LONG_SECRETS_FILE, what))

    def state(self) -> KeyringState:
        """Tell whether the keyring can be used now, without asking a person for anything."""
        try:
            backend = self._keyring()
            is_locked = keyring_backend.lock_state(backend)
        except KeyringUnavailable as fault:
            with self._lock:
                self._backend = None  # a keyring that is started later is found then
            return KeyringState(KeyringStateKind.ABSENT, "", fault.message, fault.hint)
        name = keyring_backend.readable_name(backend)
        if is_locked:
            detail = f"{name} is locked. It asks to be unlocked when a secret is needed."
            return KeyringState(KeyringStateKind.LOCKED, name, detail, hint_for(KeyringTrouble.LOCKED))
        return KeyringState(KeyringStateKind.READY, name)

    def get(self, ref: SecretRef) -> Secret | None:
        """Return a secret, the copy kept for this run first; None when there is none. Raises KeyringUnavailable."""
        with self._lock:
            kept = self._session.get(ref)
        if kept is not None:
            return kept
        if ref.kind in _LONG:
            return self._long.get(ref)
        value = self._read(_service(ref), ref.kind.value)
        return None if value is None else Secret(value)

    def put(self, ref: SecretRef, secret: Secret) -> None:
        """Store a secret in the keyring, in place of the one before and of a copy kept for this run.

        Raises KeyringUnavailable: ``keyring-full`` also for a secret longer than Windows takes, before it is sent.
        """
        if ref.kind in _LONG:
            self._sealing_key.make()  # without a keyring it is refused before anything else is done
            self._long.put(ref, secret)
        else:
            self._write(_service(ref), ref.kind.value, secret.reveal())
        with self._lock:
            self._session.pop(ref, None)

    def drop(self, ref: SecretRef) -> bool:
        """Forget a secret everywhere; says whether there was one.

        Raises KeyringUnavailable when the keyring cannot be asked, unless it is absent and a copy of this run was all
        there could be.
        """
        with self._lock:
            had_session_copy = self._session.pop(ref, None) is not None
        try:
            if ref.kind in _LONG:
                return self._long.drop(ref) or had_session_copy
            return self._delete(_service(ref), ref.kind.value) or had_session_copy
        except KeyringUnavailable as fault:
            if had_session_copy and fault.id == KeyringTrouble.ABSENT:
                return True
            raise

    def keep_for_session(self, ref: SecretRef, secret: Secret) -> None:
        """Keep a secret in memory until the program ends: for a session without a keyring, and told as such."""
        with self._lock:
            self._session[ref] = secret

    def kept_for_session(self, ref: SecretRef) -> bool:
        """Tell whether a secret is kept in memory for this run only."""
        with self._lock:
            return ref in self._session

    def sealed_file(self, path: Path, what: SealedWhat | None = None) -> SealedFile:
        """Return the sealed file at ``path``; the same object for the same path. Touches neither disk nor keyring."""
        with self._lock:
            return self._sealed_files.setdefault(path, SealedFile(path, self._sealing_key, what))

    def _keyring(self) -> "KeyringBackend":
        with self._lock:
            if self._backend is None:
                self._backend = keyring_backend.choose()
            return self._backend

    def _read(self, service: str, user: str) -> str | None:
        backend = self._keyring()
        try:
            value = backend.get_password(service, user)
        except Exception as fault:  # noqa: BLE001 - back ends raise D-Bus, Windows and keychain errors of their own
            raise self._told(fault) from None
        return value

    def _write(self, service: str, user: str, value: str) -> None:
        backend = self._keyring()
        on_windows = keyring_backend.is_windows(backend)
        if on_windows and len(value.encode("utf-16-le")) > 2 * MAX_WINDOWS_UTF16_UNITS:
            raise unavailable(KeyringTrouble.FULL)
        try:
            backend.set_password(service, user, value)
            if on_windows:
                # keyring first copies the entry before to “user@service”; the second write makes that copy the new
                # value too, so that a replaced password is really gone.
                backend.set_password(service, user, value)
        except Exception as fault:  # noqa: BLE001 - back ends raise D-Bus, Windows and keychain errors of their own
            raise self._told(fault) from None

    def _delete(self, service: str, user: str) -> bool:
        from keyring.errors import PasswordDeleteError

        backend = self._keyring()
        try:
            backend.delete_password(service, user)
        except PasswordDeleteError:
            if self._read(service, user) is None:
                return False
            raise unavailable(KeyringTrouble.DENIED, "It did not delete the secret.") from None
        except Exception as fault:  # noqa: BLE001 - back ends raise D-Bus, Windows and keychain errors of their own
            raise self._told(fault) from None
        return True

    def _told(self, fault: Exception) -> KeyringUnavailable:
        """Translate a refusal; a keyring that went away is looked for anew at the next call."""
        error = from_exception(fault)
        if error.id == KeyringTrouble.ABSENT:
            with self._lock:
                self._backend = None
        return error


class _SealingKey:
    """The key of this data folder's sealed files: read once a run (15 ms), kept in memory then."""

    def __init__(self, vault: Vault, installation_id: str) -> None:
        self._vault = vault
        self._service = f"relaywright/{installation_id}"
        self._known: bytes | None = None

    def current(self) -> bytes | None:
        return self._known or self.reread()

    def reread(self) -> bytes | None:
        self._known = _decoded_key(self._vault._read(self._service, _KEY_USER))  # noqa: SLF001 - a part of the vault
        return self._known

    def make(self) -> bytes:
        known = self.current()
        if known is not None:
            return known
        fresh = os.urandom(_KEY_BYTES)
        self._vault._write(self._service, _KEY_USER, base64.b64encode(fresh).decode())  # noqa: SLF001
        if self.reread() != fresh:
            raise unavailable(KeyringTrouble.DENIED, "It took a key, and did not give it back.")
        return fresh


def _service(ref: SecretRef) -> str:
    return f"relaywright/{ref.profile_id}"


def _decoded_key(text: str | None) -> bytes | None:
    """Return the key, or None for a missing or mangled entry."""
    try:
        key = base64.b64decode(text or "", validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == _KEY_BYTES else None
