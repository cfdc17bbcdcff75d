"""How everything looks: one type scale, one grid, one small style sheet, over the colours of colours.py.

Widgets ask ``colours_of(palette)`` for what they paint and never name a colour themselves; the application decides
whether it is light or dark.
"""

from enum import StrEnum
from pathlib import Path
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QLayout

from relaywright.gui.colours import DARK, LIGHT, Appearance, Colours, colours_of, is_dark, palette_of

__all__ = [
    "DARK",
    "LIGHT",
    "Appearance",
    "Colours",
    "TextStyle",
    "base_font",
    "colours_of",
    "font",
    "is_dark",
    "load_fonts",
    "palette_of",
    "set_margins",
    "style_sheet",
]

GRID_PX = 8
"""Every distance is a multiple of it, or half of it inside a control."""
RADIUS_PX = 8
CONTROL_HEIGHT_PX = 32
FAMILY = "Inter"
FIXED_FAMILY = "JetBrains Mono"
MINIMUM_POINTS = 9.75


class TextStyle(StrEnum):
    """The type scale. Sizes are shares of the system's own text size, so text grows with it."""

    TITLE = "title"
    HEADING = "heading"
    BODY = "body"
    STRONG = "strong"
    CAPTION = "caption"
    OVERLINE = "overline"
    """Small capitals-like headings of groups in a list."""
    CODE = "code"


_SCALE: dict[TextStyle, tuple[float, QFont.Weight]] = {
    TextStyle.TITLE: (1.55, QFont.Weight.Bold),
    TextStyle.HEADING: (1.12, QFont.Weight.DemiBold),
    TextStyle.BODY: (1.0, QFont.Weight.Normal),
    TextStyle.STRONG: (1.0, QFont.Weight.DemiBold),
    TextStyle.CAPTION: (0.9, QFont.Weight.Normal),
    TextStyle.OVERLINE: (0.84, QFont.Weight.DemiBold),
    TextStyle.CODE: (0.94, QFont.Weight.Normal),
}


def font(style: TextStyle) -> QFont:
    """Return the font of a text style, relative to the application's font."""
    share, weight = _SCALE[style]
    base = QApplication.font()
    result = QFont(base)
    result.setPointSizeF(base.pointSizeF() * share)
    result.setWeight(weight)
    if style is TextStyle.CODE:
        result.setFamilies([FIXED_FAMILY, QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()])
        result.setStyleHint(QFont.StyleHint.Monospace)
    if style is TextStyle.OVERLINE:
        result.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 104)
    return result


def base_font(system: QFont) -> QFont:
    """Return the application's font: Inter at the system's size, the system's families behind it."""
    result = QFont(system)
    result.setFamilies([FAMILY, *system.families()])
    result.setPointSizeF(max(system.pointSizeF(), MINIMUM_POINTS))
    return result


def set_margins(layout: QLayout, lead: int, top: int, trail: int, bottom: int) -> None:
    """Set a layout's margins by the direction of reading; Qt itself never mirrors them."""
    rtl = QApplication.layoutDirection() is Qt.LayoutDirection.RightToLeft
    layout.setContentsMargins(trail if rtl else lead, top, lead if rtl else trail, bottom)


def load_fonts(folder: Path) -> None:
    """Register the shipped fonts. A missing file only means that the system's font is used."""
    for name in ("Inter-Regular", "Inter-Medium", "Inter-SemiBold", "Inter-Bold", "JetBrainsMono-Regular"):
        path = folder / f"{name}.ttf"
        if path.is_file():
            QFontDatabase.addApplicationFont(str(path))


def style_sheet(colours: Colours, resources: Path) -> str:
    """Return resources/style.qss with these colours filled in. It styles whole controls only."""
    values = {key: value for key, value in colours._asdict().items() if isinstance(value, str)}
    values["images"] = (resources / "icons" / "controls").as_posix()
    values["shade"] = "dark" if colours.dark else "light"
    return Template((resources / "style.qss").read_text(encoding="utf-8")).substitute(values)
