"""Reads replies out of a server's bytes: incremental, bounded, without a socket.

Grammar: RFC 5321 section 4.2.1. What a reply means is the dialogue's business; what is shown of it, redaction's.
"""

import re
from dataclasses import dataclass

from relaywright.domain.reply import FailureKind
from relaywright.smtp.trouble import Trouble

MAX_LINE_OCTETS = 16_384  # RFC 5321 says 512; a SASL challenge may have 12,288 (RFC 4954 section 4)
MAX_LINES = 200
MAX_REPLY_OCTETS = 65_536

_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)
_TLS_RECORD_TYPES = (0x15, 0x16)


@dataclass(frozen=True)
class RawReply:
    """One complete reply as the server wrote it. Every text is untrusted and not yet cleaned."""

    code: int
    untrusted_lines: tuple[str, ...]
    """The lines with their codes, without line ends."""

    @property
    def untrusted_text(self) -> str:
        """The lines without codes, joined by a line feed."""
        return "\n".join(line[4:] for line in self.untrusted_lines)


class ReplyReader:
    """Takes bytes as they come and gives replies one by one.

    Never holds more than one reply's bounds plus what one ``feed`` brought. After it has raised, it is of no use.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._searched = 0
        self._code = b""
        self._lines: list[str] = []
        self._octets = 0

    @property
    def has_leftover(self) -> bool:
        """Whether bytes lie here that belong to no reply given yet."""
        return bool(self._buffer or self._lines)

    @property
    def untrusted_partial(self) -> tuple[str, ...]:
        """What there is of an unfinished reply, for the transcript of a session that broke off."""
        rest = _decode(bytes(self._buffer[:200]))
        return (*self._lines, rest) if rest else tuple(self._lines)

    def feed(self, data: bytes) -> None:
        """Add bytes that the server sent."""
        self._buffer += data

    def next_reply(self) -> RawReply | None:
        """Return the next complete reply, or None if more bytes are needed.

        Raises Trouble: LINE_TOO_LONG beyond a bound, NOT_SMTP for a line that is no reply or for mixed codes.
        """
        while (line := self._next_line()) is not None:
            reply = self._take(line)
            if reply is not None:
                return reply
        return None

    def _next_line(self) -> bytes | None:
        end = self._buffer.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._buffer)
        if (len(self._buffer) if end < 0 else end) > MAX_LINE_OCTETS:
            raise Trouble(FailureKind.LINE_TOO_LONG, f"a line of more than {MAX_LINE_OCTETS} bytes")
        if end < 0:
            return None
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[: end + 1]
        self._searched = 0
        return line

    def _take(self, line: bytes) -> RawReply | None:
        match = _LINE.fullmatch(line)
        if match is None:
            raise Trouble(FailureKind.NOT_SMTP, _what_came(line))
        code, dash, _ = match.groups()
        self._code = self._code or code
        if code != self._code:
            raise Trouble(FailureKind.NOT_SMTP, f"one reply with two codes, {self._code.decode()} and {code.decode()}")
        self._lines.append(_decode(line))
        self._octets += len(line)
        if dash != b"-":
            reply = RawReply(int(code), tuple(self._lines))
            self._code, self._lines, self._octets = b"", [], 0
            return reply
        if len(self._lines) >= MAX_LINES:
            raise Trouble(FailureKind.LINE_TOO_LONG, f"a reply of more than {MAX_LINES} lines")
        if self._octets > MAX_REPLY_OCTETS:
            raise Trouble(FailureKind.LINE_TOO_LONG, f"a reply of more than {MAX_REPLY_OCTETS} bytes")
        return None


def _decode(line: bytes) -> str:
    return line.decode("utf-8", "replace")


def _what_came(line: bytes) -> str:
    if line[:1] and line[0] in _TLS_RECORD_TYPES and line[1:2] == b"\x03":
        return "the server speaks TLS from the first byte"
    return f"“{_decode(line[:120])}”" if line else "an empty line"
