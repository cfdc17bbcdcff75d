"""Short words for profiles, runs and ages, the same on every page."""

import datetime
import functools
import re

from PySide6.QtCore import QDate, QLocale

from relaywright.domain.profile import Auth, Method, RelayProfile, Security
from relaywright.smtp.events import PhaseName

METHODS = {
    Method.CLIENT_SUBMISSION: "Client submission",
    Method.CONNECTOR: "Connector",
    Method.DIRECT_SEND: "Direct Send",
    Method.HVE: "High Volume Email",
    Method.ACS: "Azure Communication Services",
    Method.CUSTOM: "Custom server",
}
SIGN_INS = {
    Auth.NONE: "no sign-in",
    Auth.PASSWORD: "password",
    Auth.OAUTH: "OAuth",
    Auth.OAUTH_APP: "OAuth app",
}
SECURITIES = {Security.STARTTLS: "STARTTLS", Security.TLS: "TLS", Security.NONE: "not encrypted"}
PHASES = {
    PhaseName.RESOLVE: "Resolve",
    PhaseName.CONNECT: "Connect",
    PhaseName.GREETING: "Greeting",
    PhaseName.EHLO: "EHLO",
    PhaseName.TLS: "TLS",
    PhaseName.AUTH: "Sign-in",
    PhaseName.ENVELOPE: "Envelope",
    PhaseName.DATA: "Message",
    PhaseName.QUIT: "Quit",
}
FAILED_AT = {
    PhaseName.RESOLVE: "name not found",
    PhaseName.CONNECT: "no connection",
    PhaseName.GREETING: "refused at greeting",
    PhaseName.EHLO: "refused at EHLO",
    PhaseName.TLS: "broke at TLS",
    PhaseName.AUTH: "refused at sign-in",
    PhaseName.ENVELOPE: "refused at the envelope",
    PhaseName.DATA: "message refused",
    PhaseName.QUIT: "broke at the end",
}
DOING = {
    PhaseName.RESOLVE: "Looking up the server’s name",
    PhaseName.CONNECT: "Connecting",
    PhaseName.GREETING: "Waiting for the greeting",
    PhaseName.EHLO: "Asking what the server offers",
    PhaseName.TLS: "Encrypting the connection",
    PhaseName.AUTH: "Signing in",
    PhaseName.ENVELOPE: "Naming sender and recipients",
    PhaseName.DATA: "Sending the message",
    PhaseName.QUIT: "Saying goodbye",
}

# The first group wins that has the beginning of a word of name, tags, folder or cloud; a guess, for a picture only.
_PICTOGRAM_WORDS = (
    ("printer", ("scan", "print", "drucker", "copier", "mfp", "imprimante", "canon", "ricoh", "xerox", "kyocera")),
    ("nas", ("nas", "synology", "qnap", "backup", "storage", "truenas", "veeam")),
    ("script", ("script", "powershell", "cron", "python", "task")),
    ("chart", ("grafana", "monitor", "zabbix", "alert", "prtg", "nagios")),
    ("door", ("door", "alarm", "camera", "access", "ups", "sensor")),
    ("server", ("postfix", "smarthost", "server", "relay", "exim", "sendmail")),
    ("practice", ("practice",)),
)


def pictogram(profile: RelayProfile) -> str:
    """Return the name of the icon that fits what the profile is called; an application when nothing is known."""
    words = re.findall(r"\w+", " ".join((profile.name, *profile.tags, profile.folder, profile.cloud)).casefold())
    for icon, hints in _PICTOGRAM_WORDS:
        if any(word.startswith(hints) for word in words):
            return icon
    return "application"


def sub_line(profile: RelayProfile) -> str:
    """Return what stands below a profile's name in the list."""
    method = METHODS[profile.method]
    if profile.auth is not Auth.NONE:
        return f"{method} · {SIGN_INS[profile.auth]}"
    if profile.method is Method.DIRECT_SEND:
        return f"{method} · inside only"
    return f"{method} · {profile.host}" if profile.host else method


def age(then: datetime.datetime, now: datetime.datetime | None = None) -> str:
    """Return how long ago something was: “just now”, “5 minutes ago”, “yesterday”, “3 weeks ago”."""
    now = now or datetime.datetime.now(datetime.UTC)
    seconds = (now - then).total_seconds()
    if seconds < 0:
        return f"on {date(then)}"
    for limit, size, unit in (
        (90, 0, "just now"),
        (3600, 60, "minute"),
        (86_400, 3600, "hour"),
        (14 * 86_400, 86_400, "day"),
        (60 * 86_400, 7 * 86_400, "week"),
        (730 * 86_400, 30 * 86_400, "month"),
    ):
        if seconds < limit:
            count = max(1, round(seconds / size)) if size else 0
            return f"{count} {unit}{'' if count == 1 else 's'} ago" if size else unit
    return f"on {date(then)}"


def last_run(kind: str, started_at: datetime.datetime, *, ok: bool) -> str:
    """Return how a profile's last run ended: “Last test 23 Nov 2026, 14:02 · failed”."""
    return f"Last {'test' if kind == 'send' else 'check'} {moment(started_at)} · {'worked' if ok else 'failed'}"


def moment(then: datetime.datetime) -> str:
    """Return a moment in local time: “23 Nov 2026, 14:02”."""
    local = then.astimezone()
    return f"{date(then)}, {local:%H:%M}"


def date(then: datetime.date | datetime.datetime) -> str:
    """Return a day as the system's locale writes it, the year in full; “23 Nov 2026” where it has no habit."""
    return _written(then, _day_format())


def near_date(then: datetime.date | datetime.datetime, now: datetime.datetime) -> str:
    """Return a day without its year when that is the present one: “23 Nov”."""
    local = then.astimezone() if isinstance(then, datetime.datetime) else then
    if local.year != now.astimezone().year:
        return date(then)
    # What stood between year and day goes with the year; a German “15.10.” keeps its second point.
    return _written(then, re.sub("y+", "", _day_format()).strip(" /-,年\u200e\u200f").lstrip(". "))


def _written(then: datetime.date | datetime.datetime, form: str) -> str:
    local = then.astimezone() if isinstance(then, datetime.datetime) else then
    return _locale().toString(QDate(local.year, local.month, local.day), form)


@functools.cache
def _locale() -> QLocale:
    return QLocale.system()


@functools.cache
def _day_format() -> str:
    """Return the locale's short form with four digits for the year: nobody should read 11/10/09 as a riddle."""
    if _locale().language() is QLocale.Language.C:
        return "d MMM yyyy"
    return re.sub("y+", "yyyy", _locale().dateFormat(QLocale.FormatType.ShortFormat))


def milliseconds(value: float) -> str:
    """Return a span of time as short as it can be said: “0.4 ms”, “38 ms”, “4.2 s”."""
    if value < 9.95:
        return f"{value:.1f} ms"
    return f"{value:.0f} ms" if value < 9_950 else f"{value / 1000:.1f} s"


def tip(untrusted_text: str) -> str:
    """Return a text for a tooltip that shows it as it is.

    Qt takes a tooltip with a tag in it for HTML and would fetch its pictures: the name of a profile from a colleague’s
    file could make Windows sign in to a stranger’s file server.
    """
    if "<" not in untrusted_text:
        return untrusted_text
    import html  # a quarter of a megabyte of entities, for a rare name

    return f"<span>{html.escape(untrusted_text)}</span>".replace("\n", "<br>")
