"""The log file: rotated, private, and without secrets. What people must see is never only here.

Secrets are kept out where they arise (a Secret never prints itself); the filter here is the second net. Libraries
that log what they send or receive are capped: MSAL writes the authorization response at DEBUG.
"""

import logging
import logging.handlers
import os
import re
from pathlib import Path

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
    | ((?:password|client_secret|refresh_token|access_token|id_token|code|assertion)["']?\s*[=:]\s*["']?)[^\s&"',}]+
    | (AUTH\s+(?:LOGIN|PLAIN|XOAUTH2)\s+)\S+
    """
)


class Redaction(logging.Filter):
    """Replaces what looks like a token, a password or an AUTH payload before a record is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        redacted = redact(message)
        if redacted != message:
            record.msg, record.args = redacted, None
        return True


class _RedactingFormatter(logging.Formatter):
    """Also covers tracebacks, which a filter never sees."""

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's name
        return redact(super().formatException(ei))  # type: ignore[arg-type]  # the base takes sys.exc_info()'s forms


def redact(text: str) -> str:
    """Replace what looks like a secret in a text that is about to leave the program's memory."""
    return _LOOKS_SECRET.sub(lambda match: f"{match.group(2) or match.group(3) or ''}[hidden]", text)


def start(folder: Path, *, level: int = logging.INFO) -> Path | None:
    """Log to ``relaywright.log`` in the folder; return its path, or None when the folder cannot be written.

    A log that cannot be written must not keep anybody from sending, so that is no error here.
    """
    root = logging.getLogger()
    root.setLevel(level)
    for name in _CAPPED:
        logging.getLogger(name).setLevel(logging.WARNING)
    path = folder / "relaywright.log"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _PrivateHandler(path, maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8", delay=True)
    except OSError:
        return None
    handler.addFilter(Redaction())
    handler.setFormatter(_RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    return path


class _PrivateHandler(logging.handlers.RotatingFileHandler):
    """A rotating file that only its owner may read."""

    def _open(self) -> "logging._IOWrap":  # type: ignore[name-defined]  # typeshed's private alias
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return open(descriptor, "a", encoding=self.encoding)  # noqa: PTH123 - logging closes it
