"""The named colours of light and dark, and the palettes made of them. Loaded before the first paint, so it stays small.

Fonts, distances and the style sheet are theme.py's. Contrast is measured by tests/gui/test_theme.py (WCAG 2.2, 1.4.3,
1.4.6 and 1.4.11).
"""

from enum import StrEnum
from typing import NamedTuple

from PySide6.QtGui import QColor, QPalette


class Appearance(StrEnum):
    """The person's choice between light and dark."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Colours(NamedTuple):
    """The named colours of one appearance, as #rrggbb. ``…_soft`` is a ground, ``…_text`` stands on it and on cards."""

    dark: bool
    window: str
    sidebar: str
    card: str
    sunken: str
    """Behind code and conversations."""
    line: str
    """Hairlines that only divide."""
    border: str
    """Around what can be operated: 3:1 against its surroundings."""
    hover: str
    text: str
    text_soft: str
    text_faint: str
    """For what is not reached or switched off; still readable (AA)."""
    accent: str
    accent_hover: str
    accent_soft: str
    on_accent: str
    on_accent_soft: str
    """A second line on the accent, such as a sub-line in the selected row."""
    link: str
    focus: str
    ok: str
    ok_soft: str
    ok_text: str
    warn: str
    warn_soft: str
    warn_text: str
    error: str
    error_soft: str
    error_text: str
    idle: str
    """A status nobody knows yet."""
    bar: str
    bar_tls: str
    tile: str
    """Behind a pictogram."""
    code_name: str
    code_value: str


LIGHT = Colours(
    dark=False,
    window="#f6f7f9",
    sidebar="#eceef2",
    card="#ffffff",
    sunken="#f4f5f8",
    line="#dfe2e8",
    border="#838a99",
    hover="#e3e7ee",
    text="#171a21",
    text_soft="#434a58",
    text_faint="#5c6473",
    accent="#2456d6",
    accent_hover="#1c48b8",
    accent_soft="#e6edfc",
    on_accent="#ffffff",
    on_accent_soft="#e3eafc",
    link="#1d4fc4",
    focus="#2456d6",
    ok="#1f8a4c",
    ok_soft="#dcf3e4",
    ok_text="#0d5229",
    warn="#b86e00",
    warn_soft="#fdeecb",
    warn_text="#663c00",
    error="#c9302f",
    error_soft="#fde8e7",
    error_text="#8a1414",
    idle="#7b8291",
    bar="#4f7fe0",
    bar_tls="#7a5fd3",
    tile="#e4e8ef",
    code_name="#6b2fa0",
    code_value="#1d4fc4",
)

DARK = Colours(
    dark=True,
    window="#17191d",
    sidebar="#1e2126",
    card="#22252c",
    sunken="#191b20",
    line="#343942",
    border="#78808f",
    hover="#2c3038",
    text="#f1f3f6",
    text_soft="#c3c8d1",
    text_faint="#a0a7b4",
    accent="#2f62d9",
    accent_hover="#3d6fe4",
    accent_soft="#24314f",
    on_accent="#ffffff",
    on_accent_soft="#e6edfd",
    link="#93b6ff",
    focus="#8fb3ff",
    ok="#4cc07c",
    ok_soft="#1b3827",
    ok_text="#9fe6ba",
    warn="#eda63a",
    warn_soft="#40310f",
    warn_text="#ffdc93",
    error="#ff6f6a",
    error_soft="#431f20",
    error_text="#ffc0bc",
    idle="#8b93a1",
    bar="#6d98f2",
    bar_tls="#a48bf2",
    tile="#2f343d",
    code_name="#d3b4fa",
    code_value="#93b6ff",
)


def colours_of(palette: QPalette) -> Colours:
    """Return the colours that go with a palette of ours.

    They are told by the link colour: the style sheet makes other roles transparent on some widgets, never this one.
    """
    return DARK if palette.color(QPalette.ColorRole.Link) == QColor(DARK.link) else LIGHT


def is_dark(palette: QPalette) -> bool:
    """Tell whether a palette, the system's own for one, is dark."""
    return (
        palette.color(QPalette.ColorRole.Window).lightness() < palette.color(QPalette.ColorRole.WindowText).lightness()
    )


def palette_of(colours: Colours) -> QPalette:
    """Return the whole application palette, so that Fusion's own controls agree with what we paint."""
    role = QPalette.ColorRole
    palette = QPalette()
    for target, value in {
        role.Window: colours.window,
        role.WindowText: colours.text,
        role.Base: colours.card,
        role.AlternateBase: colours.sunken,
        role.Text: colours.text,
        role.Button: colours.card,
        role.ButtonText: colours.text,
        role.BrightText: colours.error,
        role.ToolTipBase: colours.text if not colours.dark else colours.hover,
        role.ToolTipText: colours.card if not colours.dark else colours.text,
        role.PlaceholderText: colours.text_faint,
        role.Highlight: colours.accent,
        role.HighlightedText: colours.on_accent,
        role.Link: colours.link,
        role.LinkVisited: colours.link,
        role.Accent: colours.accent,
        role.Light: colours.card,
        role.Midlight: colours.hover,
        role.Mid: colours.line,
        role.Dark: colours.border,
        role.Shadow: "#000000",
    }.items():
        palette.setColor(target, QColor(value))
    disabled = QPalette.ColorGroup.Disabled
    for target in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(disabled, target, QColor(colours.text_faint))
    palette.setColor(disabled, role.Highlight, QColor(colours.hover))
    return palette
