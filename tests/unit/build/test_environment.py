"""The environment is complete or made anew, and a second set-up has nothing to do."""

import json
import subprocess
from pathlib import Path

import pytest

import environment
from steps import MakeError


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with empty lists, so that setting it up needs no network."""
    build = tmp_path / "build"
    build.mkdir()
    (tmp_path / "app").mkdir()
    (build / "requirements.lock").write_text("", encoding="utf-8")
    (build / "requirements-dev.lock").write_text("", encoding="utf-8")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "WORK", tmp_path / ".work")
    monkeypatch.setattr("steps.WORK", tmp_path / ".work")
    monkeypatch.setattr(environment, "FOLDER", tmp_path / ".venv")
    monkeypatch.setattr(environment, "STAMP", tmp_path / ".venv" / "relaywright-setup.json")
    monkeypatch.setattr(environment, "RUN_LIST", build / "requirements.lock")
    monkeypatch.setattr(environment, "DEVELOPER_LIST", build / "requirements-dev.lock")
    return tmp_path


def test_set_up_once_then_at_rest_then_mended(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment.provide(developer=False)
    (checkout / "app" / "relaywright.py").write_text("print('hello from the clone')", encoding="utf-8")
    launcher = environment.scripts_folder() / "relaywright"
    said = subprocess.run([str(launcher)], capture_output=True, text=True, check=True)
    assert said.stdout == "hello from the clone\n"

    capsys.readouterr()
    environment.provide(developer=False)
    assert capsys.readouterr().out == "", "a second set-up has nothing to do"

    environment.STAMP.unlink()  # as a set-up that was killed leaves it
    (environment.FOLDER / "half-written").write_text("", encoding="utf-8")
    environment.provide(developer=False)
    assert "made anew" in capsys.readouterr().out
    assert not (environment.FOLDER / "half-written").exists()
    assert environment.STAMP.exists()


def test_only_the_list_that_changed_is_installed_again(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[str] = []
    monkeypatch.setattr(environment, "_create", lambda: environment.scripts_folder().mkdir(parents=True, exist_ok=True))
    monkeypatch.setattr(environment, "_install", lambda path: installed.append(path.name))
    monkeypatch.setattr(environment, "_make_importable", environment.python().touch)
    environment.provide(developer=True)
    assert installed == ["requirements.lock", "requirements-dev.lock"]

    (checkout / "build" / "requirements-dev.lock").write_text("# newer\n", encoding="utf-8")
    environment.provide(developer=False)
    assert installed == ["requirements.lock", "requirements-dev.lock"], "running does not need the developers' list"
    environment.provide(developer=True)
    assert installed[2:] == ["requirements-dev.lock"]


def test_a_failed_installation_leaves_no_stamp(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_path: Path) -> None:
        raise MakeError("no network")

    monkeypatch.setattr(environment, "_create", lambda: environment.scripts_folder().mkdir(parents=True, exist_ok=True))
    monkeypatch.setattr(environment, "_install", fail)
    with pytest.raises(MakeError):
        environment.provide(developer=False)
    assert not (checkout / ".venv" / "relaywright-setup.json").exists()


def test_a_damaged_stamp_is_no_stamp(checkout: Path) -> None:
    stamp = checkout / ".venv" / "relaywright-setup.json"
    stamp.parent.mkdir()
    stamp.write_text('{"made_by": ', encoding="utf-8")
    assert environment._read_stamp() == {}
    stamp.write_text(json.dumps(["made_by"]), encoding="utf-8")
    assert environment._read_stamp() == {}
