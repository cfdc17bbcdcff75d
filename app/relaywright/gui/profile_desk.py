"""The window's way to the profile services: every call a job, every answer a signal.

It keeps nothing but the facts it has gathered; which profile is shown is the window's.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from relaywright.domain.profile import RelayProfile
from relaywright.gui.jobs import JobRunner
from relaywright.gui.models import profile_facts
from relaywright.gui.models.profile_facts import ProfileFacts
from relaywright.services.expiries import Expiry
from relaywright.store.records import LastRun

if TYPE_CHECKING:
    from relaywright.bootstrap import Services

FACTS_KEPT = 500


@dataclass(frozen=True)
class Listing:
    """All profiles, how each ended last, what of theirs ends, and which to show next (empty: as before)."""

    profiles: tuple[RelayProfile, ...]
    last_runs: dict[str, LastRun]
    choose: str = ""
    expiries: dict[str, Expiry] = field(default_factory=dict)
    """By profile id."""


class ProfileDesk(QObject):
    """Lists, copies, removes and brings back profiles, off the GUI thread."""

    listed = Signal(object)
    """A Listing."""
    removed = Signal(object)
    """The RelayProfile that went."""
    undone = Signal(str)
    """What was taken back; empty when there was nothing."""
    facts_gathered = Signal(object, object)
    """A RelayProfile and its ProfileFacts."""
    keyring_seen = Signal(object)
    """The KeyringState."""
    failed = Signal(object)
    """A RelaywrightError to be told."""

    def __init__(self, services: "Services", jobs: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = services
        self._jobs = jobs
        self._facts: dict[RelayProfile, ProfileFacts] = {}

    def read(self, choose: str = "") -> Listing:
        """Read the list here and now; only for the first paint."""
        profiles = tuple(self._services.profiles.list())
        ends = self._services.expiries.all(datetime.datetime.now(datetime.UTC), profiles)
        last_runs = self._services.history.last_runs()
        return Listing(profiles, last_runs, choose, {item.profile_id: item for item in ends})

    def reload(self, choose: str = "") -> None:
        """Read the list; ``listed`` follows."""
        self._start(lambda: self.read(choose), self.listed.emit)

    def copy(self, profile: RelayProfile) -> None:
        """Duplicate a profile and show the copy."""

        def work() -> Listing:
            profiles = self._services.profiles
            return self.read(profiles.copy(profile.id, profiles.free_name(f"{profile.name} copy")).id)

        self._start(work, self.listed.emit)

    def remove(self, profile: RelayProfile, choose: str) -> None:
        """Remove a profile with its secret and show another."""

        def work() -> Listing:
            self._services.profiles.remove(profile.id)
            return self.read(choose)

        def done(listing: Listing) -> None:
            self.listed.emit(listing)
            self.removed.emit(profile)

        self._start(work, done)

    def undo(self, choose: str = "") -> None:
        """Take the last change back."""

        def work() -> tuple[str, Listing]:
            return self._services.profiles.undo() or "", self.read(choose)

        def done(result: tuple[str, Listing]) -> None:
            self.listed.emit(result[1])
            self.undone.emit(result[0])

        self._start(work, done)

    def facts(self, profile: RelayProfile) -> ProfileFacts | None:
        """Return what is known of a profile; when nothing is, gather it and let ``facts_gathered`` follow."""
        known = self._facts.get(profile)
        if known is None:

            def done(found: ProfileFacts) -> None:
                if len(self._facts) >= FACTS_KEPT:
                    self._facts.clear()
                self._facts[profile] = found
                self.facts_gathered.emit(profile, found)

            self._start(lambda: profile_facts.gather(self._services, profile), done)
        return known

    def look_at_keyring(self) -> None:
        """Find out the keyring's state, without loading its libraries if nothing has needed them so far."""
        job = self._jobs.start(lambda _emit, cancel: self._services.credentials.keyring_glance(cancel))
        job.succeeded.connect(self.keyring_seen.emit)
        job.failed.connect(self.failed)

    def _start(self, work: Callable[[], Any], done: Callable[[Any], object]) -> None:
        job = self._jobs.start(lambda _emit, _cancel: work())
        job.succeeded.connect(done)
        job.failed.connect(self.failed)
