"""MAIL and RCPT read from their lines: addresses and parameters (RFC 5321 4.1.1, RFC 1870, 3030, 3461, 6531).

Whether an address is welcome is the policies' business.
"""

import re
from dataclasses import dataclass, field

from relaywright.domain.address import AddressFault, parse_mailbox
from relaywright.domain.reply import Reply
from relaywright.practice import replies

_PATH = re.compile(r"\s*(?:<([^<>]*)>|([^\s<>]+))((?:\s+\S+)*)\s*")
_MAIL_PARAMETERS = {"SIZE", "BODY", "SMTPUTF8", "RET", "ENVID", "AUTH"}
_RCPT_PARAMETERS = {"NOTIFY", "ORCPT"}
_BODIES = {"7BIT", "8BITMIME", "BINARYMIME"}


class EnvelopeFault(Exception):
    """The line is wrong; ``reply`` says how."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.text)
        self.reply = reply


@dataclass
class Transaction:
    """One message on its way in."""

    sender: str
    binary: bool
    utf8: bool
    recipients: list[str] = field(default_factory=list)
    chunks: bytearray | None = None
    """Content of BDAT so far; None before the first chunk."""


def parse_mail(argument: str, size_limit: int) -> Transaction:
    """Read what follows ``MAIL``. Raises EnvelopeFault."""
    address, parameters = _path_and_parameters(argument, "FROM:", _MAIL_PARAMETERS)
    body = parameters.get("BODY", "7BIT").upper()
    size = parameters.get("SIZE", "0")
    if body not in _BODIES or not (size.isascii() and size.isdigit()):
        raise EnvelopeFault(replies.BAD_ARGUMENTS)
    if len(size) > 15 or int(size) > size_limit:
        raise EnvelopeFault(replies.TOO_BIG)
    utf8 = "SMTPUTF8" in parameters
    return Transaction(_checked(address, utf8=utf8) if address else "", body == "BINARYMIME", utf8)


def parse_rcpt(argument: str, *, utf8: bool) -> str:
    """Read what follows ``RCPT``. Raises EnvelopeFault."""
    address, _ = _path_and_parameters(argument, "TO:", _RCPT_PARAMETERS)
    return _checked(address, utf8=utf8)


def _path_and_parameters(argument: str, keyword: str, known: set[str]) -> tuple[str, dict[str, str]]:
    if argument[: len(keyword)].upper() != keyword:
        raise EnvelopeFault(replies.BAD_ARGUMENTS)
    match = _PATH.fullmatch(argument[len(keyword) :])
    if match is None:
        raise EnvelopeFault(replies.BAD_ADDRESS)
    parameters = {}
    for part in match.group(3).split():
        name, _, value = part.partition("=")
        if name.upper() not in known:
            raise EnvelopeFault(replies.BAD_ARGUMENTS)
        parameters[name.upper()] = value
    return match.group(1) or match.group(2) or "", parameters


def _checked(address: str, *, utf8: bool) -> str:
    if not address.isascii() and not utf8:
        raise EnvelopeFault(replies.NEEDS_SMTPUTF8)
    try:
        return parse_mailbox(address)
    except AddressFault:
        raise EnvelopeFault(replies.BAD_ADDRESS) from None
