"""``clouds``: nobody takes an unverified value for a documented one."""

from pathlib import Path

from terminal_calls import Relaywright

LAB = """
[cloud.lab]
name = "Our lab"
smtp_host = "mail.lab.example"
authority = "https://login.lab.example"
scope_delegated = "https://outlook.office.com/SMTP.Send"
scope_app = "https://outlook.office365.com/.default"
"""


def test_every_cloud_says_each_value_with_how_sure_it_is_and_who_says_so(relaywright: Relaywright) -> None:
    clouds = {cloud["id"]: cloud for cloud in relaywright("clouds", "--json").document}
    assert list(clouds) == ["worldwide", "gcc-high", "dod", "21vianet"]
    for cloud in clouds.values():
        for key, value in cloud["values"].items():
            assert bool(value["value"]) == bool(value["sureness"]) == bool(value["sources"]), key
    assert clouds["dod"]["values"]["scope_app"]["sureness"] == "unverified"
    assert clouds["dod"]["values"]["exchange_admin_address"] == {"value": None, "sureness": None, "sources": []}
    assert clouds["gcc-high"]["values"]["exchange_environment"]["value"] == "O365USGovGCCHigh"


def test_a_person_reads_what_is_not_verified_and_what_is_not_known(relaywright: Relaywright) -> None:
    text = relaywright("clouds").out
    dod = text[text.index("dod: ") : text.index("21vianet: ")]
    (scope,) = [line for line in dod.splitlines() if "Scope, for an application" in line]
    assert "not verified" in scope
    (admin,) = [line for line in dod.splitlines() if "Exchange admin center" in line]
    assert "not known" in admin


def test_a_value_of_an_administrators_own_cloud_is_not_called_verified(
    relaywright: Relaywright, tmp_path: Path
) -> None:
    (tmp_path / "clouds.toml").write_text(LAB, encoding="utf-8")
    answer = relaywright("--data-dir", str(tmp_path), "clouds", "--json").document[-1]
    assert answer["id"] == "lab"
    assert answer["values"]["smtp_host"] == {
        "value": "mail.lab.example",
        "sureness": "unverified",
        "sources": ["clouds.toml of this installation"],
    }
