"""A kind's folder is read strictly, and says for which profiles it is."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from relaywright.catalog.catalog import Catalog
from relaywright.domain.errors import DamagedFile, InputError
from relaywright.domain.explanation import Sureness
from relaywright.domain.profile import Auth, Method, RelayProfile
from relaywright.exporting.script_kind import Senders, load_kind
from relaywright.exporting.scripts import Scripts

RESOURCES = Path(__file__).parents[3] / "resources"
CLOUD = Catalog.load(RESOURCES).cloud("worldwide")
SENDER = RelayProfile(name="Scanner", username="scan@contoso.com", sender="news@contoso.com")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the shipped scripts that may be spoilt."""
    return Path(shutil.copytree(RESOURCES / "scripts", tmp_path / "scripts"))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("title = ", "titel = ", r"script\.toml: title: it is missing"),
        ('methods = ["client-submission"]', 'methods = ["carrier-pigeon"]', r"methods: “carrier-pigeon” is none of"),
        ('methods = ["client-submission"]', "methods = []", "for which profiles"),
        ('requires = ["username"]', 'requires = ["user"]', "there is no field “user”"),
        ('cloud_requires = ["exchange_environment"]', 'cloud_requires = ["portal"]', "“portal” is none of"),
        ('condition = "sends-as-another"', 'condition = "x"', "condition: “x” is none of sends-as-another"),
        ('sureness = "documented"', 'sureness = "sure"', r"\[source 1\] sureness: “sure” is none of"),
        ("[[need]]", "[[neeed]]", "neeed: there is no such key"),
    ],
)
def test_a_mistake_names_file_table_and_key(folder: Path, old: str, new: str, fault: str) -> None:
    file = folder / "send-as" / "script.toml"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DamagedFile, match=fault):
        load_kind(folder / "send-as")


def test_a_template_that_uses_what_is_not_there_is_told_without_any_value(folder: Path) -> None:
    template = folder / "send-as" / "script.ps1.j2"
    template.write_text("{{ profile.passwort | powershell }}\n", encoding="utf-8")
    scripts = Scripts(folder)
    with pytest.raises(DamagedFile, match=r"Script “send-as”.*UndefinedError") as caught:
        scripts.text(scripts.kind("send-as"), SENDER, CLOUD)
    assert "contoso" not in caught.value.message


def test_a_value_that_went_through_no_filter_reaches_no_script(folder: Path) -> None:
    (folder / "parts" / "head.ps1.j2").write_text("# {{ profile.name }}\n", encoding="utf-8")
    scripts = Scripts(folder)
    with pytest.raises(DamagedFile, match="not quoted"):
        scripts.text(scripts.kind("send-as"), SENDER, CLOUD)


def test_a_new_folder_is_a_new_kind(folder: Path) -> None:
    shutil.copytree(folder / "send-as", folder / "inbound-connector")
    assert [kind.id for kind in Scripts(folder).kinds()] == ["app-registration", "inbound-connector", "send-as"]


@pytest.mark.parametrize(
    ("auth", "account", "senders"),
    [
        (Auth.OAUTH, "ann@contoso.com", Senders("ann@contoso.com", "scan@contoso.com", "news@contoso.com")),
        (Auth.OAUTH, "", Senders("scan@contoso.com", "scan@contoso.com", "news@contoso.com")),
        (Auth.PASSWORD, "ann@contoso.com", Senders("scan@contoso.com", "scan@contoso.com", "news@contoso.com")),
    ],
)
def test_the_account_that_signs_in_counts_for_a_persons_sign_in(auth: Auth, account: str, senders: Senders) -> None:
    profile = RelayProfile(name="x", auth=auth, username="scan@contoso.com", sender="news@contoso.com", account=account)
    assert Senders.of(profile) == senders


def test_addresses_that_differ_in_case_are_the_same() -> None:
    senders = Senders.of(
        RelayProfile(name="x", auth=Auth.OAUTH, username="Scan@Contoso.com", account="scan@contoso.com")
    )
    assert (senders.other_account, senders.other_sender) == (False, False)


@pytest.mark.parametrize("kind", ["send-as", "app-registration"])
def test_another_account_gets_full_access_and_send_as_on_the_shared_mailbox(kind: str) -> None:
    profile = RelayProfile(name="Shared", auth=Auth.OAUTH, username="shared@contoso.com", account="ann@contoso.com")
    scripts = Scripts(RESOURCES / "scripts")
    text = scripts.text(scripts.kind(kind), profile, CLOUD)
    assert "[string] $Account = 'ann@contoso.com'" in text
    assert "[string] $From = 'shared@contoso.com'" in text
    assert (
        "Add-MailboxPermission -Identity $Mailbox -User $Trustee -AccessRights FullAccess -AutoMapping $false" in text
    )
    assert "Add-RecipientPermission -Identity $From -Trustee $Trustee -AccessRights SendAs" in text
    assert "Remove-MailboxPermission -Identity 'shared@contoso.com' -User 'ann@contoso.com'" in text


@pytest.mark.parametrize(
    ("kind", "profile", "id_", "words"),
    [
        ("send-as", RelayProfile("x", username="a@b.example", sender="A@b.example"), "nothing-to-grant", "as itself"),
        ("send-as", RelayProfile("x", method=Method.HVE, username="a@b.example"), "script-does-not-fit", "not for hve"),
        ("send-as", RelayProfile("x", sender="a@b.example"), "script-needs-field", "username"),
        (
            "send-as",
            RelayProfile("x", auth=Auth.OAUTH_APP, username="a@b.example", sender="c@b.example"),
            "script-needs-field",
            "client_id",
        ),
        ("app-registration", RelayProfile("x", username="a@b.example"), "script-does-not-fit", "has password"),
        (
            "app-registration",
            RelayProfile("x", method=Method.ACS, auth=Auth.OAUTH_APP, username="x"),
            "script-does-not-fit",
            "not for acs",
        ),
    ],
)
def test_where_there_is_no_such_script_the_reason_is_said(
    kind: str, profile: RelayProfile, id_: str, words: str
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        Scripts(RESOURCES / "scripts").kind(kind).refuse(profile, CLOUD)
    assert caught.value.id == id_
    assert caught.value.hint


def test_a_cloud_that_powershell_has_no_name_for_gets_no_script() -> None:
    lab = dataclasses.replace(CLOUD, id="lab", graph_environment="")
    profile = RelayProfile("x", auth=Auth.OAUTH, username="a@b.example")
    with pytest.raises(InputError, match="“lab”") as caught:
        Scripts(RESOURCES / "scripts").kind("app-registration").refuse(profile, lab)
    assert "graph_environment" in caught.value.hint


def test_a_script_is_as_sure_as_the_least_sure_of_its_own_sources() -> None:
    kind = Scripts(RESOURCES / "scripts").kind("send-as")
    assert kind.sureness(SENDER) is Sureness.DOCUMENTED
    assert kind.sureness(dataclasses.replace(SENDER, auth=Auth.OAUTH)) is Sureness.REPORTED
