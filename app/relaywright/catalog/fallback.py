"""What can be said of what no entry explains: what the standards say of a reply's code, where a number is looked up.

RFC 5321 section 4.2 for reply codes, RFC 3463 for enhanced ones; their texts stand in resources/facts/replies.toml.
"""

from collections.abc import Sequence

from relaywright.catalog.facts import CodeTexts, ReplyRule, SignInLookup, SignInRule
from relaywright.domain.explanation import Explanation, MatchConfidence, Sureness
from relaywright.domain.reply import Reply

UNLISTED_ID = "unlisted-reply"
UNLISTED_SIGN_IN_ID = "unlisted-sign-in-error"
UNKNOWN_ID = "unknown-text"


def explain_by_code(reply: Reply, texts: CodeTexts, variants: Sequence[ReplyRule] = ()) -> Explanation:
    """Explain a reply by its class, its code and the subject of its enhanced code.

    ``variants`` are the entries with the same enhanced code whose words did not fit: worth comparing.
    """
    enhanced = reply.enhanced
    digit = str(reply.code)[0] if reply.code else enhanced[:1]
    _, _, tail = enhanced.partition(".")
    subject = tail.partition(".")[0]
    said = [
        texts.codes.get(str(reply.code), ""),
        texts.details.get(tail, "") or texts.subjects.get(subject, ""),
        texts.classes.get(digit, ""),
        "This wording is not in the catalogue; only its code was read.",
    ]
    numbers = " ".join(part for part in (str(reply.code or ""), enhanced) if part)
    return Explanation(
        id=UNLISTED_ID,
        title=f"{_verdict(digit)} ({numbers})",
        cause=" ".join(filter(None, said)),
        temporary=digit == "4",
        steps=_compare(enhanced, variants) + _steps(digit),
        powershell="",
        who="Not known",
        sources=texts.sources,
        checked=texts.checked,
        sureness=Sureness.DOCUMENTED,
        confidence=MatchConfidence.CODE,
    )


def explain_number(number: int, lookup: SignInLookup, named: SignInRule | None) -> Explanation:
    """Say that an AADSTS number has no entry, where to look it up, and what the error's name says of it."""
    cause = "This number is not in the catalogue."
    if named is not None:
        cause = f"{cause} Its kind is known: {named.cause}"
    address = lookup.address.replace("{code}", str(number))
    return Explanation(
        id=UNLISTED_SIGN_IN_ID,
        title=f"The sign-in was refused (AADSTS{number})",
        cause=cause,
        temporary=named is not None and named.temporary,
        steps=(f"Look the number up: {address}", *(named.steps if named is not None else ())),
        powershell="",
        who=named.who if named is not None else "Not known",
        sources=lookup.sources,
        checked=lookup.checked,
        sureness=Sureness.DOCUMENTED,
        confidence=MatchConfidence.CODE,
    )


def explain_unknown(text: str) -> Explanation:
    """Say that nothing was recognised, and what would help."""
    empty = not text.strip()
    return Explanation(
        id=UNKNOWN_ID,
        title="There is nothing to explain" if empty else "No reply was recognised in this text",
        cause="The text is empty."
        if empty
        else "It holds no SMTP reply, no status code and no error text that the catalogue knows.",
        temporary=False,
        steps=("Paste the line with the server's reply: it begins with three digits, like 535 or 550.",),
        powershell="",
        who="Not known",
        sources=(),
        checked=None,
        sureness=Sureness.UNVERIFIED,
        confidence=MatchConfidence.UNKNOWN,
    )


def _verdict(digit: str) -> str:
    return {
        "2": "The server agreed",
        "3": "The server waits for more",
        "4": "The server refused for now",
        "5": "The server refused",
    }.get(digit, "The server answered")


def _compare(enhanced: str, variants: Sequence[ReplyRule]) -> tuple[str, ...]:
    if not variants:
        return ()
    titles = "; ".join(dict.fromkeys(rule.title for rule in variants))
    return (f"Compare with what {enhanced} is known to mean, depending on the words after it: {titles}.",)


def _steps(digit: str) -> tuple[str, ...]:
    if digit == "4":
        return ("Wait a few minutes and try again.", "If it stays, read the server's own words in the conversation.")
    if digit == "5":
        return (
            "Read the server's own words in the conversation: they often name the reason or a page.",
            "Trying again without a change will give the same answer.",
        )
    return ()
