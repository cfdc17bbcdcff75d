"""The Qt application: names, fonts, icon, light or dark, and the way from ``relaywright`` to a window.

The single place where a look is applied; which colours there are is theme.py's, what the window shows main_window.py's.
"""

import gc
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from relaywright import __version__, paths
from relaywright.domain.errors import RelaywrightError
from relaywright.gui import colours
from relaywright.gui.colours import Appearance
from relaywright.gui.crash import CrashReporter
from relaywright.gui.main_window import MainWindow
from relaywright.gui.remembered import Remembered

DESKTOP_FILE_NAME = "org.relaywright.Relaywright"

if TYPE_CHECKING:
    from relaywright.bootstrap import Services
    from relaywright.gui.jobs import JobRunner
    from relaywright.gui.workbench import Workbench


class Application(QApplication):
    """Fusion with our own palette and fonts, following the system between light and dark.

    Fonts, style sheet and icon come with :meth:`dress`: an empty frame needs none, and is up sooner.
    """

    appearance_changed = Signal(bool)
    """Light or dark was switched; True for dark. Palettes have changed by then."""

    def __init__(self, arguments: Sequence[str] = ()) -> None:
        super().__init__([sys.argv[0] if sys.argv else "relaywright", *arguments])
        self.setApplicationName("Relaywright")
        self.setApplicationDisplayName("Relaywright")
        self.setApplicationVersion(__version__)
        self.setOrganizationName("Relaywright")
        self.setDesktopFileName(DESKTOP_FILE_NAME)
        self._system_is_dark = colours.is_dark(QPalette())
        self._appearance = Appearance.SYSTEM
        self._dark: bool | None = None
        self._dressed = False
        self.setStyle(QStyleFactory.create("Fusion"))
        self._apply()

    def dress(self) -> None:
        """Put on fonts, style sheet and icon."""
        if self._dressed:
            return
        from relaywright.gui import icons, theme

        self._dressed = True
        self.styleHints().colorSchemeChanged.connect(self._apply)
        theme.load_fonts(paths.resources() / "fonts")
        self.setFont(theme.base_font(self.font()))
        self.setWindowIcon(icons.app_icon())
        self._dark = None
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
        if appearance is self._appearance:
            return
        self._appearance = appearance
        if self._dressed:
            self._tell_platform()
        self._apply()

    def _tell_platform(self) -> None:
        """Hand the choice on, for native title bars. Many platforms ignore it, so the palette is ours in any case."""
        from PySide6.QtCore import Qt

        self.styleHints().setColorScheme(
            {
                Appearance.SYSTEM: Qt.ColorScheme.Unknown,
                Appearance.LIGHT: Qt.ColorScheme.Light,
                Appearance.DARK: Qt.ColorScheme.Dark,
            }[self._appearance]
        )

    def _apply(self) -> None:
        dark = self._wants_dark()
        if dark == self._dark:
            return
        self._dark = dark
        chosen = colours.DARK if dark else colours.LIGHT
        self.setPalette(colours.palette_of(chosen))
        if self._dressed:
            from relaywright.gui import theme

            self.setStyleSheet(theme.style_sheet(chosen, paths.resources()))
        self.appearance_changed.emit(dark)

    def _wants_dark(self) -> bool:
        if self._appearance is not Appearance.SYSTEM:
            return self._appearance is Appearance.DARK
        if not self._dressed:  # asking the platform costs forty milliseconds; its palette says the same nearly always
            return self._system_is_dark
        from PySide6.QtCore import Qt

        scheme = self.styleHints().colorScheme()
        return self._system_is_dark if scheme is Qt.ColorScheme.Unknown else scheme is Qt.ColorScheme.Dark


class Opening(QObject):
    """Brings the services into the window once it is on the screen."""

    def __init__(
        self, application: Application, window: "MainWindow", remembered: Remembered, reporter: CrashReporter
    ) -> None:
        super().__init__(window)
        self._application = application
        self.window = window
        self._remembered = remembered
        self._reporter = reporter
        self._jobs: JobRunner | None = None
        self.workbench: Workbench | None = None
        self.services: Services | None = None
        self.failed = False

    def furnish(self, folder: Path, *, practice: bool, bundle: Path | None = None) -> None:
        """Load the services and fill the window; or say in it why that cannot be. Then offer the bundle's import."""
        from relaywright import bootstrap
        from relaywright.gui.jobs import JobRunner

        self._application.dress()
        self._jobs = JobRunner(self)
        self._jobs.broke.connect(self._reporter.report)
        try:
            self.services = bootstrap.build(folder)
        except RelaywrightError as error:
            from relaywright.gui.widgets.start_failure import StartFailure

            self.failed = True
            self.window.setCentralWidget(StartFailure(error))
            return
        from relaywright.gui.workbench import Workbench

        workbench = Workbench(self.window, self.services, self._jobs, self._remembered.profile_id)
        self.workbench = workbench
        workbench.show_appearance(self._application.appearance)
        workbench.appearance_chosen.connect(self._on_appearance)
        self.window.file_dropped.connect(workbench.take_file)
        self.window.closing.connect(self._on_closing)
        if practice:
            workbench.practice.start()
        if bundle is not None:
            workbench.panels.import_profiles(bundle)

    def close(self) -> None:
        """End all work and close the services."""
        if self._jobs is not None:
            self._jobs.shut_down()
        if self.services is not None:
            self.services.close()

    def _on_appearance(self, text: str) -> None:
        appearance = Appearance(text)
        self._application.choose_appearance(appearance)
        self._remembered.keep_appearance(appearance)
        if self.workbench is not None:
            self.workbench.show_appearance(appearance)

    def _on_closing(self) -> None:
        if self.workbench is not None:
            self.workbench.keep_edits()
            profile = self.workbench.profile
            self._remembered.keep(self.window.saveGeometry(), profile.id if profile else "")


def run_window(*, data_dir: Path | None = None, practice: bool = False, bundle: Path | None = None) -> int:
    """Open the window and return the program's exit code.

    ``practice`` starts the practice relay with it, ``bundle`` is a colleague's file to import.

    A data folder that cannot be used is told in the window, and the exit code is 2.
    """
    gc.disable()  # what is loaded now stays; looking for rubbish takes a tenth of the time to a filled window
    application = Application()
    reporter = CrashReporter()
    reporter.install()
    folder = paths.data_dir(data_dir)
    remembered = Remembered(folder)
    application.choose_appearance(remembered.appearance)
    window = MainWindow(remembered)
    opening = Opening(application, window, remembered, reporter)
    window.first_painted.connect(lambda: opening.furnish(folder, practice=practice, bundle=bundle))
    window.first_painted.connect(gc.enable)  # in turn, and whatever came of the furnishing
    window.show()
    try:
        code = int(application.exec())
    finally:
        opening.close()
        reporter.uninstall()
    return 2 if opening.failed else code
