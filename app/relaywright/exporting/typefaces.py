"""The typefaces of a PDF: the program's own if its folder has them, and others for letters those lack.

sheet.py asks for styles by role; that the same text may need three files is settled here.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from relaywright.domain.errors import InputError

ROLES = {
    "text": ("Inter-Regular", "Helvetica"),
    "strong": ("Inter-SemiBold", "Helvetica-Bold"),
    "mono": ("JetBrainsMono-Regular", "Courier"),
}
"""Role → the file in the fonts folder, and the PDF standard font that stands in when it is missing."""

_SYSTEM_FONTS = {
    "linux": ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf"),
    "darwin": ("/System/Library/Fonts/Supplemental/Arial Unicode.ttf", "/Library/Fonts/Arial Unicode.ttf"),
    "win32": ("C:/Windows/Fonts/segoeui.ttf", "C:/Windows/Fonts/arial.ttf"),
}
"""Where each system keeps a font of many scripts; the first that exists is used for what ours lacks."""

_EAST_ASIAN = "HeiseiKakuGo-W5"
"""A font every PDF reader brings for Japanese and Chinese letters; nothing is embedded (PDF 1.7, section 9.7.5.2)."""


@dataclass(frozen=True)
class Typeface:
    """A font registered under ``name`` and a test whether it has a character."""

    name: str
    has: Callable[[str], bool]


class Typefaces:
    """The typefaces of one PDF, by role."""

    def __init__(self, folder: Path | None) -> None:
        self._roles = {role: _first(folder, file, standard) for role, (file, standard) in ROLES.items()}

    def name(self, role: str) -> str:
        """Return the registered font's name for a role of :data:`ROLES`."""
        return self._roles[role].name

    def runs(self, text: str, role: str) -> list[tuple[str, str]]:
        """Split a text into (font name, part), so that every part's font has its letters.

        What no font has becomes ``\N{WHITE SQUARE}`` or, failing that, ``?``.
        """
        runs: list[tuple[str, str]] = []
        for char in text:
            face, shown = self._for_char(char, role)
            if runs and runs[-1][0] == face.name:
                runs[-1] = (face.name, runs[-1][1] + shown)
            else:
                runs.append((face.name, shown))
        return runs

    def _for_char(self, char: str, role: str) -> tuple[Typeface, str]:
        own = self._roles[role]
        if own.has(char):
            return own, char
        for face in (self._roles["text"], *_others()):
            if face.has(char):
                return face, char
        return (own, "\N{WHITE SQUARE}") if own.has("\N{WHITE SQUARE}") else (own, "?")


def _first(folder: Path | None, file: str, standard: str) -> Typeface:
    path = folder / f"{file}.ttf" if folder else None
    if path is not None and path.is_file():
        return _load(path)
    return Typeface(standard, _in_winansi)


@cache
def _load(path: Path) -> Typeface:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    try:
        font = TTFont(path.stem, str(path))
    except (TTFError, OSError) as error:
        raise InputError(f"The font {path} cannot be used: {error}.", id="bad-font") from None
    pdfmetrics.registerFont(font)
    glyphs = font.face.charToGlyph
    return Typeface(path.stem, lambda char: ord(char) in glyphs)


@cache
def _others() -> tuple[Typeface, ...]:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    faces = [_load(Path(name)) for name in _SYSTEM_FONTS.get(sys.platform, ()) if Path(name).is_file()][:1]
    pdfmetrics.registerFont(UnicodeCIDFont(_EAST_ASIAN))
    return (*faces, Typeface(_EAST_ASIAN, _is_east_asian))


def _in_winansi(char: str) -> bool:
    try:
        char.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _is_east_asian(char: str) -> bool:
    return 0x3000 <= ord(char) <= 0x9FFF or 0xFF00 <= ord(char) <= 0xFFEF
