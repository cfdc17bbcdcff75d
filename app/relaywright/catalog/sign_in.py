"""Which entry explains a refused sign-in: finding AADSTS numbers, OAuth errors and suberrors in text.

What is found is only named here; catalog.py puts it into words. Time is bounded for any text that pasted.py has cut:
the patterns are linear, and each number is looked at once.

A known number tells most. Of several the last is taken, since later answers are the current ones and inner reasons
stand behind outer ones; those that belong to a sign-in which may still end well give way to any other. A suberror
(Microsoft's addition to RFC 6749) tells more than an error. Words decide only among entries of the same number.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from relaywright.catalog.facts import SignInRule

_NUMBER = re.compile(r"aadsts[:\s]{0,2}(\d{4,8})(?!\d)", re.IGNORECASE)
# The same number without its prefix: in the JSON answer, in its link, on the sign-in page and in the sign-in log.
_BARE_NUMBERS = re.compile(
    r"""error_codes["']?\s{0,3}:\s{0,3}\[([\d,\s]{4,200})\]"""
    r"""|error\?code=(\d{4,8})(?!\d)"""
    r"""|error[ _]?(?:code|no)["']?:?\s{0,3}["']?(\d{5,8})(?![\d.])""",
    re.IGNORECASE,
)
_ALONE = re.compile(r"\s*(\d{5,8})\s*")
_NAMED = re.compile(
    r"""(?<![a-z])(sub_?error|error(?:_?code)?)["']?\s{0,3}[:=]?\s{0,3}["']?([a-z]{2,20}_[a-z_]{2,30})(?![a-z_])""",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?<![\w.-])([a-z]{2,20}_[a-z_]{2,30})(?![\w-])")
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TIME = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,7})?Z?"
_TICKET: Mapping[str, re.Pattern[str]] = {
    "correlation id": re.compile(rf"""correlation[ _]?id["']?\s?:?\s?["']?({_ID})""", re.IGNORECASE),
    "trace id": re.compile(rf"""trace[ _]?id["']?\s?:?\s?["']?({_ID})""", re.IGNORECASE),
    "time": re.compile(rf"""timestamp["']?\s?:?\s?["']?({_TIME})""", re.IGNORECASE),
}


@dataclass(frozen=True)
class Refusal:
    """What a text says of a refused sign-in; one of ``number`` and ``rule`` is always there."""

    number: int
    """The AADSTS number; 0 when only names were found."""
    rule: SignInRule | None
    """The entry; None when the number has none."""
    beside: SignInRule | None
    """What the suberror adds to the number, or the error to an unknown one."""
    ticket: Mapping[str, str]
    """``correlation id``, ``trace id`` and ``time``, as far as they stand there: what Microsoft's support asks for."""

    @property
    def certain(self) -> bool:
        """Whether a known number says that the sign-in failed, and at what."""
        return bool(self.number and self.rule and not self.rule.interim)


def refusal_in(text: str, rules: Iterable[SignInRule], *, words: bool = True) -> Refusal | None:
    """Return what a text (cut to a bounded length) says of a refused sign-in, or None.

    ``words`` lets an error's bare name count (``invalid_grant``), not only one that is marked as an error.
    """
    rules = tuple(rules)
    by_number: dict[int, list[SignInRule]] = {}
    for rule in rules:
        for code in rule.codes:
            by_number.setdefault(code, []).append(rule)
    named = _rule_by_name(text, rules, words=words)
    unknown: tuple[int, int] | None = None
    best: tuple[bool, int, int, SignInRule] | None = None
    for number, (position, prefixed) in _numbers(text).items():
        entry = _told_apart(by_number.get(number, ()), text)
        if entry is None:
            unknown = max(unknown or (0, 0), (position, number)) if prefixed else unknown
        elif best is None or (not entry.interim, position) >= best[:2]:
            best = (not entry.interim, position, number, entry)
    if best is not None and (best[0] or unknown is None):
        _, position, number, entry = best
        return Refusal(number, entry, named if named is not entry else None, _ticket(text, position))
    if unknown is not None:
        return Refusal(unknown[1], None, named, _ticket(text, unknown[0]))
    return Refusal(0, named, None, _ticket(text, 0)) if named is not None else None


def _numbers(text: str) -> dict[int, tuple[int, bool]]:
    """Return each number's last position, and whether it is surely one: a bare one counts only if an entry has it."""
    found: dict[int, tuple[int, bool]] = {}
    alone = _ALONE.fullmatch(text) if len(text) <= 40 else None
    if alone is not None:
        found[int(alone.group(1))] = (0, False)
    for match in _BARE_NUMBERS.finditer(text):
        for digits in re.findall(r"\d{4,8}", next(filter(None, match.groups()))):
            found[int(digits)] = (match.start(), False)
    for match in _NUMBER.finditer(text):
        number = int(match.group(1))
        found[number] = (max(match.start(), found.get(number, (0,))[0]), True)
    return found


def _told_apart(rules: Iterable[SignInRule], text: str) -> SignInRule | None:
    """Return the entry whose words occur, the one with most of them; those without words fit always."""
    best: tuple[int, SignInRule] | None = None
    folded = ""
    for rule in rules:
        if rule.phrases:
            folded = folded or " ".join(text.lower().split())
            if not all(phrase in folded for phrase in rule.phrases):
                continue
        letters = sum(map(len, rule.phrases))
        if best is None or letters > best[0]:
            best = (letters, rule)
    return best[1] if best is not None else None


def _rule_by_name(text: str, rules: tuple[SignInRule, ...], *, words: bool) -> SignInRule | None:
    """Return the entry of the last suberror, else of the last error, that stands there."""
    suberrors = {name: rule for rule in rules for name in rule.suberrors}
    errors = {name: rule for rule in rules for name in rule.errors}
    told: list[SignInRule | None] = [None, None]
    for found in _NAMED.finditer(text):
        is_suberror = found.group(1).lower().startswith("sub")
        name = found.group(2).lower()
        told[is_suberror] = (suberrors if is_suberror else errors).get(name) or told[is_suberror]
    if not any(told) and words:
        for found in _WORD.finditer(text):
            is_suberror = found.group(1) in suberrors
            told[is_suberror] = (suberrors if is_suberror else errors).get(found.group(1)) or told[is_suberror]
    return told[True] or told[False]


def _ticket(text: str, position: int) -> dict[str, str]:
    """Return the ids that follow the position, else the text's first ones."""
    found = {name: pattern.search(text, position) or pattern.search(text) for name, pattern in _TICKET.items()}
    return {name: match.group(1) for name, match in found.items() if match is not None}
