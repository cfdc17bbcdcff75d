"""Secrets too long for a keyring lie sealed in one file, and are refused rather than half kept."""

import os
from pathlib import Path
from typing import Protocol

import keyring.errors
import pytest

from relaywright.domain.errors import KeyringUnavailable, RelaywrightError
from relaywright.domain.secret import Secret, SecretKind, SecretRef
from relaywright.vault.vault import LONG_SECRETS_FILE, Vault

REF = SecretRef("profile-1", SecretKind.CLIENT_CERTIFICATE)
OTHER = SecretRef("profile-2", SecretKind.CLIENT_CERTIFICATE)
LONG = Secret("-----BEGIN PRIVATE KEY-----\n" + "Zürich" * 1_000)


class Memory(Protocol):
    entries: dict[tuple[str, str], str]
    fault: Exception | None
    calls: int


@pytest.fixture
def vault(tmp_path: Path, memory_keyring: Memory) -> Vault:
    return Vault("installation-1", tmp_path)


def test_it_comes_back_after_a_restart_and_the_keyring_holds_only_a_key(
    vault: Vault, tmp_path: Path, memory_keyring: Memory
) -> None:
    vault.put(REF, LONG)
    vault.put(OTHER, Secret("other"))
    again = Vault("installation-1", tmp_path)
    assert again.get(REF) == LONG
    assert again.get(OTHER) == Secret("other")
    assert [len(value) for value in memory_keyring.entries.values()] == [44]
    assert b"PRIVATE KEY" not in (tmp_path / LONG_SECRETS_FILE).read_bytes()
    assert (tmp_path / LONG_SECRETS_FILE).stat().st_mode & 0o077 == 0


def test_dropping_one_leaves_the_other(vault: Vault) -> None:
    vault.put(REF, LONG)
    vault.put(OTHER, Secret("other"))
    assert vault.drop(REF)
    assert not vault.drop(REF)
    assert vault.get(REF) is None
    assert vault.get(OTHER) == Secret("other")


def test_where_none_was_stored_the_keyring_is_not_asked(vault: Vault, memory_keyring: Memory) -> None:
    assert vault.get(REF) is None
    assert vault.drop(REF) is False
    assert memory_keyring.calls == 0


def test_a_locked_keyring_refuses_and_nothing_is_kept(vault: Vault, memory_keyring: Memory, tmp_path: Path) -> None:
    vault.put(OTHER, Secret("other"))
    locked = Vault("installation-1", tmp_path)
    memory_keyring.fault = keyring.errors.KeyringLocked("locked")
    with pytest.raises(KeyringUnavailable):
        locked.put(REF, LONG)
    with pytest.raises(KeyringUnavailable):
        locked.get(OTHER)
    memory_keyring.fault = None
    assert locked.get(REF) is None
    assert locked.get(OTHER) == Secret("other")


def test_a_full_disk_is_told_and_what_was_there_stays(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, memory_keyring: Memory
) -> None:
    vault.put(OTHER, Secret("other"))

    def no_room(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", no_room)
        with pytest.raises(RelaywrightError, match="No space left") as told:
            vault.put(REF, LONG)
    assert told.value.id == "secret-file"
    assert vault.get(REF) is None
    assert vault.get(OTHER) == Secret("other")


def test_a_file_from_the_future_is_left_alone(vault: Vault, tmp_path: Path) -> None:
    future = b"RWSEAL" + bytes([9]) + b"anything"
    (tmp_path / LONG_SECRETS_FILE).write_bytes(future)
    with pytest.raises(RelaywrightError) as refused:
        vault.put(REF, LONG)
    assert refused.value.id == "newer-file"
    with pytest.raises(RelaywrightError) as told:
        vault.get(REF)
    assert told.value.id == "newer-file"
    assert "private keys" in told.value.hint
    assert (tmp_path / LONG_SECRETS_FILE).read_bytes() == future


def test_a_damaged_file_is_set_aside_and_a_new_one_begun(vault: Vault, tmp_path: Path) -> None:
    vault.put(REF, LONG)
    (tmp_path / LONG_SECRETS_FILE).write_bytes(b"rubbish")
    assert vault.get(REF) is None
    assert len(list(tmp_path.glob("keys.bin.damaged-*"))) == 1
    vault.put(REF, LONG)
    assert Vault("installation-1", tmp_path).get(REF) == LONG
