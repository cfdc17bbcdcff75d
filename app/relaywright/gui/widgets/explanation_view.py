"""An explanation in full: what it means, whose move it is, the steps, the command, and how sure we are of it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QVBoxLayout, QWidget

from relaywright.domain.explanation import Explanation, MatchConfidence, Sureness
from relaywright.gui.models import wording
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.chip import Chip, ChipKind
from relaywright.gui.widgets.command_block import CommandBlock
from relaywright.gui.widgets.header import FlowLayout
from relaywright.gui.widgets.text import Tone, label

SURENESS = {
    Sureness.DOCUMENTED: "documented by Microsoft",
    Sureness.MIRRORED: "Microsoft’s text, read through a mirror",
    Sureness.REPORTED: "reported by users",
    Sureness.UNVERIFIED: "not verified",
}
_CONFIDENCE = {
    MatchConfidence.EXACT: "recognised by its text",
    MatchConfidence.CODE: "only the code was recognised",
    MatchConfidence.UNKNOWN: "not recognised",
}


class Steps(QWidget):
    """Numbered steps whose numbers hang in front of wrapped text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GRID_PX // 2)

    def show_steps(self, steps: tuple[str, ...]) -> None:
        """Show these steps, without a number when there is only one."""
        empty(self._column)
        for number, step in enumerate(steps, start=1):
            row = QHBoxLayout()
            row.setSpacing(GRID_PX)
            if len(steps) > 1:
                mark = label(f"{number}.", TextStyle.STRONG, Tone.SOFT)
                mark.setFixedWidth(QFontMetrics(mark.font()).horizontalAdvance("88."))
                mark.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
                row.addWidget(mark)
            row.addWidget(label(step, wrap=True, selectable=True), 1)
            self._column.addLayout(row)
        self.setVisible(bool(steps))


class ExplanationView(QWidget):
    """Everything of an :class:`Explanation` but its title, which heads the card around it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cause = label("", tone=Tone.SOFT, wrap=True, selectable=True)
        self._chips = FlowLayout()
        chip_box = QWidget()
        chip_box.setLayout(self._chips)
        self.steps = Steps()
        self.command = CommandBlock()
        self._origin = label("", TextStyle.CAPTION, Tone.FAINT, wrap=True)
        self._sources = QLabel()
        self._sources.setFont(self._origin.font())
        self._sources.setProperty("tone", Tone.FAINT.value)
        self._sources.setWordWrap(True)
        self._sources.setOpenExternalLinks(True)
        self._sources.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self._sources.setAccessibleName("Sources")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID_PX + 2)
        for part in (self._cause, chip_box, self.steps, self.command, self._origin, self._sources):
            column.addWidget(part)

    def show_explanation(self, explanation: Explanation, said: str = "", *, by_text: bool = True) -> None:
        """Show it; ``said`` is what the server said and where, on one line; without ``by_text`` it said nothing."""
        self._cause.setText(explanation.cause)
        self._chips.clear()
        self._add_chip(f"Whose move: {explanation.who}" if explanation.who else "", ChipKind.INFO)
        self._add_chip("temporary: it may work later" if explanation.temporary else "", ChipKind.WARN)
        self.steps.show_steps(explanation.steps)
        self.command.show_command(explanation.powershell)
        # Below SMTP there is no text to recognise: the operating system names what happened.
        parts = [said, _CONFIDENCE[explanation.confidence] if by_text else ""]
        if explanation.confidence is not MatchConfidence.UNKNOWN:
            parts.append(SURENESS[explanation.sureness])
        if explanation.checked:
            parts.append(f"sources read on {wording.date(explanation.checked)}")
        self._origin.setText(" · ".join(part for part in parts if part))
        self._show_sources(explanation.sources)

    def _add_chip(self, text: str, kind: ChipKind) -> None:
        if text:
            chip = Chip(text, kind)
            self._chips.addWidget(chip)
            chip.show()

    def _show_sources(self, sources: tuple[str, ...]) -> None:
        shown = [_as_link(source) for source in sources]
        self._sources.setTextFormat(Qt.TextFormat.RichText)
        self._sources.setText("<br>".join(shown))
        self._sources.setVisible(bool(shown))


def _as_link(source: str) -> str:
    """Return a source as a link when it is an https address; the catalogue is ours, but escaping costs nothing."""
    import html

    safe = html.escape(source)
    return f'<a href="{safe}">{safe}</a>' if source.startswith("https://") and " " not in source else safe


def empty(layout: QLayout) -> None:
    """Remove everything from a layout, inner layouts too."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        inner = item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            empty(inner)
            inner.deleteLater()
