"""Brings a database file to this program's version: numbered SQL files, a copy before, one transaction each.

A newer file is refused politely and left as it is; what the tables mean stands in the migrations themselves.
"""

import datetime
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from relaywright.domain.errors import DamagedFile

APPLICATION_ID = 0x52575254  # "RWRT", in SQLite's file header, so that a foreign database is recognised


MIGRATIONS = Path(__file__).with_name("migrations")


def migrations(folder: Path = MIGRATIONS) -> dict[int, Path]:
    """Return the numbered SQL files by their version."""
    found = ((re.fullmatch(r"(\d{4})_\w+\.sql", path.name), path) for path in folder.iterdir())
    return {int(match.group(1)): path for match, path in found if match}


def bring_up_to_date(connection: sqlite3.Connection, path: Path, folder: Path = MIGRATIONS) -> Path | None:
    """Apply the missing migrations. Returns the copy made before the first, or None when nothing was to do.

    Raises DamagedFile for a file of another program or from a newer Relaywright; sqlite3.Error as it comes.
    """
    version, application, has_tables = _state(connection)
    if has_tables and application != APPLICATION_ID:
        raise DamagedFile(
            f"{path} is a database of another program.",
            hint="It was left as it is. Choose another data folder with --data-dir.",
            id="foreign-database",
        )
    steps = migrations(folder)
    newest = max(steps)
    if version > newest:
        raise DamagedFile(
            f"{path} was written by a newer Relaywright (version {version} of the file; this program knows {newest}).",
            hint="It was left as it is. Install the newer Relaywright, or choose another data folder with --data-dir.",
            id="newer-database",
        )
    missing = [number for number in sorted(steps) if number > version]
    if not missing:
        return None
    copy = _copy(connection, path, version) if has_tables else None
    for number in missing:
        _apply(connection, number, steps[number].read_text(encoding="utf-8"))
    return copy


def _state(connection: sqlite3.Connection) -> tuple[int, int, bool]:
    """Return version, application and whether there are tables, as of one moment: another program may start too."""
    connection.execute("BEGIN")
    try:
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        return _version(connection), int(connection.execute("PRAGMA application_id").fetchone()[0]), tables > 0
    finally:
        connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _apply(connection: sqlite3.Connection, number: int, script: str) -> None:
    """Run one migration, all or nothing, the version number included; unless another program was quicker."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _version(connection) < number:
            for statement in _statements(script):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _statements(script: str) -> Iterator[str]:
    """Split a script into its statements: executescript would commit what is open first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement


def _copy(connection: sqlite3.Connection, path: Path, version: int) -> Path:
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    copy = path.with_name(f"{path.name}.version-{version:04d}-{stamp}")
    copy.touch(mode=0o600)
    with sqlite3.connect(copy) as target:
        connection.backup(target)
    target.close()
    return copy
