"""``script``: PowerShell that an administrator runs for a profile, shown or written to a file."""

import argparse
from pathlib import Path
from typing import Any

from relaywright.bootstrap import Services
from relaywright.cli.exit_codes import Exit
from relaywright.cli.render import sureness_words, wrapped
from relaywright.cli.terminal import Terminal
from relaywright.services.administrator_scripts import Script


def add_to(commands: "argparse._SubParsersAction[Any]", shared: argparse.ArgumentParser) -> None:
    """Add this module's command to the command line."""
    script = commands.add_parser("script", parents=[shared], help="PowerShell that an administrator runs")
    script.add_argument("name", metavar="NAME")
    script.add_argument("kind", metavar="KIND", help="app-registration, send-as; a wrong one lists all")
    script.add_argument("--out", type=Path, metavar="FILE", help="write it there; without it, it is shown")
    script.add_argument("--overwrite", action="store_true", help="replace the file if it is there already")
    script.set_defaults(run=_script)


def script_document(script: Script) -> dict[str, Any]:
    """Return a script as JSON, without a file."""
    return {
        "profile": script.profile,
        "kind": script.kind,
        "title": script.title,
        "script": script.text,
        "changes": list(script.changes),
        "who": " ".join(script.who),
        "needs": list(script.needs),
        "sources": list(script.sources),
        "checked": script.checked.isoformat(),
        "sureness": script.sureness.value,
        "notes": list(script.notes),
        "consent_address": script.consent_address,
        "file": None,
    }


def _script(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.by_name(call.name)
    script = services.scripts.script(profile, call.kind)
    document = script_document(script)
    if call.out is None:
        terminal.result(document, script.text.rstrip("\n"))
        if not terminal.as_json:  # what is redirected to a file is the script alone
            terminal.progress(f"\n{_about(script)}")
        return Exit.OK
    written = services.scripts.write(script, call.out, overwrite=call.overwrite)
    document["file"] = str(written.path)
    terminal.result(document, f"Wrote {written.path} ({written.size} bytes).\n{_about(script)}")
    return Exit.OK


def _about(script: Script) -> str:
    lines = [f"{script.title}.", "Who runs it:"]
    for text in script.who:
        lines += wrapped(text, first="  - ", rest="    ")
    lines.append("Needs:")
    for text in script.needs:
        lines += wrapped(text, first="  - ", rest="    ")
    for text in script.notes:
        lines += wrapped(text, first="Note: ", rest="  ")
    lines += wrapped(
        f"Least sure of its {len(script.sources)} sources: {sureness_words(script.sureness)}. Checked "
        f"{script.checked.isoformat()}. It was parsed, and never run against a tenant: try it with -WhatIf first.",
    )
    if script.consent_address:
        lines += ["Where an administrator consents, if the script does not:", f"  {script.consent_address}"]
    return "\n".join(lines)
