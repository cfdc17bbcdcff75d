"""A device code for a person with another device: where to go, what to type, a picture for it, and the time left."""

import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from relaywright.gui import theme
from relaywright.gui.theme import GRID_PX, TextStyle
from relaywright.gui.widgets.qr_picture import QrPicture
from relaywright.gui.widgets.text import Tone, breakable, label, set_tone, tool_button

if TYPE_CHECKING:
    from relaywright.identity.device_code import DeviceCode

TICK_MS = 1_000
SHORT_S = 120
"""With less time left than this, it is said in the tone of a warning."""
_CODE_SHARE = 1.9  # of the body's text size: read across a room, typed on a telephone


class DeviceCodeView(QWidget):
    """Shows one code while its sign-in waits; the waiting itself is the page's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._code: DeviceCode | None = None
        self._picture = QrPicture()
        self._first = label("1.  On any device, open this address:", TextStyle.BODY, Tone.SOFT, wrap=True)
        self._address = label("", TextStyle.STRONG, wrap=True, selectable=True)
        self._second = label("2.  Type this code, then sign in there:", TextStyle.BODY, Tone.SOFT, wrap=True)
        self._user_code = label("", TextStyle.CODE, selectable=True)
        font = QFont(theme.font(TextStyle.CODE))
        font.setPointSizeF(font.pointSizeF() * _CODE_SHARE)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 108)
        self._user_code.setFont(font)
        self._user_code.setObjectName("device-code")
        self.copy_code = tool_button("copy", "Copy the code", self._on_copy_code)
        self.copy_address = tool_button("copy", "Copy the address", self._on_copy_address)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Time left to type the code")
        self._left = label("", TextStyle.CAPTION, Tone.SOFT)
        self._clock = QTimer(self, interval=TICK_MS)
        self._clock.timeout.connect(self._tick)
        self._lay_out()

    @property
    def code(self) -> "DeviceCode | None":
        """What is shown."""
        return self._code

    def show_code(self, code: "DeviceCode | None") -> None:
        """Show this code and let its time run, or show none."""
        self._code = code
        self.setVisible(code is not None)
        if code is None:
            self._clock.stop()
            return
        self._picture.show_address(code.verification_uri)
        self._address.setText(breakable(code.verification_uri))
        self._address.setAccessibleName(code.verification_uri)
        self._user_code.setText(code.user_code)
        self._user_code.setAccessibleName(f"Code {' '.join(code.user_code)}")
        self._bar.setRange(0, max(1, code.left_s(_now())))
        self._tick()
        self._clock.start()

    def _lay_out(self) -> None:
        steps = QGridLayout()
        steps.setHorizontalSpacing(GRID_PX)
        steps.setVerticalSpacing(GRID_PX // 2)
        steps.setColumnStretch(0, 1)
        steps.addWidget(self._first, 0, 0, 1, 2)
        steps.addWidget(self._address, 1, 0)
        steps.addWidget(self.copy_address, 1, 1)
        steps.setRowMinimumHeight(2, GRID_PX)
        steps.addWidget(self._second, 3, 0, 1, 2)
        steps.addWidget(self._user_code, 4, 0)
        steps.addWidget(self.copy_code, 4, 1)
        words = QVBoxLayout()
        words.setSpacing(GRID_PX // 2)
        words.addLayout(steps)
        words.addSpacing(GRID_PX)
        words.addWidget(self._bar)
        words.addWidget(self._left)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, GRID_PX, 0, 0)
        row.setSpacing(3 * GRID_PX)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def _tick(self) -> None:
        if self._code is None:
            return
        left = self._code.left_s(_now())
        self._bar.setValue(min(left, self._bar.maximum()))
        minutes, seconds = divmod(left, 60)
        self._left.setText(f"{minutes}:{seconds:02d} left" if left else "The time is over.")
        set_tone(self._left, Tone.WARN if left <= SHORT_S else Tone.SOFT)

    def _on_copy_code(self) -> None:
        if self._code is not None:
            QGuiApplication.clipboard().setText(self._code.user_code)

    def _on_copy_address(self) -> None:
        if self._code is not None:
            QGuiApplication.clipboard().setText(self._code.verification_uri)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
