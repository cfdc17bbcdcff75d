"""Makes the virtual environment in .venv from a hash-locked list, and knows when it is complete.

A stamp is written last: an environment without it (a set-up that was killed, or one made by other means) is built anew,
one whose lists have changed since is brought up to date in place.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path

import system_packages
from steps import ROOT, WORK, MakeError, run_quietly, say, step

FOLDER = ROOT / ".venv"
STAMP = FOLDER / "relaywright-setup.json"
RUN_LIST = ROOT / "build" / "requirements.lock"
DEVELOPER_LIST = ROOT / "build" / "requirements-dev.lock"
LOCK_WAIT_S = 600


def scripts_folder() -> Path:
    """Where the environment keeps its programs."""
    return FOLDER / ("Scripts" if os.name == "nt" else "bin")


def python() -> Path:
    """The environment's Python."""
    return scripts_folder() / ("python.exe" if os.name == "nt" else "python")


def provide(*, developer: bool) -> None:
    """Have an environment that can run the program, and its tests and checks too when `developer` is set.

    Raises MakeError with the way out when it cannot be made.
    """
    lists = _lists(developer=developer)
    if _is_ready(lists):
        return
    with _one_at_a_time():
        if not _is_ready(lists):  # another set-up may have ended while this one waited
            _build(lists)


def is_ready(*, developer: bool) -> bool:
    """True when there is nothing to do."""
    return _is_ready(_lists(developer=developer))


def _lists(*, developer: bool) -> list[Path]:
    return [RUN_LIST, DEVELOPER_LIST] if developer else [RUN_LIST]


def _is_ready(lists: list[Path]) -> bool:
    stamp = _read_stamp()
    return python().exists() and stamp.get("made_by") == _maker() and _outdated(lists, stamp) == []


def _build(lists: list[Path]) -> None:
    stamp = _read_stamp()
    if stamp.get("made_by") != _maker() or not python().exists():
        _create()
        stamp = {"made_by": _maker()}
    STAMP.unlink(missing_ok=True)  # from here until the end a kill leaves an unfinished environment, and it shows
    for one in _outdated(lists, stamp):
        with step(f"libraries of {one.relative_to(ROOT).as_posix()} (every file is checked against its hash)"):
            _install(one)
        stamp[one.name] = _digest(one)
    _make_importable()
    _write_stamp(stamp)


def _create() -> None:
    system_packages.provide([system_packages.ENVIRONMENT], required=[system_packages.ENVIRONMENT])
    if FOLDER.exists():
        say(f"{FOLDER.name} was not finished by this program with this Python: it is made anew.")
    with step(f"virtual environment in {FOLDER.name}, Python {sys.version.split()[0]}"):
        shutil.rmtree(FOLDER, ignore_errors=True)
        if FOLDER.exists():
            raise MakeError(f"{FOLDER} is in use and cannot be made anew. Close the programs that run from it.")
        # Copies instead of links on Windows only, where links need a privilege. pip in a process of its own:
        # the module was imported before its package came.
        venv.EnvBuilder(symlinks=os.name != "nt", with_pip=False).create(FOLDER)
        run_quietly([str(python()), "-m", "ensurepip", "--upgrade", "--default-pip"], log_name="ensurepip.log")


def _install(requirements: Path) -> None:
    # No dependencies are looked up: the list is complete, and what is not on it must not come in.
    command = [str(python()), "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-input"]
    options = ["--disable-pip-version-check", "--progress-bar", "off", "-r", str(requirements)]
    # Settings for the registry are the user's own and stay; those that would install elsewhere do not.
    leave_out = {"PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_ROOT", "PIP_DRY_RUN", "PYTHONHOME", "PYTHONPATH"}
    env = {name: value for name, value in os.environ.items() if name not in leave_out}
    run_quietly([*command, *options], log_name="pip.log", env=env, count="Collecting ")


def _make_importable() -> None:
    """Put app/ on the environment's path, and a `relaywright` program beside its Python."""
    library = FOLDER / ("Lib" if os.name == "nt" else f"lib/python{sys.version_info.major}.{sys.version_info.minor}")
    (library / "site-packages" / "relaywright.pth").write_text(f"{ROOT / 'app'}\n", encoding="utf-8")
    if os.name == "nt":
        command = '@"%~dp0python.exe" -P -m relaywright %*\r\n'
        (scripts_folder() / "relaywright.cmd").write_text(command, encoding="ascii", newline="")
        return
    # A shell line instead of a Python shebang: a folder name may hold spaces and be long.
    launcher = scripts_folder() / "relaywright"
    launcher.write_text('#!/bin/sh\nexec "$(dirname -- "$0")/python" -P -m relaywright "$@"\n', encoding="ascii")
    launcher.chmod(0o755)


def _maker() -> str:
    """What an environment depends on beside its lists: this Python, and the place (its programs hold full paths)."""
    return f"{sys.version} {Path(sys.base_prefix).as_posix()} {FOLDER.as_posix()}"


def _outdated(lists: list[Path], stamp: dict[str, str]) -> list[Path]:
    return [one for one in lists if stamp.get(one.name) != _digest(one)]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read_stamp() -> dict[str, str]:
    try:
        found = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_stamp(stamp: dict[str, str]) -> None:
    draft = STAMP.with_suffix(".new")
    draft.write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    draft.replace(STAMP)


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let one set-up work at a time; the system frees the lock when its holder is killed."""
    WORK.mkdir(exist_ok=True)
    with (WORK / "setup.lock").open("a+", encoding="utf-8") as handle:
        began = time.monotonic()
        told = False
        while not _try_lock(handle.fileno()):
            if not told:
                say("Another set-up is at work here: waiting for it.")
                told = True
            if time.monotonic() - began > LOCK_WAIT_S:
                raise MakeError("Another set-up has been at work here for ten minutes. End it and start again.")
            time.sleep(0.5)
        yield


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
