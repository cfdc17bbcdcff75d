"""About: which version this is, where its data is kept, whose work it stands on."""

import platform
from pathlib import Path

from PySide6.QtCore import QUrl, qVersion
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from relaywright import __version__
from relaywright.gui.dialogs.sheet import Sheet
from relaywright.gui.theme import TextStyle
from relaywright.gui.widgets.fact_list import FactList
from relaywright.gui.widgets.text import Tone, button, label


class AboutDialog(Sheet):
    """Shows facts that a bug report needs."""

    def __init__(self, *, data_dir: Path, parent: QWidget | None = None) -> None:
        super().__init__(
            "Relaywright", "Gets a device or an application to send mail through Microsoft 365.", "&Close", parent
        )
        self._data_dir = data_dir
        facts = FactList()
        facts.show_facts(
            [
                ("Version", __version__),
                ("Data folder", str(data_dir)),
                (
                    "System",
                    f"{platform.system()} {platform.release()}, Qt {qVersion()}, Python {platform.python_version()}",
                ),
                ("Licence", "MIT"),
            ]
        )
        self.body.addWidget(facts)
        self.body.addWidget(
            label(
                "It stands on Qt and PySide6 (LGPL), MSAL, keyring, age and others. Microsoft, Microsoft 365, Exchange "
                "and Entra are names of Microsoft; this program is not from Microsoft.",
                TextStyle.CAPTION,
                Tone.FAINT,
                wrap=True,
            )
        )
        self.body.addStretch(1)
        self.foot.insertWidget(0, button("Open data folder", self._on_open, icon="folder"))
        self.cancel.hide()
        self.fit(80, 20)
        self.primary.setFocus()

    def act(self) -> None:
        """Close."""
        self.accept()

    def _on_open(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._data_dir)))
