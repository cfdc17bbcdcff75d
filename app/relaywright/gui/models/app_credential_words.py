"""What is said of an application's certificate or client secret: which, since when, until when. No Qt."""

import datetime

from relaywright.domain.finding import Finding, Level
from relaywright.gui.models import expiry_words, wording
from relaywright.services.expiries import Expiry, ExpiryState
from relaywright.store.records import CredentialRecord

INTRO = "Each check and test gets a token with its certificate or its client secret, with no person present."
CERTIFICATE = (
    "The safer of the two: its private key lies sealed under the keyring, and only the public part goes to the app "
    "registration."
)
SECRET = "Quicker to set up. Its value is shown once in the portal, beside the day it expires."  # noqa: S105 - words


def tell(record: CredentialRecord | None, expiry: Expiry | None, now: datetime.datetime, *, busy: bool) -> Finding:
    """Say what is stored, and how its end stands, as both are known without asking the keyring."""
    if busy:
        return Finding("busy", Level.INFO, "Waiting for the keyring…")
    if record is None or expiry is None:
        return Finding("none", Level.INFO, "Nothing is stored yet: make a certificate, or store a client secret")
    what = "certificate" if record.thumbprint else "client secret"
    stored = f"Stored {wording.age(record.stored_at, now)}."
    if expiry.state is ExpiryState.UNKNOWN:
        return Finding(
            "end-unknown",
            Level.WARNING,
            "Signs in with a client secret, and nobody said when it ends",
            f"{stored} The portal shows the day; enter it below, and you are reminded in time.",
        )
    if expiry.state is ExpiryState.GOOD:
        return Finding("good", Level.OK, f"Signs in with a {what}, good until {expiry_words.day(expiry)}", stored)
    title = f"{expiry_words.short(expiry, now)}, {expiry_words.day(expiry)}"
    return Finding(f"credential-{expiry.state}", expiry_words.LEVELS[expiry.state], title, expiry.why, expiry.steps)


def certificate_facts(record: CredentialRecord) -> list[tuple[str, str]]:
    """Return (name, value) pairs that tell this certificate from another, as the portal names them."""
    ends = wording.date(record.ends_at) if record.ends_at else "not known"
    return [("Certificate", record.subject), ("Thumbprint", record.thumbprint), ("Ends on", ends)]
