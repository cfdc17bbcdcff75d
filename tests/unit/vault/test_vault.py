"""Secrets go into the keyring and come back; what the keyring refuses is told in words."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Protocol

import keyring
import keyring.backend
import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import keyring.backends.Windows
import keyring.errors
import pytest

from relaywright.domain.errors import KeyringUnavailable
from relaywright.domain.secret import Secret, SecretKind, SecretRef
from relaywright.vault.vault import KeyringStateKind, Vault

PASSWORD = SecretRef("profile-1", SecretKind.PASSWORD)
CLIENT_SECRET = SecretRef("profile-1", SecretKind.CLIENT_SECRET)


class Memory(Protocol):
    entries: dict[tuple[str, str], str]
    fault: Exception | None
    calls: int


@pytest.fixture
def vault(memory_keyring: Memory) -> Vault:
    return Vault("installation-1", Path("unused"))


@pytest.fixture
def no_session_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)


def test_a_stored_secret_is_read_back_by_another_vault(vault: Vault, memory_keyring: Memory) -> None:
    vault.put(PASSWORD, Secret("Zürich-123"))
    vault.put(CLIENT_SECRET, Secret("other"))

    other = Vault("installation-1", Path("unused"))
    assert other.get(PASSWORD) == Secret("Zürich-123")
    assert other.get(CLIENT_SECRET) == Secret("other")
    assert memory_keyring.entries == {
        ("relaywright/profile-1", "password"): "Zürich-123",
        ("relaywright/profile-1", "client-secret"): "other",
    }


def test_a_missing_secret_is_none_and_dropping_it_says_so(vault: Vault) -> None:
    assert vault.get(PASSWORD) is None
    assert vault.drop(PASSWORD) is False


def test_a_dropped_secret_is_gone_from_the_keyring(vault: Vault, memory_keyring: Memory) -> None:
    vault.put(PASSWORD, Secret("one"))
    assert vault.drop(PASSWORD) is True
    assert memory_keyring.entries == {}
    assert vault.get(PASSWORD) is None


def test_a_copy_for_this_run_comes_first_and_storing_ends_it(vault: Vault, memory_keyring: Memory) -> None:
    vault.put(PASSWORD, Secret("stored"))
    vault.keep_for_session(PASSWORD, Secret("for now"))
    assert vault.get(PASSWORD) == Secret("for now")
    assert vault.kept_for_session(PASSWORD)
    assert "for now" not in memory_keyring.entries.values()

    vault.put(PASSWORD, Secret("new"))
    assert not vault.kept_for_session(PASSWORD)
    assert vault.get(PASSWORD) == Secret("new")


def test_a_copy_for_this_run_needs_no_keyring(vault: Vault, memory_keyring: Memory) -> None:
    memory_keyring.fault = keyring.errors.NoKeyringError("nothing here")
    vault.keep_for_session(PASSWORD, Secret("for now"))
    assert vault.get(PASSWORD) == Secret("for now")
    assert memory_keyring.calls == 0
    assert vault.drop(PASSWORD) is True
    assert not vault.kept_for_session(PASSWORD)


class _WindowsError(Exception):
    """Shaped like pywintypes.error, which has no base of its own."""

    def __init__(self, winerror: int, funcname: str, strerror: str) -> None:
        super().__init__(winerror, funcname, strerror)
        self.winerror = winerror
        self.funcname = funcname


@pytest.mark.parametrize(
    ("fault", "id_"),
    [
        (keyring.errors.NoKeyringError("No recommended backend was available"), "keyring-absent"),
        (keyring.errors.InitError("Failed to create the collection: Prompt dismissed.."), "keyring-locked"),
        (
            keyring.errors.InitError("org.freedesktop.secrets was not provided by any .service files"),
            "keyring-absent",
        ),
        (keyring.errors.KeyringLocked("Failed to unlock the collection!"), "keyring-locked"),
        (keyring.errors.KeyringLocked("Can't get password: (-128, 'User Canceled')"), "keyring-denied"),
        (keyring.errors.KeyringError("Can't get password from keychain: (-25308, 'Unknown')"), "keyring-locked"),
        (keyring.errors.PasswordSetError("Can't store password on keychain: (-25293, '')"), "keyring-denied"),
        (ConnectionRefusedError(111, "Connection refused"), "keyring-absent"),
        (OSError(28, "No space left on device"), "keyring-full"),
        (_WindowsError(1783, "CredWrite", "The stub received bad data"), "keyring-full"),
        (_WindowsError(1312, "CredWrite", "A specified logon session does not exist"), "keyring-absent"),
        (_WindowsError(5, "CredRead", "Access is denied"), "keyring-denied"),
        (LookupError("something of a back end's own"), "keyring-denied"),
    ],
)
def test_every_refusal_has_an_id_and_a_way_out(
    vault: Vault, memory_keyring: Memory, fault: Exception, id_: str
) -> None:
    memory_keyring.fault = fault
    for call in (
        lambda: vault.get(PASSWORD),
        lambda: vault.put(PASSWORD, Secret("canary-7f3a")),
        lambda: vault.drop(PASSWORD),
    ):
        with pytest.raises(KeyringUnavailable) as caught:
            call()
        assert caught.value.id == id_
        assert caught.value.message.endswith(".")
        assert caught.value.hint
        assert "canary-7f3a" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_the_hint_is_the_platforms_own(
    vault: Vault, memory_keyring: Memory, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    memory_keyring.fault = keyring.errors.KeyringLocked("no")
    with pytest.raises(KeyringUnavailable) as caught:
        vault.get(PASSWORD)
    word = {"linux": "login keyring", "darwin": "keychain", "win32": "Windows"}[platform]
    assert word in caught.value.hint


def test_a_keyring_that_comes_back_is_used_again(vault: Vault, memory_keyring: Memory) -> None:
    memory_keyring.fault = keyring.errors.NoKeyringError("not yet")
    with pytest.raises(KeyringUnavailable):
        vault.get(PASSWORD)
    memory_keyring.fault = None
    vault.put(PASSWORD, Secret("now"))
    assert vault.get(PASSWORD) == Secret("now")


class PlaintextKeyring(keyring.backend.KeyringBackend):
    """Stands where keyrings.alt's plain-text file stands, and remembers being asked."""

    __module__ = "keyrings.alt.file"
    priority = 0.5
    was_asked = False

    def set_password(self, service: str, username: str, password: str) -> None:  # noqa: ARG002
        type(self).was_asked = True

    def get_password(self, service: str, username: str) -> str | None:  # noqa: ARG002
        type(self).was_asked = True
        return None


@pytest.mark.parametrize("backend", [keyring.backends.fail.Keyring, keyring.backends.null.Keyring, PlaintextKeyring])
def test_a_place_in_the_clear_counts_as_absent(
    vault: Vault, no_session_bus: None, backend: type[keyring.backend.KeyringBackend]
) -> None:
    keyring.set_keyring(backend())
    state = vault.state()
    assert (state.kind, state.backend) == (KeyringStateKind.ABSENT, "")
    assert state.detail
    assert state.hint
    with pytest.raises(KeyringUnavailable) as caught:
        vault.put(PASSWORD, Secret("must not be written"))
    assert caught.value.id == "keyring-absent"
    assert not PlaintextKeyring.was_asked


def test_of_a_chain_only_the_first_safe_member_is_used(
    vault: Vault, memory_keyring: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = keyring.backends.chainer.ChainerBackend
    monkeypatch.setattr(chain, "backends", [PlaintextKeyring(), memory_keyring])  # type: ignore[no-untyped-call]
    keyring.set_keyring(chain())  # type: ignore[no-untyped-call]
    vault.put(PASSWORD, Secret("one"))
    assert memory_keyring.entries == {("relaywright/profile-1", "password"): "one"}
    assert not PlaintextKeyring.was_asked


def test_a_configured_keyring_that_does_not_load_is_absent_and_named(
    monkeypatch: pytest.MonkeyPatch, memory_keyring: Memory
) -> None:
    monkeypatch.setattr(keyring.core, "_keyring_backend", None)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "no.such.module.Keyring")
    state = Vault("installation-1", Path("unused")).state()
    assert state.kind is KeyringStateKind.ABSENT
    assert "PYTHON_KEYRING_BACKEND" in state.detail


def test_the_state_of_an_unlocked_keyring_names_it(vault: Vault, memory_keyring: Memory) -> None:
    state = vault.state()
    assert (state.kind, state.backend, state.detail) == (KeyringStateKind.READY, "Memory", "")
    assert memory_keyring.calls == 0


class CredentialStore:
    """What Windows keeps: one credential a target. Blobs over 2,560 bytes are refused as CredWrite does."""

    def __init__(self) -> None:
        self.targets: dict[str, dict[str, Any]] = {}

    def write(self, credential: dict[str, Any], _flags: int) -> None:
        blob = credential["CredentialBlob"].encode("utf-16-le")
        if len(blob) > 2560:
            raise _WindowsError(1783, "CredWrite", "The stub received bad data")
        self.targets[credential["TargetName"]] = {**credential, "CredentialBlob": blob}

    def read(self, Type: int, TargetName: str) -> dict[str, Any]:  # noqa: ARG002, N803 - the Windows API's names
        if TargetName not in self.targets:
            raise _WindowsError(1168, "CredRead", "Element not found")
        return self.targets[TargetName]

    def delete(self, Type: int, TargetName: str) -> None:  # noqa: ARG002, N803 - the Windows API's names
        del self.targets[TargetName]


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch, memory_keyring: Memory) -> CredentialStore:
    """Put keyring's real Windows back end over a store in memory."""
    store = CredentialStore()
    api = SimpleNamespace(
        CRED_TYPE_GENERIC=1,
        CRED_PERSIST_ENTERPRISE=3,
        CRED_PERSIST_LOCAL_MACHINE=2,
        CredWrite=store.write,
        CredRead=store.read,
        CredDelete=store.delete,
    )
    types = ModuleType("pywintypes")
    types.error = _WindowsError  # type: ignore[attr-defined]
    monkeypatch.setattr(keyring.backends.Windows, "win32cred", api, raising=False)
    monkeypatch.setattr(keyring.backends.Windows, "pywintypes", types, raising=False)
    keyring.set_keyring(keyring.backends.Windows.WinVaultKeyring())  # type: ignore[no-untyped-call]
    return store


def test_on_windows_a_replaced_password_leaves_no_copy(vault: Vault, windows: CredentialStore) -> None:
    vault.put(PASSWORD, Secret("old-password"))
    vault.put(CLIENT_SECRET, Secret("old-client-secret"))
    vault.put(PASSWORD, Secret("new-password"))
    vault.put(CLIENT_SECRET, Secret("new-client-secret"))

    kept = {entry["CredentialBlob"].decode("utf-16-le") for entry in windows.targets.values()}
    assert kept == {"new-password", "new-client-secret"}
    assert vault.get(PASSWORD) == Secret("new-password")
    assert vault.get(CLIENT_SECRET) == Secret("new-client-secret")
    assert vault.drop(PASSWORD)
    assert vault.get(PASSWORD) is None
    assert vault.get(CLIENT_SECRET) == Secret("new-client-secret")


def test_on_windows_credentials_do_not_roam(vault: Vault, windows: CredentialStore) -> None:
    vault.put(PASSWORD, Secret("one"))
    assert [entry["Persist"] for entry in windows.targets.values()] == [2] * len(windows.targets)
    assert vault.state().backend == "Windows Credential Manager"


@pytest.mark.parametrize(("text", "fits"), [("a" * 1280, True), ("a" * 1281, False), ("😀" * 641, False)])
def test_on_windows_the_length_is_checked_before_anything_is_sent(
    vault: Vault, windows: CredentialStore, text: str, fits: bool
) -> None:
    if fits:
        vault.put(PASSWORD, Secret(text))
        assert vault.get(PASSWORD) == Secret(text)
        return
    with pytest.raises(KeyringUnavailable) as caught:
        vault.put(PASSWORD, Secret(text))
    assert caught.value.id == "keyring-full"
    assert windows.targets == {}
