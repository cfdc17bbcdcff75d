"""Takes the pictures of the README: the real window after real sessions, in light and dark, at several sizes.

They are written to the folder named by RELAYWRIGHT_PICTURES; without it to a temporary one, and only looked at
for emptiness. A person looks at the rest.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from memory_keyring import memory_keyring_in_use
from relaywright.bootstrap import Services
from relaywright.gui.application import Application
from relaywright.gui.jobs import JobRunner
from relaywright.gui.main_window import MainWindow
from relaywright.gui.pages.test_page import TestPage
from relaywright.gui.remembered import Remembered
from relaywright.gui.theme import Appearance
from relaywright.gui.widgets.answer_card import AnswerState
from relaywright.gui.workbench import Workbench

SIZES = {"": (1_280, 860), "-wide": (1_920, 1_080)}
FEWEST_COLOURS = 40
"""An empty or broken page has fewer."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    chosen = os.environ.get("RELAYWRIGHT_PICTURES")
    found = Path(chosen) if chosen else tmp_path / "pictures"
    found.mkdir(parents=True, exist_ok=True)
    return found


@pytest.fixture
def workbench(qtbot: QtBot, qapp: Application, tmp_path: Path) -> Iterator[Workbench]:
    qapp.dress()
    with memory_keyring_in_use():
        services = Services(tmp_path / "data")
        jobs = JobRunner()
        window = MainWindow(Remembered(tmp_path))
        workbench = Workbench(window, services, jobs)
        with qtbot.waitExposed(window):
            window.show()
        yield workbench
        window.close()
        assert jobs.shut_down()
        shiboken6.delete(window)
        services.close()
    qapp.choose_appearance(Appearance.SYSTEM)


def colours_in(image: QImage) -> int:
    """How many colours a coarse grid of the picture has."""
    return len({image.pixel(x, y) for x in range(0, image.width(), 5) for y in range(0, image.height(), 5)})


def take(workbench: Workbench, qtbot: QtBot, path: Path) -> None:
    """Write a picture of the window when nothing is under way."""
    window = workbench.sidebar.window()
    workbench.toast.hide()
    QApplication.processEvents()  # texts wrap anew after a resize, and boxes fit themselves to them
    image = window.grab().toImage()
    assert colours_in(image) >= FEWEST_COLOURS
    assert image.save(str(path))


def test_every_page_is_photographed_in_light_and_dark(
    qtbot: QtBot, qapp: Application, workbench: Workbench, folder: Path
) -> None:
    window = workbench.sidebar.window()
    window.resize(1_280, 860)
    take(workbench, qtbot, folder / "welcome.png")
    with qtbot.waitSignal(workbench.practice.started, timeout=60_000):
        workbench.practice.start()
    qtbot.waitUntil(lambda: workbench.profile is not None)
    model = workbench.sidebar.model
    page = workbench.deck.page("test")
    assert isinstance(page, TestPage)
    for name, picture, state in (
        ("Practice scanner", "taken", AnswerState.OK),
        ("Practice refusal", "refused", AnswerState.REFUSED),
    ):
        rows = [model.index(row) for row in range(model.rowCount())]
        workbench.sidebar.list.setCurrentIndex(next(row for row in rows if str(row.data()).startswith(name)))
        with qtbot.waitSignal(workbench.runs.settled, timeout=30_000):
            workbench.actions_by_id["send"].trigger()
        assert page.answer.state is state, page.answer.title
        with qtbot.waitSignal(workbench.desk.listed, timeout=10_000):
            workbench.desk.reload()
        for appearance in (Appearance.LIGHT, Appearance.DARK):
            qapp.choose_appearance(appearance)
            for suffix, (width, height) in SIZES.items():
                window.resize(width, height)
                take(workbench, qtbot, folder / f"{picture}-{appearance}{suffix}.png")
    window.resize(1_280, 860)
    for page_id in ("settings", "sign-in", "export", "history"):
        workbench.deck.turn_to(page_id)
        for appearance in (Appearance.LIGHT, Appearance.DARK):
            qapp.choose_appearance(appearance)
            qtbot.waitUntil(lambda: workbench.jobs.running == 0, timeout=10_000)
            take(workbench, qtbot, folder / f"{page_id}-{appearance}.png")
    with qtbot.waitSignal(workbench.practice.stopped, timeout=30_000):
        workbench.practice.toggle()
