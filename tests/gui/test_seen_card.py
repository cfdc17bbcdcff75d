"""What a check saw, on the real Test page: told while it runs, the worst first in the end, kept in the history."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from relaywright.bootstrap import Services
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import RelayProfile
from relaywright.domain.secret import Secret
from relaywright.gui.jobs import JobRunner
from relaywright.gui.pages.test_page import TestPage
from relaywright.gui.practice_switch import PracticeSwitch
from relaywright.gui.runs import Runs
from relaywright.gui.widgets.seen_card import SeenCard
from relaywright.practice.practice import Practice
from relaywright.services.send_options import SendOptions

FINDINGS = (
    Finding("server-answers", Level.OK, "The server answers", "220 <b>bold</b> ready"),
    Finding("port-25", Level.INFO, "Port 25 does not answer", "Seen: no answer in time."),
    Finding("clock-wrong", Level.WARNING, "This computer's clock is 60 minutes ahead", "", ("Let it take its time.",)),
    Finding("port-465", Level.OK, "Port 465 answers"),
)


@pytest.fixture
def profile(services: Services, practice: Practice) -> RelayProfile:
    place = practice.start()
    (services.data_dir / "clouds.toml").write_bytes(place.clouds_file.read_bytes())
    texts = {
        "cloud": "practice",
        "host": place.host,
        "port": str(place.smtp_port),
        "username": "scanner@practice.example",
        "recipient": "office@practice.example",
    }
    profile = services.profiles.draft("Scanner", texts)
    services.profiles.add(profile)
    services.credentials.set_secret(profile, Secret("Practice-Scanner-1"))
    return profile


@pytest.fixture
def runs(services: Services, jobs: JobRunner) -> Iterator[Runs]:
    runs = Runs(services, jobs)
    yield runs
    runs.deleteLater()


@pytest.fixture
def page(
    runs: Runs, services: Services, jobs: JobRunner, profile: RelayProfile, shown: Callable[[QWidget], None]
) -> TestPage:
    page = TestPage(runs=runs, practice=PracticeSwitch(services, jobs))
    shown(page)
    page.show_profile(profile)
    return page


def texts(card: SeenCard) -> str:
    return "\n".join(item.text() for item in card.findChildren(QLabel) if item.isVisibleTo(card))


def test_the_worst_stands_first_and_is_counted(qtbot: QtBot, shown: Callable[[QWidget], None]) -> None:
    card = SeenCard()
    shown(card)
    card.show_findings(FINDINGS)
    assert [finding.level for finding in card.findings] == [Level.WARNING, Level.INFO, Level.OK, Level.OK]
    assert "1 warning · 1 note · 2 good" in texts(card)
    qtbot.waitUntil(lambda: "Let it take its time." in texts(card))
    assert "<b>bold</b>" in texts(card)  # as it was said, not as markup
    card.show_findings(())
    assert not card.isVisible()


def test_a_check_tells_what_it_sees_while_it_runs_and_keeps_it(
    qtbot: QtBot, page: TestPage, runs: Runs, profile: RelayProfile
) -> None:
    under_way: list[int] = []
    runs.found.connect(lambda _profile, _finding: under_way.append(len(page.seen.findings)))
    with qtbot.waitSignal(runs.ended, timeout=20_000):
        runs.check(profile)
        assert page.seen.isVisible()
    assert under_way == list(range(1, len(under_way) + 1))
    ids = [finding.id for finding in page.seen.findings]
    assert {"server-answers", "encrypted", "signed-in", "addresses"} <= set(ids)
    assert sum(name.startswith("port-") for name in ids) == 2
    runs.forget(profile.id)
    page.show_profile(None)
    with qtbot.waitSignal(runs.loaded, timeout=10_000):
        page.show_profile(profile)
    assert [finding.id for finding in page.seen.findings] == ids


def test_a_check_that_is_refused_tells_the_refusal_once(
    qtbot: QtBot, page: TestPage, runs: Runs, services: Services, profile: RelayProfile
) -> None:
    services.credentials.set_secret(profile, Secret("wrong"))
    with qtbot.waitSignal(runs.ended, timeout=20_000):
        runs.check(profile)
    run = runs.last(profile.id)
    assert run is not None
    assert run.explanation is not None
    assert run.explanation.id not in [finding.id for finding in page.seen.findings]
    assert page.seen.isVisible()


def test_a_send_has_no_such_card(qtbot: QtBot, page: TestPage, runs: Runs, profile: RelayProfile) -> None:
    page.seen.show_findings(FINDINGS)
    with qtbot.waitSignal(runs.ended, timeout=20_000):
        runs.send(profile, SendOptions())
    assert not page.seen.isVisible()


def test_a_ticket_has_what_was_seen(
    qtbot: QtBot, page: TestPage, runs: Runs, profile: RelayProfile, tmp_path: Path
) -> None:
    with qtbot.waitSignal(runs.ended, timeout=20_000):
        runs.check(profile)
    page.save_to(str(tmp_path / "ticket.txt"))
    ticket = (tmp_path / "ticket.txt").read_text(encoding="utf-8")
    assert "What the check saw:" in ticket
    assert "- ok: The sign-in is accepted" in ticket


def test_a_check_with_the_eyes_of_old_devices_is_a_button_away(
    qtbot: QtBot, page: TestPage, runs: Runs, profile: RelayProfile
) -> None:
    with qtbot.waitSignal(runs.ended, timeout=20_000):
        runs.check(profile)
    button = page.seen.findChild(QPushButton, "as-old-device")
    assert button is not None
    with qtbot.waitSignal(runs.ended, timeout=20_000):
        button.click()
        assert not button.isEnabled()
    assert button.isEnabled()
    titles = [finding.title for finding in page.seen.findings if finding.level is Level.WARNING]
    assert "A device that knows TLS 1.0 and 1.1 alone would not get through" in titles
