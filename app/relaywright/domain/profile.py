"""A relay profile: how one device or application sends. Its fields, and how each is read from text.

Whether the fields fit together is said by profile_rules; what a method or cloud is, by the catalogue.
"""

import dataclasses
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from relaywright.domain.address import AddressFault, has_control, parse_host, parse_mailbox
from relaywright.domain.errors import FieldError

MAX_NAME_LENGTH = 120
MAX_TEXT_LENGTH = 255
MAX_NOTES_LENGTH = 20_000


class Method(StrEnum):
    """A way to hand mail to Microsoft 365; facts about each are in resources/facts/methods.toml."""

    CLIENT_SUBMISSION = "client-submission"
    CONNECTOR = "connector"
    DIRECT_SEND = "direct-send"
    HVE = "hve"
    ACS = "acs"
    CUSTOM = "custom"


class Security(StrEnum):
    """How the connection is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    """TLS from the first byte (RFC 8314), often called SSL or SMTPS."""
    NONE = "none"


class Auth(StrEnum):
    """How the profile signs in."""

    NONE = "none"
    PASSWORD = "password"  # noqa: S105 - the name of a way to sign in
    OAUTH = "oauth"
    """A person's sign-in, delegated."""
    OAUTH_APP = "oauth-app"
    """The application's own sign-in (client credentials)."""


def new_id() -> str:
    """Return a name that nothing else will ever have: 32 hexadecimal digits from the system's random source."""
    return os.urandom(16).hex()  # the uuid module would load the platform module with it, at every start


@dataclass(frozen=True)
class RelayProfile:
    """One device's or application's way to send. Holds no secret; those are named by its ``id``."""

    name: str
    method: Method = Method.CLIENT_SUBMISSION
    cloud: str = "worldwide"
    host: str = ""
    """Empty for connector and Direct Send: the MX endpoint of the From domain, looked up when it is used."""
    port: int = 587
    security: Security = Security.STARTTLS
    auth: Auth = Auth.PASSWORD
    username: str = ""
    account: str = ""
    """Who signs in with OAuth when it is not the mailbox in ``username`` itself: a shared mailbox. Empty: the same."""
    sender: str = ""
    """The contract's ``from``, which Python keeps for itself."""
    from_name: str = ""
    reply_to: str = ""
    tenant: str = ""
    client_id: str = ""
    ehlo_name: str = ""
    ca_file: str = ""
    recipient: str = ""
    folder: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""
    id: str = field(default_factory=new_id)

    @property
    def signs_in_as(self) -> str:
        """The account that a person signs in with: ``account``, else the mailbox itself."""
        return self.account or self.username

    @property
    def is_shared_mailbox(self) -> bool:
        """Whether somebody else's account opens the mailbox with OAuth."""
        return self.auth is Auth.OAUTH and self.signs_in_as.casefold() != self.username.casefold()


@dataclass(frozen=True)
class ProfileField:
    """One field: its name in the contract, its attribute, its label, and how its text is read."""

    name: str
    attribute: str
    label: str
    parse: Callable[[str], Any]
    help: str = ""
    shareable: bool = True
    """Whether it goes into a bundle for a colleague: a path of this machine does not."""

    def value_of(self, profile: RelayProfile) -> Any:
        """Return the profile's value in this field."""
        return getattr(profile, self.attribute)

    def text_of(self, profile: RelayProfile) -> str:
        """Return the value as the command line writes it."""
        value = self.value_of(profile)
        return ", ".join(value) if isinstance(value, tuple) else str(value)


def _line(limit: int = MAX_TEXT_LENGTH) -> Callable[[str], str]:
    def parse(text: str) -> str:
        value = text.strip()
        if has_control(value):
            raise ValueError("it holds a line break or another control character")
        if len(value) > limit:
            raise ValueError(f"it is longer than {limit} characters")
        return value

    return parse


def _name(text: str) -> str:
    value = _line(MAX_NAME_LENGTH)(text)
    if not value:
        raise ValueError("a profile needs a name")
    return value


def _notes(text: str) -> str:
    if len(text) > MAX_NOTES_LENGTH:
        raise ValueError(f"it is longer than {MAX_NOTES_LENGTH} characters")
    value = text.replace("\r\n", "\n").replace("\r", "\n")
    if has_control(value.replace("\n", "").replace("\t", "")):
        raise ValueError("it holds a control character")
    return value


def _port(text: str) -> int:
    value = text.strip()
    if not (value.isascii() and value.isdigit() and len(value) <= 5) or not 1 <= int(value) <= 65535:
        raise ValueError("a port is a whole number from 1 to 65535")
    return int(value)


def _choice(kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    def parse(text: str) -> StrEnum:
        try:
            return kind(text.strip().lower())
        except ValueError:
            raise ValueError(f"“{text.strip()}” is none of {', '.join(kind)}") from None

    return parse


def _optional(parse: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: parse(text) if text.strip() else ""


def _ehlo_name(text: str) -> str:
    name = _line()(text)
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]|\[IPv6:[0-9A-Fa-f:.]+\]", name):
        raise ValueError("it is a host name (printer.contoso.com) or an address in brackets ([192.0.2.1])")
    return name


def _tenant(text: str) -> str:
    tenant = _line()(text)
    if not re.fullmatch(r"[A-Za-z0-9.-]+", tenant):
        raise ValueError("it is a tenant id (a GUID) or one of its domains (contoso.onmicrosoft.com)")
    return tenant


def _client_id(text: str) -> str:
    import uuid

    try:
        return str(uuid.UUID(_line()(text)))
    except ValueError:
        raise ValueError("an application (client) id is a GUID: 00000000-0000-0000-0000-000000000000") from None


def _cloud(text: str) -> str:
    cloud = text.strip().lower()
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", cloud):
        raise ValueError("a cloud's id has letters, digits and hyphens, like worldwide or gcc-high")
    return cloud


def _tags(text: str) -> tuple[str, ...]:
    tags = [_line(40)(part) for part in text.split(",")]
    return tuple(dict.fromkeys(tag for tag in tags if tag))


FIELDS: tuple[ProfileField, ...] = (
    ProfileField("name", "name", "Name", _name),
    ProfileField("method", "method", "Method", _choice(Method)),
    ProfileField("cloud", "cloud", "Cloud", _cloud),
    ProfileField("host", "host", "Host", _optional(parse_host)),
    ProfileField("port", "port", "Port", _port),
    ProfileField("security", "security", "Encryption", _choice(Security)),
    ProfileField("auth", "auth", "Sign-in", _choice(Auth)),
    ProfileField("username", "username", "User name", _line()),
    ProfileField("account", "account", "Account that signs in", _optional(parse_mailbox)),
    ProfileField("from", "sender", "From address", _optional(parse_mailbox)),
    ProfileField("from_name", "from_name", "From name", _line()),
    ProfileField("reply_to", "reply_to", "Reply-To", _optional(parse_mailbox)),
    ProfileField("tenant", "tenant", "Tenant", _optional(_tenant)),
    ProfileField("client_id", "client_id", "Application (client) id", _optional(_client_id)),
    ProfileField("ehlo_name", "ehlo_name", "EHLO name", _optional(_ehlo_name)),
    ProfileField("ca_file", "ca_file", "CA file", _line(4096), shareable=False),
    ProfileField("recipient", "recipient", "Test recipient", _optional(parse_mailbox)),
    ProfileField("folder", "folder", "Folder", _line(MAX_NAME_LENGTH)),
    ProfileField("tags", "tags", "Tags", _tags),
    ProfileField("notes", "notes", "Notes", _notes),
)

FIELD_BY_NAME: Mapping[str, ProfileField] = {item.name: item for item in FIELDS}


def parse_field(name: str, text: str) -> Any:
    """Read one field's text into its value. Raises FieldError with the fault and the way out."""
    known = FIELD_BY_NAME.get(name)
    if known is None:
        raise FieldError(name, "there is no such field.", hint=f"The fields are: {', '.join(FIELD_BY_NAME)}.")
    try:
        return known.parse(text)
    except (AddressFault, ValueError) as fault:
        raise FieldError(name, f"{fault}.", hint=known.help) from None


def with_fields(profile: RelayProfile, texts: Mapping[str, str]) -> RelayProfile:
    """Return the profile with these fields read from text. Raises FieldError at the first that does not hold."""
    values = {}
    for name, text in texts.items():
        value = parse_field(name, text)
        values[FIELD_BY_NAME[name].attribute] = value
    return dataclasses.replace(profile, **values)


def name_key(name: str) -> str:
    """Return the form in which two names count as the same: whatever the case, however wide the spaces."""
    return " ".join(name.split()).casefold()


def as_texts(profile: RelayProfile) -> dict[str, str]:
    """Return every field as text, as ``with_fields`` reads it back."""
    return {item.name: item.text_of(profile) for item in FIELDS}
