"""A bundle keeps what is shared, leaves out what is not, and believes nothing it reads."""

import dataclasses
import datetime
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywright.domain.errors import DamagedFile, InputError
from relaywright.domain.profile import FIELDS, Auth, Method, RelayProfile, Security, with_fields
from relaywright.domain.secret import Secret, SecretKind
from relaywright.sharing import bundle as module
from relaywright.sharing.bundle import Bundle, SharedProfile, for_sharing, read_bundle, write_bundle

NOW = datetime.datetime(2026, 11, 23, 20, 0, tzinfo=datetime.UTC)
PROFILE = RelayProfile(
    "Scanner “Süd”",
    host="smtp.office365.com",
    username="s@contoso.com",
    sender="s@contoso.com",
    ca_file="/home/me/ca.pem",
)

_line = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), max_size=30).map(str.strip)
_mailbox = st.from_regex(r"[a-z]{1,10}\.[a-z]{1,10}@[a-z]{1,10}\.(com|example)", fullmatch=True)


@st.composite
def profiles(draw: st.DrawFn) -> RelayProfile:
    texts = {
        "name": draw(_line.filter(bool)),
        "method": draw(st.sampled_from(Method)),
        "security": draw(st.sampled_from(Security)),
        "auth": draw(st.sampled_from(Auth)),
        "port": str(draw(st.integers(1, 65535))),
        "host": draw(st.sampled_from(["", "smtp.office365.com", "192.0.2.1", "::1", "bücher.example"])),
        "username": draw(_line),
        "from": draw(_mailbox),
        "from_name": draw(_line),
        "tags": draw(_line),
        "folder": draw(_line),
        "notes": draw(
            st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"), include_characters="\n\t"))
        ),
        "client_id": draw(st.uuids().map(str)),
    }
    return with_fields(RelayProfile("x"), texts)


def written(*shared: SharedProfile) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(write_bundle(Bundle(shared or (SharedProfile(PROFILE),), NOW, "Alex")))
    return document


def read(document: object) -> Bundle:
    return read_bundle(json.dumps(document).encode())


@given(profiles(), st.dictionaries(st.sampled_from(SecretKind), st.text(min_size=1).filter(str.isprintable)))
def test_a_profile_comes_back_as_it_was_shared(profile: RelayProfile, secrets: dict[SecretKind, str]) -> None:
    shared = SharedProfile(profile, {kind: Secret(text) for kind, text in secrets.items()})
    bundle = Bundle((shared,), NOW, "Alex")
    assert read_bundle(write_bundle(bundle)) == bundle


def test_what_belongs_to_this_machine_stays_here_and_the_id_goes_along() -> None:
    assert "/home/me/ca.pem" not in json.dumps(written())
    (shared,) = read(written()).profiles
    assert shared.profile == dataclasses.replace(PROFILE, ca_file="") == for_sharing(PROFILE)


def test_every_field_says_whether_it_is_shared() -> None:
    assert set(written()["profiles"][0]["fields"]) == {item.name for item in FIELDS if item.shareable}


def test_no_secret_goes_in_unless_it_is_given() -> None:
    assert written()["profiles"][0]["secrets"] == {}
    bundle = read(written(SharedProfile(PROFILE, {SecretKind.PASSWORD: Secret("canary")})))
    assert bundle.has_secrets
    assert bundle.profiles[0].secrets[SecretKind.PASSWORD].reveal() == "canary"
    assert "canary" not in repr(bundle)


def test_a_newer_bundle_is_refused_politely() -> None:
    with pytest.raises(DamagedFile, match="newer Relaywright") as caught:
        read(written() | {"version": module.VERSION + 1, "surprise": True})
    assert caught.value.id == "newer-file"
    assert "Update" in caught.value.hint


def test_a_bundle_of_the_first_version_is_read() -> None:
    document = written()
    del document["profiles"][0]["fields"]["account"]
    (shared,) = read(document | {"version": 1}).profiles
    assert shared.profile.account == ""


def test_an_older_bundle_is_upgraded_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VERSION", 3)
    monkeypatch.setattr(
        module,
        "_UPGRADES",
        {
            1: lambda old: old | {"creator": old["creator"] + " 2"},
            2: lambda old: old | {"creator": old["creator"] + " 3"},
        },
    )
    assert read(written() | {"version": 1}).creator == "Alex 2 3"


def _with_profile(**changes: Any) -> dict[str, Any]:
    document = written()
    document["profiles"][0] |= changes
    return document


def _with_field(name: str, value: object) -> dict[str, Any]:
    return _with_profile(fields=written()["profiles"][0]["fields"] | {name: value})


@pytest.mark.parametrize(
    "document",
    [
        [],
        "text",
        None,
        {},
        written() | {"format": "something"},
        written() | {"version": 0},
        written() | {"version": True},
        written() | {"version": "1"},
        written() | {"version": 1.5},
        written() | {"more": 1},
        written() | {"created": "yesterday"},
        written() | {"created": 5},
        written() | {"created": "0001-01-01T00:00:00+14:00"},
        written() | {"creator": "a\nb"},
        written() | {"creator": "x" * 121},
        written() | {"creator": None},
        written() | {"profiles": []},
        written() | {"profiles": {}},
        written() | {"profiles": [1]},
        written() | {"profiles": written()["profiles"] * 2},
        written() | {"profiles": written()["profiles"] * 1_001},
        _with_profile(id="../../x"),
        _with_profile(id=""),
        _with_profile(id=7),
        _with_profile(fields=[]),
        _with_profile(fields={}),
        _with_profile(extra=1),
        _with_profile(secrets=[]),
        _with_profile(secrets={"pin": "1"}),
        _with_profile(secrets={"password": ""}),
        _with_profile(secrets={"password": "x" * 50_000}),
        _with_profile(secrets={"password": 1}),
        _with_field("port", 587),
        _with_field("port", "99999"),
        _with_field("host", "a b"),
        _with_field("from", "s@contoso.com\r\nRCPT TO:<x@y.example>"),
        _with_field("method", "carrier-pigeon"),
        _with_field("name", ""),
        _with_field("name", "a\u202eb"),
        _with_field("name", "\ud800"),
        _with_field("notes", "x" * 20_001),
        _with_field("ca_file", "/etc/shadow"),
        _with_field("shoe", "left"),
        _with_field("\u202e\ud800", "left"),
    ],
)
def test_hostile_content_is_refused_in_one_sentence(document: object) -> None:
    with pytest.raises(DamagedFile) as caught:
        read(document)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 400


@pytest.mark.parametrize("text", [b"", b"\xff", b"{", b"[" * 100_000, b'{"a": NaN}', b" " * 5_000_001, b"1" * 5_000])
def test_what_is_no_bundle_is_refused(text: bytes) -> None:
    with pytest.raises(DamagedFile):
        read_bundle(text)


def test_a_bad_secret_is_not_repeated() -> None:
    with pytest.raises(DamagedFile) as caught:
        read(_with_profile(secrets={"password": "canary" * 10_000}))
    assert "canary" not in caught.value.message


def test_two_profiles_of_one_name_are_refused_also_by_case() -> None:
    other = dataclasses.replace(PROFILE, id="other", name=PROFILE.name.upper())
    with pytest.raises(DamagedFile, match="same name"):
        read(written(SharedProfile(PROFILE), SharedProfile(other)))


def test_too_much_is_refused_before_it_is_sealed() -> None:
    big = tuple(SharedProfile(RelayProfile(f"p{number}", notes="x" * 20_000)) for number in range(300))
    with pytest.raises(InputError, match="5 MB"):
        write_bundle(Bundle(big, NOW))
    with pytest.raises(InputError):
        write_bundle(Bundle((), NOW))
