"""What ends: from the store alone, only what is used now, the most urgent first, and as days in a calendar."""

import datetime
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from memory_keyring import MemoryKeyring
from relaywright.bootstrap import Services
from relaywright.catalog.facts import LifetimeKind
from relaywright.domain.errors import InputError
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.domain.secret import SecretKind
from relaywright.services.expiries import Expiry, ExpiryState
from relaywright.store.records import CredentialRecord, SignInRecord, SignInWay

NOW = datetime.datetime(2026, 11, 24, 12, 0, tzinfo=datetime.UTC)
ENDED, SOON, UNKNOWN, GOOD = ExpiryState.ENDED, ExpiryState.SOON, ExpiryState.UNKNOWN, ExpiryState.GOOD


def days(number: float) -> datetime.timedelta:
    return datetime.timedelta(days=number)


def profile(name: str, auth: Auth = Auth.OAUTH) -> RelayProfile:
    return RelayProfile(name, auth=auth, tenant="contoso.example", client_id="11112222-bbbb-3333-cccc-4444dddd5555")


@pytest.fixture
def signed_in(services: Services) -> Callable[..., RelayProfile]:
    """Return a function that keeps a profile with a sign-in that was last good so many days ago."""

    def make(name: str, ago: float, **more: object) -> RelayProfile:
        made = profile(name)
        services.store.save(made)
        record = SignInRecord(made.id, "home", f"{name}@contoso.example", "contoso.example", NOW - days(ago), **more)  # type: ignore[arg-type]
        services.store.remember_sign_in(record)
        return made

    return make


@pytest.fixture
def stored(services: Services) -> Callable[..., RelayProfile]:
    """Return a function that keeps a profile with an application's credential that ends in so many days."""

    def make(name: str, kind: SecretKind, ends_in: float | None) -> RelayProfile:
        made = profile(name, Auth.OAUTH_APP)
        services.store.save(made)
        ends = NOW + days(ends_in) if ends_in is not None else None
        certificate = ("CN=Relaywright", "A1B2C3") if kind is SecretKind.CLIENT_CERTIFICATE else ("", "")
        services.store.remember_credential(CredentialRecord(made.id, kind, NOW - days(10), ends, *certificate))
        return made

    return make


def states(expiries: list[Expiry]) -> dict[str, ExpiryState]:
    return {item.profile: item.state for item in expiries}


def test_a_sign_in_ends_ninety_days_after_it_was_last_good(
    services: Services, signed_in: Callable[..., RelayProfile]
) -> None:
    signed_in("fresh", 1)
    signed_in("old", 61)
    signed_in("renewed", 89, renewed_at=NOW - days(2))
    signed_in("dead", 91)
    found = services.expiries.all(NOW)
    assert states(found) == {"dead": ENDED, "old": SOON, "renewed": GOOD, "fresh": GOOD}
    assert [item.profile for item in found] == ["dead", "old", "renewed", "fresh"]
    dead = found[0]
    assert dead.since == dead.ends_at == NOW - days(1)
    assert "90 days" in dead.why
    assert (dead.kind, dead.what) == (LifetimeKind.SIGN_IN, "dead@contoso.example")
    assert "Sign in again" in dead.steps[0]
    assert found[1].days_left(NOW) == 29


def test_a_refused_sign_in_has_ended_since_then_and_says_why(
    services: Services, signed_in: Callable[..., RelayProfile]
) -> None:
    signed_in("refused", 3, ended_at=NOW - days(2), ended_why="The password was changed.")
    found = services.expiries.all(NOW)[0]
    assert (found.state, found.since, found.why) == (ENDED, NOW - days(2), "The password was changed.")


def test_what_the_systems_broker_keeps_has_no_known_end_until_it_is_refused(
    services: Services, signed_in: Callable[..., RelayProfile]
) -> None:
    signed_in("kept", 300, via=SignInWay.BROKER)
    signed_in("gone", 300, via=SignInWay.BROKER, ended_at=NOW - days(1), ended_why="Refused.")
    assert states(services.expiries.all(NOW)) == {"gone": ENDED, "kept": UNKNOWN}


def test_credentials_end_when_their_record_says_so(services: Services, stored: Callable[..., RelayProfile]) -> None:
    stored("a", SecretKind.CLIENT_SECRET, 6)
    stored("b", SecretKind.CLIENT_SECRET, None)
    stored("c", SecretKind.CLIENT_CERTIFICATE, 400)
    stored("d", SecretKind.CLIENT_CERTIFICATE, -3)
    found = services.expiries.all(NOW)
    assert states(found) == {"d": ENDED, "a": SOON, "b": UNKNOWN, "c": GOOD}
    assert [item.profile for item in found] == ["d", "a", "b", "c"]
    assert found[0].what == "CN=Relaywright, thumbprint A1B2C3"
    assert found[1].what == "application 11112222-bbbb-3333-cccc-4444dddd5555"
    assert (found[2].ends_on, found[2].days_left(NOW)) == (None, None)
    assert "expires" in found[2].steps[0]
    assert found[3].steps == ()


def test_the_border_of_the_warning_time(services: Services, stored: Callable[..., RelayProfile]) -> None:
    stored("in", SecretKind.CLIENT_SECRET, 30)
    stored("out", SecretKind.CLIENT_SECRET, 30.01)
    stored("now", SecretKind.CLIENT_SECRET, 0)
    assert states(services.expiries.all(NOW)) == {"now": ENDED, "in": SOON, "out": GOOD}


def test_only_what_a_profile_signs_in_with_now_is_listed(
    services: Services, signed_in: Callable[..., RelayProfile], stored: Callable[..., RelayProfile]
) -> None:
    from dataclasses import replace

    services.store.save(replace(signed_in("was a person", 1), auth=Auth.PASSWORD))
    services.store.save(replace(stored("was an application", SecretKind.CLIENT_SECRET, 5), auth=Auth.OAUTH))
    services.store.save(profile("has a password", Auth.PASSWORD), profile("nobody yet"))
    kept = signed_in("kept", 1)
    assert [item.profile_id for item in services.expiries.all(NOW)] == [kept.id]
    assert services.expiries.all(NOW, [profile("another")]) == []


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland"])
def test_a_client_secret_ends_on_the_day_that_the_portal_shows_wherever_one_sits(
    services: Services, stored: Callable[..., RelayProfile], monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    if not hasattr(time, "tzset"):
        pytest.skip("this system's zone cannot be changed for one process")
    stored("a", SecretKind.CLIENT_SECRET, 51.5)  # 15 January, 00:00 UTC, as app_credentials keeps a day
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert services.expiries.all(NOW)[0].ends_on == datetime.date(2027, 1, 15)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_neither_keyring_nor_network_is_asked_and_a_thousand_are_quick(
    services: Services, memory_keyring: MemoryKeyring
) -> None:
    many = [profile(f"Device {number}", Auth.OAUTH if number % 2 else Auth.OAUTH_APP) for number in range(1_000)]
    services.store.save(*many)
    for number, item in enumerate(many):
        if item.auth is Auth.OAUTH:
            record = SignInRecord(item.id, "home", "a@contoso.example", "t", NOW - days(number % 120))
            services.store.remember_sign_in(record)
        else:
            ends = NOW + days(number % 400)
            services.store.remember_credential(CredentialRecord(item.id, SecretKind.CLIENT_SECRET, NOW, ends))
    memory_keyring.fault = RuntimeError("the keyring was asked")
    services.expiries.all(NOW)
    begun = time.perf_counter()
    assert len(services.expiries.all(NOW)) == 1_000
    assert time.perf_counter() - begun < 0.5


def test_the_calendar_has_the_days_to_come_and_not_the_past(
    services: Services, signed_in: Callable[..., RelayProfile], stored: Callable[..., RelayProfile]
) -> None:
    soon = stored("Scanner; 2nd floor, 🖨️", SecretKind.CLIENT_SECRET, 6)
    stored("unknown", SecretKind.CLIENT_SECRET, None)
    signed_in("past", 95)
    signed_in("today", 1, ended_at=NOW - datetime.timedelta(minutes=1), ended_why="Refused.")
    calendar: Any = Calendar.from_ical(services.expiries.calendar(services.expiries.all(NOW), NOW))
    events = {str(event["UID"]): event for event in calendar.events}
    assert len(events) == 2
    event = events[f"client-secret.{soon.id}@relaywright"]
    assert event["SUMMARY"] == "The client secret of “Scanner; 2nd floor, 🖨️” ends"
    assert event.start == datetime.date(2026, 11, 30)
    assert "new client secret" in event["DESCRIPTION"]
    assert "Whose move: Application administrator." in event["DESCRIPTION"]
    assert len(event.walk("VALARM")) == len(services.expiries.warn_days)


def test_a_calendar_of_nothing_is_refused(services: Services, signed_in: Callable[..., RelayProfile]) -> None:
    signed_in("past", 95)
    with pytest.raises(InputError) as refused:
        services.expiries.calendar(services.expiries.all(NOW), NOW)
    assert refused.value.id == "nothing-to-remember"


def test_the_calendar_file_is_never_silently_replaced(
    services: Services, stored: Callable[..., RelayProfile], tmp_path: Path
) -> None:
    stored("a", SecretKind.CLIENT_SECRET, 6)
    path = tmp_path / "ends.ics"
    found = services.expiries.all(NOW)
    assert services.expiries.write_calendar(found, NOW, path, overwrite=False).size == path.stat().st_size
    with pytest.raises(InputError, match="exists already"):
        services.expiries.write_calendar(found, NOW, path, overwrite=False)
    services.expiries.write_calendar(found, NOW, path, overwrite=True)
