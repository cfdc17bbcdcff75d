"""Services on a data folder of their own, with a keyring in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from memory_keyring import MemoryKeyring, memory_keyring_in_use
from relaywright.bootstrap import Services


@pytest.fixture
def memory_keyring() -> Iterator[MemoryKeyring]:
    with memory_keyring_in_use() as backend:
        yield backend


@pytest.fixture
def services(tmp_path: Path, memory_keyring: MemoryKeyring) -> Iterator[Services]:
    built = Services(tmp_path / "data")
    yield built
    built.close()
