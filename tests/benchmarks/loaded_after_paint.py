"""Opens the real window, and writes what is loaded at its first paint, when its profiles are painted, and at rest.

Usage: loaded_after_paint.py RESULT.json [DATA_DIR]. It ends by itself. The times are milliseconds since BENCHMARK_BEGAN
(time.monotonic() of whoever started it), if that is set.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QAbstractItemView

from relaywright.gui import application

REST_MS = 1500
LIMIT_MS = 20_000


class Paints(QObject):
    """Sees the first paint of anything, and the first of a list that has rows."""

    def __init__(self, result: Path) -> None:
        super().__init__()
        self._result = result
        self._began = float(os.environ.get("BENCHMARK_BEGAN", "nan"))
        self._found: dict[str, Any] = {}
        QTimer.singleShot(LIMIT_MS, self._end)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() is not QEvent.Type.Paint or "with_profiles" in self._found:
            return False
        if "at_first_paint" not in self._found:
            self._note("at_first_paint")
        view = watched.parent()
        if isinstance(view, QAbstractItemView) and view.model() is not None and view.model().rowCount() > 0:
            self._note("with_profiles")
            QTimer.singleShot(REST_MS, self._end)
        return False

    def _note(self, moment: str) -> None:
        self._found[f"{moment}_ms"] = (time.monotonic() - self._began) * 1000
        self._found[moment] = sorted(sys.modules)

    def _end(self) -> None:
        self._found["at_rest"] = sorted(sys.modules)
        self._result.write_text(json.dumps(self._found), encoding="utf-8")
        application.Application.quit()


class Watched(application.Application):
    """The program's own application, with the filter in place before any window is made."""

    def __init__(self) -> None:
        super().__init__()
        self._paints = Paints(Path(sys.argv[1]))
        self.installEventFilter(self._paints)


application.Application = Watched  # type: ignore[assignment,misc]
sys.exit(application.run_window(data_dir=Path(sys.argv[2]) if len(sys.argv) > 2 else None))
