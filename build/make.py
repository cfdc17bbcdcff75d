#!/usr/bin/env python3
"""The one door after a clone: `python3 build/make.py VERB`, with the standard library only.

setup    the virtual environment in .venv and, on Linux, the system libraries it needs
run      set up, then open the window with the practice relay; without a display the same tour in the terminal
test     set up, install what the tests need, then check and run all tests
check    format, lint, types, import contracts
bench    start-up time and memory, held against an empty window; what a stored token, a cancel
         and a whole session cost, against swaks, curl, msmtp and smtplib
pictures the README's pictures in tests/pictures, taken anew of the real window
package  the program in a folder of its own (dist/), and on Linux a .deb; proven by starting it

Arguments after `--` go on to the program (run), to pytest (test) or to the benchmark (bench).
How the environment is made stands in environment.py, what the system must have in system_packages.py.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts it with an older one is told so
    sys.exit(
        "Relaywright needs Python 3.11 or newer; this is {}.{}. Start it with a newer one, for example:\n"
        "    python3.11 build/make.py run".format(*sys.version_info[:2])
    )

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import environment
import system_packages
from steps import ROOT, WORK, MakeError, say, step

ANSWER_TIME_S = 2.0


def setup(_arguments: Sequence[str]) -> int:
    """Have everything that running the program needs."""
    _have_environment(window=_why_no_display() is None, told=True)
    say(f"Ready. Next: python3 build/make.py run   (or {_shown(environment.scripts_folder() / 'relaywright')} --help)")
    return 0


def run(arguments: Sequence[str]) -> int:
    """Start the program: the given command, else the window, else the tour in the terminal."""
    _have_environment(window=_why_no_display() is None)
    if arguments:
        return _program(arguments)
    reason = _why_no_display()
    if reason is None:
        return _program(["--practice"])
    say(f"No window here: {reason}. The same tour in the terminal:")
    return _program(["tour"])


def test(arguments: Sequence[str]) -> int:
    """Check, then run all tests; with arguments, only what they name."""
    _have_environment(developer=True)
    lacking = system_packages.provide(system_packages.TEST_PROGRAMS)
    checked = 0 if arguments else check([])
    began = time.monotonic()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell that starts this in the background has interrupts ignored by all below it; tests send some.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Widgets are tested without a screen; journeys and benchmarks open theirs on the Xvfb that stands around all.
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    env.pop("WAYLAND_DISPLAY", None)
    code = subprocess.call([*_own_screen(), str(environment.python()), "-m", "pytest", *arguments], cwd=ROOT, env=env)
    say(f"  tests ended with code {code} after {time.monotonic() - began:.0f} s")
    if lacking:
        say("Some tests could not run here; they name what they lack in the summary above.")
    if checked != 0:
        say("The tests ran, but a check before them failed: see above.", to_error=True)
    return code or checked


def check(_arguments: Sequence[str]) -> int:
    """Run every check, also after one has failed, so that one run shows all there is to mend."""
    _have_environment(developer=True, window=False)
    python = str(environment.python())
    checks = {
        "format": [python, "-m", "ruff", "format", "--check", "."],
        "lint": [python, "-m", "ruff", "check", "."],
        "types": [python, "-m", "mypy"],
        "import contracts": [python, "-c", "from importlinter.cli import lint_imports_command as l; l()"],
    }
    failed = []
    for name, command in checks.items():
        with step(name):
            if subprocess.call(command, cwd=ROOT) != 0:
                failed.append(name)
    if failed:
        say(f"Failed: {', '.join(failed)}", to_error=True)
        return 1
    return 0


def bench(arguments: Sequence[str]) -> int:
    """Measure start-up and memory against an empty Qt window, what signing in costs, and sessions against others'."""
    _have_environment(developer=True)
    system_packages.provide(system_packages.BENCH_PROGRAMS, required=system_packages.SCREEN)
    folder, python = ROOT / "tests" / "benchmarks", str(environment.python())
    code = subprocess.call([python, str(folder / "startup.py"), *arguments], cwd=ROOT)
    for name in ("sign_in.py", "sessions.py"):
        code = subprocess.call([python, str(folder / name)], cwd=ROOT) or code
    return code


def pictures(_arguments: Sequence[str]) -> int:
    """Take the README's pictures anew, without a screen."""
    _have_environment(developer=True)
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "RELAYWRIGHT_PICTURES": str(ROOT / "tests" / "pictures")}
    command = [str(environment.python()), "-m", "pytest", "tests/journeys/test_pictures.py", "-k", "readme"]
    return subprocess.call(command, cwd=ROOT, env=env)


def package(arguments: Sequence[str]) -> int:
    """Freeze the program into dist/, wrap it for this system, and prove it by starting it."""
    _have_environment(developer=True)
    needs = [*system_packages.PACKAGE_PROGRAMS, *system_packages.SCREEN]
    system_packages.provide(needs, required=system_packages.PACKAGE_PROGRAMS[:2])
    python = str(environment.python())
    with step("third-party notices"):
        _must([python, "build/licences.py", ".work/THIRD-PARTY-NOTICES.txt"])
    with step("PyInstaller, one folder"):
        # PyInstaller's own choice for its work would be ./build, which holds our sources.
        places = ["--workpath", str(WORK / "pyinstaller"), "--distpath", str(ROOT / "dist")]
        _must([python, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN", *places, "build/relaywright.spec"])
    if sys.platform.startswith("linux") and shutil.which("dpkg-deb") is not None:
        with step("Debian package"):
            _must([python, "installer/linux/make_deb.py"])
    with step("proof: the frozen program in a folder of its own"):
        frozen = {**os.environ, "RELAYWRIGHT_FROZEN": str(ROOT / "dist" / "relaywright")}
        _must([python, "-m", "pytest", "-q", "tests/frozen", *arguments], frozen)
    say(f"Results are in {_shown(ROOT / 'dist')}")
    return 0


VERBS: dict[str, Callable[[Sequence[str]], int]] = {
    "setup": setup,
    "run": run,
    "test": test,
    "check": check,
    "bench": bench,
    "pictures": pictures,
    "package": package,
}


def main(arguments: Sequence[str]) -> int:
    """Do one verb; returns the exit code."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        say(__doc__ or "")
        return 0 if arguments else 2
    verb, rest = arguments[0], list(arguments[1:])
    if verb not in VERBS:
        say(f"There is no “{verb}”. The verbs are: {', '.join(VERBS)}.", to_error=True)
        return 2
    if rest and rest[0] != "--":
        say(f"Put “--” before what goes on to the program: make.py {verb} -- {' '.join(rest)}", to_error=True)
        return 2
    try:
        return VERBS[verb](rest[1:])
    except MakeError as error:
        say(str(error), to_error=True)
        return 1
    except KeyboardInterrupt:
        say("Interrupted. What was begun is mended at the next start.", to_error=True)
        return 130


def _have_environment(*, developer: bool = False, window: bool = True, told: bool = False) -> None:
    """Have the system's part first, in one go, then the environment. Without `window` Qt's libraries may be missing."""
    libraries = system_packages.WINDOW_LIBRARIES
    python = [] if environment.is_ready(developer=developer) else [system_packages.ENVIRONMENT]
    required = [*python, *(libraries if window else ())]
    system_packages.provide([*python, *libraries], required=required, quiet=not told)
    environment.provide(developer=developer)


def _program(arguments: Sequence[str]) -> int:
    command = [str(environment.python()), "-m", "relaywright", *arguments]
    if os.name != "nt":
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606 - so that Ctrl-C and signals reach the program itself
    return subprocess.call(command)


def _must(command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
    code = subprocess.call(command, cwd=ROOT, env=env)
    if code != 0:
        raise MakeError(f"{' '.join(map(str, command))} ended with code {code}.")


def _own_screen() -> list[str]:
    """Words that give a program an X server of its own, so that no test opens a window on someone's desk."""
    if not sys.platform.startswith("linux") or shutil.which("xvfb-run") is None or shutil.which("xauth") is None:
        return []
    return ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24"]


def _why_no_display() -> str | None:
    """Why no window can be opened here; None when one can. Only an X11 or Wayland system can be without."""
    if not sys.platform.startswith("linux"):
        return None
    if os.environ.get("WAYLAND_DISPLAY"):
        return None
    display = os.environ.get("DISPLAY", "")
    if not display:
        return "neither DISPLAY nor WAYLAND_DISPLAY is set"
    return None if _answers(display) else f"the display {display} does not answer"


def _answers(display: str) -> bool:
    """True when an X server listens at a display such as “:0” or “desk:10.0”."""
    host, _, rest = display.rpartition(":")
    number = rest.partition(".")[0]
    if not number.isdigit():
        return True  # a form that we do not know: let Qt try
    try:
        if host in {"", "unix"}:
            with socket.socket(socket.AF_UNIX) as local:
                local.settimeout(ANSWER_TIME_S)
                local.connect(f"/tmp/.X11-unix/X{number}")  # noqa: S108 - the X server's own place
        else:
            socket.create_connection((host, 6000 + int(number)), ANSWER_TIME_S).close()
    except OSError:
        return False
    return True


def _shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
