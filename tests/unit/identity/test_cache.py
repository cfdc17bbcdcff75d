"""What one window remembers does not undo what another did, and a stored token is used only while it is good."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixed_key import FixedKey
from relaywright.domain.errors import KeyringUnavailable, NoAnswer, RelaywrightError
from relaywright.identity import cache as remembered
from relaywright.identity.cache import TokenCache
from relaywright.vault.sealed_file import Contents, KeySource, SealedFile

AUTHORITY = "https://login.example:8443/contoso.example"
CLIENT = "client-1"


class LockedKey:
    def current(self) -> bytes | None:
        raise KeyringUnavailable("The keyring is locked.", hint="Unlock it.", id="keyring-locked")

    def reread(self) -> bytes | None:
        return self.current()

    def make(self) -> bytes:
        raise KeyringUnavailable("The keyring is locked.", hint="Unlock it.", id="keyring-locked")


def sign_in_of(name: str, *, client: str = CLIENT, expires_on: int = 10_000) -> dict[str, Any]:
    base = {"home_account_id": f"{name}.t", "environment": "login.example"}
    return {
        "AccessToken": {
            f"at-{name}-{client}": base
            | {
                "client_id": client,
                "realm": "tenant-guid",
                "target": "https://outlook.office.com/SMTP.Send",
                "secret": f"token-of-{name}",
                "expires_on": str(expires_on),
            }
        },
        "RefreshToken": {f"rt-{name}-{client}": base | {"client_id": client, "secret": f"refresh-of-{name}"}},
        "IdToken": {f"id-{name}-{client}": base | {"client_id": client, "realm": "tenant-guid"}},
        "Account": {f"{name}.t": base | {"realm": "tenant-guid", "username": f"{name}@contoso.example"}},
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.bin"


def window(path: Path, key: KeySource | None = None) -> TokenCache:
    return TokenCache(SealedFile(path, key or FixedKey()))


def names_in(path: Path) -> list[str]:
    return [item.username for item in remembered.accounts(window(path).read(), "login.example", CLIENT)]


def test_two_windows_that_began_alike_keep_both_sign_ins(path: Path) -> None:
    first, second = window(path), window(path)
    assert first.read() == second.read() == {}
    first.apply({}, sign_in_of("ada"))
    second.apply({}, sign_in_of("bob"))
    assert names_in(path) == ["ada@contoso.example", "bob@contoso.example"]


def test_a_renewal_does_not_bring_back_an_account_that_another_window_forgot(path: Path) -> None:
    window(path).apply({}, sign_in_of("ada"))
    renewing = window(path)
    before = renewing.read()
    after = copy.deepcopy(before)
    after["AccessToken"][f"at-ada-{CLIENT}"]["secret"] = "renewed"

    assert window(path).forget("ada.t", "login.example", CLIENT)
    renewing.apply(before, after)
    assert names_in(path) == []
    assert "renewed" not in json.dumps(window(path).read())


def test_a_token_removed_here_stays_when_another_window_has_renewed_it(path: Path) -> None:
    window(path).apply({}, sign_in_of("ada"))
    slow = window(path)
    before = slow.read()
    after = copy.deepcopy(before)
    del after["AccessToken"][f"at-ada-{CLIENT}"]

    other = window(path)
    seen = other.read()
    renewed = copy.deepcopy(seen)
    renewed["AccessToken"][f"at-ada-{CLIENT}"]["secret"] = "renewed"
    other.apply(seen, renewed)
    slow.apply(before, after)
    assert window(path).read()["AccessToken"][f"at-ada-{CLIENT}"]["secret"] == "renewed"


ENTRIES = st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=3)
SECTIONS = st.dictionaries(st.sampled_from(["AccessToken", "Account"]), ENTRIES, max_size=2)


@given(before=SECTIONS, after=SECTIONS)
def test_alone_the_result_is_what_msal_made(before: dict[str, Any], after: dict[str, Any]) -> None:
    result = remembered._changed(copy.deepcopy(before), before, after)
    assert {name: entries for name, entries in result.items() if entries} == {
        name: entries for name, entries in after.items() if entries
    }


@given(before=SECTIONS, latest=SECTIONS)
def test_a_window_that_changed_nothing_changes_nothing(before: dict[str, Any], latest: dict[str, Any]) -> None:
    result = remembered._changed(copy.deepcopy(latest), before, copy.deepcopy(before))
    assert {name: entries for name, entries in result.items() if entries} == {
        name: entries for name, entries in latest.items() if entries
    }


def fresh(sections: dict[str, Any], *, now: float = 0, authority: str = AUTHORITY, client: str = CLIENT) -> Any:
    return remembered.fresh_access_token(
        sections, "ada.t", authority, client, "https://outlook.office.com/SMTP.Send", now=now
    )


def test_a_stored_token_is_used_until_five_minutes_before_its_end() -> None:
    sections = sign_in_of("ada", expires_on=10_000)
    remembered.note_realm(sections, AUTHORITY, "tenant-guid")
    assert fresh(sections, now=9_700) == ("token-of-ada", 10_000)
    assert fresh(sections, now=9_701) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("realm", "another-tenant"),
        ("environment", "login.other.example"),
        ("home_account_id", "bob.t"),
        ("target", "https://outlook.office.com/IMAP.AccessAsUser.All"),
        ("refresh_on", "1"),
        ("expires_on", "soon"),
        ("secret", ""),
        ("ext_cache_key", "x"),
    ],
)
def test_a_token_for_something_else_is_not_used(name: str, value: str) -> None:
    sections = sign_in_of("ada")
    remembered.note_realm(sections, AUTHORITY, "tenant-guid")
    sections["AccessToken"][f"at-ada-{CLIENT}"][name] = value
    assert fresh(sections, now=100) is None


def test_a_token_is_not_used_for_an_authority_or_application_it_was_not_got_from() -> None:
    sections = sign_in_of("ada")
    remembered.note_realm(sections, AUTHORITY, "tenant-guid")
    assert fresh(sections, authority="https://login.example:8443/fabrikam.example") is None
    assert fresh(sections, client="client-2") is None


def test_forgetting_keeps_other_people_and_other_applications(path: Path) -> None:
    cache = window(path)
    for sections in (sign_in_of("ada"), sign_in_of("bob"), sign_in_of("ada", client="client-2")):
        cache.apply({}, sections)
    assert cache.forget("ada.t", "login.example", CLIENT) is True
    assert cache.forget("ada.t", "login.example", CLIENT) is False
    assert names_in(path) == ["bob@contoso.example"]
    left = window(path).read()
    assert [item.username for item in remembered.accounts(left, "login.example", "client-2")] == ["ada@contoso.example"]
    assert "refresh-of-ada" in json.dumps(left)

    assert cache.forget("ada.t", "login.example", "client-2")
    assert "ada" not in json.dumps(window(path).read())


def test_with_a_locked_keyring_a_sign_in_lasts_for_this_run_and_the_file_is_kept(path: Path) -> None:
    window(path).apply({}, sign_in_of("ada"))
    on_disk = path.read_bytes()
    locked = window(path, LockedKey())
    assert locked.read() == {}
    assert locked.problem is not None
    assert locked.problem.id == "keyring-locked"

    locked.apply({}, sign_in_of("bob"))
    assert [finding.id for finding in locked.findings()] == ["sign-ins-not-kept"]
    people = remembered.accounts(locked.read(), "login.example", CLIENT)
    assert [item.username for item in people] == ["bob@contoso.example"]
    with pytest.raises(KeyringUnavailable):
        locked.forget("ada.t", "login.example", CLIENT)
    assert path.read_bytes() == on_disk


class BrokenDisk:
    """A place where every read or write fails as ``fault``."""

    problem: RelaywrightError | None = None

    def __init__(self, fault: Exception, *, also_reading: bool) -> None:
        self.fault = fault
        self.also_reading = also_reading

    def read(self) -> Contents:
        if self.also_reading:
            raise self.fault
        return Contents(b"{}", None, None)

    def update(self, change: Any) -> bool:  # noqa: ARG002
        raise self.fault


def test_a_full_disk_is_told_and_the_sign_in_works_on() -> None:
    cache = TokenCache(BrokenDisk(OSError(28, "No space left on device"), also_reading=False))
    cache.apply({}, sign_in_of("ada"))
    assert cache.problem is not None
    assert cache.problem.id == "sign-in-file"
    assert "No space left" in cache.problem.message
    assert "token-of-ada" not in cache.problem.message
    with pytest.raises(RelaywrightError, match="could not be removed"):
        cache.forget("ada.t", "login.example", CLIENT)


@pytest.mark.parametrize("fault", [PermissionError(13, "Permission denied"), NoAnswer("busy", id="file-busy")])
def test_a_file_that_cannot_be_read_is_told_and_is_no_accident(fault: Exception) -> None:
    cache = TokenCache(BrokenDisk(fault, also_reading=True))
    assert cache.read() == {}
    assert cache.problem is not None
    assert [finding.title for finding in cache.findings()] == [cache.problem.message]


@pytest.mark.parametrize("content", [b"", b"no json", b"[]", b'{"AccessToken": [1]}', b"\xff\xfe"])
def test_content_that_is_no_cache_counts_as_an_empty_one(path: Path, content: bytes) -> None:
    SealedFile(path, FixedKey()).save(content)
    cache = window(path)
    assert cache.read() == {}
    cache.apply({}, sign_in_of("ada"))
    assert names_in(path) == ["ada@contoso.example"]


def test_the_environment_is_the_host_as_msal_files_it() -> None:
    assert remembered.environment_of("https://Login.Example:8443/t") == "login.example"


def test_a_name_from_the_service_cannot_command_a_terminal() -> None:
    entry = {
        "home_account_id": "o.t",
        "environment": "login.example",
        "username": "a@b\x1b]0;x\x07\r\n\u202e",
        "realm": 5,
    }
    sections = {"Account": {"k": entry}, "RefreshToken": {"r": entry | {"client_id": CLIENT}}}
    for account in (remembered.newest_account(sections), *remembered.accounts(sections, "login.example", CLIENT)):
        assert (account.username, account.tenant) == ("a@b]0;x", "5")
    assert len(remembered.newest_account({"Account": {"k": entry | {"username": "a" * 9_999}}}).username) == 320
