"""New profile, share and import, with real files: faults are told in place, nothing changes before the last step."""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from gui.conftest import names_missing
from relaywright.bootstrap import Services
from relaywright.domain.profile import Auth, Method, RelayProfile
from relaywright.domain.secret import Secret
from relaywright.gui.dialogs.import_profiles import ImportDialog
from relaywright.gui.dialogs.incoming_list import IncomingList
from relaywright.gui.dialogs.new_profile import NewProfileDialog
from relaywright.gui.dialogs.share_profiles import ShareDialog
from relaywright.gui.dialogs.sheet import Sheet
from relaywright.gui.jobs import JobRunner
from relaywright.gui.widgets.secret_field import SecretField
from relaywright.services.credentials import Kept
from relaywright.sharing.incoming import Choice

PASSPHRASE = "correct horse battery staple"
CANARY = "Canary-Pa55word-7319"


def words(dialog: QWidget) -> str:
    return " ".join(item.text() for item in dialog.findChildren(QLabel) if item.isVisible())


def line(dialog: QWidget, name: str) -> QLineEdit:
    found = dialog.findChild(QLineEdit, f"editor-{name}")
    assert isinstance(found, QLineEdit)
    return found


def press_primary(dialog: Sheet) -> None:
    QTest.mouseClick(dialog.primary, Qt.MouseButton.LeftButton)


# new profile


@pytest.fixture
def new(services: Services, jobs: JobRunner, shown: Callable[[QWidget], None]) -> NewProfileDialog:
    dialog = NewProfileDialog(services=services, jobs=jobs)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    shown(dialog)
    return dialog


def test_a_new_profile_takes_the_methods_defaults(new: NewProfileDialog, services: Services, qtbot: QtBot) -> None:
    QTest.keyClicks(line(new, "name"), "Scanner")
    QTest.keyClicks(line(new, "from"), "scan@contoso.com")
    with qtbot.waitSignal(new.created, timeout=5000):
        press_primary(new)
    profile = services.profiles.by_name("Scanner")
    assert (profile.method, profile.host, profile.port) == (Method.CLIENT_SUBMISSION, "smtp.office365.com", 587)
    assert (profile.username, profile.sender) == ("scan@contoso.com", "scan@contoso.com")


def test_a_method_without_sign_in_offers_none(new: NewProfileDialog, services: Services, qtbot: QtBot) -> None:
    new.choose_method(Method.DIRECT_SEND)
    auth = new.findChild(QComboBox, "editor-auth")
    assert isinstance(auth, QComboBox)
    assert auth.currentData() == Auth.NONE
    QTest.keyClicks(line(new, "name"), "Door")
    QTest.keyClicks(line(new, "from"), "door@contoso.com")
    with qtbot.waitSignal(new.created, timeout=5000):
        QTest.keyClick(line(new, "from"), Qt.Key.Key_Return)
    profile = services.profiles.by_name("Door")
    assert (profile.method, profile.auth, profile.username) == (Method.DIRECT_SEND, Auth.NONE, "")


def test_what_is_missing_is_told_at_its_field_and_nothing_is_made(new: NewProfileDialog, services: Services) -> None:
    QTest.keyClicks(line(new, "from"), "no address")
    press_primary(new)
    assert "A profile needs a name" in words(new)
    assert services.profiles.list() == []
    assert new.focusWidget() is line(new, "name")


def test_a_taken_name_is_told_at_the_name(
    new: NewProfileDialog, services: Services, scanner: RelayProfile, qtbot: QtBot
) -> None:
    QTest.keyClicks(line(new, "name"), scanner.name)
    QTest.keyClicks(line(new, "from"), "scan@contoso.com")
    press_primary(new)
    qtbot.waitUntil(lambda: "There is a profile named" in words(new), timeout=5000)
    assert services.profiles.list() == [scanner]


# share and import


@pytest.fixture
def share(services: Services, jobs: JobRunner, scanner: RelayProfile, shown: Callable[[QWidget], None]) -> ShareDialog:
    dialog = ShareDialog(services=services, jobs=jobs, profile_ids=[scanner.id])
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    shown(dialog)
    return dialog


def type_passphrases(dialog: ShareDialog, first: str, second: str) -> None:
    for field, text in zip(dialog.findChildren(SecretField), (first, second), strict=True):
        field.clear()
        QTest.keyClicks(field, text)


def share_to(services: Services, path: Path, *profiles: RelayProfile, with_secrets: bool = False) -> Path:
    ids = [profile.id for profile in profiles]
    return services.sharing.share(ids, path, Secret(PASSPHRASE), with_secrets=with_secrets).path


def open_import(dialog: ImportDialog, qtbot: QtBot) -> None:
    field = dialog.findChild(SecretField)
    assert isinstance(field, SecretField)
    QTest.keyClicks(field, PASSPHRASE)
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.opened is not None, timeout=20_000)


@pytest.fixture
def make_import(
    services: Services, jobs: JobRunner, shown: Callable[[QWidget], None]
) -> Callable[[Path], ImportDialog]:
    def make(path: Path) -> ImportDialog:
        dialog = ImportDialog(services=services, jobs=jobs, path=path)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        shown(dialog)
        return dialog

    return make


def test_sharing_leaves_secrets_out_unless_asked(
    share: ShareDialog, services: Services, scanner: RelayProfile, tmp_path: Path, qtbot: QtBot
) -> None:
    services.credentials.set_secret(scanner, Secret(CANARY))
    type_passphrases(share, PASSPHRASE, PASSPHRASE)
    with qtbot.waitSignal(share.shared, timeout=20_000):
        share.save_to(tmp_path / "scanner.relaywright")
    assert "Tell your colleague the passphrase another way" in words(share)
    opened = services.sharing.open(tmp_path / "scanner.relaywright", Secret(PASSPHRASE))
    assert [item.profile.name for item in opened.incoming] == [scanner.name]
    assert not any(item.secrets for item in opened.incoming)


def test_sharing_with_secrets_warns_first(
    share: ShareDialog, services: Services, scanner: RelayProfile, tmp_path: Path, qtbot: QtBot
) -> None:
    services.credentials.set_secret(scanner, Secret(CANARY))
    assert "Whoever has the file" not in words(share)
    tick = share.findChild(QCheckBox)
    assert isinstance(tick, QCheckBox)
    tick.click()
    assert "Whoever has the file" in words(share)
    type_passphrases(share, PASSPHRASE, PASSPHRASE)
    with qtbot.waitSignal(share.shared, timeout=20_000):
        share.save_to(tmp_path / "scanner.relaywright")
    assert "1 secret" in words(share)
    assert CANARY not in words(share)


def test_the_window_stays_awake_while_the_passphrase_is_stretched(
    share: ShareDialog, tmp_path: Path, qtbot: QtBot
) -> None:
    gaps: list[float] = []
    last = time.monotonic()

    def beat() -> None:
        nonlocal last
        now = time.monotonic()
        gaps.append(now - last)
        last = now

    timer = QTimer(interval=5)
    timer.timeout.connect(beat)
    type_passphrases(share, PASSPHRASE, PASSPHRASE)
    timer.start()
    last = time.monotonic()
    with qtbot.waitSignal(share.shared, timeout=30_000):
        share.save_to(tmp_path / "scanner.relaywright")
    timer.stop()
    # Sealing takes over a second; in this process it would stop the clock for all of it.
    assert max(gaps) < 0.5


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("short", "short", "needs at least 12"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "same few characters"),
        (PASSPHRASE, "correct horse battery stable", "The two passphrases differ"),
    ],
)
def test_a_passphrase_that_will_not_do_is_told_before_anything_is_written(
    share: ShareDialog, first: str, second: str, told: str
) -> None:
    type_passphrases(share, first, second)
    press_primary(share)
    assert told in words(share)
    assert not share.is_waiting


def test_an_import_adds_what_is_new_and_keeps_mine_unless_told(
    make_import: Callable[[Path], ImportDialog], services: Services, scanner: RelayProfile, tmp_path: Path, qtbot: QtBot
) -> None:
    other = dataclasses.replace(scanner, id="other", name="Other")
    services.profiles.add(other)
    path = share_to(services, tmp_path / "two.relaywright", scanner, other)
    services.profiles.remove(other.id)
    mine = dataclasses.replace(scanner, port=2525)
    services.profiles.update(mine)
    dialog = make_import(path)
    open_import(dialog, qtbot)
    assert "Port: yours “2525”, theirs “587”" in words(dialog)
    assert services.profiles.list() == [mine], "looking changes nothing"
    with qtbot.waitSignal(dialog.taken, timeout=5000):
        press_primary(dialog)
    assert services.profiles.get(scanner.id) == mine
    assert services.profiles.by_name("Other").host == other.host
    assert "Added: Other" in words(dialog)


@pytest.mark.parametrize(("choice", "names", "port"), [(Choice.REPLACE, 1, 587), (Choice.RENAME, 2, 2525)])
def test_a_conflict_is_settled_as_chosen(
    make_import: Callable[[Path], ImportDialog],
    services: Services,
    scanner: RelayProfile,
    tmp_path: Path,
    qtbot: QtBot,
    choice: Choice,
    names: int,
    port: int,
) -> None:
    path = share_to(services, tmp_path / "one.relaywright", scanner)
    services.profiles.update(dataclasses.replace(scanner, port=2525))
    dialog = make_import(path)
    open_import(dialog, qtbot)
    listing = dialog.findChild(IncomingList)
    assert isinstance(listing, IncomingList)
    listing.choose(scanner.id, choice)
    with qtbot.waitSignal(dialog.taken, timeout=5000):
        press_primary(dialog)
    assert len(services.profiles.list()) == names
    assert services.profiles.get(scanner.id).port == port


def test_a_secret_that_travels_goes_into_the_keyring(
    make_import: Callable[[Path], ImportDialog], services: Services, scanner: RelayProfile, tmp_path: Path, qtbot: QtBot
) -> None:
    services.credentials.set_secret(scanner, Secret(CANARY))
    path = share_to(services, tmp_path / "one.relaywright", scanner, with_secrets=True)
    services.profiles.remove(scanner.id)
    dialog = make_import(path)
    open_import(dialog, qtbot)
    assert "with a secret" in words(dialog)
    with qtbot.waitSignal(dialog.taken, timeout=5000):
        press_primary(dialog)
    assert services.credentials.kept(scanner) is Kept.KEYRING


def test_a_wrong_passphrase_is_told_and_can_be_typed_again(
    make_import: Callable[[Path], ImportDialog], services: Services, scanner: RelayProfile, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog = make_import(share_to(services, tmp_path / "one.relaywright", scanner))
    field = dialog.findChild(SecretField)
    assert isinstance(field, SecretField)
    QTest.keyClicks(field, "not the passphrase")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "does not open this file" in words(dialog), timeout=20_000)
    assert dialog.opened is None
    field.clear()
    open_import(dialog, qtbot)


def test_a_file_that_is_no_bundle_is_told(
    make_import: Callable[[Path], ImportDialog], tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0 no bundle")
    dialog = make_import(path)
    field = dialog.findChild(SecretField)
    assert isinstance(field, SecretField)
    QTest.keyClicks(field, PASSPHRASE)
    press_primary(dialog)
    qtbot.waitUntil(lambda: "cannot be opened" in words(dialog), timeout=20_000)


def test_every_control_has_a_name_for_screen_readers(
    new: NewProfileDialog,
    share: ShareDialog,
    make_import: Callable[[Path], ImportDialog],
    tmp_path: Path,
) -> None:
    for dialog in (new, share, make_import(tmp_path / "x")):
        assert names_missing(dialog) == []
