"""The parts wired for one data folder: private files, one log, nothing left running, damage told."""

import logging
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from relaywright import bootstrap
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import DamagedFile, RelaywrightError
from relaywright.domain.profile import RelayProfile


@pytest.fixture(autouse=True)
def handlers_put_back() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in [one for one in root.handlers if one not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def test_a_new_folder_is_made_and_found_again(tmp_path: Path) -> None:
    with bootstrap.opened(tmp_path / "new" / "data") as services:
        services.profiles.add(RelayProfile(name="Scanner"))
        first_id = services.store.installation_id()
    with bootstrap.opened(tmp_path / "new" / "data") as services:
        assert [profile.name for profile in services.profiles.list()] == ["Scanner"]
        assert services.store.installation_id() == first_id


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes; the folder is the user's own there")
def test_folder_database_and_log_are_their_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with bootstrap.opened(folder) as services:
        services.profiles.add(RelayProfile(name="Scanner"))
        logging.getLogger("relaywright.test").warning("something")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
    assert modes.pop("data") == 0o700
    assert modes.pop("logs") == 0o700
    assert {"relaywright.db", "relaywright.db-wal", "relaywright.log"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_libraries_that_tell_what_they_send_are_capped(tmp_path: Path) -> None:
    with bootstrap.opened(tmp_path / "data"):
        for name in ("msal", "msal.application", "urllib3.connectionpool", "keyring.backend", "secretstorage"):
            assert not logging.getLogger(name).isEnabledFor(logging.INFO)
        assert logging.getLogger("relaywright.smtp").isEnabledFor(logging.INFO)


def test_a_log_that_cannot_be_written_keeps_nobody_from_working(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file in the way", encoding="utf-8")
    with bootstrap.opened(tmp_path) as services:
        assert services.profiles.list() == []


def test_a_folder_that_cannot_be_used_is_told_and_nothing_is_begun(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(RelaywrightError) as refused:
        bootstrap.build(tmp_path / "file" / "data")
    assert refused.value.id == "data-folder-unusable"
    assert "--data-dir" in refused.value.hint


def test_a_damaged_database_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "relaywright.db").write_bytes(b"this is no database, and long enough to be looked at" * 40)
    before = (tmp_path / "relaywright.db").read_bytes()
    with pytest.raises(DamagedFile):
        bootstrap.build(tmp_path)
    assert (tmp_path / "relaywright.db").read_bytes() == before


def test_closing_ends_the_practice_relay(tmp_path: Path) -> None:
    with bootstrap.opened(tmp_path / "data") as services:
        services.practice.start(CancelToken())
        assert services.practice.is_running
    assert not services.practice.is_running


def test_the_data_folders_own_clouds_and_targets_count(tmp_path: Path) -> None:
    (tmp_path / "clouds.toml").write_text(
        '[cloud.lab]\nname = "Lab"\nsmtp_host = "smtp.lab.example"\nauthority = "https://login.lab.example"\n'
        'scope_delegated = "https://lab.example/SMTP.Send"\nscope_app = "https://lab.example/.default"\n'
        "mx_suffixes = []\n",
        encoding="utf-8",
    )
    with bootstrap.opened(tmp_path) as services:
        assert services.catalog.damaged_files == ()
        assert services.catalog.cloud("lab").smtp_host == "smtp.lab.example"
        assert {"postfix", "msmtp"} <= {target.id for target in services.exports.targets()}
