"""What the window remembers between runs: its place, light or dark, the shown profile. A small file of its own.

It is read before anything else is, so that the window comes up where and as it was; profiles are the store's.
"""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from relaywright.gui.colours import Appearance

FILE_NAME = "window.ini"


class Remembered:
    """Reads and writes the file. A missing or damaged one means the defaults."""

    def __init__(self, folder: Path) -> None:
        self._settings = QSettings(str(folder / FILE_NAME), QSettings.Format.IniFormat)

    @property
    def geometry(self) -> QByteArray | None:
        """The window's place, as Qt saved it."""
        value = self._settings.value("geometry")
        return value if isinstance(value, QByteArray) else None

    @property
    def appearance(self) -> Appearance:
        """Light, dark, or as the system."""
        value = str(self._settings.value("appearance", ""))
        return Appearance(value) if value in set(Appearance) else Appearance.SYSTEM

    @property
    def profile_id(self) -> str:
        """The profile that was shown last."""
        return str(self._settings.value("profile", ""))

    def keep_appearance(self, appearance: Appearance) -> None:
        """Remember the choice between light and dark."""
        self._settings.setValue("appearance", appearance.value)

    def keep(self, geometry: QByteArray, profile_id: str) -> None:
        """Remember where the window was and what it showed. A full disk only means that it is forgotten."""
        self._settings.setValue("geometry", geometry)
        if profile_id:
            self._settings.setValue("profile", profile_id)
        self._settings.sync()
