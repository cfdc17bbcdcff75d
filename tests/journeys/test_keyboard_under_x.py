"""The main job with real key presses: an X server and a window manager of their own, the program as people start it.

What the window shows is read from its title and from the data folder by the command line, as a script would.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not all(shutil.which(name) for name in ("Xvfb", "openbox", "xdotool")),
    reason="needs Xvfb, openbox and xdotool for real keys",
)
WAIT_S = 30.0
STEP_S = 0.05


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(STEP_S)


class Keys:
    """A program in its own X server, and a person who has only the keyboard."""

    def __init__(self, env: dict[str, str], data: Path, program: subprocess.Popen[bytes]) -> None:
        self.env, self.data, self.program = env, data, program

    def press(self, *keys: str) -> None:
        """Press keys, in xdotool's names."""
        subprocess.run(["xdotool", "key", "--delay", "60", *keys], env=self.env, check=True, timeout=WAIT_S)

    def write(self, text: str) -> None:
        """Type a text."""
        subprocess.run(["xdotool", "type", "--delay", "20", text], env=self.env, check=True, timeout=WAIT_S)

    def title(self) -> str:
        """The title of the window that has the keyboard; empty while there is none."""
        command = ["xdotool", "getactivewindow", "getwindowname"]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=WAIT_S, check=False)
        return done.stdout.strip()

    def titled(self, words: str) -> None:
        """Wait for a window with these words in its title."""
        until(lambda: words in self.title(), f"a window called “{words}”")

    def asked(self, *arguments: str) -> object:
        """Ask the same data folder through the command line."""
        command = [sys.executable, "-m", "relaywright", "--data-dir", str(self.data), *arguments, "--json"]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=WAIT_S, check=False)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def profiles(self) -> str:
        """All that is told of the profiles."""
        return json.dumps(self.asked("profile", "list"))


def display_of(server: subprocess.Popen[str]) -> str:
    """Return the display an X server chose for itself."""
    assert server.stdout is not None
    return f":{server.stdout.readline().strip()}"


@pytest.fixture
def keys(tmp_path: Path, isolated_home: Path) -> Iterator[Keys]:
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    env = {
        **os.environ,
        "DISPLAY": display_of(server),
        "QT_QPA_PLATFORM": "xcb",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    env.pop("WAYLAND_DISPLAY", None)
    manager = subprocess.Popen(["openbox"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    data = tmp_path / "data"
    program = subprocess.Popen([sys.executable, "-m", "relaywright", "--data-dir", str(data)], env=env)
    try:
        yield Keys(env, data, program)
    finally:
        for process in (program, manager, server):
            process.terminate()
            process.wait(WAIT_S)
        if server.stdout is not None:
            server.stdout.close()


def test_a_person_with_only_a_keyboard_makes_finds_removes_and_brings_back_a_profile(keys: Keys) -> None:
    keys.titled("Relaywright")
    until(lambda: (keys.data / "relaywright.db").exists() or any(keys.data.glob("*")), "the data folder")
    # The dialog opens by its key once the window is furnished; Return creates.
    end = time.monotonic() + WAIT_S
    while "New profile" not in keys.title():
        assert time.monotonic() < end
        keys.press("ctrl+n")
        time.sleep(10 * STEP_S)
    keys.write("Scanner")
    keys.press("Tab")
    keys.write("scan@contoso.com")
    keys.press("Return")
    keys.titled("Scanner – Relaywright")
    assert "scan@contoso.com" in keys.profiles()
    # A second one, and back to the first through the search.
    keys.press("ctrl+n")
    keys.titled("New profile")
    keys.write("Printer")
    keys.press("Tab")
    keys.write("print@contoso.com")
    keys.press("Return")
    keys.titled("Printer – Relaywright")
    keys.press("ctrl+k")
    keys.write("scann")
    keys.press("Return")
    keys.titled("Scanner – Relaywright")
    # Delete in the list removes, Ctrl+Z takes it back.
    keys.press("Delete")
    keys.titled("Printer – Relaywright")
    until(lambda: "scan@contoso.com" not in keys.profiles(), "the profile is gone")
    keys.press("ctrl+z")
    until(lambda: "scan@contoso.com" in keys.profiles(), "the profile is back")
    # A dialog is left by Escape, the program by Ctrl+Q.
    keys.press("ctrl+i")
    keys.titled("Import profiles")
    keys.press("Escape")
    keys.titled("– Relaywright")
    keys.press("ctrl+q")
    assert keys.program.wait(WAIT_S) == 0
