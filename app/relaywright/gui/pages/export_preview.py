"""Shows the files of an export exactly as they would be written: configuration coloured, a PDF's sheet laid out.

What the files say is the exporter's. The sheet on the screen is the PDF's own source, not its page breaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, QTemporaryDir, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QDrag,
    QMouseEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QStackedLayout, QTabBar, QTextBrowser, QVBoxLayout, QWidget

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


class _FileTabs(QTabBar):
    """Tabs that can be dragged out as files."""

    dragged = Signal(int)  # the tab's index

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressed_at: QPoint | None = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        start = self._pressed_at
        if start is not None and event.buttons() & Qt.MouseButton.LeftButton:
            moved = (event.position().toPoint() - start).manhattanLength()
            if moved >= QApplication.startDragDistance():
                self._pressed_at = None
                self.dragged.emit(self.tabAt(start))
                return
        super().mouseMoveEvent(event)


class ExportPreviewPane(QWidget):
    """One tab per file. A tab can be dragged to a folder or a mail; not while the file holds the secret."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._files: tuple[ShownFile, ...] = ()
        self._dragged_out: QTemporaryDir | None = None
        self._tabs = _FileTabs()
        self._tabs.dragged.connect(self._on_dragged)
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
        self._code.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # code is, in every language
        # Read-only text is still walked and selected by keyboard.
        self._code.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._highlighter = ConfigHighlighter(self._code.document(), theme.colours_of(self.palette()))
        self._sheet = QTextBrowser()
        self._sheet.setOpenLinks(False)
        self._sheet.document().setDocumentMargin(2 * GRID_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID_PX // 2)
        column.addWidget(self._tabs)
        self._stack = QStackedLayout()
        column.addLayout(self._stack, 1)
        # Only now: a stack shows its first widget, which without a parent would be a window of its own.
        self._stack.addWidget(self._code)
        self._stack.addWidget(self._sheet)

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

    def file_to_drag(self, index: int) -> QMimeData | None:
        """Return a file as it is dragged: a copy in a folder of its own, which goes away with the pane.

        None for a file that holds the secret (a copy of that is made only where the person chose), and when the
        temporary folder cannot be written.
        """
        if not 0 <= index < len(self._files) or self._files[index].file.contains_secret:
            return None
        file = self._files[index].file
        if self._dragged_out is None:
            self._dragged_out = QTemporaryDir()
        if not self._dragged_out.isValid():  # its path is empty then, and would mean the current folder
            return None
        path = Path(self._dragged_out.path()) / file.name
        try:
            path.write_bytes(file.content)
        except OSError:
            return None
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        return data

    def _on_dragged(self, index: int) -> None:
        data = self.file_to_drag(index)
        if data is not None:
            drag = QDrag(self)
            drag.setMimeData(data)
            drag.exec(Qt.DropAction.CopyAction)

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
