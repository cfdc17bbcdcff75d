"""A server that says one thing to everybody: a captive portal, a proxy that refuses, a host with another's name."""

import contextlib
import socket
import ssl
import threading
from typing import Self


class OneAnswer:
    """A server that says one thing to everybody and keeps what it was told."""

    def __init__(self, answer: bytes, tls: ssl.SSLContext | None = None) -> None:
        self._answer = answer
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.received: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            plain.settimeout(5)
            try:
                connection = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
            except OSError:
                plain.close()
                continue
            with connection, contextlib.suppress(OSError):  # the other side may have heard enough
                self.received.append(connection.recv(65536))
                connection.sendall(self._answer)
