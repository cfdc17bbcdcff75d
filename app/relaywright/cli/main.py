"""The command line: reads the call, runs one command, turns errors into one line and an exit code.

Which commands exist stands in the modules beside this one; each adds its own parsers and functions.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from relaywright import __version__
from relaywright.cli.exit_codes import Exit, exit_code
from relaywright.cli.terminal import Terminal
from relaywright.domain.errors import Cancelled, InputError, RelaywrightError

_log = logging.getLogger(__name__)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a call as an error of ours, so that ``--json`` holds for it too."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}.", hint=f"“{self.prog} --help” shows how it is called.", id="usage")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    from relaywright.cli import (
        credential_commands,
        exchange_commands,
        practice_commands,
        profile_commands,
        session_commands,
    )

    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--data-dir", type=Path, metavar="DIR", help="where profiles, history and settings are kept")
    shared.add_argument("--json", action="store_true", help="give exactly one JSON document on standard output")
    parser = _Parser(
        prog="relaywright",
        description="Gets a device or an application to send mail through Microsoft 365. Without a command it opens "
        "the window.",
        parents=[shared],
    )
    parser.add_argument("--version", action="store_true", help="show the version and end")
    parser.add_argument("--self-test", action="store_true", help="show as JSON whether this installation is whole")
    parser.add_argument("--practice", action="store_true", help="open the window with the practice relay running")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for module in (
        profile_commands,
        credential_commands,
        session_commands,
        exchange_commands,
        practice_commands,
    ):
        module.add_to(commands, shared)
    return parser


def main(arguments: Sequence[str]) -> int | argparse.Namespace:
    """Run the command that ``arguments`` name and return the exit code.

    Returns the parsed call instead when it names no command: then the window is wanted.
    """
    terminal = Terminal(as_json="--json" in arguments)
    try:
        call = build_parser().parse_args(arguments)
        if call.version:
            terminal.result({"version": __version__}, f"Relaywright {__version__}")
            return Exit.OK
        if call.self_test:
            return _self_test()
        if call.command is None:
            return call
        return _run(call, terminal)
    except RelaywrightError as error:
        return _fail(error, terminal)
    except KeyboardInterrupt:
        return _fail(Cancelled("Interrupted."), terminal)


def _run(call: argparse.Namespace, terminal: Terminal) -> int:
    from relaywright import bootstrap

    with bootstrap.opened(getattr(call, "data_dir", None)) as services:
        for damage in services.catalog.damaged_files:
            terminal.progress(f"warning: {damage.message} {damage.hint}")
        code: int = call.run(call, services, terminal)
    return code


def _fail(error: RelaywrightError, terminal: Terminal) -> Exit:
    if terminal.as_json:
        terminal.result({"error": {"id": error.id, "message": error.message, "hint": error.hint}})
    else:
        print(" ".join(filter(None, (f"relaywright: {error.message}", error.hint))), file=sys.stderr)
    return exit_code(error)


def _self_test() -> Exit:
    from relaywright.services.report_problem import self_test

    document = self_test()
    Terminal(as_json=True).result(document)
    return Exit.OK if document["ok"] else Exit.NO
