"""Turns the practice relay on and off for the window, and says how it stands."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import RelaywrightError
from relaywright.gui.jobs import Emit, JobRunner

if TYPE_CHECKING:
    from relaywright.bootstrap import Services
    from relaywright.services.practice_relay import PracticeInfo


PRACTICE_CLOUD = "practice"
"""The cloud of the practice profiles; practice_relay.py writes it, tests hold the two together."""


class PracticeSwitch(QObject):
    """One relay per window. Starting takes a moment and happens in a job."""

    starting = Signal()
    started = Signal(str)
    """The id of the practice profile to show first."""
    stopped = Signal()
    failed = Signal(object)
    """A RelaywrightError."""

    def __init__(self, services: "Services", jobs: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._was_started = False
        self._jobs = jobs
        self._busy = False

    @property
    def info(self) -> "PracticeInfo | None":
        """Where the relay listens and what can be tried with it, while it runs."""
        return self._services.practice.info if self._was_started else None  # asking it would load it

    @property
    def words(self) -> str:
        """How it stands, for the status bar; empty when it is off."""
        if self._busy:
            return "Practice relay: one moment…"
        info = self.info
        return (
            f"Practice relay: {info.endpoint('submission')[0]}, port {info.endpoint('submission')[1]}" if info else ""
        )

    def toggle(self) -> None:
        """Start the relay, or stop it when it runs."""
        if self._busy:
            return
        if self.info is not None:
            self._busy = True
            job = self._jobs.start(self._stop)
            job.succeeded.connect(self._on_stopped)
        else:
            self.start()

    def start(self) -> None:
        """Start the relay and bring its profiles up to date."""
        if self._busy:
            return
        self._busy = True
        job = self._jobs.start(self._start)
        job.succeeded.connect(self._on_started)
        job.failed.connect(self._on_failed)
        self.starting.emit()

    def _start(self, _emit: Emit, cancel: CancelToken) -> str:
        practice = self._services.practice
        info = practice.start(cancel)
        added = practice.add_profiles(info)
        return added[0].id if added else ""

    def _stop(self, _emit: Emit, _cancel: CancelToken) -> None:
        self._services.practice.stop()

    def _on_started(self, profile_id: str) -> None:
        self._busy = False
        self._was_started = True
        self.started.emit(profile_id)

    def _on_stopped(self, _nothing: object) -> None:
        self._busy = False
        self.stopped.emit()

    def _on_failed(self, error: RelaywrightError) -> None:
        self._busy = False
        self.failed.emit(error)
