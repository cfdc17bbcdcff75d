"""A profile's secret in the window: stored, replaced, forgotten, never shown; a locked keyring is left alone."""

from collections.abc import Callable

import keyring.errors
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from memory_keyring import MemoryKeyring
from relaywright.bootstrap import Services
from relaywright.domain.profile import RelayProfile
from relaywright.domain.secret import Secret
from relaywright.gui.jobs import JobRunner
from relaywright.gui.pages.secret_panel import SecretPanel, look
from relaywright.gui.widgets.secret_field import SecretField
from relaywright.services.credentials import Kept
from relaywright.vault.vault import KeyringState, KeyringStateKind, Vault

CANARY = "Canary-Pa55word-7319"


@pytest.fixture
def panel(services: Services, jobs: JobRunner, scanner: RelayProfile, shown: Callable[[QWidget], None]) -> SecretPanel:
    panel = SecretPanel(services=services, jobs=jobs)
    shown(panel)
    return panel


def field(panel: SecretPanel) -> SecretField:
    found = panel.findChild(SecretField)
    assert isinstance(found, SecretField)
    return found


def press(panel: SecretPanel, text: str) -> None:
    button = next(item for item in panel.findChildren(QPushButton) if item.isVisible() and item.text() == text)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def words(panel: SecretPanel) -> str:
    return " ".join(item.text() for item in panel.findChildren(QLabel) if item.isVisible())


def show(panel: SecretPanel, profile: RelayProfile, qtbot: QtBot) -> None:
    panel.show_profile(profile)
    qtbot.waitUntil(lambda: panel.seen is not None, timeout=5000)


def test_a_typed_password_goes_into_the_keyring_and_off_the_screen(
    panel: SecretPanel, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    show(panel, scanner, qtbot)
    assert "No password is stored" in words(panel)
    QTest.keyClicks(field(panel), CANARY)
    with qtbot.waitSignal(panel.secret_changed, timeout=5000):
        QTest.keyClick(field(panel), Qt.Key.Key_Return)
    assert services.credentials.kept(scanner) is Kept.KEYRING
    assert "is kept in" in words(panel)
    assert CANARY not in words(panel)
    assert field(panel).text() == ""


def test_the_stored_password_is_never_shown_when_it_is_replaced(
    panel: SecretPanel, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    services.credentials.set_secret(scanner, Secret(CANARY))
    show(panel, scanner, qtbot)
    press(panel, "Replace…")
    assert field(panel).isVisible()
    assert field(panel).text() == ""
    field(panel).reveal.trigger()
    assert all(CANARY not in line.text() for line in panel.findChildren(QLineEdit))
    press(panel, "Cancel")
    assert services.credentials.kept(scanner) is Kept.KEYRING


def test_forgetting_asks_once_more_and_then_takes_it_out_of_the_keyring(
    panel: SecretPanel, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    services.credentials.set_secret(scanner, Secret(CANARY))
    show(panel, scanner, qtbot)
    press(panel, "Forget…")
    assert "cannot be brought back" in words(panel)
    with qtbot.waitSignal(panel.secret_changed, timeout=5000):
        press(panel, "Forget it")
    assert services.credentials.kept(scanner) is Kept.NOWHERE


def test_the_eye_shows_what_is_typed_and_hides_it_again(
    panel: SecretPanel, scanner: RelayProfile, qtbot: QtBot
) -> None:
    show(panel, scanner, qtbot)
    assert field(panel).echoMode() is QLineEdit.EchoMode.Password
    field(panel).reveal.trigger()
    assert field(panel).echoMode() is QLineEdit.EchoMode.Normal
    panel.hide()
    panel.show()
    assert field(panel).echoMode() is QLineEdit.EchoMode.Password, "it must not come back readable"


def test_what_another_page_stored_is_seen_when_the_panel_comes_back(
    panel: SecretPanel, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    show(panel, scanner, qtbot)
    panel.hide()
    services.credentials.set_secret(scanner, Secret(CANARY))
    panel.show()
    qtbot.waitUntil(lambda: "is kept in" in words(panel), timeout=5000)


def test_a_half_typed_password_stays_with_its_profile(
    panel: SecretPanel, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    other = RelayProfile("Other")
    services.profiles.add(other)
    show(panel, scanner, qtbot)
    QTest.keyClicks(field(panel), "half")
    show(panel, other, qtbot)
    assert field(panel).text() == ""
    show(panel, scanner, qtbot)
    assert field(panel).text() == "half"


def test_without_a_keyring_it_is_kept_for_this_run_and_said_so(
    panel: SecretPanel, services: Services, keyring: MemoryKeyring, scanner: RelayProfile, qtbot: QtBot
) -> None:
    keyring.fault = _no_keyring()
    show(panel, scanner, qtbot)
    QTest.keyClicks(field(panel), CANARY)
    if services.credentials.keyring_state().kind is not KeyringStateKind.ABSENT:
        press(panel, "Store")
        qtbot.waitUntil(lambda: "Keep for this run" in _buttons(panel), timeout=5000)
    with qtbot.waitSignal(panel.secret_changed, timeout=5000):
        press(panel, "Keep for this run")
    assert services.credentials.kept(scanner) is Kept.SESSION
    assert "only until Relaywright ends" in words(panel)


def test_a_locked_keyring_is_not_asked_because_a_profile_is_looked_at(
    services: Services, keyring: MemoryKeyring, scanner: RelayProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked = KeyringState(KeyringStateKind.LOCKED, "GNOME Keyring", "GNOME Keyring is locked.", "Unlock it.")
    monkeypatch.setattr(Vault, "state", lambda _vault: locked)
    before = keyring.calls
    assert look(services, scanner, ask=False).kept is None
    assert keyring.calls == before, "a locked keyring answers with a prompt"
    assert look(services, scanner, ask=True).kept is Kept.NOWHERE


def test_unlocking_on_demand_shows_what_is_stored(
    panel: SecretPanel,
    services: Services,
    scanner: RelayProfile,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    services.credentials.set_secret(scanner, Secret(CANARY))
    locked = KeyringState(KeyringStateKind.LOCKED, "GNOME Keyring", "GNOME Keyring is locked.", "Unlock it.")
    monkeypatch.setattr(Vault, "state", lambda _vault: locked)
    show(panel, scanner, qtbot)
    assert "is locked" in words(panel)
    press(panel, "Unlock and look")
    qtbot.waitUntil(lambda: "is kept in GNOME Keyring" in words(panel), timeout=5000)


def _buttons(panel: SecretPanel) -> set[str]:
    return {item.text() for item in panel.findChildren(QPushButton) if item.isVisible()}


def _no_keyring() -> Exception:
    return keyring.errors.NoKeyringError("there is none")
