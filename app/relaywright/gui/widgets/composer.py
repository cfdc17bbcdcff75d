"""What a test message is made of: recipients, subject, attachments. Empty fields mean the profile's own."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QWidget

from relaywright.domain.profile import RelayProfile
from relaywright.gui import icons
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.card import Card
from relaywright.gui.widgets.chip import Chip
from relaywright.gui.widgets.header import FlowLayout
from relaywright.gui.widgets.text import Tone, button, label, tool_button
from relaywright.services.send_options import DEFAULT_SUBJECT, SendOptions


class Composer(Card):
    """One row of fields, and the attachments below when there are any. Files can be dropped on it."""

    send_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAcceptDrops(True)
        self._busy = False
        self._files: list[Path] = []
        self.to = self._field("recipients", "Recipients, separated by commas")
        self.subject = self._field("subject", "Subject")
        self.subject.setPlaceholderText(DEFAULT_SUBJECT)
        self.attach = tool_button("attach", "Attach files…", self._choose)
        self.send = button("Send", self._on_send, icon="send", name="Send the test message")
        self.send.setObjectName("compose-send")
        line = QHBoxLayout()  # one row: the answer below it is what people came for
        line.setSpacing(GRID_PX)
        for caption, field, share in (("&To", self.to, 3), ("S&ubject", self.subject, 2)):
            line.addWidget(self._caption(caption, field))
            line.addWidget(field, share)
        line.addWidget(self.attach)
        line.addWidget(self.send)
        self.add(line)
        self._file_row = QWidget()
        row = QHBoxLayout(self._file_row)
        row.setContentsMargins(0, 0, 0, 0)
        self._chips = FlowLayout()
        row.addLayout(self._chips, 1)
        row.addWidget(tool_button("close", "Remove the attachments", self._detach), 0, Qt.AlignmentFlag.AlignTop)
        self._file_row.hide()
        self.add(self._file_row)

    def show_profile(self, profile: RelayProfile) -> None:
        """Begin anew for this profile."""
        self.to.clear()
        self.to.setPlaceholderText(profile.recipient or "helpdesk@contoso.com")
        self.subject.clear()
        self._detach()

    def options(self) -> SendOptions:
        """Return what was entered."""
        recipients = tuple(part.strip() for part in self.to.text().replace(";", ",").split(",") if part.strip())
        return SendOptions(recipients, self.subject.text().strip(), tuple(self._files))

    def set_busy(self, busy: bool) -> None:
        """While a session runs, the button cancels it."""
        self._busy = busy
        self.send.setText("Cancel" if busy else "Send")
        self.send.setIcon(icons.icon("stop" if busy else "send"))
        self.send.setAccessibleName("Cancel the test" if busy else "Send the test message")
        for item in (self.to, self.subject, self.attach):
            item.setEnabled(not busy)

    def _field(self, name: str, spoken: str) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(name)
        field.setAccessibleName(spoken)
        field.returnPressed.connect(self._on_return)
        return field

    def _caption(self, text: str, buddy: QWidget) -> QLabel:
        caption = label(text, TextStyle.CAPTION, Tone.SOFT)
        caption.setBuddy(buddy)
        return caption

    def _on_return(self) -> None:
        if not self._busy:
            self.send_requested.emit()

    def _on_send(self) -> None:
        (self.cancel_requested if self._busy else self.send_requested).emit()

    def _choose(self) -> None:
        chooser = QFileDialog(self, "Attach files")
        chooser.setFileMode(QFileDialog.FileMode.ExistingFiles)
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.filesSelected.connect(self.add_files)
        chooser.open()

    def add_files(self, names: list[str]) -> None:
        """Attach these files too."""
        for name in names:
            path = Path(name)
            if path not in self._files and path.is_file():
                self._files.append(path)
                chip = Chip(f"{path.name} · {_size(path)}")
                self._chips.addWidget(chip)
                chip.show()
        self._file_row.setVisible(bool(self._files))

    def _detach(self) -> None:
        self._files.clear()
        self._chips.clear()
        self._file_row.hide()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.add_files([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()


def _size(path: Path) -> str:
    try:
        size = float(path.stat().st_size)
    except OSError:
        return "?"
    if size < 1000:
        return f"{size:.0f} bytes"
    for unit in ("kB", "MB"):
        size /= 1000
        if size < 1000:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:.1f} GB"
