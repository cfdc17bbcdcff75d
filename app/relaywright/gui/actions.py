"""Every command of the window in one table: its words, its keys, its icon. What each does is the window's.

Standard keys are named by Qt where a platform has its own habit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from relaywright.gui import icons


@dataclass(frozen=True)
class Command:
    """One command. ``keys`` are portable key sequences; the first is shown in the menu."""

    id: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    needs_profile: bool = False
    group: str = ""
    """The part of the menu it stands in; empty for commands that are only keys."""


COMMANDS = (
    Command("new", "New profile…", ("Ctrl+N",), "plus", group="profile"),
    Command("import", "Import profiles…", ("Ctrl+I",), "import", group="profile"),
    Command("copy", "Duplicate", ("Ctrl+D",), "copy", True, "profile"),
    Command("share", "Share…", ("Ctrl+Shift+S",), "share", True, "profile"),
    # Not Ctrl+Backspace: who deletes a word in a field must not remove the profile. Shift+Del cuts there.
    Command("remove", "Remove", ("Shift+Del",), "remove", True, "profile"),
    Command("undo", "Undo", ("Ctrl+Z",), "undo", group="profile"),
    Command("check", "Check", ("Shift+F5",), "shield", True, "test"),
    Command("send", "Send test", ("F5", "Ctrl+Return"), "send", True, "test"),
    Command("export", "Export…", ("Ctrl+E", "Ctrl+Shift+E"), "export", True, "test"),
    Command("explain", "Explain a reply…", ("Ctrl+R",), "help", group="test"),
    Command("practice", "Start the practice relay", (), "practice", group="practice"),
    Command("search", "Search profiles", ("Ctrl+K", "Ctrl+F"), "search", group="go"),
    Command("next", "Next profile", ("Ctrl+PgDown",), "chevron-down", True, "go"),
    Command("previous", "Previous profile", ("Ctrl+PgUp",), "chevron-up", True, "go"),
    Command("expiries", "Expiry overview…", ("Ctrl+L",), "clock", group="go"),
    Command("appearance-system", "As the system", (), "settings", group="appearance"),
    Command("appearance-light", "Light", (), "sun", group="appearance"),
    Command("appearance-dark", "Dark", (), "moon", group="appearance"),
    Command("about", "About Relaywright", (), "info", group="end"),
    Command("quit", "Quit", ("Ctrl+Q",), "sign-out", group="end"),
    Command("cancel", "Cancel", ("Esc",)),
    Command("menu", "Menu", ("F10",)),
    Command("next-tab", "Next page", ("Ctrl+Tab",)),
    Command("previous-tab", "Previous page", ("Ctrl+Shift+Tab",)),
    *(Command(f"tab-{number}", f"Page {number}", (f"Alt+{number}",)) for number in range(1, 6)),
)

MENU_ORDER = ("profile", "test", "practice", "go", "appearance", "end")


def build(window: QWidget, handlers: Mapping[str, Callable[[], object]]) -> dict[str, QAction]:
    """Return the actions by id, each tied to its handler and added to the window so that its keys work."""
    actions = {}
    for command in COMMANDS:
        action = QAction(command.text, window)
        action.setObjectName(command.id)
        if command.icon:
            action.setIcon(icons.icon(command.icon))
        action.setShortcuts([QKeySequence(keys) for keys in command.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        if command.group == "appearance":
            action.setCheckable(True)
        action.triggered.connect(handlers[command.id])
        window.addAction(action)
        actions[command.id] = action
    return actions


def enable(actions: Mapping[str, QAction], *, has_profile: bool) -> None:
    """Enable what can be done now."""
    for command in COMMANDS:
        if command.needs_profile:
            actions[command.id].setEnabled(has_profile)


def fill_menu(menu: QMenu, actions: Mapping[str, QAction]) -> None:
    """Put the commands into a menu, in their groups."""
    for group in MENU_ORDER:
        members = [command for command in COMMANDS if command.group == group]
        target = menu
        if group == "appearance":
            target = menu.addMenu(icons.icon("sun"), "Appearance")
        elif not menu.isEmpty():
            menu.addSeparator()
        for command in members:
            target.addAction(actions[command.id])
