"""Every way a keyring says no, turned into one error with a stable id and the platform's own way out.

The exceptions were collected by provoking them (no D-Bus, locked collection, dismissed prompt, killed daemon) and by
reading keyring 25.7's back ends; what is sent to a back end, and when, is vault.py's business.
"""

import errno
import sys
from enum import StrEnum

from relaywright.domain.errors import KeyringUnavailable


class KeyringTrouble(StrEnum):
    """The stable ids of a keyring's refusals."""

    ABSENT = "keyring-absent"
    LOCKED = "keyring-locked"
    DENIED = "keyring-denied"
    FULL = "keyring-full"
    """The value, or the store, is larger than the keyring takes."""


_MESSAGES = {
    KeyringTrouble.ABSENT: "This session has no keyring that can keep a secret.",
    KeyringTrouble.LOCKED: "The keyring is locked, and it was not unlocked.",
    KeyringTrouble.DENIED: "The keyring did not let Relaywright in.",
    KeyringTrouble.FULL: "The keyring has no room for this secret.",
}

_LINUX_HINTS = {
    KeyringTrouble.ABSENT: "Start GNOME Keyring, KWallet or KeePassXC’s Secret Service in a desktop "
    "session. Until then, secrets can be kept in memory for this run only.",
    KeyringTrouble.LOCKED: "Unlock the login keyring (in Passwords and Keys, KWalletManager or KeePassXC), then try "
    "again.",
    KeyringTrouble.DENIED: "Allow Relaywright in the keyring program (Passwords and Keys, KWalletManager or "
    "KeePassXC), then try again.",
    KeyringTrouble.FULL: "Free disk space in the home folder, or use a shorter secret.",
}
_MACOS_HINTS = {
    KeyringTrouble.ABSENT: "Sign in to the Mac with its own window session; over SSH the login keychain is not there.",
    KeyringTrouble.LOCKED: "Unlock the login keychain: security unlock-keychain, or open Keychain Access.",
    KeyringTrouble.DENIED: "Choose Allow when macOS asks whether Relaywright may use the keychain item.",
    KeyringTrouble.FULL: "Free disk space, or use a shorter secret.",
}
_WINDOWS_HINTS = {
    KeyringTrouble.ABSENT: "Sign in to Windows with a user profile of your own; a service or a network logon has no "
    "Credential Manager.",
    KeyringTrouble.LOCKED: "Sign in to Windows again, then try again.",
    KeyringTrouble.DENIED: "Ask the administrator whether a policy of this machine forbids storing credentials.",
    KeyringTrouble.FULL: "Windows Credential Manager takes 1,280 characters at most. Use a shorter secret.",
}
_HINTS = {"darwin": _MACOS_HINTS, "win32": _WINDOWS_HINTS}

# winerror.h; 1783 is what CredWrite says to a blob over 2,560 bytes (jaraco/keyring#355).
_WINDOWS_CODES = {
    5: KeyringTrouble.DENIED,  # ERROR_ACCESS_DENIED
    1223: KeyringTrouble.DENIED,  # ERROR_CANCELLED
    1312: KeyringTrouble.ABSENT,  # ERROR_NO_SUCH_LOGON_SESSION
    1783: KeyringTrouble.FULL,  # RPC_X_BAD_STUB_DATA
}
# SecBase.h, as they stand in the texts of keyring's macOS back end.
_MACOS_CODES = {
    "-128": KeyringTrouble.DENIED,  # errSecUserCanceled
    "-25293": KeyringTrouble.DENIED,  # errSecAuthFailed
    "-25307": KeyringTrouble.ABSENT,  # errSecNoDefaultKeychain
    "-25308": KeyringTrouble.LOCKED,  # errSecInteractionNotAllowed
}


def hint_for(trouble: KeyringTrouble) -> str:
    """Return what to do next on this platform."""
    return _HINTS.get(sys.platform, _LINUX_HINTS)[trouble]


def unavailable(trouble: KeyringTrouble, detail: str = "") -> KeyringUnavailable:
    """Return the error for people. ``detail`` is a sentence of ours, never a library's text."""
    message = f"{_MESSAGES[trouble]} {detail}".strip()
    return KeyringUnavailable(message, hint=hint_for(trouble), id=trouble.value)


def from_exception(fault: BaseException) -> KeyringUnavailable:
    """Return the error for whatever a back end raised.

    Only the kind and the numbers of the exception are used, not its text: a back end may quote what it was given.
    """
    kind = _kind_of(fault)
    if kind is None:
        return unavailable(KeyringTrouble.DENIED, f"It said: {type(fault).__name__}.")
    return unavailable(kind)


def _kind_of(fault: BaseException) -> KeyringTrouble | None:
    names = {kind.__name__ for kind in type(fault).__mro__}
    text = str(fault)
    by_code = _WINDOWS_CODES.get(getattr(fault, "winerror", 0)) or _macos_kind(text)
    if by_code is not None:
        return by_code
    if "NoKeyringError" in names or "not provided by any" in text:
        return KeyringTrouble.ABSENT
    if names & {"KeyringLocked", "LockedException", "PromptDismissedException"} or "ismissed" in text:
        return KeyringTrouble.LOCKED
    if names & {"InitError", "SecretServiceNotAvailableException", "ConnectionError", "RuntimeError"}:
        return KeyringTrouble.ABSENT
    if isinstance(fault, OSError) and fault.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return KeyringTrouble.FULL
    return None


def _macos_kind(text: str) -> KeyringTrouble | None:
    for code, kind in _MACOS_CODES.items():
        if f"({code}," in text or f"({code})" in text:
            return kind
    return None
