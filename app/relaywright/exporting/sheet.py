"""Set a device sheet: Markdown in, an A4 PDF out, the same bytes for the same text and fonts.

The Markdown is the target template's (every value in it quoted by filters.py); typefaces.py finds the letters.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from relaywright.exporting.typefaces import Typefaces

if TYPE_CHECKING:
    from markdown_it.token import Token
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Flowable, Paragraph, Table
    from reportlab.platypus.doctemplate import BaseDocTemplate

INK = "#1a2233"
MUTED = "#56607a"
ACCENT = "#2456d6"
RULE = "#d5dae5"
NOTICE = "#fff6e0"
NOTICE_RULE = "#c98a00"
MARGIN_MM = 22
LABEL_WIDTH_MM = 52
BLANK_HINT = "Type it in at the device; keep it off this sheet."

_MARKS = {"strong_open": "strong", "code_inline": "mono"}


def render_sheet(markdown: str, *, fonts: Path | None, blank: str) -> bytes:
    """Return the PDF of a sheet.

    ``fonts`` is the folder of the program's fonts. A table cell that reads ``blank`` becomes an empty box: the secret's
    place on paper. Raises InputError for a font file that cannot be used.
    """
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(markdown)
    typesetting = _Typesetting(Typefaces(fonts), blank)
    pages = _Document(typesetting.faces, pages=0).build(typesetting.flowables(tokens), typesetting.title).pages
    # How many pages there are is known only once they are set, so it is done twice (some milliseconds).
    return _Document(typesetting.faces, pages).build(typesetting.flowables(tokens), typesetting.title).content


class _Typesetting:
    """Turns Markdown's blocks into paragraphs and tables."""

    def __init__(self, faces: Typefaces, blank: str) -> None:
        self.faces = faces
        self._blank = blank
        self.title = ""

    def flowables(self, tokens: Sequence["Token"]) -> list["Flowable"]:
        blocks: list[Flowable] = []
        below_title = False
        for group in _blocks(tokens):
            if below_title and group[0].type == "paragraph_open":
                blocks.append(self._set(self._inline(group[1]), color=MUTED, after=4))
            else:
                blocks += self._block(group)
            below_title = group[0].tag == "h1"
        return blocks

    def text(self, text: str, role: str = "text") -> str:
        """Return a paragraph's markup that shows exactly this text."""
        return "".join(f'<font name="{name}">{escape(part)}</font>' for name, part in self.faces.runs(text, role))

    def _block(self, group: Sequence["Token"]) -> list["Flowable"]:
        first = group[0]
        blocks: dict[str, Callable[[Sequence[Token]], list[Flowable]]] = {
            "heading_open": self._heading,
            "paragraph_open": self._paragraph,
            "blockquote_open": self._notice,
            "table_open": self._table,
            "ordered_list_open": self._list,
            "bullet_list_open": self._list,
        }
        return blocks.get(first.type, self._other)(group)

    def _heading(self, group: Sequence["Token"]) -> list["Flowable"]:
        inline = group[1]
        if group[0].tag == "h1":
            self.title = self.title or _plain(inline)
            return [self._set(self._inline(inline, "strong"), size=23, leading=28, after=3, keep=True)]
        return [
            self._set(
                self._inline(inline, "strong"), size=11.5, leading=15, before=15, after=5, color=ACCENT, keep=True
            )
        ]

    def _paragraph(self, group: Sequence["Token"]) -> list["Flowable"]:
        return [self._set(self._inline(group[1]), after=4)]

    def _notice(self, group: Sequence["Token"]) -> list["Flowable"]:
        from reportlab.lib.colors import HexColor
        from reportlab.platypus import Spacer

        words = [self._set(self._inline(token)) for token in group if token.type == "inline"]
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), HexColor(NOTICE)),
            ("LINEBEFORE", (0, 0), (0, -1), 3, HexColor(NOTICE_RULE)),
            *_padding(left=11, right=11, top=8, bottom=9),
        ]
        return [Spacer(1, 8), self._grid([[words]], [None], style)]

    def _table(self, group: Sequence["Token"]) -> list["Flowable"]:
        from reportlab.lib.colors import HexColor
        from reportlab.lib.units import mm

        rows = [[self._label(cells[0]), self._value(cells[1:])] for cells in _body_rows(group)]
        style = [
            ("LINEABOVE", (0, 0), (-1, 0), 0.75, HexColor(RULE)),
            ("LINEBELOW", (0, 0), (-1, -1), 0.75, HexColor(RULE)),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            *_padding(left=0, right=6, top=5, bottom=6),
        ]
        return [self._grid(rows, [LABEL_WIDTH_MM * mm, None], style)]

    def _label(self, cell: "Token") -> "Paragraph":
        return self._set(self._inline(cell), color=MUTED)

    def _value(self, cells: Sequence["Token"]) -> "Flowable":
        text = " ".join(_plain(cell) for cell in cells)
        if text == self._blank:
            return self._empty_box()
        # Names, addresses and numbers are typed off letter by letter: the monospaced face tells 0 from O and l from 1.
        role = "mono" if " " not in text and any(char in "@.-" or char.isdigit() for char in text) else "text"
        return self._set("".join(self._inline(cell, role) for cell in cells), size=10.5 if role == "mono" else 10)

    def _empty_box(self) -> "Flowable":
        from reportlab.lib.colors import HexColor

        hint = self._set(self.text(BLANK_HINT), size=8.5, leading=11, color=MUTED)
        style = [
            ("BOX", (0, 0), (-1, -1), 0.75, HexColor(MUTED), "butt", (3, 2)),
            *_padding(left=8, right=8, top=5, bottom=6),
        ]
        return self._grid([[hint]], [None], style)

    def _list(self, group: Sequence["Token"]) -> list["Flowable"]:
        from reportlab.lib.units import mm

        numbered = group[0].type == "ordered_list_open"
        rows: list[list[Any]] = []
        for inline in (token for token in group if token.type == "inline"):
            mark = str(len(rows) + 1) if numbered else "\N{BULLET}"
            rows.append([self._set(self.text(mark, "strong"), color=ACCENT), self._set(self._inline(inline))])
        style = [("VALIGN", (0, 0), (-1, -1), "TOP"), *_padding(left=0, right=0, top=2, bottom=3)]
        return [self._grid(rows, [7 * mm, None], style)]

    def _other(self, group: Sequence["Token"]) -> list["Flowable"]:
        text = "\n".join(token.content for token in group if token.content)
        return [self._set(self.text(text, "mono"))] if text else []

    def _inline(self, token: "Token", role: str = "text") -> str:
        parts = []
        roles = [role]
        for child in token.children or []:
            if child.type in {"softbreak", "hardbreak"}:
                parts.append("<br/>" if child.type == "hardbreak" else " ")
            elif child.type.endswith("_open"):
                roles.append(_MARKS.get(child.type, roles[-1]))
            elif child.type.endswith("_close"):
                roles.pop()
            else:
                parts.append(self.text(child.content, _MARKS.get(child.type, roles[-1])))
        return "".join(parts)

    def _set(
        self,
        markup: str,
        *,
        size: float = 10,
        leading: float = 14.5,
        before: float = 0,
        after: float = 0,
        color: str = INK,
        keep: bool = False,
    ) -> "Paragraph":
        from reportlab.lib.colors import HexColor
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.platypus import Paragraph

        style = ParagraphStyle(
            "set",
            fontName=self.faces.name("text"),
            fontSize=size,
            leading=leading,
            spaceBefore=before,
            spaceAfter=after,
            textColor=HexColor(color),
            keepWithNext=int(keep),
            splitLongWords=1,  # an address wider than its column is broken, never cut off
        )
        return Paragraph(markup, style)

    def _grid(self, rows: list[list[Any]], widths: list[float | None], style: list[tuple[Any, ...]]) -> "Table":
        from reportlab.platypus import Table

        return Table(rows, colWidths=widths, style=style, hAlign="LEFT", spaceBefore=0)


@dataclass(frozen=True)
class _Built:
    content: bytes
    pages: int


class _Document:
    """The page around the text: A4, a line of the program's name, the page's number."""

    def __init__(self, faces: Typefaces, pages: int) -> None:
        self._faces = faces
        self._pages = pages

    def build(self, flowables: list["Flowable"], title: str) -> _Built:
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.units import mm
        from reportlab.platypus import SimpleDocTemplate

        margin = MARGIN_MM * mm
        stream = io.BytesIO()
        document = SimpleDocTemplate(
            stream,
            pagesize=A4,
            leftMargin=margin - 6,  # the frame's own padding is 6 points
            rightMargin=margin - 6,
            topMargin=margin,
            bottomMargin=margin,
            title=title,
            author="",
            creator="Relaywright",
            subject="Settings for sending mail through Microsoft 365",
            invariant=1,  # no clock and no random id: the same sheet is the same file
            lang="en",
        )
        document.build(flowables, onFirstPage=self._page, onLaterPages=self._page)
        return _Built(stream.getvalue(), document.page)

    def _page(self, canvas: "Canvas", document: "BaseDocTemplate") -> None:
        from reportlab.lib.colors import HexColor
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.units import mm

        width, height = A4
        left, right = MARGIN_MM * mm, width - MARGIN_MM * mm
        canvas.saveState()
        canvas.setFillColor(HexColor(ACCENT))
        canvas.rect(0, height - 5, width, 5, stroke=0, fill=1)
        canvas.setStrokeColor(HexColor(RULE))
        canvas.setLineWidth(0.75)
        canvas.line(left, 15 * mm, right, 15 * mm)
        canvas.setFillColor(HexColor(MUTED))
        canvas.setFont(self._faces.name("text"), 8)
        canvas.drawString(left, 10.5 * mm, "Written by Relaywright")
        canvas.drawRightString(right, 10.5 * mm, f"Page {document.page} of {self._pages}")
        canvas.restoreState()


def _blocks(tokens: Sequence["Token"]) -> Iterator[Sequence["Token"]]:
    """Cut the flat list of tokens into the outermost blocks."""
    start = depth = 0
    for end, token in enumerate(tokens, 1):
        depth += token.nesting
        if depth == 0:
            yield tokens[start:end]
            start = end


def _body_rows(group: Sequence["Token"]) -> Iterator[list["Token"]]:
    """Return the cells of every row below the head, which is for Markdown only."""
    body = next((at for at, token in enumerate(group) if token.type == "tbody_open"), len(group))
    row: list[Token] = []
    for token in group[body:]:
        if token.type == "inline":
            row.append(token)
        elif token.type == "tr_close":
            yield row
            row = []


def _plain(token: "Token") -> str:
    return "".join(child.content or " " for child in token.children or [])


def _padding(*, left: float, right: float, top: float, bottom: float) -> list[tuple[Any, ...]]:
    whole = ((0, 0), (-1, -1))
    return [
        ("LEFTPADDING", *whole, left),
        ("RIGHTPADDING", *whole, right),
        ("TOPPADDING", *whole, top),
        ("BOTTOMPADDING", *whole, bottom),
    ]
