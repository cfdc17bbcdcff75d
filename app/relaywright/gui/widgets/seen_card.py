"""What a check saw on the road, one line a leg, as each comes in; in the end the worst stands first."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from relaywright.domain.finding import Finding, Level
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.card import Card
from relaywright.gui.widgets.explanation_view import empty
from relaywright.gui.widgets.remark import LevelIcon
from relaywright.gui.widgets.text import ButtonKind, Tone, breakable, button, label

_WORST_FIRST = (Level.ERROR, Level.WARNING, Level.INFO, Level.OK)
_WORDS = {Level.OK: "good", Level.INFO: "note", Level.WARNING: "warning", Level.ERROR: "fault"}
_TONES = {Level.WARNING: Tone.WARN, Level.ERROR: Tone.ERROR}


class SeenCard(Card):
    """Shows the findings of a check, and offers to look with the eyes of old devices.

    Texts are plain: what a server said cannot become markup.
    """

    old_devices_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("What the check saw", parent=parent)
        self._findings: list[Finding] = []
        self._count = label("", TextStyle.CAPTION, Tone.FAINT)
        self._as_old = button(
            "As an old device",
            self.old_devices_requested.emit,
            kind=ButtonKind.QUIET,
            icon="printer",
            tip="Check once more as a device that knows only TLS 1.1, no STARTTLS, only AUTH LOGIN, or only port 25",
        )
        self._as_old.setObjectName("as-old-device")
        self.head.addWidget(self._count)
        self.head.addWidget(self._as_old)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(GRID_PX + 4)
        self.add(self._rows)
        self.hide()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is shown, in its order."""
        return tuple(self._findings)

    def begin(self, findings: Iterable[Finding]) -> None:
        """Show what a check under way has seen so far."""
        self._show(findings)
        self._count.setText("still looking…")
        self._as_old.setEnabled(False)
        self.show()

    def add_finding(self, finding: Finding) -> None:
        """Put one more below the others."""
        self._findings.append(finding)
        self._rows.addWidget(_Row(finding))

    def show_findings(self, findings: Iterable[Finding]) -> None:
        """Show all that a check saw, the worst first; without any the card is not there."""
        self._show(sorted(findings, key=lambda finding: _WORST_FIRST.index(finding.level)))
        counts = {level: sum(one.level is level for one in self._findings) for level in _WORST_FIRST}
        parts = [
            f"{count} {_WORDS[level]}{'' if count == 1 or level is Level.OK else 's'}"
            for level, count in counts.items()
            if count
        ]
        self._count.setText(" · ".join(parts))
        self._as_old.setEnabled(True)
        self.setVisible(bool(self._findings))

    def _show(self, findings: Iterable[Finding]) -> None:
        empty(self._rows)
        self._findings = []
        for finding in findings:
            self.add_finding(finding)


class _Row(QWidget):
    """A level's shape, the fact, and below it what was seen, what it means and what to do."""

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        title = label(breakable(finding.title), TextStyle.BODY, _TONES.get(finding.level, Tone.NORMAL), wrap=True)
        title.setAccessibleName(f"{finding.title}, {_WORDS[finding.level]}")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(title)
        for text in (finding.detail, *finding.steps):
            if text:
                words.addWidget(label(breakable(text), TextStyle.CAPTION, Tone.SOFT, wrap=True, selectable=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID_PX + 2)
        row.addWidget(LevelIcon(finding.level), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
