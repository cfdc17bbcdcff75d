"""Writes the notices that the licences of the libraries in the frozen program ask for.

What is in it is read from the installed libraries of build/requirements.lock, never kept by hand.
"""

import re
import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LICENCE_NAMES = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
RULE = "=" * 100
QT_NOTE = (
    "Qt and PySide6 are used under the GNU Lesser General Public License, version 3. Their libraries lie as files of\n"
    "their own in the folder PySide6 and can be replaced by other builds of the same version.\n"
    "Their source: https://download.qt.io/official_releases/QtForPython/ and https://download.qt.io/official_releases/qt/"
)


def locked_names(lock: Path) -> list[str]:
    """The names of the libraries in a hash-locked list, in its order, each once."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==", lock.read_text(encoding="utf-8"), re.MULTILINE)
    return list(dict.fromkeys(found))


def notice(library: Distribution) -> str:
    """Name, version, licence and licence texts of one library."""
    about = library.metadata
    stated = [*about.get_all("License-Expression", []), *about.get_all("License", [])]
    licence = next((one for one in stated if "\n" not in one), "") or _from_classifiers(library)
    texts = [text for path in library.files or [] if _is_licence(str(path)) for text in [_read(library, str(path))]]
    head = f"{about['Name']} {library.version}\nLicence: {licence}\n"
    note = f"{QT_NOTE}\n" if about["Name"].lower().startswith(("pyside", "shiboken")) else ""
    return "\n".join([RULE, head + note, *texts])


def _is_licence(path: str) -> bool:
    return ".dist-info/" in path and LICENCE_NAMES.search(path.rsplit(".dist-info/", 1)[1]) is not None


def _read(library: Distribution, path: str) -> str:
    return Path(str(library.locate_file(path))).read_text(encoding="utf-8", errors="replace").strip() + "\n"


def _from_classifiers(library: Distribution) -> str:
    named = [one.rsplit(" :: ", 1)[-1] for one in library.metadata.get_all("Classifier", []) if "License ::" in one]
    return ", ".join(named) or "see its text below"


def main(target: Path) -> int:
    """Write the notices of every library that this system's program holds."""
    parts = ["Relaywright holds the libraries below, each under its own licence.\n"]
    for name in locked_names(ROOT / "build" / "requirements.lock"):
        try:
            parts.append(notice(distribution(name)))
        except PackageNotFoundError:
            continue  # it is for another system or another Python
    for name in ("LGPL-3.0", "GPL-3.0"):
        text = (ROOT / "installer" / "licences" / f"{name}.txt").read_text(encoding="utf-8")
        parts.append(f"{RULE}\n{name} (Qt, PySide6)\n\n{text}")
    fonts = ROOT / "resources" / "fonts" / "OFL.txt"
    parts.append(f"{RULE}\nInter, JetBrains Mono (fonts)\n\n{fonts.read_text(encoding='utf-8')}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(parts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
