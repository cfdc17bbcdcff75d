"""Encrypts and decrypts with a passphrase (age, scrypt) in a process of its own, which a cancel ends at once.

pyrage holds the interpreter lock for the second that scrypt takes on purpose, so in this process the window would
freeze even from another thread (measured: 1.1 s). What is sealed is envelope.py's, the other end age_worker.py.
"""

import base64
import json
import subprocess

from relaywright import paths
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import RelaywrightError
from relaywright.sharing.age_worker import WRONG_PASSPHRASE

WORKER_COMMAND = "age-worker"
TIME_LIMIT_S = 120.0
"""A work factor of 20, the most that envelope.py lets through, takes some ten seconds."""


class WrongPassphrase(Exception):
    """The passphrase does not open the text."""


class DamagedText(Exception):
    """The text was cut off or changed."""


def encrypt(text: bytes, passphrase: str, cancel: CancelToken) -> bytes:
    """Return the text as an armoured age file. Raises Cancelled, RelaywrightError."""
    return _ask("encrypt", text, passphrase, cancel)


def decrypt(data: bytes, passphrase: str, cancel: CancelToken) -> bytes:
    """Return what is in an age file. Raises WrongPassphrase, DamagedText, Cancelled, RelaywrightError."""
    return _ask("decrypt", data, passphrase, cancel)


def _ask(verb: str, data: bytes, passphrase: str, cancel: CancelToken) -> bytes:
    request = {"do": verb, "passphrase": passphrase, "data": base64.b64encode(data).decode()}
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*paths.own_command(), WORKER_COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError as error:
        raise _broken() from error
    take_back = cancel.on_cancel(process.kill)
    try:
        out, _ = process.communicate(json.dumps(request).encode() + b"\n", timeout=TIME_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise _broken() from None
    finally:
        take_back()
    cancel.raise_if_cancelled()
    return _result(out)


def _result(out: bytes) -> bytes:
    try:
        answer = json.loads(out)
        error = answer.get("error")
        if error is None:
            return base64.b64decode(answer["data"])
    except (ValueError, KeyError, AttributeError):
        raise _broken() from None
    raise WrongPassphrase if error == WRONG_PASSPHRASE else DamagedText


def _broken() -> RelaywrightError:
    return RelaywrightError(
        "The encryption did not come to an end.", hint="Nothing was changed. Try again.", id="encryption-failed"
    )
