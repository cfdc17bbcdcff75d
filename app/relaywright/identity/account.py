"""Who is signed in, and the token that signs in with. Plain values; how they are got is signin.py's."""

import datetime
from dataclasses import dataclass

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
    is_new: bool = False
    """Whether the service has just given it; else it was kept."""
