"""Refusals on demand: a user, sender or recipient named like an entry of the reply catalogue gets that entry's reply.

``smtp-auth-disabled-tenant@practice.example`` or ``scanner+smtp-auth-disabled-tenant@practice.example`` both do.
When a refusal is due is the session's business.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from relaywright.catalog.facts import ReplyRule
from relaywright.domain.reply import Reply, Stage

_TRIES = {
    Stage.AUTH: ("user",),
    Stage.MAIL: ("user", "sender"),
    Stage.RCPT: ("user", "sender", "recipient"),
    Stage.DATA: ("user", "sender", "recipient"),
}
"""Whose address can call a refusal up, by the stage at which the service says it."""


@dataclass(frozen=True)
class PracticeRefusal:
    """One refusal that can be tried."""

    id: str
    title: str
    reply: Reply
    """As the service gives it, at ``stage``."""
    stage: Stage

    @property
    def tries(self) -> tuple[str, ...]:
        """What calls it up: ``user``, ``sender``, ``recipient``."""
        return _TRIES[self.stage]

    def as_json(self, domain: str) -> dict[str, object]:
        """Return it for the addresses document, with the address to use."""
        return {
            "id": self.id,
            "title": self.title,
            "address": f"{self.id}@{domain}",
            "use_as": list(self.tries),
            "stage": self.stage.value,
            "reply": f"{self.reply.code} {self.reply.text}",
        }


class RefusalBook:
    """The refusals that the catalogue's entries allow."""

    def __init__(self, rules: Iterable[ReplyRule]) -> None:
        found = (_refusal_of(rule) for rule in rules)
        self.all = tuple(refusal for refusal in found if refusal is not None)
        self._by_id = {refusal.id: refusal for refusal in self.all}

    def named_by(self, address: str) -> PracticeRefusal | None:
        """Return the refusal whose id is the address's local part or its ``+tag``."""
        local = (address.rpartition("@")[0] or address).lower()
        return self._by_id.get(local) or self._by_id.get(local.rpartition("+")[2])

    def at(self, stage: Stage, *addresses: str) -> Reply | None:
        """Return the reply that one of the addresses calls up at this stage."""
        for address in addresses:
            refusal = self.named_by(address)
            if refusal is not None and refusal.stage is stage:
                return refusal.reply
        return None


def _refusal_of(rule: ReplyRule) -> PracticeRefusal | None:
    """Return what the relay can say on demand: the first stage that an address can reach, and only real refusals."""
    stage = next((stage for stage in rule.stages if stage in _TRIES), None)
    reply = rule.example_reply
    if stage is None or reply is None or not 400 <= reply.code < 600:
        return None
    return PracticeRefusal(rule.id, rule.title, reply, stage)
