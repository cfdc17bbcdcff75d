"""What the tables of resources/facts/lifetimes.toml mean; the strictness is loader.py's."""

from collections.abc import Mapping
from pathlib import Path

from relaywright.catalog.facts import Lifetime, LifetimeKind, Lifetimes
from relaywright.catalog.loader import Table, read_toml
from relaywright.catalog.reading import cited, sources_of
from relaywright.domain.explanation import Sureness

LONGEST_WARNING_DAYS = 365
LONGEST_LIFE_DAYS = 3_650


def read_lifetimes(file: Path) -> Lifetimes:
    """Read the ``[warning]`` and the ``[[lifetime]]`` list, one for each kind. Raises DamagedFile."""
    top = read_toml(file)
    sources = sources_of(top)
    warn_days = _warn_days(top.table("warning"), sources)
    found: dict[LifetimeKind, Lifetime] = {}
    for table in top.tables("lifetime"):
        lifetime = _lifetime(table, sources)
        if lifetime.kind in found:
            table.fail("id", "another entry has the same id")
        found[lifetime.kind] = lifetime
    for kind in LifetimeKind:
        if kind not in found:
            top.fail("lifetime", f"there is none with the id {kind}")
    top.done()
    return Lifetimes(found, warn_days)


def _warn_days(table: Table, sources: Mapping[str, str] | None) -> tuple[int, ...]:
    days = table.numbers("days")
    if (
        not days
        or list(days) != sorted(set(days), reverse=True)
        or not 1 <= days[-1] <= days[0] <= LONGEST_WARNING_DAYS
    ):
        table.fail("days", f"they are whole numbers from {LONGEST_WARNING_DAYS} down to 1, the longest first")
    cited(table, sources)
    table.date("checked")
    table.done()
    return days


def _lifetime(table: Table, sources: Mapping[str, str] | None) -> Lifetime:
    lifetime = Lifetime(
        kind=table.choice("id", LifetimeKind),
        days_unused=_limit(table, "days_unused", LONGEST_LIFE_DAYS),
        longest_months=_limit(table, "longest_months", LONGEST_LIFE_DAYS // 30),
        why=table.prose("why"),
        who=table.prose("who"),
        soon=table.texts("soon"),
        ended=table.texts("ended"),
        unknown=table.texts("unknown"),
        sources=cited(table, sources),
        sureness=table.choice("sureness", Sureness),
        checked=table.date("checked"),
    )
    if (lifetime.kind is LifetimeKind.SIGN_IN) != (lifetime.days_unused is not None):
        table.fail("days_unused", "a sign-in has it, and nothing else does")
    for key in ("soon", "ended", "unknown"):
        if not getattr(lifetime, key):
            table.fail(key, "it needs at least one step")
    table.done()
    return lifetime


def _limit(table: Table, key: str, most: int) -> int | None:
    if not table.has(key):
        return None
    value = table.number(key)
    if not 1 <= value <= most:
        table.fail(key, f"it is a whole number from 1 to {most}")
    return value
