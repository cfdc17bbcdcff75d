"""The frozen program, moved to a folder of its own and started with an empty environment: no Python, no source tree."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.x_screen import MapWatch, private_display

FOLDER_VARIABLE = "RELAYWRIGHT_FROZEN"
LIMIT_S = 60

pytestmark = pytest.mark.skipif(
    FOLDER_VARIABLE not in os.environ, reason="no fresh build: `python3 build/make.py package` makes and tests it"
)
needs_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="stands on X11 and D-Bus")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, copied away from where it was built."""
    folder = tmp_path_factory.mktemp("away") / "Program Files é"
    shutil.copytree(os.environ[FOLDER_VARIABLE], folder, symlinks=True)
    windows = folder / "relaywright-cli.exe"
    return windows if windows.exists() else folder / "relaywright"


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """An environment with nothing in it but a home."""
    home = tmp_path / "home"
    home.mkdir()
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    return {"HOME": str(home), "PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(runtime), "LC_ALL": "C.UTF-8"}


def call(program: Path, env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(program), *arguments],
        env=env,
        cwd=env["HOME"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=LIMIT_S,
    )


def test_it_says_its_version(program: Path, bare: dict[str, str]) -> None:
    done = call(program, bare, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Relaywright ")


@needs_linux
def test_its_version_is_told_without_loading_qt(program: Path, bare: dict[str, str]) -> None:
    done = call(program, {**bare, "LD_DEBUG": "files"}, "--version")
    assert "libpython3" in done.stderr, "the loader tells what it opens"
    assert "libQt6" not in done.stderr


def test_nothing_is_missing_inside(program: Path, bare: dict[str, str]) -> None:
    done = call(program, bare, "--self-test")
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"], found["frozen"]) == (0, True, True), done.stdout + done.stderr
    assert found["missing"] == {}
    assert found["resources"]["replies"] > 0


def test_the_main_job_works(program: Path, bare: dict[str, str]) -> None:
    """Profile, secret, sign-in, test send, a refusal explained, an export: all with the practice relay inside it."""
    done = call(program, bare, "--data-dir", str(Path(bare["HOME"]) / "data"), "tour")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "235 2.7.0" in done.stdout
    assert "Every step did what it should." in done.stdout


def test_a_device_sheet_is_made_with_its_own_fonts(program: Path, bare: dict[str, str]) -> None:
    data = str(Path(bare["HOME"]) / "data")
    fields = ("username=scanner@contoso.example", "from=scanner@contoso.example")
    assert call(program, bare, "--data-dir", data, "profile", "add", "Scanner", *fields).returncode == 0
    listed = json.loads(call(program, bare, "--data-dir", data, "--json", "targets").stdout)
    sheet = next(one["id"] for one in listed if one["kind"] == "generic")
    done = call(program, bare, "--data-dir", data, "--json", "export", "Scanner", sheet, "--out", bare["HOME"])
    assert done.returncode == 0, done.stderr
    files = [Path(bare["HOME"]) / Path(one["path"]).name for one in json.loads(done.stdout)["files"]]
    assert any(path.read_bytes().startswith(b"%PDF-") for path in files)


@needs_linux
@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="Xvfb is not on this machine")
def test_the_window_opens_with_the_practice_relay(program: Path, bare: dict[str, str], tmp_path: Path) -> None:
    said = tmp_path / "said.txt"
    with private_display() as display, MapWatch(display) as watch, said.open("w") as out:
        env = {**bare, "DISPLAY": display}
        window = subprocess.Popen([str(program), "--practice"], env=env, cwd=env["HOME"], stdout=out, stderr=out)
        try:
            watch.wait_for_window(LIMIT_S)
            assert window.poll() is None
        finally:
            window.terminate()
            window.wait(LIMIT_S)
    text = said.read_text(encoding="utf-8")
    assert "Traceback" not in text, text
    assert "could not" not in text.lower(), text


@needs_linux
@pytest.mark.skipif(
    shutil.which("gnome-keyring-daemon") is None or shutil.which("dbus-run-session") is None,
    reason="gnome-keyring or dbus is not on this machine",
)
def test_it_finds_the_keyring_and_keeps_a_secret_there(program: Path, bare: dict[str, str]) -> None:
    script = """
        printf %s testpass | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
        "$0" profile add Scanner username=scanner@contoso.example from=scanner@contoso.example >/dev/null || exit 11
        printf %s "Canary-7734" | "$0" secret set Scanner --stdin >/dev/null || exit 12
        "$0" --json secret status Scanner
    """
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", script, str(program)],
        env=bare,
        cwd=bare["HOME"],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"keyring"' in done.stdout, done.stdout
    assert "Canary-7734" not in done.stdout + done.stderr
