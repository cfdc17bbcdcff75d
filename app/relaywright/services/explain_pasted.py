"""Explaining what a person pasted, dropped or piped in: a reply, a log of another program, a bounce, a message's head.

The catalogue knows what a reply means; here the lines that matter are found and counted. Any text may come, and any
file: time and memory are bounded, and of a large file only both ends are read.
"""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from relaywright.catalog.bounce import MAX_MAIL_LINES, Mail, Passage, read_mail
from relaywright.catalog.catalog import Catalog
from relaywright.domain.errors import InputError
from relaywright.domain.explanation import Explanation, MatchConfidence
from relaywright.services.pasted_lines import FoundLine, Gathered, Kept, clean

END_BYTES = 1_000_000
"""Of a larger file this much is read at its beginning and at its end: a log's reason stands at one of its ends."""

_OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOMS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_MOST_CONTROLS = 0.1


@dataclass(frozen=True)
class Pasted:
    """A text to explain. ``tail`` is a file's end where its middle was not read, else empty."""

    text: str
    tail: str = ""

    @classmethod
    def of(cls, head: bytes, tail: bytes) -> "Pasted":
        """Read bytes as UTF-8, or as UTF-16 with its mark; what is neither becomes question marks."""
        encoding = _BOMS.get(head[:2], "utf-8")
        if encoding != "utf-8" and len(tail) % 2:
            tail = tail[1:]
        return cls(*(data.decode(encoding, errors="replace").removeprefix("\ufeff") for data in (head, tail)))


@dataclass(frozen=True)
class PastedExplanation:
    """What a text comes to: the best explanation, and every line that was found, in the text's order."""

    best: Explanation
    found: tuple[FoundLine, ...]

    @property
    def deciding(self) -> FoundLine | None:
        """The line that the best explanation is about; None when nothing was recognised, or no single line said it."""
        return next((line for line in self.found if _same(line.explanation, self.best)), None)

    @property
    def others(self) -> tuple[FoundLine, ...]:
        """The lines that mean something else."""
        return tuple(line for line in self.found if not _same(line.explanation, self.best))


class PastedTexts:
    """Explains texts and files by the catalogue."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def explain(self, pasted: Pasted, values: Mapping[str, str]) -> PastedExplanation:
        """Explain any text; ``values`` fill the commands' places (catalog.values_of)."""
        pasted = Pasted(clean(pasted.text), clean(pasted.tail))
        gathered = Gathered(self._catalog, values)
        mail = read_mail(pasted.text)
        if mail is None or not (mail.statuses or mail.bodies or mail.results):
            return self._explain_lines(pasted, gathered, values)
        return self._explain_mail(mail, pasted, gathered, values)

    def explain_file(self, path: Path, values: Mapping[str, str]) -> PastedExplanation:
        """Explain a text file, a log or an .eml. Raises InputError when it cannot be read or is no text."""
        return self.explain(read_file(path), values)

    def _explain_lines(self, pasted: Pasted, gathered: Gathered, values: Mapping[str, str]) -> PastedExplanation:
        kept = Kept.of(pasted.text, pasted.tail)
        best = self._catalog.explain_text(kept.text, values)
        gathered.add_lines(kept.text.splitlines(), kept.number, best)
        if best.temporary:  # what lasts is worth more than what time mends
            best = gathered.latest_lasting() or best
        return PastedExplanation(best, gathered.found())

    def _explain_mail(
        self, mail: Mail, pasted: Pasted, gathered: Gathered, values: Mapping[str, str]
    ) -> PastedExplanation:
        """A report's fields decide before its words for people, those before the results in its head."""
        body = "\n\n\n".join(mail.bodies)
        said = [self._catalog.explain_text("\n\n\n".join(item.text for item in mail.statuses), values)]
        for status in mail.statuses:
            gathered.add_passage(status, self._catalog.explain_text(status.text, values))
        in_body = self._catalog.explain_text(body, values)
        places = _places(pasted.text)
        lines = Kept.of(body, "").text.splitlines()
        gathered.add_lines(lines, lambda index: places.get(lines[index].strip()), in_body)
        said.append(in_body)
        for passage, explanation in self._failed_results(mail, values):
            gathered.add_passage(passage, explanation)
            said.append(explanation)
        ranked = {confidence: order for order, confidence in enumerate(MatchConfidence)}
        best = min(said, key=lambda item: ranked[item.confidence])
        if best.confidence is not MatchConfidence.EXACT and not mail.statuses:
            # Its subject may say why, or a part that was not taken apart, or it was no message but a device's report.
            whole = self._explain_lines(pasted, Gathered(self._catalog, values), values)
            if ranked[whole.best.confidence] < ranked[best.confidence] or best.confidence is MatchConfidence.UNKNOWN:
                return whole
        return PastedExplanation(best, gathered.found())

    def _failed_results(self, mail: Mail, values: Mapping[str, str]) -> Iterator[tuple[Passage, Explanation]]:
        """Yield the results that tell against a message. DMARC passes with SPF or DKIM alone (RFC 7489 section 4.2)."""
        vouched = any("dmarc=pass" in item.text.lower() for item in mail.results)
        for passage in mail.results:
            for explanation in [] if vouched else self._catalog.explain_header(passage.text, values):
                yield passage, explanation


def read_file(path: Path) -> Pasted:
    """Read a text file, of a large one both ends.

    Raises InputError: ``unreadable-file``, ``outlook-message``, ``not-text``.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InputError(
                f"“{path.name or path}” is no file.", hint="Choose a text file, a log or an .eml.", id="unreadable-file"
            )
        with path.open("rb") as file:
            head = file.read(2 * END_BYTES)
            tail = b""
            if status.st_size > 2 * END_BYTES:
                head = head[:END_BYTES]
                file.seek(-END_BYTES, 2)
                tail = file.read(END_BYTES)
    except (OSError, ValueError) as error:  # a name with a NUL is a ValueError
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(
            f"“{path.name}” could not be read: {reason}.",
            hint="Check that it is there and that you may read it, or paste its text.",
            id="unreadable-file",
        ) from error
    _refuse_what_is_no_text(head, path)
    return Pasted.of(head, tail)


def _refuse_what_is_no_text(head: bytes, path: Path) -> None:
    if head.startswith(_OUTLOOK):
        raise InputError(
            f"“{path.name}” is a message in Outlook's own format, which Relaywright cannot read.",
            hint="Save it as .eml (in Outlook on the web: Download), or open it and paste its text.",
            id="outlook-message",
        )
    if head[:2] in _BOMS:
        return
    controls = sum(head.count(bytes([byte])) for byte in range(32) if byte not in b"\t\n\r\f\x1b")
    if controls > _MOST_CONTROLS * len(head):
        raise InputError(
            f"“{path.name}” is no text.", hint="Choose a text file, a log or an .eml, or paste the text.", id="not-text"
        )


def _places(text: str) -> dict[str, int]:
    """Return the number of the first line with these words; lines of encoded parts are not among them."""
    places: dict[str, int] = {}
    for number, line in enumerate(text.split("\n", MAX_MAIL_LINES)[:MAX_MAIL_LINES], start=1):
        if len(line) > 5:
            places.setdefault(line.strip(), number)
    return places


def _same(one: Explanation, other: Explanation) -> bool:
    return (one.id, one.title) == (other.id, other.title)
