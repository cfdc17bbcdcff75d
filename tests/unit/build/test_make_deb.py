"""The Debian package holds the program, its entries and its papers, at their places."""

import importlib.util
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).resolve().parents[3]
APP_ID = "org.relaywright.Relaywright"
WHEN = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def make_deb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program, with a frozen folder of two files."""
    spec = importlib.util.spec_from_file_location("make_deb", ROOT / "installer" / "linux" / "make_deb.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    frozen = tmp_path / "frozen"
    (frozen / "_internal").mkdir(parents=True)
    (frozen / "relaywright").write_text("#!/bin/sh\n", encoding="ascii")
    (frozen / "relaywright").chmod(0o700)
    (frozen / "_internal" / "THIRD-PARTY-NOTICES.txt").write_text("thanks\n", encoding="ascii")
    (frozen / "_internal" / "THIRD-PARTY-NOTICES.txt").chmod(0o600)
    monkeypatch.setattr(module, "FROZEN", frozen)
    return module


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb is not on this machine")
def test_the_package_holds_everything_at_its_place(make_deb: ModuleType, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    make_deb.lay_out(tree, "1.2.3", WHEN)
    make_deb._set_modes(tree)
    make_deb.write_control(tree, "1.2.3")
    package = tmp_path / "relaywright.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zgzip", "--build", str(tree), str(package)],
        check=True,
        capture_output=True,
    )

    names = make_deb.names_in(package)
    for place in (
        "./opt/relaywright/relaywright",
        "./usr/bin/relaywright",
        f"./usr/share/applications/{APP_ID}.desktop",
        f"./usr/share/mime/packages/{APP_ID}.xml",
        f"./usr/share/metainfo/{APP_ID}.metainfo.xml",
        f"./usr/share/icons/hicolor/48x48/apps/{APP_ID}.png",
        f"./usr/share/icons/hicolor/scalable/apps/{APP_ID}.svg",
        "./usr/share/doc/relaywright/copyright",
        "./usr/share/doc/relaywright/changelog.gz",
    ):
        assert place in names
    field = subprocess.run(["dpkg-deb", "-f", str(package), "Version"], check=True, capture_output=True, text=True)
    assert field.stdout == "1.2.3\n"
    listing = subprocess.run(["dpkg-deb", "-c", str(package)], check=True, capture_output=True, text=True).stdout
    assert "-rwxr-xr-x root/root" in next(
        line for line in listing.splitlines() if line.endswith("relaywright/relaywright")
    )
    assert "-rw-r--r-- root/root" in next(line for line in listing.splitlines() if line.endswith("NOTICES.txt"))


def test_the_file_type_is_the_same_in_every_entry() -> None:
    folder = ROOT / "installer" / "linux"
    mime = ET.parse(folder / f"{APP_ID}.mime.xml").getroot()[0].attrib["type"]  # noqa: S314 - our own file
    assert f"MimeType={mime};" in (folder / f"{APP_ID}.desktop").read_text(encoding="utf-8")
    metainfo = ET.parse(folder / f"{APP_ID}.metainfo.xml").getroot()  # noqa: S314
    assert [one.text for one in metainfo.iter("mediatype")] == [mime]


def test_the_window_names_the_desktop_entry_that_is_installed() -> None:
    from relaywright.gui.application import DESKTOP_FILE_NAME

    assert (ROOT / "installer" / "linux" / f"{DESKTOP_FILE_NAME}.desktop").exists()


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="desktop-file-utils is not on this machine")
def test_the_desktop_entry_is_valid() -> None:
    entry = ROOT / "installer" / "linux" / f"{APP_ID}.desktop"
    done = subprocess.run(["desktop-file-validate", str(entry)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
