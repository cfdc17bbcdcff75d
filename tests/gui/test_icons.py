"""Every icon draws something, in the colour it is asked for, at any size."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon

from relaywright import paths
from relaywright.gui import icons, theme
from relaywright.gui.application import Application
from relaywright.gui.theme import Appearance

NAMES = sorted(path.stem for path in (paths.resources() / "icons").glob("*.svg") if path.stem != "relaywright")


def painted(icon: QIcon, side: int) -> set[str]:
    """The opaque colours of an icon at a size."""
    image = icon.pixmap(QSize(side, side), 1.0).toImage()
    return {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


@pytest.mark.parametrize("name", NAMES)
def test_an_icon_is_drawn_in_the_colour_of_its_role(qapp: Application, name: str) -> None:
    colours = theme.colours_of(qapp.palette())
    assert colours.error in painted(icons.icon(name, "error"), 48)


@pytest.mark.parametrize("name", NAMES)
def test_icons_keep_to_one_style(name: str) -> None:
    source = (paths.resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    assert 'viewBox="0 0 24 24"' in source
    assert 'stroke="currentColor"' in source
    assert 'stroke-width="1.7"' in source


def test_an_icon_follows_the_switch_to_dark(qapp: Application) -> None:
    icon = icons.icon("ok", "text")
    before = qapp.appearance
    try:
        qapp.choose_appearance(Appearance.LIGHT)
        assert theme.LIGHT.text in painted(icon, 48)
        qapp.choose_appearance(Appearance.DARK)
        assert theme.DARK.text in painted(icon, 32)
    finally:
        qapp.choose_appearance(before)


def test_every_icon_named_in_the_code_is_there() -> None:
    import re

    named = set()
    for path in (Path(icons.__file__).parent).rglob("*.py"):
        named |= set(re.findall(r'icon="([a-z-]+)"|icons\.icon\("([a-z-]+)"', path.read_text(encoding="utf-8")))
    wanted = {name for pair in named for name in pair if name}
    assert wanted
    assert wanted <= set(NAMES)


def test_the_program_has_an_icon_in_every_size(qapp: Application) -> None:
    assert not icons.app_icon().isNull()
    assert QSize(256, 256) in icons.app_icon().availableSizes()
