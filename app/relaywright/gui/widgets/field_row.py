"""One field of a form: its label, its editor, and what is to be said about it, one below the other.

Labels stand above the editors, so that long words and large text never push the editors out of the window.
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from relaywright.domain.finding import Finding, Level
from relaywright.gui.widgets.field_editors import FieldEditor
from relaywright.gui.widgets.remark import Remark


class FieldRow(QWidget):
    """A labelled editor that can carry a remark."""

    edited = Signal(str, str)  # the field's name and its text
    left = Signal(str)  # the field's name

    def __init__(
        self, name: str, label: str, editor: FieldEditor, *, note: str = "", parent: QWidget | None = None
    ) -> None:
        """``label`` carries a mnemonic (``&Port``). ``note`` is a lasting line of help below the editor."""
        super().__init__(parent)
        self.name = name
        self.editor = editor
        self.setObjectName(f"field-{name}")
        self._plain_label = label.replace("&", "")
        self._label = QLabel(label)
        self._label.setWordWrap(True)
        self._label.setBuddy(editor.focus_target)
        self._note = QLabel(note)
        self._note.setProperty("tone", "faint")
        self._note.setWordWrap(True)
        self._note.setHidden(True)  # never shown before it has a parent: it would flash as a window of its own
        self._remark = Remark()
        self._remark.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (self._label, editor, self._remark, self._note):
            column.addWidget(part)
        self._note.setVisible(bool(note))
        column.addStretch(1)
        editor.focus_target.setAccessibleName(self._plain_label)
        editor.focus_target.setObjectName(f"editor-{name}")
        editor.edited.connect(self._on_edited)
        editor.left.connect(self._on_left)

    @property
    def remark(self) -> Finding | None:
        """What is being said about the field."""
        return self._remark.finding if not self._remark.isHidden() else None

    def tab_stops(self) -> list[QWidget]:
        """Return what Tab reaches, in order: the editor, then the way to the rest of a long remark."""
        return [*self.editor.tab_stops(), self._remark.more]

    def text(self) -> str:
        """Return what stands in the editor."""
        return self.editor.text()

    def set_text(self, text: str) -> None:
        """Show a text without saying ``edited``."""
        self.editor.set_text(text)

    def set_note(self, text: str) -> None:
        """Show a lasting line of help below the editor; none when it is empty."""
        self._note.setText(text)
        self._note.setVisible(bool(text))

    def say(self, finding: Finding | None) -> None:
        """Show what is to be said about the field, or nothing."""
        self._remark.setVisible(finding is not None)
        target = self.editor.focus_target
        fault = finding is not None and finding.level is Level.ERROR
        if finding is not None:
            self._remark.show_finding(finding)
        target.setAccessibleDescription(self._remark.plain_text if finding is not None else self._note.text())
        if bool(target.property("fault")) != fault:
            target.setProperty("fault", fault)
            target.style().unpolish(target)
            target.style().polish(target)

    def _on_edited(self, text: str) -> None:
        self.edited.emit(self.name, text)

    def _on_left(self) -> None:
        self.left.emit(self.name)
