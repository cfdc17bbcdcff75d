"""Wraps the frozen folder dist/relaywright into a Debian package: program, desktop entry, icons, file type, notices.

Freezing is done before, by build/make.py package; this program only lays files out and calls dpkg-deb.
"""

import gzip
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
FROZEN = ROOT / "dist" / "relaywright"
TREE = ROOT / ".work" / "deb"
APP_ID = "org.relaywright.Relaywright"
MAINTAINER = "The Relaywright developers <relaywright@localhost>"
ICON_SIZES_PX = (16, 24, 32, 48, 64, 128, 256, 512)

# What ldd finds outside the folder in a bare Debian 12 machine; everything else is inside.
DEPENDS = (
    "libc6 (>= 2.36)",
    "libstdc++6",
    "libgcc-s1",
    "libegl1",
    "libgl1",
    "libxcb1",
    "libwayland-client0",
    "libwayland-cursor0",
    "libwayland-egl1",
    "xkb-data",
    "libx11-data",
    "fontconfig-config",
    "ca-certificates",
)
# Without a keyring service secrets last only as long as the program runs.
RECOMMENDS = "gnome-keyring | kwalletmanager | keepassxc"

CONTROL = """Package: relaywright
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {size_kib}
Depends: {depends}
Recommends: {recommends}
Section: mail
Priority: optional
Description: get a device or an application to send mail through Microsoft 365
 Relaywright keeps a profile for each printer, server or application that sends
 mail through Microsoft 365, signs in, sends a test message and explains every
 refusal. Passwords stay in the keyring of the system.
"""


def version() -> str:
    """The version that the package itself states."""
    text = (ROOT / "app" / "relaywright" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    if found is None:
        sys.exit("app/relaywright/__init__.py states no version.")
    return found.group(1)


def lay_out(tree: Path, release: str, when: datetime) -> None:
    """Put every file of the package at its place under `tree`."""
    shutil.rmtree(tree, ignore_errors=True)
    program = tree / "opt" / "relaywright"
    shutil.copytree(FROZEN, program, symlinks=True)
    link = tree / "usr" / "bin" / "relaywright"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../opt/relaywright/relaywright")

    share = tree / "usr" / "share"
    _copy(HERE / f"{APP_ID}.desktop", share / "applications" / f"{APP_ID}.desktop")
    _copy(HERE / f"{APP_ID}.mime.xml", share / "mime" / "packages" / f"{APP_ID}.xml")
    about = (HERE / f"{APP_ID}.metainfo.xml").read_text(encoding="utf-8")
    about = about.replace("@VERSION@", release).replace("@DATE@", when.date().isoformat())
    _write(share / "metainfo" / f"{APP_ID}.metainfo.xml", about.encode())

    icons = ROOT / "resources" / "icons"
    for size in ICON_SIZES_PX:
        target = share / "icons" / "hicolor" / f"{size}x{size}" / "apps" / f"{APP_ID}.png"
        _copy(icons / "app" / f"relaywright-{size}.png", target)
    _copy(icons / "relaywright.svg", share / "icons" / "hicolor" / "scalable" / "apps" / f"{APP_ID}.svg")

    papers = share / "doc" / "relaywright"
    notices = program / "_internal" / "THIRD-PARTY-NOTICES.txt"
    licence = (ROOT / "LICENSE").read_bytes()
    _write(papers / "copyright", licence + b"\n" + (notices.read_bytes() if notices.exists() else b""))
    entry = (
        f"relaywright ({release}) stable; urgency=medium\n\n  * See CHANGELOG.md in the source.\n\n"
        f" -- {MAINTAINER}  {format_datetime(when)}\n"
    )
    _write(papers / "changelog.gz", gzip.compress(entry.encode(), mtime=0))


def write_control(tree: Path, release: str) -> str:
    """Write DEBIAN/control and the checksums; returns the architecture."""
    architecture = _output(["dpkg", "--print-architecture"]).strip()
    files = sorted(_files(tree))
    size_kib = sum(path.stat().st_size for path in files) // 1024
    control = CONTROL.format(
        version=release,
        architecture=architecture,
        maintainer=MAINTAINER,
        size_kib=size_kib,
        depends=", ".join(DEPENDS),
        recommends=RECOMMENDS,
    )
    sums = _output(["md5sum", *[str(path.relative_to(tree)) for path in files]], cwd=tree)
    _write(tree / "DEBIAN" / "control", control.encode())
    _write(tree / "DEBIAN" / "md5sums", sums.encode())
    return architecture


def validate(tree: Path) -> None:
    """Let the desktop's own tools judge the entries, where they are installed."""
    share = tree / "usr" / "share"
    judges = {
        "desktop-file-validate": [str(share / "applications" / f"{APP_ID}.desktop")],
        "appstreamcli": ["validate", "--no-net", str(share / "metainfo" / f"{APP_ID}.metainfo.xml")],
    }
    for judge, arguments in judges.items():
        if shutil.which(judge) is None:
            print(f"  {judge} is not installed: not judged")
            continue
        subprocess.run([judge, *arguments], check=True)


def names_in(package: Path) -> list[str]:
    """The paths in a built package, read back from it."""
    data = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package)], check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return archive.getnames()


def main() -> int:
    """Build dist/relaywright_<version>_<architecture>.deb."""
    if not FROZEN.is_dir():
        sys.exit("dist/relaywright is not there: python3 build/make.py package")
    release = version()
    # A given date makes the same package from the same source (reproducible-builds.org).
    stamp = os.environ.get("SOURCE_DATE_EPOCH")
    when = datetime.fromtimestamp(int(stamp), tz=UTC) if stamp else datetime.now(tz=UTC)
    lay_out(TREE, release, when)
    _set_modes(TREE)
    validate(TREE)
    architecture = write_control(TREE, release)
    target = ROOT / "dist" / f"relaywright_{release}_{architecture}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(TREE), str(target)], check=True)
    print(f"  {target.relative_to(ROOT)}: {target.stat().st_size / 1e6:.1f} MB, {len(names_in(target))} paths")
    return 0


def _set_modes(tree: Path) -> None:
    """Folders and files readable by all, whatever this user's umask is."""
    for folder, _names, names in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def _files(tree: Path) -> Iterator[Path]:
    return (path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())


def _copy(source: Path, target: Path) -> None:
    _write(target, source.read_bytes())


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _output(command: list[str], cwd: Path | None = None) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=cwd).stdout


if __name__ == "__main__":
    sys.exit(main())
