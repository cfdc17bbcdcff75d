"""Makes a text safe to show and keep: known secrets masked, characters that could deceive taken out.

The dialogue never hands a secret to the transcript; this is for servers that send one back: whole, encoded, cut short.
"""

import base64
import unicodedata
import urllib.parse
from collections.abc import Iterable

from relaywright.domain.secret import MASK

MAX_SHOWN_CHARS = 2_000
_SHORTEST_MASKED = 3
_SHORTEST_ENCODED = 6
_RAW_PIECE = 16
"""A piece of a long secret this long is masked too: servers quote the beginning of a command they do not know."""
_ENCODED_PIECE = 12
_UNTOLD_CASE_FROM = 12
"""From this length on a secret is found in other case as well; below, it might be an ordinary word."""


def printable(untrusted_text: str) -> str:
    """Return the text on one line: controls, bidi marks and lone surrogates replaced, its length bounded."""
    text = "".join(_visible(char) for char in untrusted_text[: MAX_SHOWN_CHARS + 1])
    return text if len(text) <= MAX_SHOWN_CHARS else text[:MAX_SHOWN_CHARS] + "…"


def _visible(char: str) -> str:
    if char.isprintable():
        return char
    return " " if char == "\t" or unicodedata.category(char) == "Zs" else "\ufffd"


class Redactor:
    """Knows a session's secrets and masks them in whatever comes back."""

    def __init__(self, secrets: Iterable[str] = (), payloads: Iterable[str] = ()) -> None:
        """Take the secrets themselves, and the encoded payloads that carry them on the wire."""
        self._whole: set[str] = set()
        self._whole_any_case: set[str] = set()
        self._pieces: dict[int, set[str]] = {_RAW_PIECE: set(), _ENCODED_PIECE: set()}
        for secret in secrets:
            self._learn(secret)
        for payload in payloads:
            self._learn_encoded(payload)

    def clean(self, untrusted_text: str) -> str:
        """Return the text with secrets masked and made printable."""
        return printable(self.mask(untrusted_text))

    def mask(self, text: str) -> str:
        """Return the text with every known secret, encoded secret and longer piece of one masked."""
        covered = bytearray(len(text))
        folded = _lower(text)
        for needle in self._whole:
            _cover(covered, text, needle)
        for needle in self._whole_any_case:
            _cover(covered, folded, needle)
        for length, pieces in self._pieces.items():
            if pieces:
                for start in range(len(folded) - length + 1):
                    if folded[start : start + length] in pieces:
                        covered[start : start + length] = b"\1" * length
        return _masked(text, covered)

    def _learn(self, secret: str) -> None:
        if len(secret) < _SHORTEST_MASKED:
            return
        self._whole.add(secret)
        for form in {secret, urllib.parse.quote(secret, safe=""), urllib.parse.quote_plus(secret)}:
            if len(form) >= _UNTOLD_CASE_FROM:
                self._whole_any_case.add(_lower(form))
            if len(form) >= _RAW_PIECE + 8:
                self._pieces[_RAW_PIECE] |= _windows(_lower(form), _RAW_PIECE)
        raw = secret.encode()
        self._whole_any_case.add(raw.hex())
        if len(secret) >= _RAW_PIECE:
            self._pieces[_RAW_PIECE] |= _windows(raw.hex(), _RAW_PIECE)
        for shift in range(3):
            # Inside a longer base64 text the secret starts at one of three positions of a group; the outermost
            # characters also carry neighbouring bits, so they are left out.
            encoded = base64.b64encode(bytes(shift) + raw).decode().rstrip("=")
            self._learn_encoded(encoded[shift + 1 if shift else 0 : -1])
        self._learn_encoded(base64.b64encode(raw).decode())

    def _learn_encoded(self, encoded: str) -> None:
        for form in {encoded.rstrip("="), encoded.rstrip("=").translate(str.maketrans("+/", "-_"))}:
            if len(form) >= _SHORTEST_ENCODED:
                self._whole.add(form)
            if len(form) >= _ENCODED_PIECE:
                self._pieces[_ENCODED_PIECE] |= _windows(_lower(form), _ENCODED_PIECE)


def _lower(text: str) -> str:
    """Lower ASCII only: ``str.lower`` can change the length of a text."""
    return text.translate(_LOWER)


_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _windows(text: str, length: int) -> set[str]:
    return {text[start : start + length] for start in range(len(text) - length + 1)}


def _cover(covered: bytearray, text: str, needle: str) -> None:
    start = text.find(needle)
    while start >= 0:
        covered[start : start + len(needle)] = b"\1" * len(needle)
        start = text.find(needle, start + 1)


def _masked(text: str, covered: bytearray) -> str:
    parts = []
    position = 0
    while position < len(text):
        end = position
        while end < len(text) and covered[end] == covered[position]:
            end += 1
        parts.append(MASK if covered[position] else text[position:end])
        position = end
    return "".join(parts)
