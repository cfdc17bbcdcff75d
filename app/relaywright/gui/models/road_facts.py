"""What the picture of the mail's road says: three places, two legs, and where it broke. Painting it is road.py's."""

from dataclasses import dataclass
from enum import StrEnum

from relaywright.domain.address import domain_of
from relaywright.domain.profile import Auth, Method, RelayProfile
from relaywright.gui.models import wording
from relaywright.gui.models.run_view import RunView
from relaywright.smtp.events import PhaseName


class LegState(StrEnum):
    """What was seen of a leg."""

    UNTRIED = "untried"
    RUNNING = "running"
    OK = "ok"
    BROKEN = "broken"


@dataclass(frozen=True)
class Place:
    """One end of a leg."""

    icon: str
    name: str
    detail: str


@dataclass(frozen=True)
class Leg:
    """The way between two places: what is used on it, what was seen of it, and the words for that."""

    uses: str
    state: LegState
    says: str = ""


@dataclass(frozen=True)
class Road:
    """The whole picture."""

    device: Place
    service: Place
    recipients: Place
    first: Leg
    second: Leg

    def in_words(self) -> str:
        """Return the picture for a screen reader."""
        parts = [
            f"{self.device.name} ({self.device.detail})",
            f"{self.first.uses}: {self.first.says or self.first.state}",
            f"{self.service.name} ({self.service.detail})",
            f"{self.second.uses}: {self.second.says or self.second.state}",
            f"{self.recipients.name} ({self.recipients.detail})",
        ]
        return "; then ".join(parts)


_REACH = {
    Method.CLIENT_SUBMISSION: "inside and outside",
    Method.CONNECTOR: "inside and outside",
    Method.DIRECT_SEND: "inside only",
    Method.HVE: "inside only",
    Method.ACS: "inside and outside",
    Method.CUSTOM: "as the server allows",
}


def road(profile: RelayProfile, run: RunView | None, cloud_name: str, running: PhaseName | None = None) -> Road:
    """Return the road of a profile with what its last run (or the running one) has shown of it."""
    first, second = _legs(profile, run, running)
    return Road(
        Place(wording.pictogram(profile), profile.name, profile.sender or "no From address yet"),
        Place("cloud" if not _is_local(profile) else "practice", _host(profile), cloud_name),
        Place("inbox", *_recipients(profile, run)),
        first,
        second,
    )


def _is_local(profile: RelayProfile) -> bool:
    return profile.host in {"localhost", "127.0.0.1", "::1"}


def _host(profile: RelayProfile) -> str:
    if profile.host:
        return profile.host
    domain = domain_of(profile.sender)
    return f"MX of {domain}" if domain else "MX endpoint"


def _uses(profile: RelayProfile, run: RunView | None) -> str:
    parts = [str(profile.port), wording.SECURITIES[profile.security]]
    if run is not None and run.tls_version:
        parts.append(run.tls_version.replace("TLSv", "TLS "))
    if run is not None and run.mechanism:
        parts.append(f"AUTH {run.mechanism}")
    elif profile.auth is not Auth.NONE:
        parts.append({Auth.PASSWORD: "password", Auth.OAUTH: "OAuth", Auth.OAUTH_APP: "OAuth app"}[profile.auth])
    else:
        parts.append("no sign-in")
    return " · ".join(dict.fromkeys(parts))


def _legs(profile: RelayProfile, run: RunView | None, running: PhaseName | None) -> tuple[Leg, Leg]:
    uses, reach = _uses(profile, run), _REACH[profile.method]
    onward = Leg(reach, LegState.UNTRIED)
    if running is not None:
        return Leg(uses, LegState.RUNNING, f"{wording.DOING[running]}…"), onward
    if run is None:
        return Leg(uses, LegState.UNTRIED, "not tried yet"), onward
    if run.ok and run.kind == "check":
        return Leg(uses, LegState.OK, "checked"), Leg(reach, LegState.UNTRIED, "nothing was sent")
    if run.ok:
        return Leg(uses, LegState.OK, "message taken"), Leg(reach, LegState.UNTRIED, "not seen from here")
    if run.reply is not None and run.reply.command == "RCPT":
        return Leg(uses, LegState.OK), Leg(reach, LegState.BROKEN, "recipient refused")
    return Leg(uses, LegState.BROKEN, _how_it_broke(run)), onward


_BELOW_SMTP = {PhaseName.RESOLVE: "name not found", PhaseName.CONNECT: "no connection"}


def _how_it_broke(run: RunView) -> str:
    broken = run.broken_phase
    if broken is None:
        return "no connection"
    if run.failed_at:
        return _BELOW_SMTP.get(broken, f"broke at {wording.PHASES[broken]}")
    return wording.FAILED_AT[broken]


def _recipients(profile: RelayProfile, run: RunView | None) -> tuple[str, str]:
    if run is not None and run.recipients:
        first = run.recipients[0][0]
        name = first if len(run.recipients) == 1 else f"{first} +{len(run.recipients) - 1}"
        taken = sum(1 for _, reply in run.recipients if reply is not None and reply.positive)
        if run.ok:
            return name, "taken by the service"
        return name, "not reached" if not taken else "accepted, then not sent"
    name = profile.recipient or "Recipients"
    if run is not None and not run.ok:
        return name, "not reached"
    return name, "not tried yet" if run is None else "not asked"
