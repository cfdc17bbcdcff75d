"""Finds what a Linux machine lacks of shared libraries and programs, and installs it through apt when it may.

The lists here say what each verb of make.py needs. Nothing is done on Windows and macOS, where wheels are complete.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from steps import MakeError, ProgramFailedError, run_quietly, say, step

# Mail programs lie in sbin, which a person's own PATH often lacks.
_PROGRAM_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
# Postfix without a configuration starts nothing; the tests give it one of their own in a folder of their own.
_ANSWERS = {"postfix": "postfix postfix/main_mailer_type select No configuration\n"}
APT_LISTS = Path("/var/lib/apt/lists")


@dataclass(frozen=True)
class Need:
    """Something of the system, and the apt packages that may hold it.

    `name` is a shared library (`libEGL.so.1`), a pattern of files (`/usr/lib/*/x.so`), a module of this Python
    (`python:ensurepip`) or a program (`a|b`: either).
    """

    name: str
    packages: tuple[str, ...]
    purpose: str

    def is_there(self, known_libraries: str) -> bool:
        """True when the machine has it. `known_libraries` is what ldconfig -p lists."""
        if self.name.startswith("python:"):
            importlib.invalidate_caches()
            return importlib.util.find_spec(self.name.partition(":")[2]) is not None
        if self.name.startswith("/"):
            return any(Path("/").glob(self.name[1:]))
        if ".so" not in self.name:
            return any(shutil.which(one, path=_PROGRAM_PATH) is not None for one in self.name.split("|"))
        return f"\t{self.name} " in known_libraries or _loads(self.name)


def _python_library() -> Need:
    """This Python as a library: Debian's own comes without, others lie beside their Python."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if sys.base_prefix != "/usr":
        return Need("python:sys", (), "PyInstaller")
    return Need(f"libpython{version}.so.1.0", (f"libpython{version}t64", f"libpython{version}"), "PyInstaller")


# Debian and Ubuntu keep ensurepip in a package of its own.
ENVIRONMENT = Need(
    "python:ensurepip", (f"python{sys.version_info.major}.{sys.version_info.minor}-venv",), "a virtual environment"
)


def _window(name: str, *packages: str) -> Need:
    return Need(name, packages, "the window")


# Found with ldd on the Qt wheels in a Debian 12 machine that had nothing but Python.
# Debian 13 and Ubuntu 24.04 renamed some packages (64-bit time): the first name that apt knows is taken.
WINDOW_LIBRARIES = (
    _window("libGL.so.1", "libgl1"),
    _window("libEGL.so.1", "libegl1"),
    _window("libdbus-1.so.3", "libdbus-1-3"),
    _window("libfontconfig.so.1", "libfontconfig1"),
    _window("libglib-2.0.so.0", "libglib2.0-0t64", "libglib2.0-0"),
    _window("libxkbcommon.so.0", "libxkbcommon0"),
    _window("libX11-xcb.so.1", "libx11-xcb1"),
    _window("libxcb-cursor.so.0", "libxcb-cursor0"),
    _window("libxcb-icccm.so.4", "libxcb-icccm4"),
    _window("libxcb-image.so.0", "libxcb-image0"),
    _window("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    _window("libxcb-render-util.so.0", "libxcb-render-util0"),
    _window("libxcb-shape.so.0", "libxcb-shape0"),
    _window("libxcb-xkb.so.1", "libxcb-xkb1"),
    _window("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    _window("libwayland-client.so.0", "libwayland-client0"),
    _window("libwayland-cursor.so.0", "libwayland-cursor0"),
    _window("libwayland-egl.so.1", "libwayland-egl1"),
)

SCREEN = (
    Need("Xvfb", ("xvfb",), "tests of the window on a screen of their own"),
    Need("xauth", ("xauth",), "tests of the window on a screen of their own"),
)

# Ubuntu's chromium packages are snap stubs that install nothing in a container, so only Debian's names stand here;
# where apt has none, the browser tests are skipped and say why.
TEST_PROGRAMS = (
    *SCREEN,
    Need("dbus-run-session", ("dbus", "dbus-daemon"), "tests with a real keyring"),
    Need("gnome-keyring-daemon", ("gnome-keyring",), "tests with a real keyring"),
    Need("chromium|chromium-browser|google-chrome", ("chromium",), "the sign-in tests in a real browser"),
    Need("chromedriver", ("chromium-driver",), "the sign-in tests in a real browser"),
    Need("msmtp", ("msmtp",), "exported settings in the real msmtp"),
    Need("postfix", ("postfix",), "exported settings in the real Postfix"),
    Need("/usr/lib/*/sasl2/liblogin.so*", ("libsasl2-modules",), "exported settings in the real Postfix"),
    Need("openbox", ("openbox",), "the window by real keys under a window manager"),
    Need("xdotool", ("xdotool",), "the window by real keys under a window manager"),
    Need("pdftotext", ("poppler-utils",), "tests that read the device sheets"),
)

BENCH_PROGRAMS = (
    *SCREEN,
    Need("swaks", ("swaks",), "the benchmark of sessions"),
    Need("curl", ("curl",), "the benchmark of sessions"),
    Need("msmtp", ("msmtp",), "the benchmark of sessions"),
)

PACKAGE_PROGRAMS = (
    Need("objdump", ("binutils",), "PyInstaller"),
    _python_library(),
    Need("dpkg-deb", ("dpkg",), "the Debian package"),
    Need("desktop-file-validate", ("desktop-file-utils",), "the check of the desktop entry"),
    Need("appstreamcli", ("appstream",), "the check of the software-centre entry"),
)


def missing(needs: Iterable[Need]) -> list[Need]:
    """What of the needs this machine lacks; always empty where the system is not Linux."""
    if not sys.platform.startswith("linux"):
        return []
    known = _known_libraries()
    return [need for need in needs if not need.is_there(known)]


def provide(needs: Sequence[Need], *, required: Sequence[Need] = (), quiet: bool = False) -> list[Need]:
    """Install through apt what is missing of the needs, all at once, and return what is missing still.

    Raises MakeError with the exact line to type when something required cannot be installed from here. What is not
    required is only told, or not even that when `quiet`.
    """
    lacking = missing(needs)
    if not lacking:
        return []
    prefix = administrator_prefix()
    packages = _packages_for(lacking) if prefix is not None else []
    if packages and prefix is not None:
        with step(f"system packages through apt: {' '.join(packages)}"):
            _apt_install(prefix, packages)
        lacking = missing(lacking)
    if any(need in required for need in lacking):
        raise MakeError(advice(lacking))
    if lacking and not quiet:
        say(advice(lacking))
    return lacking


def advice(lacking: Sequence[Need]) -> str:
    """Say what is missing, for what, and the line to type."""
    purposes = ", ".join(sorted({need.purpose for need in lacking}))
    names = ", ".join(need.name.split("|")[0].removeprefix("python:") for need in lacking)
    text = f"This machine lacks, for {purposes}: {names}."
    if shutil.which("apt-get") is None:
        return f"{text}\nInstall the packages of your system that hold them, and start again."
    packages = " ".join(_packages_for(lacking))
    if not packages and any(APT_LISTS.glob("*Packages*")):
        return f"{text} apt has no package for it here."
    packages = packages or " ".join(need.packages[-1] for need in lacking)
    return f"{text}\nType:\n    sudo apt-get update && sudo apt-get install -y {packages}\nand start again."


def administrator_prefix() -> list[str] | None:
    """How apt-get can be called with an administrator's rights without a question; None when it cannot."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    asked = subprocess.run([sudo, "-n", "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return [sudo, "-n"] if asked.returncode == 0 else None


def _apt_install(prefix: Sequence[str], packages: Sequence[str]) -> None:
    # sudo drops the environment, so that the variables travel on the command line.
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"]
    command = [*prefix, *quiet, "apt-get", "install", "-y", "--no-install-recommends", *packages]
    answers = "".join(_ANSWERS.get(package, "") for package in packages)
    if answers:
        subprocess.run([*prefix, "debconf-set-selections"], input=answers, text=True, check=False)
    try:
        run_quietly(command, log_name="apt.log")
    except ProgramFailedError:
        # Old package lists are the usual cause: fetch them and try once more.
        _apt_update(prefix)
        run_quietly(command, log_name="apt.log")


def _apt_update(prefix: Sequence[str]) -> None:
    run_quietly([*prefix, "apt-get", "update"], log_name="apt-update.log")


def _packages_for(lacking: Sequence[Need]) -> list[str]:
    """For each need the first package that apt knows; a need that apt has no package for is left out."""
    if shutil.which("apt-cache") is None:
        return []
    if not any(APT_LISTS.glob("*Packages*")):
        prefix = administrator_prefix()
        if prefix is not None:
            with step("apt's package lists"):
                _apt_update(prefix)
    chosen: dict[str, None] = {}
    for need in lacking:
        for package in need.packages:
            if _apt_can_install(package) and not _would_replace(package):
                chosen[package] = None
                break
    return list(chosen)


def _would_replace(package: str) -> bool:
    """True when installing takes another program away: a second mail server is never worth that."""
    return package == "postfix" and shutil.which("sendmail", path=_PROGRAM_PATH) is not None


def _apt_can_install(package: str) -> bool:
    answer = subprocess.run(
        ["apt-cache", "policy", package],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    return "Candidate: " in answer.stdout and "Candidate: (none)" not in answer.stdout


def _known_libraries() -> str:
    ldconfig = shutil.which("ldconfig") or "/sbin/ldconfig"
    if not Path(ldconfig).exists():
        return ""
    answer = subprocess.run([ldconfig, "-p"], capture_output=True, text=True, errors="replace", check=False)
    return answer.stdout


def _loads(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True
