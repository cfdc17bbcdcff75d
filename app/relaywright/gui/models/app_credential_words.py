"""What is said of an application's certificate or client secret: which, since when, until when. No Qt."""

import datetime

from relaywright.domain.finding import Finding, Level
from relaywright.gui.models import wording
from relaywright.store.records import CredentialRecord

INTRO = "Each check and test gets a token with its certificate or its client secret, with no person present."
CERTIFICATE = (
    "The safer of the two: its private key lies sealed under the keyring, and only the public part goes to the app "
    "registration."
)
SECRET = "Quicker to set up. Its value is shown once in the portal, beside the day it expires."  # noqa: S105 - words
SOON_DAYS = 30


def tell(record: CredentialRecord | None, *, busy: bool, now: datetime.datetime | None = None) -> Finding:
    """Say what is stored, as it is known without asking the keyring."""
    if busy:
        return Finding("busy", Level.INFO, "Waiting for the keyring…")
    if record is None:
        return Finding("none", Level.INFO, "Nothing is stored yet: make a certificate, or store a client secret")
    what = "certificate" if record.thumbprint else "client secret"
    stored = f"Stored {wording.age(record.stored_at)}."
    if record.ends_at is None:
        return Finding(
            "end-unknown",
            Level.WARNING,
            "Signs in with a client secret, and nobody said when it ends",
            f"{stored} The portal shows the day; enter it below, and you are reminded in time.",
        )
    moment = now or datetime.datetime.now(datetime.UTC)
    day, left = wording.date(record.ends_at), (record.ends_at - moment).days
    if record.ends_at <= moment:
        return Finding("ended", Level.ERROR, f"The {what} ended on {day}", "Nothing can be sent with it any more.")
    if left < SOON_DAYS:
        days = "today" if left == 0 else f"in {left} day{'' if left == 1 else 's'}"
        return Finding("ends-soon", Level.WARNING, f"The {what} ends {days}, on {day}", "Put a new one in its place.")
    return Finding("good", Level.OK, f"Signs in with a {what}, good until {day}", stored)


def certificate_facts(record: CredentialRecord) -> list[tuple[str, str]]:
    """Return (name, value) pairs that tell this certificate from another, as the portal names them."""
    ends = wording.date(record.ends_at) if record.ends_at else "not known"
    return [("Certificate", record.subject), ("Thumbprint", record.thumbprint), ("Ends on", ends)]
