"""Scripts for the administrator in the window: offered where they fit, shown whole, copied, saved."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.conftest import names_missing
from relaywright.bootstrap import Services
from relaywright.domain.profile import RelayProfile
from relaywright.gui.dialogs.administrator_script import ScriptSheet
from relaywright.gui.jobs import JobRunner
from relaywright.gui.pages.registration_card import RegistrationCard
from relaywright.gui.panels import Panels

CLIENT_ID = "6f1d8a9e-0f0b-4f2e-9c2a-3d1a4f5b6c7d"


@pytest.fixture
def shared(services: Services) -> RelayProfile:
    fields = {"auth": "oauth", "tenant": "contoso.onmicrosoft.com", "client_id": CLIENT_ID}
    profile = services.profiles.draft(
        "O’Brien’s", {**fields, "username": "sales@contoso.com", "account": "a@contoso.com"}
    )
    services.profiles.add(profile)
    return profile


@pytest.fixture
def card(services: Services, jobs: JobRunner, shown: Callable[[QWidget], None]) -> RegistrationCard:
    card = RegistrationCard(services=services, jobs=jobs)
    shown(card)
    return card


@pytest.fixture
def panels(card: RegistrationCard, services: Services, jobs: JobRunner) -> Panels:
    panels = Panels(card, services, jobs)
    card.script_written.connect(panels.show_script)
    return panels


def buttons(card: RegistrationCard) -> list[str]:
    return [
        item.text() for item in card.findChildren(QPushButton) if item.property("script") and item.isVisibleTo(card)
    ]


def opened(card: RegistrationCard, kind: str, qtbot: QtBot) -> ScriptSheet:
    card.open_script(kind)
    sheets: list[ScriptSheet] = []

    def is_there() -> bool:
        sheets[:] = [item for item in QApplication.topLevelWidgets() if isinstance(item, ScriptSheet)]
        return bool(sheets)

    qtbot.waitUntil(is_there, timeout=10_000)
    return sheets[0]


def test_the_scripts_that_fit_are_offered_with_the_consent_address(
    card: RegistrationCard, services: Services, shared: RelayProfile, qtbot: QtBot
) -> None:
    card.show_profile(shared)
    qtbot.waitUntil(lambda: [text.split()[0] for text in buttons(card)] == ["Register", "Let"])
    shown_words = " ".join(item.text() for item in card.findChildren(QLabel)).replace("\u200b", "")
    assert f"adminconsent?client_id={CLIENT_ID}" in shown_words
    assert f"ms-appx-web://Microsoft.AAD.BrokerPlugin/{CLIENT_ID}" in shown_words
    alone = services.profiles.change(shared, {"account": ""})
    card.show_profile(alone)
    qtbot.waitUntil(lambda: [text.split()[0] for text in buttons(card)] == ["Register"])
    card.show_profile(services.profiles.change(shared, {"auth": "password"}))
    assert not card.isVisible()


def test_a_script_is_shown_whole_copied_and_saved(
    card: RegistrationCard, panels: Panels, shared: RelayProfile, services: Services, qtbot: QtBot, tmp_path: Path
) -> None:
    card.show_profile(shared)
    sheet = opened(card, "send-as", qtbot)
    text = sheet.findChild(QPlainTextEdit)
    assert isinstance(text, QPlainTextEdit)
    script = services.scripts.script(shared, "send-as")
    assert text.toPlainText() == script.text.rstrip("\n") or text.toPlainText() == script.text
    assert names_missing(sheet) == []
    sheet.copy.click()
    assert QGuiApplication.clipboard().text() == script.text
    file = tmp_path / "send-as.ps1"
    with qtbot.waitSignal(panels.message_posted, timeout=10_000) as told:
        sheet.save_to(str(file))
    assert str(file) in told.args[0]
    assert file.read_bytes() == script.content


def test_a_file_that_cannot_be_written_is_told_in_place(
    card: RegistrationCard, panels: Panels, shared: RelayProfile, qtbot: QtBot, tmp_path: Path
) -> None:
    card.show_profile(shared)
    sheet = opened(card, "send-as", qtbot)
    sheet.save_to(str(tmp_path))  # a folder
    qtbot.waitUntil(sheet.trouble.isVisible, timeout=10_000)
    assert sheet.isVisible()
    sheet.reject()
