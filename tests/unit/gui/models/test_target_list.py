"""Targets as rows: grouped by fit, found by words, the proven one first in hand."""

import dataclasses
from pathlib import Path

import pytest
from PySide6.QtTest import QAbstractItemModelTester

from relaywright import paths
from relaywright.domain.profile import Auth, Method, RelayProfile
from relaywright.exporting.exporter import Exporter
from relaywright.exporting.target import Proven, Target
from relaywright.gui.models.target_list import TargetListModel, TargetRole, badge_of
from relaywright.services.export_settings import FittingTarget

PROFILE = RelayProfile("Scanner", host="smtp.office365.com")


@pytest.fixture(scope="module")
def targets() -> list[Target]:
    return Exporter([paths.resources() / "targets"]).targets()


def fitted(targets: list[Target], profile: RelayProfile = PROFILE) -> list[FittingTarget]:
    return [FittingTarget(target, target.fit(profile)) for target in targets]


@pytest.fixture
def model(targets: list[Target]) -> TargetListModel:
    model = TargetListModel()
    model.show_targets(fitted(targets))
    return model


def headings(model: TargetListModel) -> list[str]:
    found = (model.index(row).data(TargetRole.HEADING) for row in range(model.rowCount()))
    return [str(heading) for heading in found if heading is not None]


def test_the_model_keeps_to_qts_rules(targets: list[Target]) -> None:
    model = TargetListModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_targets(fitted(targets))
    model.search("post")
    model.search("")
    model.show_targets(())
    assert tester is not None


def test_a_target_without_oauth_stands_under_a_bridge(targets: list[Target]) -> None:
    model = TargetListModel()
    model.show_targets(fitted(targets, dataclasses.replace(PROFILE, auth=Auth.OAUTH)))
    assert headings(model) == ["Fits this profile", "With a bridge"]
    postfix = model.index_of("postfix")
    assert "OAuth" in postfix.data(TargetRole.SUB_LINE), "the reason stands where the summary would"


def test_a_target_for_other_methods_says_why_it_does_not_fit(targets: list[Target]) -> None:
    only = dataclasses.replace(targets[0], methods=(Method.HVE,))
    model = TargetListModel()
    model.show_targets(fitted([only]))
    assert headings(model) == ["Does not fit"]
    assert "hve" in model.index(1).data(TargetRole.SUB_LINE)


def test_headings_cannot_be_chosen(model: TargetListModel) -> None:
    assert model.item_at(model.index(0)) is None
    assert not model.flags(model.index(0))


def test_a_proven_target_is_in_hand_first(model: TargetListModel) -> None:
    item = model.item_at(model.first_fitting())
    assert item is not None
    assert item.target.proven is not None


def test_search_finds_by_every_word_and_leaves_nothing_when_nothing_is_called_so(model: TargetListModel) -> None:
    model.search("POST linux")
    assert model.found_count == 1
    model.search("no such device")
    assert model.found_count == 0
    assert not model.first_fitting().isValid()
    model.search("")
    assert model.found_count == model.target_count


def test_the_badge_names_the_version_that_proved_it(targets: list[Target], tmp_path: Path) -> None:
    assert badge_of(dataclasses.replace(targets[0], proven=Proven("Postfix", "3.7"))) == "proven 3.7"
    assert badge_of(dataclasses.replace(targets[0], proven=None)) == ""
