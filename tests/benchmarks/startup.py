"""Measures start-up and memory of the window against PySide6's own empty window, in one run: ratios, not milliseconds.

One command: python3 build/make.py bench. Programs are started in turn, so that a busy machine slows all of them.
Exit code 1 when a goal is missed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "app")]

from benchmarks.x_screen import MapWatch, private_display  # noqa: E402

PROFILES = 100
GOAL_START = 1.4
GOAL_MEMORY = 1.3
WINDOW_LIMIT_S = 30.0
FILLED_S = 1.0
REST_S = 3.0
FILLED_RUNS = 5
FORBIDDEN_AFTER_PAINT = ("msal", "keyring", "requests", "jinja2", "dns.resolver", "cryptography.x509")
FORBIDDEN_FOR_VERSION = ("PySide6", "msal", "keyring", "cryptography")


@dataclass
class Subject:
    """A program under measure and what was found, in milliseconds and MiB."""

    name: str
    command: list[str]
    mapped_ms: list[float] = field(default_factory=list)
    filled_mib: list[float] = field(default_factory=list)
    """When the window is filled."""
    rest_mib: list[float] = field(default_factory=list)
    """When the keyring has been looked at too."""


def environment(home: Path, display: str) -> dict[str, str]:
    """Build an environment that is alike for all: a home of its own, no session bus, this display.

    The data folder is where a person's is, by the platform's rules, since finding that out is a part of starting.
    """
    keep = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH") if name in os.environ}
    return {
        **keep,
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "XDG_DATA_HOME": str(home / "share"),
        "PYTHONPATH": str(ROOT / "app"),
    }


def measure(subject: Subject, display: str, env: dict[str, str]) -> None:
    """Start the program once: time to its first window, then its memory at rest."""
    with MapWatch(display) as watch:
        began = time.perf_counter()
        with subprocess.Popen(
            subject.command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                subject.mapped_ms.append((watch.wait_for_window(WINDOW_LIMIT_S) - began) * 1000)
                time.sleep(FILLED_S)  # what is put off until after the first paint counts too
                subject.filled_mib.append(_rss_mib(process.pid))
                time.sleep(REST_S - FILLED_S)
                subject.rest_mib.append(_rss_mib(process.pid))
            finally:
                process.terminate()


def _rss_mib(pid: int) -> float:
    """Resident memory of a process and its children. Not PSS: that falls as soon as any other Qt program runs."""
    first = psutil.Process(pid)
    return float(sum(one.memory_info().rss for one in [first, *first.children(recursive=True)])) / 2**20


def watch_window(folder: Path, env: dict[str, str]) -> dict[str, Any]:
    """Tell which modules the real window has loaded, and when, at its first paint and when its profiles are there."""
    result = folder / "modules.json"
    command = [sys.executable, str(HERE / "loaded_after_paint.py"), str(result)]
    subprocess.run(command, env={**env, "BENCHMARK_BEGAN": str(time.monotonic())}, check=True, timeout=60)
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return found


def modules_for_version(env: dict[str, str]) -> list[str]:
    """Tell which modules `relaywright --version` loads."""
    program = "import sys, runpy; sys.argv = ['relaywright', '--version']\n"
    program += "try: runpy.run_module('relaywright', run_name='__main__')\n"
    program += "except SystemExit: pass\nprint('\\n'.join(sorted(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], env=env, check=True, capture_output=True, text=True)
    return done.stderr.split()


def among(forbidden: tuple[str, ...], loaded: list[str]) -> list[str]:
    """Tell which of the forbidden modules are loaded."""
    return [name for name in forbidden if name in loaded]


def store_profiles(folder: Path, count: int) -> None:
    """Keep profiles in an empty data folder, as a person would have them."""
    from relaywright import bootstrap

    with bootstrap.opened(folder) as services:
        texts = {"username": "scanner@contoso.example", "from": "scanner@contoso.example", "recipient": "a@b.example"}
        folders = ("Office", "Plant", "Servers", "")
        drafts = [
            services.profiles.draft(f"Device {number:03}", {**texts, "folder": folders[number % len(folders)]})
            for number in range(count)
        ]
        services.profiles.add(*drafts)


def report(subjects: list[Subject]) -> dict[str, dict[str, float]]:
    """Print medians and ratios to the first subject, and return them."""
    measures = {"window, ms": "mapped_ms", "memory, MiB": "filled_mib", "at rest, MiB": "rest_mib"}
    print(f"{'':30}" + "".join(f"{title:>14} ratio" for title in measures))
    found: dict[str, dict[str, float]] = {}
    for subject in subjects:
        figures: dict[str, float] = {}
        for name in measures.values():
            figures[name] = statistics.median(getattr(subject, name))
            figures[f"{name}_ratio"] = figures[name] / statistics.median(getattr(subjects[0], name))
        print(
            f"{subject.name:30}"
            + "".join(f"{figures[n]:14.0f} {figures[n + '_ratio']:5.2f}" for n in measures.values())
        )
        found[subject.name] = figures
    return found


def main() -> int:
    """Measure, print, and tell by the exit code whether the goals are met."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--runs", type=int, default=11, help="runs of each program, after one that warms up")
    reader.add_argument("--program", type=Path, help="a frozen program to measure as well")
    reader.add_argument("--json", type=Path, help="a file for the figures")
    call = reader.parse_args()

    subjects = [
        Subject("empty PySide6 window", [sys.executable, str(HERE / "bare_window.py")]),
        Subject(f"Relaywright, {PROFILES} profiles", [sys.executable, "-m", "relaywright"]),
    ]
    if call.program:
        subjects.append(Subject("Relaywright, frozen", [str(call.program.resolve())]))
    with tempfile.TemporaryDirectory() as folder, private_display() as display:
        home = Path(folder)
        env = environment(home, display)
        store_profiles(home / "share" / "Relaywright", PROFILES)
        for turn in range(call.runs + 1):
            for subject in subjects:
                measure(subject, display, env)
                if turn == 0:
                    subject.mapped_ms.clear()
                    subject.filled_mib.clear()
                    subject.rest_mib.clear()
        found = report(subjects)
        watched = [watch_window(home, env) for _ in range(FILLED_RUNS)]
        late = among(FORBIDDEN_AFTER_PAINT, watched[0]["with_profiles"])
        at_rest = among(FORBIDDEN_AFTER_PAINT, watched[0]["at_rest"])
        version = among(FORBIDDEN_FOR_VERSION, modules_for_version(env))
    filled_ms = statistics.median(one["with_profiles_ms"] for one in watched)
    base_ms = found[subjects[0].name]["mapped_ms"]
    print(
        f"{PROFILES} profiles painted: {filled_ms:.0f} ms after the start, {filled_ms / base_ms:.2f} × the empty window"
    )
    print(f"loaded when they are painted that should not be: {', '.join(late) or 'nothing'}")
    print(f"… and at rest: {', '.join(at_rest) or 'nothing'}")
    print(f"loaded for --version that should not be: {', '.join(version) or 'nothing'}")
    if call.json:
        call.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    ours = found[subjects[1].name]
    met = ours["mapped_ms_ratio"] <= GOAL_START and ours["filled_mib_ratio"] <= GOAL_MEMORY and not late and not version
    print(f"goals (window ≤ {GOAL_START}, memory ≤ {GOAL_MEMORY}): {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
