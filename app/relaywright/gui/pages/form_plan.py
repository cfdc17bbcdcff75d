"""How the settings form is ordered: groups, labels with mnemonics, and which fields matter for which profile. No Qt.

What the fields are is domain.profile's. A field that does not matter stays reachable under “More”, because a profile
that came from elsewhere may have a value in it.
"""

from dataclasses import dataclass

from relaywright.domain.profile import FIELD_BY_NAME, Auth, Method, RelayProfile, Security

SECRET = "secret"  # noqa: S105 - the place of the secret among the fields, not a secret
"""Where the profile's secret stands in the form; no field, because no profile holds it."""


@dataclass(frozen=True)
class Group:
    """A card of the form. ``rows`` names fields; fields in one row stand side by side."""

    title: str
    rows: tuple[tuple[str, ...], ...]


GROUPS: tuple[Group, ...] = (
    Group("How it sends", (("method",), ("cloud",), ("host",), ("port", "security"))),
    Group("Who signs in", (("auth",), ("username",), ("account",), (SECRET,), ("tenant",), ("client_id",))),
    Group("The mail", (("from",), ("from_name",), ("recipient",))),
    Group("In your list", (("name",), ("folder", "tags"), ("notes",))),
)
MORE = Group("More", (("reply_to",), ("ehlo_name",), ("ca_file",)))

LABELS: dict[str, str] = {
    "name": "&Name",
    "method": "&Method",
    "cloud": "C&loud",
    "host": "&Host",
    "port": "&Port",
    "security": "&Encryption",
    "auth": "S&ign-in",
    "username": "&User name",
    "account": "Account that signs in",
    "from": "Fr&om address",
    "from_name": "From n&ame",
    "reply_to": "Repl&y-To",
    "tenant": "&Tenant",
    "client_id": "Application (&client) id",
    "ehlo_name": "E&HLO name",
    "ca_file": "CA &file",
    "recipient": "Test &recipient",
    "folder": "Fol&der",
    "tags": "Ta&gs",
    "notes": "Note&s",
}

NOTES: dict[str, str] = {
    "tags": "Separated by commas.",
    "reply_to": "Where answers go, when not to the From address.",
    "ehlo_name": "How the program introduces itself. Empty: this computer's name.",
    "ca_file": "A certificate authority to trust beside the system's, as a PEM file. It stays on this computer.",
    "account": "Only for a shared mailbox: whose account opens it, when that is not the mailbox itself.",
    "tenant": "Its id, or one of its domains.",
}

SECURITY_TEXTS: dict[Security, str] = {
    Security.STARTTLS: "STARTTLS",
    Security.TLS: "TLS from the first byte",
    Security.NONE: "None",
}

AUTH_TEXTS: dict[Auth, str] = {
    Auth.OAUTH: "OAuth: a person signs in",
    Auth.OAUTH_APP: "OAuth: the application itself",
    Auth.PASSWORD: "Password",
    Auth.NONE: "None",
}

METHOD_FIELDS: tuple[str, ...] = ("host", "port", "security", "auth")
"""What a method brings along: changed with it where the profile still has the old method's defaults."""


def fields_that_matter(profile: RelayProfile) -> frozenset[str]:
    """Return the fields (and SECRET) that stand in their groups; the others are under “More”."""
    names = set(FIELD_BY_NAME) - {"reply_to", "ehlo_name", "ca_file"}
    if profile.method is Method.CUSTOM and profile.auth in {Auth.PASSWORD, Auth.NONE}:
        names.discard("cloud")
    if profile.auth is Auth.NONE:
        names.discard("username")
    if profile.auth is not Auth.OAUTH and not profile.account:
        names.discard("account")
    if profile.auth not in {Auth.OAUTH, Auth.OAUTH_APP}:
        names -= {"tenant", "client_id"}
    if profile.auth in {Auth.PASSWORD, Auth.OAUTH_APP}:
        names.add(SECRET)
    return frozenset(names)
