"""The command line: reads the call, runs one command, turns errors into one line and an exit code.

Which commands exist stands in the modules beside this one; each adds its own parsers and functions.
"""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from relaywright import __version__
from relaywright.cli.exit_codes import Exit, exit_code
from relaywright.cli.terminal import OutputFailed, Terminal
from relaywright.domain.errors import Cancelled, InputError, RelaywrightError

_log = logging.getLogger(__name__)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a call as an error of ours, so that ``--json`` holds for it too.

    Options are not guessed from their beginnings: a script that says ``--sec`` would break with the next option.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **settings})

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}.", hint=f"“{self.prog} --help” shows how it is called.", id="usage")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    from relaywright.cli import (
        certificate_commands,
        cloud_commands,
        credential_commands,
        exchange_commands,
        expiry_commands,
        practice_commands,
        profile_commands,
        script_commands,
        session_commands,
    )

    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--data-dir", type=_folder, metavar="DIR", help="where profiles, history and settings are kept")
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
        certificate_commands,
        session_commands,
        exchange_commands,
        script_commands,
        cloud_commands,
        expiry_commands,
        practice_commands,
    ):
        module.add_to(commands, shared)
    return parser


def _folder(text: str) -> Path:
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return Path(text)


def main(arguments: Sequence[str]) -> int | argparse.Namespace:
    """Run the command that ``arguments`` name and return the exit code.

    Returns the parsed call instead when it names no command: then the window is wanted.
    """
    terminal = Terminal(as_json="--json" in arguments)  # also for a call that cannot be read
    try:
        return _answer(build_parser().parse_args(arguments), terminal)
    except RelaywrightError as error:
        return _fail(error, terminal)
    except KeyboardInterrupt:
        return _fail(Cancelled("Interrupted."), terminal)
    except Exception as error:  # noqa: BLE001 - the border to the shell: a bug, too, is one document and a code
        return _report_bug(error, terminal)


def _answer(call: argparse.Namespace, terminal: Terminal) -> int | argparse.Namespace:
    if call.version:
        terminal.result({"version": __version__}, f"Relaywright {__version__}")
        return Exit.OK
    if call.self_test:
        return _self_test()
    return call if call.command is None else _run(call, terminal)


def _run(call: argparse.Namespace, terminal: Terminal) -> int:
    from relaywright import bootstrap

    with bootstrap.opened(getattr(call, "data_dir", None)) as services:
        for damage in services.catalog.damaged_files:
            terminal.progress(f"warning: {damage.message} {damage.hint}")
        code: int = call.run(call, services, terminal)
    return code


def _fail(error: RelaywrightError, terminal: Terminal) -> Exit:
    try:
        terminal.complain(error)
    except OutputFailed as unwritable:
        terminal.complain(unwritable)
    return exit_code(error)


def _report_bug(error: Exception, terminal: Terminal) -> Exit:
    """Say that something was not foreseen: where it happened goes to the log, secrets hidden, never to the screen."""
    _log.error("Unforeseen in the command line", exc_info=error)
    _fail(
        RelaywrightError(
            f"This was not foreseen ({type(error).__name__}); it is a fault in Relaywright.",
            hint="The log file in the data folder says where; please report it.",
            id="internal-error",
        ),
        terminal,
    )
    return Exit.NO


def _self_test() -> Exit:
    from relaywright.services.report_problem import self_test

    document = self_test()
    Terminal(as_json=True).result(document)
    return Exit.OK if document["ok"] else Exit.NO
