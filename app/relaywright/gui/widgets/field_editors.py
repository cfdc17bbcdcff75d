"""The editors of a form: a line, a choice, a file, a long text, all with one surface.

Each says ``edited`` while a person changes it and ``left`` when they are done; setting a text says nothing.
What the text means is domain.profile's, where it stands and what is said about it the field row's.
"""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from relaywright.gui.widgets.choice_box import ChoiceBox


class FieldEditor(QWidget):
    """The surface of every editor. ``focus_target`` is what the label's mnemonic and Tab reach."""

    edited = Signal(str)  # the text, at every change by a person
    left = Signal()  # the person went elsewhere or pressed Return

    focus_target: QWidget

    def text(self) -> str:
        """Return what stands in the editor."""
        raise NotImplementedError

    def set_text(self, text: str) -> None:
        """Show a text without saying ``edited``; the cursor stays when the text is the same."""
        raise NotImplementedError

    def set_placeholder(self, text: str) -> None:
        """Show what counts while the editor is empty."""

    def tab_stops(self) -> list[QWidget]:
        """Return what Tab reaches, in order."""
        return [self.focus_target]

    def _adopt(self, target: QWidget, *others: QWidget) -> None:
        # No focus proxy: Tab would find the target through this container a second time, and never leave the form.
        self.focus_target = target
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(target, 1)
        for other in others:
            row.addWidget(other)


class LineEditor(FieldEditor):
    """One line of text."""

    def __init__(self, *, width_chars: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._line = QLineEdit()
        self._line.textEdited.connect(self.edited)
        self._line.editingFinished.connect(self.left)
        self._adopt(self._line)
        if width_chars:
            self._line.setFixedWidth(self._line.fontMetrics().averageCharWidth() * width_chars + 28)
            self.layout().addStretch(1)  # type: ignore[union-attr]  # a QHBoxLayout, made in _adopt

    def text(self) -> str:
        return self._line.text()

    def set_text(self, text: str) -> None:
        if text != self._line.text():
            self._line.setText(text)
            self._line.setCursorPosition(0)

    def set_placeholder(self, text: str) -> None:
        self._line.setPlaceholderText(text)


class ChoiceEditor(FieldEditor):
    """One of a few values."""

    def __init__(self, choices: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = ChoiceBox(choices)
        self._box.chosen.connect(self._on_chosen)
        self._adopt(self._box)

    def text(self) -> str:
        return self._box.value()

    def set_text(self, text: str) -> None:
        self._box.set_value(text)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer other values."""
        self._box.set_choices(choices)

    def offer(self, choices: Sequence[tuple[str, str]], value: str) -> None:
        """Offer other values and choose one of them."""
        self._box.clear()
        self._box.set_choices(choices)
        self._box.set_value(value)

    def _on_chosen(self, value: str) -> None:
        self.edited.emit(value)
        self.left.emit()


class FileEditor(LineEditor):
    """A file's path, typed or chosen with the platform's dialog."""

    def __init__(self, *, title: str, name_filter: str, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._title, self._name_filter = title, name_filter
        self._button = QPushButton("Browse…")
        self._button.setAccessibleName(title)
        self._button.clicked.connect(self._on_browse)
        layout = self.layout()
        if layout is not None:
            layout.addWidget(self._button)
        QWidget.setTabOrder(self._line, self._button)

    def tab_stops(self) -> list[QWidget]:
        return [self._line, self._button]

    def _on_browse(self) -> None:
        here = Path(self.text()).expanduser().parent if self.text() else Path.home()
        dialog = QFileDialog(self, self._title, str(here), self._name_filter)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._on_selected)
        dialog.open()

    def _on_selected(self, path: str) -> None:
        self.set_text(str(Path(path)))
        self.edited.emit(self.text())
        self.left.emit()


class TextEditor(FieldEditor):
    """Several lines of text; Tab moves on instead of indenting."""

    def __init__(self, *, lines: int = 5, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._area = _Area(self)
        self._area.setTabChangesFocus(True)
        self._area.setMinimumHeight(self._area.fontMetrics().lineSpacing() * lines + 20)
        self._silent = False
        self._area.textChanged.connect(self._on_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._area)
        self.focus_target = self._area

    def text(self) -> str:
        return self._area.toPlainText()

    def set_text(self, text: str) -> None:
        if text != self.text():
            self._silent = True
            self._area.setPlainText(text)
            self._silent = False

    def set_placeholder(self, text: str) -> None:
        self._area.setPlaceholderText(text)

    def _on_changed(self) -> None:
        if not self._silent:
            self.edited.emit(self.text())


class _Area(QPlainTextEdit):
    def __init__(self, editor: TextEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._editor.left.emit()
