"""The sessions of this window: starts checks and sends as jobs, keeps what they said so far, tells everybody.

Header, road and test page all listen here, so none of them has to know of the others. Several profiles may be tried
at the same time, one profile once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import RelaywrightError
from relaywright.domain.finding import Finding
from relaywright.domain.profile import RelayProfile
from relaywright.gui.jobs import Emit, Job, JobRunner
from relaywright.gui.models import run_view
from relaywright.gui.models.run_view import RunView
from relaywright.services.report import Report
from relaywright.services.send_options import SendOptions
from relaywright.smtp.events import Event, PhaseName, PhaseStarted

if TYPE_CHECKING:
    from relaywright.bootstrap import Services


@dataclass
class ActiveRun:
    """A session under way and everything it has said."""

    profile: RelayProfile
    kind: str
    job: Job
    events: list[Event] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    """What a check has seen so far."""

    @property
    def phase(self) -> PhaseName:
        """The phase it is in."""
        begun = [event.name for event in self.events if isinstance(event, PhaseStarted)]
        return begun[-1] if begun else PhaseName.RESOLVE


class _Listener(QObject):
    """Ties one job's signals to its run, with slots instead of closures so that Qt can cut the ties."""

    def __init__(self, runs: "Runs", active: ActiveRun) -> None:
        super().__init__(active.job)
        self._runs = runs
        self._active = active
        active.job.progressed.connect(self._on_progressed)
        active.job.succeeded.connect(self._on_succeeded)
        active.job.failed.connect(self._on_failed)
        active.job.cancelled.connect(self._on_cancelled)

    def _on_progressed(self, news: Event | Finding) -> None:
        if isinstance(news, Finding):
            self._active.findings.append(news)
            self._runs.found.emit(self._active.profile.id, news)
            return
        event = news
        self._active.events.append(event)
        self._runs.progressed.emit(self._active.profile.id, event)

    def _on_succeeded(self, report: Report) -> None:
        self._runs.settle(self._active, run_view.of_report(report))

    def _on_failed(self, error: RelaywrightError) -> None:
        self._runs.settle(self._active, error)

    def _on_cancelled(self) -> None:
        self._runs.settle(self._active, None)


class Runs(QObject):
    """All sessions of the window. Every signal's first argument is the profile's id."""

    began = Signal(str)
    progressed = Signal(str, object)
    """An event of smtp.events."""
    found = Signal(str, object)
    """A Finding of a check that is still under way."""
    ended = Signal(str, object)
    """The RunView; ok or not, the server or the network has answered."""
    troubled = Signal(str, object)
    """A RelaywrightError: nothing was tried, or not to the end."""
    cancelled = Signal(str)
    settled = Signal(str)
    """After any of the three above."""
    loaded = Signal(str, object)
    """The last run out of the history (RunView), or None."""

    def __init__(self, services: "Services", jobs: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._jobs = jobs
        self._active: dict[str, ActiveRun] = {}
        self._last: dict[str, RunView | None] = {}

    def active(self, profile_id: str) -> ActiveRun | None:
        """Return the session under way for a profile."""
        return self._active.get(profile_id)

    def last(self, profile_id: str) -> RunView | None:
        """Return the last run that is known by now; :meth:`load` asks the history."""
        return self._last.get(profile_id)

    def load(self, profile_id: str) -> None:
        """Read the last run; ``loaded`` follows, at once when it is known."""
        if profile_id in self._last:
            self.loaded.emit(profile_id, self._last[profile_id])
            return

        def read(_emit: Emit, _cancel: CancelToken) -> tuple[str, RunView | None]:
            runs = self._services.history.runs(profile_id, 1)
            return profile_id, run_view.of_run(runs[0]) if runs else None

        self._jobs.start(read).succeeded.connect(self._on_loaded)

    def forget(self, profile_id: str) -> None:
        """Drop what is known of a profile that was removed or changed."""
        self._last.pop(profile_id, None)

    def send(self, profile: RelayProfile, options: SendOptions) -> None:
        """Send a test message. Does nothing while a session of this profile is under way."""
        self._start("send", profile, lambda emit, cancel: self._services.tests.send(profile, options, emit, cancel))

    def check(self, profile: RelayProfile, *, as_old_devices: bool = False) -> None:
        """Sign in, look at the road (with the eyes of old devices too, if asked), and send nothing."""
        self._start(
            "check",
            profile,
            lambda emit, cancel: self._services.tests.check(profile, emit, cancel, emit, as_old_devices=as_old_devices),
        )

    def cancel(self, profile_id: str) -> None:
        """End the session of a profile; ``cancelled`` follows."""
        active = self._active.get(profile_id)
        if active is not None:
            active.job.cancel()

    def _start(self, kind: str, profile: RelayProfile, work: Callable[[Emit, CancelToken], Report]) -> None:
        if profile.id in self._active:
            return
        active = ActiveRun(profile, kind, self._jobs.start(work))
        _Listener(self, active)
        self._active[profile.id] = active
        self.began.emit(profile.id)

    def settle(self, active: ActiveRun, result: RunView | RelaywrightError | None) -> None:
        """Take a session's end: what it came to, what kept it from running, or None when it was cancelled."""
        profile_id = active.profile.id
        self._active.pop(profile_id, None)
        if isinstance(result, RunView):
            self._last[profile_id] = result
            self.ended.emit(profile_id, result)
        elif result is not None:
            self.troubled.emit(profile_id, result)
        else:
            self.cancelled.emit(profile_id)
        self.settled.emit(profile_id)

    def _on_loaded(self, found: tuple[str, RunView | None]) -> None:
        profile_id, view = found
        self._last.setdefault(profile_id, view)
        self.loaded.emit(profile_id, self._last[profile_id])
