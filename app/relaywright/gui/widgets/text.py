"""Labels and buttons in the program's type scale and tones, so that no page sets a font or a colour of its own."""

import re
from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton, QSizePolicy, QToolButton

from relaywright.gui import icons, theme
from relaywright.gui.theme import TextStyle

_KEYPAD = Qt.KeyboardModifier.KeypadModifier


class Tone(StrEnum):
    """What a text's colour means; the style sheet knows the colours."""

    NORMAL = "normal"
    SOFT = "soft"
    FAINT = "faint"
    OK = "ok"
    WARN = "warn"
    ERROR = "error"


class WrappedLabel(QLabel):
    """A label over several lines that asks for no more height than its width needs.

    Qt's own least height is that of one word a line, which makes pages and windows far too tall.
    """

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.fontMetrics().height())


def label(
    text: str = "",
    style: TextStyle = TextStyle.BODY,
    tone: Tone = Tone.NORMAL,
    *,
    wrap: bool = False,
    selectable: bool = False,
) -> QLabel:
    """Return a label of plain text: nothing from a server or a profile is ever taken for markup."""
    result = WrappedLabel(text) if wrap else QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    result.setFont(theme.font(style))
    result.setProperty("tone", tone.value)
    result.setWordWrap(wrap)
    if wrap:
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        result.setSizePolicy(policy)
    if selectable:
        result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return result


def breakable(text: str) -> str:
    """Return a text for showing only, in which an address or an id may wrap; copied text must not have these marks."""
    return re.sub(r"(?<=[@.=/,:_-])(?=\S)|(?<=\w{20})(?=\w)", "\u200b", text) if re.search(r"\S{24}", text) else text


def set_tone(target: QLabel, tone: Tone) -> None:
    """Change a label's tone after it was made."""
    if target.property("tone") != tone.value:
        target.setProperty("tone", tone.value)
        target.style().unpolish(target)
        target.style().polish(target)


class ButtonKind(StrEnum):
    """How much a button calls for attention. One primary button per page at most."""

    PRIMARY = "primary"
    NORMAL = "normal"
    QUIET = "quiet"
    """Looks like a link; for what is done beside the main thing."""
    DANGER = "danger"


class PressedByReturn:
    """Mixed into buttons: Return presses the one that has the keyboard, as Space does.

    Qt leaves Return to a dialog's default button, even while “Cancel” has the keyboard, and to nobody in a window.
    """

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers() & ~_KEYPAD:
            if not event.isAutoRepeat() and isinstance(self, QAbstractButton):
                self.animateClick()
            event.accept()
            return
        super().keyPressEvent(event)  # type: ignore[misc]  # the button's, which stands behind this class


class PushButton(PressedByReturn, QPushButton):
    """A push button that Return presses."""


class IconButton(PressedByReturn, QToolButton):
    """A button with an icon only, that Return presses."""


def button(
    text: str,
    on_click: Callable[[], object] | None = None,
    *,
    kind: ButtonKind = ButtonKind.NORMAL,
    icon: str = "",
    name: str = "",
    tip: str = "",
) -> QPushButton:
    """Return a push button. ``name`` is its accessible name where the text alone says too little (“Copy”).

    ``on_click`` is a bound method that takes no argument.
    """
    result = PushButton(text)
    result.setProperty("kind", kind.value)
    result.setCursor(Qt.CursorShape.PointingHandCursor)
    result.setAutoDefault(False)
    if icon:
        role = "on_accent" if kind is ButtonKind.PRIMARY else "link" if kind is ButtonKind.QUIET else "text_soft"
        result.setIcon(icons.icon(icon, role))
        result.setIconSize(QSize(22, 16))
    if name:
        result.setAccessibleName(name)
    if tip:
        result.setToolTip(tip)
    if on_click is not None:
        result.clicked.connect(on_click)
    return result


def tool_button(icon: str, name: str, on_click: Callable[[], object] | None = None) -> QToolButton:
    """Return a button that is only an icon; ``name`` is its tooltip and its accessible name."""
    result = IconButton()
    result.setIcon(icons.icon(icon))
    result.setIconSize(QSize(18, 18))
    result.setToolTip(name)
    result.setAccessibleName(name)
    result.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    result.setCursor(Qt.CursorShape.PointingHandCursor)
    if on_click is not None:
        result.clicked.connect(on_click)
    return result
