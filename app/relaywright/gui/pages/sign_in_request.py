"""What a sign-in asks of a tenant, as facts for the page and as a text for the administrator's mail. No Qt."""

from relaywright.catalog.facts import Cloud
from relaywright.domain.explanation import Sureness
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.identity.broker import redirect_address

REDIRECT_ADDRESS = "http://localhost"
"""Registered under “Mobile and desktop applications”; Entra ignores the port of a localhost address
(Microsoft Learn, Redirect URI restrictions)."""
NOT_SET = "not set yet"

_VALUES = {
    "authority": "the sign-in address",
    "portal_address": "where applications are registered",
    "scope_delegated": "the permission’s address",
    "scope_app": "the permission’s address",
}
_DOUBTFUL = {Sureness.UNVERIFIED: "not verified", Sureness.REPORTED: "only reported, not documented by Microsoft"}


def asked_of_tenant(profile: RelayProfile, cloud: Cloud, scope_app: str) -> list[tuple[str, str]]:
    """Return (name, value) pairs: what the app registration must have for this profile.

    ``scope_app`` is what an application asks for with the profile's method.
    """
    application = profile.auth is Auth.OAUTH_APP
    facts = [
        ("Cloud", cloud.name),
        ("Authority", f"{cloud.authority}/{profile.tenant}" if profile.tenant else cloud.authority),
        ("Application (client) id", profile.client_id or NOT_SET),
        ("Permission", scope_app if application else f"{cloud.scope_delegated} (delegated)"),
    ]
    if not application:
        facts.append(("Redirect address", f"{REDIRECT_ADDRESS} (mobile and desktop applications)"))
        if profile.client_id and cloud.known:  # a lab's own sign-in knows no broker
            facts.append(("… for Windows’ account broker", redirect_address(profile.client_id)))
    facts.append(("Mailbox", profile.username or NOT_SET))
    if cloud.portal_address:
        facts.insert(1, ("Applications are registered at", cloud.portal_address))
    if profile.is_shared_mailbox:
        facts.append(("Account that signs in", profile.signs_in_as))
    return facts


def doubts(profile: RelayProfile, cloud: Cloud) -> Finding | None:
    """Return which of the cloud's values for this sign-in nobody has confirmed; None when all are documented."""
    scope = "scope_app" if profile.auth is Auth.OAUTH_APP else "scope_delegated"
    found = []
    for name in ("authority", scope, "portal_address"):
        known = cloud.known.get(name)
        if known is not None and known.sureness in _DOUBTFUL:
            sources = "; ".join(known.sources)
            found.append(f"{_VALUES[name]} is {_DOUBTFUL[known.sureness]} ({sources})")
    if not found:
        return None
    return Finding(
        "cloud-not-verified",
        Level.WARNING,
        f"Not all of “{cloud.name}” is sure",
        f"In this cloud {', and '.join(found)}.",
        ("If the sign-in is refused for its scope or resource, look there first.",),
        "cloud",
    )


def request_text(profile: RelayProfile, cloud: Cloud, scope_app: str) -> str:
    """Return the same as lines for a mail to the administrator."""
    lines = [f"{name}: {value}" for name, value in asked_of_tenant(profile, cloud, scope_app)]
    return "\n".join(
        (f"“{profile.name}” signs in to Microsoft 365 with OAuth. It needs an app registration with:", *lines)
    )
