"""What the window says of an end: short for a row or a chip, whole for a tooltip or a screen reader."""

import datetime

from relaywright.catalog.facts import LifetimeKind
from relaywright.domain.finding import Level
from relaywright.gui.models import wording
from relaywright.services.expiries import Expiry, ExpiryState

NOUNS = {
    LifetimeKind.SIGN_IN: "Sign-in",
    LifetimeKind.CLIENT_SECRET: "Secret",
    LifetimeKind.CERTIFICATE: "Certificate",
}
LEVELS = {
    ExpiryState.ENDED: Level.ERROR,
    ExpiryState.SOON: Level.WARNING,
    ExpiryState.UNKNOWN: Level.INFO,
    ExpiryState.GOOD: Level.OK,
}


def short(expiry: Expiry, now: datetime.datetime) -> str:
    """Return it as it stands in a profile's row: “Sign-in ended 12 Nov”, “Secret ends in 6 days”."""
    noun, day, days = NOUNS[expiry.kind], expiry.ends_on, expiry.days_left(now)
    if day is None or days is None:
        return f"{noun}: end not known"
    if expiry.state is ExpiryState.ENDED:
        return f"{noun} ended {'today' if days >= 0 else wording.near_date(day, now)}"
    if expiry.state is ExpiryState.GOOD:
        return f"{noun} ends {wording.date(day)}"
    when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
    return f"{noun} ends {when}"


def left(expiry: Expiry, now: datetime.datetime) -> str:
    """Return how long it still is: “6 days”, “today”, “12 days ago”; beside a bar or in a cell."""
    days = expiry.days_left(now)
    if days is None:
        return "not known"
    if expiry.state is ExpiryState.ENDED:
        return {0: "today", -1: "yesterday"}.get(min(days, 0), f"{-days} days ago")
    return {0: "today", 1: "tomorrow"}.get(days, f"{days} days")


def day(expiry: Expiry) -> str:
    """Return the day of the end, or a dash."""
    return wording.date(expiry.ends_on) if expiry.ends_on is not None else "–"


def what(expiry: Expiry) -> str:
    """Return which thing it is: “Sign-in of scan@contoso.example”."""
    link = " " if expiry.kind is LifetimeKind.CERTIFICATE else " of "
    return link.join(filter(None, (NOUNS[expiry.kind], expiry.what)))


def whole(expiry: Expiry, now: datetime.datetime) -> str:
    """Return everything that is known, in lines: what, until when, why, whose move, the steps."""
    until = "" if expiry.ends_on is None or not expiry.needs_attention else f" ({wording.date(expiry.ends_on)})"
    move = f"Whose move: {expiry.who}." if expiry.steps else ""
    return "\n".join(filter(None, (f"{short(expiry, now)}{until}", expiry.what, expiry.why, move, *expiry.steps)))
