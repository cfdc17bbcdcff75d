"""Profiles, history, sign-ins and preferences survive; damage, foreign and newer files are told and left alone."""

import dataclasses
import datetime
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from relaywright.domain.errors import Cancelled, DamagedFile, InputError, RelaywrightError
from relaywright.domain.profile import Auth, Method, RelayProfile, Security
from relaywright.domain.secret import SecretKind
from relaywright.store import schema
from relaywright.store.records import CredentialRecord, Run, SignInRecord, SignInWay
from relaywright.store.store import RUNS_KEPT_PER_PROFILE, Store

DATABASES = Path(__file__).parents[2] / "data" / "databases"
NEWEST = max(schema.migrations())
NOON = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC)

FULL = RelayProfile(
    name="Scanner, 2nd floor",
    method=Method.CONNECTOR,
    cloud="gcc-high",
    host="mx.contoso.example",
    port=25,
    security=Security.TLS,
    auth=Auth.NONE,
    username="u",
    account="a@contoso.example",
    sender="s@contoso.example",
    from_name="Müller “GmbH”",
    reply_to="r@contoso.example",
    tenant="contoso.example",
    client_id="c",
    ehlo_name="e",
    ca_file="/ca.pem",
    recipient="t@contoso.example",
    folder="Head office",
    tags=("a, b", "ü"),
    notes="line\nline",
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path)
    yield opened
    opened.close()


def run_of(profile: RelayProfile, *, ok: bool = True, title: str = "t") -> Run:
    return Run(profile.id, "send", datetime.datetime.now(datetime.UTC), ok, 12.5, title, {"ok": ok, "text": "ü"})


def test_every_field_comes_back_after_closing(tmp_path: Path) -> None:
    first = Store(tmp_path)
    first.save(FULL)
    first.close()
    second = Store(tmp_path)
    assert second.profiles() == [FULL]
    assert second.profile(FULL.id) == FULL
    assert second.profile_named("scanner, 2ND  floor") == FULL
    second.close()


def test_two_names_that_look_alike_are_one(store: Store) -> None:
    store.save(RelayProfile(name="Straße"))
    with pytest.raises(InputError, match="already") as refused:
        store.save(RelayProfile(name="ok"), RelayProfile(name="STRASSE"))
    assert refused.value.id == "name-taken"
    assert [profile.name for profile in store.profiles()] == ["Straße"]


def test_saving_again_changes_and_keeps_the_history(store: Store) -> None:
    store.save(FULL)
    store.record(run_of(FULL))
    changed = dataclasses.replace(FULL, port=587)
    store.save(changed)
    assert store.profile(FULL.id) == changed
    assert len(store.runs(FULL.id)) == 1


def test_deleting_takes_history_and_sign_in_along(store: Store) -> None:
    store.save(FULL)
    store.record(run_of(FULL))
    store.remember_sign_in(SignInRecord(FULL.id, "h", "u", "t", datetime.datetime.now(datetime.UTC)))
    store.delete(FULL.id)
    store.save(FULL)
    assert store.runs(FULL.id) == []
    assert store.sign_in(FULL.id) is None


def test_a_sign_in_comes_back_with_how_it_stands(store: Store) -> None:
    store.save(FULL)
    record = SignInRecord(
        FULL.id, "h", "u", "t", NOON, SignInWay.DEVICE_CODE, NOON + datetime.timedelta(days=3), NOON, "AADSTS700082"
    )
    store.remember_sign_in(record)
    assert store.sign_in(FULL.id) == record
    assert store.sign_ins() == [record]
    assert record.last_good_at == NOON + datetime.timedelta(days=3)


def test_what_is_known_of_a_credential_comes_back_and_goes_with_its_profile(store: Store) -> None:
    store.save(FULL)
    record = CredentialRecord(
        FULL.id, SecretKind.CLIENT_CERTIFICATE, NOON, NOON + datetime.timedelta(days=365), "CN=scan", "AB12"
    )
    store.remember_credential(CredentialRecord(FULL.id, SecretKind.CLIENT_SECRET, NOON))
    store.remember_credential(record)
    assert store.credential(FULL.id) == record
    assert store.credentials() == [record]
    store.delete(FULL.id)
    assert store.credentials() == []


@pytest.mark.parametrize("file", sorted(DATABASES.glob("version-*.db")), ids=lambda path: path.stem)
def test_a_database_of_every_older_version_is_brought_up_to_date(file: Path, tmp_path: Path) -> None:
    shutil.copyfile(file, tmp_path / "relaywright.db")
    store = Store(tmp_path)
    (profile,) = store.profiles()
    assert (profile.name, profile.username, profile.account) == ("Scanner, 2nd floor", "scan@contoso.example", "")
    assert profile.tags == ("a", "ü")
    assert [run.title for run in store.runs(profile.id)] == ["SMTP AUTH is off"]
    sign_in = store.sign_in(profile.id)
    assert sign_in is not None
    assert (sign_in.via, sign_in.renewed_at, sign_in.ended_at) == (SignInWay.BROWSER, None, None)
    assert store.installation_id() == "installation-of-version-1"
    assert store.copied_to is not None
    store.close()


def test_history_is_newest_first_and_bounded(store: Store) -> None:
    store.save(FULL)
    for number in range(RUNS_KEPT_PER_PROFILE + 3):
        store.record(run_of(FULL, ok=number % 2 == 0, title=str(number)))
    runs = store.runs(FULL.id)
    assert len(runs) == RUNS_KEPT_PER_PROFILE
    assert runs[0].title == str(RUNS_KEPT_PER_PROFILE + 2)
    assert runs[0].report["text"] == "ü"
    assert store.last_runs()[FULL.id].title == runs[0].title


def test_a_run_of_a_removed_profile_is_refused_not_kept(store: Store) -> None:
    with pytest.raises(InputError, match="no longer there"):
        store.record(run_of(FULL))


def test_the_installation_id_is_made_once(tmp_path: Path) -> None:
    first = Store(tmp_path)
    made = first.installation_id()
    first.close()
    second = Store(tmp_path)
    assert second.installation_id() == made
    second.close()


def test_preferences_are_texts(store: Store) -> None:
    assert store.preference("theme") is None
    store.prefer("theme", "dark")
    store.prefer("theme", "light")
    assert store.preference("theme") == "light"


def test_threads_share_one_store(store: Store) -> None:
    profiles = [RelayProfile(name=f"p{number}") for number in range(40)]
    threads = [threading.Thread(target=store.save, args=(profile,)) for profile in profiles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.profiles()) == 40


def test_two_programs_work_side_by_side(tmp_path: Path) -> None:
    first, second = Store(tmp_path), Store(tmp_path)
    first.save(FULL)
    assert second.profiles() == [FULL]
    second.delete(FULL.id)
    assert first.profiles() == []
    first.close()
    second.close()


def test_a_file_that_is_no_database_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "relaywright.db"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(DamagedFile) as refused:
        Store(tmp_path)
    assert refused.value.id == "damaged-database"
    assert path.read_bytes() == b"this is no database" * 100


def test_a_torn_database_is_told(tmp_path: Path) -> None:
    whole = Store(tmp_path)
    for number in range(60):
        whole.save(RelayProfile(name=f"p{number}", notes="x" * 2000))
    whole.close()
    path = tmp_path / "relaywright.db"
    data = bytearray(path.read_bytes())
    data[4096 : len(data) - 4096] = b"\xa5" * (len(data) - 8192)
    path.write_bytes(data)
    with pytest.raises(DamagedFile):
        Store(tmp_path).profiles()


def test_a_newer_file_is_refused_politely(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / "relaywright.db") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(DamagedFile, match="newer Relaywright") as refused:
        Store(tmp_path)
    assert refused.value.id == "newer-database"


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "relaywright.db") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(DamagedFile, match="another program"):
        Store(tmp_path)


def test_a_word_this_program_never_wrote_is_damage(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(FULL)
    with sqlite3.connect(store.path) as connection:
        connection.execute("UPDATE profiles SET method = 'pigeon'")
    connection.close()
    with pytest.raises(DamagedFile):
        store.profiles()
    store.close()


def test_an_unusable_folder_is_told(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("x")
    with pytest.raises(RelaywrightError) as refused:
        Store(in_the_way / "data")
    assert refused.value.id == "data-folder-unusable"


def _steps(folder: Path, **scripts: str) -> Path:
    folder.mkdir()
    for path in schema.MIGRATIONS.glob("*.sql"):
        (folder / path.name).write_text(path.read_text())
    for name, script in scripts.items():
        (folder / f"{name.removeprefix('m')}.sql").write_text(script)
    return folder


def test_a_migration_copies_first_and_keeps_what_is_there(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(FULL)
    store.close()
    folder = _steps(tmp_path / "steps", m9001_more="ALTER TABLE profiles ADD COLUMN extra TEXT NOT NULL DEFAULT '';")
    connection = sqlite3.connect(store.path)
    copy = schema.bring_up_to_date(connection, store.path, folder)
    assert connection.execute("SELECT name, extra FROM profiles").fetchall() == [(FULL.name, "")]
    assert connection.execute("PRAGMA user_version").fetchone() == (9001,)
    connection.close()
    assert copy is not None
    old = sqlite3.connect(copy)
    assert old.execute("PRAGMA user_version").fetchone() == (NEWEST,)
    assert old.execute("SELECT count(*) FROM profiles").fetchone() == (1,)
    old.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(FULL)
    store.close()
    folder = _steps(tmp_path / "steps", m9001_bad="ALTER TABLE profiles ADD COLUMN extra TEXT; SELECT nonsense;")
    connection = sqlite3.connect(store.path)
    with pytest.raises(sqlite3.Error):
        schema.bring_up_to_date(connection, store.path, folder)
    assert connection.execute("PRAGMA user_version").fetchone() == (NEWEST,)
    assert "extra" not in [row[1] for row in connection.execute("PRAGMA table_info(profiles)")]
    connection.close()


def test_an_up_to_date_file_makes_no_copy(tmp_path: Path) -> None:
    Store(tmp_path).close()
    again = Store(tmp_path)
    assert again.copied_to is None
    again.close()
    assert sorted(path.name for path in tmp_path.glob("relaywright.db.version-*")) == []


class _Overtaken(sqlite3.Connection):
    """Another program begins and ends its own start just before this one takes the file for itself."""

    folder = Path()
    overtaken = False

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
        if sql == "BEGIN IMMEDIATE" and not self.overtaken:
            self.overtaken = True
            Store(self.folder).close()
        return super().execute(sql, *values)  # type: ignore[arg-type]  # typeshed's own parameters type is private


def test_a_program_that_starts_at_the_same_time_may_be_quicker(tmp_path: Path) -> None:
    _Overtaken.folder = tmp_path
    path = tmp_path / "relaywright.db"
    connection = sqlite3.connect(path, isolation_level=None, factory=_Overtaken)
    schema.bring_up_to_date(connection, path)
    assert connection.overtaken
    assert connection.execute("SELECT count(*) FROM profiles").fetchone() == (0,)
    connection.close()


def test_a_folder_that_cannot_be_written_can_still_be_read(tmp_path: Path) -> None:
    store = Store(tmp_path)
    known = store.installation_id()
    store.save(FULL)
    store.close()
    again = Store(tmp_path)
    again._connection.execute("PRAGMA query_only = ON")  # what a full or read-only disk does to writes
    assert again.installation_id() == known
    assert again.profiles() == [FULL]
    with pytest.raises(RelaywrightError, match="cannot be used right now"):
        again.prefer("a", "b")
    again.close()


def test_work_that_ends_after_closing_is_cancelled_not_damage(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.close()
    with pytest.raises(Cancelled):
        store.record(run_of(FULL))
