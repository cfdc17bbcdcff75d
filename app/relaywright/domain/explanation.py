"""What a refusal means, whose move it is and the command to run, with the profile's own values filled in."""

import datetime
from dataclasses import dataclass
from enum import StrEnum


class MatchConfidence(StrEnum):
    """How an explanation was found."""

    EXACT = "exact"
    """A catalogue entry matched the text's variant."""
    CODE = "code"
    """Only the code's class is known."""
    UNKNOWN = "unknown"
    """Nothing was recognised."""


class Sureness(StrEnum):
    """How well a fact is known (the marks of the facts pages)."""

    DOCUMENTED = "documented"
    MIRRORED = "mirrored"
    """Microsoft's text, read through a mirror, an excerpt or a quote."""
    REPORTED = "reported"
    """Seen in user reports or other people's code."""
    UNVERIFIED = "unverified"


@dataclass(frozen=True)
class Explanation:
    """One refusal, explained. The keys of the command line's ``explanation`` object."""

    id: str
    title: str
    cause: str
    temporary: bool
    steps: tuple[str, ...]
    powershell: str
    """The administrator's command with values filled in; empty when there is none."""
    who: str
    """Whose move it is: ``Exchange administrator``, ``network``, ``profile`` …"""
    sources: tuple[str, ...]
    checked: datetime.date | None
    """The day the sources were read."""
    sureness: Sureness
    confidence: MatchConfidence
