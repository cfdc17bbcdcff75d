"""Measures whole sessions against swaks, curl, msmtp and smtplib on one slow line, in one run: trips, times, ratios.

One command: python3 build/make.py bench. STARTTLS, sign-in and one message to the practice relay, with 50 ms added to
each round trip; then the engine against smtplib without delay, the explainer, and a check against its slowest leg.
Exit code 1 when a goal is missed.
"""

import functools
import json
import os
import shutil
import smtplib
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "app")]


from benchmarks.slow_line import SlowLine  # noqa: E402
from fixed_key import FixedKey  # noqa: E402
from person_at_browser import PersonAtBrowser  # noqa: E402
from relaywright import paths  # noqa: E402
from relaywright.catalog.catalog import Catalog  # noqa: E402
from relaywright.domain.cancel import CancelToken  # noqa: E402
from relaywright.domain.profile import RelayProfile, Security  # noqa: E402
from relaywright.domain.secret import Secret  # noqa: E402
from relaywright.identity.cache import TokenCache  # noqa: E402
from relaywright.identity.signin import SignIn  # noqa: E402
from relaywright.practice.practice import Practice, PracticeAddresses  # noqa: E402
from relaywright.services import preflight  # noqa: E402
from relaywright.smtp.engine import PasswordCredential, SendPlan, TokenCredential, run  # noqa: E402
from relaywright.smtp.message import build_test_message  # noqa: E402
from relaywright.vault.sealed_file import SealedFile  # noqa: E402

ROUND_TRIP_S = 0.05
RUNS = 5
QUICK_RUNS = 31
GOAL_TRIPS = 8
GOAL_OVER_SMTPLIB = 1.5
GOAL_EXPLAIN_MS = 1.0
GOAL_OVER_SLOWEST_LEG = 1.3
USER, PASSWORD = "alex@practice.example", "Practice-Alex-1"
TO = "office@practice.example"

Sender = Callable[[int], None]
"""Sends one message through a port of this machine; raises when it was not taken."""


class Senders:
    """The same message to the same server, by different programs."""

    def __init__(self, place: PracticeAddresses, token: Secret, folder: Path) -> None:
        message = build_test_message(USER, [TO])
        self._ca = place.ca_file
        self._token = token
        self._folder = folder
        self._message = message
        self._file = folder / "message.eml"
        self._file.write_bytes(message.content)

    def all(self) -> Iterator[tuple[str, Sender]]:
        yield "Relaywright, XOAUTH2", functools.partial(self.engine, TokenCredential(USER, self._token))
        yield "Relaywright, LOGIN", functools.partial(self.engine, PasswordCredential(USER, Secret(PASSWORD)))
        yield "smtplib, XOAUTH2", functools.partial(self.smtplib, oauth=True)
        yield "smtplib, LOGIN", functools.partial(self.smtplib, oauth=False)
        if shutil.which("swaks"):
            yield "swaks, LOGIN", self.swaks
            yield "swaks --pipeline, LOGIN", functools.partial(self.swaks, more=("--pipeline",))
        if shutil.which("curl"):
            yield "curl --sasl-ir, XOAUTH2", functools.partial(self.curl, oauth=True)
            yield "curl --sasl-ir, LOGIN", functools.partial(self.curl, oauth=False)
        if shutil.which("msmtp"):
            yield "msmtp, LOGIN", self.msmtp

    def engine(self, credential: TokenCredential | PasswordCredential, port: int) -> None:
        plan = SendPlan(
            "localhost",
            port,
            Security.STARTTLS,
            ca_file=self._ca,
            credential=credential,
            sender=USER,
            recipients=(TO,),
            message=self._message.content,
            message_id=self._message.message_id,
        )
        if not run(plan, lambda _event: None, CancelToken()).ok:
            raise RuntimeError("Relaywright was refused")

    def smtplib(self, port: int, *, oauth: bool) -> None:
        with smtplib.SMTP("localhost", port) as smtp:
            context = ssl.create_default_context()  # trusts what the system trusts, as a program does that verifies
            context.load_verify_locations(self._ca)
            smtp.starttls(context=context)
            smtp.ehlo()
            if oauth:
                field = f"user={USER}\x01auth=Bearer {self._token.reveal()}\x01\x01"
                smtp.auth("XOAUTH2", lambda _challenge=None: field, initial_response_ok=True)
            else:
                smtp.user, smtp.password = USER, PASSWORD
                smtp.auth("LOGIN", smtp.auth_login, initial_response_ok=True)
            smtp.sendmail(USER, [TO], self._message.content)

    def swaks(self, port: int, more: tuple[str, ...] = ()) -> None:
        server = ("--server", "localhost", "--port", str(port), "--tls")
        sign_in = ("--auth", "LOGIN", "--auth-user", USER, "--auth-password", PASSWORD)
        self._run("swaks", *server, *sign_in, "--from", USER, "--to", TO, "--data", f"@{self._file}", *more)

    def curl(self, port: int, *, oauth: bool) -> None:
        secret = (
            f'oauth2-bearer = "{self._token.reveal()}"\nuser = "{USER}"' if oauth else f'user = "{USER}:{PASSWORD}"'
        )
        config = self._folder / "curl.conf"
        config.write_text(f"{secret}\n", encoding="utf-8")
        server = (f"smtp://localhost:{port}/localhost", "--ssl-reqd", "--cacert", str(self._ca))
        sign_in = ("--sasl-ir", "--login-options", f"AUTH={'XOAUTH2' if oauth else 'LOGIN'}")
        envelope = ("--mail-from", USER, "--mail-rcpt", TO, "-T", "-")
        self._run("curl", "-sS", "-K", str(config), *server, *sign_in, *envelope, stdin=self._file)

    def msmtp(self, port: int) -> None:
        config = self._folder / "msmtprc"
        config.write_text(
            f"account default\nhost localhost\nport {port}\ntls on\ntls_starttls on\ntls_trust_file {self._ca}\n"
            f"auth login\nuser {USER}\npassword {PASSWORD}\nfrom {USER}\n",
            encoding="utf-8",
        )
        config.chmod(0o600)
        self._run("msmtp", "-C", str(config), TO, stdin=self._file)

    @staticmethod
    def _run(*command: str, stdin: Path | None = None) -> None:
        with ExitStack() as stack:
            source = stack.enter_context(stdin.open("rb")) if stdin else subprocess.DEVNULL
            done = subprocess.run(command, stdin=source, capture_output=True, timeout=60, check=False)
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {(done.stdout + done.stderr).decode(errors='replace')[-800:]}")


def median_ms(work: Callable[[], object], runs: int) -> float:
    """Time some work over and over, after one run that warms up; milliseconds."""
    work()
    found = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def on_a_slow_line(practice: Practice, place: PracticeAddresses, senders: Senders) -> dict[str, int]:
    """Print the table; return the round trips until the 250, by name."""
    taken = 0
    trips: dict[str, int] = {}
    rows: list[tuple[str, int, float]] = []
    with SlowLine(place.smtp_port, ROUND_TRIP_S, lambda: len(practice.received) > taken) as line:
        for name, send in senders.all():

            def once(send: Sender = send) -> None:
                nonlocal taken
                taken = len(practice.received)
                send(line.port)
                if len(practice.received) != taken + 1:
                    raise RuntimeError("the message did not arrive")

            ms = median_ms(once, RUNS)
            trips[name] = line.trips
            rows.append((name, line.trips, ms))
    base = rows[0][2]
    print(f"one message over a line of {ROUND_TRIP_S * 1000:.0f} ms a round trip, medians of {RUNS}:")
    print(f"{'':26}{'trips to 250':>14}{'all, ms':>10}{'ratio':>8}")
    for name, count, ms in rows:
        print(f"{name:26}{count:14}{ms:10.0f}{ms / base:8.2f}")
    return trips


def check_over_slowest_leg(place: PracticeAddresses, folder: Path, leg_s: float = 0.5) -> float:
    """Let three ports be silent, each for its whole limit; return the whole time in units of one."""
    with three_silent_ports() as ports:
        lines = place.clouds_file.read_text(encoding="utf-8").splitlines()
        names = json.dumps([f"{port} starttls" for port in ports])
        lab = folder / "lab.toml"
        text = "\n".join(f"ports = {names}" if line.startswith("ports = ") else line for line in lines)
        lab.write_text(text, encoding="utf-8")
        catalog = Catalog.load(paths.resources(), [lab])
        preflight.LIMITS = replace(preflight.LIMITS, reply_s=leg_s)
        road = preflight.Road(RelayProfile("Bench", cloud=place.cloud, host="127.0.0.1", port=1), "127.0.0.1", None)

        def legs() -> None:
            with preflight.Preflight(catalog, road, lambda _finding: None, CancelToken()) as under_way:
                found = under_way.findings()
            if sum(finding.id.startswith("port-") for finding in found) != len(ports):
                raise RuntimeError("not every port was looked at")

        return median_ms(legs, RUNS) / (leg_s * 1000)


@contextmanager
def three_silent_ports() -> Iterator[list[int]]:
    """Ports that take connections and never say a word."""
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        yield [int(listener.getsockname()[1]) for listener in listeners]


def explain_ms(catalog: Catalog) -> float:
    """Return the median over the catalogue's own examples, each explained as pasted text."""
    examples = [rule.example for rule in catalog.replies if rule.example]
    return statistics.median(median_ms(functools.partial(catalog.explain_text, text, {}), 5) for text in examples)


def main() -> int:
    """Measure, print, and tell by the exit code whether the goals are met."""
    os.environ.pop("REQUESTS_CA_BUNDLE", None)
    with tempfile.TemporaryDirectory() as folder:
        shipped = Catalog.load(paths.resources())
        with Practice(Path(folder) / "practice", shipped) as practice:
            place = practice.start()
            cloud = Catalog.load(paths.resources(), [place.clouds_file]).cloud(place.cloud)
            cache = TokenCache(SealedFile(Path(folder) / "tokens.bin", FixedKey()))
            sign_in = SignIn(cloud, place.tenant, place.client_id, cache)
            person = PersonAtBrowser(USER, PASSWORD)
            token = sign_in.interactive(person.open).value
            person.done()
            senders = Senders(place, token, Path(folder))
            trips = on_a_slow_line(practice, place, senders)
            mine = functools.partial(senders.engine, TokenCredential(USER, token), place.smtp_port)
            theirs = functools.partial(senders.smtplib, place.smtp_port, oauth=True)
            check = check_over_slowest_leg(place, Path(folder))
            engine, library = median_ms(mine, QUICK_RUNS), median_ms(theirs, QUICK_RUNS)
        explained = explain_ms(shipped)
    least = trips["Relaywright, XOAUTH2"]
    print(f"without delay           {engine:8.1f} ms   {engine / library:6.2f} × smtplib ({library:.1f} ms)")
    print(f"a reply explained       {explained:8.2f} ms")
    print(f"a check’s legs          {check:8.2f} × its slowest leg, of three")
    met = (
        least <= GOAL_TRIPS
        and engine / library <= GOAL_OVER_SMTPLIB
        and explained < GOAL_EXPLAIN_MS
        and check <= GOAL_OVER_SLOWEST_LEG
    )
    goals = (
        f"{GOAL_TRIPS} trips, {GOAL_OVER_SMTPLIB} × smtplib, {GOAL_EXPLAIN_MS:.0f} ms a reply, "
        f"{GOAL_OVER_SLOWEST_LEG} × the slowest leg"
    )
    print(f"goals ({goals}): {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
