"""Whatever stands in a profile, it stays the value it is: no line, no setting and no template comes of it."""

import dataclasses
import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywright.domain.errors import FieldError, InputError
from relaywright.domain.profile import Auth, RelayProfile, with_fields
from relaywright.domain.secret import Secret
from relaywright.exporting.exporter import Exporter

RESOURCES = Path(__file__).parents[3] / "resources"
EXPORTER = Exporter([RESOURCES / "targets"], fonts=RESOURCES / "fonts")
TODAY = datetime.date(2026, 11, 23)
BENIGN = RelayProfile(
    name="Scanner",
    host="smtp.office365.com",
    username="scan@contoso.com",
    sender="scan@contoso.com",
    from_name="Scanner",
    auth=Auth.PASSWORD,
    ca_file="/etc/ssl/lab.pem",
    notes="third floor",
)
HOSTILE = (
    "{{ secret }}",
    "{{ 7 * 7 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "{# #}{% raw %}",
    "x\nsmtp_tls_security_level = none",
    "x\r\nauth off",
    "x\u2028tls off",
    "x\x0bhost attacker.example",
    '" \npasswordeval "id',
    "${config_directory}/../x $(id) `id`",
    "# x \\",
    "| a | b |\n|---|---|",
    "<script>alert(1)</script><b>",
    "![x](file:///etc/passwd)",
    "</para><img src='file:///etc/passwd'/>",
    "\u202egpj.exe",
)
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))


def rendered(target: str, profile: RelayProfile, secret: Secret | None = None) -> list[str]:
    return [file.text for file in EXPORTER.preview(target, profile, secret, today=TODAY)]


def settings_in(text: str) -> list[str]:
    """Return the first word of every line that is no comment: what the program takes for a setting."""
    return [line.split()[0] for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("target", ["postfix", "msmtp"])
@given(name=texts, username=texts, from_name=texts, ca_file=texts, notes=texts)
def test_no_value_becomes_a_setting_of_its_own(
    target: str, name: str, username: str, from_name: str, ca_file: str, notes: str
) -> None:
    # Not read by with_fields: a bundle or a database of another making must be harmless here too.
    hostile = dataclasses.replace(
        BENIGN, name=name, username=username or "x", from_name=from_name, ca_file=ca_file or "x", notes=notes
    )
    try:
        texts_of_files = rendered(target, hostile)
    except InputError:
        return  # what the format cannot hold is refused with the reason
    for text, benign in zip(texts_of_files, rendered(target, BENIGN), strict=True):
        found, expected = settings_in(text), settings_in(benign)
        if target == "msmtp":
            assert found == expected
        else:
            assert [word for word in found if "=" not in word] == [word for word in expected if "=" not in word]
        assert len(text.splitlines()) == len(benign.splitlines())


@pytest.mark.parametrize("target", ["postfix", "msmtp", "device-sheet"])
@pytest.mark.parametrize("value", HOSTILE[:3])
def test_a_template_in_a_value_is_not_run(target: str, value: str) -> None:
    secret = Secret("Canary-of-the-template")
    profile = dataclasses.replace(BENIGN, name=value, from_name=value, notes=value)
    with_it = rendered(target, profile, secret)
    assert sum(text.count("Canary-of-the-template") for text in with_it) <= 1  # its own place, if the target has one
    assert not any("49" in text or "<class" in text for text in with_it)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_sheet_of_any_value_is_set_and_shows_it_as_text(value: str) -> None:
    profile = dataclasses.replace(BENIGN, name=value, from_name=value, notes=value)
    (file,) = EXPORTER.preview("device-sheet", profile, today=TODAY)
    assert file.content.startswith(b"%PDF-")
    assert b"/JavaScript" not in file.content
    assert b"/URI" not in file.content
    assert b"/Launch" not in file.content


@pytest.mark.parametrize("field", ["name", "username", "from_name", "host", "from", "ehlo_name", "tenant", "folder"])
@pytest.mark.parametrize("value", ["x\ny", "x\ry", "x\x00y", "x\u2028y", "x\x85y", "x\u202ey"])
def test_no_field_takes_a_line_break_in_the_first_place(field: str, value: str) -> None:
    with pytest.raises(FieldError):
        with_fields(BENIGN, {field: value})
