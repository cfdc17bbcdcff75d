"""``targets``, ``export``, ``share`` and ``import``: profiles leave the program, and come in."""

import argparse
from pathlib import Path
from typing import Any

from relaywright.bootstrap import Services
from relaywright.cli.exit_codes import Exit
from relaywright.cli.render import table
from relaywright.cli.terminal import Terminal, run_cancellable
from relaywright.domain.errors import InputError
from relaywright.exporting.target import Target
from relaywright.services.report import finding_document


def add_to(commands: "argparse._SubParsersAction[Any]", shared: argparse.ArgumentParser) -> None:
    """Add this module's commands to the command line."""
    targets = commands.add_parser("targets", parents=[shared], help="devices and applications to export for")
    targets.add_argument("--search", default="", metavar="TEXT", help="only those that hold every word")
    targets.set_defaults(run=_targets)

    export = commands.add_parser("export", parents=[shared], help="settings for a device or an application")
    export.add_argument("name", metavar="NAME")
    export.add_argument("target", metavar="TARGET")
    export.add_argument("--out", type=Path, metavar="DIR", help="write the files there; without it they are shown")
    export.add_argument(
        "--secret",
        choices=("placeholder", "include"),
        default="placeholder",
        help="what stands where the secret goes (placeholder)",
    )
    export.add_argument("--overwrite", action="store_true", help="replace files that are there already")
    export.set_defaults(run=_export)

    share = commands.add_parser("share", parents=[shared], help="an encrypted bundle for a colleague")
    share.add_argument("names", metavar="NAME", nargs="+")
    share.add_argument("--out", type=Path, metavar="FILE", required=True, help="the bundle to write")
    share.add_argument("--passphrase-stdin", action="store_true", help="read the passphrase from standard input")
    share.add_argument("--with-secrets", action="store_true", help="include the stored secrets")
    share.add_argument("--overwrite", action="store_true", help="replace the file if it is there already")
    share.set_defaults(run=_share)

    take = commands.add_parser("import", parents=[shared], help="take profiles from a colleague's bundle")
    take.add_argument("file", type=Path, metavar="FILE")
    take.add_argument("--passphrase-stdin", action="store_true", help="read the passphrase from standard input")
    take.add_argument(
        "--on-conflict",
        choices=("keep", "replace", "rename"),
        default=None,
        help="what to do with profiles that are here already, with other values",
    )
    take.add_argument("--dry-run", action="store_true", help="only show what the bundle holds")
    take.set_defaults(run=_import)


def target_document(target: Target) -> dict[str, Any]:
    """Return a target as the contract's ``targets`` lists it."""
    return {
        "id": target.id,
        "name": target.name,
        "kind": target.kind.value,
        "methods": [method.value for method in target.methods],
        "sign_in": [auth.value for auth in target.sign_in],
        "proven": {"by": target.proven.by, "version": target.proven.version} if target.proven else None,
    }


def _targets(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    targets = services.exports.targets(call.search)
    rows = [
        (
            target.id,
            target.name,
            target.kind.value,
            f"proven with {target.proven.by} {target.proven.version}" if target.proven else "",
        )
        for target in targets
    ]
    terminal.result([target_document(target) for target in targets], table(rows) or "No targets.")
    return Exit.OK


def _export(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.by_name(call.name)
    preview = services.exports.preview(profile, call.target, include_secret=call.secret == "include")  # noqa: S105 - a choice
    document: dict[str, Any] = {
        "target": preview.target.id,
        "files": [],
        "secret": "included" if preview.secret_included else "placeholder",
        "notes": list(preview.notes),
        "findings": [finding_document(finding) for finding in preview.findings],
    }
    if call.out is None:
        if preview.secret_included:
            raise InputError(
                "A file with the secret in it is not shown in the terminal.",
                hint="Name a folder with --out DIR.",
                id="secret-needs-folder",
            )
        document["files"] = [
            {"path": file.name, "bytes": len(file.content), "text": file.text} for file in preview.files
        ]
        shown = "\n".join(f"==> {file.name}\n{file.text}" for file in preview.files)
    else:
        written = services.exports.write(preview, call.out, overwrite=call.overwrite)
        document["files"] = [{"path": str(file.path), "bytes": file.size} for file in written]
        shown = "\n".join(f"Wrote {file.path} ({file.size} bytes)." for file in written)
    notes = "".join(f"\nNote: {note}" for note in preview.notes)
    terminal.result(document, f"{shown}{notes}")
    return Exit.OK


def _share(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profiles = [services.profiles.by_name(name) for name in call.names]
    passphrase = terminal.ask_secret(
        "The passphrase for the bundle", from_stdin=call.passphrase_stdin, option="--passphrase-stdin"
    )
    shared = run_cancellable(
        lambda cancel: services.sharing.share(
            [profile.id for profile in profiles],
            call.out,
            passphrase,
            with_secrets=call.with_secrets,
            overwrite=call.overwrite,
            cancel=cancel,
        )
    )
    secrets = f"{shared.secrets} secret(s) in it" if shared.secrets else "without secrets"
    terminal.result(
        {"file": str(shared.path), "bytes": shared.size, "profiles": list(shared.names), "secrets": shared.secrets},
        f"Wrote {shared.path}: {len(shared.names)} profile(s), {secrets}.",
    )
    return Exit.OK


def _import(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    from relaywright.sharing.incoming import Choice

    services.sharing.read(call.file)  # a file that is not there is said before a passphrase is asked for
    passphrase = terminal.ask_secret(
        "The passphrase of the bundle", from_stdin=call.passphrase_stdin, option="--passphrase-stdin"
    )
    opened = run_cancellable(lambda cancel: services.sharing.open(call.file, passphrase, cancel))
    document: dict[str, Any] = {
        "created": opened.created.isoformat(),
        "creator": opened.creator,
        "profiles": [
            {
                "name": item.profile.name,
                "conflict": item.conflict.value,
                "differences": list(item.differences),
                "secrets": [kind.value for kind in item.secrets],
            }
            for item in opened.incoming
        ],
        "taken": None,
    }
    if call.dry_run:
        rows = [
            (item.profile.name, item.conflict.value, ", ".join(change.label for change in item.changes))
            for item in opened.incoming
        ]
        terminal.result(document, table(rows))
        return Exit.OK
    if opened.conflicts and call.on_conflict is None:
        names = ", ".join(f"“{item.profile.name}”" for item in opened.conflicts)
        raise InputError(
            f"Here already, with other values: {names}.",
            hint="Say what to do with --on-conflict keep, replace or rename. Nothing was changed.",
            id="import-conflict",
        )
    choice = Choice(call.on_conflict or Choice.KEEP)
    taken = services.sharing.take(opened, {item.profile.id: choice for item in opened.conflicts})
    document["taken"] = [
        {
            "name": item.name,
            "action": item.action.value,
            "secret_for_session": item.secret_for_session,
            "secret_removed": item.secret_removed,
        }
        for item in taken
    ]
    lost = [item.name for item in taken if item.secret_for_session]
    note = f"\nNo keyring took the secrets of {', '.join(lost)}; set them again." if lost else ""
    elsewhere = ", ".join(item.name for item in taken if item.secret_removed)
    if elsewhere:
        note += f"\nAnother server now, so the secret or sign-in kept here was removed: {elsewhere}."
    terminal.result(document, table([(item.name, item.action.value) for item in taken]) + note)
    return Exit.OK
