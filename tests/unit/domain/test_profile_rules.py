"""Which combinations of fields cannot work, and which are doubtful."""

import dataclasses
from typing import Any

import pytest

from relaywright.domain.finding import Level
from relaywright.domain.profile import Auth, Method, RelayProfile, Security
from relaywright.domain.profile_rules import faults

SOUND = RelayProfile(name="Scanner", host="smtp.office365.com", username="scan@contoso.com", sender="scan@contoso.com")


def ids(**changes: Any) -> dict[str, Level]:
    return {finding.id: finding.level for finding in faults(dataclasses.replace(SOUND, **changes))}


def test_a_sound_profile_has_no_faults() -> None:
    assert ids() == {}


@pytest.mark.parametrize(
    ("changes", "expected", "level"),
    [
        ({"host": ""}, "host-missing", Level.ERROR),
        ({"method": Method.CONNECTOR, "host": "", "sender": "", "auth": Auth.NONE}, "endpoint-unknown", Level.ERROR),
        ({"security": Security.NONE}, "credentials-in-clear", Level.ERROR),
        ({"security": Security.TLS}, "tls-on-587", Level.WARNING),
        ({"port": 465}, "starttls-on-465", Level.WARNING),
        ({"username": ""}, "username-missing", Level.ERROR),
        ({"auth": Auth.OAUTH, "tenant": "contoso.com"}, "client-id-missing", Level.ERROR),
        ({"auth": Auth.OAUTH, "client_id": "x"}, "tenant-missing", Level.ERROR),
        ({"method": Method.DIRECT_SEND}, "sign-in-not-used", Level.WARNING),
        ({"auth": Auth.NONE}, "sign-in-needed", Level.ERROR),
        ({"sender": ""}, "from-missing", Level.ERROR),
        ({"sender": "other@contoso.com"}, "from-is-not-account", Level.INFO),
        (
            {"auth": Auth.OAUTH, "client_id": "c", "tenant": "t", "account": "alex@contoso.com"},
            "shared-mailbox",
            Level.INFO,
        ),
        (
            {"method": Method.DIRECT_SEND, "auth": Auth.NONE, "recipient": "x@elsewhere.example"},
            "direct-send-outside",
            Level.WARNING,
        ),
    ],
)
def test_each_rule_finds_its_case(changes: dict[str, Any], expected: str, level: Level) -> None:
    assert ids(**changes).get(expected) is level


def test_every_fault_names_a_field_of_the_contract_and_a_way_out() -> None:
    broken = dataclasses.replace(SOUND, host="", username="", sender="", auth=Auth.OAUTH, security=Security.NONE)
    for finding in faults(broken):
        assert finding.field
        assert finding.steps
