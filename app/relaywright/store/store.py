"""The memory of the program: profiles, history, sign-ins and preferences in one SQLite file, without secrets.

One connection behind a lock, so that jobs in other threads can use the same store. WAL keeps a second window or a
command line at work beside it; a busy file is waited for, a damaged one is reported and never touched.
"""

import contextlib
import dataclasses
import datetime
import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

from relaywright.domain.errors import Cancelled, DamagedFile, InputError, RelaywrightError
from relaywright.domain.profile import Auth, Method, RelayProfile, Security, name_key, new_id
from relaywright.domain.secret import SecretKind
from relaywright.store import schema
from relaywright.store.records import CredentialRecord, LastRun, Run, SignInRecord, SignInWay

FILE_NAME = "relaywright.db"
BUSY_TIMEOUT_S = 5.0
RUNS_KEPT_PER_PROFILE = 200

_COLUMNS = tuple(item.name for item in dataclasses.fields(RelayProfile))


class Store:
    """Opened on a folder; every method is one transaction and may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        """Open or create the database in the folder.

        Raises DamagedFile (not a database, another program's, a newer one) and RelaywrightError when the folder
        cannot be written. Nothing is changed in either case.
        """
        self.path = folder / FILE_NAME
        self._lock = threading.RLock()
        self._is_closed = False
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self.path.exists():
                self.path.touch(mode=0o600)
        except OSError as error:
            raise RelaywrightError(
                f"The data folder {folder} cannot be used: {error.strerror or error}.",
                hint="Choose another one with --data-dir, or make it writable.",
                id="data-folder-unusable",
            ) from error
        with self._told():
            self._connection = sqlite3.connect(
                self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            try:
                self._connection.row_factory = sqlite3.Row
                self._connection.execute("PRAGMA foreign_keys = ON")
                self.copied_to = schema.bring_up_to_date(self._connection, self.path)
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = NORMAL")
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Close the file; the store is of no use afterwards."""
        with self._lock:
            self._is_closed = True
            self._connection.close()

    # profiles

    def profiles(self) -> list[RelayProfile]:
        """Return all profiles, by folder and name."""
        with self._reading() as connection:
            rows = connection.execute("SELECT * FROM profiles ORDER BY folder COLLATE NOCASE, name_key").fetchall()
            return [_profile(row) for row in rows]

    def profile(self, profile_id: str) -> RelayProfile | None:
        """Return one profile by its id."""
        with self._reading() as connection:
            row = connection.execute("SELECT * FROM profiles WHERE id = ?", (profile_id,)).fetchone()
            return _profile(row) if row else None

    def profile_named(self, name: str) -> RelayProfile | None:
        """Return one profile by its name, whatever its case."""
        with self._reading() as connection:
            row = connection.execute("SELECT * FROM profiles WHERE name_key = ?", (name_key(name),)).fetchone()
            return _profile(row) if row else None

    def save(self, *profiles: RelayProfile) -> None:
        """Insert or update the profiles, all or none. Raises InputError when another profile has a name."""
        columns = (*_COLUMNS, "name_key")
        updates = ", ".join(f"{column} = excluded.{column}" for column in columns if column != "id")
        statement = (
            f"INSERT INTO profiles ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "  # noqa: S608 - names of ours
            f"ON CONFLICT (id) DO UPDATE SET {updates}"
        )
        with self._writing() as connection:
            for profile in profiles:
                try:
                    connection.execute(statement, _values(profile))
                except sqlite3.IntegrityError as error:
                    raise InputError(
                        f"There is a profile named “{profile.name}” already.",
                        hint="Choose another name.",
                        id="name-taken",
                    ) from error

    def delete(self, profile_id: str) -> None:
        """Delete the profile with its history; a missing one is no error."""
        with self._writing() as connection:
            connection.execute("DELETE FROM profiles WHERE id = ?", (profile_id,))

    # history

    def record(self, run: Run) -> Run:
        """Remember a run and forget the profile's oldest beyond RUNS_KEPT_PER_PROFILE. Returns it with its id.

        Raises InputError when the profile is no longer there: another window may have removed it meanwhile.
        """
        with self._writing() as connection:
            try:
                cursor = connection.execute(
                    "INSERT INTO runs (profile_id, kind, started_at, ok, total_ms, title, report) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        run.profile_id,
                        run.kind,
                        run.started_at.astimezone(datetime.UTC).isoformat(),
                        int(run.ok),
                        run.total_ms,
                        run.title,
                        json.dumps(run.report, ensure_ascii=False),
                    ),
                )
            except sqlite3.IntegrityError as error:
                raise InputError("The profile is no longer there.", id="no-profile") from error
            connection.execute(
                "DELETE FROM runs WHERE profile_id = :profile AND id NOT IN "
                "(SELECT id FROM runs WHERE profile_id = :profile ORDER BY id DESC LIMIT :kept)",
                {"profile": run.profile_id, "kept": RUNS_KEPT_PER_PROFILE},
            )
        return dataclasses.replace(run, id=int(cursor.lastrowid or 0))

    def runs(self, profile_id: str, limit: int = RUNS_KEPT_PER_PROFILE) -> list[Run]:
        """Return a profile's runs, newest first."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT * FROM runs WHERE profile_id = ? ORDER BY id DESC LIMIT ?", (profile_id, limit)
            ).fetchall()
            return [_run(row) for row in rows]

    def last_runs(self) -> dict[str, LastRun]:
        """Return each profile's newest run, by profile id."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT profile_id, kind, started_at, ok, title FROM runs "
                "WHERE id IN (SELECT max(id) FROM runs GROUP BY profile_id)"
            ).fetchall()
        return {
            row["profile_id"]: LastRun(
                row["profile_id"],
                row["kind"],
                datetime.datetime.fromisoformat(row["started_at"]),
                bool(row["ok"]),
                row["title"],
            )
            for row in rows
        }

    # sign-ins

    def remember_sign_in(self, record: SignInRecord) -> None:
        """Remember who is signed in for a profile, in the place of whoever was."""
        with self._writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO sign_ins (profile_id, home_account_id, username, tenant, signed_in_at, via, "
                "renewed_at, ended_at, ended_why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    record.profile_id,
                    record.home_account_id,
                    record.username,
                    record.tenant,
                    _moment_text(record.signed_in_at),
                    str(record.via),
                    _moment_text(record.renewed_at),
                    _moment_text(record.ended_at),
                    record.ended_why,
                ),
            )

    def forget_sign_in(self, profile_id: str) -> None:
        """Forget who is signed in for a profile."""
        with self._writing() as connection:
            connection.execute("DELETE FROM sign_ins WHERE profile_id = ?", (profile_id,))

    def sign_in(self, profile_id: str) -> SignInRecord | None:
        """Return who is signed in for a profile."""
        with self._reading() as connection:
            row = connection.execute("SELECT * FROM sign_ins WHERE profile_id = ?", (profile_id,)).fetchone()
            return _sign_in(row) if row else None

    def sign_ins(self) -> list[SignInRecord]:
        """Return all who are signed in."""
        with self._reading() as connection:
            return [_sign_in(row) for row in connection.execute("SELECT * FROM sign_ins").fetchall()]

    # applications' own credentials

    def remember_credential(self, record: CredentialRecord) -> None:
        """Remember what is known of a profile's credential, in the place of what was known."""
        with self._writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO credentials (profile_id, kind, stored_at, ends_at, subject, thumbprint) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    record.profile_id,
                    str(record.kind),
                    _moment_text(record.stored_at),
                    _moment_text(record.ends_at),
                    record.subject,
                    record.thumbprint,
                ),
            )

    def forget_credential(self, profile_id: str) -> None:
        """Forget what is known of a profile's credential."""
        with self._writing() as connection:
            connection.execute("DELETE FROM credentials WHERE profile_id = ?", (profile_id,))

    def credential(self, profile_id: str) -> CredentialRecord | None:
        """Return what is known of a profile's credential."""
        with self._reading() as connection:
            row = connection.execute("SELECT * FROM credentials WHERE profile_id = ?", (profile_id,)).fetchone()
            return _credential(row) if row else None

    def credentials(self) -> list[CredentialRecord]:
        """Return what is known of all profiles' credentials."""
        with self._reading() as connection:
            return [_credential(row) for row in connection.execute("SELECT * FROM credentials").fetchall()]

    # preferences

    def preference(self, name: str) -> str | None:
        """Return a preference's text, or None when it was never set."""
        with self._reading() as connection:
            row = connection.execute("SELECT value FROM preferences WHERE name = ?", (name,)).fetchone()
        return str(row["value"]) if row else None

    def prefer(self, name: str, value: str) -> None:
        """Set a preference."""
        with self._writing() as connection:
            connection.execute("INSERT OR REPLACE INTO preferences (name, value) VALUES (?, ?)", (name, value))

    def installation_id(self) -> str:
        """Return this data folder's own id, made at the first call; it names the folder's key in the keyring."""
        known = self.preference("installation-id")
        if known is not None:  # so that a full or read-only disk keeps nobody from looking and sending
            return known
        with self._writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO preferences (name, value) VALUES ('installation-id', ?)", (new_id(),)
            )
            row = connection.execute("SELECT value FROM preferences WHERE name = 'installation-id'").fetchone()
        return str(row["value"])

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._told():
            yield self._connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Say what SQLite raises in words for people: busy, full, read-only, damaged."""
        try:
            yield
        except sqlite3.IntegrityError:
            raise
        except sqlite3.ProgrammingError as error:
            if self._is_closed:  # work that ends after the program has closed the file
                raise Cancelled("The program is closing.") from error
            raise
        except sqlite3.OperationalError as error:
            raise RelaywrightError(
                f"The profiles in {self.path} cannot be used right now: {error}.",
                hint="Close other programs that use this file, and see that the disk has room. Nothing was changed.",
                id="store-unavailable",
            ) from error
        except (sqlite3.DatabaseError, ValueError) as error:  # ValueError: a word that this program never wrote
            raise DamagedFile(
                f"{self.path} is damaged: {error}.",
                hint="It was left as it is. Restore a copy of it, or move it away to begin with an empty list.",
                id="damaged-database",
            ) from error


def _values(profile: RelayProfile) -> list[object]:
    values: list[object] = []
    for column in _COLUMNS:
        value = getattr(profile, column)
        values.append(json.dumps(list(value), ensure_ascii=False) if column == "tags" else value)
    return [*[str(value) if isinstance(value, str) else value for value in values], name_key(profile.name)]


def _profile(row: sqlite3.Row) -> RelayProfile:
    values = {column: row[column] for column in _COLUMNS}
    values["method"] = Method(values["method"])
    values["security"] = Security(values["security"])
    values["auth"] = Auth(values["auth"])
    values["tags"] = tuple(json.loads(values["tags"]))
    return RelayProfile(**values)


def _run(row: sqlite3.Row) -> Run:
    return Run(
        row["profile_id"],
        row["kind"],
        datetime.datetime.fromisoformat(row["started_at"]),
        bool(row["ok"]),
        row["total_ms"],
        row["title"],
        json.loads(row["report"]),
        row["id"],
    )


def _sign_in(row: sqlite3.Row) -> SignInRecord:
    return SignInRecord(
        row["profile_id"],
        row["home_account_id"],
        row["username"],
        row["tenant"],
        datetime.datetime.fromisoformat(row["signed_in_at"]),
        SignInWay(row["via"]),
        _moment(row["renewed_at"]),
        _moment(row["ended_at"]),
        row["ended_why"],
    )


def _credential(row: sqlite3.Row) -> CredentialRecord:
    return CredentialRecord(
        row["profile_id"],
        SecretKind(row["kind"]),
        datetime.datetime.fromisoformat(row["stored_at"]),
        _moment(row["ends_at"]),
        row["subject"],
        row["thumbprint"],
    )


def _moment(text: str) -> datetime.datetime | None:
    return datetime.datetime.fromisoformat(text) if text else None


def _moment_text(moment: datetime.datetime | None) -> str:
    return moment.astimezone(datetime.UTC).isoformat() if moment else ""
