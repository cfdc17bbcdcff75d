"""``clouds``: every cloud with each of its values, how sure it is, and who says so."""

import argparse
from typing import Any

from relaywright.bootstrap import Services
from relaywright.catalog.facts import CLOUD_VALUES, Cloud, Known
from relaywright.cli.exit_codes import Exit
from relaywright.cli.render import sureness_words, table, wrapped
from relaywright.cli.terminal import Terminal
from relaywright.domain.explanation import Sureness

OWN = Known(Sureness.UNVERIFIED, ("clouds.toml of this installation",))
"""What is said of a value that an administrator's own file gives without ``known``."""


def add_to(commands: "argparse._SubParsersAction[Any]", shared: argparse.ArgumentParser) -> None:
    """Add this module's command to the command line."""
    clouds = commands.add_parser(
        "clouds", parents=[shared], help="the Microsoft 365 clouds, and how sure each value is"
    )
    clouds.set_defaults(run=_clouds)


def cloud_document(cloud: Cloud) -> dict[str, Any]:
    """Return a cloud as JSON. A value that is not known is null, without sureness and sources."""
    values = {}
    for key in CLOUD_VALUES:
        value = getattr(cloud, key)
        known = cloud.known.get(key, OWN)
        values[key] = {
            "value": (list(value) if isinstance(value, tuple) else value) or None,
            "sureness": known.sureness.value if value else None,
            "sources": list(known.sources) if value else [],
        }
    return {
        "id": cloud.id,
        "name": cloud.name,
        "values": values,
        "sureness": cloud.sureness.value,
        "checked": cloud.checked.isoformat() if cloud.checked else None,
        "notes": cloud.notes,
    }


def _clouds(_call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    clouds = services.catalog.clouds.values()
    terminal.result([cloud_document(cloud) for cloud in clouds], "\n\n".join(_text(cloud) for cloud in clouds))
    return Exit.OK


def _text(cloud: Cloud) -> str:
    checked = f", checked {cloud.checked.isoformat()}" if cloud.checked else ""
    sources: list[str] = []
    rows = []
    for key, label in CLOUD_VALUES.items():
        value = getattr(cloud, key)
        known = cloud.known.get(key, OWN)
        if not value:
            rows.append((f"  {label}", "-", "not known", ""))
            continue
        sources += [source for source in known.sources if source not in sources]
        numbers = " ".join(f"[{sources.index(source) + 1}]" for source in known.sources)
        shown = ", ".join(value) if isinstance(value, tuple) else value
        rows.append((f"  {label}", shown, sureness_words(known.sureness), numbers))
    lines = [f"{cloud.id}: {cloud.name}{checked}", table(rows), *wrapped(cloud.notes, first="  ", rest="  ")]
    for number, source in enumerate(sources, 1):
        lines += wrapped(source, first=f"  [{number}] ", rest="      ")
    return "\n".join(lines)
