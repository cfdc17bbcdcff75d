"""A D-Bus session with a real GNOME Keyring in a home of its own, which can be unlocked, locked and taken away."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

UNLOCK = "printf %s keyring-password | gnome-keyring-daemon --unlock --components=secrets >/dev/null"
LOCK = """
import contextlib, secretstorage
with contextlib.closing(secretstorage.dbus_init()) as bus:
    secretstorage.get_default_collection(bus).lock()
"""


class KeyringSession:
    """A home folder of its own, with a D-Bus session unless told otherwise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        self.environment = {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(runtime),
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
        }
        self._bus: subprocess.Popen[str] | None = None

    def start_bus(self) -> None:
        self._bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address"],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._bus.stdout is not None
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self._bus.stdout.readline().strip()

    def stop_bus(self) -> None:
        """End the bus; GNOME Keyring ends with it."""
        if self._bus is not None:
            self._bus.terminate()
            self._bus.communicate(timeout=10)
            self._bus = None

    def unlock(self) -> None:
        subprocess.run(["sh", "-c", UNLOCK], env=self.environment, check=True, timeout=20)

    def lock(self) -> None:
        subprocess.run([sys.executable, "-c", LOCK], env=self.environment, check=True, timeout=20)


@contextlib.contextmanager
def unlocked_keyring(folder: Path) -> Iterator[KeyringSession]:
    """Run a session whose keyring is unlocked; ``folder`` is its home."""
    for program in ("dbus-daemon", "gnome-keyring-daemon"):
        assert shutil.which(program), f"{program} is missing: build/make.py test installs it"
    session = KeyringSession(folder)
    session.start_bus()
    try:
        session.unlock()
        yield session
    finally:
        session.stop_bus()
