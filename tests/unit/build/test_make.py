"""The one door: what it says to a wrong call, and when it believes that a window can be opened."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import make

ROOT = Path(__file__).resolve().parents[3]


def call_make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "build" / "make.py"), *arguments], capture_output=True, text=True, check=False
    )


def test_an_unknown_verb_is_answered_with_the_verbs_there_are() -> None:
    done = call_make("lunch")
    assert done.returncode == 2
    assert "setup, run, test, check, bench, package" in done.stderr
    assert done.stdout == ""


def test_arguments_without_the_dashes_are_answered_with_the_right_call() -> None:
    done = call_make("run", "profile", "list")
    assert done.returncode == 2
    assert "make.py run -- profile list" in done.stderr


def test_help_names_every_verb() -> None:
    done = call_make("--help")
    assert done.returncode == 0
    for verb in make.VERBS:
        assert f"\n{verb} " in f"\n{done.stdout}"


def test_only_the_standard_library_is_needed() -> None:
    done = subprocess.run(
        [sys.executable, "-E", "-s", "-S", str(ROOT / "build" / "make.py"), "--help"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
class TestDisplay:
    @pytest.fixture(autouse=True)
    def no_display(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DISPLAY", raising=False)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    def test_without_a_display_the_reason_is_told(self) -> None:
        assert make._why_no_display() == "neither DISPLAY nor WAYLAND_DISPLAY is set"

    def test_wayland_is_a_display(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
        assert make._why_no_display() is None

    def test_a_display_that_nobody_serves_counts_as_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DISPLAY", ":6553")
        reason = make._why_no_display()
        assert reason is not None
        assert ":6553" in reason

    def test_a_display_over_the_network_is_tried_at_its_port(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            number = server.getsockname()[1] - 6000
            monkeypatch.setenv("DISPLAY", f"127.0.0.1:{number}.0")
            assert make._why_no_display() is None
        assert make._why_no_display() is not None
