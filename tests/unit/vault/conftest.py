"""A keyring in memory, in the place of the session's own, for every test of the vault."""

from collections.abc import Iterator

import pytest

from memory_keyring import MemoryKeyring, memory_keyring_in_use


@pytest.fixture
def memory_keyring() -> Iterator[MemoryKeyring]:
    with memory_keyring_in_use() as backend:
        yield backend
