"""Which version this is, where its data lies, and whose work it stands on."""

import platform
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, qVersion
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from relaywright import __version__
from relaywright.gui import icons
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.fact_list import FactList
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label

_ICON_PX = 64


class AboutDialog(QDialog):
    """A few facts, each of which can be copied."""

    def __init__(self, data_dir: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Relaywright")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        self._data_dir = data_dir
        picture = QLabel()
        picture.setPixmap(icons.app_icon().pixmap(_ICON_PX, _ICON_PX))
        words = QVBoxLayout()
        words.addWidget(label("Relaywright", TextStyle.TITLE))
        words.addWidget(
            label("Gets a device or an application to send mail through Microsoft 365.", tone=Tone.SOFT, wrap=True)
        )
        head = QHBoxLayout()
        head.setSpacing(2 * GRID_PX)
        head.addWidget(picture)
        head.addLayout(words, 1)
        facts = FactList()
        facts.show_facts(
            (
                ("Version", __version__),
                ("Python, Qt", f"{platform.python_version()}, {qVersion()}"),
                ("System", f"{platform.system()} {platform.release()}"),
                ("Data folder", str(data_dir)),
            )
        )
        thanks = label(
            "MIT licence. Stands on Qt (LGPL), Inter and JetBrains Mono (SIL Open Font License), and the libraries "
            "named in the licence notices. Not made by or with Microsoft.",
            TextStyle.CAPTION,
            Tone.FAINT,
            wrap=True,
        )
        foot = QHBoxLayout()
        foot.addWidget(button("Open the data folder", self._open_folder, icon="folder"))
        foot.addStretch(1)
        close = button("Close", self.accept, kind=ButtonKind.PRIMARY)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID_PX, 3 * GRID_PX, 3 * GRID_PX, 2 * GRID_PX)
        column.setSpacing(2 * GRID_PX)
        column.addLayout(head)
        column.addWidget(facts)
        column.addWidget(thanks)
        column.addLayout(foot)
        close.setFocus()

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._data_dir)))
