"""Which entry of the catalogue explains a reply: the most specific one that fits.

An entry fits a reply when

- every phrase of ``phrases`` occurs in the text;
- the reply's enhanced code is among the entry's, where both have one, and so is its code;
- one of ``any_phrases`` occurs, or the enhanced code is there and fits: it is proof enough for those entries;
- the profile has the host, and signs in the way, that the entry speaks of, if it speaks of one.

Among those that fit, more letters of matched phrases win; then the enhanced code, the code, the host, the sign-in, the
stage; then the order of the file. Finding replies in pasted text is pasted.py's work.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from relaywright.catalog.facts import ReplyRule
from relaywright.domain.reply import Failure, Reply, Stage, without_service_tail

MAX_REPLY_CHARACTERS = 4_000
"""More of a reply is not looked at: RFC 5321 allows 512 octets a line, and none of the service's has more than six."""

Rank = tuple[int, int, int, int, int, int]

_INNER = re.compile(r"(?<![\w.-])([45]\d\d)[ -]([45]\.\d{1,3}\.\d{1,3})(?=\s)")


@dataclass(frozen=True)
class Match:
    """An entry that fits, and how specifically it does."""

    rule: ReplyRule
    rank: Rank


def folded(text: str) -> str:
    """Return the text as phrases are looked up in it: lower case, white space folded.

    The service's tail is dropped, and so is the enhanced code that a long reply repeats on every line.
    """
    lines = [without_service_tail(line) for line in text[:MAX_REPLY_CHARACTERS].splitlines()]
    enhanced = Reply(0, text[:40]).enhanced
    rest = [line.removeprefix(enhanced) if enhanced else line for line in lines[1:]]
    return " ".join(" ".join(lines[:1] + rest).lower().split())


def best_match(
    rules: Iterable[ReplyRule], reply: Reply, stage: Stage | None, values: Mapping[str, str]
) -> Match | None:
    """Return the most specific entry for this reply, or None.

    A reply that quotes another inside (530 5.7.57 … Error: 535 5.7.139 …) is explained by the inner one if that is
    known: it is the reason, the outer one the consequence.
    """
    candidates = [rule for rule in rules if rule.is_reply]
    for inner in _inner_replies(reply):
        match = _best(candidates, inner, stage, values)
        if match is not None:
            return match
    return _best(candidates, reply, stage, values)


def _inner_replies(reply: Reply) -> list[Reply]:
    text = reply.text[:MAX_REPLY_CHARACTERS]
    found = []
    for start in _INNER.finditer(text):
        inner = Reply(int(start.group(1)), text[start.start(2) :])
        if (inner.code, inner.enhanced) != (reply.code, reply.enhanced):
            found.append(inner)
    return found


def _best(rules: Iterable[ReplyRule], reply: Reply, stage: Stage | None, values: Mapping[str, str]) -> Match | None:
    text = folded(reply.text)
    best: Match | None = None
    for rule in rules:
        rank = rank_of(rule, reply, text, stage, values)
        if rank is not None and (best is None or rank > best.rank):
            best = Match(rule, rank)
    return best


def rank_of(
    rule: ReplyRule, reply: Reply, folded_text: str, stage: Stage | None, values: Mapping[str, str]
) -> Rank | None:
    """Return how specifically an entry fits, or None. A reply of code 0 is a text whose code is not known."""
    if not _concerns(rule, values):
        return None
    if rule.codes and reply.code and reply.code not in rule.codes:
        return None
    enhanced = reply.enhanced
    if rule.enhanced and enhanced and not _among(enhanced, rule.enhanced):
        return None
    proven = bool(rule.enhanced and enhanced)
    letters = phrase_letters(rule, folded_text, proven=proven)
    if letters is None or (letters == 0 and not proven):
        return None
    return (
        letters,
        int(proven),
        int(bool(rule.codes and reply.code)),
        int(bool(rule.hosts)),
        int(bool(rule.auth)),
        int(stage in rule.stages),
    )


def _concerns(rule: ReplyRule, values: Mapping[str, str]) -> bool:
    """Return whether the profile is one that the entry speaks of."""
    if rule.hosts and values.get("host", "").lower() not in rule.hosts:
        return False
    return not rule.auth or values.get("auth") in rule.auth


def phrase_letters(rule: ReplyRule, folded_text: str, *, proven: bool = False) -> int | None:
    """Return how many letters of the entry's phrases occur, or None when one that must is missing.

    ``proven`` says that the enhanced code fits, which spares the entry its ``any_phrases``.
    """
    if not all(phrase in folded_text for phrase in rule.phrases):
        return None
    alternatives = [len(phrase) for phrase in rule.any_phrases if phrase in folded_text]
    if rule.any_phrases and not alternatives and not proven:
        return None
    return sum(map(len, rule.phrases)) + max(alternatives, default=0)


def with_enhanced(rules: Iterable[ReplyRule], enhanced: str) -> list[ReplyRule]:
    """Return the entries that name exactly this enhanced code, whatever words they ask for."""
    return [rule for rule in rules if enhanced in rule.enhanced]


def _among(enhanced: str, patterns: Iterable[str]) -> bool:
    for pattern in patterns:
        first, dash, last = pattern.partition("-")
        if enhanced == first:
            return True
        head, _, number = enhanced.rpartition(".")
        first_head, _, first_number = first.rpartition(".")
        if dash and head == first_head and int(first_number) <= int(number) <= int(last):
            return True
    return False


def best_failure(rules: Iterable[ReplyRule], failure: Failure) -> ReplyRule | None:
    """Return the entry for a failure's kind; among several the one whose phrases stand in the library's words."""
    text = folded(failure.detail)
    best: tuple[int, ReplyRule] | None = None
    for rule in rules:
        if rule.failure is not failure.kind:
            continue
        letters = phrase_letters(rule, text) or 0
        if best is None or letters > best[0]:
            best = (letters, rule)
    return best[1] if best is not None else None


def best_text_match(
    rules: Iterable[ReplyRule], text: str, values: Mapping[str, str], *, failures_only: bool
) -> Match | None:
    """Return the most specific entry whose phrases occur anywhere in a text, whatever codes stand there.

    What a mail program says by itself (“SMTP connect() failed”) is the frame, not the reason: it counts only when
    nothing else fits, and no reason is read out of its words. ``failures_only`` leaves out the entries for replies:
    when refusals were found and none of them fitted, their words must not be taken for another reply's.
    """
    whole = " ".join(text.lower().split())
    frames: list[ReplyRule] = []
    reasons: list[ReplyRule] = []
    for rule in rules:
        if (rule.phrases or rule.any_phrases) and not (failures_only and rule.is_reply) and _concerns(rule, values):
            (frames if rule.program else reasons).append(rule)
    bare = whole
    for words in sorted(
        {words for rule in frames for words in (*rule.phrases, *rule.any_phrases)}, key=len, reverse=True
    ):
        bare = bare.replace(words, " ")
    return _best_in_text(reasons, bare) or _best_in_text(frames, whole)


def _best_in_text(rules: Iterable[ReplyRule], whole: str) -> Match | None:
    best: Match | None = None
    for rule in rules:
        letters = phrase_letters(rule, whole)
        if letters is not None:
            rank = (letters, 0, 0, int(bool(rule.hosts)), int(bool(rule.auth)), 0)
            if best is None or rank > best.rank:
                best = Match(rule, rank)
    return best
