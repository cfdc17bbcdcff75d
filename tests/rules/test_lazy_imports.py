"""What may not be loaded when the program starts: the start-up budget, held module by module."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from relaywright import bootstrap, paths

ROOT = Path(__file__).resolve().parents[2]
NOT_AFTER_PAINT = ("msal", "keyring", "requests", "jinja2", "dns.resolver", "cryptography.x509", "icalendar", "segno")
NOT_FOR_VERSION = ("PySide6", "msal", "keyring", "cryptography")
NOT_FOR_A_LIST = (*NOT_FOR_VERSION, "requests", "jinja2", "dns", "reportlab", "pyrage", "ssl", "icalendar")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data folder with a few profiles."""
    with bootstrap.opened(tmp_path / "data") as services:
        fields = {"username": "scanner@contoso.example", "from": "scanner@contoso.example"}
        services.profiles.add(*(services.profiles.draft(f"Device {number}", fields) for number in range(3)))
    return tmp_path / "data"


def loaded_by(*arguments: str) -> set[str]:
    """The modules that `relaywright ARGUMENTS` has loaded when it ends."""
    program = (
        "import runpy, sys\n"
        f"sys.argv = ['relaywright', *{arguments!r}]\n"
        "try:\n    runpy.run_module('relaywright', run_name='__main__')\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "print('\\n'.join(['', '--', *sys.modules]))\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT / "app")}
    done = subprocess.run([sys.executable, "-c", program], env=env, check=True, capture_output=True, text=True)
    return set(done.stdout.partition("\n--\n")[2].split())


def among(names: tuple[str, ...], loaded: set[str]) -> list[str]:
    return [name for name in names if name in loaded]


def test_the_version_is_told_without_any_large_library() -> None:
    loaded = loaded_by("--version")
    assert "relaywright" in loaded
    assert among(NOT_FOR_VERSION, loaded) == []


def test_profiles_are_listed_without_any_large_library(data_dir: Path) -> None:
    loaded = loaded_by("--data-dir", str(data_dir), "profile", "list")
    assert "sqlite3" in loaded
    assert among(NOT_FOR_A_LIST, loaded) == []


def test_the_window_is_painted_before_any_large_library_is_loaded(data_dir: Path, tmp_path: Path) -> None:
    result = tmp_path / "modules.json"
    probe = ROOT / "tests" / "benchmarks" / "loaded_after_paint.py"
    places = {"PYTHONPATH": str(ROOT / "app"), paths.DATA_DIR_VARIABLE: str(data_dir)}
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", **places}
    subprocess.run([sys.executable, str(probe), str(result)], env=env, check=True, timeout=60)
    found = json.loads(result.read_text(encoding="utf-8"))
    assert among(NOT_AFTER_PAINT, set(found["at_first_paint"])) == []
    assert among(NOT_AFTER_PAINT, set(found["with_profiles"])) == []
