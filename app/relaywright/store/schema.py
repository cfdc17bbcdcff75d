"""Brings a database file to this program's version: numbered SQL files, a copy before, one transaction each.

A newer file is refused politely and left as it is; what the tables mean stands in the migrations themselves.
"""

import datetime
import re
import sqlite3
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
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    has_tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
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


def _apply(connection: sqlite3.Connection, number: int, script: str) -> None:
    # executescript commits what is open first, so the transaction stands in the script itself: all or nothing,
    # the version number included.
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{script}\n"
            f"PRAGMA application_id = {APPLICATION_ID};\nPRAGMA user_version = {number};\nCOMMIT;"
        )
    except sqlite3.Error:
        if connection.in_transaction:
            connection.rollback()
        raise


def _copy(connection: sqlite3.Connection, path: Path, version: int) -> Path:
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    copy = path.with_name(f"{path.name}.version-{version:04d}-{stamp}")
    copy.touch(mode=0o600)
    with sqlite3.connect(copy) as target:
        connection.backup(target)
    target.close()
    return copy
