"""Builds the test message: headers, a body that says what it is, attachments. Sends nothing.

The standard library's email package writes it; texts that could add a header are refused before they reach it.
"""

import datetime
import mimetypes
import socket
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from relaywright.domain.address import AddressFault, domain_of, has_control, parse_mailbox
from relaywright.domain.errors import InputError

if TYPE_CHECKING:
    from email.headerregistry import Address

DEFAULT_SUBJECT = "Relaywright test message"
MAX_ATTACHMENTS_BYTES = 150 * 1024 * 1024
"""Exchange Online announces SIZE 157286400; base64 makes a file a third larger, so the server still has its say."""


@dataclass(frozen=True)
class TestMessage:
    """A message ready for the wire, its lines ended by CR LF. ``message_id`` has its angle brackets."""

    __test__ = False  # pytest: this is no test class

    message_id: str
    content: bytes


def build_test_message(
    sender: str,
    recipients: Sequence[str],
    *,
    from_name: str = "",
    subject: str = "",
    body: str = "",
    reply_to: str = "",
    attachments: Sequence[Path] = (),
    profile_name: str = "",
) -> TestMessage:
    """Return a test message from ``sender`` to ``recipients``.

    Addresses outside ASCII make it a message that needs SMTPUTF8. Raises InputError for a field that holds a line
    break or is no address, and for an attachment that cannot be read or makes the whole larger than 150 MB.
    """
    from email.message import EmailMessage
    from email.policy import SMTP, SMTPUTF8

    addresses = [_mailbox("sender", sender), *(_mailbox("recipient", recipient) for recipient in recipients)]
    if reply_to:
        addresses.append(_mailbox("Reply-To address", reply_to))
    policy = SMTP if all(address.isascii() for address in addresses) else SMTPUTF8
    message = EmailMessage(policy.clone(max_line_length=76))
    now = datetime.datetime.now().astimezone()
    message_id = f"<{uuid.uuid4().hex}@{domain_of(addresses[0])}>"
    message["From"] = _address(addresses[0], _line("From name", from_name))
    message["To"] = [_address(address) for address in addresses[1 : 1 + len(recipients)]]
    if reply_to:
        message["Reply-To"] = _address(addresses[-1])
    message["Subject"] = _line("subject", subject) or DEFAULT_SUBJECT
    message["Date"] = now
    message["Message-ID"] = message_id
    # RFC 3834 section 5: keeps out-of-office replies from answering a test.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Mailer"] = "Relaywright"
    message.set_content(body or _default_body(addresses[0], profile_name, now), cte="quoted-printable")
    for name, data in _read(attachments):
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        maintype, _, subtype = kind.partition("/")
        if maintype in {"multipart", "message"}:
            maintype, subtype = "application", "octet-stream"
        message.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)
    return TestMessage(message_id, message.as_bytes())


def _default_body(sender: str, profile_name: str, now: datetime.datetime) -> str:
    profile = f"Profile:  {profile_name}\n" if profile_name else ""
    return (
        "This is a test message from Relaywright.\n\n"
        "It arrived, so the way it took works. Nobody needs to answer it.\n\n"
        f"{profile}From:     {sender}\n"
        f"Computer: {socket.gethostname()}\n"
        f"Sent:     {now:%Y-%m-%d %H:%M:%S %z}\n"
    )


def _mailbox(role: str, text: str) -> str:
    try:
        return parse_mailbox(text)
    except AddressFault as fault:
        raise InputError(f"The {role} cannot be used: {fault}.") from None


def _address(mailbox: str, display_name: str = "") -> "Address":
    from email.headerregistry import Address

    local, _, domain = mailbox.rpartition("@")  # as one text, email would refuse letters outside ASCII
    return Address(display_name, local, domain)


def _line(role: str, text: str) -> str:
    if has_control(text):
        raise InputError(f"The {role} holds a line break or another control character.")
    return text.strip()


def _read(attachments: Sequence[Path]) -> list[tuple[str, bytes]]:
    files = []
    left = MAX_ATTACHMENTS_BYTES
    for path in attachments:
        try:
            with path.open("rb") as file:
                data = file.read(left + 1)
        except OSError as error:
            raise InputError(
                f"The attachment “{path}” cannot be read: {error.strerror or error}.",
                hint="Choose a file that exists and may be read.",
            ) from None
        left -= len(data)
        if left < 0:
            raise InputError("The attachments are larger than 150 MB together.", hint="Choose smaller files.")
        files.append((_line("name of the attachment", path.name), data))
    return files
