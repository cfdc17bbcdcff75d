"""A file that only this account on this machine can read: AES-256-GCM under a key the keyring keeps.

For what is too long for a keyring (Windows takes 1,280 characters, a token cache has 7,000 and more). What the bytes
mean is the caller's; where the key comes from is vault.py's.

Layout: ``RWSEAL`` | one byte of version | 12 bytes of nonce | ciphertext with its 16 byte tag. The first seven bytes
are authenticated with the rest. A nonce is random; at one write a second, 2**32 of them take 136 years (NIST SP
800-38D section 8.3 allows that many under one key).
"""

import contextlib
import datetime
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from relaywright.domain.errors import DamagedFile, KeyringUnavailable, RelaywrightError
from relaywright.vault.file_lock import locked

_MAGIC = b"RWSEAL"
_VERSION = 1
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEADER_BYTES = len(_MAGIC) + 1
MAX_FILE_BYTES = 16 * 1024 * 1024


class KeySource(Protocol):
    """Where the key comes from. Each call raises KeyringUnavailable."""

    def current(self) -> bytes | None:
        """Return the key as this run knows it, read from the keyring the first time; None when there is none."""

    def reread(self) -> bytes | None:
        """Return the key as the keyring has it now: another window may have made a new one."""

    def make(self) -> bytes:
        """Return the key, made and stored when there is none. The caller holds the file's lock."""


@dataclass(frozen=True)
class Contents:
    """What a read found. ``problem`` is told to the person, not raised: a new sign-in gets over each of them."""

    stored: bytes | None
    """What the file holds; None when it is missing, was set aside or cannot be opened now."""
    session: bytes | None
    """What could not be stored and is kept in memory for this run."""
    problem: RelaywrightError | None
    unreadable: bool = False
    """Whether there is a file that cannot be opened now: its key is out of reach, or it is a newer Relaywright's."""


@dataclass(frozen=True)
class SealedWhat:
    """What a sealed file holds, in the words of its errors."""

    name: str = "sign-ins"
    again: str = "Sign in again."
    """What to do when it is lost."""


class SealedFile:
    """One sealed file, safe with several windows and commands at once. Made by ``Vault.sealed_file``.

    Calls may block on the keyring's unlock prompt, so they belong in a job.
    """

    def __init__(
        self, path: Path, key_source: KeySource, what: "SealedWhat | None" = None, lock_wait_s: float = 10.0
    ) -> None:
        self.path = path
        self._what = what or SealedWhat()
        self._key_source = key_source
        self._lock_path = path.with_name(path.name + ".lock")
        self._lock_wait_s = lock_wait_s
        self._guard = threading.RLock()
        self._session: bytes | None = None
        self._problem: RelaywrightError | None = None
        self._asked_in_vain = False

    @property
    def problem(self) -> RelaywrightError | None:
        """What stands between the person and their stored data, if anything; cleared by the next good write."""
        return self._problem

    def read(self) -> Contents:
        """Return what is stored and what is kept for this run.

        A file that cannot be opened is set aside as ``NAME.damaged-TIME``; one from a newer Relaywright is left
        alone. Raises OSError when the file is there and cannot be read.
        """
        with self._guard:
            self._asked_in_vain = False
            stored = self._stored()
            return Contents(stored, self._session, self._problem, unreadable=stored is None and self.path.exists())

    def load(self) -> bytes | None:
        """Return the content, what is kept for this run first; None when there is none or it was set aside.

        Raises KeyringUnavailable when the file is there and its key cannot be had, DamagedFile (``newer-file``) for
        a file from a newer Relaywright, OSError.
        """
        contents = self.read()
        if contents.session is not None:
            return contents.session
        newer = isinstance(contents.problem, DamagedFile) and contents.problem.id == "newer-file"
        if contents.problem is not None and (newer or isinstance(contents.problem, KeyringUnavailable)):
            raise contents.problem
        return contents.stored

    def save(self, data: bytes) -> None:
        """Replace the content, whatever it was. See :meth:`update` for what happens without a keyring."""
        self.update(lambda _stored, _session: data)

    def update(self, change: Callable[[bytes | None, bytes | None], bytes]) -> bool:
        """Replace the content by ``change(stored, session)``, with nobody else writing meanwhile.

        Returns True when it is on disk. Without the keyring, or with a newer file in the way, the result is kept in
        memory for this run, ``problem`` says why, and False is returned: nothing is ever written in the clear.
        ``change`` may not read or write this file. When OSError (disk full) or NoAnswer (another process keeps the
        lock) is raised, the result is kept in memory too, and the file is as it was.
        """
        with self._guard:
            before = self._session
            if self._asked_in_vain:
                # One prompt an action: the read before this asked the keyring, and the next read asks again.
                self._session = change(None, before)
                return False
            try:
                with locked(self._lock_path, self._lock_wait_s):
                    return self._update_locked(change)
            except (OSError, RelaywrightError):
                self._session = change(None, before)
                raise

    def forget_session(self) -> None:
        """Let go of what is kept for this run, and of why it had to be."""
        with self._guard:
            self._session = self._problem = None

    def delete(self) -> bool:
        """Remove the file and what is kept for this run; says whether there was anything. Raises OSError, NoAnswer."""
        with self._guard:
            had_session = self._session is not None
            self._session = self._problem = None
            with locked(self._lock_path, self._lock_wait_s):
                try:
                    self.path.unlink()
                except FileNotFoundError:
                    return had_session
            return True

    def _update_locked(self, change: Callable[[bytes | None, bytes | None], bytes]) -> bool:
        stored = self._stored(holding_lock=True)
        session = self._session
        result = change(stored, session)
        if stored is None and self.path.exists():
            self._session = result  # it cannot be opened now, and is not overwritten
            return False
        try:
            key = self._key_source.make()
        except KeyringUnavailable as fault:
            self._problem, self._session, self._asked_in_vain = fault, result, True
            return False
        _write_atomically(self.path, _seal(result, key))
        self._session = self._problem = None
        return True

    def _stored(self, *, holding_lock: bool = False) -> bytes | None:
        """Open the file, and note in ``_problem`` why that cannot be done."""
        try:
            sealed = self.path.read_bytes() if self.path.stat().st_size <= MAX_FILE_BYTES else b""
        except FileNotFoundError:
            return None  # what was said before still holds: set aside, or kept in memory for want of a keyring
        if self._problem is not None and self._problem.id != "sealed-file-damaged":
            self._problem = None
        if sealed[: len(_MAGIC)] == _MAGIC and sealed[len(_MAGIC) : _HEADER_BYTES] > bytes([_VERSION]):
            self._problem = DamagedFile(
                f"{self.path.name} was written by a newer Relaywright and is left as it is.",
                hint=f"Update Relaywright. Until then, {self._what.name} are kept for this run only.",
                id="newer-file",
            )
            return None
        try:
            opened = _open(sealed, self._key_source.current())
            if opened is None:
                key = self._key_source.reread()
                opened = _open(sealed, key)
        except KeyringUnavailable as fault:
            self._problem, self._asked_in_vain = fault, True
            return None
        if opened is None:
            self._set_aside(sealed, key_missing=key is None, holding_lock=holding_lock)
        return opened

    def _set_aside(self, sealed: bytes, *, key_missing: bool, holding_lock: bool) -> None:
        lock = contextlib.nullcontext() if holding_lock else locked(self._lock_path, self._lock_wait_s)
        with lock, contextlib.suppress(FileNotFoundError):
            if self.path.read_bytes() != sealed:
                return  # another window has just written a new one; the next read takes it
            self.path.replace(_free_name(self.path))
        why = "its key is no longer in the keyring" if key_missing else "it is damaged or its key has changed"
        self._problem = DamagedFile(
            f"The stored {self._what.name} could not be opened: {why}. The file was set aside.",
            hint=self._what.again,
            id="sealed-file-damaged",
        )


def _free_name(path: Path) -> Path:
    moment = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%S%fZ")
    return path.with_name(f"{path.name}.damaged-{moment}")


def _seal(data: bytes, key: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    header = _MAGIC + bytes([_VERSION])
    nonce = os.urandom(_NONCE_BYTES)
    return header + nonce + AESGCM(key).encrypt(nonce, data, header)


def _open(sealed: bytes, key: bytes | None) -> bytes | None:
    if key is None:
        return None
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    header, rest = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
    if header != _MAGIC + bytes([_VERSION]) or len(rest) < _NONCE_BYTES + _TAG_BYTES:
        return None
    try:
        return AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], header)
    except InvalidTag:
        return None


def _write_atomically(path: Path, data: bytes) -> None:
    temporary = path.with_name(f"{path.name}.new")
    with contextlib.suppress(FileNotFoundError):
        temporary.unlink()  # of a process that was killed here; nobody else writes, the caller holds the lock
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if sys.platform != "win32":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _replace(source: Path, target: Path) -> None:
    """Rename over ``target``; on Windows a reader that has it open right now holds that up for a moment."""
    give_up_at = time.monotonic() + 1.0
    while True:
        try:
            source.replace(target)
            return
        except PermissionError:
            if sys.platform != "win32" or time.monotonic() >= give_up_at:
                raise
            time.sleep(0.02)
