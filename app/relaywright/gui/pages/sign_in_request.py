"""What a sign-in asks of a tenant, as facts for the page and as a text for the administrator's mail. No Qt."""

from relaywright.catalog.facts import Cloud
from relaywright.domain.profile import Auth, RelayProfile

REDIRECT_ADDRESS = "http://localhost"
"""Registered under “Mobile and desktop applications”; Entra ignores the port of a localhost address
(Microsoft Learn, Redirect URI restrictions)."""
NOT_SET = "not set yet"


def asked_of_tenant(profile: RelayProfile, cloud: Cloud) -> list[tuple[str, str]]:
    """Return (name, value) pairs: what the app registration must have for this profile."""
    application = profile.auth is Auth.OAUTH_APP
    facts = [
        ("Cloud", cloud.name),
        ("Authority", f"{cloud.authority}/{profile.tenant}" if profile.tenant else cloud.authority),
        ("Application (client) id", profile.client_id or NOT_SET),
        ("Permission", cloud.scope_app if application else f"{cloud.scope_delegated} (delegated)"),
    ]
    if not application:
        facts.append(("Redirect address", f"{REDIRECT_ADDRESS} (mobile and desktop applications)"))
    facts.append(("Mailbox", profile.username or NOT_SET))
    return facts


def request_text(profile: RelayProfile, cloud: Cloud) -> str:
    """Return the same as lines for a mail to the administrator."""
    lines = [f"{name}: {value}" for name, value in asked_of_tenant(profile, cloud)]
    return "\n".join(
        (f"“{profile.name}” signs in to Microsoft 365 with OAuth. It needs an app registration with:", *lines)
    )
