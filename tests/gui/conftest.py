"""What every test of the window stands on: the real application, offscreen, with real services in their own folder."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from memory_keyring import MemoryKeyring, memory_keyring_in_use
from relaywright.bootstrap import Services
from relaywright.domain.profile import RelayProfile
from relaywright.gui.application import Application
from relaywright.gui.jobs import JobRunner

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session")
def qapp_cls() -> type[Application]:
    """The program's own application class."""
    return Application


@pytest.fixture(autouse=True)
def dressed(qapp: Application) -> None:
    """Fonts and style sheet as in the program."""
    qapp.dress()


@pytest.fixture
def keyring() -> Iterator[MemoryKeyring]:
    """A keyring that works, until the test sets its fault."""
    with memory_keyring_in_use() as backend:
        yield backend


@pytest.fixture
def services(tmp_path: Path, keyring: MemoryKeyring) -> Iterator[Services]:
    """Everything a user can do, in an empty data folder."""
    services = Services(tmp_path / "data")
    yield services
    services.close()


@pytest.fixture
def jobs(qapp: Application) -> Iterator[JobRunner]:
    """The job runner; no thread may outlive the test."""
    runner = JobRunner()
    yield runner
    assert runner.shut_down(), "a job did not end"


@pytest.fixture
def scanner(services: Services) -> RelayProfile:
    """A profile as most people begin with, stored."""
    profile = RelayProfile(
        "Scanner, 2nd floor",
        host="smtp.office365.com",
        username="scan@contoso.example",
        sender="scan@contoso.example",
        recipient="helpdesk@contoso.example",
        folder="Head office",
        tags=("printer",),
    )
    services.profiles.add(profile)
    return profile


@pytest.fixture
def shown(qtbot: QtBot, jobs: JobRunner) -> Iterator[Callable[[QWidget], None]]:
    """Return a function that shows a widget at the size it has in the window; it is gone before the jobs end."""
    widgets: list[QWidget] = []

    def show(widget: QWidget) -> None:
        widgets.append(widget)
        widget.resize(980, 640)
        with qtbot.waitExposed(widget):
            widget.show()

    yield show
    for widget in widgets:
        if shiboken6.isValid(widget):
            widget.close()
            shiboken6.delete(widget)


def names_missing(widget: QWidget) -> list[str]:
    """Return the visible controls that a screen reader could not name."""
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QAccessible

    missing = []
    for child in widget.findChildren(QWidget):
        if not child.isVisible() or not child.focusPolicy() & Qt.FocusPolicy.TabFocus:
            continue
        interface = QAccessible.queryAccessibleInterface(child)
        name = interface.text(QAccessible.Text.Name) if interface is not None else ""
        if not name and child.focusProxy() is None and not child.objectName().startswith("qt_"):
            missing.append(f"{type(child).__name__} {child.objectName()}")
    return missing
