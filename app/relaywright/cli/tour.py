"""The main job in the terminal, with the practice relay: profile, secret, sign-in, test send, refusal, export.

Everything is real: the same services as any command, a real session with the relay, a real sign-in at its page.
Only the person at the browser is played, because a tour has none.
"""

import html.parser
import tempfile
import threading
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from relaywright.bootstrap import Services
from relaywright.cli.exit_codes import Exit
from relaywright.cli.profile_commands import profile_document
from relaywright.cli.render import report_text, table
from relaywright.cli.terminal import Terminal
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import RelaywrightError
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.services.credentials import Kept
from relaywright.services.practice_relay import PracticeInfo
from relaywright.services.send_test import SendOptions
from relaywright.smtp.events import Event, Line

PAGE_LIMIT_S = 15
MAX_PAGE_BYTES = 1_000_000


@dataclass
class _Tour:
    """What the steps hand on to each other, and how many there were."""

    services: Services
    terminal: Terminal
    cancel: CancelToken
    number: int = 0
    problems: list[str] = field(default_factory=list)

    def step(self, title: str) -> None:
        self.number += 1
        self.terminal.say(f"\n── {self.number}. {title} {'─' * max(3, 76 - len(title))}")

    def expect(self, held: bool, problem: str) -> None:
        if not held:
            self.problems.append(problem)
            self.terminal.say(f"!! {problem}")


def tour(services: Services, terminal: Terminal, cancel: CancelToken) -> int:
    """Show the main job step by step; exit code 0 when every step did what it should."""
    run = _Tour(services, terminal, cancel)
    terminal.say("The main job of Relaywright, with the practice relay: nothing leaves this computer.")
    try:
        info, profiles = _practice(run)
        _secret(run, profiles)
        _sign_in(run, info, profiles)
        _sends(run, profiles)
        _refusal(run, profiles)
        _export(run, profiles)
    finally:
        services.practice.stop()
    run.step("The window")
    terminal.say(
        "“relaywright” without a command opens the window; it needs a display (DISPLAY or WAYLAND_DISPLAY on Linux).\n"
        "From a clone: python3 build/make.py run"
    )
    terminal.say()
    if run.problems:
        terminal.say(f"{len(run.problems)} of the steps did not do what they should.")
        return Exit.NO
    terminal.say("Every step did what it should.")
    return Exit.OK


def _practice(run: _Tour) -> tuple[PracticeInfo, dict[Auth, RelayProfile]]:
    run.step("The practice relay, and profiles for it")
    info = run.services.practice.start(run.cancel)
    rows = [(name, "{}:{}".format(*info.endpoint(name))) for name in ("submission", "tls", "mx")]
    run.terminal.say(table([*rows, ("sign-in", str(info.document["authority"])), ("CA file", info.ca_file)]))
    profiles = run.services.practice.add_profiles(info)
    run.terminal.say(table([("Profile", "Method", "Sign-in"), *((p.name, p.method, p.auth) for p in profiles)]))
    by_auth = {profile.auth: profile for profile in reversed(profiles)}
    document = profile_document(by_auth[Auth.PASSWORD], run.services)
    run.terminal.say(table([(key, str(document[key])) for key in ("host", "port", "security", "username", "from")]))
    return info, by_auth


def _secret(run: _Tour, profiles: dict[Auth, RelayProfile]) -> None:
    run.step("The secret")
    state = run.services.credentials.keyring_state()
    kept = run.services.credentials.kept(profiles[Auth.PASSWORD])
    if kept is Kept.KEYRING:
        run.terminal.say(f"The password is in {state.backend}; nothing else of it is on the disk.")
    else:
        run.terminal.say(f"{state.detail} The password is kept in memory for this run only. {state.hint}".strip())
    run.expect(kept in {Kept.KEYRING, Kept.SESSION}, "The secret is nowhere.")


def _sign_in(run: _Tour, info: PracticeInfo, profiles: dict[Auth, RelayProfile]) -> None:
    run.step("Signing in with OAuth")
    profile = profiles[Auth.OAUTH]
    person = next(item for item in info.people if item.address == profile.username)

    def play_the_person(address: str) -> None:
        run.terminal.say(f"The browser would open {address.partition('?')[0]}")
        run.terminal.say(f"A tour has no browser, so it fills in the page itself, as {person.address}.")
        values = {"account": person.address, "password": person.password, "do": "sign-in"}
        # As with a browser, the address is only handed over: the sign-in goes on to wait for the page's answer.
        threading.Thread(target=_fill_in, args=(address, values), daemon=True).start()

    result = run.services.credentials.sign_in(profile, play_the_person, run.cancel, time_limit_s=PAGE_LIMIT_S)
    run.terminal.say(f"Signed in as {result.account.username}; the token ends {result.expires_at.astimezone():%H:%M}.")


def _sends(run: _Tour, profiles: dict[Auth, RelayProfile]) -> None:
    for auth, title in ((Auth.PASSWORD, "a password"), (Auth.OAUTH, "OAuth")):
        run.step(f"A test message, signed in with {title}")
        ok, _ = _send(run, profiles[auth])
        run.expect(ok, f"The test with {title} was not taken.")


def _refusal(run: _Tour, profiles: dict[Auth, RelayProfile]) -> None:
    run.step("A refusal, explained")
    refused = next(
        profile
        for profile in run.services.profiles.list()
        if profile.folder == profiles[Auth.PASSWORD].folder and profile.username.startswith("smtp-auth-disabled")
    )
    ok, explanation_id = _send(run, refused)
    run.expect(not ok and explanation_id == "smtp-auth-disabled-tenant", "The refusal was not explained.")


def _export(run: _Tour, profiles: dict[Auth, RelayProfile]) -> None:
    run.step("An export: the settings for msmtp")
    folder = Path(tempfile.mkdtemp(prefix="relaywright-tour-"))
    preview = run.services.exports.preview(profiles[Auth.PASSWORD], "msmtp")
    for file in run.services.exports.write(preview, folder):
        run.terminal.say(f"Wrote {file.path}:")
    for rendered in preview.files:
        run.terminal.say("".join(f"    {line}\n" for line in rendered.text.splitlines()).rstrip("\n"))
    run.expect(not preview.secret_included, "The export holds the secret.")


def _send(run: _Tour, profile: RelayProfile) -> tuple[bool, str]:
    from relaywright.smtp.transcript import as_line

    def show(event: Event) -> None:
        if isinstance(event, Line):
            run.terminal.say(as_line(event))

    report = run.services.tests.send(profile, SendOptions(), show, run.cancel)
    run.terminal.say(f"\n{report_text(report)}")
    return report.outcome.ok, report.explanation.id if report.explanation else ""


class _Form(html.parser.HTMLParser):
    """Reads the first form of a page: where it goes and what it holds."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.values: dict[str, str] = {}
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form" and self.action is None:
            self.action, self._inside = found.get("action") or "", True
        elif tag == "input" and self._inside and found.get("name") and found.get("type") == "hidden":
            self.values[str(found["name"])] = found.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def _fill_in(address: str, values: dict[str, str]) -> None:
    """Do what a browser and a person do: submit the sign-in form, then the form that hands the answer back."""
    page, place = _fetch(address, None)
    for _ in range(2):
        form = _Form()
        form.feed(page)
        if form.action is None:
            return
        page, place = _fetch(urllib.parse.urljoin(place, form.action or place), {**form.values, **values})
        values = {}


def _fetch(address: str, values: dict[str, str] | None) -> tuple[str, str]:
    if urllib.parse.urlsplit(address).hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise RelaywrightError("The practice sign-in page is not on this computer.", id="not-practice")
    data = urllib.parse.urlencode(values).encode() if values is not None else None
    with urllib.request.urlopen(address, data, timeout=PAGE_LIMIT_S) as answer:  # noqa: S310 - loopback, seen to above
        return answer.read(MAX_PAGE_BYTES).decode("utf-8", errors="replace"), answer.url
