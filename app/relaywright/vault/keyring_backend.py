"""Which keyring this session has: choose it, name it for people, refuse what keeps secrets in the clear.

Reading and writing secrets is vault.py's.
"""

import contextlib
import logging
import os
import sys
from typing import TYPE_CHECKING

from relaywright.vault.keyring_failures import KeyringTrouble, unavailable

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_NAMES = {
    "keyring.backends.SecretService": "GNOME Keyring / Secret Service",
    "keyring.backends.libsecret": "GNOME Keyring / Secret Service",
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.Windows": "Windows Credential Manager",
    "keyring.backends.macOS": "macOS Keychain",
}
_NOTHING_THERE = ("keyring.backends.fail", "keyring.backends.null")
# keyrings.alt keeps secrets in files, some in the clear, some under a password asked for on a terminal.
_IN_FILES = ("keyrings.alt", "keyrings.cryptfile")


def module_of(backend: object) -> str:
    """Return the module a back end comes from; that is what tells them apart."""
    return type(backend).__module__


def readable_name(backend: object) -> str:
    """Return the keyring's name as its users know it."""
    module = module_of(backend)
    for prefix, name in _NAMES.items():
        if module.startswith(prefix):
            return name
    return str(getattr(backend, "name", "") or type(backend).__name__)


def is_windows(backend: object) -> bool:
    """Tell whether this is Windows Credential Manager, with its limits and its naming."""
    return module_of(backend).startswith("keyring.backends.Windows")


def is_secret_service(backend: object) -> bool:
    """Tell whether this is keyring's back end for the Secret Service on D-Bus."""
    return module_of(backend).startswith("keyring.backends.SecretService")


def choose() -> "KeyringBackend":
    """Return the session's keyring.

    Honours keyring's own choice (``PYTHON_KEYRING_BACKEND``, ``keyringrc.cfg``, then the best there is), except that
    of a chain only one member is used, so that a secret has one place, and that a place in the clear is refused.
    Raises KeyringUnavailable (``keyring-absent``). Takes about 80 ms the first time (imports); asks no person.
    """
    logging.getLogger("keyring").setLevel(logging.WARNING)
    try:
        import keyring

        chosen = keyring.get_keyring()
    except Exception as fault:  # noqa: BLE001 - a configured back end of any make is imported here and may raise anything
        where = "PYTHON_KEYRING_BACKEND" if "PYTHON_KEYRING_BACKEND" in os.environ else "keyringrc.cfg"
        detail = f"The one that {where} names could not be loaded ({type(fault).__name__})."
        raise unavailable(KeyringTrouble.ABSENT, detail) from None
    members = _members(chosen)
    for member in members:
        if (
            not module_of(member).startswith(_NOTHING_THERE + _IN_FILES)
            and "plaintext" not in type(member).__name__.lower()
        ):
            return _prepared(member)
    if any(module_of(member).startswith(_IN_FILES) for member in members):
        raise unavailable(
            KeyringTrouble.ABSENT, f"Only “{readable_name(members[0])}” is set up, which keeps secrets in a file."
        )
    if module_of(chosen).startswith("keyring.backends.null"):
        raise unavailable(KeyringTrouble.ABSENT, "keyring is switched off here (keyring.backends.null).")
    late = _started_since()
    if late is not None:
        return late
    raise unavailable(KeyringTrouble.ABSENT)


def _members(chosen: "KeyringBackend") -> list["KeyringBackend"]:
    if module_of(chosen).startswith("keyring.backends.chainer"):
        return list(getattr(chosen, "backends", ()))
    return [chosen]


def _prepared(backend: "KeyringBackend") -> "KeyringBackend":
    if is_windows(backend):
        # The default roams with a domain profile; a relay's password is this workstation's.
        backend.persist = "local machine"  # type: ignore[attr-defined]
    return backend


def _started_since() -> "KeyringBackend | None":
    """Return the Secret Service if it was started after keyring made its list, which it makes once a process."""
    if not sys.platform.startswith(("linux", "freebsd")) or "PYTHON_KEYRING_BACKEND" in os.environ:
        return None
    with contextlib.suppress(
        ImportError, RuntimeError, OSError, ValueError
    ):  # no library, no service, no bus, no address
        from keyring.core import load_keyring

        return load_keyring("keyring.backends.SecretService.Keyring")
    return None


def lock_state(backend: object) -> bool | None:
    """Tell whether the keyring is locked, without asking a person; None when that cannot be known.

    Secret Service: the ``Locked`` property of the default collection (Secret Service API draft, ``ReadAlias``). A
    session without a default collection counts as locked: creating one asks for a password.
    """
    if not is_secret_service(backend):
        return None
    import secretstorage
    from secretstorage.exceptions import ItemNotFoundException, SecretStorageException

    try:
        with contextlib.closing(secretstorage.dbus_init()) as bus:
            return bool(secretstorage.get_collection_by_alias(bus, "default").is_locked())
    except ItemNotFoundException:
        return True
    except (SecretStorageException, OSError):
        raise unavailable(KeyringTrouble.ABSENT, "The Secret Service no longer answers.") from None
