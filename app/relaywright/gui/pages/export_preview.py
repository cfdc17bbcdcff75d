"""Shows the files of an export exactly as they would be written: configuration coloured, a PDF's sheet laid out.

What the files say is the exporter's. The sheet on the screen is the PDF's own source, not its page breaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import (
    QColor,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QPlainTextEdit, QStackedLayout, QTabBar, QTextBrowser, QVBoxLayout, QWidget

from relaywright.domain.secret import MASK
from relaywright.exporting.exporter import PASSWORD_PLACEHOLDER, RenderedFile
from relaywright.gui import theme
from relaywright.gui.theme import GRID_PX, Colours, TextStyle
from relaywright.gui.widgets.highlighter import ConfigHighlighter


@dataclass(frozen=True)
class ShownFile:
    """A file as it will be written, and the text that may be seen: the secret itself never stands on the screen."""

    file: RenderedFile
    text: str
    """The file's text with the placeholder where the secret is."""


class ExportPreviewPane(QWidget):
    """One tab per file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files: tuple[ShownFile, ...] = ()
        self._tabs = QTabBar()
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._tabs.setAccessibleName("Files")
        self._tabs.currentChanged.connect(self._on_tab)
        self._code = QPlainTextEdit()
        self._code.setReadOnly(True)
        self._code.setProperty("kind", "code")
        self._code.setFont(theme.font(TextStyle.CODE))
        self._code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._code.setTabChangesFocus(True)
        # Read-only text is still walked and selected by keyboard.
        self._code.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._highlighter = ConfigHighlighter(self._code.document(), theme.colours_of(self.palette()))
        self._sheet = QTextBrowser()
        self._sheet.setOpenLinks(False)
        self._sheet.document().setDocumentMargin(2 * GRID_PX)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._code)
        self._stack.addWidget(self._sheet)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID_PX // 2)
        column.addWidget(self._tabs)
        column.addLayout(self._stack, 1)

    @property
    def current_file(self) -> ShownFile | None:
        """The file that is in front."""
        index = self._tabs.currentIndex()
        return self._files[index] if 0 <= index < len(self._files) else None

    @property
    def file_names(self) -> tuple[str, ...]:
        """The tabs."""
        return tuple(shown.file.name for shown in self._files)

    @property
    def shown_text(self) -> str:
        """What can be read in front."""
        return self._sheet.toPlainText() if self._stack.currentWidget() is self._sheet else self._code.toPlainText()

    def show_files(self, files: Sequence[ShownFile]) -> None:
        """Show these files; the one in front stays in front when there is one of its name."""
        before = self.current_file.file.name if self.current_file else ""
        self._files = ()
        while self._tabs.count():
            self._tabs.removeTab(0)
        self._files = tuple(files)
        for shown in files:
            self._tabs.addTab(shown.file.name)
        names = self.file_names
        self._tabs.setCurrentIndex(names.index(before) if before in names else 0)
        self._on_tab(self._tabs.currentIndex())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "_highlighter"):
            self._highlighter.show_colours(theme.colours_of(self.palette()))
            if self._stack.currentWidget() is self._sheet:
                self._on_tab(self._tabs.currentIndex())
        super().changeEvent(event)

    def _on_tab(self, _index: int) -> None:
        file = self.current_file
        if file is None:
            self._code.clear()
            return
        if file.file.name.lower().endswith(".pdf"):
            lay_out_sheet(self._sheet.document(), _masked(file), theme.colours_of(self.palette()))
            self._sheet.setAccessibleName(f"Preview of {file.file.name}")
            self._stack.setCurrentWidget(self._sheet)
            self._sheet.moveCursor(QTextCursor.MoveOperation.Start)
        else:
            self._code.setPlainText(_masked(file))
            self._code.setAccessibleName(f"Preview of {file.file.name}")
            self._stack.setCurrentWidget(self._code)


def _masked(file: ShownFile) -> str:
    return file.text.replace(PASSWORD_PLACEHOLDER, MASK) if file.file.contains_secret else file.text


def lay_out_sheet(document: QTextDocument, markdown: str, colours: Colours) -> None:
    """Set a device sheet's Markdown for the screen: full-width tables with hairlines. HTML in it stays text."""
    document.setDefaultFont(theme.font(TextStyle.BODY))
    features = QTextDocument.MarkdownFeature
    document.setMarkdown(markdown, features.MarkdownDialectGitHub | features.MarkdownNoHTML)
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _rule_table(frame, colours)
    block = document.begin()
    while block.isValid():
        _set_block(block, colours)
        block = block.next()


def _set_block(block: QTextBlock, colours: Colours) -> None:
    """Give headings the program's type scale and room above, quotes a soft ground, and addresses no link."""
    cursor = QTextCursor(block)
    shape = block.blockFormat()
    level = shape.headingLevel()
    if level:
        shape.setTopMargin(GRID_PX if level == 1 else 2 * GRID_PX)
        shape.setBottomMargin(GRID_PX)
    quoted = shape.property(QTextFormat.Property.BlockQuoteLevel)
    if quoted:
        shape.setBackground(QColor(colours.sunken))
        shape.setLeftMargin(0)
        shape.setRightMargin(0)
        shape.setTopMargin(GRID_PX)
    cursor.setBlockFormat(shape)
    if not block.length() > 1:
        return
    cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
    ink = QTextCharFormat()
    ink.setAnchor(False)
    ink.setAnchorHref("")
    ink.setFontUnderline(False)
    ink.setForeground(QColor(colours.text_soft if quoted else colours.text))
    if level:
        ink.setFont(theme.font(TextStyle.TITLE if level == 1 else TextStyle.HEADING))
        cursor.setCharFormat(ink)
    else:
        cursor.mergeCharFormat(ink)


def _rule_table(table: QTextTable, colours: Colours) -> None:
    shape = table.format()
    shape.setTopMargin(GRID_PX)
    shape.setBorderCollapse(True)
    shape.setBorder(1)
    shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    shape.setBorderBrush(QColor(colours.line))
    shape.setCellPadding(GRID_PX // 2 + 1)
    shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    shape.setColumnWidthConstraints(
        [
            QTextLength(QTextLength.Type.PercentageLength, 38),
            QTextLength(QTextLength.Type.PercentageLength, 62),
        ][: table.columns()]
    )
    table.setFormat(shape)
