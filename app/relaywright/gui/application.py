"""The Qt application: names, fonts, icon, light or dark, and the way from ``relaywright`` to a window.

The single place where a look is applied; which colours there are is theme.py's, what the window shows main_window.py's.
"""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from relaywright import __version__, bootstrap, paths
from relaywright.domain.errors import RelaywrightError
from relaywright.gui import icons, theme
from relaywright.gui.crash import CrashReporter
from relaywright.gui.jobs import JobRunner
from relaywright.gui.theme import Appearance

DESKTOP_FILE_NAME = "org.relaywright.Relaywright"

if TYPE_CHECKING:
    from relaywright.gui.main_window import MainWindow
    from relaywright.store.store import Store

_APPEARANCE = "window.appearance"

_log = logging.getLogger(__name__)


class Application(QApplication):
    """Fusion with our own palette and fonts, following the system between light and dark."""

    appearance_changed = Signal(bool)
    """Light or dark was switched; True for dark. Palettes have changed by then."""

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        super().__init__([sys.argv[0] if sys.argv else "relaywright", *arguments])
        self.setApplicationName("Relaywright")
        self.setApplicationDisplayName("Relaywright")
        self.setApplicationVersion(__version__)
        self.setOrganizationName("Relaywright")
        self.setDesktopFileName(DESKTOP_FILE_NAME)
        self.setWindowIcon(icons.app_icon())
        self._system_is_dark = theme.is_dark(QPalette())
        self._appearance = Appearance.SYSTEM
        self._dark: bool | None = None
        self.setStyle(QStyleFactory.create("Fusion"))
        theme.load_fonts(paths.resources() / "fonts")
        self.setFont(theme.base_font(self.font()))
        self.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    @property
    def is_dark(self) -> bool:
        """Whether the window is dark now."""
        return bool(self._dark)

    @property
    def appearance(self) -> Appearance:
        """What the person chose."""
        return self._appearance

    def choose_appearance(self, appearance: Appearance) -> None:
        """Switch at once, everywhere."""
        self._appearance = appearance
        # Tells the platform too, for native title bars; many platforms ignore it, so the palette is ours in any case.
        self.styleHints().setColorScheme(
            {
                Appearance.SYSTEM: Qt.ColorScheme.Unknown,
                Appearance.LIGHT: Qt.ColorScheme.Light,
                Appearance.DARK: Qt.ColorScheme.Dark,
            }[appearance]
        )
        self._apply()

    def follow(self, window: "MainWindow", store: "Store") -> None:
        """Begin with the appearance the person chose last time, and take new choices from the window's menu."""

        def choose(text: str) -> None:
            appearance = Appearance(text)
            self.choose_appearance(appearance)
            window.show_appearance(appearance)
            store.prefer(_APPEARANCE, text)

        kept = store.preference(_APPEARANCE)
        appearance = Appearance(kept) if kept in set(Appearance) else Appearance.SYSTEM
        if appearance is not Appearance.SYSTEM:
            self.choose_appearance(appearance)
        window.show_appearance(appearance)
        window.appearance_chosen.connect(choose)

    def _apply(self) -> None:
        dark = self._wants_dark()
        if dark == self._dark:
            return
        self._dark = dark
        colours = theme.DARK if dark else theme.LIGHT
        self.setPalette(theme.palette_of(colours))
        self.setStyleSheet(theme.style_sheet(colours, paths.resources()))
        self.appearance_changed.emit(dark)

    def _wants_dark(self) -> bool:
        if self._appearance is not Appearance.SYSTEM:
            return self._appearance is Appearance.DARK
        scheme = self.styleHints().colorScheme()
        if scheme is Qt.ColorScheme.Unknown:
            return self._system_is_dark
        return scheme is Qt.ColorScheme.Dark

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ApplicationPaletteChange:
            self._apply()
        return super().event(event)


def run_window(*, data_dir: Path | None = None, practice: bool = False) -> int:
    """Open the window and return the program's exit code. ``practice`` starts the practice relay with it.

    A data folder that cannot be used is told in a small window of its own, and the exit code is 2.
    """
    application = Application()
    reporter = CrashReporter()
    reporter.install()
    jobs = JobRunner()
    jobs.broke.connect(reporter.report)
    try:
        services = bootstrap.build(data_dir)
    except RelaywrightError as error:
        from relaywright.gui.dialogs.start_failure import StartFailure

        _log.error("the window could not open: %s", error.message)
        failure = StartFailure(error)
        failure.show()
        application.exec()
        return 2
    from relaywright.gui.main_window import MainWindow

    window = MainWindow(services=services, jobs=jobs)
    application.follow(window, services.store)
    window.show()
    if practice:
        window.start_practice()
    try:
        return int(application.exec())
    finally:
        if not jobs.shut_down():
            _log.warning("some work did not end in time")
        reporter.uninstall()
        services.close()
