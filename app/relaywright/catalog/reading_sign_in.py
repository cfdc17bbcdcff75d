"""What the tables of resources/facts/sign_in_errors.toml mean; the strictness is loader.py's.

How an entry is found in a text is sign_in.py's.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from relaywright.catalog.facts import SignInLookup, SignInRule
from relaywright.catalog.loader import Table, is_id, read_toml
from relaywright.catalog.reading import cited, sources_of
from relaywright.catalog.templates import unknown_variables
from relaywright.domain.explanation import Sureness


def read_sign_in_errors(file: Path) -> tuple[tuple[SignInRule, ...], SignInLookup]:
    """Read the ``[[error]]`` list and the ``[lookup]`` for numbers no entry has. Raises DamagedFile."""
    top = read_toml(file)
    sources = sources_of(top)
    lookup = _lookup(top.table("lookup"), sources)
    rules: dict[str, SignInRule] = {}
    for table in top.tables("error"):
        rule = _rule(table, sources)
        if rule.id in rules:
            table.fail("id", "another entry has the same id")
        rules[rule.id] = rule
    top.done()
    return tuple(rules.values()), lookup


def _lookup(table: Table, sources: Mapping[str, str] | None) -> SignInLookup:
    address = table.text("address")
    if not address.startswith("https://") or address.count("{code}") != 1:
        table.fail("address", "it must be an https address with {code} in it")
    lookup = SignInLookup(address, cited(table, sources), table.date("checked"))
    table.done()
    return lookup


def _rule(table: Table, sources: Mapping[str, str] | None) -> SignInRule:
    rule = SignInRule(
        id=table.text("id"),
        title=table.prose("title"),
        cause=table.prose("cause"),
        who=table.prose("who"),
        temporary=table.flag("temporary"),
        interim=table.flag("interim"),
        codes=table.numbers("codes"),
        errors=table.texts("errors", ()),
        suberrors=table.texts("suberrors", ()),
        phrases=tuple(text.lower() for text in table.texts("phrases", ())),
        example=table.text("example", ""),
        steps=table.texts("steps"),
        sources=cited(table, sources),
        sureness=table.choice("sureness", Sureness),
        checked=table.date("checked"),
    )
    _refuse_unfit(table, rule)
    table.done()
    return rule


def _refuse_unfit(table: Table, rule: SignInRule) -> None:
    if not is_id(rule.id):
        table.fail("id", "an id has small letters, digits and inner hyphens, at most 60")
    if any(not 1_000 <= code <= 99_999_999 for code in rule.codes):
        table.fail("codes", "an AADSTS number has four to eight digits")
    for key in ("errors", "suberrors"):
        if not all(re.fullmatch(r"[a-z]{2,20}_[a-z_]{2,30}", name) for name in getattr(rule, key)):
            table.fail(key, "a name has small letters and underscores, like invalid_grant")
    if not (rule.codes or rule.errors or rule.suberrors):
        table.fail("codes", "an entry is recognised by codes, errors or suberrors")
    unknown = unknown_variables(" ".join(rule.steps))
    if unknown:
        table.fail("steps", f"there is no variable {', '.join(unknown)}")
