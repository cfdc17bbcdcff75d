"""The lines that matter in a pasted text: found, numbered, counted. What they mean is the catalogue's to say."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from relaywright.catalog.bounce import Passage
from relaywright.catalog.catalog import Catalog
from relaywright.catalog.pasted import MAX_PASTED_CHARACTERS, replies_by_line
from relaywright.domain.explanation import Explanation, MatchConfidence
from relaywright.domain.reply import Reply

MAX_FOUND = 50
MAX_EXPLAINED = 400
"""So many different replies of one text are looked up; others of a log that has more are not listed."""
MAX_SHOWN_CHARACTERS = 400
MAX_NAMED_CHARACTERS = 1_000

_HALF = MAX_PASTED_CHARACTERS // 2 - 1
# What other programs take for the end of a line would shift the numbers that editors show.
_ODD_BREAKS = str.maketrans(dict.fromkeys("\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", " "))
_CHANGING = re.compile(r"[0-9A-Fa-f]{6,}|\d+")
# Lines without a reply that may still say why: a library's words, Microsoft's sign-in.
_TELLING = re.compile(
    r"aadsts|error|fail|refused|time[d ]{0,2}out|certificate|ssl|tls|unreachable|not known|reset|closed|invalid_"
    r"|expired|could not|cannot|exception|denied",
    re.IGNORECASE,
)
_DATED = re.compile(r"^(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} [ \d]\d |\d{4}-\d\d-\d\d|\[?\d{1,2}[/.:]\d)")
_CREDENTIAL = re.compile(
    r"(\bAUTH\s{1,4}[A-Z0-9-]{4,20}\s{1,4}|\bpass(?:word)?\s{0,3}[:=]\s{0,3})(?![\s]|[245]\d\d[ -])\S+", re.IGNORECASE
)
_POSTFIX_TO = re.compile(r"\bto=<([^<>\s]{1,320})>")
_ADDRESS_LINE = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")


@dataclass(frozen=True)
class FoundLine:
    """A line that matters, the first of its kind."""

    text: str
    """Untrusted, one line, bounded; what followed AUTH is left out."""
    line: int | None
    """Its number, from 1; below zero it is counted from the end, -1 being the last; None: in an encoded part."""
    where: str
    """The field that said it (``Diagnostic-Code``), or nothing."""
    recipient: str
    times: int
    explanation: Explanation
    last_line: int | None = None
    """Where the last of its kind stands."""


@dataclass(frozen=True)
class Kept:
    """What of a text is looked at, and which number each of its lines had."""

    text: str
    head_lines: int
    total: int | None
    """How many lines the whole text has; None when its middle was not read."""
    lines: int

    @classmethod
    def of(cls, text: str, tail: str) -> "Kept":
        """Keep both ends; ``tail`` is the end of a text whose middle is not there."""
        if not tail and len(text) <= 2 * _HALF:
            count = _count(text)
            return cls(text, count, count, count)
        head, end = text[:_HALF], (tail or text)[-_HALF:]
        kept = f"{head}\n{end}"
        return cls(kept, _count(f"{head}\n"), None if tail else _count(text), _count(kept))

    def number(self, index: int) -> int:
        """Return the number of a kept line, given its index."""
        if index < self.head_lines:
            return index + 1
        from_end = self.lines - index
        return -from_end if self.total is None else self.total - from_end + 1


class Gathered:
    """Collects lines, one for each meaning (and recipient of a report), and counts the others of their kind."""

    def __init__(self, catalog: Catalog, values: Mapping[str, str]) -> None:
        self._catalog = catalog
        self._values = values
        self._found: dict[tuple[str, str, str], FoundLine] = {}
        self._latest: dict[tuple[str, str, str], None] = {}
        self._known: dict[tuple[int, str], Explanation] = {}
        self._without_reply = {rule.id for rule in catalog.replies if rule.failure is not None}
        self._without_reply |= {rule.id for rule in catalog.sign_in_errors}

    def found(self) -> tuple[FoundLine, ...]:
        """Return what was collected, in the order of the text. What is known by its words comes before the limit."""
        numbered = list(enumerate(self._found.values()))
        numbered.sort(key=lambda item: item[1].explanation.confidence is not MatchConfidence.EXACT)
        return tuple(line for _place, line in sorted(numbered[:MAX_FOUND], key=lambda item: item[0]))

    def latest_lasting(self) -> Explanation | None:
        """Return what a server said last of that which waiting does not mend; else a library; None when nobody did."""
        lasting = [
            explanation
            for explanation in (self._found[key].explanation for key in self._latest)
            if explanation.confidence is MatchConfidence.EXACT and not explanation.temporary
        ]
        said = [explanation for explanation in lasting if explanation.id not in self._without_reply]
        ranked = said or lasting
        return ranked[-1] if ranked else None

    def add_passage(self, passage: Passage, explanation: Explanation) -> None:
        """Add a field of a report or of a message's head."""
        self._add(passage.text, passage.line, explanation, passage.where, passage.recipient)

    def add_lines(self, lines: list[str], number: Callable[[int], int | None], best: Explanation) -> None:
        """Add the lines of a text whose best explanation is this one; meanings that are there already are left out."""
        told = {key[:2] for key in self._found}
        seen: set[tuple[int, str, str]] = set()
        refused = set()
        for index, reply in replies_by_line(lines):
            if reply.positive:
                continue
            refused.add(index)
            explanation = self._explain(_alone(reply, lines, index))
            if explanation is None or (index, explanation.id, explanation.title) in seen:
                continue
            seen.add((index, explanation.id, explanation.title))
            if (explanation.id, explanation.title) not in told:
                self._add(lines[index], number(index), explanation, "", _recipient(lines, index))
        self._add_without_reply(lines, number, best, told, refused)

    def _add_without_reply(
        self,
        lines: list[str],
        number: Callable[[int], int | None],
        best: Explanation,
        told: set[tuple[str, str]],
        refused: set[int],
    ) -> None:
        for index, line in enumerate(lines):
            if index in refused or not _TELLING.search(line[:MAX_NAMED_CHARACTERS]):
                continue
            explanation = self._explain(Reply(0, line[:MAX_NAMED_CHARACTERS]))
            if explanation is None or explanation.confidence is MatchConfidence.UNKNOWN:
                continue
            # Beside refusals, words are not taken for another reply's; a library's and the sign-in's are their own.
            if refused and explanation.id != best.id and explanation.id not in self._without_reply:
                continue
            if (explanation.id, explanation.title) not in told:
                self._add(line, number(index), explanation, "", "")

    def _explain(self, reply: Reply) -> Explanation | None:
        """Return what a reply means, or a line's words (code 0 and no enhanced code); None when too many were asked."""
        key = (reply.code, f"{reply.enhanced} {_alike(reply.text)}")
        if key not in self._known:
            if len(self._known) >= MAX_EXPLAINED:
                return None
            self._known[key] = (
                self._catalog.explain_reply(reply, None, self._values)
                if reply.code or reply.enhanced
                else self._catalog.explain_text(reply.text, self._values)
            )
        return self._known[key]

    def _add(self, text: str, line: int | None, explanation: Explanation, where: str, recipient: str) -> None:
        key = (explanation.id, explanation.title, recipient if where else "")
        known = self._found.get(key)
        if known is not None:
            self._found[key] = replace(known, times=known.times + 1, last_line=line)
        else:
            self._found[key] = FoundLine(shown(text), line, where, recipient, 1, explanation, line)
        self._latest.pop(key, None)
        self._latest[key] = None


def _alike(text: str) -> str:
    """Return what lines of one kind have in common. An AADSTS number is what tells them apart."""
    text = text[:MAX_NAMED_CHARACTERS]
    return text if "aadsts" in text.lower() else _CHANGING.sub("#", text)


def clean(text: str) -> str:
    """Return a text whose only ends of line are line feeds."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_ODD_BREAKS)


def shown(line: str) -> str:
    """Return a line as it may be shown: no endless one, and nothing that was said to sign in."""
    line = _CREDENTIAL.sub(r"\1…", line[: 4 * MAX_SHOWN_CHARACTERS].strip())
    return line if len(line) <= MAX_SHOWN_CHARACTERS else f"{line[:MAX_SHOWN_CHARACTERS]}…"


def _alone(reply: Reply, lines: list[str], index: int) -> Reply:
    """Return the reply without lines that are not its own: those of a log stand each for itself."""
    parts = reply.text.split("\n")
    own = 1
    for line in lines[index + 1 : index + len(parts)]:
        is_continued = line[:1].isspace() or line.lstrip(">|*<~=- \t")[:3] == str(reply.code)
        if not is_continued and (_DATED.match(lines[index]) or _DATED.match(line)):
            break
        own += 1
    return Reply(reply.code, "\n".join(parts[:own]))


def _recipient(lines: list[str], index: int) -> str:
    """Return of whom a line speaks: Postfix names them in it, Exchange's report in a line of its own above it."""
    named = _POSTFIX_TO.search(lines[index][:MAX_NAMED_CHARACTERS])
    if named is not None:
        return named.group(1)
    if "remote server" in lines[index][:200].lower():
        for line in reversed(lines[max(0, index - 3) : index]):
            address = _ADDRESS_LINE.fullmatch(line.strip()[:400])
            if address is not None:
                return address.group()
    return ""


def _count(text: str) -> int:
    return text.count("\n") + (not text.endswith("\n")) if text else 0
