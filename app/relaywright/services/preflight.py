"""What a check looks at beside the session itself: names, MX, the other ports, a proxy; each leg on its own, at once.

A leg ends in findings, never in an error: what it ran into is what it has to tell. The check lasts as long as its
slowest leg, at most :data:`LIMITS` long.
"""

import contextlib
import functools
import ipaddress
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from relaywright.catalog.catalog import Catalog, values_of
from relaywright.catalog.facts import OldDevice, PortFacts
from relaywright.domain.address import domain_of
from relaywright.domain.cancel import CancelToken
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Auth, Method, RelayProfile, Security
from relaywright.domain.reply import FailureKind, Stage
from relaywright.smtp.endpoint import IPV4, IPV6, addresses_of, mail_exchangers
from relaywright.smtp.events import Outcome
from relaywright.smtp.plan import MxOf, SendPlan, TimeLimits
from relaywright.smtp.trouble import Trouble

LIMITS = TimeLimits(resolve_s=8.0, connect_s=8.0, tls_s=8.0, reply_s=8.0, quit_s=1.0, whole_s=15.0)
"""Of a leg, in seconds: shorter than a session's, because nobody waits for a port that a firewall swallows."""

_USE_MX = {Method.CONNECTOR, Method.DIRECT_SEND}
_ENCRYPTION = {Security.STARTTLS: "STARTTLS", Security.TLS: "TLS from the start", Security.NONE: "no encryption"}
_SILENT = {
    FailureKind.CONNECTION_REFUSED: "is closed",
    FailureKind.CONNECT_TIMEOUT: "does not answer",
    FailureKind.UNREACHABLE: "cannot be reached",
}
_MEANING = {
    FailureKind.CONNECTION_REFUSED: "Somebody is there and takes no connections at this port.",
    FailureKind.CONNECT_TIMEOUT: "Something on the way drops what goes there: mostly a firewall or the provider.",
    FailureKind.UNREACHABLE: "There is no way from this computer to it.",
}


Tell = Callable[[Finding], None]
"""Takes a finding as soon as it is made, while other legs are still under way."""


@dataclass(frozen=True)
class Road:
    """Where the check goes: the profile with what stands behind its fields."""

    profile: RelayProfile
    host: str | MxOf
    ca_file: Path | None
    old_devices: tuple[OldDevice, ...] = ()
    """With whose eyes it is to be seen as well."""
    nameserver: str = ""
    """``ADDRESS[:PORT]`` to ask for the MX; empty asks the ones the system is set to."""


class Preflight:
    """The legs of one check, under way from ``with`` on; leaving the block ends those that are not done."""

    def __init__(self, catalog: Catalog, road: Road, tell: Tell, cancel: CancelToken) -> None:
        self._catalog = catalog
        self._road = road
        self._tell = tell
        self._cancel = CancelToken()  # a child: the legs end with the check, and also when the session cannot begin
        self._forget = cancel.on_cancel(self._cancel.cancel)
        legs = self._legs()
        self._pool = ThreadPoolExecutor(len(legs), "relaywright-leg")
        self._under_way: list[Future[Sequence[Finding]]] = [self._pool.submit(self._walk, leg) for leg in legs]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._forget()
        self._cancel.cancel()
        self._pool.shutdown()

    def findings(self) -> list[Finding]:
        """Wait for all legs and return what they found, in the legs' order. Raises Cancelled."""
        return [finding for leg in self._under_way for finding in leg.result()]

    def _legs(self) -> list[Callable[[], Sequence[Finding]]]:
        profile, host = self._road.profile, self._road.host
        legs: list[Callable[[], Sequence[Finding]]] = []
        if isinstance(host, str) and not _is_ip_address(host):
            legs.append(functools.partial(self._names, host))
        if profile.method in _USE_MX:
            legs.append(self._exchangers)
        ports = self._catalog.ports(self._catalog.cloud(profile.cloud))
        legs += [functools.partial(self._port, port) for port in ports if port.number != profile.port]
        legs.append(self._proxy)
        legs += [functools.partial(self._old_device, device) for device in self._road.old_devices]
        return legs

    def _walk(self, leg: Callable[[], Sequence[Finding]]) -> Sequence[Finding]:
        found = leg()
        for finding in found:
            self._tell(finding)
        return found

    # the legs

    def _names(self, host: str) -> Sequence[Finding]:
        """Ask for IPv4 and IPv6 apart: a device may know only one of them."""
        seen: dict[str, list[str]] = {}
        for word, family in (("IPv4", IPV4), ("IPv6", IPV6)):
            deadline = time.monotonic() + LIMITS.resolve_s
            with contextlib.suppress(Trouble):  # none of this kind; with none of either, the session says why
                found = addresses_of(host, self._road.profile.port, deadline, self._cancel, family)
                seen[word] = [str(address.sockaddr[0]) for address in found]
        if not seen:
            return []
        detail = "; ".join(f"{word}: {', '.join(addresses)}" for word, addresses in seen.items())
        if "IPv4" not in seen:
            only = f"{detail}. A device that knows only IPv4 does not reach it from this network."
            return [Finding("only-ipv6", Level.WARNING, f"{host} has only IPv6 addresses here", only, field="host")]
        counts = " and ".join(f"{len(addresses)} {word}" for word, addresses in seen.items())
        plural = "" if sum(map(len, seen.values())) == 1 else "es"
        return [Finding("addresses", Level.OK, f"{host} has {counts} address{plural}", detail)]

    def _exchangers(self) -> Sequence[Finding]:
        """Look where the MX of the From domain points: it is the host of these methods."""
        profile = self._road.profile
        suffixes = self._catalog.cloud(profile.cloud).mx_suffixes
        domain = domain_of(profile.sender)
        if not domain or not suffixes:
            return []
        try:
            hosts = mail_exchangers(domain, time.monotonic() + LIMITS.resolve_s, self._cancel, self._road.nameserver)
        except Trouble as trouble:
            return [Finding("mx-unknown", Level.WARNING, f"The MX of {domain} is not known", trouble.detail)]
        ours = [host for host in hosts if host.endswith(tuple(suffix.lower() for suffix in suffixes))]
        detail = f"MX: {', '.join(hosts) or 'none'}."
        if not ours:
            return [
                Finding(
                    "mx-elsewhere",
                    Level.WARNING,
                    f"The MX of {domain} does not point to Microsoft 365",
                    detail,
                    ("Find the tenant's endpoint in the Microsoft 365 admin center, and set it as the host.",),
                    "host",
                )
            ]
        if isinstance(self._road.host, str) and self._road.host.lower() not in ours:
            return [
                Finding(
                    "mx-not-the-host",
                    Level.INFO,
                    f"The profile's host is not the MX of {domain}",
                    f"{detail} The profile goes to {self._road.host}.",
                    ("Leave the host empty to use the MX whenever something is sent.",),
                    "host",
                )
            ]
        return [Finding("mx-ours", Level.OK, f"The MX of {domain} is Microsoft 365's", detail)]

    def _port(self, port: PortFacts) -> Sequence[Finding]:
        """Go to another port as far as its greeting and its encryption; nobody signs in there."""
        from relaywright.smtp.engine import run

        plan = SendPlan(
            self._road.host,
            port.number,
            port.security,
            self._road.profile.ehlo_name,
            self._road.ca_file,
            limits=LIMITS,
        )
        outcome = run(plan, lambda _event: None, self._cancel)
        if outcome.failure is not None and outcome.failure.stage is Stage.RESOLVE:
            return []  # the session says why
        return [self._port_finding(port, outcome)]

    def _port_finding(self, port: PortFacts, outcome: Outcome) -> Finding:
        name, way = f"Port {port.number}", _ENCRYPTION[port.security]
        documented = self._catalog.method(self._road.profile.method).ports
        parts = [port.purpose]
        if outcome.ok:
            parts.insert(
                0, f"Seen: {outcome.tls.version}, {outcome.tls.cipher}." if outcome.tls else "Seen: a greeting."
            )
            if port.number in documented:
                parts.append("This profile's method may use it.")
            elif documented and port.sources:  # of a lab's ports nothing is documented
                parts.append("This profile's method is not documented for it.")
            return Finding(port_id(port), Level.OK, f"{name} answers, with {way}", " ".join(filter(None, parts)))
        failure = outcome.failure
        if failure is not None and failure.kind in _SILENT:
            parts = [f"Seen: {failure.detail}.", _MEANING[failure.kind], *parts]
            return Finding(port_id(port), Level.INFO, f"{name} {_SILENT[failure.kind]}", " ".join(filter(None, parts)))
        if failure is not None:
            seen = self._catalog.explain_failure(failure, values_of(self._road.profile)).title
        else:
            seen = outcome.reply.one_line if outcome.reply else "the session ended without a word"
        parts = [f"Tried with {way}. Seen: {seen}.", *parts]
        return Finding(
            port_id(port), Level.INFO, f"{name} is open, but no session came about", " ".join(filter(None, parts))
        )

    def _old_device(self, device: OldDevice) -> Sequence[Finding]:
        """Go the road as an old device would, as far as the sign-ins that it is offered."""
        from relaywright.smtp.engine import run

        profile = self._road.profile
        plan = SendPlan(
            self._road.host,
            device.port or profile.port,
            device.security or profile.security,
            profile.ehlo_name,
            self._road.ca_file,
            old_tls=device.has_old_tls,
            limits=LIMITS,
        )
        outcome = run(plan, lambda _event: None, self._cancel)
        if outcome.failure is not None and outcome.failure.stage is Stage.RESOLVE:
            return []
        hindrance = _hindrance(device, profile, outcome)
        if hindrance:
            title = f"{device.name} would not get through"
            return [Finding(f"as-{device.id}", Level.WARNING, title, f"Seen: {hindrance}.", device.steps)]
        version = f", {outcome.tls.version}" if outcome.tls else ""
        title = f"{device.name} would get as far as this profile does"
        return [Finding(f"as-{device.id}", Level.OK, title, f"Seen: a session at port {plan.port}{version}.")]

    def _proxy(self) -> Sequence[Finding]:
        """Say when web pages go through a proxy: mail does not, and then it depends on the firewall alone."""
        import urllib.parse
        import urllib.request

        proxies = urllib.request.getproxies()
        address = proxies.get("https") or proxies.get("http")
        if not address:
            return []
        place = urllib.parse.urlsplit(address if "://" in address else f"//{address}").netloc.rpartition("@")[2]
        return [
            Finding(
                "web-proxy",
                Level.INFO,
                "This computer reaches web pages through a proxy",
                f"Set: {place}. SMTP does not go through it: that sign-in pages open proves nothing for mail.",
            )
        ]


def port_id(port: PortFacts) -> str:
    """Return the stable id of a port's finding."""
    return f"port-{port.number}"


def way_out(catalog: Catalog, profile: RelayProfile, outcome: Outcome, found: Sequence[Finding]) -> list[Finding]:
    """Name the ports that the method may use and that work, where the profile's own port was not reached."""
    if outcome.failure is None or outcome.failure.kind not in _SILENT:
        return []
    cloud = catalog.cloud(profile.cloud)
    usable = {cloud.smtp_port} if cloud.ports else set(catalog.method(profile.method).ports)
    works = {finding.id for finding in found if finding.level is Level.OK}
    return [
        Finding(
            "other-port-works",
            Level.WARNING,
            f"Port {port.number} works where port {profile.port} does not",
            port.purpose,
            (f"Set the profile's port to {port.number}, with {_ENCRYPTION[port.security]}.",),
            "port",
        )
        for port in catalog.ports(cloud)
        if port.number in usable and port_id(port) in works
    ]


def _hindrance(device: OldDevice, profile: RelayProfile, outcome: Outcome) -> str:
    """Return what keeps such a device from sending, as it was seen; empty when nothing does."""
    if outcome.failure is not None:
        return outcome.failure.detail
    if not outcome.ok:
        return outcome.reply.one_line if outcome.reply else "the session ended without a word"
    if profile.auth is Auth.NONE:
        return ""
    offered = next((line[5:] for line in outcome.server_limits if line.upper().startswith("AUTH ")), "").upper().split()
    if not offered:
        return "no sign-in is offered there"
    if device.mechanism and device.mechanism not in offered:
        return f"only {', '.join(offered)} is offered"
    return ""


def _is_ip_address(host: str) -> bool:
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(host)
        return True
    return False
