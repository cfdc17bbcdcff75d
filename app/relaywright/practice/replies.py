"""The look-alike's words: replies as Exchange Online writes them, with the tail it appends to refusals.

Source of the texts: real transcripts and Microsoft's pages, collected 2026-11-23; the sources are in
resources/facts/replies.toml. Who says what when is session.py's and the policies' business.
"""

import datetime
import email.utils
import secrets

from relaywright.domain.reply import Reply

SENDER_OK = Reply(250, "2.1.0 Sender OK")
RECIPIENT_OK = Reply(250, "2.1.5 Recipient OK")
START_INPUT = Reply(354, "Start mail input; end with <CRLF>.<CRLF>")
READY_FOR_TLS = Reply(220, "2.0.0 SMTP server ready")
SIGNED_IN = Reply(235, "2.7.0 Authentication successful")
CLOSING = Reply(221, "2.0.0 Service closing transmission channel")
RESET = Reply(250, "2.0.0 Resetting")
NOTHING_DONE = Reply(250, "2.0.0 OK")
CANNOT_VERIFY = Reply(252, "2.1.5 Cannot VRFY user")
UNKNOWN_USER_OR_PASSWORD = Reply(535, "5.7.139 Authentication unsuccessful, the user credentials were incorrect.")
SIGN_IN_FAILED = Reply(535, "5.7.3 Authentication unsuccessful")
UNRECOGNIZED_AUTHENTICATION = Reply(504, "5.7.4 Unrecognized authentication type")
AUTHENTICATION_CANCELLED = Reply(501, "5.7.0 Authentication cancelled")
BAD_BASE64 = Reply(501, "5.5.2 Cannot decode the response")
ALREADY_SIGNED_IN = Reply(503, "5.5.1 Already authenticated")
NOT_SIGNED_IN = Reply(530, "5.7.57 Client not authenticated to send mail.")
TLS_REQUIRED = Reply(451, "5.7.3 STARTTLS is required to send mail")
HELLO_FIRST = Reply(503, "5.5.2 Send hello first")
NEED_MAIL = Reply(503, "5.5.2 Need mail command")
NEED_RECIPIENT = Reply(503, "5.5.2 Need rcpt command")
ONE_SENDER = Reply(503, "5.5.2 Sender already specified")
BINARY_NEEDS_CHUNKS = Reply(503, "5.5.1 BODY=BINARYMIME needs BDAT")
BAD_HELLO = Reply(501, "5.5.4 Invalid domain name")
BAD_ARGUMENTS = Reply(501, "5.5.4 Invalid arguments")
BAD_ADDRESS = Reply(501, "5.1.3 Invalid address")
NEEDS_SMTPUTF8 = Reply(553, "5.6.7 An address outside ASCII needs SMTPUTF8")
TOO_BIG = Reply(552, "5.3.4 Message size exceeds fixed maximum message size")
TOO_MANY_RECIPIENTS = Reply(452, "4.5.3 Too many recipients")
BARE_LINE_FEED = Reply(550, "5.6.11 Invalid characters")
LINE_TOO_LONG = Reply(500, "5.5.2 Command line too long")
IDLE = Reply(451, "4.7.0 Timeout waiting for client input")
TOO_MANY_ERRORS = Reply(421, "4.7.0 Too many errors, closing the connection")
RELAY_DENIED = Reply(550, "5.7.64 TenantAttribution; Relay Access Denied")
DIRECT_SEND_REJECTED = Reply(
    550,
    "5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources",
)


def send_as_denied(signed_in_as: str, sender: str) -> Reply:
    """Return the refusal of a message whose From the mailbox may not use."""
    who, wanted = _shown(signed_in_as), _shown(sender)
    return Reply(
        554,
        f"5.2.252 SendAsDenied; {who} not allowed to send as {wanted}; STOREDRV.Submission.Exception:"
        "SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message due to a permanent exception",
    )


def unrecognized_command(verb: str) -> Reply:
    """Return the refusal of a verb that is none; only what can be printed is repeated."""
    return Reply(500, f"5.3.3 Unrecognized command '{_shown(verb[:20])}'")


def greeting(host: str) -> Reply:
    """Return the first line of a session, in the form seen since 2025."""
    stamp = email.utils.format_datetime(datetime.datetime.now(datetime.UTC))
    return Reply(220, f"{host} Microsoft ESMTP MAIL Service ready at {stamp} [{_session_id()}]")


def with_tail(reply: Reply, host: str) -> Reply:
    """Append ``[HOST time id]`` to a refusal, as the service does to most."""
    if reply.code < 400 or reply.text.endswith("]"):
        return reply
    stamp = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Reply(reply.code, f"{reply.text} [{host} {stamp} {_session_id()}]")


def as_bytes(reply: Reply) -> bytes:
    """Return the reply for the wire (RFC 5321 section 4.2.1)."""
    lines = reply.text.split("\n")
    last = len(lines) - 1
    return b"".join(
        f"{reply.code}{' ' if index == last else '-'}{line}\r\n".encode() for index, line in enumerate(lines)
    )


def _shown(untrusted_text: str) -> str:
    """Return what a client wrote in a form that can neither end the line nor look like the tail."""
    return "".join(char for char in untrusted_text[:254] if char.isprintable() and char not in "'[]")


def _session_id() -> str:
    return secrets.token_hex(8).upper()
