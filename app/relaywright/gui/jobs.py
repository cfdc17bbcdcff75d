"""The one bridge between threads and widgets: work runs in a thread, its news arrives on the GUI thread.

Work is ``Callable[[Emit, CancelToken], T]``, the same callable the command line runs directly. What a page does with
the news is the page's. Traps this shape avoids: a signal called ``event`` would replace QObject.event(), and a signal
emitted in another thread to a receiver without ``@Slot`` can crash (PYSIDE-3124), so there is one such hop only.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, RelaywrightError

Emit = Callable[[Any], None]
Work = Callable[[Emit, CancelToken], Any]

DELIVERY_SLICE_S = 0.015
"""Longest time one pass may spend handing out news, so that a flood never freezes the window."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _News:
    job: "Job"
    kind: str
    payload: Any


class Job(QObject):
    """One piece of work under way. All signals come on the GUI thread, ``finished`` always last and exactly once."""

    progressed = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    """Carries a RelaywrightError; a bug arrives as one with the id ``internal``, and is reported by the runner."""
    cancelled = Signal()
    finished = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._token = CancelToken()
        self._running = True

    @property
    def is_running(self) -> bool:
        """Whether ``finished`` is still to come."""
        return self._running

    def cancel(self) -> None:
        """Ask the work to stop; ``cancelled`` follows as soon as it has. Safe to repeat."""
        self._token.cancel()


class JobRunner(QObject):
    """Starts work and sees it to its end. One for the whole window."""

    broke = Signal(object)
    """A bug in some work: the exception itself, for the crash report."""

    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._news: SimpleQueue[_News] = SimpleQueue()
        self._threads: dict[Job, threading.Thread] = {}
        self._closed = False
        self._lock = threading.Lock()
        self._waking = False
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def running(self) -> int:
        """How many jobs have not finished."""
        return len(self._threads)

    def start(self, work: Work, *, owner: QObject | None = None) -> Job:
        """Run ``work`` in a thread of its own and return its job. When ``owner`` is destroyed, the job is cancelled.

        Connect to the job before going back to the event loop: nothing is delivered earlier. After :meth:`shut_down`
        the work is not begun, and nothing is heard of it: what a timer asks for then is no bug.
        """
        job = Job(self)
        if self._closed:
            job._running = False  # noqa: SLF001
            return job
        if owner is not None:
            # The token, not the job: the job may be gone before the owner is.
            owner.destroyed.connect(job._token.cancel)  # noqa: SLF001 - one module, two classes of one bridge
        thread = threading.Thread(target=self._run, args=(job, job._token, work), name="job", daemon=True)  # noqa: SLF001
        self._threads[job] = thread
        thread.start()
        return job

    def shut_down(self, timeout_s: float = 5.0) -> bool:
        """Cancel everything and wait up to ``timeout_s`` in all. Returns whether every thread has ended.

        A thread that has not (a keyring prompt nobody answers) is a daemon: it can't keep the process alive.
        """
        with self._lock:
            self._closed = True
        until = time.monotonic() + timeout_s
        for job in list(self._threads):
            job.cancel()
        ended = True
        for thread in list(self._threads.values()):
            thread.join(max(0.0, until - time.monotonic()))
            ended = ended and not thread.is_alive()
        return ended

    def _run(self, job: Job, token: CancelToken, work: Work) -> None:
        """In the job's own thread: nothing here touches a QObject except through ``_post``."""
        try:
            token.raise_if_cancelled()
            result = work(lambda payload: self._post(job, "progressed", payload), token)
        except Cancelled:
            self._post(job, "cancelled", None)
        except RelaywrightError as error:
            # A call ended by force reports a lost connection, which is only the cancel's echo.
            self._post(job, "cancelled" if token.is_cancelled else "failed", error)
        except Exception as bug:  # noqa: BLE001 - the border: whatever work raises must reach the window, not kill a thread
            self._post(job, "broke", bug)
        else:
            self._post(job, "succeeded", result)

    def _post(self, job: Job, kind: str, payload: Any) -> None:
        self._news.put(_News(job, kind, payload))
        with self._lock:
            if self._closed or self._waking:
                return
            self._waking = True
            self._woken.emit()

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            self._waking = False
        until = time.monotonic() + DELIVERY_SLICE_S
        while not self._closed:
            try:
                news = self._news.get_nowait()
            except Empty:
                return
            self._hand_out(news)
            if time.monotonic() > until:
                with self._lock:
                    if not self._waking and not self._closed:
                        self._waking = True
                        self._woken.emit()
                return

    def _hand_out(self, news: _News) -> None:
        job = news.job
        match news.kind:
            case "progressed":
                job.progressed.emit(news.payload)
                return
            case "succeeded":
                job._running = False  # noqa: SLF001
                job.succeeded.emit(news.payload)
            case "cancelled":
                job._running = False  # noqa: SLF001
                job.cancelled.emit()
            case "failed":
                job._running = False  # noqa: SLF001
                job.failed.emit(news.payload)
            case _:
                job._running = False  # noqa: SLF001
                _log.error("work broke", exc_info=news.payload)
                self.broke.emit(news.payload)
                job.failed.emit(
                    RelaywrightError(
                        "Something went wrong inside Relaywright.",
                        hint="Nothing was lost. The report says what happened; please send it in.",
                        id="internal",
                    )
                )
        self._threads.pop(job, None)
        job.finished.emit()
        job.deleteLater()
