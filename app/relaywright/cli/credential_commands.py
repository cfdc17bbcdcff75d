"""``secret``, ``sign-in``, ``sign-out`` and ``token``."""

import argparse
import datetime
import os
import threading
from typing import Any

from relaywright.bootstrap import Services
from relaywright.cli.certificate_commands import certificate_document, credential_text
from relaywright.cli.device_code import DeviceCodeDisplay
from relaywright.cli.exit_codes import Exit
from relaywright.cli.render import findings_text, table
from relaywright.cli.terminal import Terminal, run_cancellable
from relaywright.domain.errors import CredentialNeeded
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.services.credentials import Kept, SignInResult, require_person, require_secret
from relaywright.services.report import finding_document
from relaywright.services.sign_in_ladder import Rung
from relaywright.store.records import SignInWay

_INSTEAD = {SignInWay.BROWSER: "The browser is used instead."}


def add_to(commands: "argparse._SubParsersAction[Any]", shared: argparse.ArgumentParser) -> None:
    """Add this module's commands to the command line."""
    secret = commands.add_parser("secret", parents=[shared], help="the password, in the system's keyring")
    verbs = secret.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=type(secret))
    store = verbs.add_parser("set", parents=[shared], help="store it: asked for, or read from standard input")
    store.add_argument("name", metavar="NAME")
    store.add_argument("--stdin", action="store_true", help="read it from the first line of standard input")
    store.add_argument(
        "--ends", type=day, metavar="YYYY-MM-DD", help="when a client secret expires, as the portal shows it"
    )
    store.set_defaults(run=_set)
    for verb, text, run in (("forget", "remove it", _forget), ("status", "is one stored, and where", _status)):
        parser = verbs.add_parser(verb, parents=[shared], help=text)
        parser.add_argument("name", metavar="NAME")
        parser.set_defaults(run=run)

    sign_in = commands.add_parser(
        "sign-in", parents=[shared], help="sign in with OAuth: with Windows' account broker, in the browser, by a code"
    )
    sign_in.add_argument("name", metavar="NAME")
    sign_in.add_argument("--browser", action="store_true", help="leave Windows' account broker out")
    sign_in.add_argument("--no-browser", action="store_true", help="print the address to open instead of opening it")
    sign_in.add_argument("--device-code", action="store_true", help="show a code to type on any device")
    sign_in.add_argument("--time-limit", type=_seconds, default=300, metavar="SECONDS", help="how long to wait (300)")
    sign_in.set_defaults(run=_sign_in)
    sign_out = commands.add_parser("sign-out", parents=[shared], help="forget the sign-in")
    sign_out.add_argument("name", metavar="NAME")
    sign_out.set_defaults(run=_sign_out)
    token = commands.add_parser("token", parents=[shared], help="the token's claims against what the profile needs")
    token.add_argument("name", metavar="NAME")
    token.set_defaults(run=_token)


def day(text: str) -> datetime.date:
    """Read a day as options write it."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written YYYY-MM-DD") from None


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("a number of seconds from 1 to 3600 is needed")
    return seconds


def _set(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.by_name(call.name)
    require_secret(profile)
    what = "Client secret" if profile.auth is Auth.OAUTH_APP else "Password"
    secret = terminal.ask_secret(f"{what} for “{profile.name}”", from_stdin=call.stdin)
    services.credentials.set_secret(profile, secret, ends_on=call.ends)
    backend = services.credentials.keyring_state().backend
    ends = call.ends.isoformat() if call.ends and profile.auth is Auth.OAUTH_APP else None
    terminal.result(
        {"profile": profile.name, "stored": True, "keyring": backend, "ends": ends}, f"Stored in {backend}."
    )
    return Exit.OK


def _forget(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.by_name(call.name)
    gone = services.credentials.forget_secret(profile)
    terminal.result({"profile": profile.name, "forgotten": gone}, "Forgotten." if gone else "None was stored.")
    return Exit.OK


def _status(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.by_name(call.name)
    kept = services.credentials.kept(profile)
    state = services.credentials.keyring_state()
    texts = {
        Kept.KEYRING: f"Stored in {state.backend}.",
        Kept.SESSION: "Kept for this run only.",
        Kept.NOWHERE: "No secret is stored.",
        Kept.NOT_NEEDED: "This profile signs in without a stored secret.",
    }
    record = services.app_credentials.record(profile)
    known: dict[str, Any] = {"kind": None, "ends": None, "subject": None, "thumbprint": None}
    if record is not None:
        known = certificate_document(record)
    terminal.result(
        {
            "profile": profile.name,
            "stored": kept is Kept.KEYRING,
            "state": kept.value,
            "keyring": state.backend,
            **known,
        },
        f"{texts[kept]} {credential_text(record)}".strip(),
    )
    return Exit.CREDENTIAL_NEEDED if kept is Kept.NOWHERE else Exit.OK


def _sign_in(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.by_name(call.name)
    require_person(profile)
    if call.device_code:
        shown = DeviceCodeDisplay(terminal)
        with terminal.ticking(shown.time_left):
            result = run_cancellable(lambda cancel: services.credentials.sign_in_with_code(profile, shown.show, cancel))
        return _signed_in(profile, result, terminal)
    # BROWSER names a program that somebody put there to open pages, so there is someone to sign in.
    if not (call.no_browser or terminal.has_person or os.environ.get("BROWSER")):
        raise CredentialNeeded(
            "Signing in needs a person at a browser, and standard input is no terminal.",
            hint="Use --no-browser to have the address printed and the answer waited for, or --device-code to sign in "
            "on another device.",
            id="person-needed",
        )

    def open_address(address: str) -> None:
        if call.no_browser:
            terminal.progress("Open this address in a browser on this computer:")
            terminal.say(address)
            return
        terminal.progress("The browser opens; sign in there. Ctrl-C cancels.")
        terminal.keep_output_apart()
        # Some browsers (those in a terminal, scripts in BROWSER) hold whoever starts them until they end.
        threading.Thread(target=_browse, args=(address, terminal), name="browser", daemon=True).start()

    def trying(way: SignInWay) -> None:
        if way is SignInWay.BROKER:
            terminal.progress("Windows asks in a window of its own who signs in. Ctrl-C cancels.")

    def told(rung: Rung) -> None:
        terminal.progress(f"{rung.text} {_INSTEAD[rung.next_way]}".strip())

    # Who has the address printed may sit at another screen than the one where the broker's window would come up.
    leave_out = call.browser or call.no_browser
    result = run_cancellable(
        lambda cancel: services.credentials.sign_in(
            profile,
            open_address,
            cancel,
            time_limit_s=call.time_limit,
            begin_with=SignInWay.BROWSER if leave_out else SignInWay.BROKER,
            trying=trying,
            told=told,
        )
    )
    return _signed_in(profile, result, terminal)


def _signed_in(profile: RelayProfile, result: SignInResult, terminal: Terminal) -> int:
    account = result.account
    note = (
        f" It is not the profile's user {profile.username}: it needs permission there." if result.other_account else ""
    )
    lost = result.kept_for_run_only
    if lost is not None:
        note += f" It is not kept: {lost.message} {lost.hint}"
    terminal.result(
        {
            "profile": profile.name,
            "account": account.username,
            "tenant": account.tenant,
            "expires_at": result.expires_at.isoformat(),
            "other_account": result.other_account,
            "kept": lost is None,
            "way": result.way.value,
            "passed_over": [
                {"way": rung.way.value, "id": rung.reason.id, "reason": rung.text} for rung in result.rungs
            ],
        },
        f"Signed in as {account.username}.{note}",
    )
    # A sign-in that ends with this call is of no use to the next one.
    return Exit.OK if lost is None else Exit.KEYRING


def _browse(address: str, terminal: Terminal) -> None:
    import webbrowser

    if not webbrowser.open(address):
        terminal.progress(
            "No browser could be started. Open this address in a browser on this computer, or end this with Ctrl-C and "
            "sign in on another device with --device-code:"
        )
        terminal.say(address)


def _sign_out(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.by_name(call.name)
    gone = services.credentials.sign_out(profile)
    terminal.result({"profile": profile.name, "signed_out": gone}, "Signed out." if gone else "Nobody was signed in.")
    return Exit.OK


def _token(call: argparse.Namespace, services: Services, terminal: Terminal) -> int:
    profile = services.profiles.by_name(call.name)
    view = run_cancellable(lambda cancel: services.credentials.look_at_token(profile, cancel))
    marks = {True: "fits", False: "does not fit", None: ""}
    rows = [(row.name, row.wanted, row.found, marks[row.ok]) for row in view.rows]
    document = {
        "profile": profile.name,
        "fits": view.fits,
        "claims": [
            {"name": row.name, "claim": row.claim, "wanted": row.wanted, "found": row.found, "ok": row.ok}
            for row in view.rows
        ],
        "findings": [finding_document(finding) for finding in view.findings],
    }
    text = table([("Claim", "Wanted", "Found", ""), *rows]) if rows else ""
    terminal.result(document, (text + findings_text(view.findings)).strip("\n"))
    return Exit.OK if view.fits else Exit.NO
