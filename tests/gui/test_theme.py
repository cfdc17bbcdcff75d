"""Contrast is measured: the ratios of WCAG 2.2 (1.4.3 text, 1.4.6 text that carries meaning, 1.4.11 shapes)."""

import re

import pytest
from PySide6.QtGui import QColor

from relaywright import paths
from relaywright.gui import theme
from relaywright.gui.theme import DARK, LIGHT, Colours

BOTH = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]
AA, AAA, SHAPE = 4.5, 7.0, 3.0

MEANING = [
    ("text", "window"),
    ("text", "card"),
    ("text", "sidebar"),
    ("text", "sunken"),
    ("text_soft", "window"),
    ("text_soft", "card"),
    ("text_soft", "tile"),
    ("ok_text", "card"),
    ("ok_text", "ok_soft"),
    ("warn_text", "card"),
    ("warn_text", "warn_soft"),
    ("error_text", "card"),
    ("error_text", "error_soft"),
    ("error_text", "sidebar"),
    ("error_text", "accent_soft"),
    ("warn_text", "accent_soft"),
]
READABLE = [
    ("text_faint", "window"),
    ("text_faint", "card"),
    ("text_faint", "sidebar"),
    ("text_faint", "sunken"),
    ("text", "hover"),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("on_accent_soft", "accent"),
    ("link", "card"),
    ("link", "window"),
    ("link", "sunken"),
    ("text_soft", "accent_soft"),
    ("code_name", "sunken"),
    ("code_value", "sunken"),
    ("warn_text", "sidebar"),
    ("warn_text", "hover"),
    ("error_text", "hover"),
]
SHAPES = [
    ("border", "card"),
    ("border", "window"),
    ("focus", "card"),
    ("focus", "window"),
    ("ok", "card"),
    ("ok", "sidebar"),
    ("error", "card"),
    ("error", "sidebar"),
    ("warn", "card"),
    ("idle", "card"),
    ("idle", "sidebar"),
    ("bar", "card"),
    ("bar_tls", "card"),
]


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2, definitions)."""
    found = QColor(colour)
    parts = [found.redF(), found.greenF(), found.blueF()]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio, from 1 to 21."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_measures_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("colours", BOTH)
@pytest.mark.parametrize(("ink", "ground"), MEANING)
def test_text_that_carries_meaning_reaches_aaa(colours: Colours, ink: str, ground: str) -> None:
    assert contrast(getattr(colours, ink), getattr(colours, ground)) >= AAA


@pytest.mark.parametrize("colours", BOTH)
@pytest.mark.parametrize(("ink", "ground"), READABLE)
def test_every_other_text_reaches_aa(colours: Colours, ink: str, ground: str) -> None:
    assert contrast(getattr(colours, ink), getattr(colours, ground)) >= AA


@pytest.mark.parametrize("colours", BOTH)
@pytest.mark.parametrize(("ink", "ground"), SHAPES)
def test_shapes_stand_out_from_their_ground(colours: Colours, ink: str, ground: str) -> None:
    assert contrast(getattr(colours, ink), getattr(colours, ground)) >= SHAPE


@pytest.mark.parametrize("colours", BOTH)
def test_a_palette_is_told_from_the_other(colours: Colours) -> None:
    assert theme.colours_of(theme.palette_of(colours)) is colours
    assert theme.is_dark(theme.palette_of(colours)) is colours.dark


@pytest.mark.parametrize("colours", BOTH)
def test_the_style_sheet_is_filled_and_its_pictures_are_there(colours: Colours) -> None:
    sheet = theme.style_sheet(colours, paths.resources())
    assert "$" not in sheet
    pictures = re.findall(r'url\("([^"]+)"\)', sheet)
    assert pictures
    for picture in pictures:
        assert (paths.resources() / "icons" / "controls" / picture.rpartition("/")[2]).is_file()
