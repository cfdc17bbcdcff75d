"""The list's model: folders as headings, the search, what was last seen, and a thousand profiles."""

import datetime
import time

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget
from pytestqt.qtbot import QtBot

from relaywright.bootstrap import Services
from relaywright.domain.finding import Level
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.domain.secret import SecretKind
from relaywright.gui.models.profile_list import ProfileListModel, RowRole, Status
from relaywright.gui.widgets.profile_row import ProfileRowDelegate
from relaywright.store.records import CredentialRecord, LastRun, SignInRecord

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


@pytest.fixture
def ending(services: Services, qapp: object) -> ProfileListModel:
    """A sign-in that has ended, a secret that ends in six days, a certificate that is good."""
    ago = NOW - datetime.timedelta(days=100)
    person = RelayProfile("Person", auth=Auth.OAUTH)
    secret, certificate = (RelayProfile(name, auth=Auth.OAUTH_APP) for name in ("Secret", "Certificate"))
    services.store.save(person, secret, certificate)
    services.store.remember_sign_in(SignInRecord(person.id, "h", "scan@contoso.example", "t", ago))
    for profile, kind, days in (
        (secret, SecretKind.CLIENT_SECRET, 6),
        (certificate, SecretKind.CLIENT_CERTIFICATE, 200),
    ):
        ends = NOW + datetime.timedelta(days=days)
        services.store.remember_credential(CredentialRecord(profile.id, kind, NOW, ends))
    model = ProfileListModel()
    found = {item.profile_id: item for item in services.expiries.all(NOW)}
    model.show_profiles((person, secret, certificate), {}, found)
    return model


def test_an_end_takes_the_place_of_the_sub_line_with_its_level(ending: ProfileListModel) -> None:
    rows = [ending.index(row) for row in range(ending.rowCount())]
    assert [row.data(RowRole.URGENCY) for row in rows] == [Level.ERROR, Level.WARNING, None]
    assert str(rows[0].data(RowRole.SUB_LINE)).startswith("Sign-in ended ")
    assert rows[1].data(RowRole.SUB_LINE) == "Secret ends in 6 days"
    assert rows[2].data(RowRole.SUB_LINE) == "Client submission · OAuth app"
    assert ending.attention_count == 2


def test_tooltip_and_screen_reader_get_the_end_whole(ending: ProfileListModel) -> None:
    tip = str(ending.index(0).data(Qt.ItemDataRole.ToolTipRole))
    assert "90 days" in tip
    assert "Sign in again" in tip
    assert "Client submission · OAuth" in tip
    spoken = str(ending.index(1).data(Qt.ItemDataRole.AccessibleTextRole))
    assert spoken == "Secret, Secret ends in 6 days, Client submission · OAuth app, Never tried"


def painted(model: ProfileListModel, row: int, *, rtl: bool = False) -> QImage:
    """Paint one row as the list does."""
    holder = QWidget()
    delegate = ProfileRowDelegate(holder)
    image = QImage(260, 56, QImage.Format.Format_RGB32)
    image.fill(QColor("#eceef2"))
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, 260, 56)
    option.palette = QGuiApplication.palette()
    option.direction = Qt.LayoutDirection.RightToLeft if rtl else Qt.LayoutDirection.LeftToRight
    painter = QPainter(image)
    delegate.paint(painter, option, model.index(row))
    painter.end()
    return image


@pytest.mark.parametrize("rtl", [False, True])
def test_a_mark_stands_before_the_words_of_an_end(ending: ProfileListModel, rtl: bool) -> None:
    def reds(image: QImage) -> list[int]:
        colours = [(x, image.pixelColor(x, y)) for x in range(260) for y in range(28, 56)]
        return [x for x, colour in colours if colour.red() > colour.blue() + 60]

    assert reds(painted(ending, 2, rtl=rtl)) == []
    found = reds(painted(ending, 0, rtl=rtl))
    assert found
    assert (max(found) > 200) if rtl else (min(found) < 64)  # the mark begins where the words of other rows begin
