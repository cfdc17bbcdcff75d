"""The list's model: folders as headings, the search, what was last seen, and a thousand profiles."""

import datetime
import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from relaywright.domain.profile import RelayProfile
from relaywright.gui.models.profile_list import ProfileListModel, RowRole, Status
from relaywright.store.records import LastRun

NOW = datetime.datetime.now(datetime.UTC)
SCANNER = RelayProfile("Scanner", folder="Head office", sender="scan@contoso.example")
NAS = RelayProfile("NAS", folder="Head office")
LABELS = RelayProfile("Labels", folder="Plant Lyon")


def run(profile: RelayProfile, *, ok: bool, kind: str = "send") -> LastRun:
    return LastRun(profile.id, kind, NOW, ok, "The server took the message" if ok else "Refused")


@pytest.fixture
def model(qapp: object) -> ProfileListModel:
    model = ProfileListModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    model.show_profiles((SCANNER, NAS, LABELS), {SCANNER.id: run(SCANNER, ok=True), NAS.id: run(NAS, ok=False)})
    return model


def texts(model: ProfileListModel) -> list[str]:
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def test_profiles_stand_below_their_folders(model: ProfileListModel) -> None:
    assert texts(model) == ["Head office", "Scanner", "NAS", "Plant Lyon", "Labels"]
    assert model.index(0).data(RowRole.HEADING) == "Head office"
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsSelectable


def test_profiles_without_any_folder_need_no_heading(model: ProfileListModel) -> None:
    model.show_profiles((RelayProfile("One"), RelayProfile("Two")), {})
    assert texts(model) == ["One", "Two"]


def test_the_search_keeps_only_what_holds_every_word(model: ProfileListModel) -> None:
    model.search("SCAN contoso")
    assert texts(model) == ["Head office", "Scanner"]
    model.search("nothing like it")
    assert texts(model) == []
    assert model.profile_count == 3


def test_a_status_is_green_only_when_a_message_was_taken(model: ProfileListModel) -> None:
    def status(profile: RelayProfile) -> Status:
        return Status(model.index_of(profile.id).data(RowRole.STATUS))

    assert status(SCANNER) is Status.TAKEN
    assert status(NAS) is Status.FAILED
    assert status(LABELS) is Status.UNTRIED
    model.show_profiles((SCANNER,), {SCANNER.id: run(SCANNER, ok=True, kind="check")})
    assert status(SCANNER) is Status.CHECKED
    assert model.failed_count == 0


def test_a_screen_reader_hears_the_status_with_its_age(model: ProfileListModel) -> None:
    spoken = str(model.index_of(NAS.id).data(Qt.ItemDataRole.AccessibleTextRole))
    assert spoken == "NAS, Client submission · password, Test just now: Refused"
    assert "Never tried" in str(model.index_of(LABELS.id).data(Qt.ItemDataRole.AccessibleTextRole))


def test_the_neighbour_takes_over_when_a_profile_goes(model: ProfileListModel) -> None:
    assert model.neighbour_of(SCANNER.id) == NAS.id
    assert model.neighbour_of(NAS.id) == LABELS.id
    assert model.neighbour_of(LABELS.id) == NAS.id
    model.show_profiles((LABELS,), {})
    assert model.neighbour_of(LABELS.id) == ""


def test_a_thousand_profiles_are_searched_at_once(qtbot: QtBot, model: ProfileListModel) -> None:
    many = [RelayProfile(f"Device {number}", folder=f"Site {number % 20}") for number in range(1_000)]
    model.show_profiles(sorted(many, key=lambda profile: profile.folder), {})
    assert model.rowCount() == 1_020
    begun = time.perf_counter()
    model.search("device 77")
    assert time.perf_counter() - begun < 0.5
    assert model.found_count == 19
