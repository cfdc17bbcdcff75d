"""Reading mail that a person pasted: delivery reports (RFC 3464), their words for people, a message's own head.

It only takes apart; what the parts mean is for the catalogue. Whatever comes, nothing is raised, and time and memory
are bounded before the standard library's parser sees the text: by lines, by characters, and by how deep parts can lie.
"""

import email
import email.message
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_MAIL_LINES = 20_000
MAX_LINE_CHARACTERS = 2_000
MAX_PARTS = 50
"""Of a message whose parts may be more, or lie deeper, only its lines are read."""
MAX_CONTENT_TYPE_LINES = 6
MAX_CONTENT_TYPE_CHARACTERS = 500
"""Longer fields, and lines of them, are cut: the parser's time for them grows with the square of their length."""
MAX_RECIPIENTS = 100
MAX_BODY_CHARACTERS = 200_000
MAX_HEADERS = 10

_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{0,60}):[ \t]*(.*)$")
_KNOWN = {
    *("from", "to", "cc", "subject", "date", "message-id", "received", "return-path", "mime-version"),
    *("content-type", "x-failed-recipients", "authentication-results", "received-spf", "dkim-signature"),
}
_STATUS_FIELDS = {
    *("final-recipient", "original-recipient", "action", "status", "diagnostic-code", "remote-mta"),
    *("will-retry-until", "last-attempt-date", "final-log-id"),
}
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_CODE = re.compile(r"([245]\d\d)([ -])(?!#?[245]\.\d)")
_BREAKING_TAG = re.compile(r"</?(?:br|p|div|tr|td|th|li|h[1-6]|pre|table)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_STATUS_TYPES = {"message/delivery-status", "message/global-delivery-status"}
_ORIGINALS = {"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"}


@dataclass(frozen=True)
class Passage:
    """A part that may say why: what it says, which field said it, of whom, and in which line of the text."""

    text: str
    where: str
    recipient: str = ""
    line: int | None = None
    """The first line is 1; None where the part was encoded."""


@dataclass(frozen=True)
class Mail:
    """A pasted message, taken apart."""

    statuses: tuple[Passage, ...]
    """What a delivery report says of each recipient who did not get the message, or not yet."""
    bodies: tuple[str, ...]
    """The message's own words, decoded, without the message it may return."""
    results: tuple[Passage, ...]
    """Authentication-Results and Received-SPF, as results like ``spf=fail``."""


def read_mail(text: str) -> Mail | None:
    """Return a message's parts, or None for a text that is neither a message nor a delivery report's fields."""
    lines = [line[:MAX_LINE_CHARACTERS] for line in text.lstrip("\r\n\ufeff ").split("\n", MAX_MAIL_LINES)]
    skipped = text[: len(text) - len(text.lstrip("\r\n\ufeff "))].count("\n")
    lines = lines[:MAX_MAIL_LINES]
    statuses = tuple(_statuses(lines, first=skipped + 1))
    if not _has_head(lines):
        return Mail(statuses, (_without_fields(lines),), ()) if statuses else None
    parts = _parts(lines)
    if not statuses:
        encoded = (_decoded(part) for part in parts if part.get_content_type() in _STATUS_TYPES)
        statuses = tuple(item for text in encoded for item in _statuses(text.split("\n"), first=None))
    return Mail(statuses, _bodies(parts), tuple(_results(lines, first=skipped + 1)))


def _without_fields(lines: list[str]) -> str:
    """Return what stands around a report's fields."""
    fields = (_FIELD.match(line) for line in lines)
    pairs = zip(lines, fields, strict=True)
    rest = [line for line, field in pairs if field is None or field.group(1).lower() not in _STATUS_FIELDS]
    return "\n".join(rest)[:MAX_BODY_CHARACTERS]


def _has_head(lines: list[str]) -> bool:
    """Tell whether the text begins like a message: with a block of fields, two of which are known ones."""
    known = set()
    for number, line in enumerate(lines[:200]):
        field = _FIELD.match(line)
        if field is not None:
            known.add(field.group(1).lower())
        elif not line.strip() or not (line[0] in " \t" or (number == 0 and line.startswith("From "))):
            break
    return len(known & _KNOWN) >= 2


def _statuses(lines: list[str], *, first: int | None) -> Iterator[Passage]:
    """Yield what blocks of fields (RFC 3464 section 2.3) say of each recipient; ``first`` numbers the lines."""
    found = 0
    for block in _blocks(lines):
        passage = _of_recipient(block, first)
        if passage is not None:
            yield passage
            found += 1
        if found >= MAX_RECIPIENTS:
            return


def _blocks(lines: list[str]) -> Iterator[dict[str, tuple[str, int]]]:
    """Yield blocks of fields: value and index of the line by the field's name. Of other text nothing is taken.

    A field that comes again begins another block: the empty line between them gets lost when text is copied.
    """
    block: dict[str, tuple[str, int]] = {}
    last = ""
    for index, line in enumerate(lines):
        field = _FIELD.match(line.rstrip("\r"))
        name = field.group(1).lower() if field is not None else ""
        if field is not None and (name in _STATUS_FIELDS or name.startswith("x-")):
            if name in block and name in _STATUS_FIELDS:
                yield block
                block = {}
            block.setdefault(name, (field.group(2).strip(), index))
            last = name
        elif block and line[:1] in {" ", "\t"} and line.strip():
            value, begun = block[last]
            block[last] = (f"{value} {line.strip()}"[:MAX_LINE_CHARACTERS], begun)
        elif block:
            yield block
            block = {}
    if block:
        yield block


def _of_recipient(block: dict[str, tuple[str, int]], first: int | None) -> Passage | None:
    """Return what a block of fields says of its recipient; None when it is none, or all went well."""
    action = block.get("action", ("", 0))[0].lower().split(" ")[0]
    if "status" not in block or not (action or "final-recipient" in block):
        return None
    if action in {"delivered", "relayed", "expanded"}:
        return None
    status = _ENHANCED.search(block["status"][0])
    name = "diagnostic-code" if block.get("diagnostic-code", ("", 0))[0] else "status"
    value, index = block[name]
    if name == "diagnostic-code":
        kind, semicolon, said = value.partition(";")
        value = said.strip() if semicolon and len(kind) < 40 else value
        if status is not None:  # the code alone says little, and the report has the rest in another field
            value = _CODE.sub(rf"\1 {status.group()} ", value, count=1) if _CODE.match(value) else value
    elif status is not None:
        value = f"#{status.group()}"
    who = block.get("final-recipient") or block.get("original-recipient") or ("", 0)
    recipient = who[0].partition(";")[2].strip() or who[0]
    where = "-".join(word.capitalize() for word in name.split("-"))
    return Passage(
        value,
        f"{where} (delayed)" if action == "delayed" else where,
        recipient[:320],
        None if first is None else first + index,
    )


def _parts(lines: list[str]) -> list[email.message.Message]:
    """Return the parts that hold something, none of the message that is returned; none of a hostile message."""
    boundaries = sum("boundary=" in line.lower() for line in lines)
    nested = sum(line.lower().startswith("content-type: message/") for line in lines)
    marks = sum(line.startswith("--") for line in lines)
    if boundaries + nested > MAX_PARTS or marks > MAX_PARTS * 20:
        return []
    try:
        # The older policy: the newer one's parser of fields needs time with the square of a field's length.
        message = email.message_from_string("\n".join(_with_short_types(lines)))
        return list(_leaves(message))
    except Exception:  # noqa: BLE001 - the library's parser raises many kinds of errors over hostile text
        return []


def _with_short_types(lines: list[str]) -> Iterator[str]:
    """Yield the lines, those of a Content-Type field cut in length and in number."""
    taken = 0
    for line in lines:
        if line[:13].lower() == "content-type:":
            taken = 1
        elif taken and line[:1] in {" ", "\t"}:
            taken += 1
        else:
            taken = 0
        if not taken:
            yield line
        elif taken <= MAX_CONTENT_TYPE_LINES:
            yield line[:MAX_CONTENT_TYPE_CHARACTERS]


def _leaves(message: email.message.Message) -> Iterator[email.message.Message]:
    kind = message.get_content_type()
    if kind in _ORIGINALS:
        return
    payload = message.get_payload()
    if isinstance(payload, list) and kind not in _STATUS_TYPES:
        for part in payload[:MAX_PARTS]:
            if isinstance(part, email.message.Message):
                yield from _leaves(part)
    else:
        yield message


def _bodies(parts: list[email.message.Message]) -> tuple[str, ...]:
    """Return the plain texts; where there is none, the words of the HTML."""
    plain = [_decoded(part) for part in parts if part.get_content_type() == "text/plain"]
    if any(text.strip() for text in plain):
        return tuple(plain)
    pages = [_decoded(part) for part in parts if part.get_content_type() == "text/html"]
    return tuple(html.unescape(_TAG.sub("", _BREAKING_TAG.sub("\n", page))) for page in pages)


def _decoded(part: email.message.Message) -> str:
    """Return a part's text; what cannot be decoded comes as it is."""
    try:
        payload = part.get_payload()
        if isinstance(payload, list):  # a report's blocks, which the parser takes for messages
            payload = "\n\n".join(_written(item) for item in payload[:MAX_RECIPIENTS])
            part = email.message_from_string(f"Content-Transfer-Encoding: {_encoding(part)}\n\n{payload.strip()}")
        if _encoding(part) in {"base64", "quoted-printable"}:
            raw = part.get_payload(decode=True)
            if isinstance(raw, bytes):
                return raw[: 4 * MAX_BODY_CHARACTERS].decode(_charset(part), errors="replace")[:MAX_BODY_CHARACTERS]
        return str(payload)[:MAX_BODY_CHARACTERS]
    except Exception:  # noqa: BLE001 - the library's decoder raises many kinds of errors over hostile text
        return ""


def _written(message: object) -> str:
    """Return a block of fields, and what follows it, as it stood in the report."""
    if not isinstance(message, email.message.Message):
        return ""
    fields = "\n".join(f"{name}: {value}" for name, value in message.items())
    return f"{fields}\n\n{message.get_payload()}"


def _encoding(part: email.message.Message) -> str:
    return str(part.get("Content-Transfer-Encoding", ""))[:40].strip().lower()


def _charset(part: email.message.Message) -> str:
    name = part.get_content_charset("utf-8")
    try:
        "".encode(name)
        b"".decode(name)
    except (LookupError, ValueError):
        return "latin-1"
    return name


def _results(lines: list[str], *, first: int) -> Iterator[Passage]:
    """Yield the results in a message's own head, the topmost first: later ones were there before this receiver."""
    found = 0
    index = 0
    while index < len(lines) and lines[index].strip() and found < MAX_HEADERS:
        field = _FIELD.match(lines[index].strip("\r"))
        begun = index
        index += 1
        if field is None:
            continue
        name, value = field.group(1), field.group(2)
        while index < len(lines) and lines[index][:1] in {" ", "\t"} and lines[index].strip():
            value = f"{value} {lines[index].strip()}"[: 2 * MAX_LINE_CHARACTERS]
            index += 1
        if name.lower() == "received-spf":
            value = f"spf={value.strip()}"
        elif name.lower() != "authentication-results":
            continue
        found += 1
        yield Passage(re.sub(r"\s?=\s?", "=", value), name, line=first + begun)
