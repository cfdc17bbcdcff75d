"""A keyring in memory, for tests that are not about a keyring's own ways; the real one is tested in tests/real."""

import contextlib
from collections.abc import Iterator

import keyring
import keyring.backend
import keyring.errors


class MemoryKeyring(keyring.backend.KeyringBackend):
    """Keeps entries in a dictionary; ``fault`` is raised by every call while it is set."""

    priority = 1
    name = "Memory"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}
        self.fault: Exception | None = None
        self.calls = 0

    def _called(self) -> None:
        self.calls += 1
        if self.fault is not None:
            raise self.fault

    def get_password(self, service: str, username: str) -> str | None:
        self._called()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._called()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._called()
        if self.entries.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError(service)


@contextlib.contextmanager
def memory_keyring_in_use() -> Iterator[MemoryKeyring]:
    """Put a memory keyring in the place of the session's own, and take it away again."""
    before = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    try:
        yield backend
    finally:
        keyring.set_keyring(before)
