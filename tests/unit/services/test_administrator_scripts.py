"""The scripts for a profile, the address where an administrator consents, and the file."""

import dataclasses
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from relaywright.catalog.catalog import Catalog
from relaywright.domain.errors import InputError
from relaywright.domain.profile import Auth, Method, RelayProfile
from relaywright.exporting.scripts import Scripts, consent_address
from relaywright.services.administrator_scripts import AdministratorScripts

RESOURCES = Path(__file__).parents[3] / "resources"
CATALOG = Catalog.load(RESOURCES)
SCRIPTS = AdministratorScripts(Scripts(RESOURCES / "scripts"), CATALOG)
CLIENT_ID = "00000000-0000-0000-0000-000000000001"
PERSON = RelayProfile(
    name="O’Brien", auth=Auth.OAUTH, username="scan@contoso.com", tenant="contoso.com", client_id=CLIENT_ID
)
APPLICATION = dataclasses.replace(PERSON, auth=Auth.OAUTH_APP)


def kinds(**values: object) -> list[str]:
    return [kind.id for kind in SCRIPTS.kinds(dataclasses.replace(PERSON, **values))]  # type: ignore[arg-type]


def test_a_profile_is_offered_the_scripts_that_can_be_written_for_it() -> None:
    assert kinds() == ["app-registration"]
    assert kinds(sender="news@contoso.com") == ["app-registration", "send-as"]
    assert kinds(auth=Auth.PASSWORD) == []
    assert kinds(method=Method.HVE, auth=Auth.OAUTH_APP) == ["app-registration"]


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError) as caught:
        SCRIPTS.script(PERSON, "inbound-connector")
    assert caught.value.id == "unknown-script"
    assert "app-registration, send-as" in caught.value.hint


def test_a_sign_in_that_the_method_does_not_have_gets_no_script() -> None:
    assert kinds(method=Method.HVE, auth=Auth.OAUTH) == []
    with pytest.raises(InputError, match="hve has no sign-in with oauth") as caught:
        SCRIPTS.script(dataclasses.replace(PERSON, method=Method.HVE), "app-registration")
    assert caught.value.id == "script-does-not-fit"


@pytest.mark.parametrize("cloud", CATALOG.clouds)
def test_a_persons_consent_names_the_scopes_of_the_sign_in_and_the_registered_address(cloud: str) -> None:
    facts = CATALOG.cloud(cloud)
    address = consent_address(dataclasses.replace(PERSON, cloud=cloud), facts)
    assert address is not None
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == facts.authority
    assert parts.path == "/contoso.com/v2.0/adminconsent"
    assert parse_qs(parts.query) == {
        "client_id": [CLIENT_ID],
        "scope": [f"{facts.scope_delegated} openid profile offline_access"],
        "redirect_uri": ["http://localhost"],
    }


def test_an_applications_consent_is_to_what_is_registered() -> None:
    address = consent_address(APPLICATION, CATALOG.cloud("gcc-high"))
    assert address == f"https://login.microsoftonline.us/contoso.com/adminconsent?client_id={CLIENT_ID}"


@pytest.mark.parametrize("missing", [{"tenant": ""}, {"client_id": ""}, {"auth": Auth.PASSWORD}])
def test_without_tenant_client_id_or_oauth_there_is_no_consent_address(missing: dict[str, str]) -> None:
    profile = dataclasses.replace(PERSON, **missing)  # type: ignore[arg-type]
    assert consent_address(profile, CATALOG.cloud("worldwide")) is None


def test_a_tenant_cannot_lead_the_consent_elsewhere() -> None:
    address = consent_address(dataclasses.replace(APPLICATION, tenant="x/../@evil?#"), CATALOG.cloud("worldwide"))
    assert address == f"https://login.microsoftonline.com/x%2F..%2F%40evil%3F%23/adminconsent?client_id={CLIENT_ID}"


def test_a_file_is_read_right_by_windows_powershell(tmp_path: Path) -> None:
    script = SCRIPTS.script(PERSON, "app-registration")
    written = SCRIPTS.write(script, tmp_path / "new folder" / "für Anna.ps1")
    content = written.path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf<#\r\n")
    assert content.decode("utf-8-sig").replace("\r\n", "\n") == script.text
    assert "O’Brien" in script.text
    with pytest.raises(InputError, match="exists already"):
        SCRIPTS.write(script, written.path)
    SCRIPTS.write(script, written.path, overwrite=True)


def test_no_secret_has_a_place_in_a_script() -> None:
    for profile in (PERSON, APPLICATION):
        text = SCRIPTS.script(profile, "app-registration").text
        assert text.count("SecretText") == (profile.auth is Auth.OAUTH_APP)
        assert "-AsPlainText" not in text


def test_the_permission_of_high_volume_email_is_its_own() -> None:
    text = SCRIPTS.script(dataclasses.replace(APPLICATION, method=Method.HVE), "app-registration").text
    assert "$permissionName = 'Mail.Send'" in text
    assert "Add-HVEAppAccess -Identity $Mailbox -AppIds $EnterpriseObjectId" in text
    assert "New-ServicePrincipal" not in text
    assert "UseRbac" not in text


def test_the_wrong_object_id_is_told_before_it_does_harm() -> None:
    text = SCRIPTS.script(APPLICATION, "app-registration").text
    wrong = text.index('"$($servicePrincipal.ObjectId)" -ne $EnterpriseObjectId')
    assert wrong < text.index("New-ServicePrincipal -AppId")


def test_each_cloud_is_connected_to_by_its_own_name() -> None:
    names = {}
    for cloud in CATALOG.clouds:
        text = SCRIPTS.script(dataclasses.replace(PERSON, cloud=cloud), "app-registration").text
        (graph,) = [line.split("'")[1] for line in text.splitlines() if line.strip().startswith("Environment = ")]
        (exchange,) = [line for line in text.splitlines() if line.startswith("Connect-ExchangeOnline")]
        names[cloud] = (graph, exchange.removeprefix("Connect-ExchangeOnline -ShowBanner:$false").strip())
    assert names == {
        "worldwide": ("Global", ""),
        "gcc-high": ("USGov", "-ExchangeEnvironmentName 'O365USGovGCCHigh'"),
        "dod": ("USGovDoD", "-ExchangeEnvironmentName 'O365USGovDoD'"),
        "21vianet": ("China", "-ExchangeEnvironmentName 'O365China'"),
    }
