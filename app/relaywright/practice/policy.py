"""What a port's rules are asked, and what they are told about the client. The rules themselves have a module each."""

from dataclasses import dataclass
from typing import ClassVar

from relaywright.domain.reply import Reply
from relaywright.practice.authentication import Gate


@dataclass
class Client:
    """What is known of the other side so far."""

    peer: str
    """Its IP address."""
    ehlo_name: str = ""
    tls_version: str = ""
    """Empty while in the clear."""
    certificate_names: tuple[str, ...] = ()
    signed_in_as: str = ""
    mechanism: str = ""
    failed_sign_in: Reply | None = None


class Policy:
    """The rules of one port. Each answer is the refusal, or None when it may go on; without a rule it may."""

    name: ClassVar[str]
    host: ClassVar[str]
    """What the server calls itself."""
    gate: Gate | None = None
    """None: there is no sign-in at all."""

    def mail(self, client: Client, sender: str, /) -> Reply | None:
        """Judge MAIL FROM; the sender is empty for ``<>``."""

    def recipient(self, client: Client, sender: str, recipient: str, /) -> Reply | None:
        """Judge RCPT TO."""

    def message(self, client: Client, sender: str, content: bytes, /) -> Reply | None:
        """Judge the whole message."""
