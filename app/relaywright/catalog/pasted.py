"""Finding the replies in text that a person pasted: a log, a bounce, a traceback, a device's screen.

It only finds and orders candidates; replies.py says which entry explains one. Time and memory are bounded whatever
is pasted: the text is cut, the patterns are linear, and the number of candidates is limited.
"""

import itertools
import re
from collections.abc import Iterator

from relaywright.domain.reply import Reply

MAX_PASTED_CHARACTERS = 200_000
"""Of a longer text the first and the last half of this are read: a log's reason stands at one of its ends."""

MAX_CANDIDATES = 300
MAX_CANDIDATE_CHARACTERS = 1_500

# A code and its enhanced code, as written by servers (535 5.7.3, 535-5.7.3), smtplib ((535, b'5.7.3 …')),
# MailKit (535: 5.7.3) and bounces (#550 5.7.68).
_WITH_ENHANCED = re.compile(r"(?<![\w.])([245]\d\d)(?:[ :-]{1,2}|, ?b?['\"])#?([245]\.\d{1,3}\.\d{1,3})(?![\w.])")
# A code alone: at the start of a line behind whatever marks a program puts there, or behind “said:”, “reply:”, “(”.
# Its second digit is 0 to 5 (RFC 5321 section 4.2), which ports 465 and 587 are not.
_BARE = re.compile(r"(?:^[\s>|*<~=-]{0,12}|[:;('\"<>=] ?)([2345][0-5]\d)(?:[ :-]{1,2}|, ?b?['\"])(?=[A-Za-z<#])")
# A code alone after a space, in a log line: only refusals, only before a capital letter.
_LOOSE = re.compile(r"(?<=\s)(?<!SMTP code: )([45][0-5]\d)[ -](?=[A-Z][a-z])")
# An enhanced code alone: a bounce's Status field, “#5.7.68”, all that was pasted, or behind the words with which .NET
# (“The server response was: ”) and MailKit (“AuthenticationException: AuthenticationInvalidCredentials: ”) begin.
_ENHANCED_ALONE = re.compile(
    r"(?:^|[#(]|status:? ?|code:? ?|response was: ?|exception: ?|credentials: ?|processing: ?)"
    r"\"?'?([45]\.\d{1,3}\.\d{1,3})(?![\w.])",
    re.IGNORECASE,
)


# PHPMailer takes a reply apart: “Detail: TEXT SMTP code: 535 Additional SMTP info: 5.7.3”, and leaves enhanced codes of
# three digits in the text.
_TAKEN_APART = re.compile(
    r"SMTP code: ([245]\d\d)(?![\w.])(?: Additional SMTP info: ([245]\.\d{1,3}\.\d{1,3})(?![\w.]))?"
)

# A line that begins a reply of its own.
_BEGINS = re.compile(r"^[\s>|*<~=-]{0,12}([2345]\d\d)[ -]")


def cut(text: str) -> str:
    """Return the text, its middle left out when it is too long; NUL and its like become spaces."""
    if len(text) > MAX_PASTED_CHARACTERS:
        half = MAX_PASTED_CHARACTERS // 2
        text = f"{text[:half]}\n{text[-half:]}"
    return text.replace("\x00", " ")


def replies_in(text: str) -> list[Reply]:
    """Return what may be replies in a text already cut, in its order, each once. At most 300 are returned."""
    found: dict[tuple[int, str], Reply] = {}
    for reply in itertools.islice(_put_together(text), MAX_CANDIDATES):
        found.setdefault((reply.code, reply.text), reply)
    for _number, reply in replies_by_line(text.splitlines()):
        found.setdefault((reply.code, reply.text), reply)
    replies = list(found.values())
    if len(replies) > MAX_CANDIDATES:
        half = MAX_CANDIDATES // 2
        replies = replies[:half] + replies[-half:]
    return replies


def _put_together(text: str) -> Iterator[Reply]:
    """Yield the replies that PHPMailer took apart."""
    for match in _TAKEN_APART.finditer(text):
        before = text[max(0, match.start() - MAX_CANDIDATE_CHARACTERS) : match.start()]
        detail = before.rpartition("Detail: ")[2].strip() if "Detail: " in before else ""
        yield Reply(int(match.group(1)), f"{match.group(2) or ''} {detail}".strip())


def replies_by_line(lines: list[str]) -> Iterator[tuple[int, Reply]]:
    """Yield what may be replies with the index of the line they begin in, repeated ones each time."""
    for number, line in enumerate(lines):
        for reply in (*_put_together(line), *_in_line(line, lines, number)):
            yield number, reply


def _in_line(line: str, lines: list[str], number: int) -> Iterator[Reply]:
    line = line[: MAX_CANDIDATE_CHARACTERS * 8]
    taken = False
    for match in _WITH_ENHANCED.finditer(line):
        taken = True
        yield _reply(int(match.group(1)), line[match.start(2) :], lines, number)
    if taken:
        return
    for match in _BARE.finditer(line):
        taken = True
        yield _reply(int(match.group(1)), line[match.end() :], lines, number)
    if taken:
        return
    for match in _LOOSE.finditer(line):
        taken = True
        yield _reply(int(match.group(1)), line[match.end() :], lines, number)
    if taken:
        return
    for match in _ENHANCED_ALONE.finditer(line):
        yield _reply(0, line[match.start(1) :], lines, number)


def _reply(code: int, text: str, lines: list[str], number: int) -> Reply:
    """Return a reply with up to two lines after it, which a mail program may have wrapped or a server continued."""
    parts = [text[:MAX_CANDIDATE_CHARACTERS]]
    for line in lines[number + 1 : number + 3]:
        start = _BEGINS.match(line[:40])
        if start is not None and int(start.group(1)) != code:
            break
        parts.append(line[start.end() if start else 0 :][:MAX_CANDIDATE_CHARACTERS])
    return Reply(code, "\n".join(parts))
