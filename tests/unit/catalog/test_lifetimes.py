"""lifetimes.toml is read strictly: each mistake names file, table and key."""

from pathlib import Path

import pytest

from relaywright import paths
from relaywright.catalog.catalog import Catalog
from relaywright.catalog.facts import LifetimeKind
from relaywright.catalog.reading_lifetimes import read_lifetimes
from relaywright.domain.errors import DamagedFile

FILE = paths.resources() / "facts" / "lifetimes.toml"


def test_every_kind_has_its_lifetime(catalog: Catalog) -> None:
    assert set(catalog.lifetimes.by_kind) == set(LifetimeKind)
    assert catalog.lifetimes.by_kind[LifetimeKind.SIGN_IN].days_unused == 90
    assert catalog.lifetimes.by_kind[LifetimeKind.CLIENT_SECRET].longest_months == 24


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("days = [30, 7]", "days = [7, 30]", r"\[warning\] days"),
        ("days = [30, 7]", "days = []", r"\[warning\] days"),
        ("days = [30, 7]", "days = [30, 0]", r"\[warning\] days"),
        ("days = [30, 7]", "days = [400]", r"\[warning\] days"),
        ("days_unused = 90", "days_unused = 0", r"\[lifetime sign-in\] days_unused"),
        ("days_unused = 90\n", "", r"\[lifetime sign-in\] days_unused"),
        ("longest_months = 24", "days_unused = 24", r"\[lifetime client-secret\] days_unused"),
        ('id = "certificate"', 'id = "client-secret"', "another entry has the same id"),
        ('id = "certificate"', 'id = "card"', "“card” is none of"),
        ('sources = ["REFRESH"]', 'sources = ["DREAM"]', "does not stand in"),
        ("longest_months", "longest_month", "there is no such key"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, before: str, after: str, fault: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert before in text
    file = tmp_path / "lifetimes.toml"
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(DamagedFile, match=fault):
        read_lifetimes(file)


def test_a_kind_that_is_missing_is_told(tmp_path: Path) -> None:
    text = FILE.read_text(encoding="utf-8")
    file = tmp_path / "lifetimes.toml"
    file.write_text(text[: text.rindex("[[lifetime]]")], encoding="utf-8")
    with pytest.raises(DamagedFile, match="there is none with the id certificate"):
        read_lifetimes(file)
