"""What an application signs in with, in the window: made, taken from a file, refused, replaced, never shown."""

import datetime
import shutil
from collections.abc import Callable
from pathlib import Path

import keyring.errors
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.conftest import names_missing
from memory_keyring import MemoryKeyring
from relaywright.bootstrap import Services
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.domain.secret import Secret, SecretKind
from relaywright.gui.jobs import JobRunner
from relaywright.gui.pages.app_credential_card import AppCredentialCard
from relaywright.gui.widgets.secret_field import SecretField
from relaywright.practice.practice import PracticeAddresses
from relaywright.services.credentials import Kept
from relaywright.smtp.plan import TokenCredential

WAIT_MS = 10_000


@pytest.fixture
def service(services: Services, addresses: PracticeAddresses) -> RelayProfile:
    folder = services.data_dir / "practice"
    folder.mkdir()
    shutil.copy(addresses.clouds_file, folder / "clouds.toml")
    profile = RelayProfile(
        "Nightly report",
        cloud=addresses.cloud,
        host=addresses.host,
        port=addresses.smtp_port,
        auth=Auth.OAUTH_APP,
        tenant=addresses.tenant,
        client_id=addresses.services[0].application.client_id,
        username="office@practice.example",
        sender="office@practice.example",
        ca_file=str(addresses.ca_file),
    )
    services.profiles.add(profile)
    return profile


@pytest.fixture
def card(services: Services, jobs: JobRunner, shown: Callable[[QWidget], None]) -> AppCredentialCard:
    card = AppCredentialCard(services=services, jobs=jobs)
    shown(card)
    return card


def words(card: QWidget) -> str:
    return " ".join(item.text() for item in card.findChildren(QLabel) if item.isVisible()).replace("\u200b", "")


def press(card: QWidget, text: str) -> None:
    button = next(item for item in card.findChildren(QPushButton) if item.isVisible() and item.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def show(card: AppCredentialCard, profile: RelayProfile, qtbot: QtBot) -> None:
    card.show_profile(profile)
    qtbot.waitUntil(lambda: "Looking in the keyring" not in words(card), timeout=WAIT_MS)


def passphrase_field(card: AppCredentialCard) -> SecretField:
    found = [item for item in card.findChildren(SecretField) if item.accessibleName() == "Passphrase of the file"]
    return found[0]


def test_a_certificate_is_made_and_only_its_public_part_comes_out(
    card: AppCredentialCard, services: Services, service: RelayProfile, qtbot: QtBot, tmp_path: Path
) -> None:
    show(card, service, qtbot)
    assert "Nothing is stored yet" in words(card)
    with qtbot.waitSignal(card.secret_changed, timeout=WAIT_MS):
        press(card, "Make a certificate")
    qtbot.waitUntil(lambda: "Signs in with a certificate" in words(card), timeout=WAIT_MS)
    record = services.app_credentials.record(service)
    assert record is not None
    qtbot.waitUntil(lambda: record.thumbprint in words(card), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: any(item.text() == "Forget the certificate…" for item in card.findChildren(QPushButton)))

    press(card, "Copy the public part")
    qtbot.waitUntil(lambda: "BEGIN CERTIFICATE" in QGuiApplication.clipboard().text(), timeout=WAIT_MS)
    assert "PRIVATE KEY" not in QGuiApplication.clipboard().text()
    with qtbot.waitSignal(card.message_posted, timeout=WAIT_MS) as told:
        card.save_public_to(str(tmp_path / "public.cer"))
    assert "Upload it" in told.args[0]
    assert (tmp_path / "public.cer").read_text(encoding="utf-8") == QGuiApplication.clipboard().text()
    assert names_missing(card) == []


def test_a_pfx_asks_for_its_passphrase_in_place_and_then_signs_in(
    card: AppCredentialCard,
    services: Services,
    service: RelayProfile,
    addresses: PracticeAddresses,
    qtbot: QtBot,
) -> None:
    known = addresses.services[0]
    show(card, service, qtbot)
    card.take_file(str(known.pfx_file))
    qtbot.waitUntil(lambda: "is protected by a passphrase" in words(card), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: passphrase_field(card).isEnabled(), timeout=WAIT_MS)
    QTest.keyClicks(passphrase_field(card), "wrong")
    QTest.keyClick(passphrase_field(card), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "does not open the private key" in words(card), timeout=WAIT_MS)
    assert services.app_credentials.record(service) is None

    passphrase_field(card).clear()
    QTest.keyClicks(passphrase_field(card), str(known.as_json()["pfx_password"]))
    with qtbot.waitSignal(card.secret_changed, timeout=WAIT_MS):
        press(card, "Open")
    qtbot.waitUntil(lambda: "Signs in with a certificate" in words(card), timeout=WAIT_MS)
    assert passphrase_field(card).text() == ""
    assert not passphrase_field(card).isVisible()
    assert isinstance(services.credentials.for_session(service), TokenCredential)


def test_a_file_that_is_none_is_told_and_changes_nothing(
    card: AppCredentialCard, services: Services, service: RelayProfile, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "notes.pem"
    file.write_text("milk, eggs", encoding="utf-8")
    show(card, service, qtbot)
    card.take_file(str(file))
    qtbot.waitUntil(lambda: "no certificate that can be read" in words(card), timeout=WAIT_MS)
    card.take_file(str(tmp_path / "missing.pfx"))
    qtbot.waitUntil(lambda: "cannot be read: No such file" in words(card), timeout=WAIT_MS)
    assert services.app_credentials.record(service) is None


def test_a_locked_keyring_offers_this_run_and_says_so(
    card: AppCredentialCard, services: Services, service: RelayProfile, keyring: MemoryKeyring, qtbot: QtBot
) -> None:
    show(card, service, qtbot)
    keyring.fault = keyring_locked()
    press(card, "Make a certificate")
    qtbot.waitUntil(lambda: "The keyring is locked" in words(card), timeout=WAIT_MS)
    assert services.app_credentials.record(service) is None
    with qtbot.waitSignal(card.message_posted, timeout=WAIT_MS) as told:
        press(card, "Keep for this run")
    assert "until Relaywright ends" in told.args[0]
    assert services.credentials.kept(service) is Kept.SESSION


def keyring_locked() -> Exception:
    return keyring.errors.KeyringLocked("locked")


def test_a_client_secret_is_stored_with_its_last_day(
    card: AppCredentialCard,
    services: Services,
    service: RelayProfile,
    addresses: PracticeAddresses,
    qtbot: QtBot,
) -> None:
    show(card, service, qtbot)
    ends_on = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=20)
    typed = next(item for item in card.findChildren(SecretField) if item.accessibleName() == "Client secret")
    day = next(item for item in card.findChildren(QLineEdit) if item.accessibleName().startswith("Day the client"))
    QTest.keyClicks(typed, addresses.services[0].application.secret)
    QTest.keyClicks(day, "31.12.2027")
    press(card, "Store")
    assert "That is no day" in words(card)
    day.clear()
    QTest.keyClicks(day, ends_on.isoformat())
    with qtbot.waitSignal(card.secret_changed, timeout=WAIT_MS):
        press(card, "Store")
    qtbot.waitUntil(lambda: "Secret ends in 20 days" in words(card), timeout=WAIT_MS)
    record = services.app_credentials.record(service)
    assert record is not None
    assert record.ends_at is not None
    assert (record.kind, record.ends_at.date()) == (SecretKind.CLIENT_SECRET, ends_on)
    assert isinstance(services.credentials.for_session(service), TokenCredential)

    later = ends_on + datetime.timedelta(days=300)
    day.clear()
    QTest.keyClicks(day, later.isoformat())
    with qtbot.waitSignal(card.secret_changed, timeout=WAIT_MS):
        press(card, "Note the day")
    qtbot.waitUntil(lambda: "good until" in words(card), timeout=WAIT_MS)


def test_a_certificate_makes_way_for_a_client_secret(
    card: AppCredentialCard, services: Services, service: RelayProfile, qtbot: QtBot
) -> None:
    services.app_credentials.make_certificate(service)
    show(card, service, qtbot)
    assert "Signs in with a certificate" in words(card)
    press(card, "Use a client secret…")
    typed = next(item for item in card.findChildren(SecretField) if item.accessibleName() == "Client secret")
    QTest.keyClicks(typed, "s3cret-value")
    with qtbot.waitSignal(card.secret_changed, timeout=WAIT_MS):
        press(card, "Store")
    qtbot.waitUntil(lambda: "nobody said when it ends" in words(card), timeout=WAIT_MS)
    assert services.app_credentials.credential(service).for_msal() == "s3cret-value"


def test_a_profile_of_a_person_has_no_such_card(
    card: AppCredentialCard, service: RelayProfile, services: Services, qtbot: QtBot
) -> None:
    show(card, service, qtbot)
    card.show_profile(services.profiles.change(service, {"auth": "oauth"}))
    assert not card.isVisible()


def test_a_stored_secret_is_nowhere_on_the_card(
    card: AppCredentialCard, services: Services, service: RelayProfile, qtbot: QtBot
) -> None:
    services.credentials.set_secret(service, Secret("Canary-Pa55word-7319"))
    show(card, service, qtbot)
    assert "Canary" not in words(card)
    assert all("Canary" not in item.text() for item in card.findChildren(QLineEdit))
