"""What the head of the window says about a profile beyond its fields: its cloud's name, what is wrong, what ends.

It is read from files (the catalogue, a CA file), so it is gathered in a job and remembered here by the profile's value.
"""

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relaywright.domain.address import domain_of
from relaywright.domain.errors import RelaywrightError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import RelayProfile
from relaywright.gui.models import expiry_words, wording
from relaywright.services.expiries import Expiry

if TYPE_CHECKING:
    from relaywright.bootstrap import Services


@dataclass(frozen=True)
class ProfileFacts:
    """A cloud's name and the findings about a profile's fields."""

    cloud_name: str
    findings: tuple[Finding, ...]


def gather(services: "Services", profile: RelayProfile) -> ProfileFacts:
    """Read the facts. Never fails: an unknown cloud is a finding."""
    try:
        cloud_name = services.catalog.cloud(profile.cloud).name
    except RelaywrightError:
        cloud_name = profile.cloud
    return ProfileFacts(cloud_name, tuple(services.profiles.faults(profile)))


@dataclass(frozen=True)
class ChipText:
    """What one chip of the header says; without a level it only names something."""

    text: str
    level: Level | None = None
    tip: str = ""
    page: str = ""
    """The page where it is seen to; such a chip can be pressed."""


def chips(profile: RelayProfile, facts: ProfileFacts | None, expiry: Expiry | None = None) -> list[ChipText]:
    """Return the chips of the header. An end that needs attention and faults come last, the gravest first."""
    shown = [ChipText(wording.METHODS[profile.method]), ChipText(facts.cloud_name if facts else profile.cloud)]
    domain = domain_of(profile.sender)
    if domain:
        shown.append(ChipText(domain, tip="The domain of the From address"))
    if expiry is not None and expiry.needs_attention:
        now = datetime.datetime.now(datetime.UTC)
        level, tip = expiry_words.LEVELS[expiry.state], expiry_words.whole(expiry, now)
        shown.append(ChipText(expiry_words.short(expiry, now), level, tip, page="sign-in"))
    told: set[str] = set()
    for level in (Level.ERROR, Level.WARNING):
        for finding in facts.findings if facts is not None else ():
            if finding.level is level and finding.field not in told:
                told |= {finding.field} - {""}  # one field, one chip: its settings say the rest
                tip = "\n".join(filter(None, (finding.detail, *finding.steps)))
                shown.append(ChipText(finding.title, level, tip))
    return shown
