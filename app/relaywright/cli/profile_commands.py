"""``profile``: add, set, copy, rename, remove, list, show."""

import argparse
import os
from typing import Any

from relaywright.bootstrap import Services
from relaywright.cli.exit_codes import Exit
from relaywright.cli.render import findings_text, table
from relaywright.cli.terminal import Terminal
from relaywright.domain.errors import InputError, RelaywrightError
from relaywright.domain.profile import FIELDS, RelayProfile, as_texts
from relaywright.services.report import finding_document


def add_to(commands: "argparse._SubParsersAction[Any]", shared: argparse.ArgumentParser) -> None:
    """Add this module's commands to the command line."""
    profile = commands.add_parser("profile", parents=[shared], help="keep relay profiles")
    verbs = profile.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=type(profile))
    fields = "fields: " + ", ".join(item.name for item in FIELDS if item.name != "name")

    add = verbs.add_parser("add", parents=[shared], help="a new profile", epilog=fields)
    add.add_argument("name", metavar="NAME")
    add.add_argument("fields", metavar="FIELD=VALUE", nargs="*")
    add.set_defaults(run=_add)

    change = verbs.add_parser("set", parents=[shared], help="change fields", epilog=fields)
    change.add_argument("name", metavar="NAME")
    change.add_argument("fields", metavar="FIELD=VALUE", nargs="+")
    change.set_defaults(run=_set)

    for verb, text, run in (("copy", "copy a profile", _copy), ("rename", "give another name", _rename)):
        parser = verbs.add_parser(verb, parents=[shared], help=text)
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("new_name", metavar="NEW")
        parser.set_defaults(run=run)

    for verb, text, run in (("remove", "remove with its secret", _remove), ("show", "show all fields", _show)):
        parser = verbs.add_parser(verb, parents=[shared], help=text)
        parser.add_argument("name", metavar="NAME")
        parser.set_defaults(run=run)

    listing = verbs.add_parser("list", parents=[shared], help="list the profiles")
    listing.add_argument("--search", metavar="TEXT", default="", help="only those that hold every word")
    listing.set_defaults(run=_list)


def profile_document(profile: RelayProfile, services: Services) -> dict[str, Any]:
    """Return a profile as JSON: its id, every field, what is wrong or doubtful, and its newest run."""
    texts: dict[str, Any] = as_texts(profile)
    texts["port"] = profile.port
    texts["tags"] = list(profile.tags)
    last = services.history.last_runs().get(profile.id)
    return {
        "id": profile.id,
        **texts,
        "findings": [finding_document(finding) for finding in services.profiles.faults(profile)],
        "last_run": (
            {"kind": last.kind, "ok": last.ok, "at": last.started_at.isoformat(), "title": last.title} if last else None
        ),
    }


def _add(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    fields = _assignments(call.fields)
    if "name" in fields:
        raise InputError("name: it stands before the fields already.", hint="Leave “name=” out.", id="usage")
    profile = services.profiles.draft(call.name, fields)
    services.profiles.add(profile)
    return _saved(profile, services, terminal, f"Added “{profile.name}”.")


def _set(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.change(services.profiles.by_name(call.name), _assignments(call.fields))
    services.profiles.update(profile)
    return _saved(profile, services, terminal, f"Changed “{profile.name}”.")


def _copy(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    copy = services.profiles.copy(services.profiles.by_name(call.name).id, call.new_name)
    return _saved(copy, services, terminal, f"Copied to “{copy.name}”, without secret, sign-in and history.")


def _rename(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.rename(services.profiles.by_name(call.name).id, call.new_name)
    return _saved(profile, services, terminal, f"Renamed to “{profile.name}”.")


def _remove(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.by_name(call.name)
    try:
        services.credentials.sign_out(profile)
    except RelaywrightError as error:  # a locked keyring, a cloud that is no longer described: removing goes on
        terminal.progress(f"warning: Its sign-in could not be forgotten: {error.message}")
    services.profiles.remove(profile.id)
    terminal.result({"removed": profile.name, "id": profile.id}, f"Removed “{profile.name}”.")
    return Exit.OK


def _show(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.by_name(call.name)
    document = profile_document(profile, services)
    rows = [(item.label, item.text_of(profile)) for item in FIELDS if item.text_of(profile)]
    text = table(rows) + findings_text(services.profiles.faults(profile))
    terminal.result(document, text)
    return Exit.OK


def _list(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profiles = services.profiles.list(call.search)
    last_runs = services.history.last_runs()
    rows = []
    for profile in profiles:
        last = last_runs.get(profile.id)
        state = "never tested" if last is None else f"{'worked' if last.ok else 'failed'} {last.started_at:%Y-%m-%d}"
        rows.append((profile.folder, profile.name, profile.method.value, profile.auth.value, state))
    text = table([("Folder", "Name", "Method", "Sign-in", "Last test"), *rows]) if rows else "No profiles."
    terminal.result([profile_document(profile, services) for profile in profiles] if terminal.as_json else None, text)
    return Exit.OK


def _saved(profile: RelayProfile, services: Services, terminal: Terminal, said: str) -> int:
    terminal.result(
        profile_document(profile, services) if terminal.as_json else None,
        said + findings_text(services.profiles.faults(profile), brief=True),
    )
    return Exit.OK


def _assignments(texts: list[str]) -> dict[str, str]:
    fields = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"“{text}” is no FIELD=VALUE.", hint="Write, for example, port=587.", id="usage")
        fields[name.strip()] = value
    if fields.get("ca_file", "").strip():
        # What is meant from this folder must still be meant when the program is called from another one.
        fields["ca_file"] = os.path.abspath(os.path.expanduser(fields["ca_file"].strip()))  # noqa: PTH100, PTH111 - no error for a ~ that leads nowhere
    return fields
