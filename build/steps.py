"""Shows what make.py is doing: one line per step with its time, and the end of a program's output when it fails.

What the steps are stays with their callers.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".work"
TAIL_LINES = 25


class MakeError(Exception):
    """A step cannot be done; the text says what is missing and what to type."""


class ProgramFailedError(MakeError):
    """A program ended with an exit code other than 0; its last lines are in the text."""

    def __init__(self, command: Sequence[str], code: int, tail: Sequence[str]) -> None:
        self.code = code
        self.tail = "\n".join(tail)
        super().__init__(f"{' '.join(command)}\nended with code {code}:\n{self.tail}")


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Print the title now and the time it took when it ends well."""
    began = time.monotonic()
    say(f"→ {title}")
    yield
    say(f"  done in {time.monotonic() - began:.1f} s")


def say(text: str, *, to_error: bool = False) -> None:
    """Print one text at once, also where the console cannot show every character (an old Windows code page)."""
    stream = sys.stderr if to_error else sys.stdout
    encoding = stream.encoding or "ascii"
    print(text.encode(encoding, "replace").decode(encoding), file=stream, flush=True)


def run_quietly(
    command: Sequence[str], *, log_name: str, env: Mapping[str, str] | None = None, count: str | None = None
) -> None:
    """Run a program, keep its output in .work/<log_name>, and show only how far it is.

    `count` is the beginning of the lines that count as progress (pip's “Collecting”).
    Raises ProgramFailedError with the last lines of the output.
    """
    WORK.mkdir(exist_ok=True)
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    with (
        (WORK / log_name).open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=None if env is None else dict(env),
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - asked for with PIPE
        meter = _Meter(count)
        for line in process.stdout:
            log.write(line)
            tail.append(line.rstrip())
            meter.see(line.strip())
        meter.close()
        code = process.wait()
    if code != 0:
        raise ProgramFailedError(command, code, tail)


class _Meter:
    """Shows progress: a line that is written over in a terminal, every tenth item in a log."""

    def __init__(self, count: str | None) -> None:
        self._count = count
        self._seen = 0
        self._in_terminal = sys.stdout.isatty()
        self._dirty = False

    def see(self, line: str) -> None:
        if self._count is None:
            text = line
        elif line.startswith(self._count):
            self._seen += 1
            text = f"{self._seen} {line}"
        else:
            return
        if self._in_terminal:
            width = _terminal_columns() - 4
            say_over(f"  {text[:width]:<{width}}")
            self._dirty = True
        elif self._count is not None and self._seen % 10 == 0:
            say(f"  {text}")

    def close(self) -> None:
        if self._dirty:
            say_over(" " * (_terminal_columns() - 2))


def say_over(text: str) -> None:
    """Write a line in a terminal that the next one takes the place of."""
    encoding = sys.stdout.encoding or "ascii"
    print("\r" + text.encode(encoding, "replace").decode(encoding), end="\r", flush=True)


def _terminal_columns() -> int:
    try:
        return max(20, os.get_terminal_size().columns)
    except OSError:
        return 80
