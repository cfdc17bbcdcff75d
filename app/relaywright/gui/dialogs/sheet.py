"""The frame of every dialog: content above, one line for trouble, the buttons below. It never blocks the program.

Opened with ``open()`` over its window; Esc and the close button cancel, work under way is cancelled with it.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from relaywright.domain.errors import RelaywrightError
from relaywright.domain.finding import Finding, Level
from relaywright.gui.jobs import Job
from relaywright.gui.theme import GRID_PX, TextStyle, set_margins
from relaywright.gui.widgets.columns import SCROLL_BAR_PX, PageScroll
from relaywright.gui.widgets.remark import Remark
from relaywright.gui.widgets.text import ButtonKind, Tone, button, label


class Sheet(QDialog):
    """A dialog with ``body`` for its content and one primary button."""

    def __init__(self, title: str, intro: str, action: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._job: Job | None = None
        heading = label(title, TextStyle.TITLE, wrap=True)
        self.intro = label(intro, TextStyle.BODY, Tone.SOFT, wrap=True)
        self.intro.setVisible(bool(intro))
        scroll = PageScroll()
        self.body: QVBoxLayout = scroll.column
        self.body.setSpacing(GRID_PX + 4)
        self.trouble = Remark(folds=False)
        self.trouble.hide()
        self._progress = QProgressBar()
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.hide()
        self.primary: QPushButton = button(action, self.act, kind=ButtonKind.PRIMARY)
        self.primary.setDefault(True)
        self.cancel: QPushButton = button("Cancel", self.reject)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(GRID_PX)
        self.foot.addStretch(1)
        self.foot.addWidget(self.cancel)
        self.foot.addWidget(self.primary)
        column = QVBoxLayout(self)
        # The scroll bar has its room in the margin, so that fields and buttons end on one line.
        room = SCROLL_BAR_PX + 2
        set_margins(column, 3 * GRID_PX, 2 * GRID_PX, 3 * GRID_PX - room, 2 * GRID_PX)
        column.setSpacing(GRID_PX + 4)
        above, below = QVBoxLayout(), QVBoxLayout()
        for stack, parts in ((above, (heading, self.intro)), (below, (self.trouble, self._progress))):
            set_margins(stack, 0, 0, room, 0)
            stack.setSpacing(GRID_PX + 4)
            for part in parts:
                stack.addWidget(part)
        below.addLayout(self.foot)
        column.addLayout(above)
        column.addWidget(scroll, 1)
        column.addLayout(below)

    def act(self) -> None:
        """Do what the primary button says."""
        raise NotImplementedError

    def fit(self, width_chars: int, height_lines: int) -> None:
        """Take a size in characters and lines of the present font, but no more than the screen has."""
        metrics = self.fontMetrics()
        room = self.screen().availableSize() * 0.92
        width = min(width_chars * metrics.averageCharWidth(), room.width())
        self.resize(int(width), int(min(height_lines * metrics.lineSpacing(), room.height())))

    def tell(self, error: RelaywrightError | None) -> None:
        """Show what went wrong above the buttons, or nothing."""
        self.trouble.setVisible(error is not None)
        if error is not None:
            self.trouble.show_finding(Finding(error.id, Level.ERROR, error.message, error.hint))

    def wait_for(self, job: Job) -> None:
        """Show that work is under way until it ends; closing the dialog cancels it."""
        self._job = job
        self.tell(None)
        self._progress.show()
        self.primary.setEnabled(False)
        job.failed.connect(self.tell)
        job.finished.connect(self._on_finished)

    @property
    def is_waiting(self) -> bool:
        """Whether work is under way."""
        return self._job is not None

    def _on_finished(self) -> None:
        self._job = None
        self._progress.hide()
        self.primary.setEnabled(True)

    def done(self, result: int) -> None:
        """Close, and cancel what is under way."""
        if self._job is not None:
            self._job.cancel()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._job is not None:
            self._job.cancel()
        super().closeEvent(event)
