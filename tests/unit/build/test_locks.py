"""The hash-locked lists agree with each other and with pyproject.toml."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
ENTRY = re.compile(
    r"^(?P<pin>[a-z0-9][a-z0-9.-]*==\S+)(?: ; .*?)? \\\n(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}.*\n?)+)",
    re.MULTILINE,
)


def pins(name: str) -> dict[str, set[str]]:
    """Library → versions (more than one where a marker chooses)."""
    text = (ROOT / "build" / name).read_text(encoding="utf-8")
    found: dict[str, set[str]] = {}
    for entry in ENTRY.finditer(text):
        library, _, version = entry["pin"].partition("==")
        found.setdefault(library, set()).add(version)
    assert sum(map(len, found.values())) == len(re.findall(r"^\S+==", text, re.MULTILINE)), "an entry has no hash"
    return found


def test_every_library_of_the_program_is_in_the_developers_list_at_the_same_version() -> None:
    developer = pins("requirements-dev.lock")
    assert {name: developer.get(name) for name in pins("requirements.lock")} == pins("requirements.lock")


def test_what_pyproject_asks_for_is_locked_at_a_version_it_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [line for lines in project["dependency-groups"].values() for line in lines]
    locks = {"requirements.lock": project["project"]["dependencies"], "requirements-dev.lock": groups}
    for lock, lines in locks.items():
        locked = pins(lock)
        for requirement in map(Requirement, lines):
            versions = locked.get(canonicalize_name(requirement.name), set())
            assert any(requirement.specifier.contains(version) for version in versions), f"{requirement} in {lock}"
