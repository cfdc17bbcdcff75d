"""Where things lie: in the source tree, a wheel and a frozen program, and in each platform's own place."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from relaywright import paths

ROOT = Path(__file__).parents[2]


def test_the_source_tree_has_its_resources_at_the_top() -> None:
    assert paths.resources() == ROOT / "resources"
    assert (paths.resources() / "facts").is_dir()


def test_a_wheel_has_its_resources_in_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "relaywright"
    (package / "resources").mkdir(parents=True)
    monkeypatch.setattr(paths, "__file__", str(package / "paths.py"))
    assert paths.resources() == package / "resources"


def test_a_frozen_program_has_its_resources_where_it_was_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert paths.resources() == tmp_path / "relaywright" / "resources"


def test_the_chosen_folder_wins_over_the_variable_and_that_over_the_platforms(
    tmp_path: Path, isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(paths.DATA_DIR_VARIABLE, str(tmp_path / "variable"))
    assert paths.data_dir(tmp_path / "chosen") == tmp_path / "chosen"
    assert paths.data_dir() == tmp_path / "variable"
    monkeypatch.delenv(paths.DATA_DIR_VARIABLE)
    own = paths.data_dir()
    assert own.name == "Relaywright"
    assert isolated_home in own.parents or sys.platform == "win32"  # Windows asks the system, not the environment


def test_a_folder_is_absolute_and_knows_the_home(
    tmp_path: Path, isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert paths.data_dir(Path("here")) == tmp_path / "here"
    assert paths.data_dir(Path("~/there")) == isolated_home / "there"
    monkeypatch.setenv(paths.DATA_DIR_VARIABLE, "~/elsewhere")
    assert paths.data_dir() == isolated_home / "elsewhere"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes; the folder is the user's own there")
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_a_private_folder_is_its_owners_alone_whatever_the_mask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        made = paths.make_private(tmp_path / "private")
    finally:
        os.umask(before)
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert paths.make_private(made) == made


def test_the_frozen_program_starts_itself_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "relaywright.exe")
    assert paths.own_command() == ["relaywright.exe"]


def test_a_child_takes_no_module_from_the_folder_it_is_started_in(tmp_path: Path) -> None:
    for name in ("argparse", "platformdirs", "relaywright"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a stranger ran')", encoding="utf-8")
    done = subprocess.run(
        [*paths.own_command(), "--version"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "app")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Relaywright ")
