"""One person's sign-in under way: started, shown as it waits, given up, and how it ended, profile by profile.

What is said of it is sign_in_page.py's; which steps are tried in which order, the credentials service's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import RelaywrightError
from relaywright.domain.profile import RelayProfile
from relaywright.gui.jobs import Emit, Job, JobRunner
from relaywright.services.credentials import SignInResult
from relaywright.services.sign_in_ladder import Rung
from relaywright.store.records import SignInWay

if TYPE_CHECKING:
    from relaywright.bootstrap import Services
    from relaywright.identity.device_code import DeviceCode


@dataclass
class Waiting:
    """A sign-in that waits for its person."""

    profile_id: str
    way: SignInWay | None = None
    """The way that is tried now; None before the first."""
    rungs: list[Rung] = field(default_factory=list)
    """The ways that were passed over, each with its reason."""
    address: str = ""
    """Of the page in the browser, once it is known."""
    code: DeviceCode | None = None


class SignInFlow(QObject):
    """Runs at most one sign-in at a time: a second click takes the place of the first."""

    changed = Signal()
    """Something that is shown of it is new."""
    page_opened = Signal(str)
    """The address that a browser should show."""
    signed_in = Signal(object)
    """The SignInResult."""
    ended = Signal()
    """Nothing waits any more, however it ended."""

    def __init__(self, services: Services, jobs: JobRunner, owner: QObject) -> None:
        super().__init__(owner)
        self._services = services
        self._jobs = jobs
        self._job: Job | None = None
        self._waiting: Waiting | None = None
        self._faults: dict[str, RelaywrightError] = {}
        self._results: dict[str, SignInResult] = {}

    def waiting_for(self, profile_id: str) -> Waiting | None:
        """Return what waits for this profile's person."""
        waiting = self._waiting
        return waiting if waiting is not None and waiting.profile_id == profile_id else None

    @property
    def is_waiting(self) -> bool:
        """Whether a sign-in waits, for whichever profile."""
        return self._waiting is not None

    def fault(self, profile_id: str) -> RelaywrightError | None:
        """Return why the last sign-in for this profile failed, until the next one begins."""
        return self._faults.get(profile_id)

    def result(self, profile_id: str) -> SignInResult | None:
        """Return this run's own sign-in for the profile."""
        return self._results.get(profile_id)

    def set_fault(self, profile_id: str, error: RelaywrightError | None) -> None:
        """Say what went wrong beside a sign-in: looking, signing out."""
        if error is None:
            self._faults.pop(profile_id, None)
        else:
            self._faults[profile_id] = error
        self.changed.emit()

    def forget(self, profile_id: str) -> None:
        """Let go of how the last sign-in ended: somebody signed out."""
        self._faults.pop(profile_id, None)
        self._results.pop(profile_id, None)

    def start(self, profile: RelayProfile, begin_with: SignInWay, parent_window: int) -> None:
        """Sign somebody in for the profile, in the place of a sign-in that still waits.

        ``parent_window`` is the native handle of the window that asks: Windows' account broker stands above it.
        """
        self.cancel()
        credentials = self._services.credentials

        def work(emit: Emit, cancel: CancelToken) -> SignInResult:
            if begin_with is SignInWay.DEVICE_CODE:
                emit(begin_with)
                return credentials.sign_in_with_code(profile, emit, cancel)
            return credentials.sign_in(
                profile,
                emit,
                cancel,
                parent_window=parent_window,
                begin_with=begin_with,
                trying=emit,
                told=emit,
            )

        self._faults.pop(profile.id, None)
        self._waiting = Waiting(profile.id)
        job = self._job = self._jobs.start(work, owner=self)
        job.progressed.connect(self._on_progressed)
        job.succeeded.connect(self._on_signed_in)
        job.failed.connect(self._on_failed)
        job.finished.connect(self._on_finished)
        self.changed.emit()

    def cancel(self) -> None:
        """Stop waiting."""
        if self._job is not None:
            self._job.cancel()

    def _on_progressed(self, news: object) -> None:
        waiting = self._waiting
        if self.sender() is not self._job or waiting is None:
            return
        match news:
            case SignInWay():
                waiting.way = news
            case Rung():
                waiting.rungs.append(news)
            case str():
                waiting.address = news
                self.page_opened.emit(news)
            case _:
                waiting.code = news  # type: ignore[assignment]  # a DeviceCode: the only other thing that is told
        self.changed.emit()

    def _on_signed_in(self, result: SignInResult) -> None:
        self._results[result.account.profile_id] = result
        self.signed_in.emit(result)

    def _on_failed(self, error: RelaywrightError) -> None:
        # A sign-in that was given up for another one says nothing any more.
        if self.sender() is self._job and self._waiting is not None:
            self._faults[self._waiting.profile_id] = error

    def _on_finished(self) -> None:
        if self.sender() is not self._job:
            return
        self._job = self._waiting = None
        self.changed.emit()
        self.ended.emit()
