"""The device sheet as PDF, read back by a PDF reader that is not ours."""

import shutil
import subprocess
from pathlib import Path

import pytest

from relaywright.domain.errors import InputError
from relaywright.exporting.sheet import BLANK_HINT, render_sheet

FONTS = Path(__file__).parents[3] / "resources" / "fonts"
BLANK = "PUT-IT-HERE"
SHEET = f"""# Scanner & <b>Süd</b>

Sub-title

> Notice “one”.

## Server

| Setting | Value |
|---|---|
| SMTP server | smtp.office365.com |
| Name | Дом ελλ |
| Password | {BLANK} |

1. First step
2. Second step

- a point

Two\\
lines
"""

reads_pdf = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed")


def text_of(pdf: bytes, tmp_path: Path) -> str:
    path = tmp_path / "sheet.pdf"
    path.write_bytes(pdf)
    run = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, timeout=30)
    return run.stdout.decode()


@reads_pdf
@pytest.mark.parametrize("fonts", [FONTS, None], ids=["own fonts", "standard fonts"])
def test_everything_on_the_sheet_can_be_read_and_copied(tmp_path: Path, fonts: Path | None) -> None:
    text = text_of(render_sheet(SHEET, fonts=fonts, blank=BLANK), tmp_path)
    for words in (
        "Scanner & <b>Süd</b>",
        "Notice “one”.",
        "smtp.office365.com",
        "First step",
        "a point",
        "Page 1 of 1",
    ):
        assert words in text
    assert "Setting" not in text, "the table's head is for Markdown only"


@reads_pdf
def test_letters_of_other_scripts_are_kept_by_the_programs_own_fonts(tmp_path: Path) -> None:
    assert "Дом ελλ" in text_of(render_sheet(SHEET, fonts=FONTS, blank=BLANK), tmp_path)


@reads_pdf
def test_the_secrets_place_is_a_box_and_not_its_placeholder(tmp_path: Path) -> None:
    text = text_of(render_sheet(SHEET, fonts=FONTS, blank=BLANK), tmp_path)
    assert BLANK not in text
    assert BLANK_HINT in text


@reads_pdf
def test_a_long_sheet_numbers_its_pages(tmp_path: Path) -> None:
    long = SHEET + "\n\n".join(f"Paragraph {number} " + "word " * 60 for number in range(30))
    text = text_of(render_sheet(long, fonts=FONTS, blank=BLANK), tmp_path)
    pages = text.count("\f")
    assert pages > 1
    assert f"Page {pages} of {pages}" in text


def test_the_same_sheet_is_the_same_file() -> None:
    assert render_sheet(SHEET, fonts=FONTS, blank=BLANK) == render_sheet(SHEET, fonts=FONTS, blank=BLANK)


def test_markup_and_pictures_in_a_value_are_only_letters() -> None:
    pdf = render_sheet(
        '# <img src="file:///etc/hostname"/>\n\n<para>\n\n![x](file:///etc/hostname)\n', fonts=FONTS, blank=BLANK
    )
    assert pdf.startswith(b"%PDF-")
    assert b"/Image " not in pdf


@pytest.mark.parametrize("word", ["東京", "مرحبا", "🖨", "\U0001f9ff"])
@pytest.mark.parametrize("fonts", [FONTS, None], ids=["own fonts", "standard fonts"])
def test_letters_no_font_has_do_not_stop_the_sheet(word: str, fonts: Path | None) -> None:
    assert render_sheet(f"# {word}\n", fonts=fonts, blank=BLANK).startswith(b"%PDF-")


def test_a_broken_font_is_told(tmp_path: Path) -> None:
    (tmp_path / "Inter-Regular.ttf").write_bytes(b"no font")
    with pytest.raises(InputError) as caught:
        render_sheet(SHEET, fonts=tmp_path, blank=BLANK)
    assert caught.value.id == "bad-font"
