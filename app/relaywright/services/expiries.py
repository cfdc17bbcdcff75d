"""When sign-ins, client secrets and certificates end: what is known from the store alone, and what to do about it.

Neither keyring nor network is asked, so that a list of a thousand profiles can show it at its first paint. How an end
comes to be known (a renewal, a refusal, a certificate's last day, a day that somebody told) is credentials.py's.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from relaywright.catalog.catalog import Catalog
from relaywright.catalog.facts import Lifetime, LifetimeKind
from relaywright.domain.errors import InputError
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.domain.secret import SecretKind
from relaywright.store.records import CredentialRecord, SignInRecord, SignInWay
from relaywright.store.store import Store

if TYPE_CHECKING:
    from relaywright.exporting.calendar import CalendarDay
    from relaywright.exporting.writing import WrittenFile

_FILE_MODE = 0o600  # it names accounts
_KINDS = {
    SecretKind.CLIENT_SECRET: LifetimeKind.CLIENT_SECRET,
    SecretKind.CLIENT_CERTIFICATE: LifetimeKind.CERTIFICATE,
}
_EVENTS = {
    LifetimeKind.SIGN_IN: "The sign-in",
    LifetimeKind.CLIENT_SECRET: "The client secret",
    LifetimeKind.CERTIFICATE: "The certificate",
}


class ExpiryState(StrEnum):
    """How an end stands, the most urgent first."""

    ENDED = "ended"
    SOON = "soon"
    """It comes within the longest warning time of the facts."""
    UNKNOWN = "unknown"
    """Nobody told when it ends."""
    GOOD = "good"


_URGENCY = {state: number for number, state in enumerate(ExpiryState)}


@dataclass(frozen=True)
class Expiry:
    """When what a profile signs in with now ends, or ended. A profile has one of them at most."""

    profile_id: str
    profile: str
    """The profile's name."""
    kind: LifetimeKind
    what: str
    """Which one, in words: the account, the certificate's subject and thumbprint. Never a secret."""
    state: ExpiryState
    ends_at: datetime.datetime | None
    """None while it is not known; of what was refused, the moment when it was."""
    since: datetime.datetime | None
    """Since when it is of no use; None while it is good."""
    why: str
    """Why it has ended, or what makes it end."""
    who: str
    """Whose move it is."""
    steps: tuple[str, ...]
    fact: Lifetime
    """What its life is known from."""

    @property
    def ends_on(self) -> datetime.date | None:
        """The day of the end: in local time, but a client secret's as the portal shows it, wherever one sits."""
        if self.ends_at is None:
            return None
        zone = datetime.UTC if self.kind is LifetimeKind.CLIENT_SECRET else None
        return self.ends_at.astimezone(zone).date()

    @property
    def needs_attention(self) -> bool:
        """Whether it has ended or ends soon."""
        return self.state in {ExpiryState.ENDED, ExpiryState.SOON}

    def days_left(self, now: datetime.datetime) -> int | None:
        """Return how many midnights lie before the day of the end; negative after it, None while it is not known."""
        return (self.ends_on - now.astimezone().date()).days if self.ends_on is not None else None


class Expiries:
    """The ends of one data folder's sign-ins and credentials."""

    def __init__(self, store: Store, catalog: Catalog) -> None:
        self._store = store
        self._catalog = catalog

    def all(self, now: datetime.datetime, profiles: Sequence[RelayProfile] | None = None) -> list[Expiry]:
        """Return what ends, the most urgent first; ``profiles`` are those it is asked for, by default all.

        Only what a profile signs in with now is listed. ``now`` has a time zone.
        """
        sign_ins = {record.profile_id: record for record in self._store.sign_ins()}
        credentials = {record.profile_id: record for record in self._store.credentials() if record.kind in _KINDS}
        if not sign_ins and not credentials:
            return []  # nothing is read from the facts, so that a start without any of these stays as quick as it was
        found = []
        for profile in self._store.profiles() if profiles is None else profiles:
            if profile.auth is Auth.OAUTH and profile.id in sign_ins:
                found.append(self._of_sign_in(profile, sign_ins[profile.id], now))
            elif profile.auth is Auth.OAUTH_APP and profile.id in credentials:
                found.append(self._of_credential(profile, credentials[profile.id], now))
        return sorted(found, key=_urgency)

    @property
    def warn_days(self) -> tuple[int, ...]:
        """So many days before an end one is warned, the longest first."""
        return self._catalog.lifetimes.warn_days

    def calendar(self, expiries: Iterable[Expiry], now: datetime.datetime) -> bytes:
        """Return an iCalendar file (RFC 5545) with one day for each end that is known and not past.

        What ended today is in it. Raises InputError (``nothing-to-remember``) when there is no such day.
        """
        from relaywright.exporting import calendar

        today = now.astimezone().date()
        days = [_calendar_day(item, item.ends_on) for item in expiries if item.ends_on and item.ends_on >= today]
        if not days:
            raise InputError(
                "There is no end to put into a calendar: none is known, or all of them are past.",
                hint="Nothing was written.",
                id="nothing-to-remember",
            )
        return calendar.calendar_file(days, self.warn_days, now)

    def write_calendar(
        self, expiries: Iterable[Expiry], now: datetime.datetime, path: Path, *, overwrite: bool
    ) -> "WrittenFile":
        """Write :meth:`calendar` to a file, whole or not at all.

        Raises InputError: ``nothing-to-remember``, or as ``exporting.writing.write_all``.
        """
        from relaywright.exporting.writing import FileToWrite, write_all

        content = self.calendar(expiries, now)
        return write_all([FileToWrite(path.name, content, _FILE_MODE)], path.parent, overwrite=overwrite)[0]

    def _of_sign_in(self, profile: RelayProfile, record: SignInRecord, now: datetime.datetime) -> Expiry:
        fact = self._catalog.lifetimes.by_kind[LifetimeKind.SIGN_IN]
        ends_at = record.ended_at
        # What the system's broker keeps, it renews by itself; its end is known only when it has come.
        if ends_at is None and record.via is not SignInWay.BROKER and fact.days_unused is not None:
            ends_at = record.last_good_at + datetime.timedelta(days=fact.days_unused)
        why = record.ended_why if record.ended_at is not None else ""
        return self._expiry(profile, fact, record.username, ends_at, why, now)

    def _of_credential(self, profile: RelayProfile, record: CredentialRecord, now: datetime.datetime) -> Expiry:
        fact = self._catalog.lifetimes.by_kind[_KINDS[record.kind]]
        if fact.kind is LifetimeKind.CERTIFICATE:
            thumbprint = f"thumbprint {record.thumbprint}" if record.thumbprint else ""
            what = ", ".join(filter(None, (record.subject, thumbprint)))
        else:
            what = f"application {profile.client_id}" if profile.client_id else ""
        return self._expiry(profile, fact, what, record.ends_at, "", now)

    def _expiry(
        self,
        profile: RelayProfile,
        fact: Lifetime,
        what: str,
        ends_at: datetime.datetime | None,
        why: str,
        now: datetime.datetime,
    ) -> Expiry:
        state = self._state(ends_at, now)
        steps = {
            ExpiryState.ENDED: fact.ended,
            ExpiryState.SOON: fact.soon,
            ExpiryState.GOOD: (),
            ExpiryState.UNKNOWN: fact.unknown,
        }[state]
        return Expiry(
            profile_id=profile.id,
            profile=profile.name,
            kind=fact.kind,
            what=what,
            state=state,
            ends_at=ends_at,
            since=ends_at if state is ExpiryState.ENDED else None,
            why=why or fact.why,
            who=fact.who,
            steps=steps,
            fact=fact,
        )

    def _state(self, ends_at: datetime.datetime | None, now: datetime.datetime) -> ExpiryState:
        if ends_at is None:
            return ExpiryState.UNKNOWN
        if ends_at <= now:
            return ExpiryState.ENDED
        near = ends_at <= now + datetime.timedelta(days=self.warn_days[0])
        return ExpiryState.SOON if near else ExpiryState.GOOD


def _urgency(item: Expiry) -> tuple[int, float, str]:
    """Ended ones first, of equals the earlier end."""
    return _URGENCY[item.state], item.ends_at.timestamp() if item.ends_at else 0.0, item.profile.casefold()


def _calendar_day(item: Expiry, day: datetime.date) -> "CalendarDay":
    from relaywright.exporting.calendar import CalendarDay

    words = _EVENTS[item.kind]
    lines = [item.why, *item.fact.soon, f"Whose move: {item.who}."]
    return CalendarDay(
        uid=f"{item.kind}.{item.profile_id}@relaywright",
        day=day,
        summary=f"{words} of “{item.profile}” ends",
        description="\n\n".join(filter(None, (item.what, *lines))),
    )
