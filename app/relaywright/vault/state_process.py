"""Asks in a process of its own how the keyring is, so that a window at rest holds none of the keyring's libraries.

They take 18 MB and hold the interpreter lock for a tenth of a second (tests/benchmarks); many a run needs no secret.
What the state is, vault.py finds out, at the other end as well.
"""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

from relaywright import paths
from relaywright.domain.cancel import CancelToken
from relaywright.vault.vault import KeyringState, KeyringStateKind, Vault

WORKER_COMMAND = "keyring-state"
TIME_LIMIT_S = 15.0
"""A session bus that answers at all does so in milliseconds; the rest is the start of a process on a busy machine."""


def glance(vault: Vault, cancel: CancelToken) -> KeyringState:
    """Return ``vault.state()``, found out elsewhere unless the libraries are loaded here anyway.

    A process that cannot be started or does not answer in time changes nothing but where it is asked. Raises Cancelled.
    """
    if "keyring" in sys.modules:
        return vault.state()
    out = _ask(cancel)
    cancel.raise_if_cancelled()
    try:
        answer = json.loads(out)
        return KeyringState(**{**answer, "kind": KeyringStateKind(answer["kind"])})
    except (ValueError, KeyError, TypeError):
        return vault.state()


def _ask(cancel: CancelToken) -> bytes:
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*paths.own_command(), WORKER_COMMAND],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except OSError:
        return b""
    take_back = cancel.on_cancel(process.kill)
    try:
        return process.communicate(timeout=TIME_LIMIT_S)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return b""
    finally:
        take_back()


def main() -> int:
    """Write the state as one JSON line to standard output: the other end of :func:`glance`. Returns the exit code."""
    json.dump(dataclasses.asdict(Vault("", Path()).state()), sys.stdout)
    sys.stdout.flush()
    return 0
