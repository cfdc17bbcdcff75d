"""Secrets planted for a test, and the search for them: in files and their names, in disguise, in child processes.

A canary is found in the clear in three encodings, in base64 at any place of a longer text, as hexadecimal digits, and
as addresses, JSON, HTML and Python write it; of a long one a piece is enough.
"""

import base64
import html
import json
import os
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

import psutil

_PIECE = 32
_LONG = 64
_LOOK_AGAIN_S = 0.002


class Canaries:
    """What must not be found anywhere, by name."""

    def __init__(self, values: Mapping[str, str | bytes]) -> None:
        self._needles = {name: frozenset(_forms(value)) for name, value in values.items()}

    def found_in(self, data: bytes) -> list[str]:
        """Return the names of the canaries in the data."""
        return sorted(name for name, needles in self._needles.items() if any(needle in data for needle in needles))

    def found_under(self, *folders: Path) -> dict[str, list[str]]:
        """Return every file in which, or in whose name, there is a canary."""
        found = {}
        for folder in folders:
            for path in folder.rglob("*"):
                names = self.found_in(os.fsencode(str(path.relative_to(folder))))
                if path.is_file():
                    names += self.found_in(path.read_bytes())
                if names:
                    found[str(path)] = names
        return found


class ChildProcesses:
    """Watches this process's children while it is in use: what each was called with, and its environment."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="child watcher", daemon=True)
        self.seen: dict[int, str] = {}
        """The command line and environment of each, by process id."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(10)

    def _watch(self) -> None:
        own = psutil.Process()
        while not self._over.wait(_LOOK_AGAIN_S):
            for child in own.children(recursive=True):
                # Between fork and exec a child still looks like its parent, so it is looked at as long as it lives.
                try:
                    told = "\n".join(
                        [*child.cmdline(), *(f"{name}={value}" for name, value in child.environ().items())]
                    )
                except psutil.Error:
                    continue  # it has just ended
                if told not in self.seen.get(child.pid, ""):
                    self.seen[child.pid] = f"{self.seen.get(child.pid, '')}\n{told}"


def _forms(value: str | bytes) -> Iterator[bytes]:
    if isinstance(value, bytes):
        yield from _encoded(value)
        return
    pieces = [value[start : start + _PIECE] for start in range(0, len(value) - _PIECE, _PIECE)]
    for text in [value, *(pieces if len(value) >= _LONG else [])]:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            yield from _encoded(text.encode(encoding))
        quoted = {urllib.parse.quote(text, safe=""), urllib.parse.quote(text), urllib.parse.quote_plus(text)}
        for shown in {*quoted, json.dumps(text)[1:-1], html.escape(text), repr(text)[1:-1], ascii(text)[1:-1]}:
            yield shown.encode()
            yield shown.lower().encode()


def _encoded(raw: bytes) -> Iterator[bytes]:
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for shift in range(3):
        # The first and the last letters also hold bits of what stands beside the value in a longer text.
        encoded = base64.b64encode(bytes(shift) + raw).rstrip(b"=")
        inner = encoded[shift + 1 if shift else 0 : -1]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")
