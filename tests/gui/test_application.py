"""Light and dark, the empty frame, and a start that fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from relaywright.gui import theme
from relaywright.gui.application import Application, Opening
from relaywright.gui.crash import CrashReporter
from relaywright.gui.dialogs.import_profiles import ImportDialog
from relaywright.gui.main_window import MainWindow
from relaywright.gui.remembered import Remembered
from relaywright.gui.theme import Appearance
from relaywright.gui.widgets.card import Card


@pytest.fixture
def appearance(qapp: Application) -> Iterator[Application]:
    """The application, put back to what it was."""
    before = qapp.appearance
    yield qapp
    qapp.choose_appearance(before)


@pytest.fixture
def opening(qapp: Application, tmp_path: Path) -> Iterator[Opening]:
    """A window that is about to be furnished; all of it is gone afterwards."""
    remembered = Remembered(tmp_path)
    window = MainWindow(remembered)
    found = Opening(qapp, window, remembered, CrashReporter())
    yield found
    found.close()
    shiboken6.delete(window)


def test_light_and_dark_switch_at_once(qtbot: QtBot, appearance: Application) -> None:
    card = Card("A card")
    qtbot.addWidget(card)
    card.resize(200, 100)
    appearance.choose_appearance(Appearance.LIGHT)
    assert card.grab().toImage().pixelColor(100, 80).name() == theme.LIGHT.card
    with qtbot.waitSignal(appearance.appearance_changed) as changed:
        appearance.choose_appearance(Appearance.DARK)
    assert changed.args == [True]
    assert card.grab().toImage().pixelColor(100, 80).name() == theme.DARK.card
    assert theme.colours_of(card.palette()) is theme.DARK


def test_the_fonts_are_the_shipped_ones(qapp: Application) -> None:
    assert qapp.font().families()[0] == theme.FAMILY
    from PySide6.QtGui import QFontInfo

    assert QFontInfo(theme.font(theme.TextStyle.CODE)).family() == theme.FIXED_FAMILY
    assert QFontInfo(qapp.font()).family() == theme.FAMILY


def test_text_sizes_follow_the_system(qapp: Application) -> None:
    base = qapp.font().pointSizeF()
    assert theme.font(theme.TextStyle.TITLE).pointSizeF() == pytest.approx(base * 1.55)
    larger = qapp.font()
    larger.setPointSizeF(18)
    assert theme.base_font(larger).pointSizeF() == 18


def test_the_frame_is_painted_before_anything_is_loaded(qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow(Remembered(tmp_path))
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.first_painted, timeout=5_000):
        window.show()
    assert window.findChildren(QLabel) == []


def test_the_window_is_furnished_in_its_data_folder(qtbot: QtBot, opening: Opening, tmp_path: Path) -> None:
    opening.furnish(tmp_path / "data", practice=False)
    assert opening.services is not None
    assert opening.workbench is not None
    assert opening.workbench.profile is None
    assert not opening.failed


def test_a_bundle_from_the_file_manager_is_offered_for_import(opening: Opening, tmp_path: Path) -> None:
    bundle = tmp_path / "floor2.relaywright"
    bundle.write_text("sealed")
    opening.furnish(tmp_path / "data", practice=False, bundle=bundle)
    (dialog,) = opening.window.findChildren(ImportDialog)
    assert dialog.isVisible()
    dialog.close()


def test_a_damaged_database_is_told_in_the_window(qtbot: QtBot, opening: Opening, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    from relaywright.bootstrap import Services

    Services(data).close()
    for path in data.glob("*.db*"):
        path.write_bytes(b"this is no database at all" * 100)
    opening.furnish(data, practice=False)
    assert opening.failed
    assert opening.workbench is None
    texts = [label.text() for label in opening.window.findChildren(QLabel)]
    assert "Relaywright cannot open" in texts
    assert any(str(data) in text or "damaged" in text.lower() for text in texts)


def test_the_choice_of_dark_is_kept(appearance: Application, opening: Opening, tmp_path: Path) -> None:
    opening.furnish(tmp_path / "data", practice=False)
    assert opening.workbench is not None
    opening.workbench.actions_by_id["appearance-dark"].trigger()
    assert appearance.is_dark
    assert Remembered(tmp_path).appearance is Appearance.DARK
    assert opening.workbench.actions_by_id["appearance-dark"].isChecked()
    assert not opening.workbench.actions_by_id["appearance-system"].isChecked()
