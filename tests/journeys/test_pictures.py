"""Takes the pictures of the README: the real window after real sessions with the practice relay, in light and dark.

They are written to the folder named by RELAYWRIGHT_PICTURES (``tests/pictures`` is the README's); without it to a
temporary one, and only looked at for emptiness and size. A person looks at the rest.
"""

import collections
import datetime
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from memory_keyring import memory_keyring_in_use
from person_at_browser import PersonAtBrowser
from relaywright.bootstrap import Services
from relaywright.domain.cancel import CancelToken
from relaywright.gui.application import Application
from relaywright.gui.dialogs.expiry_overview import ExpiryOverview
from relaywright.gui.jobs import JobRunner
from relaywright.gui.main_window import MainWindow
from relaywright.gui.pages.test_page import TestPage
from relaywright.gui.pages.token_card import TokenCard
from relaywright.gui.remembered import Remembered
from relaywright.gui.theme import Appearance
from relaywright.gui.widgets.answer_card import AnswerState
from relaywright.gui.workbench import Workbench
from relaywright.store.records import SignInRecord

FEWEST_COLOURS = 40
"""An empty or broken page has fewer."""
COLOURS = 256
MOST_BYTES = 200_000
"""A picture in the README should load at once."""
OTHERS = (
    ("Scanner, 2nd floor", "Head office", "client-submission", "scan@contoso.example", "printer"),
    ("NAS backup alerts", "Head office", "client-submission", "nas@contoso.example", "nas"),
    ("ERP invoices", "Head office", "connector", "invoices@contoso.example", "application"),
    ("Warehouse labels", "Plant Lyon", "hve", "labels@contoso.example", "printer"),
    ("Door controller", "Plant Lyon", "direct-send", "door@contoso.example", ""),
)
"""Profiles that only stand in the list: name, folder, method, From address, tag."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    chosen = os.environ.get("RELAYWRIGHT_PICTURES")
    found = Path(chosen) if chosen else tmp_path / "pictures"
    found.mkdir(parents=True, exist_ok=True)
    return found


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with memory_keyring_in_use():
        services = Services(tmp_path / "data")
        yield services
        services.close()


@pytest.fixture
def workbench(qtbot: QtBot, qapp: Application, services: Services, tmp_path: Path) -> Iterator[Workbench]:
    qapp.dress()
    jobs = JobRunner()
    window = MainWindow(Remembered(tmp_path))
    workbench = Workbench(window, services, jobs)
    with qtbot.waitExposed(window):
        window.show()
    yield workbench
    window.close()
    assert jobs.shut_down()
    shiboken6.delete(window)
    qapp.choose_appearance(Appearance.SYSTEM)


def colours_in(image: QImage) -> int:
    """How many colours a coarse grid of the picture has."""
    return len({image.pixel(x, y) for x in range(0, image.width(), 5) for y in range(0, image.height(), 5)})


def parts(colour: int) -> tuple[int, int, int]:
    """Red, green and blue of 0xffrrggbb."""
    return colour >> 16 & 255, colour >> 8 & 255, colour & 255


def palette_of(counted: collections.Counter[int]) -> list[int]:
    """The colours to keep: the most frequent of each small range, those of icons before the greys of letters."""
    ranges: dict[tuple[int, ...], collections.Counter[int]] = collections.defaultdict(collections.Counter)
    for colour, count in counted.items():
        ranges[tuple(part >> 3 for part in parts(colour))][colour] = count

    def weight(members: collections.Counter[int]) -> float:
        red, green, blue = parts(members.most_common(1)[0][0])
        return members.total() * (1 + (max(red, green, blue) - min(red, green, blue)) ** 2 / 64)

    kept = sorted(ranges.values(), key=weight, reverse=True)[:COLOURS]
    return [members.most_common(1)[0][0] for members in kept]


def indexed(image: QImage) -> QImage:
    """Return the picture in 256 colours, a third of the bytes."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = memoryview(plain.constBits()).cast("I")
    counted = collections.Counter(pixels)
    palette = palette_of(counted)
    known = [parts(colour) for colour in palette]
    place = {}
    for colour in counted:
        red, green, blue = parts(colour)
        place[colour] = min(
            range(len(known)),
            key=lambda at: abs(known[at][0] - red) + abs(known[at][1] - green) + abs(known[at][2] - blue),
        )
    data = bytes(map(place.__getitem__, pixels))
    result = QImage(data, plain.width(), plain.height(), plain.width(), QImage.Format.Format_Indexed8)
    result.setColorTable(palette)
    return result.copy()


def take(workbench: Workbench, folder: Path, name: str, height: int = 900) -> None:
    """Write a picture of the window when nothing is under way."""
    window = workbench.sidebar.window()
    window.resize(1_280, height)
    workbench.toast.hide()
    for _ in range(3):  # texts wrap anew after a resize, and boxes fit themselves to them
        QApplication.processEvents()
    keep(window.grab().toImage(), folder, name)


def keep(image: QImage, folder: Path, name: str) -> None:
    """Write a picture that shows something and is small."""
    assert colours_in(image) >= FEWEST_COLOURS
    path = folder / f"{name}.png"
    assert indexed(image).save(str(path))
    assert path.stat().st_size < MOST_BYTES


def choose(workbench: Workbench, name: str) -> None:
    """Go to a profile by the beginning of its name."""
    model = workbench.sidebar.model
    rows = [model.index(row) for row in range(model.rowCount())]
    workbench.sidebar.list.setCurrentIndex(next(row for row in rows if str(row.data()).startswith(name)))


def send(workbench: Workbench, qtbot: QtBot, name: str, state: AnswerState) -> None:
    """Send a test with a profile, and see it end that way."""
    choose(workbench, name)
    with qtbot.waitSignal(workbench.runs.settled, timeout=30_000):
        workbench.actions_by_id["send"].trigger()
    page = workbench.deck.page("test")
    assert isinstance(page, TestPage)
    assert page.answer.state is state, page.answer.title
    with qtbot.waitSignal(workbench.desk.listed, timeout=10_000):
        workbench.desk.reload()
    workbench.sidebar.list.setFocus()


def is_looking(workbench: Workbench) -> bool:
    """Whether something in view still says that it looks."""
    labels = workbench.sidebar.window().findChildren(QLabel)
    return any(item.isVisible() and item.text().startswith("Looking") for item in labels)


def turn_to(workbench: Workbench, qtbot: QtBot, page_id: str) -> None:
    """Bring a page to front and let it become complete."""
    workbench.deck.turn_to(page_id)
    qtbot.waitUntil(lambda: workbench.jobs.running == 0 and not is_looking(workbench), timeout=20_000)


def take_sign_in(workbench: Workbench, qtbot: QtBot, services: Services, folder: Path) -> None:
    """Sign in for a shared mailbox, look at the token, and take the page."""
    profile = services.profiles.by_name("Practice shared mailbox (OAuth)")
    person = PersonAtBrowser("alex@practice.example", "Practice-Alex-1")
    services.credentials.sign_in(profile, person.open, CancelToken())
    person.done()
    choose(workbench, profile.name)
    turn_to(workbench, qtbot, "sign-in")
    card = workbench.deck.page("sign-in").findChild(TokenCard)
    assert isinstance(card, TokenCard)
    card.start()
    qtbot.waitUntil(lambda: bool(card.table.rows), timeout=20_000)
    workbench.sidebar.list.setFocus()
    take(workbench, folder, "sign-in")


def take_expiries(workbench: Workbench, qtbot: QtBot, services: Services, folder: Path) -> None:
    """Let things end at different times, and take the overview."""
    now = datetime.datetime.now(datetime.UTC)
    service = services.profiles.by_name("Practice service (signs in by itself)")
    services.app_credentials.note_end(service, (now + datetime.timedelta(days=9)).date())
    application = services.profiles.by_name("Practice application (OAuth)")
    unused_since = now - datetime.timedelta(days=97)
    services.store.remember_sign_in(
        SignInRecord(
            application.id,
            "oid.tid",
            application.username,
            application.tenant,
            unused_since,
            ended_at=now - datetime.timedelta(days=4),
            ended_why="The sign-in was refused: AADSTS700082: The refresh token has expired due to inactivity.",
        )
    )
    overview = ExpiryOverview(services=services, jobs=workbench.jobs, parent=workbench.sidebar.window())
    overview.open()
    overview.resize(1_000, 700)
    qtbot.waitUntil(lambda: workbench.jobs.running == 0)
    for _ in range(3):
        QApplication.processEvents()
    keep(overview.grab().toImage(), folder, "expiries")
    overview.reject()


def test_the_pictures_of_the_readme(
    qtbot: QtBot, qapp: Application, workbench: Workbench, services: Services, folder: Path
) -> None:
    profiles = services.profiles
    for name, group, method, sender, tag in OTHERS:
        texts = {"method": method, "folder": group, "from": sender, "tags": tag}
        if method in {"client-submission", "hve"}:
            texts["username"] = sender
        profiles.add(profiles.draft(name, texts))
    qapp.choose_appearance(Appearance.LIGHT)
    with qtbot.waitSignal(workbench.practice.started, timeout=60_000):
        workbench.practice.start()
    qtbot.waitUntil(lambda: workbench.profile is not None)
    send(workbench, qtbot, "Practice scanner", AnswerState.OK)
    take(workbench, folder, "test-worked")
    send(workbench, qtbot, "Practice refusal", AnswerState.REFUSED)
    take(workbench, folder, "test-refused", 1_000)
    qapp.choose_appearance(Appearance.DARK)
    take(workbench, folder, "test-refused-dark")
    qapp.choose_appearance(Appearance.LIGHT)
    take_sign_in(workbench, qtbot, services, folder)
    take_expiries(workbench, qtbot, services, folder)
    choose(workbench, "Scanner, 2nd floor")
    turn_to(workbench, qtbot, "settings")
    take(workbench, folder, "settings")
    turn_to(workbench, qtbot, "export")
    take(workbench, folder, "export")
    with qtbot.waitSignal(workbench.practice.stopped, timeout=30_000):
        workbench.practice.toggle()


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
@pytest.mark.parametrize(("width", "height"), [(820, 560), (1_920, 1_080)])
def test_every_page_is_drawn_in_the_smallest_and_in_a_large_window(
    qtbot: QtBot,
    qapp: Application,
    workbench: Workbench,
    services: Services,
    appearance: Appearance,
    width: int,
    height: int,
) -> None:
    profiles = services.profiles
    profiles.add(profiles.draft("Scanner", {"username": "scan@contoso.example", "from": "scan@contoso.example"}))
    with qtbot.waitSignal(workbench.desk.listed, timeout=10_000):
        workbench.desk.reload()
    qapp.choose_appearance(appearance)
    window = workbench.sidebar.window()
    window.resize(width, height)
    for page_id in ("test", "settings", "sign-in", "export", "history"):
        turn_to(workbench, qtbot, page_id)
        QApplication.processEvents()
        assert window.width() == width, f"{page_id} does not fit"
        assert window.height() == height, f"{page_id} does not fit"
        assert colours_in(window.grab().toImage()) >= FEWEST_COLOURS
