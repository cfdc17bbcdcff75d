"""A certificate that was not accepted, as the pages tell it. Whether to trust one is smtp's; this only names it."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relaywright.gui.models import wording

MOST_NAMES = 6
"""A large service's certificate has dozens of names; so many are told."""


@dataclass(frozen=True)
class SeenCertificate:
    """What the server showed; every text in it is the server's own."""

    untrusted_subject: str
    untrusted_issuer: str
    untrusted_names: tuple[str, ...]
    valid_from: datetime.datetime | None
    valid_until: datetime.datetime | None

    def facts(self) -> list[tuple[str, str]]:
        """Return names and values: whose it is, for which names, by whom, and when it is valid."""
        names = ", ".join(self.untrusted_names[:MOST_NAMES])
        more = len(self.untrusted_names) - MOST_NAMES
        days = [wording.date(day) for day in (self.valid_from, self.valid_until) if day is not None]
        facts = [
            ("Certificate", self.untrusted_subject),
            ("For", f"{names} and {more} more" if more > 0 else names),
            ("Issued by", self.untrusted_issuer),
            ("Valid", " to ".join(days)),
        ]
        return [(name, value) for name, value in facts if value]


def of_document(item: Mapping[str, Any] | None) -> SeenCertificate | None:
    """Read the ``rejected_certificate`` of a report; None when none was rejected."""
    if not item:
        return None
    return SeenCertificate(
        str(item.get("subject", "")),
        str(item.get("issuer", "")),
        tuple(str(name) for name in item.get("names", ())),
        _moment(item.get("not_before")),
        _moment(item.get("not_after")),
    )


def _moment(text: str | None) -> datetime.datetime | None:
    return datetime.datetime.fromisoformat(text) if text else None
