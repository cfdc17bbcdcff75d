"""What a session is asked to do, and the refusal of everything that could not be put on the wire safely.

Knows no protocol: the dialogue turns a checked plan into commands.
"""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from relaywright.domain.address import AddressFault, has_control, parse_domain, parse_host, parse_mailbox
from relaywright.domain.errors import InputError
from relaywright.domain.profile import Security
from relaywright.domain.secret import Secret

_EHLO_NAME = re.compile(r"[!-~]{1,255}")


@dataclass(frozen=True)
class PasswordCredential:
    """A user name and its password (also an app password or a client secret used as one)."""

    username: str
    password: Secret


@dataclass(frozen=True)
class TokenCredential:
    """A user name (the mailbox) and an OAuth access token for it."""

    username: str
    token: Secret


@dataclass(frozen=True)
class MxOf:
    """Instead of a host: the MX endpoint of a domain, as long as it is one of Microsoft 365's.

    ``suffixes`` are the cloud's, such as ``.mail.protection.outlook.com``. ``nameserver`` is ``ADDRESS[:PORT]``;
    empty asks the ones the system is set to.
    """

    domain: str
    suffixes: tuple[str, ...]
    nameserver: str = ""


@dataclass(frozen=True)
class TimeLimits:
    """Seconds for each step, and for the whole. Shorter than RFC 5321 section 4.5.3.2: a person is waiting."""

    resolve_s: float = 10.0
    connect_s: float = 15.0
    """For all addresses together; each gets its share."""
    tls_s: float = 15.0
    reply_s: float = 30.0
    auth_s: float = 45.0
    """Exchange Online alone takes about 5 s before it refuses a sign-in."""
    data_s: float = 120.0
    """For the message, and a second more for each 100 kB of it; the whole is longer by as much."""
    quit_s: float = 2.0
    """The answer to QUIT changes nothing any more."""
    whole_s: float = 240.0


@dataclass(frozen=True)
class SendPlan:
    """One session: where to, how, as whom, and what. ``message`` None stops after the sign-in (a check)."""

    host: str | MxOf
    port: int
    security: Security
    ehlo_name: str = ""
    """Empty: this computer's name if it is a domain name, else the address literal."""
    ca_file: Path | None = None
    """PEM or DER certificates trusted in addition to the system's."""
    credential: PasswordCredential | TokenCredential | None = None
    old_tls: bool = False
    """TLS 1.0 and 1.1 alone, as an old device speaks; never with a credential or a message."""
    sender: str = ""
    recipients: tuple[str, ...] = ()
    message: bytes | None = None
    message_id: str = ""
    limits: TimeLimits = field(default_factory=TimeLimits)


def checked(plan: SendPlan) -> SendPlan:
    """Return the plan with its names normalised. Raises InputError, before anything was contacted."""
    if not 1 <= plan.port <= 65535:
        raise InputError(f"{plan.port} is no port.", hint="A port is a whole number from 1 to 65535.")
    if plan.ehlo_name and not _EHLO_NAME.fullmatch(plan.ehlo_name):
        raise InputError("The EHLO name holds a space, a line break or a character outside ASCII.")
    if plan.old_tls and (plan.credential is not None or plan.message is not None):
        raise InputError("Nothing is signed in or sent over TLS 1.0 and 1.1.", hint="It may only be looked at.")
    _check_credential(plan)
    host = _host(plan.host)
    if plan.message is None:
        return replace(plan, host=host)
    if not plan.recipients:
        raise InputError("Nobody to send the message to.", hint="Name at least one recipient.")
    return replace(
        plan,
        host=host,
        sender=_mailbox("sender", plan.sender),
        recipients=tuple(_mailbox("recipient", recipient) for recipient in plan.recipients),
    )


def _host(host: str | MxOf) -> str | MxOf:
    try:
        if isinstance(host, str):
            return parse_host(host)
        return replace(host, domain=parse_domain(host.domain))
    except AddressFault as fault:
        raise InputError(f"The host cannot be used: {fault}.") from None


def _mailbox(role: str, text: str) -> str:
    try:
        return parse_mailbox(text)
    except AddressFault as fault:
        raise InputError(f"The {role} cannot be used: {fault}.") from None


def _check_credential(plan: SendPlan) -> None:
    credential = plan.credential
    if credential is None:
        return
    if plan.security is Security.NONE:
        raise InputError(
            "Without encryption the credentials would be readable on the way, so they are not sent.",
            hint="Choose STARTTLS, or a method without sign-in.",
        )
    if not credential.username or has_control(credential.username):
        raise InputError("The user name is empty or holds a control character.")
    secret = credential.password if isinstance(credential, PasswordCredential) else credential.token
    if not secret:
        raise InputError("The credential is empty.", hint="Store the password, or sign in again.")
    # A line break at the end comes with copying; NUL would end the password early in AUTH PLAIN, and the control
    # character 1 separates the fields of XOAUTH2.
    if any(char in secret.reveal() for char in "\r\n\0\1"):
        raise InputError(
            "The stored secret holds a line break or another control character.",
            hint="Enter it once more without the line break.",
        )
