"""Shows the report of a bug, to be copied or saved. Collecting it is crash.py's."""

from pathlib import Path

from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from relaywright.gui import theme
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label


class CrashDialog(QDialog):
    """What happened, in words and in full. Never modal: the window may still be fine."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        self.resize(720, 480)
        self._report = report
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID_PX, 3 * GRID_PX, 3 * GRID_PX, 2 * GRID_PX)
        column.setSpacing(GRID_PX)
        column.addWidget(label("Something went wrong inside Relaywright", TextStyle.HEADING))
        column.addWidget(
            label(
                "Your profiles are safe: every change is stored when it is made. Please send this report in; "
                "it holds no secrets. If something looks odd now, close the program and open it again.",
                tone=Tone.SOFT,
                wrap=True,
            )
        )
        text = QPlainTextEdit(report)
        text.setReadOnly(True)
        text.setProperty("kind", "code")
        text.setFont(theme.font(TextStyle.CODE))
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        text.setAccessibleName("Report")
        column.addWidget(text, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button("Save…", self._save, icon="save", name="Save the report"))
        row.addWidget(button("Copy", self._copy, icon="copy", name="Copy the report"))
        close = button("Close", self.close, kind=ButtonKind.PRIMARY)
        row.addWidget(close)
        column.addLayout(row)
        close.setFocus()

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._report)

    def _save(self) -> None:
        chooser = QFileDialog(self, "Save the report", "relaywright-report.txt")
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.fileSelected.connect(self._write)
        chooser.open()

    def _write(self, path: str) -> None:
        try:
            Path(path).write_text(self._report, encoding="utf-8")
        except OSError as error:
            self.setWindowTitle(f"Could not save: {error.strerror}")
