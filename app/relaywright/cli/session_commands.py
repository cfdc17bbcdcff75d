"""``send``, ``check``, ``explain`` and ``history``."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from relaywright.bootstrap import Services
from relaywright.catalog.catalog import values_of
from relaywright.cli.exit_codes import Exit
from relaywright.cli.render import findings_text, pasted_text, report_text, table
from relaywright.cli.terminal import Terminal, run_cancellable
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import CredentialNeeded, InputError, KeyringUnavailable
from relaywright.domain.finding import Finding
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.services.report import Report, pasted_document, report_document
from relaywright.smtp.events import Event, Line


def add_to(commands: "argparse._SubParsersAction[Any]", shared: argparse.ArgumentParser) -> None:
    """Add this module's commands to the command line."""
    send = commands.add_parser("send", parents=[shared], help="send a test message, and explain a refusal")
    send.add_argument("name", metavar="NAME")
    send.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="instead of the profile's recipient; may be given again",
    )
    send.add_argument("--subject", default="", metavar="S", help="instead of the usual subject")
    send.add_argument("--attach", action="append", default=[], type=Path, metavar="FILE", help="may be given again")
    send.set_defaults(run=_send)
    check = commands.add_parser("check", parents=[shared], help="go as far as the sign-in; nothing is sent")
    check.add_argument("name", metavar="NAME")
    check.add_argument(
        "--as-old-devices",
        action="store_true",
        help="look once more with the eyes of old devices: TLS 1.1, no STARTTLS, AUTH LOGIN alone, port 25",
    )
    check.set_defaults(run=_check)
    for parser in (send, check):
        parser.add_argument("--transcript", type=Path, metavar="FILE", help="write the conversation, secrets hidden")
        parser.add_argument("--stdin", action="store_true", help="take the password from standard input, for this run")

    explain = commands.add_parser("explain", parents=[shared], help="explain a reply, a log, a bounce or an .eml")
    explain.add_argument("text", metavar="TEXT", nargs="*", help="without it, standard input is read")
    explain.add_argument("--file", type=Path, metavar="FILE", help="a text, a log or an .eml instead; read up to 2 MB")
    explain.add_argument("--profile", metavar="NAME", help="fill the commands with this profile's values")
    explain.set_defaults(run=_explain)
    history = commands.add_parser("history", parents=[shared], help="what was sent and checked, and how it ended")
    history.add_argument("name", metavar="NAME")
    history.set_defaults(run=_history)


def _send(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    from relaywright.services.send_test import SendOptions

    profile = services.profiles.by_name(call.name)
    options = SendOptions(tuple(call.to), call.subject, tuple(call.attach))
    show = _shower(terminal)
    return _session(
        lambda cancel: services.tests.send(profile, options, show, cancel), profile, call, services, terminal
    )


def _check(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.by_name(call.name)
    show = _shower(terminal)

    def tell(finding: Finding) -> None:
        terminal.progress(findings_text([finding], brief=True).strip("\n"))

    return _session(
        lambda cancel: services.tests.check(profile, show, cancel, tell, as_old_devices=call.as_old_devices),
        profile,
        call,
        services,
        terminal,
    )


def _session(
    work: Callable[[CancelToken], Report],
    profile: RelayProfile,
    call: argparse.Namespace,
    services: Services,
    terminal: Terminal,
) -> int:
    """Run a session. Where no password is stored and a person is there, it is asked for, for this run only."""
    if call.stdin:
        services.credentials.use_for_this_run(profile, terminal.ask_secret("The password", from_stdin=True))
    if call.transcript and not call.transcript.absolute().parent.is_dir():
        raise InputError(
            f"There is no folder {call.transcript.absolute().parent} for the transcript.",
            hint="Nothing was contacted.",
            id="no-transcript-folder",
        )
    try:
        report = run_cancellable(work)
    except (CredentialNeeded, KeyringUnavailable) as error:
        if profile.auth is not Auth.PASSWORD or call.stdin or not terminal.has_person:
            raise
        terminal.progress(f"{error.message} It is asked for now and kept for this run only.")
        secret = terminal.ask_secret(f"Password for “{profile.name}”", from_stdin=False)
        services.credentials.use_for_this_run(profile, secret)
        report = run_cancellable(work)
    return _end(report, call, terminal)


def _shower(terminal: Terminal) -> Callable[[Event], None]:
    from relaywright.smtp.transcript import as_line

    def show(event: Event) -> None:
        if isinstance(event, Line):
            terminal.progress(as_line(event))

    return show


def _end(report: Report, call: argparse.Namespace, terminal: Terminal) -> int:
    if call.transcript:
        from relaywright.smtp.transcript import as_text

        try:
            call.transcript.write_text(as_text(report.outcome.transcript), encoding="utf-8")
        except OSError as error:
            terminal.progress(f"The transcript could not be written: {error}.")
    document = report_document(report)
    text = f"\n{report_text(report)}"
    if report.kind == "check":
        told = report.explanation.id if report.explanation else ""  # by the explanation above
        text += f"\n{findings_text([finding for finding in report.findings if finding.id != told])}"
        text += f"\n\n{report.verdict}"
    terminal.result(document, text)
    if report.outcome.ok:
        return Exit.OK
    return Exit.NO_ANSWER if report.unanswered else Exit.NO


def _explain(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    from relaywright.services.explain_pasted import END_BYTES, Pasted

    if call.file is not None and call.text:
        raise InputError("Give the text or --file, not both.", hint="Nothing was read.", id="text-and-file")
    values = values_of(services.profiles.by_name(call.profile)) if call.profile else {}
    if call.file is not None:
        answer = services.pasted.explain_file(call.file, values)
    elif call.text:
        answer = services.pasted.explain(Pasted(" ".join(call.text)), values)
    else:
        answer = services.pasted.explain(Pasted.of(*terminal.read_input(2 * END_BYTES)), values)
    terminal.result(pasted_document(answer), pasted_text(answer))
    return Exit.OK


def _history(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.by_name(call.name)
    runs = services.history.runs(profile.id)
    rows = [
        (f"{run.started_at.astimezone():%Y-%m-%d %H:%M:%S}", run.kind, "ok" if run.ok else "failed", run.title)
        for run in runs
    ]
    document = [
        {
            "at": run.started_at.isoformat(),
            "kind": run.kind,
            "ok": run.ok,
            "ms": round(run.total_ms, 1),
            "title": run.title,
            "report": run.report,
        }
        for run in runs
    ]
    terminal.result(document, table(rows) or f"Nothing was sent or checked with “{profile.name}” yet.")
    return Exit.OK
