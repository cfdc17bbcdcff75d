"""What a person chooses for one test send, apart from what sends it, so that a window can offer it and load no more."""

from dataclasses import dataclass
from pathlib import Path

DEFAULT_SUBJECT = "Relaywright test message"


@dataclass(frozen=True)
class SendOptions:
    """What the person chose for this one test; empty means the profile's own."""

    recipients: tuple[str, ...] = ()
    subject: str = ""
    attachments: tuple[Path, ...] = ()
