"""Strict reading of TOML: a mistake names the file, the table and the key.

What the tables mean is left to reading.py; this module only knows texts, numbers, choices and dates.
"""

import datetime
import re
import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from relaywright.domain.errors import DamagedFile

MAX_FILE_BYTES = 4_000_000

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)


class Table:
    """One TOML table being read. Every key is taken once; :meth:`done` refuses those nobody asked for."""

    def __init__(self, file: Path, place: str, values: Mapping[str, Any]) -> None:
        self.file = file
        self.place = place
        self._values = dict(values)
        self._asked: set[str] = set()

    def fail(self, key: str, fault: str) -> NoReturn:
        """Raise DamagedFile that names file, table and key."""
        where = f"[{self.place}] {key}".strip() if self.place else key
        raise DamagedFile(f"{self.file}: {where}: {fault}", hint="Correct this entry in the file, or remove it.")

    def has(self, key: str) -> bool:
        """Tell whether the key is there."""
        return key in self._values

    def names(self) -> tuple[str, ...]:
        """Return the keys in the order of the file."""
        return tuple(self._values)

    def _take(self, key: str) -> Any:
        self._asked.add(key)
        if key not in self._values:
            self.fail(key, "it is missing")
        return self._values[key]

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text, its outer white space dropped. Required, and not empty, unless a default is given."""
        if default is not None and key not in self._values:
            return default
        value = self._take(key)
        if not isinstance(value, str):
            self.fail(key, f"it must be a text in quotes, not {_kind(value)}")
        if default is None and not value.strip():
            self.fail(key, "it is empty")
        return value.strip()

    def prose(self, key: str, default: str | None = None) -> str:
        """Return a text on one line, its line breaks and runs of white space folded."""
        return " ".join(self.text(key, default).split())

    def texts(self, key: str, default: Iterable[str] | None = None) -> tuple[str, ...]:
        """Return a list of texts, none of them empty."""
        if default is not None and key not in self._values:
            return tuple(default)
        value = self._take(key)
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            self.fail(key, "it must be a list of texts, none of them empty")
        return tuple(" ".join(item.split()) for item in value)

    def number(self, key: str, default: int | None = None) -> int:
        """Return a whole number."""
        if default is not None and key not in self._values:
            return default
        value = self._take(key)
        if not isinstance(value, int) or isinstance(value, bool):
            self.fail(key, f"it must be a whole number, not {_kind(value)}")
        return value

    def numbers(self, key: str) -> tuple[int, ...]:
        """Return a list of whole numbers; none when the key is absent."""
        if key not in self._values:
            return ()
        value = self._take(key)
        if not isinstance(value, list) or not all(isinstance(item, int) for item in value):
            self.fail(key, "it must be a list of whole numbers")
        return tuple(value)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        if key not in self._values:
            return default
        value = self._take(key)
        if not isinstance(value, bool):
            self.fail(key, "it must be true or false")
        return value

    def choice(self, key: str, kind: type[ChoiceT], default: ChoiceT | None = None) -> ChoiceT:
        """Return one word of a fixed list."""
        if default is not None and key not in self._values:
            return default
        return self._one_of(key, self.text(key), kind)

    def choices(self, key: str, kind: type[ChoiceT]) -> tuple[ChoiceT, ...]:
        """Return words of a fixed list; none when the key is absent."""
        return tuple(self._one_of(key, text, kind) for text in self.texts(key, ()))

    def _one_of(self, key: str, text: str, kind: type[ChoiceT]) -> ChoiceT:
        try:
            return kind(text)
        except ValueError:
            self.fail(key, f"“{text}” is none of {', '.join(kind)}")

    def date(self, key: str) -> datetime.date:
        """Return a day, written 2026-11-23 without quotes."""
        found = self.optional_date(key)
        if found is None:
            self.fail(key, "it is missing")
        return found

    def optional_date(self, key: str) -> datetime.date | None:
        """Return a day, or None when the key is absent."""
        if key not in self._values:
            return None
        value = self._take(key)
        if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
            self.fail(key, "it must be a day, written 2026-11-23 without quotes")
        return value

    def table(self, key: str, *, required: bool = True) -> "Table":
        """Return a table inside this one; an empty one when it may be absent and is."""
        if not required and key not in self._values:
            return Table(self.file, self._inner(key), {})
        value = self._take(key)
        if not isinstance(value, dict):
            self.fail(key, f"it must be a table, [{self._inner(key)}]")
        return Table(self.file, self._inner(key), value)

    def tables(self, key: str) -> list["Table"]:
        """Return the tables of a list, ``[[key]]``; each is named by its id, else by its number."""
        value = self._take(key)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fail(key, f"it must be a list of tables, [[{self._inner(key)}]]")
        return [
            Table(self.file, f"{self._inner(key)} {item.get('id', number)}", item)
            for number, item in enumerate(value, start=1)
        ]

    def _inner(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    def done(self) -> None:
        """Refuse keys that nobody asked for: most often a spelling mistake."""
        for key in self._values:
            if key not in self._asked:
                self.fail(key, f"there is no such key here; known are {', '.join(sorted(self._asked))}")


def read_toml(file: Path) -> Table:
    """Read one file. Raises DamagedFile when it cannot be read, is larger than 4 MB, or is no TOML."""
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise DamagedFile(
            f"{file}: it cannot be read: {error.strerror or error}", hint="Check that it exists and may be read."
        ) from error
    if len(content) > MAX_FILE_BYTES:
        raise DamagedFile(f"{file}: it is larger than {MAX_FILE_BYTES // 1_000_000} MB", hint="Use a smaller file.")
    try:
        values = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise DamagedFile(f"{file}: it is not UTF-8 text", hint="Save it again as UTF-8.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DamagedFile(f"{file}: it is no valid TOML: {error}", hint="Correct the line that is named.") from error
    return Table(file, "", values)


def is_id(text: str) -> bool:
    """Tell whether a text may be the id of an entry: small letters, digits, inner hyphens, at most 60."""
    return len(text) <= 60 and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) is not None


def _kind(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return names.get(type(value), "a date" if isinstance(value, datetime.date) else "a text")
