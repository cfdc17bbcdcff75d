"""What the tables of resources/facts mean: each file's tables become the objects of facts.py.

The strictness (missing, misspelt, of the wrong kind) is loader.py's; here stands which keys there are.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from relaywright.catalog.facts import (
    CLOUD_VALUES,
    Cloud,
    CodeTexts,
    Known,
    MethodFacts,
    PortFacts,
    ReplyRule,
    Retirement,
    RetirementPhase,
)
from relaywright.catalog.loader import Table, is_id, read_toml
from relaywright.catalog.templates import unknown_variables
from relaywright.domain.address import AddressFault, parse_domain, parse_host
from relaywright.domain.explanation import Sureness
from relaywright.domain.finding import Level
from relaywright.domain.profile import Auth, Method, Security
from relaywright.domain.reply import FailureKind, Stage

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(-\d{1,3})?")
_WEAKNESS = list(Sureness)


def read_clouds(file: Path) -> dict[str, Cloud]:
    """Read ``[cloud.<id>]`` tables, by id. Raises DamagedFile."""
    top = read_toml(file)
    sources = sources_of(top)
    clouds = top.table("cloud")
    found = {cloud_id: _cloud(cloud_id, clouds.table(cloud_id), sources) for cloud_id in clouds.names()}
    top.done()
    return found


def read_methods(file: Path) -> dict[Method, MethodFacts]:
    """Read ``[method.<id>]`` tables; every method must be there. Raises DamagedFile."""
    top = read_toml(file)
    sources = sources_of(top)
    methods = top.table("method")
    found = {method: _method(method, methods.table(method), sources) for method in Method}
    methods.done()
    top.done()
    return found


def read_replies(file: Path) -> tuple[tuple[ReplyRule, ...], CodeTexts]:
    """Read the ``[[reply]]`` list and the ``[standard]`` texts for codes no entry knows. Raises DamagedFile."""
    top = read_toml(file)
    sources = sources_of(top)
    rules = _replies(top, sources)
    codes = _code_texts(top.table("standard"), sources)
    top.done()
    return rules, codes


def read_header_results(file: Path) -> tuple[ReplyRule, ...]:
    """Read the ``[[reply]]`` list of results in a message's head; its form is that of replies. Raises DamagedFile."""
    top = read_toml(file)
    rules = _replies(top, sources_of(top))
    top.done()
    return rules


def _replies(top: Table, sources: Mapping[str, str] | None) -> tuple[ReplyRule, ...]:
    rules: dict[str, ReplyRule] = {}
    for table in top.tables("reply"):
        rule = _reply(table, sources)
        if rule.id in rules:
            table.fail("id", "another entry has the same id")
        rules[rule.id] = rule
    return tuple(rules.values())


def read_retirements(file: Path) -> tuple[Retirement, ...]:
    """Read the ``[[retirement]]`` list. Raises DamagedFile."""
    top = read_toml(file)
    sources = sources_of(top)
    found = tuple(_retirement(table, sources) for table in top.tables("retirement"))
    top.done()
    return found


def sources_of(top: Table) -> Mapping[str, str] | None:
    """Return the file's ``[source]`` key → readable text; None when it has no such table (an administrator's file)."""
    if not top.has("source"):
        return None
    table = top.table("source")
    return {key: table.prose(key) for key in table.names()}


def cited(table: Table, sources: Mapping[str, str] | None, key: str = "sources") -> tuple[str, ...]:
    """Return an entry's sources in readable words; a key that ``[source]`` does not have is refused."""
    names = table.texts(key)
    if sources is None:
        return names
    for name in names:
        if name not in sources:
            table.fail(key, f"“{name}” does not stand in [source]")
    return tuple(sources[name] for name in names)


def _cloud(cloud_id: str, table: Table, sources: Mapping[str, str] | None) -> Cloud:
    if not is_id(cloud_id) or len(cloud_id) > 40:
        table.fail("", "a cloud's id has small letters, digits and inner hyphens, at most 40")
    known = _known_values(table, sources)
    sureness = max((item.sureness for item in known.values()), key=_WEAKNESS.index, default=Sureness.UNVERIFIED)
    ca_file = table.text("ca_file", "")
    cloud = Cloud(
        id=cloud_id,
        name=table.prose("name"),
        smtp_host=_checked(table, "smtp_host", parse_host),
        authority=_checked(table, "authority", _https_origin),
        scope_delegated=table.text("scope_delegated"),
        scope_app=table.text("scope_app"),
        mx_suffixes=tuple(_suffix(table, text) for text in table.texts("mx_suffixes", ())),
        spf_include=_optional(table, "spf_include", parse_domain),
        smtp_port=port_number(table, "smtp_port", 587),
        ca_file=(table.file.parent / ca_file).resolve() if ca_file else None,
        sureness=sureness,
        sources=tuple(dict.fromkeys(source for item in known.values() for source in item.sources)),
        checked=table.optional_date("checked"),
        notes=table.prose("notes", ""),
        portal_address=_optional(table, "portal_address", _https_address),
        exchange_admin_address=_optional(table, "exchange_admin_address", _https_address),
        graph_address=_optional(table, "graph_address", _https_address),
        graph_environment=_optional(table, "graph_environment", _environment),
        exchange_environment=_optional(table, "exchange_environment", _environment),
        device_login_address=_optional(table, "device_login_address", _https_address),
        ports=tuple(_lab_port(table, text) for text in table.texts("ports", ())),
        known=known,
    )
    table.done()
    return cloud


def _lab_port(table: Table, text: str) -> PortFacts:
    match = re.fullmatch(r"([0-9]{1,5}) (starttls|tls|none)", text)
    if match is None or not 1 <= int(match.group(1)) <= 65535:
        table.fail("ports", f"“{text}” is no port and way of encryption, like “2587 starttls”")
    return PortFacts(int(match.group(1)), Security(match.group(2)), "", Sureness.UNVERIFIED, (), None)


def _known_values(table: Table, sources: Mapping[str, str] | None) -> dict[str, Known]:
    marks = table.table("known", required=False)
    known = {}
    for key in marks.names():
        if key not in CLOUD_VALUES:
            marks.fail(key, f"it is none of {', '.join(CLOUD_VALUES)}")
        mark = marks.table(key)
        known[key] = Known(mark.choice("sureness", Sureness), cited(mark, sources))
        mark.done()
    return known


def _method(method: Method, table: Table, sources: Mapping[str, str] | None) -> MethodFacts:
    facts = MethodFacts(
        id=method,
        name=table.prose("name"),
        summary=table.prose("summary"),
        host=_optional(table, "host", parse_host),
        host_from_cloud=table.flag("host_from_cloud"),
        needs_host=table.flag("needs_host", default=True),
        port=port_number(table, "port", None),
        ports=table.numbers("ports"),
        security=table.choice("security", Security),
        securities=table.choices("securities", Security),
        auth=table.choice("auth", Auth),
        auths=table.choices("auths", Auth),
        scope_app=table.text("scope_app", ""),
        sureness=table.choice("sureness", Sureness),
        sources=cited(table, sources),
        checked=table.date("checked"),
    )
    if facts.ports and facts.port not in facts.ports:
        table.fail("port", "it does not stand in ports")
    if facts.security not in facts.securities:
        table.fail("security", "it does not stand in securities")
    if facts.auth not in facts.auths:
        table.fail("auth", "it does not stand in auths")
    table.done()
    return facts


def _reply(table: Table, sources: Mapping[str, str] | None) -> ReplyRule:
    rule = ReplyRule(
        id=table.text("id"),
        title=table.prose("title"),
        cause=table.prose("cause"),
        who=table.prose("who"),
        temporary=table.flag("temporary"),
        stages=table.choices("stages", Stage),
        codes=table.numbers("codes"),
        enhanced=table.texts("enhanced", ()),
        phrases=tuple(text.lower() for text in table.texts("phrases", ())),
        any_phrases=tuple(text.lower() for text in table.texts("any_phrases", ())),
        auth=table.choices("auth", Auth),
        hosts=tuple(text.lower() for text in table.texts("hosts", ())),
        failure=table.choice("failure", FailureKind) if table.has("failure") else None,
        program=table.flag("program"),
        example=table.text("example", ""),
        steps=table.texts("steps"),
        powershell=table.text("powershell", ""),
        sources=cited(table, sources),
        sureness=table.choice("sureness", Sureness),
        checked=table.date("checked"),
    )
    _refuse_unfit(table, rule)
    table.done()
    return rule


def _refuse_unfit(table: Table, rule: ReplyRule) -> None:
    if not is_id(rule.id):
        table.fail("id", "an id has small letters, digits and inner hyphens, at most 60")
    for enhanced in rule.enhanced:
        if not _ENHANCED.fullmatch(enhanced):
            table.fail("enhanced", f"“{enhanced}” is no code like 5.7.139 and no range like 5.7.606-649")
    if any(not 200 <= code <= 599 for code in rule.codes):
        table.fail("codes", "a reply code lies between 200 and 599")
    if not rule.stages:
        table.fail("stages", "it is missing")
    for key in ("powershell", "steps"):
        unknown = unknown_variables(" ".join((rule.powershell,) if key == "powershell" else rule.steps))
        if unknown:
            table.fail(key, f"there is no variable {', '.join(unknown)}")
    if rule.is_reply:
        _refuse_unfit_reply(table, rule)
    else:
        _refuse_unfit_words(table, rule)


def _refuse_unfit_words(table: Table, rule: ReplyRule) -> None:
    if rule.failure is not None and rule.program:
        table.fail("program", "an entry is about a failure or about a program's words, not both")
    if rule.program and not (rule.phrases or rule.any_phrases):
        table.fail("phrases", "a program's words are recognised by phrases or any_phrases")
    for key in ("codes", "enhanced"):
        if table.has(key):
            table.fail(key, "only a reply has one")


def _refuse_unfit_reply(table: Table, rule: ReplyRule) -> None:
    if not (rule.phrases or rule.any_phrases or rule.enhanced):
        table.fail("phrases", "an entry is recognised by phrases, any_phrases or enhanced")
    if rule.example and not re.match(r"[245]\d\d \S", rule.example):
        table.fail("example", "it is the reply as the service gives it: 535 5.7.3 Authentication unsuccessful")


def _code_texts(table: Table, sources: Mapping[str, str] | None) -> CodeTexts:
    def texts(key: str) -> dict[str, str]:
        part = table.table(key)
        return {name: part.prose(name) for name in part.names()}

    codes = CodeTexts(
        classes=texts("class"),
        codes=texts("code"),
        subjects=texts("subject"),
        details=texts("detail"),
        sources=cited(table, sources),
        checked=table.date("checked"),
    )
    for digit in "2345":
        if digit not in codes.classes:
            table.fail("class", f"the class {digit} is missing")
    table.done()
    return codes


def _retirement(table: Table, sources: Mapping[str, str] | None) -> Retirement:
    phases = tuple(_phase(phase) for phase in table.tables("phase"))
    begins = [phase.begins for phase in phases[1:]]
    if not phases or None in begins or begins != sorted(day for day in begins if day):
        table.fail("phase", "the phases stand in the order of their days, and only the first may have none")
    retirement = Retirement(
        id=table.text("id"),
        field=table.text("field", ""),
        methods=table.choices("methods", Method),
        auths=table.choices("auths", Auth),
        clouds=table.texts("clouds", ()),
        hosts=table.texts("hosts", ()),
        phases=phases,
        sources=cited(table, sources),
        sureness=table.choice("sureness", Sureness),
        checked=table.date("checked"),
    )
    table.done()
    return retirement


def _phase(table: Table) -> RetirementPhase:
    phase = RetirementPhase(
        begins=table.optional_date("begins"),
        level=table.choice("level", Level),
        title=table.prose("title"),
        detail=table.prose("detail"),
        steps=table.texts("steps", ()),
    )
    table.done()
    return phase


def _checked(table: Table, key: str, parse: Callable[[str], str]) -> str:
    text = table.text(key)
    try:
        return parse(text)
    except (AddressFault, ValueError) as fault:
        table.fail(key, str(fault))


def _optional(table: Table, key: str, parse: Callable[[str], str]) -> str:
    return _checked(table, key, parse) if table.has(key) else ""


def _https_origin(text: str) -> str:
    match = re.fullmatch(r"(https://)([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?/?", text)
    if match is None:
        raise ValueError("it must be an https address without a path, like https://login.microsoftonline.com")
    parse_host(match.group(2))
    return text.removesuffix("/")


def _https_address(text: str) -> str:
    if not re.fullmatch(r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?", text):
        raise ValueError("it must be an https address, like https://portal.azure.com")
    return text.removesuffix("/")


def _environment(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]{1,40}", text):
        raise ValueError("it is a name of letters and digits, like USGov or O365USGovDoD")
    return text


def _suffix(table: Table, text: str) -> str:
    try:
        return "." + parse_domain(text.removeprefix("."))
    except AddressFault as fault:
        table.fail("mx_suffixes", str(fault))


def port_number(table: Table, key: str, default: int | None) -> int:
    """Return a key's port; one that is none is refused."""
    port = table.number(key, default)
    if not 1 <= port <= 65535:
        table.fail(key, "a port is a whole number from 1 to 65535")
    return port
