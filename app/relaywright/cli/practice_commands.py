"""``practice``: the practice relay in the terminal. ``tour``: the main job, shown step by step with it."""

import argparse
import contextlib
import json
import sys
import threading
from pathlib import Path
from typing import Any

from relaywright import paths
from relaywright.bootstrap import Services
from relaywright.cli.exit_codes import Exit
from relaywright.cli.terminal import Terminal, run_cancellable
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, InputError


def add_to(commands: "argparse._SubParsersAction[Any]", shared: argparse.ArgumentParser) -> None:
    """Add this module's commands to the command line."""
    practice = commands.add_parser(
        "practice",
        parents=[shared],
        help="the practice relay and sign-in on this computer, until Ctrl-C",
        description="Runs an Exchange Online look-alike and a sign-in for it on loopback and prints their\n"
        "addresses as JSON. A user or recipient named like a refusal gets that refusal;\nthe document lists them.",
        epilog=_what_can_be_tried(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    practice.add_argument("--ready-file", type=Path, metavar="FILE", help="write the addresses there too, when ready")
    practice.add_argument("--add-profiles", action="store_true", help="keep profiles that go with it")
    practice.add_argument("--until-stdin-closes", action="store_true", help="end when standard input ends")
    practice.set_defaults(run=_practice)

    tour = commands.add_parser("tour", parents=[shared], help="see the main job done with the practice relay")
    tour.set_defaults(run=_tour)


def _what_can_be_tried() -> str:
    """Read the page itself: importing the practice for it would cost every call 50 ms."""
    try:
        return (paths.resources() / "practice" / "README.md").read_text(encoding="utf-8")
    except OSError:
        return ""


def _practice(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    from relaywright.practice.command import run_practice
    from relaywright.practice.practice import Practice

    if call.ready_file and (call.ready_file.is_dir() or not call.ready_file.absolute().parent.is_dir()):
        raise InputError(
            f"{call.ready_file} cannot be the ready file: it must be a file in a folder that is there.",
            id="bad-ready-file",
        )

    def announce(document: dict[str, Any]) -> None:
        # One line: whoever started this program reads exactly one, and goes on.
        print(json.dumps(document, ensure_ascii=False), flush=True)
        if call.add_profiles:
            _add_profiles(services, document, terminal)
        terminal.progress("The practice relay runs. Ctrl-C ends it.")

    def work(cancel: CancelToken) -> None:
        if call.until_stdin_closes:
            threading.Thread(target=_watch_stdin, args=(cancel,), daemon=True).start()
        practice = Practice(services.data_dir / "practice", services.catalog, fixed_ports=True)
        run_practice(practice, call.ready_file, announce, cancel)

    # Ctrl-C is how this command is meant to end.
    with contextlib.suppress(Cancelled):
        run_cancellable(work)
    terminal.progress("The practice relay has ended.")
    return Exit.OK


def _add_profiles(services: Services, document: dict[str, Any], terminal: Terminal) -> None:
    from relaywright.services.practice_relay import info_from

    for profile in services.practice.add_profiles(info_from(document)):
        terminal.progress(f"Profile “{profile.name}” is ready.")


def _watch_stdin(cancel: CancelToken) -> None:
    with contextlib.suppress(OSError, ValueError):
        while sys.stdin.buffer.read(4096):
            pass
    cancel.cancel()


def _tour(_call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    from relaywright.cli.tour import tour

    return run_cancellable(lambda cancel: tour(services, terminal, cancel))
