"""The command line, called as a user calls it: a process of its own, a data folder of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TIME_LIMIT_S = 60
APP = Path(__file__).resolve().parents[1] / "app"


@dataclass(frozen=True)
class Answer:
    """What one call gave."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output; anything else there is a fault."""
        return json.loads(self.out)


Relaywright = Callable[..., Answer]


def call_relaywright(*arguments: str, stdin: str = "", **environment: str) -> Answer:
    """Call the program; ``stdin`` is its standard input, which is never a terminal here."""
    done = subprocess.run(
        [sys.executable, "-m", "relaywright", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIME_LIMIT_S,
        check=False,
        env={**os.environ, "PYTHONPATH": str(APP), "PYTHONWARNINGS": "error", **environment},
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def start_relaywright(*arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """Start the program and let it run; whoever calls ends it."""
    return subprocess.Popen(
        [sys.executable, "-m", "relaywright", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(APP), "PYTHONWARNINGS": "error", **environment},
    )
