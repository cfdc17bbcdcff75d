"""Opens the real window, and writes which modules are loaded at its first paint and when it has come to rest.

Usage: loaded_after_paint.py RESULT.json DATA_DIR. It ends by itself.
"""

import json
import sys
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer

from relaywright.gui import application

REST_MS = 1500


class FirstPaint(QObject):
    """Notes the modules that are loaded when the first top-level widget has been painted, and once more at rest."""

    def __init__(self, result: Path) -> None:
        super().__init__()
        self._result = result
        self._at_paint: list[str] | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if self._at_paint is None and event.type() is QEvent.Type.Paint and watched.isWidgetType():
            self._at_paint = []
            QTimer.singleShot(0, self._note_paint)
        return False

    def _note_paint(self) -> None:
        self._at_paint = sorted(sys.modules)
        QTimer.singleShot(REST_MS, self._note_rest)

    def _note_rest(self) -> None:
        found = {"at_first_paint": self._at_paint, "at_rest": sorted(sys.modules)}
        self._result.write_text(json.dumps(found), encoding="utf-8")
        application.Application.quit()


class Watched(application.Application):
    """The program's own application, with the filter in place before any window is made."""

    def __init__(self) -> None:
        super().__init__()
        self._first_paint = FirstPaint(Path(sys.argv[1]))
        self.installEventFilter(self._first_paint)


application.Application = Watched  # type: ignore[assignment,misc]
sys.exit(application.run_window(data_dir=Path(sys.argv[2])))
