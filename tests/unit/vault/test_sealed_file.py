"""A sealed file comes back whole, never shows its content, and outlives damage, a lost key and other windows."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Protocol

import keyring.errors
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixed_key import FixedKey
from relaywright.domain.errors import DamagedFile, KeyringUnavailable, NoAnswer
from relaywright.vault import sealed_file
from relaywright.vault.file_lock import locked
from relaywright.vault.sealed_file import SealedFile
from relaywright.vault.vault import Vault

KEY_ENTRY = ("relaywright/installation-1", "token-key-v1")


class Memory(Protocol):
    entries: dict[tuple[str, str], str]
    fault: Exception | None
    calls: int


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.bin"


@pytest.fixture
def sealed(memory_keyring: Memory, path: Path) -> SealedFile:
    return Vault("installation-1", Path("unused")).sealed_file(path)


def another_run(path: Path) -> SealedFile:
    return Vault("installation-1", Path("unused")).sealed_file(path)


def test_what_was_saved_is_loaded_in_another_run(sealed: SealedFile, path: Path) -> None:
    assert sealed.load() is None
    sealed.save(b"canary-one")
    assert another_run(path).load() == b"canary-one"
    assert b"canary" not in path.read_bytes()
    assert sorted(item.name for item in path.parent.iterdir()) == ["tokens.bin", "tokens.bin.lock"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the folder's access list instead of modes")
def test_only_the_owner_may_read_it(sealed: SealedFile, path: Path) -> None:
    sealed.save(b"one")
    sealed.save(b"two")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_key_is_made_once_and_two_saves_differ(sealed: SealedFile, path: Path, memory_keyring: Memory) -> None:
    sealed.save(b"same")
    first, key = path.read_bytes(), memory_keyring.entries[KEY_ENTRY]
    sealed.save(b"same")
    assert path.read_bytes() != first
    assert memory_keyring.entries[KEY_ENTRY] == key
    assert len(key) == 44


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200), where=st.integers(min_value=0), bit=st.integers(0, 7))
def test_any_flipped_bit_is_noticed(data: bytes, where: int, bit: int) -> None:
    key = bytes(range(32))
    whole = bytearray(sealed_file._seal(data, key))
    assert sealed_file._open(bytes(whole), key) == data
    whole[where % len(whole)] ^= 1 << bit
    assert sealed_file._open(bytes(whole), key) is None


@pytest.mark.parametrize("damage", [b"", b"RWSEAL\x01short", b"something else entirely, long enough to hold a nonce"])
def test_a_damaged_file_is_set_aside_and_told(sealed: SealedFile, path: Path, damage: bytes) -> None:
    sealed.save(b"one")
    path.write_bytes(damage)
    again = another_run(path)
    assert again.load() is None
    assert again.problem is not None
    assert again.problem.id == "sealed-file-damaged"
    assert again.problem.hint == "Sign in again."
    (aside,) = path.parent.glob("tokens.bin.damaged-*")
    assert aside.read_bytes() == damage
    assert not path.exists()

    again.save(b"two")
    assert again.problem is None
    assert another_run(path).load() == b"two"


def test_a_lost_key_sets_the_file_aside_and_a_new_one_is_made(
    sealed: SealedFile, path: Path, memory_keyring: Memory
) -> None:
    sealed.save(b"one")
    memory_keyring.entries.clear()
    again = another_run(path)
    assert again.load() is None
    assert again.problem is not None
    assert "no longer in the keyring" in again.problem.message
    again.save(b"two")
    assert another_run(path).load() == b"two"


def test_a_key_that_another_window_made_anew_is_fetched(sealed: SealedFile, path: Path, memory_keyring: Memory) -> None:
    sealed.save(b"one")
    memory_keyring.entries.clear()
    other = another_run(path)
    other.load()
    other.save(b"two")
    assert sealed.load() == b"two"
    assert len(list(path.parent.glob("*.damaged-*"))) == 1


def test_a_file_from_the_future_is_left_alone(sealed: SealedFile, path: Path) -> None:
    future = b"RWSEAL\x02" + os.urandom(60)
    path.write_bytes(future)
    with pytest.raises(DamagedFile) as caught:
        sealed.load()
    assert caught.value.id == "newer-file"

    assert sealed.update(lambda _stored, _session: b"mine") is False
    assert path.read_bytes() == future
    assert sealed.load() == b"mine"


def test_without_a_keyring_nothing_reaches_the_disk(sealed: SealedFile, path: Path, memory_keyring: Memory) -> None:
    memory_keyring.fault = keyring.errors.NoKeyringError("none")
    assert sealed.load() is None
    sealed.save(b"canary-two")
    assert sealed.load() == b"canary-two"
    assert sealed.problem is not None
    assert sealed.problem.id == "keyring-absent"
    assert not path.exists()
    assert b"canary-two" not in b"".join(item.read_bytes() for item in path.parent.iterdir())


def test_a_locked_keyring_keeps_the_file_and_is_asked_once_an_action(
    sealed: SealedFile, path: Path, memory_keyring: Memory
) -> None:
    sealed.save(b"stored")
    on_disk = path.read_bytes()
    memory_keyring.fault = keyring.errors.KeyringLocked("no")
    again = another_run(path)
    with pytest.raises(KeyringUnavailable) as caught:
        again.load()
    assert caught.value.id == "keyring-locked"

    memory_keyring.calls = 0
    again.update(lambda _stored, _session: b"for now")
    assert memory_keyring.calls == 0
    assert path.read_bytes() == on_disk

    memory_keyring.fault = None
    assert again.read() == sealed_file.Contents(b"stored", b"for now", None)
    again.update(lambda stored, session: (stored or b"") + b"+" + (session or b""))
    assert another_run(path).load() == b"stored+for now"


def test_a_full_disk_leaves_the_file_as_it_was(sealed: SealedFile, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed.save(b"one")

    def no_space(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        sealed.save(b"two")
    monkeypatch.undo()
    assert another_run(path).load() == b"one"
    assert sealed.load() == b"two"
    assert sorted(item.name for item in path.parent.iterdir()) == ["tokens.bin", "tokens.bin.lock"]


def test_delete_removes_the_file_and_the_copy_in_memory(sealed: SealedFile, path: Path) -> None:
    sealed.save(b"one")
    assert sealed.delete() is True
    assert sealed.delete() is False
    assert sealed.load() is None
    assert not path.exists()


def test_a_lock_that_is_never_given_up_ends_the_wait(path: Path) -> None:
    sealed = SealedFile(path, FixedKey(bytes(32)), lock_wait_s=0.1)
    with locked(path.with_name("tokens.bin.lock")), pytest.raises(NoAnswer) as caught:
        sealed.save(b"one")
    assert caught.value.id == "file-busy"
    assert sealed.load() == b"one"
    assert not path.exists()


APPEND = """
import sys
from pathlib import Path
from relaywright.vault.sealed_file import SealedFile

class FixedKey:
    def current(self): return bytes(32)
    reread = make = current

sealed = SealedFile(Path(sys.argv[1]), FixedKey())
for number in range(15):
    line = f"{sys.argv[2]}{number}\\n".encode()
    sealed.update(lambda stored, session: (stored or b"") + line)
"""


def _append(path: Path, name: str) -> None:
    subprocess.run([sys.executable, "-c", APPEND, path, name], check=True, timeout=60)


def test_writers_in_several_processes_lose_nothing(path: Path) -> None:
    starters = [threading.Thread(target=_append, args=(path, name)) for name in "abc"]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    lines = (SealedFile(path, FixedKey(bytes(32))).load() or b"").decode().split()
    assert sorted(lines) == sorted(f"{name}{number}" for name in "abc" for number in range(15))


def test_a_process_killed_while_it_writes_leaves_the_old_content_and_no_lock(path: Path) -> None:
    SealedFile(path, FixedKey(bytes(32))).save(b"old")
    killed_in_fsync = APPEND.replace("sealed =", "import os; os.fsync = lambda _: os._exit(9)\nsealed =")
    done = subprocess.run([sys.executable, "-c", killed_in_fsync, path, "x"], check=False, timeout=60)
    assert done.returncode == 9
    again = SealedFile(path, FixedKey(bytes(32)), lock_wait_s=1)
    assert again.load() == b"old"
    again.save(b"new")
    assert again.load() == b"new"
