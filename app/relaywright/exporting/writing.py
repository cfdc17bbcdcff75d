"""Write a set of files whole or not at all: temporary files first, then renames, undone if one of them fails.

Knows nothing of targets; exporter.py says what the files are.
"""

import errno
import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from relaywright.domain.address import has_control
from relaywright.domain.errors import InputError

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,119}")
_WINDOWS_NAME = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class FileToWrite:
    """A name without any folder, the bytes, and the permission bits (POSIX; Windows keeps the folder's own rights)."""

    name: str
    content: bytes
    mode: int


@dataclass(frozen=True)
class WrittenFile:
    """A file that now stands on the disk. ``size`` is in bytes."""

    path: Path
    size: int


def check_file_name(name: str) -> str:
    """Return a template's name for a file if it means the same plain file on any system; else InputError."""
    if not _FILE_NAME.fullmatch(name) or name.endswith(".") or _WINDOWS_NAME.fullmatch(name):
        raise InputError(f"“{name}” cannot be the name of an exported file.", id="bad-file-name")
    return name


def write_all(files: Sequence[FileToWrite], folder: Path, *, overwrite: bool) -> list[WrittenFile]:
    """Write the files into ``folder`` (made if missing): all of them, or none and what was there stays.

    Existing files are replaced only with ``overwrite``; a symbolic link or anything else that is no plain file is never
    followed or replaced. Raises InputError: ``file-exists``, ``not-a-file``, ``bad-file-name`` or ``cannot-write``.
    """
    names = [_bare(file.name) for file in files]
    if len({name.lower() for name in names}) != len(names):
        raise InputError("Two exported files would have the same name.", id="bad-file-name")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            _check_place(folder / name, overwrite=overwrite)
        return _write(files, folder)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        raise InputError(
            f"Nothing was written to {folder}: {error.strerror or error}.",
            hint="Make room on the disk." if full else "Choose another folder, or make this one writable.",
            id="cannot-write",
        ) from None


def _bare(name: str) -> str:
    """Return the name if it cannot lead out of the folder. People may choose spaces and any letters."""
    if not name.strip(". ") or has_control(name) or any(char in name for char in '/\\:*?"<>|'):
        raise InputError(f"“{name!a}” cannot be the name of a file.", id="bad-file-name")
    return name


def _check_place(path: Path, *, overwrite: bool) -> None:
    if not os.path.lexists(path):
        return
    if path.is_symlink() or not path.is_file():
        raise InputError(
            f"{path} is a link or a folder, and is left alone.", hint="Choose another folder.", id="not-a-file"
        )
    if not overwrite:
        raise InputError(
            f"{path} exists already.",
            hint="Choose another place, or say that it may be replaced (--overwrite).",
            id="file-exists",
        )


def _write(files: Sequence[FileToWrite], folder: Path) -> list[WrittenFile]:
    mark = secrets.token_hex(4)
    new = [folder / f".{file.name}.{mark}.new" for file in files]
    old = [folder / f".{file.name}.{mark}.old" for file in files]
    done: list[int] = []
    try:
        for file, path in zip(files, new, strict=True):
            _write_one(path, file)
        for number, file in enumerate(files):
            place = folder / file.name
            done.append(number)
            if os.path.lexists(place):
                place.rename(old[number])
            new[number].replace(place)
    except BaseException:  # also Ctrl-C: whatever was begun is undone, then it goes on its way
        for number in reversed(done):
            _undo(folder / files[number].name, new[number], old[number])
        for path in new:
            path.unlink(missing_ok=True)
        raise
    for path in old:
        path.unlink(missing_ok=True)
    return [WrittenFile(folder / file.name, len(file.content)) for file in files]


def _write_one(path: Path, file: FileToWrite) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, file.mode), "wb") as stream:
        stream.write(file.content)
        stream.flush()
        os.fsync(stream.fileno())


def _undo(place: Path, new: Path, old: Path) -> None:
    if not os.path.lexists(new):  # it had been moved to its place
        place.unlink(missing_ok=True)
    if os.path.lexists(old):
        old.replace(place)
