"""Measures what a token costs and how soon a cancel takes effect, against the practice sign-in, in one run: ratios.

One command: python3 build/make.py bench. A stored token is held against one that the service renews; a cancel against
the second that MSAL’s own wait sleeps between two looks. Exit code 1 when a goal is missed.
"""

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "app")]

from fixed_key import FixedKey  # noqa: E402
from person_at_browser import PersonAtBrowser  # noqa: E402
from relaywright import paths  # noqa: E402
from relaywright.catalog.catalog import Catalog  # noqa: E402
from relaywright.domain.cancel import CancelToken  # noqa: E402
from relaywright.domain.errors import Cancelled  # noqa: E402
from relaywright.identity.cache import TokenCache  # noqa: E402
from relaywright.identity.signin import SignIn  # noqa: E402
from relaywright.practice.practice import Practice  # noqa: E402
from relaywright.vault.sealed_file import SealedFile  # noqa: E402

RUNS = 21
GOAL_SILENT_MS = 30.0
GOAL_CANCEL_MS = 200.0
MSAL_POLL_MS = 1_000.0


def median_ms(work: Callable[[], object], runs: int = RUNS) -> float:
    """Time some work over and over, after one run that warms up; milliseconds."""
    work()
    found = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def cancel_ms(wait: Callable[[Callable[[], None], CancelToken], object]) -> float:
    """Time from a cancel to the end of what waits; ``wait`` calls its first argument once it is waiting."""
    found: list[float] = []
    for _ in range(RUNS):
        cancel, waiting = CancelToken(), threading.Event()
        ended: list[float] = []

        def run(cancel: CancelToken = cancel, waiting: threading.Event = waiting, ended: list[float] = ended) -> None:
            try:
                wait(waiting.set, cancel)
            except Cancelled:
                ended.append(time.perf_counter())

        thread = threading.Thread(target=run)
        thread.start()
        waiting.wait(30)
        began = time.perf_counter()
        cancel.cancel()
        thread.join(30)
        found.append((ended[0] - began) * 1000)
    return statistics.median(found)


def main() -> int:
    """Measure, print, and tell by the exit code whether the goals are met."""
    os.environ.pop("REQUESTS_CA_BUNDLE", None)
    with tempfile.TemporaryDirectory() as folder:
        shipped = Catalog.load(paths.resources())
        with Practice(Path(folder) / "practice", shipped) as practice:
            place = practice.start()
            cloud = Catalog.load(paths.resources(), [place.clouds_file]).cloud(place.cloud)
            token_file = Path(folder) / "tokens.bin"

            def program() -> SignIn:
                cache = TokenCache(SealedFile(token_file, FixedKey()))
                return SignIn(cloud, place.tenant, place.client_id, cache)

            person = PersonAtBrowser("alex@practice.example", "Practice-Alex-1")
            account = program().interactive(person.open).account.home_account_id
            person.done()
            silent = median_ms(lambda: program().silent(account))
            renewed = median_ms(lambda: program().silent(account, renew=True))
            browser = cancel_ms(lambda ready, cancel: program().interactive(lambda _address: ready(), cancel=cancel))
            code = cancel_ms(lambda ready, cancel: program().device_code(lambda _code: ready(), cancel))
    print(
        f"stored token            {silent:8.2f} ms   {silent / renewed:6.3f} × one that is renewed ({renewed:.0f} ms)"
    )
    print(f"cancel, in the browser  {browser:8.2f} ms   {browser / MSAL_POLL_MS:6.3f} × MSAL’s own pause")
    print(f"cancel, device code     {code:8.2f} ms   {code / MSAL_POLL_MS:6.3f} × MSAL’s own pause")
    met = silent < GOAL_SILENT_MS and max(browser, code) < GOAL_CANCEL_MS
    goals = f"stored token < {GOAL_SILENT_MS:.0f} ms, cancel < {GOAL_CANCEL_MS:.0f} ms"
    print(f"goals ({goals}): {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
