"""The token lens: what a profile wants of an access token, what the token says, and what that means. Pure.

The token's own words are read by claims.py; nothing of the raw token leaves. Sources: Microsoft, "Authenticate an IMAP,
POP or SMTP connection using OAuth" (2025-09-07) and "Role Based Access Control for Applications in Exchange Online".
"""

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from relaywright.catalog.facts import Cloud
from relaywright.domain.errors import InputError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Auth, Method, RelayProfile
from relaywright.domain.secret import Secret
from relaywright.identity.claims import Claims, read_claims

CLOCK_TOLERANCE_S = 300
"""Microsoft's own tolerance for clocks that do not agree."""

_EXCHANGE_ONLINE = (
    "00000002-0000-0ff1-ce00-000000000000"  # “Office 365 Exchange Online”, Microsoft’s office-docs-powershell
)
_GRAPH = {"https://graph.microsoft.com", "https://graph.microsoft.us", "00000003-0000-0000-c000-000000000000"}
_ANY_TENANT = {"", "organizations", "common"}
_SIGN_IN_AGAIN = "Sign in again."


@dataclass(frozen=True)
class Wants:
    """What a profile wants of its token. Empty texts stand for “does not matter”."""

    resources: tuple[str, ...]
    """Names of the resource, each as good as the other; the first is shown."""
    permission: str
    """``SMTP.Send`` for a person, ``SMTP.SendAsApp`` for an application, ``Mail.Send`` for High Volume Email."""
    is_application: bool
    tenant: str
    client_id: str
    account: str
    """Who should have signed in."""
    mailbox: str
    """Whose mailbox is opened with it (``user=`` of XOAUTH2)."""


@dataclass(frozen=True)
class Wanted:
    """A row of the table."""

    name: str
    claim: str
    """The claim it is read from, ``aud``."""
    wanted: str
    found: str
    ok: bool | None
    """None: cannot be told here, or does not matter."""


@dataclass(frozen=True)
class TokenView:
    """A token through the lens. ``claims`` is None when it could not be read, and then there are no rows."""

    claims: Claims | None
    rows: tuple[Wanted, ...]
    findings: tuple[Finding, ...]

    @property
    def fits(self) -> bool:
        """Whether nothing speaks against trying it."""
        return all(finding.level is not Level.ERROR for finding in self.findings)


def wants_of(profile: RelayProfile, cloud: Cloud, account: str = "") -> Wants:
    """Return what the profile wants; ``account`` is who signed in for it, where that is known."""
    is_application = profile.auth is Auth.OAUTH_APP
    scope = cloud.scope_app if is_application else cloud.scope_delegated
    own = _origin(scope)
    others = (_origin(cloud.scope_delegated), _origin(cloud.scope_app), _EXCHANGE_ONLINE)
    permission = "SMTP.SendAsApp" if is_application else "SMTP.Send"
    if profile.method is Method.HVE and is_application:
        permission = "Mail.Send"
    # A cloud that asks for Graph's scope by mistake is not right for asking: no mail server takes its tokens.
    resources = tuple(name for name in dict.fromkeys((own, *others)) if not _same_resource(name, _GRAPH))
    if profile.method is Method.ACS:
        resources, permission = ("https://communication.azure.com",), ""
    return Wants(
        resources=resources,
        permission=permission,
        is_application=is_application,
        tenant="" if profile.tenant.lower() in _ANY_TENANT else profile.tenant,
        client_id=profile.client_id,
        account="" if is_application else profile.account or account,
        mailbox="" if profile.method is Method.ACS else profile.username or profile.sender,
    )


def look_at(token: Secret, wants: Wants, now: datetime.datetime) -> TokenView:
    """Hold a token against what is wanted. Never raises for what the token holds."""
    try:
        claims = read_claims(token)
    except InputError as fault:
        finding = Finding(fault.id, Level.INFO, "The token cannot be read", f"{fault.message} {fault.hint}")
        return TokenView(None, (), (finding,))
    return compare(claims, wants, now)


def compare(claims: Claims, wants: Wants, now: datetime.datetime) -> TokenView:
    """Hold claims against what is wanted."""
    checks = (_resource, _kind, _permission, _tenant, _application, _account, _time)
    rows: list[Wanted] = []
    findings: list[Finding] = []
    for check in checks:
        row, found = check(claims, wants, now)
        rows += [row] if row else []
        findings += found
    if all(finding.level is Level.INFO for finding in findings):
        findings.insert(0, Finding("token-fits", Level.OK, "The token fits the profile"))
    return TokenView(claims, tuple(rows), tuple(findings))


_Checked = tuple[Wanted | None, list[Finding]]


def _resource(claims: Claims, wants: Wants, _now: datetime.datetime) -> _Checked:
    found = ", ".join(claims.audiences)
    ok = any(_same_resource(audience, wants.resources) for audience in claims.audiences)
    row = Wanted("Resource", "aud", wants.resources[0], found, ok)
    if ok:
        return row, []
    if any(_same_resource(audience, _GRAPH) for audience in claims.audiences):
        detail = (
            "It is a token for Microsoft Graph. The mail server takes only tokens for Outlook, whatever they permit."
        )
    else:
        detail = f"It is for {found or 'no resource at all'}, and the mail server takes only its own."
    steps = (f"Ask for a scope of {wants.resources[0]}, without any other resource beside it.", _SIGN_IN_AGAIN)
    return row, [Finding("token-wrong-resource", Level.ERROR, "The token is for another resource", detail, steps)]


def _kind(claims: Claims, wants: Wants, _now: datetime.datetime) -> _Checked:
    names = {True: "an application’s own", False: "a person’s"}
    ok = claims.is_application == wants.is_application
    row = Wanted("Kind", "idtyp", names[wants.is_application], names[claims.is_application], ok)
    if ok:
        return row, []
    detail = (
        f"It is {names[claims.is_application]} token, and the profile’s sign-in gives {names[wants.is_application]}."
    )
    steps = ("Set the profile’s sign-in to the kind that is meant, then sign in again.",)
    return row, [Finding("token-wrong-kind", Level.ERROR, "The token is of another kind", detail, steps, "auth")]


def _permission(claims: Claims, wants: Wants, _now: datetime.datetime) -> _Checked:
    if not wants.permission:
        return None, []
    held = claims.roles if wants.is_application else claims.scopes
    claim = "roles" if wants.is_application else "scp"
    ok = wants.permission.casefold() in {name.casefold() for name in held}
    row = Wanted("Permission", claim, wants.permission, " ".join(held), ok)
    if ok:
        return row, []
    title = f"The permission {wants.permission} is missing"
    if not wants.is_application:
        steps = (
            f"Add the delegated permission {wants.permission} to the app registration.",
            "Sign in again, so that consent is asked for.",
        )
        return row, [Finding("token-missing-permission", Level.ERROR, title, "The mail server will refuse it.", steps)]
    detail = (
        "The mail server will refuse it, unless the permission comes from Exchange Online itself (RBAC for "
        "Applications): then it does not stand in the token."
    )
    steps = (
        f"Add the application permission {wants.permission} of Office 365 Exchange Online to the app registration.",
        "Let an administrator consent to it, then get a new token.",
    )
    return row, [Finding("token-missing-permission", Level.WARNING, title, detail, steps)]


def _tenant(claims: Claims, wants: Wants, _now: datetime.datetime) -> _Checked:
    comparable = _is_guid(wants.tenant) and bool(claims.tenant)
    ok = claims.tenant.casefold() == wants.tenant.casefold() if comparable else None
    row = Wanted("Tenant", "tid", wants.tenant or "any", claims.tenant, ok)
    if ok is not False:
        return row, []
    detail = f"Somebody of the tenant {claims.tenant} signed in; the profile names {wants.tenant}."
    steps = ("Check the profile’s tenant, or sign in with an account of that tenant.",)
    return row, [Finding("token-wrong-tenant", Level.ERROR, "The token is of another tenant", detail, steps, "tenant")]


def _application(claims: Claims, wants: Wants, _now: datetime.datetime) -> _Checked:
    comparable = bool(wants.client_id and claims.application)
    ok = claims.application.casefold() == wants.client_id.casefold() if comparable else None
    row = Wanted("Application", "appid", wants.client_id or "any", claims.application, ok)
    if ok is not False:
        return row, []
    detail = f"It was given to the application {claims.application}; the profile names {wants.client_id}."
    steps = ("Get the token with the profile’s own application.",)
    finding = Finding(
        "token-wrong-application", Level.WARNING, "The token is of another application", detail, steps, "client_id"
    )
    return row, [finding]


def _account(claims: Claims, wants: Wants, _now: datetime.datetime) -> _Checked:
    if wants.is_application or claims.is_application:
        return None, []
    found = claims.username
    known = wants.account or wants.mailbox
    ok = found.casefold() == known.casefold() if found and known else None
    findings = []
    if wants.account and ok is False:
        detail = f"{found} signed in, and {wants.account} was expected. Their permissions decide what may be sent."
        steps = (f"Sign in again as {wants.account}.",)
        findings.append(
            Finding("token-wrong-account", Level.WARNING, "Another account signed in", detail, steps, "account")
        )
    if found and wants.mailbox and found.casefold() != wants.mailbox.casefold():
        ok = ok if wants.account else None
        detail = (
            f"{found} signed in, and the mailbox {wants.mailbox} is opened. That works for a shared mailbox, or for "
            "another name of the same one, when the account has Full Access to it."
        )
        steps = ("The script “send-as” looks whether it has that, and grants what is missing.",)
        findings.append(
            Finding("token-other-mailbox", Level.INFO, "Account and mailbox differ", detail, steps, "account")
        )
    return Wanted("Account", "upn", known or "any", found, ok), findings


def _time(claims: Claims, _wants: Wants, now: datetime.datetime) -> _Checked:
    ends, tolerance = claims.expires_at, datetime.timedelta(seconds=CLOCK_TOLERANCE_S)
    ok = ends is not None and ends > now
    row = Wanted("Valid until", "exp", f"later than {_shown(now)}", _shown(ends), ok)
    findings = []
    if not ok:
        detail = (
            f"It ended at {_shown(ends)}, and it is {_shown(now)} now." if ends else "It does not say when it ends."
        )
        steps = ("Get a new token.", "If it is new, check this machine’s clock.")
        findings.append(Finding("token-expired", Level.ERROR, "The token is over", detail, steps))
    begins = max((moment for moment in (claims.issued_at, claims.valid_from) if moment), default=None)
    if begins is not None and begins > now + tolerance:
        detail = f"It begins at {_shown(begins)}, and this machine’s clock shows {_shown(now)}."
        set_it = ("Set this machine’s clock.",)
        findings.append(Finding("token-clock", Level.WARNING, "This machine’s clock seems to be late", detail, set_it))
    return row, findings


def _origin(scope: str) -> str:
    """Return the resource of a scope: ``https://outlook.office.com`` of ``https://outlook.office.com/SMTP.Send``."""
    split = urlsplit(scope)
    return f"{split.scheme}://{split.netloc}" if split.netloc else scope


def _same_resource(untrusted_audience: str, names: Iterable[str]) -> bool:
    return untrusted_audience.casefold().rstrip("/") in {name.casefold().rstrip("/") for name in names}


def _is_guid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _shown(moment: datetime.datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else ""
