"""Catalog: the one object that is asked for facts. Each file, and its reader, is loaded when it is first needed.

The words of an explanation come from resources/facts alone; what is said here is only how they are put together.
"""

import datetime
import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from relaywright.catalog.facts import (
    Cloud,
    CodeTexts,
    Lifetimes,
    MethodFacts,
    OldDevice,
    PortFacts,
    ReplyRule,
    Retirement,
    RetirementPhase,
    SignInLookup,
    SignInRule,
)
from relaywright.catalog.fallback import explain_by_code, explain_number, explain_unknown
from relaywright.catalog.pasted import cut, replies_in
from relaywright.catalog.replies import (
    Match,
    best_failure,
    best_match,
    best_text_match,
    phrase_letters,
    with_enhanced,
)
from relaywright.catalog.sign_in import Refusal, refusal_in
from relaywright.catalog.templates import fill_command, fill_text, values_of
from relaywright.domain.errors import DamagedFile, InputError
from relaywright.domain.explanation import Explanation, MatchConfidence
from relaywright.domain.finding import Finding
from relaywright.domain.profile import Method, RelayProfile
from relaywright.domain.reply import Failure, Reply, Stage

__all__ = ["Catalog", "values_of"]

_Stamp = tuple[int, int]


class Catalog:
    """The shipped facts and the clouds an administrator added. Nothing is read before it is asked for."""

    def __init__(self, facts: Path, extra_clouds: Sequence[Path] = ()) -> None:
        self._facts = facts
        self._extra_files = tuple(extra_clouds)
        self._extra_read: dict[Path, tuple[_Stamp, dict[str, Cloud] | DamagedFile]] = {}

    @classmethod
    def load(cls, resources: Path, extra_clouds: Sequence[Path] = ()) -> "Catalog":
        """Return the catalogue of a resources folder; ``extra_clouds`` are files that may or may not exist."""
        return cls(resources / "facts", extra_clouds)

    # Clouds

    @property
    def clouds(self) -> Mapping[str, Cloud]:
        """Every cloud that could be read, the shipped ones first. A broken extra file shows in ``damaged_files``."""
        clouds = dict(self._shipped_clouds)
        for found in self._extra_clouds():
            if not isinstance(found, DamagedFile):
                clouds.update(found)
        return clouds

    @property
    def damaged_files(self) -> tuple[DamagedFile, ...]:
        """What is wrong with extra cloud files, for a place where people see it."""
        return tuple(found for found in self._extra_clouds() if isinstance(found, DamagedFile))

    def cloud(self, cloud_id: str) -> Cloud:
        """Return one cloud.

        Raises InputError (``unknown-cloud``), or the DamagedFile of an extra file that may have held it.
        """
        shipped = self._shipped_clouds.get(cloud_id)
        if shipped is not None:
            return shipped
        clouds = self.clouds
        if cloud_id in clouds:
            return clouds[cloud_id]
        for damage in self.damaged_files:
            raise damage
        raise InputError(
            f"There is no cloud “{cloud_id}”.",
            hint=f"Known are: {', '.join(clouds)}. Others are added in clouds.toml in the data folder.",
            id="unknown-cloud",
        )

    @functools.cached_property
    def _shipped_clouds(self) -> dict[str, Cloud]:
        from relaywright.catalog import reading

        return reading.read_clouds(self._facts / "clouds.toml")

    def _extra_clouds(self) -> list[dict[str, Cloud] | DamagedFile]:
        """Return each existing extra file's clouds, or what is wrong with it; read again only when it has changed."""
        taken = set(self._shipped_clouds)
        found = []
        for file in self._extra_files:
            clouds = self._extra_file(file)
            if isinstance(clouds, dict):
                twice = taken & set(clouds)
                taken |= set(clouds)
                if twice:
                    clouds = DamagedFile(
                        f"{file}: [cloud.{min(twice)}]: there is already a cloud with this id",
                        hint="Give it another id.",
                    )
            if clouds is not None:
                found.append(clouds)
        return found

    def _extra_file(self, file: Path) -> dict[str, Cloud] | DamagedFile | None:
        try:
            status = file.stat()
        except OSError:
            return None  # not there, or not yet: the practice cloud's file comes and goes
        from relaywright.catalog import reading

        stamp = (status.st_mtime_ns, status.st_size)
        known = self._extra_read.get(file)
        if known is None or known[0] != stamp:
            try:
                known = (stamp, reading.read_clouds(file))
            except DamagedFile as damage:
                known = (stamp, damage)
            self._extra_read[file] = known
        return known[1]

    # Ports

    def ports(self, cloud: Cloud) -> tuple[PortFacts, ...]:
        """Return the ports that mail may be handed over at in a cloud."""
        return cloud.ports or self._ports

    @functools.cached_property
    def _ports(self) -> tuple[PortFacts, ...]:
        from relaywright.catalog import reading_road

        return reading_road.read_ports(self._facts / "ports.toml")

    @functools.cached_property
    def old_devices(self) -> tuple[OldDevice, ...]:
        """What old devices know, for a check that sees with their eyes."""
        from relaywright.catalog import reading_road

        return reading_road.read_old_devices(self._facts / "old_devices.toml")

    # Methods

    @property
    def methods(self) -> Mapping[Method, MethodFacts]:
        """The six methods, in the order of the domain's list."""
        return self._methods

    def method(self, method: Method) -> MethodFacts:
        """Return the facts about one method."""
        return self._methods[method]

    @functools.cached_property
    def _methods(self) -> dict[Method, MethodFacts]:
        from relaywright.catalog import reading

        return reading.read_methods(self._facts / "methods.toml")

    def app_scope(self, method: Method, cloud: Cloud) -> str:
        """Return the scope that an application asks for: the method's own in Microsoft's clouds, else the cloud's."""
        is_microsofts = bool(cloud.known)  # a lab answers for all of its methods with one scope
        return self.method(method).scope_app if is_microsofts and self.method(method).scope_app else cloud.scope_app

    def new_profile_texts(self, method: Method, cloud_id: str = "worldwide") -> dict[str, str]:
        """Return what a new profile of this method begins with, as field texts. Raises InputError for the cloud."""
        facts, cloud = self.method(method), self.cloud(cloud_id)
        return {
            "method": str(method),
            "cloud": cloud.id,
            "host": cloud.smtp_host if facts.host_from_cloud else facts.host,
            "port": str(cloud.smtp_port if facts.host_from_cloud else facts.port),
            "security": str(facts.security),
            "auth": str(facts.auth),
        }

    # Explanations

    @property
    def replies(self) -> tuple[ReplyRule, ...]:
        """The reply catalogue in the order of its file."""
        return self._replies[0]

    @functools.cached_property
    def _replies(self) -> tuple[tuple[ReplyRule, ...], CodeTexts]:
        from relaywright.catalog import reading

        return reading.read_replies(self._facts / "replies.toml")

    def explain_reply(self, reply: Reply, stage: Stage | None, values: Mapping[str, str]) -> Explanation:
        """Explain a reply: by its entry, else by what the standards say of its code (``confidence``)."""
        match = best_match(self.replies, reply, stage, values)
        if match is not None:
            return _explained(match.rule, values)
        return self._by_code(reply)

    def _by_code(self, reply: Reply) -> Explanation:
        if not reply.code and not reply.enhanced:
            return explain_unknown(reply.text)
        return explain_by_code(reply, self._replies[1], with_enhanced(self.replies, reply.enhanced))

    def explain_failure(self, failure: Failure, values: Mapping[str, str]) -> Explanation:
        """Explain trouble that was no reply, by its kind; the library's words choose among several entries."""
        rule = best_failure(self.replies, failure)
        return _explained(rule, values) if rule is not None else explain_unknown(failure.detail)

    def explain_text(self, text: str, values: Mapping[str, str]) -> Explanation:
        """Explain pasted text by the most telling reply or library error in it. Any text of any length may come.

        An AADSTS number that is known says what the sign-in failed at, before any mail was handed over. Else an entry
        of the catalogue beats a bare code, the more specific one beats the other, the later one of equals.
        """
        pasted = cut(text)
        replies = replies_in(pasted)
        refusals = [reply for reply in replies if not reply.positive]
        sign_in = refusal_in(pasted, self.sign_in_errors, words=not refusals)
        if sign_in is not None and sign_in.certain:
            return self._refused(sign_in, values)
        best: Match | None = None
        for reply in replies:
            match = best_match(self.replies, reply, None, values)
            if match is not None and (best is None or match.rank >= best.rank):
                best = match
        best = best or best_text_match(self.replies, pasted, values, failures_only=bool(refusals))
        if best is not None:
            return _explained(best.rule, values)
        if sign_in is not None:
            return self._refused(sign_in, values)
        if replies:
            return self._by_code((refusals or replies)[-1])
        return explain_unknown(pasted)

    def explain_header(self, results: str, values: Mapping[str, str]) -> list[Explanation]:
        """Explain the failed results in an Authentication-Results field (RFC 8601), the weightiest first."""
        text = results.lower()
        return [_explained(rule, values) for rule in self._header_results if phrase_letters(rule, text) is not None]

    @functools.cached_property
    def _header_results(self) -> tuple[ReplyRule, ...]:
        from relaywright.catalog import reading

        return reading.read_header_results(self._facts / "header_results.toml")

    # Refused sign-ins

    @property
    def sign_in_errors(self) -> tuple[SignInRule, ...]:
        """The refusals of Microsoft's sign-in service, in the order of their file."""
        return self._sign_in_errors[0]

    @functools.cached_property
    def _sign_in_errors(self) -> tuple[tuple[SignInRule, ...], SignInLookup]:
        from relaywright.catalog import reading_sign_in

        return reading_sign_in.read_sign_in_errors(self._facts / "sign_in_errors.toml")

    def explain_sign_in(self, text: str, values: Mapping[str, str]) -> Explanation:
        """Explain a refused sign-in by the AADSTS number, suberror or OAuth error in a text of any length.

        A number without an entry ends in the address where it is looked up (``confidence``).
        """
        pasted = cut(text)
        refusal = refusal_in(pasted, self.sign_in_errors)
        return self._refused(refusal, values) if refusal is not None else explain_unknown(pasted)

    def _refused(self, refusal: Refusal, values: Mapping[str, str]) -> Explanation:
        rule, beside = refusal.rule, refusal.beside
        if rule is None:
            found = explain_number(refusal.number, self._sign_in_errors[1], beside)
        else:
            found = _explained(rule, values)
            if beside is not None and beside.suberrors:
                found = replace(found, cause=f"{found.cause} The suberror adds: {beside.title}.")
        filled = {"authority": self._authority(values), **values}
        steps = [fill_text(step, filled) for step in (rule.steps if rule is not None else found.steps)]
        if refusal.ticket:
            ids = ", ".join(f"{name} {value}" for name, value in refusal.ticket.items())
            steps.append(f"To find it in the sign-in logs, or for a support ticket: {ids}.")
        return replace(found, steps=tuple(steps))

    def _authority(self, values: Mapping[str, str]) -> str:
        cloud = self.clouds.get(values.get("cloud", ""))
        return cloud.authority if cloud is not None else ""

    # Retirements

    @functools.cached_property
    def retirements(self) -> tuple[Retirement, ...]:
        """What ends when, in the order of the file."""
        from relaywright.catalog import reading

        return reading.read_retirements(self._facts / "retirements.toml")

    @functools.cached_property
    def lifetimes(self) -> Lifetimes:
        """How long sign-ins, client secrets and certificates live, and when one is warned."""
        from relaywright.catalog import reading_lifetimes

        return reading_lifetimes.read_lifetimes(self._facts / "lifetimes.toml")

    def notices(self, profile: RelayProfile, today: datetime.date) -> list[Finding]:
        """Return what ends, or has ended, for this profile, as it is said on that day."""
        return [_notice(item, today) for item in self.retirements if _concerns(item, profile)]


def _explained(rule: ReplyRule | SignInRule, values: Mapping[str, str]) -> Explanation:
    return Explanation(
        id=rule.id,
        title=rule.title,
        cause=rule.cause,
        temporary=rule.temporary,
        steps=tuple(fill_text(step, values) for step in rule.steps),
        powershell=fill_command(rule.powershell, values) if isinstance(rule, ReplyRule) else "",
        who=rule.who,
        sources=rule.sources,
        checked=rule.checked,
        sureness=rule.sureness,
        confidence=MatchConfidence.EXACT,
    )


def _concerns(item: Retirement, profile: RelayProfile) -> bool:
    conditions = (
        (item.methods, profile.method),
        (item.auths, profile.auth),
        (item.clouds, profile.cloud),
        (item.hosts, profile.host.lower()),
    )
    return all(not wanted or value in wanted for wanted, value in conditions)


def _phase_on(item: Retirement, today: datetime.date) -> RetirementPhase:
    current = item.phases[0]
    for phase in item.phases[1:]:
        if phase.begins is not None and phase.begins <= today:
            current = phase
    return current


def _notice(item: Retirement, today: datetime.date) -> Finding:
    phase = _phase_on(item, today)
    detail = f"{phase.detail} Source: {'; '.join(item.sources)} ({item.sureness}, read on {item.checked.isoformat()})."
    return Finding(item.id, phase.level, phase.title, detail, phase.steps, item.field)
