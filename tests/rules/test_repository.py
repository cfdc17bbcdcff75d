"""What is in the repository: nothing of one machine, no address of a package registry, every data file readable."""

import json
import re
import subprocess
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_PICTURE_BYTES = 200_000
# A bracket keeps each pattern from finding itself.
REGISTRIES = re.compile(
    r"pyp[i]\.org|files\.pythonhoste[d]|index-ur[l][ =]+http|registry\.npmj[s]|npmjs\.or[g]|proxy\.golan[g]|"
    r"crates\.i[o]|deb\.debian\.or[g]|archive\.ubuntu\.co[m]|artifactor[y]",
    re.IGNORECASE,
)
MACHINES = re.compile(r"(?<![\w.~-])/(?:roo[t]|wor[k]|home/(?!me/)\w+|Users/\w+)/")
LEFT_BEHIND = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file()]


FILES = tracked()


def texts() -> dict[str, str]:
    found = {}
    for path in FILES:
        try:
            found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture or a font
    return found


TEXTS = texts()


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in TEXTS.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_there_is_something_to_look_at() -> None:
    assert len(TEXTS) > 300
    assert {"pyproject.toml", "README.md", "build/requirements.lock"} <= TEXTS.keys()


def test_no_file_names_a_package_registry() -> None:
    assert lines_with(REGISTRIES) == []


def test_no_file_names_a_place_on_one_machine() -> None:
    assert lines_with(MACHINES) == []
    assert [name for name, text in TEXTS.items() if str(ROOT) in text] == []


def test_nothing_is_left_for_later() -> None:
    # pyproject.toml says in a comment why ruff does not look for these words: this test does.
    assert [line for line in lines_with(LEFT_BEHIND) if not line.startswith("pyproject.toml")] == []


def test_every_file_ends_with_one_line_feed_and_has_no_merge_marks() -> None:
    assert [name for name, text in TEXTS.items() if text and not text.endswith("\n")] == []
    assert lines_with(re.compile(r"^(?:<{7}|>{7}) ")) == []


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    assert "\n## [Unreleased]\n" in TEXTS["CHANGELOG.md"]


@pytest.mark.parametrize("name", ["build/requirements.lock", "build/requirements-dev.lock"])
def test_every_locked_library_has_its_hashes(name: str) -> None:
    entries = re.split(r"\n(?=\S)", TEXTS[name].replace("\\\n", " ").strip())
    pinned = [entry for entry in entries if not entry.startswith("#")]
    assert len(pinned) > 20
    assert [entry for entry in pinned if "==" not in entry or "--hash=sha256:" not in entry] == []
    assert "://" not in TEXTS[name]


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix == ".toml"], ids=lambda path: path.stem)
def test_every_toml_file_can_be_read(path: Path) -> None:
    assert tomllib.loads(path.read_text(encoding="utf-8"))


def test_every_other_data_file_can_be_read() -> None:
    for path in FILES:
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))
        if path.suffix in {".svg", ".xml"}:
            ET.parse(path)  # noqa: S314 - files of this repository


def test_a_picture_draws_itself_and_fetches_nothing() -> None:
    for name, text in TEXTS.items():
        if name.endswith(".svg"):
            assert not re.search(r"<script|<foreignObject|\bon\w+=|href=\"(?!#)|url\((?!#)|<!ENTITY", text), name


def test_the_readmes_pictures_are_there_and_small() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", TEXTS["README.md"])
    assert pictures
    tracked_names = {path.relative_to(ROOT).as_posix() for path in FILES}
    for picture in pictures:
        assert picture in tracked_names
        assert (ROOT / picture).stat().st_size < MAX_PICTURE_BYTES, picture
