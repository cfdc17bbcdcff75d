"""What a profile wants and what a token says, side by side; each way they differ has its finding."""

import dataclasses
import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from fixed_key import FixedKey
from person_at_browser import PersonAtBrowser
from relaywright.catalog.catalog import Catalog
from relaywright.catalog.facts import Cloud
from relaywright.domain.finding import Level
from relaywright.domain.profile import Auth, Method, RelayProfile
from relaywright.domain.secret import Secret
from relaywright.identity.app_sign_in import AppSignIn, ClientSecret
from relaywright.identity.cache import TokenCache
from relaywright.identity.claims import Claims
from relaywright.identity.signin import SignIn
from relaywright.identity.token_lens import TokenView, Wants, compare, look_at, wants_of
from relaywright.practice.practice import PracticeAddresses
from relaywright.vault.sealed_file import SealedFile

NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
TENANT = "11111111-1111-1111-1111-111111111111"
APP = "22222222-2222-2222-2222-222222222222"
OTHER = "33333333-3333-3333-3333-333333333333"

PERSON = Claims(
    audiences=("https://outlook.office.com",),
    scopes=("SMTP.Send",),
    roles=(),
    tenant=TENANT,
    username="alex@contoso.com",
    application=APP,
    issuer=f"https://sts.windows.net/{TENANT}/",
    issued_at=NOW,
    valid_from=NOW,
    expires_at=NOW + HOUR,
    is_application=False,
)
SERVICE = dataclasses.replace(
    PERSON,
    audiences=("https://outlook.office365.com",),
    scopes=(),
    roles=("SMTP.SendAsApp",),
    username="",
    is_application=True,
)


def profile(**changes: object) -> RelayProfile:
    fields = {"auth": Auth.OAUTH, "username": "alex@contoso.com", "tenant": TENANT, "client_id": APP} | changes
    return RelayProfile(name="Scanner", **fields)  # type: ignore[arg-type]


@pytest.fixture
def wants(catalog: Catalog) -> Callable[..., Wants]:
    def make(account: str = "", cloud: str = "worldwide", **changes: object) -> Wants:
        return wants_of(profile(**changes), catalog.cloud(cloud), account)

    return make


def ids(view: TokenView) -> list[str]:
    return [finding.id for finding in view.findings]


def row(view: TokenView, claim: str) -> tuple[str, str, bool | None]:
    (found,) = (row for row in view.rows if row.claim == claim)
    return found.wanted, found.found, found.ok


def test_a_fitting_token_of_a_person(wants: Callable[..., Wants]) -> None:
    view = compare(PERSON, wants(), NOW)
    assert ids(view) == ["token-fits"]
    assert view.fits
    assert [row.claim for row in view.rows] == ["aud", "idtyp", "scp", "tid", "appid", "upn", "exp"]
    assert all(row.ok for row in view.rows)


def test_a_fitting_token_of_an_application(wants: Callable[..., Wants]) -> None:
    view = compare(SERVICE, wants(auth=Auth.OAUTH_APP), NOW)
    assert ids(view) == ["token-fits"]
    assert [row.claim for row in view.rows] == ["aud", "idtyp", "roles", "tid", "appid", "exp"]
    assert all(row.ok for row in view.rows)


@pytest.mark.parametrize(
    ("changes", "id_", "level", "claim"),
    [
        ({"audiences": ("https://graph.microsoft.com",)}, "token-wrong-resource", Level.ERROR, "aud"),
        ({"audiences": ("00000003-0000-0000-c000-000000000000",)}, "token-wrong-resource", Level.ERROR, "aud"),
        ({"audiences": ("https://vault.azure.net",)}, "token-wrong-resource", Level.ERROR, "aud"),
        ({"audiences": ()}, "token-wrong-resource", Level.ERROR, "aud"),
        ({"audiences": ("https://outlook.office.com.contoso.com",)}, "token-wrong-resource", Level.ERROR, "aud"),
        ({"scopes": ("IMAP.AccessAsUser.All",)}, "token-missing-permission", Level.ERROR, "scp"),
        ({"scopes": (), "roles": ("SMTP.Send",)}, "token-missing-permission", Level.ERROR, "scp"),
        ({"is_application": True}, "token-wrong-kind", Level.ERROR, "idtyp"),
        ({"tenant": OTHER}, "token-wrong-tenant", Level.ERROR, "tid"),
        ({"application": OTHER}, "token-wrong-application", Level.WARNING, "appid"),
        ({"expires_at": NOW}, "token-expired", Level.ERROR, "exp"),
        ({"expires_at": NOW - HOUR}, "token-expired", Level.ERROR, "exp"),
        ({"expires_at": None}, "token-expired", Level.ERROR, "exp"),
    ],
)
def test_each_difference_has_a_row_and_a_finding(
    wants: Callable[..., Wants], changes: dict[str, object], id_: str, level: Level, claim: str
) -> None:
    view = compare(dataclasses.replace(PERSON, **changes), wants(), NOW)  # type: ignore[arg-type]
    assert [(finding.id, finding.level) for finding in view.findings] == [(id_, level)]
    assert row(view, claim)[2] is False
    assert view.findings[0].detail
    assert view.findings[0].steps
    assert view.fits is (level is not Level.ERROR)


def test_a_token_for_graph_is_named_as_such(wants: Callable[..., Wants]) -> None:
    (finding,) = compare(
        dataclasses.replace(PERSON, audiences=("https://graph.microsoft.com/",)), wants(), NOW
    ).findings
    assert "Microsoft Graph" in finding.detail


@pytest.mark.parametrize(
    "audience",
    [
        "https://outlook.office.com/",
        "https://outlook.office365.com",
        "HTTPS://Outlook.Office.com",
        "00000002-0000-0ff1-ce00-000000000000",
    ],
)
def test_the_resource_has_several_names(wants: Callable[..., Wants], audience: str) -> None:
    assert ids(compare(dataclasses.replace(PERSON, audiences=(audience,)), wants(), NOW)) == ["token-fits"]


def test_an_application_without_the_role_is_warned_of_for_the_role_may_lie_elsewhere(
    wants: Callable[..., Wants],
) -> None:
    view = compare(dataclasses.replace(SERVICE, roles=()), wants(auth=Auth.OAUTH_APP), NOW)
    assert [(finding.id, finding.level) for finding in view.findings] == [("token-missing-permission", Level.WARNING)]
    assert "RBAC" in view.findings[0].detail
    assert row(view, "roles") == ("SMTP.SendAsApp", "", False)


def test_another_account_than_expected_is_warned_of(wants: Callable[..., Wants]) -> None:
    view = compare(PERSON, wants("sam@contoso.com", username="sam@contoso.com"), NOW)
    assert ids(view) == ["token-wrong-account", "token-other-mailbox"]
    assert row(view, "upn") == ("sam@contoso.com", "alex@contoso.com", False)
    assert view.fits


def test_a_shared_mailbox_is_not_a_fault(wants: Callable[..., Wants]) -> None:
    view = compare(PERSON, wants("Alex@contoso.com", username="office@contoso.com"), NOW)
    assert ids(view) == ["token-fits", "token-other-mailbox"]
    assert "Full Access" in view.findings[1].detail
    assert row(view, "upn")[2] is True
    unknown = compare(PERSON, wants(username="office@contoso.com"), NOW)
    assert ids(unknown) == ["token-fits", "token-other-mailbox"]
    assert row(unknown, "upn")[2] is None


@pytest.mark.parametrize("tenant", ["", "organizations", "contoso.com"])
def test_a_tenant_that_cannot_be_compared_is_no_difference(wants: Callable[..., Wants], tenant: str) -> None:
    view = compare(dataclasses.replace(PERSON, tenant=OTHER), wants(tenant=tenant), NOW)
    assert ids(view) == ["token-fits"]
    assert row(view, "tid")[2] is None


def test_a_clock_that_is_late_is_told(wants: Callable[..., Wants]) -> None:
    view = compare(PERSON, wants(), NOW - HOUR)
    assert ids(view) == ["token-clock"]
    assert ids(compare(PERSON, wants(), NOW - datetime.timedelta(minutes=4))) == ["token-fits"]


def test_other_methods_and_clouds_want_other_tokens(wants: Callable[..., Wants]) -> None:
    assert wants(method=Method.HVE, auth=Auth.OAUTH_APP).permission == "Mail.Send"
    assert wants(method=Method.ACS, auth=Auth.OAUTH_APP).resources == ("https://communication.azure.com",)
    assert wants(cloud="gcc-high").resources[0] == "https://outlook.office365.us"
    acs = dataclasses.replace(SERVICE, audiences=("https://communication.azure.com",), roles=())
    assert ids(compare(acs, wants(method=Method.ACS, auth=Auth.OAUTH_APP), NOW)) == ["token-fits"]


def test_an_opaque_token_is_said_to_be_unreadable(wants: Callable[..., Wants]) -> None:
    view = look_at(Secret("EwBwA8l6BAAU0wbn"), wants(), NOW)
    assert (view.claims, view.rows, ids(view)) == (None, (), ["token-unreadable"])
    assert view.fits
    assert "EwBwA8l6" not in repr(view)


def test_the_practice_tokens_fit_their_profiles(
    cloud: Cloud,
    addresses: PracticeAddresses,
    window: Callable[..., SignIn],
    person: Callable[..., PersonAtBrowser],
    token_file: Path,
) -> None:
    now = datetime.datetime.now(datetime.UTC)
    token = window().interactive(person("alex").open)
    mine = profile(username="alex@practice.example", tenant=addresses.tenant, client_id=addresses.client_id)
    view = look_at(token.value, wants_of(mine, cloud, "alex@practice.example"), now)
    assert ids(view) == ["token-fits"]
    assert token.value.reveal() not in repr(view)
    for service, expected in zip(addresses.services, ("token-fits", "token-missing-permission"), strict=True):
        application = service.application
        cache = TokenCache(SealedFile(token_file, FixedKey()))
        secret = ClientSecret(Secret(application.secret))
        token = AppSignIn(cloud, addresses.tenant, application.client_id, secret, cache).token()
        theirs = dataclasses.replace(mine, auth=Auth.OAUTH_APP, client_id=application.client_id)
        assert ids(look_at(token.value, wants_of(theirs, cloud), now)) == [expected]
