"""What the store gives back besides profiles: a run of the history, and who is signed in."""

import datetime
from dataclasses import dataclass
from typing import Any


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


@dataclass(frozen=True)
class SignInRecord:
    """Which account is signed in for a profile. The tokens are in the sealed cache, never here."""

    profile_id: str
    home_account_id: str
    username: str
    tenant: str
    signed_in_at: datetime.datetime
