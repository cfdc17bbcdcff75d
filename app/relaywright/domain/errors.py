"""The errors people see: what happened, why, and what to do next.

::

    RelaywrightError
    ├── InputError                 the call or its input is wrong
    │   ├── FieldError             … in one field of a profile
    │   ├── UnknownProfile
    │   └── DamagedFile            not what it says it is, or from a newer Relaywright
    ├── CredentialNeeded           no secret stored, sign-in expired, a person is needed
    ├── KeyringUnavailable         absent, locked, denied or full
    ├── NoAnswer                   the network or a name did not answer in time
    ├── Refused                    it ran, and the answer is no
    └── Cancelled                  the person (or Ctrl-C) ended it

Anything else that is raised is a bug, and is reported as one.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relaywright.domain.explanation import Explanation


class RelaywrightError(Exception):
    """Expected trouble, in words for the person who meets it.

    ``message`` says what happened in one sentence, ``hint`` what to do next. ``id`` is stable, for scripts.
    None of them ever holds a secret.
    """

    id = "error"
    explanation: "Explanation | None" = None
    """What the catalogue knows of it; set where an error of another service passes through ours."""

    def __init__(self, message: str, *, hint: str = "", id: str = "") -> None:  # noqa: A002 - the contract's key
        super().__init__(message)
        self.message = message
        self.hint = hint
        if id:
            self.id = id


class InputError(RelaywrightError):
    """The call or its input is wrong; nothing was changed."""

    id = "bad-input"


class FieldError(InputError):
    """One field of a profile does not hold what it must; ``field`` is its contract name (``from``, ``port``)."""

    id = "invalid-field"

    def __init__(self, field: str, message: str, *, hint: str = "") -> None:
        super().__init__(f"{field}: {message}", hint=hint)
        self.field = field


class UnknownProfile(InputError):
    """No profile has this name."""

    id = "unknown-profile"


class DamagedFile(InputError):
    """A file is not what it says it is, or was written by a newer Relaywright."""

    id = "damaged-file"


class CredentialNeeded(RelaywrightError):
    """A secret, a sign-in or a person at the browser is needed first."""

    id = "credential-needed"


class KeyringUnavailable(RelaywrightError):
    """The operating system's keyring is absent, locked, denied or full."""

    id = "keyring-unavailable"


class NoAnswer(RelaywrightError):
    """The network or a name did not answer in time."""

    id = "no-answer"


class Refused(RelaywrightError):
    """It ran, and the answer is no."""

    id = "refused"


class Cancelled(RelaywrightError):
    """The person ended it."""

    id = "cancelled"

    def __init__(self, message: str = "Cancelled.") -> None:
        super().__init__(message)
