"""Writes a session's lines as text for files and tickets, in the manner of swaks. Knows nothing of how they came about.

The lines are clean already; see redaction.
"""

from collections.abc import Iterable

from relaywright.smtp.events import Line, Speaker

_MARKERS = {Speaker.SERVER: "<-", Speaker.CLIENT: "->", Speaker.NOTE: "**"}
_REFUSED = "<!"
LEGEND = "-> sent   <- received   <! refused   ** remark   (times in milliseconds; secrets are not shown)"


def as_text(lines: Iterable[Line], heading: str = "") -> str:
    """Return the lines with time and marker, each ended by a line feed, under ``heading`` and a legend."""
    head = [*heading.splitlines(), LEGEND, ""]
    return "".join(f"{line}\n" for line in (*head, *(as_line(line) for line in lines)))


def as_line(line: Line) -> str:
    """Return one line: time, marker, text."""
    marker = _REFUSED if line.refused else _MARKERS[line.speaker]
    return f"{line.ms:9.1f} {marker} {line.text}".rstrip()
