"""A lock between processes on one file, with a bounded wait. The only place that knows fcntl and msvcrt.

The operating system takes the lock back when its holder ends, however it ends.
"""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from relaywright.domain.errors import NoAnswer

_POLL_S = 0.02


@contextlib.contextmanager
def locked(path: Path, wait_s: float = 10.0) -> Iterator[None]:
    """Hold the lock file ``path`` (made when missing, left behind empty).

    Raises NoAnswer (``file-busy``) when another process holds it for longer than ``wait_s`` seconds, OSError when the
    file cannot be made. Not re-entrant: a second try in the same thread waits for itself.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        give_up_at = time.monotonic() + wait_s
        while not _try_lock(descriptor):
            if time.monotonic() >= give_up_at:
                raise NoAnswer(
                    f"Another Relaywright has kept {path.name} locked for {wait_s:.0f} seconds.",
                    hint="Close the other window or command, then try again.",
                    id="file-busy",
                )
            time.sleep(_POLL_S)
        try:
            yield
        finally:
            _unlock(descriptor)
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
