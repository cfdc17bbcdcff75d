"""A request to stop, passed down to whatever may have to be interrupted."""

import threading
from collections.abc import Callable

from relaywright.domain.errors import Cancelled


class CancelToken:
    """Set once, from any thread; work asks it, blocking calls register a callback that wakes them."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal handler may cancel in the very thread that is registering
        self._cancelled = False
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._next_key = 0

    @property
    def is_cancelled(self) -> bool:
        """Whether :meth:`cancel` was called."""
        return self._cancelled

    def cancel(self) -> None:
        """Ask the work to stop. Calls the registered callbacks once, in the caller's thread; safe to repeat."""
        with self._lock:
            if self._cancelled:
                return
            self._cancelled = True
            callbacks = list(self._callbacks.values())
            self._callbacks.clear()
        for callback in callbacks:
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call ``callback`` at :meth:`cancel` (now, if that has happened). Returns a function that takes it back."""
        with self._lock:
            if not self._cancelled:
                key = self._next_key
                self._next_key += 1
                self._callbacks[key] = callback
                return lambda: self._forget(key)
        callback()
        return lambda: None

    def raise_if_cancelled(self) -> None:
        """Raise :class:`Cancelled` if :meth:`cancel` was called."""
        if self._cancelled:
            raise Cancelled

    def _forget(self, key: int) -> None:
        with self._lock:
            self._callbacks.pop(key, None)
