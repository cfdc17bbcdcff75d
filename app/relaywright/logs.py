"""The log file: rotated, private, and without secrets. What people must see is never only here.

Secrets are kept out where they arise (a Secret never prints itself); the formatter here is the second net. Libraries
that log what they send or receive are capped: MSAL writes the authorization response at DEBUG.
"""

import logging
import os
import re
from pathlib import Path

from relaywright.domain.secret import hide_secrets

MAX_BYTES = 1_000_000
BACKUPS = 3

_CAPPED = (
    "msal",
    "urllib3",
    "requests",
    "keyring",
    "asyncio",
    "dns",
    "PIL",
    "reportlab",
    "markdown_it",
    "secretstorage",
)
_LOOKS_SECRET = re.compile(
    r"""(?ix)
    (eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)                                  # a signed token
    | ((?:password|client_secret|refresh_token|access_token|id_token|assertion|code_verifier|(?<![a-z_])code)
       ["']?\s*[=:]\s*["']?)[^\s&"',}]+
    | ((?:AUTH\s+(?:LOGIN|PLAIN|XOAUTH2)|Bearer)\s+)[^\s"',]{6,}
    """
)


class _RedactingFormatter(logging.Formatter):
    """Covers the whole text: message, traceback, and a traceback that another handler has put into words already.

    A filter would see neither of the last two, and would raise in the caller’s face for arguments that do not fit.
    """

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def redact(text: str) -> str:
    """Replace what is or looks like a secret in a text that is about to leave the program's memory."""
    text = hide_secrets(text)
    return _LOOKS_SECRET.sub(lambda match: f"{match.group(2) or match.group(3) or ''}[hidden]", text)


def start(folder: Path, *, level: int = logging.INFO) -> Path | None:
    """Log to ``relaywright.log`` in the folder; return its path, or None when the folder cannot be written.

    A log that cannot be written must not keep anybody from sending, so that is no error here. Then a bug is told on
    standard error instead, by the same formatter: Python’s own last resort would write it there as it stands.
    """
    root = logging.getLogger()
    root.setLevel(level)
    for name in _CAPPED:
        logging.getLogger(name).setLevel(logging.WARNING)
    path = folder / "relaywright.log"
    is_file = True
    handler: logging.Handler
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _PrivateHandler(path, max_bytes=MAX_BYTES, backups=BACKUPS)
    except OSError:
        is_file, handler = False, logging.StreamHandler()
        handler.setLevel(logging.ERROR)
    handler.setFormatter(_RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    return path if is_file else None


class _PrivateHandler(logging.FileHandler):
    """A rotating file that only its owner may read.

    The standard library's rotating handler does the same, but loads pickle and sockets for its neighbours.
    """

    def __init__(self, path: Path, *, max_bytes: int, backups: int) -> None:
        super().__init__(path, encoding="utf-8", delay=True)
        self._max_bytes = max_bytes
        self._backups = backups

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if self.stream is not None and self.stream.tell() >= self._max_bytes:
                self.stream.close()
                self.stream = None  # FileHandler opens it again for the next record
                self._move_aside()
            super().emit(record)
        except OSError:  # the file cannot be opened: the line is lost, the work goes on
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Lose the line: the standard way shows the record on standard error as it stands, secrets included."""

    def _move_aside(self) -> None:
        """Move relaywright.log to .1, .1 to .2 and so on; the oldest goes."""
        for number in range(self._backups, 0, -1):
            older = Path(f"{self.baseFilename}.{number}")
            newer = Path(f"{self.baseFilename}.{number - 1}" if number > 1 else self.baseFilename)
            if newer.exists():
                newer.replace(older)

    def _open(self) -> "logging._IOWrap":  # type: ignore[name-defined]  # typeshed's private alias
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        stream = open(descriptor, "a", encoding=self.encoding)  # noqa: PTH123, SIM115 - logging closes it
        stream.seek(0, os.SEEK_END)
        return stream
