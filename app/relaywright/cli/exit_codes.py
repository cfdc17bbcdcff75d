"""The exit codes of the contract, and which error ends with which."""

from enum import IntEnum

from relaywright.domain.errors import (
    Cancelled,
    CredentialNeeded,
    KeyringUnavailable,
    NoAnswer,
    Refused,
    RelaywrightError,
)


class Exit(IntEnum):
    """What a script may rely on."""

    OK = 0
    NO = 1
    WRONG_INPUT = 2
    CREDENTIAL_NEEDED = 3
    KEYRING = 4
    NO_ANSWER = 5
    INTERRUPTED = 130


_CODES: dict[type[RelaywrightError], Exit] = {
    Refused: Exit.NO,
    CredentialNeeded: Exit.CREDENTIAL_NEEDED,
    KeyringUnavailable: Exit.KEYRING,
    NoAnswer: Exit.NO_ANSWER,
    Cancelled: Exit.INTERRUPTED,
}


def exit_code(error: RelaywrightError) -> Exit:
    """Return the exit code of an error; input errors and all others end with 2."""
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), Exit.WRONG_INPUT)
