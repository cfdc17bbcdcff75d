"""Profile fields are read from text, say what is wrong with it, and come back as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywright.domain.errors import FieldError
from relaywright.domain.profile import (
    FIELD_BY_NAME,
    FIELDS,
    Auth,
    Method,
    RelayProfile,
    Security,
    as_texts,
    parse_field,
    with_fields,
)


def test_the_contracts_fields_are_all_there_by_name() -> None:
    contract = """method cloud host port security auth username from from_name reply_to tenant client_id ehlo_name
        ca_file recipient folder tags notes""".split()  # noqa: SIM905 - as the contract writes them
    added_since = {"account"}
    assert [name for name in FIELD_BY_NAME if name not in added_since] == ["name", *contract]


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("method", "Direct-Send", Method.DIRECT_SEND),
        ("port", " 25 ", 25),
        ("security", "tls", Security.TLS),
        ("auth", "oauth-app", Auth.OAUTH_APP),
        ("tags", "floor 2, colour,floor 2,,", ("floor 2", "colour")),
        ("client_id", "9E5F94BC-E8A4-4E73-B8BE-63364C29D753", "9e5f94bc-e8a4-4e73-b8be-63364c29d753"),
        ("ehlo_name", "[192.0.2.7]", "[192.0.2.7]"),
        ("host", "", ""),
        ("notes", "two\r\nlines", "two\nlines"),
    ],
)
def test_a_fields_text_becomes_its_value(field: str, text: str, value: object) -> None:
    assert parse_field(field, text) == value


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", "  "),
        ("name", "a\nb"),
        ("name", "x" * 121),
        ("method", "carrier-pigeon"),
        ("port", "0"),
        ("port", "65536"),
        ("port", "５８７"),
        ("port", "587.0"),
        ("security", "ssl"),
        ("from", "not an address"),
        ("username", "a\r\nb"),
        ("client_id", "my-app"),
        ("tenant", "contoso com"),
        ("ehlo_name", "-bad-"),
        ("ehlo_name", "a b"),
        ("cloud", "World Wide!"),
        ("notes", "bell \x07"),
        ("colour", "red"),
    ],
)
def test_a_wrong_field_names_itself_and_the_fault(field: str, text: str) -> None:
    with pytest.raises(FieldError) as refused:
        parse_field(field, text)
    assert refused.value.field == field
    assert refused.value.message.startswith(f"{field}: ")
    assert refused.value.message.endswith(".")


def test_a_choice_names_the_values_it_takes() -> None:
    with pytest.raises(FieldError, match="starttls, tls, none"):
        parse_field("security", "ssl")


_texts = {
    item.name: st.text(max_size=60)
    for item in FIELDS
    if item.name not in {"method", "port", "security", "auth", "name"}
}


@given(st.fixed_dictionaries({}, optional=_texts))
def test_whatever_is_taken_comes_back_the_same_through_its_text(texts: dict[str, str]) -> None:
    try:
        profile = with_fields(RelayProfile(name="p"), texts)
    except FieldError:
        return
    assert with_fields(RelayProfile(name="x", id=profile.id), as_texts(profile)) == profile
