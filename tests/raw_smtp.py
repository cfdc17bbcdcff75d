"""An SMTP client for tests that says exactly what it is told, down to the byte. It judges nothing."""

import base64
import socket
import ssl
from pathlib import Path
from types import TracebackType
from typing import Self


class RawSmtp:
    """One connection; the greeting has been read when it is made, unless ``greeting`` is False."""

    def __init__(self, port: int, *, tls: Path | None = None, timeout_s: float = 10, greeting: bool = True) -> None:
        self._socket: socket.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout_s)
        if tls is not None:
            self._encrypt(tls)
        self._reader = self._socket.makefile("rb")
        self.greeting = self.reply() if greeting else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._reader.close()
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def line(self) -> str:
        return self._reader.readline().decode().rstrip("\r\n")

    def reply(self) -> str:
        """Return one whole reply, its lines joined by a line feed; empty when the server has closed."""
        lines = [self.line()]
        while lines[-1][3:4] == "-":
            lines.append(self.line())
        return "\n".join(lines)

    def ask(self, command: str | bytes) -> str:
        self.send((command.encode() if isinstance(command, str) else command) + b"\r\n")
        return self.reply()

    def ehlo(self) -> list[str]:
        return [line[4:] for line in self.ask("EHLO client.example").split("\n")]

    def starttls(self, ca_file: Path, certificate: Path | None = None) -> None:
        assert self.ask("STARTTLS").startswith("220")
        self._reader.close()
        self._encrypt(ca_file, certificate)
        self._reader = self._socket.makefile("rb")

    def login(self, user: str, password: str) -> str:
        first = self.ask(f"AUTH LOGIN {base64.b64encode(user.encode()).decode()}")
        return self.ask(base64.b64encode(password.encode())) if first.startswith("334") else first

    def xoauth2(self, user: str, token: str) -> str:
        return self.ask(b"AUTH XOAUTH2 " + base64.b64encode(f"user={user}\x01auth=Bearer {token}\x01\x01".encode()))

    def at_end(self) -> bool:
        """Tell whether the server has closed the connection."""
        try:
            return self._reader.read(1) == b""
        except ConnectionError:
            return True

    def _encrypt(self, ca_file: Path, certificate: Path | None = None) -> None:
        context = ssl.create_default_context(cafile=str(ca_file))
        if certificate is not None:
            context.load_cert_chain(certificate)
        self._socket = context.wrap_socket(self._socket, server_hostname="localhost")
