"""Says where the keyboard is. Moving it is left to whoever hides the part that has it."""

from PySide6.QtWidgets import QApplication, QWidget


def is_within(part: QWidget | None) -> bool:
    """Whether the keyboard's focus is in this part or on it."""
    focus = QApplication.focusWidget()
    return part is not None and focus is not None and (part is focus or part.isAncestorOf(focus))
