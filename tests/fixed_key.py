"""A sealing key without a keyring, for tests that are not about where the key comes from."""


class FixedKey:
    """Always has the same key."""

    def __init__(self, key: bytes = bytes(32)) -> None:
        self.key = key

    def current(self) -> bytes | None:
        return self.key

    def reread(self) -> bytes | None:
        return self.key

    def make(self) -> bytes:
        return self.key
