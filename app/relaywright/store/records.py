"""What the store gives back besides profiles: a run of the history, who is signed in, an application's credential."""

import datetime
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from relaywright.domain.secret import SecretKind


@dataclass(frozen=True)
class Run:
    """One check or send that happened. ``report`` is the command line's JSON document of it."""

    profile_id: str
    kind: str
    """``send`` or ``check``."""
    started_at: datetime.datetime
    ok: bool
    total_ms: float
    title: str
    report: dict[str, Any]
    id: int = 0


@dataclass(frozen=True)
class LastRun:
    """How a profile's newest run ended: what a status dot shows."""

    profile_id: str
    kind: str
    started_at: datetime.datetime
    ok: bool
    title: str


class SignInWay(StrEnum):
    """How a person signed in."""

    BROKER = "broker"
    """Windows' own account broker (WAM)."""
    BROWSER = "browser"
    DEVICE_CODE = "device-code"


@dataclass(frozen=True)
class SignInRecord:
    """Which account is signed in for a profile, and how that stands. The tokens are in the sealed cache, never here."""

    profile_id: str
    home_account_id: str
    username: str
    tenant: str
    signed_in_at: datetime.datetime
    via: SignInWay = SignInWay.BROWSER
    renewed_at: datetime.datetime | None = None
    """When the service last gave a token for it, later than the sign-in itself."""
    ended_at: datetime.datetime | None = None
    """When the service first refused to renew it; None while it is good."""
    ended_why: str = ""

    @property
    def last_good_at(self) -> datetime.datetime:
        """When the service was last known to accept it: its life without use is counted from then."""
        return max(self.signed_in_at, self.renewed_at or self.signed_in_at)


@dataclass(frozen=True)
class CredentialRecord:
    """What is known of an application's own credential, without the credential."""

    profile_id: str
    kind: SecretKind
    """``CLIENT_SECRET`` or ``CLIENT_CERTIFICATE``."""
    stored_at: datetime.datetime
    ends_at: datetime.datetime | None = None
    """None when it is not known: when a client secret ends, only Microsoft knows, until somebody says it."""
    subject: str = ""
    """The certificate's name; empty for a secret."""
    thumbprint: str = ""
    """SHA-1 of the certificate in capitals, as Microsoft's portal shows it."""
