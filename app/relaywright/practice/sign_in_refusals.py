"""Refused sign-ins on demand: somebody named like an entry of the catalogue of sign-in errors is refused in its words.

``blocked-by-conditional-access@practice.example`` or ``alex+account-disabled@practice.example``, with any password.
Only entries whose genuine words are known take part. When a refusal is said is the sign-in's business.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from relaywright.catalog.facts import SignInRule
from relaywright.practice.authorization import TokenRequestFault

_EXAMPLE = re.compile(r"(?:Error )?(AADSTS\d{4,7})(?::| -) ?(.+)", re.DOTALL)
_BLANK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class SignInRefusal:
    """One refusal that can be tried."""

    id: str
    title: str
    code: str
    """``AADSTS53003``."""
    text: str
    """What the service says after the code."""

    def fault(self, error: str) -> TokenRequestFault:
        """Return it under an OAuth error: Microsoft's numbers come with several."""
        return TokenRequestFault(error, self.code, self.text)

    def as_json(self, domain: str) -> dict[str, object]:
        """Return it for the addresses document, with the address to use."""
        return {"id": self.id, "title": self.title, "address": f"{self.id}@{domain}", "code": self.code}


class SignInRefusalBook:
    """The refusals that the catalogue's entries allow. ``values`` fill the blanks of their words."""

    def __init__(self, rules: Iterable[SignInRule], values: dict[str, str]) -> None:
        found = (_refusal_of(rule, values) for rule in rules)
        self.all = tuple(refusal for refusal in found if refusal is not None)
        self._by_id = {refusal.id: refusal for refusal in self.all}

    def named_by(self, address: str) -> SignInRefusal | None:
        """Return the refusal whose id is the address's local part or its ``+tag``."""
        local = (address.rpartition("@")[0] or address).lower()
        return self._by_id.get(local) or self._by_id.get(local.rpartition("+")[2])


def _refusal_of(rule: SignInRule, values: dict[str, str]) -> SignInRefusal | None:
    example = _EXAMPLE.fullmatch(rule.example)
    if example is None or rule.interim:
        return None
    text = _BLANK.sub(lambda blank: values.get(blank[1], "practice"), example[2])
    return SignInRefusal(rule.id, rule.title, example[1], text)
