"""Who is signed in, and the token that signs in with. Plain values; how they are got is signin.py's."""

import datetime
from dataclasses import dataclass

from relaywright.domain.finding import Finding, Level
from relaywright.domain.secret import Secret


@dataclass(frozen=True)
class Account:
    """A person's account as the sign-in service names it. Untrusted text: only the service vouches for it."""

    home_account_id: str
    """Stable id of the account (``oid.tid`` with Microsoft)."""
    username: str
    tenant: str


@dataclass(frozen=True)
class AccessToken:
    """A token that a mail server takes, and until when."""

    value: Secret
    expires_at: datetime.datetime
    """In UTC, as the service told it."""
    account: Account


def compare_with(account: Account, wanted_username: str) -> Finding | None:
    """Return a finding when somebody else signed in than the profile's user name says; None when they agree.

    It is allowed: a person with Full Access or Send As signs in with their own account for a shared mailbox.
    """
    if not wanted_username or account.username.casefold() == wanted_username.strip().casefold():
        return None
    return Finding(
        id="signed-in-as-other",
        level=Level.INFO,
        title=f"Signed in as {account.username}, not as {wanted_username.strip()}.",
        detail="That is right for a shared mailbox on which this account has permission; otherwise it is a mix-up.",
        steps=(
            f"If it is a mix-up: sign out, then sign in again as {wanted_username.strip()}.",
            f"If it is a shared mailbox: see that {account.username} has Full Access and Send As on it.",
        ),
        field="username",
    )
