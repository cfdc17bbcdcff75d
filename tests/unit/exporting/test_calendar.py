"""Calendar files, read back with the library: all-day, reminded at nine, replaced by a later import, text escaped."""

import datetime
from typing import Any

import pytest
from icalendar import Calendar

from relaywright.exporting.calendar import CalendarDay, calendar_file

NOW = datetime.datetime(2026, 11, 24, 12, 30, 5, 7, datetime.UTC)
DAY = CalendarDay("sign-in.4711@relaywright", datetime.date(2027, 1, 15), "The sign-in ends", "Run a check")


def read(content: bytes) -> Any:
    """What the library reads; its own types are unions of everything."""
    return Calendar.from_ical(content)


def test_a_day_is_an_all_day_event_that_leaves_the_day_free() -> None:
    event = read(calendar_file([DAY], (30, 7), NOW)).events[0]
    assert (event.start, event.end) == (DAY.day, DAY.day + datetime.timedelta(days=1))
    assert (event["UID"], event["SUMMARY"], event["DESCRIPTION"]) == (DAY.uid, DAY.summary, DAY.description)
    assert event["DTSTAMP"].dt == NOW.replace(microsecond=0)
    assert event["TRANSP"] == "TRANSPARENT"


def test_one_is_reminded_on_the_days_before_at_nine_not_at_midnight() -> None:
    event = read(calendar_file([DAY], (30, 7), NOW)).events[0]
    midnight = datetime.datetime.combine(DAY.day, datetime.time())
    rings = [midnight + alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]
    assert [f"{ring:%Y-%m-%d %H:%M}" for ring in rings] == ["2026-12-16 09:00", "2027-01-08 09:00"]
    assert all((alarm["ACTION"], alarm["DESCRIPTION"]) == ("DISPLAY", DAY.summary) for alarm in event.walk("VALARM"))


def test_a_later_file_replaces_the_entries_of_an_earlier_one() -> None:
    later = NOW + datetime.timedelta(minutes=1)
    first, second = (read(calendar_file([DAY], (30,), when)).events[0] for when in (NOW, later))
    assert first["UID"] == second["UID"]
    assert first["SEQUENCE"] < second["SEQUENCE"] < 2**31
    assert first["DTSTAMP"].dt < second["DTSTAMP"].dt


@pytest.mark.parametrize(
    "text",
    [
        "a, b; c: d",
        'back\\slash "quoted"',
        "🖨️ Drucker 2. OG",
        "x" * 120,
        "END:VEVENT",
        "line\nBEGIN:VEVENT\r\nUID:x",
        "bell\x07 and \x1b[2J",
    ],
)
def test_no_text_breaks_the_file(text: str) -> None:
    content = calendar_file([CalendarDay("u@relaywright", DAY.day, text, text)], (7,), NOW)
    calendar = read(content)
    assert len(calendar.events) == 1
    assert str(calendar.events[0]["SUMMARY"]) == text.replace("\r\n", "\n").translate({7: None, 27: None})
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75  # RFC 5545 section 3.1


def test_the_file_says_what_it_is() -> None:
    calendar = read(calendar_file([DAY], (7,), NOW))
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    assert "Relaywright" in calendar["PRODID"]
