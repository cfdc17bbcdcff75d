"""The other end of age_process.py: encrypts or decrypts one text with a passphrase, in a process of its own.

One JSON line comes in on standard input and one goes out on standard output. Nothing is an argument or a file, so that
neither passphrase nor text can be seen from outside.
"""

import base64
import json
import sys
from typing import Any

WRONG_PASSPHRASE = "wrong-passphrase"  # noqa: S105 - an outcome
DAMAGED = "damaged"

_PYRAGE_WRONG_PASSPHRASE = "Decryption failed"  # noqa: S105 - words of an error
"""pyrage's words when no stanza of the header yields to the passphrase; what comes later has other words."""


def main() -> int:
    """Answer the one request on standard input and return the exit code."""
    request = json.loads(sys.stdin.buffer.readline())
    json.dump(answer(request), sys.stdout)
    sys.stdout.flush()
    return 0


def answer(request: dict[str, Any]) -> dict[str, str]:
    """Return ``data`` (base64), or ``error``: WRONG_PASSPHRASE or DAMAGED."""
    import pyrage  # type: ignore[import-untyped]

    data = base64.b64decode(request["data"])
    if request["do"] == "encrypt":
        result: bytes = pyrage.passphrase.encrypt(data, request["passphrase"], armored=True)
        return {"data": base64.b64encode(result).decode()}
    try:
        result = pyrage.passphrase.decrypt(data, request["passphrase"])
    except pyrage.DecryptError as error:
        return {"error": WRONG_PASSPHRASE if str(error) == _PYRAGE_WRONG_PASSPHRASE else DAMAGED}
    return {"data": base64.b64encode(result).decode()}
