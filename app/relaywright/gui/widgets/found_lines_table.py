"""The table of the lines found in a pasted text; as tall as its rows, up to a handful."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QWidget

from relaywright.gui.models.found_lines import Column, FoundLinesModel
from relaywright.gui.theme import GRID_PX
from relaywright.gui.widgets.row_table import RowDelegate, RowTable

MOST_ROWS = 6
"""More are reached by scrolling."""


class FoundLinesTable(RowTable):
    """Shows a FoundLinesModel."""

    def __init__(self, model: FoundLinesModel, parent: QWidget | None = None) -> None:
        self._lines = model
        super().__init__(model, "Lines that matter", RowDelegate(), parent)
        header = self.horizontalHeader()
        metrics = self.fontMetrics()
        header.setSectionResizeMode(Column.MEANING, QHeaderView.ResizeMode.Stretch)
        for column, sample in ((Column.PLACE, "Line 88,888"), (Column.TIMES, "888 times")):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(column, metrics.horizontalAdvance(sample) + 3 * GRID_PX)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        model.modelReset.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.setColumnHidden(Column.TIMES, not self._lines.has_repeated)
        rows = min(self._lines.rowCount(), MOST_ROWS)
        header = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(header + rows * self.verticalHeader().defaultSectionSize() + 2 * self.frameWidth() + 2)
