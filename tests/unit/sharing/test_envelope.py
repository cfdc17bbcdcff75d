"""Sealed with a passphrase and opened again; every way it can go wrong has its own words."""

import base64
import datetime
import unicodedata

import pyrage  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relaywright.domain.errors import DamagedFile, InputError
from relaywright.domain.profile import RelayProfile
from relaywright.domain.secret import Secret, SecretKind
from relaywright.sharing.bundle import Bundle, SharedProfile
from relaywright.sharing.envelope import MAX_SEALED_BYTES, check_passphrase, looks_sealed, open_sealed, seal

PASSPHRASE = Secret("vier Wörter ohne Sinn")
BUNDLE = Bundle(
    (SharedProfile(RelayProfile("Scanner"), {SecretKind.PASSWORD: Secret("canary-password")}),),
    datetime.datetime(2026, 11, 23, 20, 0, tzinfo=datetime.UTC),
    "Alex",
)


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return seal(BUNDLE, PASSPHRASE)


def binary(armoured: bytes) -> bytes:
    return base64.b64decode(b"".join(armoured.splitlines()[1:-1]))


def test_a_bundle_comes_back_and_nothing_of_it_can_be_read_before(sealed: bytes) -> None:
    assert open_sealed(sealed, PASSPHRASE) == BUNDLE
    assert sealed.isascii()
    assert b"canary" not in sealed
    assert b"Scanner" not in binary(sealed)
    assert looks_sealed(sealed)


def test_any_age_program_opens_it(sealed: bytes) -> None:
    text = pyrage.passphrase.decrypt(sealed, PASSPHRASE.reveal())
    assert b'"format": "relaywright-bundle"' in text


def test_a_binary_file_and_one_pasted_with_spaces_open_too(sealed: bytes) -> None:
    assert looks_sealed(binary(sealed))
    assert open_sealed(binary(sealed), PASSPHRASE) == BUNDLE
    pasted = b"\r\n " + sealed.replace(b"\n", b"\r\n") + b" \r\n"
    assert open_sealed(pasted, PASSPHRASE) == BUNDLE


def test_a_passphrase_typed_on_another_system_is_the_same(sealed: bytes) -> None:
    decomposed = unicodedata.normalize("NFD", PASSPHRASE.reveal())
    assert decomposed != PASSPHRASE.reveal()
    assert open_sealed(sealed, Secret(decomposed)) == BUNDLE


@pytest.mark.parametrize("wrong", ["vier Wörter ohne sinn", ""])
def test_a_wrong_passphrase_is_told_as_such(sealed: bytes, wrong: str) -> None:
    with pytest.raises(InputError) as caught:
        open_sealed(sealed, Secret(wrong))
    assert caught.value.id == "wrong-passphrase"
    assert not isinstance(caught.value, DamagedFile)
    assert "Wörter" not in caught.value.message


def test_a_file_that_was_changed_or_cut_off_is_told_as_such(sealed: bytes) -> None:
    whole = binary(sealed)
    flipped = whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:]
    mac_at = whole.index(b"\n--- ") + 8
    header = whole[:mac_at] + (b"A" if whole[mac_at : mac_at + 1] != b"A" else b"B") + whole[mac_at + 1 :]
    for damaged in (flipped, header, whole[:-20], sealed[:-60] + b"-----END AGE ENCRYPTED FILE-----\n"):
        with pytest.raises(DamagedFile, match="cut off or changed"):
            open_sealed(damaged, PASSPHRASE)
    with pytest.raises(DamagedFile, match="end is missing"):
        open_sealed(sealed[:-60], PASSPHRASE)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200)
    | st.binary(max_size=200).map(lambda tail: b"age-encryption.org/v1\n" + tail)
    | st.binary(max_size=200).map(
        lambda body: b"-----BEGIN AGE ENCRYPTED FILE-----\n" + body + b"\n-----END AGE ENCRYPTED FILE-----"
    )
)
def test_anything_else_is_refused_at_once(data: bytes) -> None:
    with pytest.raises(DamagedFile):
        open_sealed(data, PASSPHRASE)


def test_a_file_for_a_key_says_so() -> None:
    key = pyrage.x25519.Identity.generate().to_public()
    for armored in (False, True):
        with pytest.raises(DamagedFile) as caught:
            open_sealed(pyrage.encrypt(b"x" * 500, [key], armored=armored), PASSPHRASE)
        assert caught.value.id == "sealed-for-key"


def test_a_file_that_asks_for_too_much_work_or_room_is_refused_unopened(sealed: bytes) -> None:
    whole = binary(sealed)
    end = whole.index(b"\n", whole.index(b"-> scrypt"))
    costly = whole[:end].rpartition(b" ")[0] + b" 22" + whole[end:]
    with pytest.raises(DamagedFile, match="unreasonably long"):
        open_sealed(costly, PASSPHRASE)
    with pytest.raises(DamagedFile, match="bigger than"):
        open_sealed(b"age-encryption.org/v1\n" + b"x" * MAX_SEALED_BYTES, PASSPHRASE)


@pytest.mark.parametrize("weak", ["", "eleven char", "aaaaaaaaaaaaaaaa", "abababababab", "x" * 1_025])
def test_a_weak_passphrase_is_refused_before_anything_is_sealed(weak: str) -> None:
    with pytest.raises(InputError) as caught:
        seal(BUNDLE, Secret(weak))
    assert caught.value.id == "weak-passphrase"
    assert not weak or weak not in caught.value.message


def test_a_good_passphrase_passes() -> None:
    check_passphrase(PASSPHRASE)
    check_passphrase(Secret("correct horse battery staple"))
