"""The shipped clouds, and those an administrator adds."""

import os
from pathlib import Path

import pytest

from relaywright.catalog.catalog import Catalog
from relaywright.domain.errors import DamagedFile, InputError
from relaywright.domain.explanation import Sureness
from relaywright.domain.profile import Method

RESOURCES = Path(__file__).parents[3] / "resources"

LAB = """
[cloud.lab]
name = "Our lab"
smtp_host = "mail.lab.example"
smtp_port = 2587
authority = "https://login.lab.example:8443/"
scope_delegated = "https://outlook.office.com/SMTP.Send"
scope_app = "https://outlook.office365.com/.default"
mx_suffixes = ["mx.lab.example"]
ca_file = "lab-ca.pem"
"""


def with_extra(tmp_path: Path, text: str) -> Catalog:
    file = tmp_path / "clouds.toml"
    file.write_text(text, encoding="utf-8")
    return Catalog.load(RESOURCES, [file])


def test_the_four_clouds_are_there_with_their_own_authority() -> None:
    clouds = Catalog.load(RESOURCES).clouds
    assert list(clouds) == ["worldwide", "gcc-high", "dod", "21vianet"]
    assert clouds["21vianet"].authority == "https://login.partner.microsoftonline.cn"
    assert clouds["gcc-high"].mx_suffixes == (".mail.protection.office365.us",)


def test_a_cloud_is_as_sure_as_its_least_sure_value() -> None:
    dod = Catalog.load(RESOURCES).cloud("dod")
    assert dod.sureness is Sureness.UNVERIFIED
    assert dod.known["authority"].sureness is Sureness.DOCUMENTED


def test_an_administrators_cloud_is_read_in_the_shipped_form(tmp_path: Path) -> None:
    lab = with_extra(tmp_path, LAB).cloud("lab")
    assert lab.smtp_port == 2587
    assert lab.authority == "https://login.lab.example:8443"
    assert lab.mx_suffixes == (".mx.lab.example",)
    assert lab.ca_file == (tmp_path / "lab-ca.pem").resolve()
    assert lab.sureness is Sureness.UNVERIFIED


def test_an_administrators_cloud_may_say_where_it_is_administered(tmp_path: Path) -> None:
    more = 'portal_address = "https://portal.lab.example:8443/apps/"\ngraph_environment = "Lab"\n'
    lab = with_extra(tmp_path, LAB + more).cloud("lab")
    assert (lab.portal_address, lab.graph_environment) == ("https://portal.lab.example:8443/apps", "Lab")
    assert (lab.graph_address, lab.exchange_environment, lab.device_login_address) == ("", "", "")


def test_what_no_source_says_of_a_cloud_is_empty() -> None:
    clouds = Catalog.load(RESOURCES).clouds
    assert clouds["dod"].exchange_admin_address == ""
    assert "exchange_admin_address" not in clouds["dod"].known
    assert clouds["dod"].graph_address == "https://dod-graph.microsoft.us"
    assert [cloud.graph_environment for cloud in clouds.values()] == ["Global", "USGov", "USGovDoD", "China"]


def test_a_new_profile_takes_the_clouds_host_and_port(tmp_path: Path) -> None:
    texts = with_extra(tmp_path, LAB).new_profile_texts(Method.CLIENT_SUBMISSION, "lab")
    assert (texts["host"], texts["port"]) == ("mail.lab.example", "2587")


def test_an_unknown_cloud_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(InputError) as caught:
        Catalog.load(RESOURCES).cloud("moon")
    assert caught.value.id == "unknown-cloud"
    assert "gcc-high" in caught.value.hint


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("[cloud.lab]", "[cloud.Lab]", "small letters"),
        ('smtp_host = "mail.lab.example"', "", r"\[cloud\.lab\] smtp_host: it is missing"),
        ("mail.lab.example", "mail lab", r"\[cloud\.lab\] smtp_host"),
        ("https://login.lab.example:8443/", "http://login.lab.example", r"\[cloud\.lab\] authority: .*https"),
        ("https://login.lab.example:8443/", "https://login.lab.example/x", r"authority: .*without a path"),
        ("2587", "70000", r"smtp_port: .*65535"),
        ("ca_file", "cafile", r"\[cloud\.lab\] cafile: there is no such key"),
        ('["mx.lab.example"]', '["mx_lab"]', r"\[cloud\.lab\] mx_suffixes"),
        ("ca_file", 'portal_address = "http://portal.lab.example"\nca_file', r"portal_address: .*https"),
        ("ca_file", 'graph_address = "https://graph.lab.example/x?y=z"\nca_file', r"graph_address: .*https"),
        ("ca_file", 'graph_environment = "Lab; x"\nca_file', r"graph_environment: .*letters and digits"),
        ("ca_file", "exchange_environment = 7\nca_file", r"exchange_environment: .*a text in quotes"),
    ],
)
def test_a_mistake_in_an_extra_file_names_file_table_and_key(tmp_path: Path, old: str, new: str, fault: str) -> None:
    catalog = with_extra(tmp_path, LAB.replace(old, new))
    with pytest.raises(DamagedFile, match=fault) as caught:
        catalog.cloud("lab")
    assert str(tmp_path / "clouds.toml") in caught.value.message


def test_a_broken_extra_file_shows_and_leaves_the_shipped_clouds_alone(tmp_path: Path) -> None:
    catalog = with_extra(tmp_path, "this is no TOML")
    assert catalog.cloud("worldwide").smtp_host == "smtp.office365.com"
    assert list(catalog.clouds) == ["worldwide", "gcc-high", "dod", "21vianet"]
    assert len(catalog.damaged_files) == 1


def test_an_extra_file_may_not_stand_in_for_a_shipped_cloud(tmp_path: Path) -> None:
    catalog = with_extra(tmp_path, LAB.replace("cloud.lab", "cloud.worldwide"))
    assert catalog.cloud("worldwide").smtp_host == "smtp.office365.com"
    assert "already a cloud with this id" in catalog.damaged_files[0].message


def test_an_extra_file_may_come_change_and_go_while_the_program_runs(tmp_path: Path) -> None:
    file = tmp_path / "clouds.toml"
    catalog = Catalog.load(RESOURCES, [file])
    assert "lab" not in catalog.clouds
    file.write_text(LAB, encoding="utf-8")
    assert catalog.cloud("lab").smtp_port == 2587
    file.write_text(LAB.replace("2587", "2588"), encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert catalog.cloud("lab").smtp_port == 2588
    file.unlink()
    assert "lab" not in catalog.clouds
