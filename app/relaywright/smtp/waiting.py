"""Waiting that a cancel ends at once: for sockets through a wake-up pair, for blocking calls by abandoning them.

Deadlines are points of ``time.monotonic``; what passes one raises TimeoutError, a cancel raises Cancelled.
"""

import selectors
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

from relaywright.domain.cancel import CancelToken

T = TypeVar("T")


class SocketWait:
    """Waits for one socket at a time, and for the token. Use as a context manager, in one thread."""

    def __init__(self, cancel: CancelToken) -> None:
        self._cancel = cancel
        self._lock = threading.RLock()  # a signal handler may cancel in the very thread that waits
        self._closed = False
        self._take_back: Callable[[], None] = lambda: None

    def __enter__(self) -> Self:
        self._wakeup_end, self._waiting_end = socket.socketpair()
        for end in (self._wakeup_end, self._waiting_end):
            end.setblocking(False)
        self._take_back = self._cancel.on_cancel(self._wake)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._take_back()
        with self._lock:
            self._closed = True
        self._wakeup_end.close()
        self._waiting_end.close()

    def until_ready(self, sock: socket.socket, events: int, deadline: float) -> int:
        """Return which of ``events`` (``selectors.EVENT_READ``, ``EVENT_WRITE``) came about.

        Raises TimeoutError, Cancelled.
        """
        self._cancel.raise_if_cancelled()
        with selectors.DefaultSelector() as selector:
            selector.register(sock, events)
            selector.register(self._waiting_end, selectors.EVENT_READ)
            while True:
                remaining_s = deadline - time.monotonic()
                if remaining_s <= 0:
                    raise TimeoutError
                for key, ready in selector.select(remaining_s):
                    if key.fileobj is sock:
                        self._cancel.raise_if_cancelled()
                        return ready
                self._cancel.raise_if_cancelled()

    def _wake(self) -> None:
        # Called in the thread that cancels; the lock keeps it off a descriptor that was closed and given out again.
        with self._lock:
            if not self._closed:
                self._wakeup_end.send(b"!")


class _Errand(Generic[T]):
    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self.done = threading.Event()
        self.results: list[T] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.results.append(self._call())
        except BaseException as error:  # noqa: BLE001 - carried over to the waiting thread, raised there
            self.error = error
        finally:
            self.done.set()


def abandonable(call: Callable[[], T], deadline: float, cancel: CancelToken, name: str) -> T:
    """Run a blocking ``call`` that offers no way to interrupt it, in a daemon thread that is left behind if need be.

    Raises TimeoutError, Cancelled, or what the call raised.
    """
    cancel.raise_if_cancelled()
    errand = _Errand(call)
    take_back = cancel.on_cancel(errand.done.set)
    try:
        threading.Thread(target=errand.run, name=name, daemon=True).start()
        errand.done.wait(max(0.0, deadline - time.monotonic()))
    finally:
        take_back()
    cancel.raise_if_cancelled()
    if errand.error is not None:
        raise errand.error
    if not errand.results:
        raise TimeoutError
    return errand.results[0]
