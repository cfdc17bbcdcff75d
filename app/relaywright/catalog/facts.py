"""The facts in resources/facts as typed objects, each with its source, its date and how sure it is.

Only shapes live here: loader.py reads them, replies.py matches them, catalog.py answers questions with them.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from relaywright.domain.explanation import Sureness
from relaywright.domain.finding import Level
from relaywright.domain.profile import Auth, Method, Security
from relaywright.domain.reply import FailureKind, Reply, Stage


@dataclass(frozen=True)
class Known:
    """How well one value is known, and from where."""

    sureness: Sureness
    sources: tuple[str, ...]


@dataclass(frozen=True)
class PortFacts:
    """A port that mail may be handed over at, and how a session begins there."""

    number: int
    security: Security
    purpose: str
    """What it is for, in whole sentences; empty for a lab's port."""
    sureness: Sureness
    sources: tuple[str, ...]
    checked: datetime.date | None


@dataclass(frozen=True)
class OldDevice:
    """What some old device is bound to, so that a check can go the road as it would."""

    id: str
    name: str
    """“A device that …”, the subject of a sentence."""
    has_old_tls: bool
    """TLS 1.0 and 1.1 alone."""
    security: Security | None
    """None, as ``port``: the profile's own."""
    port: int | None
    mechanism: str
    """The one way of signing in that it knows, as AUTH calls it; empty for any."""
    steps: tuple[str, ...]
    """What to do when it does not get through."""
    sources: tuple[str, ...]
    sureness: Sureness
    checked: datetime.date


@dataclass(frozen=True)
class Cloud:
    """One Microsoft 365 cloud (or a lab that behaves like one): where its mail and its sign-in live."""

    id: str
    name: str
    smtp_host: str
    authority: str
    """Where people sign in, ``https://login.microsoftonline.com``; the tenant is appended to it."""
    scope_delegated: str
    scope_app: str
    mx_suffixes: tuple[str, ...]
    """Ends of the tenants' MX endpoint names, each with its leading dot; the first is the usual one."""
    spf_include: str
    """The domain after ``include:``; empty when it is not known."""
    smtp_port: int
    """The port of ``smtp_host``: 587 in Microsoft's clouds."""
    ca_file: Path | None
    """An authority to trust beside the system's, for labs and the practice cloud."""
    sureness: Sureness
    """The least sure of its values; ``known`` has each one's own."""
    sources: tuple[str, ...]
    checked: datetime.date | None
    notes: str = ""
    portal_address: str = ""
    """Where applications are registered: the Entra admin center, or the cloud's Azure portal."""
    exchange_admin_address: str = ""
    graph_address: str = ""
    graph_environment: str = ""
    """What ``Connect-MgGraph -Environment`` calls this cloud. This and the other addresses are empty when unknown."""
    exchange_environment: str = ""
    """What ``Connect-ExchangeOnline -ExchangeEnvironmentName`` calls it."""
    device_login_address: str = ""
    """Where a device code is typed."""
    ports: tuple[PortFacts, ...] = ()
    """A lab's own ports, in the place of those in ports.toml; empty for Microsoft's clouds."""
    known: Mapping[str, Known] = field(default_factory=dict)


CLOUD_VALUES: Mapping[str, str] = {
    "smtp_host": "SMTP host",
    "authority": "Sign-in",
    "scope_delegated": "Scope, for a person",
    "scope_app": "Scope, for an application",
    "mx_suffixes": "MX endpoints end in",
    "spf_include": "SPF include",
    "portal_address": "Applications are registered at",
    "exchange_admin_address": "Exchange admin center",
    "graph_address": "Microsoft Graph",
    "graph_environment": "Connect-MgGraph knows it as",
    "exchange_environment": "Connect-ExchangeOnline knows it as",
    "device_login_address": "Device codes are typed at",
}
"""What is known of a cloud, value by value, with what each is called for people."""


@dataclass(frozen=True)
class MethodFacts:
    """One way to hand over mail: what it is called, and what a new profile begins with."""

    id: Method
    name: str
    summary: str
    host: str
    """The default host; empty when the cloud or the domain decides (client submission, connector, Direct Send)."""
    host_from_cloud: bool
    needs_host: bool
    """False when the host can be found by the MX record of the From domain."""
    port: int
    ports: tuple[int, ...]
    """The ports the service documents; empty when any may be right."""
    security: Security
    securities: tuple[Security, ...]
    auth: Auth
    auths: tuple[Auth, ...]
    scope_app: str
    """What an application asks for in the place of its cloud's ``scope_app``; empty: just that."""
    sureness: Sureness
    sources: tuple[str, ...]
    checked: datetime.date


@dataclass(frozen=True)
class ReplyRule:
    """One variant of a reply, a kind of failure, or a mail program's own words: how it is recognised, what it means."""

    id: str
    title: str
    cause: str
    who: str
    temporary: bool
    stages: tuple[Stage, ...]
    """Where the service says it; the practice relay says it at the first of them."""
    codes: tuple[int, ...]
    enhanced: tuple[str, ...]
    """Enhanced codes, ``5.7.139``, or ranges of the last part, ``5.7.606-649``."""
    phrases: tuple[str, ...]
    """All of them must occur; lower case, white space folded."""
    any_phrases: tuple[str, ...]
    """One of them must occur, unless the enhanced code is there and fits."""
    auth: tuple[Auth, ...]
    """The profile's way of signing in that this entry speaks of; empty for any."""
    hosts: tuple[str, ...]
    """The profile's host that this entry speaks of, where a service has its own meaning; empty for any."""
    failure: FailureKind | None
    program: bool
    """Whether a mail program says it by itself, without a reply: it counts in pasted text, when nothing tells more."""
    example: str
    """The service's genuine words, code first; for a failure or a program, its own words, or nothing."""
    steps: tuple[str, ...]
    powershell: str
    """A template; ``{{mailbox}}`` and its like are filled with quoted values."""
    sources: tuple[str, ...]
    sureness: Sureness
    checked: datetime.date

    @property
    def is_reply(self) -> bool:
        """Whether the entry is about something that a server says."""
        return self.failure is None and not self.program

    @property
    def example_reply(self) -> Reply | None:
        """The example as a reply; None for a failure or a program's words, which have no code."""
        if not self.is_reply or not self.example:
            return None
        return Reply(int(self.example[:3]), self.example[4:])


@dataclass(frozen=True)
class CodeTexts:
    """What the standards say of a code that no rule knows (RFC 5321 section 4.2, RFC 3463 sections 2 and 3)."""

    classes: Mapping[str, str]
    """By first digit."""
    codes: Mapping[str, str]
    """By reply code."""
    subjects: Mapping[str, str]
    """By the middle part of an enhanced code."""
    details: Mapping[str, str]
    """By the last two parts of an enhanced code, ``7.1``."""
    sources: tuple[str, ...]
    checked: datetime.date


@dataclass(frozen=True)
class SignInRule:
    """One refusal of the sign-in service: how it is recognised and what it means."""

    id: str
    title: str
    cause: str
    who: str
    temporary: bool
    interim: bool
    """True for what belongs to a sign-in that may still end well; any other error beside it tells more."""
    codes: tuple[int, ...]
    """The numbers after ``AADSTS``."""
    errors: tuple[str, ...]
    """OAuth errors (RFC 6749 sections 4.1.2.1 and 5.2, RFC 8628 section 3.5) that mean this when no number is known."""
    suberrors: tuple[str, ...]
    phrases: tuple[str, ...]
    """All of them must occur, lower case, white space folded; they tell apart what shares a number."""
    example: str
    """The service's genuine words, or nothing."""
    steps: tuple[str, ...]
    sources: tuple[str, ...]
    sureness: Sureness
    checked: datetime.date


@dataclass(frozen=True)
class SignInLookup:
    """Where a number that no entry has is looked up."""

    address: str
    """A template; ``{code}`` becomes the number."""
    sources: tuple[str, ...]
    checked: datetime.date


@dataclass(frozen=True)
class RetirementPhase:
    """What is said of a retirement from one day on."""

    begins: datetime.date | None
    """None: from the beginning."""
    level: Level
    title: str
    detail: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Retirement:
    """Something that ends: whom it concerns, and what to say when. Empty conditions concern everyone."""

    id: str
    field: str
    methods: tuple[Method, ...]
    auths: tuple[Auth, ...]
    clouds: tuple[str, ...]
    hosts: tuple[str, ...]
    phases: tuple[RetirementPhase, ...]
    sources: tuple[str, ...]
    sureness: Sureness
    checked: datetime.date


class LifetimeKind(StrEnum):
    """What a profile may sign in with that ends by itself."""

    SIGN_IN = "sign-in"
    """A person's, kept by its refresh token."""
    CLIENT_SECRET = "client-secret"  # noqa: S105 - the word for it
    CERTIFICATE = "certificate"


@dataclass(frozen=True)
class Lifetime:
    """How long one kind lives, and what is said before and after its end."""

    kind: LifetimeKind
    days_unused: int | None
    """It ends so many days after its last use; None when its end does not hang on use."""
    longest_months: int | None
    """So long it lives at most from the day it was made; None where no source names a limit."""
    why: str
    who: str
    soon: tuple[str, ...]
    """What to do before the end, in order."""
    ended: tuple[str, ...]
    unknown: tuple[str, ...]
    """What to do while nobody knows the end."""
    sources: tuple[str, ...]
    sureness: Sureness
    checked: datetime.date


@dataclass(frozen=True)
class Lifetimes:
    """Every kind's lifetime, and when one is warned: a choice of ours."""

    by_kind: Mapping[LifetimeKind, Lifetime]
    warn_days: tuple[int, ...]
    """So many days before the end, the longest first; from the first of them on, the end counts as near."""
