"""Tables, findings, explanations and transcripts as plain text for a terminal."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from relaywright.cli.plain_text import one_line
from relaywright.domain.explanation import Explanation, MatchConfidence, Sureness
from relaywright.domain.finding import Finding, Level
from relaywright.services.report import Report

if TYPE_CHECKING:
    from relaywright.services.explain_pasted import PastedExplanation
    from relaywright.services.pasted_lines import FoundLine

WIDTH = 100

_MARKS = {Level.OK: "ok", Level.INFO: "note", Level.WARNING: "warning", Level.ERROR: "error"}
_SURENESS = {
    Sureness.DOCUMENTED: "documented",
    Sureness.MIRRORED: "Microsoft's text, read second-hand",
    Sureness.REPORTED: "seen in reports, not documented",
    Sureness.UNVERIFIED: "not verified",
}


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows in columns as wide as their longest cell; the last column is left as it is."""
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def findings_text(findings: Sequence[Finding], *, brief: bool = False) -> str:
    """Return findings as lines below what was said, or nothing; brief leaves out all but an error's way out."""
    lines: list[str] = []
    for finding in findings:
        field = f" ({finding.field})" if finding.field else ""
        lines.append(f"  {_MARKS[finding.level]}: {finding.title}{field}.")
        if not brief:
            lines += wrapped(finding.detail, first="    ", rest="    ")
        if not brief or finding.level is Level.ERROR:
            for step in finding.steps:
                lines += wrapped(step, first="    - ", rest="      ")
    return "".join(f"\n{line}" for line in lines)


def explanation_text(explanation: Explanation) -> str:
    """Return an explanation: what, why, the steps, the command, whose move it is, how sure we are."""
    lines = [explanation.title, "", *wrapped(explanation.cause)]
    for number, step in enumerate(explanation.steps, 1):
        lines += wrapped(step, first=f"  {number}. ", rest="     ")
    if explanation.powershell:
        lines += ["", *(f"    {line}" for line in explanation.powershell.splitlines())]
    if explanation.confidence is MatchConfidence.UNKNOWN:
        return "\n".join(lines)
    lines += [
        "",
        f"Whose move: {explanation.who}. {'Temporary: try again later.' if explanation.temporary else 'Permanent.'}",
    ]
    if explanation.confidence is MatchConfidence.CODE:
        lines.append("This text is not in the catalogue; the explanation follows from the code alone.")
    elif explanation.sources:
        checked = f", checked {explanation.checked:%Y-%m-%d}" if explanation.checked else ""
        lines += wrapped(f"Source ({_SURENESS[explanation.sureness]}{checked}): {'; '.join(explanation.sources)}")
    return "\n".join(lines)


def pasted_text(answer: "PastedExplanation") -> str:
    """Return the line that decided, its explanation, and what else was found, by its title."""
    deciding = answer.deciding
    lines = [] if deciding is None else [_place(deciding), f"    {one_line(deciding.text)}", ""]
    lines.append(explanation_text(answer.best))
    if answer.others:
        lines += ["", "Also found:"]
        for item in answer.others:
            lines += wrapped(f"{_place(item)} {item.explanation.title}.", first="  - ", rest="    ")
    more = [item for item in answer.found if item is not deciding and item not in answer.others]
    if more:
        lines += ["", "The same, of:", *(f"  - {one_line(item.recipient or _place(item))}" for item in more)]
    return "\n".join(lines)


def _place(item: "FoundLine") -> str:
    """Return where a line stands: “Line 12 (3 times):”, “Diagnostic-Code of x@contoso.com, line 30:”."""
    line = "" if item.line is None else f"line {item.line}" if item.line > 0 else f"line {-item.line} from the end"
    who = f"for {one_line(item.recipient)}" if item.recipient else ""
    words = ", ".join(filter(None, (" ".join(filter(None, (item.where, who))) if item.where else "", line)))
    if not item.where and who:
        words = f"{words}, {who}"
    times = f" ({item.times} times)" if item.times > 1 else ""
    return f"{words[:1].upper()}{words[1:]}{times}:" if words else f"In the text{times}:"


def report_text(report: Report) -> str:
    """Return the end of a check or send: the answer, and why."""
    outcome = report.outcome
    if report.explanation is None:
        facts = []
        if outcome.tls:
            facts.append(outcome.tls.version)
        if outcome.authenticated:
            facts.append(f"signed in with {outcome.authenticated.mechanism}")
        facts.append(f"{report.total_ms:.0f} ms, {outcome.round_trips} round trips")
        said = f"\nThe server said: {outcome.reply.one_line}" if outcome.reply else ""
        return f"OK: {report.title} ({', '.join(facts)}).{said}"
    said = f"The server said: {outcome.reply.one_line}\n\n" if outcome.reply and not outcome.failure else ""
    return f"FAILED: {said}{explanation_text(report.explanation)}"


def sureness_words(sureness: Sureness) -> str:
    """Return how well something is known, in words for people."""
    return _SURENESS[sureness]


def wrapped(text: str, *, first: str = "", rest: str = "") -> list[str]:
    """Return a text as lines of at most :data:`WIDTH` characters; addresses are not broken."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
