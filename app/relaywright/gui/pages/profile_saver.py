"""Keeps changed profiles: a moment after the last key, in a job, the newest version of each last.

What changed and how it is taken back is the draft's. Nothing waits for the disk on the GUI thread except ``flush``,
which the window calls when it closes.
"""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import RelaywrightError
from relaywright.domain.profile import RelayProfile
from relaywright.gui.jobs import Emit, JobRunner

PAUSE_MS = 500
"""How long after the last key a change is kept."""


class ProfileSaver(QObject):
    """Takes profiles and sees that they are kept, whatever order threads run in."""

    saved = Signal(object)  # the RelayProfile that is now kept
    failed = Signal(object, object)  # the RelayProfile and the RelaywrightError; it stays waiting

    def __init__(self, save: Callable[[RelayProfile], object], jobs: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._save = save
        self._jobs = jobs
        self._waiting: dict[str, RelayProfile] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._running = False
        self._again = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self.start)

    @property
    def is_idle(self) -> bool:
        """Whether everything that was taken is kept."""
        return not self._waiting and not self._running

    def is_waiting(self, profile_id: str) -> bool:
        """Whether a version of this profile is still to be kept."""
        return profile_id in self._waiting

    def take(self, profile: RelayProfile) -> None:
        """Keep this version, in the place of an earlier one that still waits, after a short pause."""
        with self._lock:
            self._waiting[profile.id] = profile
        self._timer.start()

    def drop(self, profile_id: str) -> None:
        """Forget what waits for a profile: it was removed."""
        with self._lock:
            self._waiting.pop(profile_id, None)

    def start(self) -> None:
        """Keep what waits now."""
        self._timer.stop()
        if self._running:
            self._again = True
        if self._running or not self._waiting:
            return
        self._running = True
        job = self._jobs.start(self._work)
        job.progressed.connect(self._on_progressed)
        job.finished.connect(self._on_finished)

    def flush(self) -> dict[str, RelaywrightError]:
        """Keep what waits and return when it is kept; what could not be is returned with its reason, by profile id."""
        self._timer.stop()
        faults = {}
        for profile in self._pending():
            try:
                self._keep(profile.id)
            except RelaywrightError as error:
                faults[profile.id] = error
        return faults

    def _work(self, emit: Emit, _cancel: CancelToken) -> None:
        for profile in self._pending():
            try:
                emit((self._keep(profile.id), None))
            except RelaywrightError as error:
                emit((profile, error))

    def _pending(self) -> list[RelayProfile]:
        with self._lock:
            return list(self._waiting.values())

    def _keep(self, profile_id: str) -> RelayProfile | None:
        """Write the newest version there is, one at a time, so that an older one never lands on it."""
        with self._writing:
            with self._lock:
                profile = self._waiting.get(profile_id)
            if profile is None:
                return None
            self._save(profile)
            with self._lock:
                if self._waiting.get(profile_id) is profile:
                    del self._waiting[profile_id]
            return profile

    def _on_progressed(self, news: object) -> None:
        match news:
            case (RelayProfile() as profile, None):
                self.saved.emit(profile)
            case (RelayProfile() as profile, RelaywrightError() as error):
                self.failed.emit(profile, error)

    def _on_finished(self) -> None:
        self._running = False
        if self._again:
            self._again = False
            self.start()
