"""Days to remember as an iCalendar file (RFC 5545), which every calendar program imports."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relaywright import __version__
from relaywright.domain.address import has_control

if TYPE_CHECKING:
    from icalendar import Event

NAME = "Relaywright: what ends"
REMIND_AT_HOUR = 9
"""An all-day event begins at midnight: without this every telephone would ring then."""
_SEQUENCE_EPOCH = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class CalendarDay:
    """One day and what is said of it. The same ``uid`` again means the same entry, to be replaced."""

    uid: str
    day: datetime.date
    summary: str
    description: str


def calendar_file(days: Iterable[CalendarDay], warn_days: Sequence[int], now: datetime.datetime) -> bytes:
    """Return the file: one all-day event for each day, reminded at nine o'clock on each of ``warn_days`` before it.

    A file made in a later minute has a higher SEQUENCE, so that importing it replaces what was imported before
    (RFC 5545 section 3.8.7.4). ``now`` has a time zone and lies after 2025.
    """
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//Relaywright//Relaywright {__version__}//EN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", NAME)
    stamp = now.astimezone(datetime.UTC).replace(microsecond=0)
    sequence = int((stamp - _SEQUENCE_EPOCH).total_seconds() // 60)
    for item in days:
        event = Event()
        event.add("uid", item.uid)
        event.add("dtstamp", stamp)
        event.add("sequence", sequence)
        event.add("dtstart", item.day)
        event.add("dtend", item.day + datetime.timedelta(days=1))
        event.add("summary", _printable(item.summary))
        event.add("description", _printable(item.description))
        event.add("transp", "TRANSPARENT")  # the day stays free
        event.add("categories", ["Relaywright"])
        for before in warn_days:
            _add_alarm(event, _printable(item.summary), before)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _add_alarm(event: "Event", text: str, days_before: int) -> None:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", text)
    alarm.add("trigger", datetime.timedelta(days=-days_before, hours=REMIND_AT_HOUR))
    event.add_component(alarm)


def _printable(text: str) -> str:
    """Return the text without controls, which RFC 5545 has no way to write; a certificate's subject may hold them."""
    return "".join(char for char in text.replace("\r\n", "\n") if char == "\n" or not has_control(char))
