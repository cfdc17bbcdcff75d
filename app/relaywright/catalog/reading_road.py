"""What ports.toml and old_devices.toml mean: where mail may be handed over, and what old devices are bound to."""

from collections.abc import Mapping
from pathlib import Path

from relaywright.catalog.facts import OldDevice, PortFacts
from relaywright.catalog.loader import Table, read_toml
from relaywright.catalog.reading import cited, port_number, sources_of
from relaywright.domain.explanation import Sureness
from relaywright.domain.profile import Security


def read_ports(file: Path) -> tuple[PortFacts, ...]:
    """Read the ``[[port]]`` list, in its order. Raises DamagedFile."""
    top = read_toml(file)
    sources = sources_of(top)
    found = tuple(_port_facts(table, sources) for table in top.tables("port"))
    top.done()
    return found


def read_old_devices(file: Path) -> tuple[OldDevice, ...]:
    """Read the ``[[device]]`` list, in its order. Raises DamagedFile."""
    top = read_toml(file)
    sources = sources_of(top)
    found = tuple(_old_device(table, sources) for table in top.tables("device"))
    top.done()
    return found


def _port_facts(table: Table, sources: Mapping[str, str] | None) -> PortFacts:
    port = PortFacts(
        number=port_number(table, "number", None),
        security=table.choice("security", Security),
        purpose=table.prose("purpose"),
        sureness=table.choice("sureness", Sureness),
        sources=cited(table, sources),
        checked=table.date("checked"),
    )
    table.done()
    return port


def _old_device(table: Table, sources: Mapping[str, str] | None) -> OldDevice:
    tls = table.text("tls", "")
    if tls not in {"", "old"}:
        table.fail("tls", "it is “old” or left out")
    device = OldDevice(
        id=table.text("id"),
        name=table.prose("name"),
        has_old_tls=tls == "old",
        security=table.choice("security", Security) if table.has("security") else None,
        port=port_number(table, "port", None) if table.has("port") else None,
        mechanism=table.text("mechanism", ""),
        steps=table.texts("steps"),
        sources=cited(table, sources),
        sureness=table.choice("sureness", Sureness),
        checked=table.date("checked"),
    )
    table.done()
    return device
