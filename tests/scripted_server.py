"""A server on loopback that says exactly what a test wants, step by step, well or badly, and keeps what it heard.

The practice relay is the friendly counterpart; this one exists for what no decent server does.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

BEFORE_TLS = ("SIZE 157286400", "PIPELINING", "ENHANCEDSTATUSCODES", "STARTTLS", "8BITMIME", "CHUNKING", "SMTPUTF8")
AFTER_TLS = (
    "SIZE 157286400",
    "PIPELINING",
    "ENHANCEDSTATUSCODES",
    "AUTH LOGIN XOAUTH2",
    "8BITMIME",
    "CHUNKING",
    "SMTPUTF8",
)


class Peer:
    """The server's side of one connection."""

    def __init__(self, sock: socket.socket, heard: bytearray) -> None:
        self._sock = sock
        self._heard = heard
        self._buffer = b""
        self.over_tls = False

    def say(self, text: str) -> None:
        self.send(text.replace("\n", "\r\n").encode() + b"\r\n")

    def send(self, data: bytes) -> None:
        self._sock.sendall(data)

    def line(self) -> str:
        while b"\n" not in self._buffer:
            self._fill()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")

    def take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._fill()
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def start_tls(self, context: ssl.SSLContext) -> None:
        assert not self._buffer
        self._sock = context.wrap_socket(self._sock, server_side=True)
        self.over_tls = True

    def until_closed(self) -> None:
        """Say nothing until the other side has had enough."""
        while True:
            self._fill()

    def close(self) -> None:
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other side was quicker
        self._sock.close()

    def _fill(self) -> None:
        data = self._sock.recv(65536)
        if not data:
            raise ConnectionResetError
        self._heard += data
        self._buffer += data


Handler = Callable[[Peer], None]


class ScriptedServer:
    """Accepts connections on loopback and runs ``handler`` for each in a thread; use as a context manager."""

    def __init__(self, handler: Handler, family: socket.AddressFamily = socket.AF_INET) -> None:
        self._handler = handler
        self._listener = socket.create_server(("::1" if family is socket.AF_INET6 else "127.0.0.1", 0), family=family)
        self.port: int = self._listener.getsockname()[1]
        self.heard = bytearray()
        """Everything heard, decrypted where it was encrypted."""
        self.connections = 0
        self._ending = False
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending = True
        with socket.socket(self._listener.family) as last:
            last.connect(self._listener.getsockname())  # wakes accept, on every system
        for sock in self._open:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # closed long ago
            sock.close()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self._ending:
                sock.close()
                return
            self.connections += 1
            # The duplicate lets the end of the test shut the connection down after TLS has taken the original.
            self._open.append(sock.dup())
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        peer = Peer(sock, self.heard)
        try:
            self._handler(peer)
        except OSError:
            pass  # the other side hung up, or the test is over
        finally:
            peer.close()


@dataclass
class Script:
    """A whole session. ``at`` replaces a step by a handler, ``say`` a step's reply by another text.

    Steps: greeting, EHLO, STARTTLS, handshake, EHLO2, AUTH, username, password, MAIL, RCPT, DATA, content, QUIT.
    """

    tls: ssl.SSLContext | None = None
    implicit: bool = False
    extensions: Sequence[str] = BEFORE_TLS
    extensions_tls: Sequence[str] = AFTER_TLS
    say: Mapping[str, str] = field(default_factory=dict)
    at: Mapping[str, Handler] = field(default_factory=dict)
    recipients: Mapping[str, str] = field(default_factory=dict)
    """Replies to single recipients."""
    content: bytes = b""
    commands: list[str] = field(default_factory=list)

    def __call__(self, peer: Peer) -> None:
        if self.implicit:
            self._handshake(peer)
        self._do(peer, "greeting", "220 mail.test Microsoft ESMTP MAIL Service ready")
        while True:
            line = peer.line()
            self.commands.append(line)
            verb = line.partition(" ")[0].upper()
            if not self._command(peer, verb, line):
                return

    def _command(self, peer: Peer, verb: str, line: str) -> bool:
        match verb:
            case "EHLO":
                offered = self.extensions_tls if peer.over_tls else self.extensions
                lines = ["mail.test Hello [127.0.0.1]", *offered]
                marked = [f"250{' ' if n == len(lines) - 1 else '-'}{text}" for n, text in enumerate(lines)]
                self._do(peer, "EHLO2" if peer.over_tls else "EHLO", "\n".join(marked))
            case "STARTTLS":
                self._do(peer, "STARTTLS", "220 2.0.0 SMTP server ready")
                self._handshake(peer)
            case "AUTH":
                self._auth(peer, line)
            case "MAIL":
                self._do(peer, "MAIL", "250 2.1.0 Sender OK")
            case "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                self._do(peer, "RCPT", self.recipients.get(address, "250 2.1.5 Recipient OK"))
            case "BDAT":
                self.content = peer.take(int(line.split()[1]))
                self._do(peer, "content", "250 2.0.0 OK <id@mail.test> [Hostname=mail.test]")
            case "DATA":
                self._data(peer)
            case "QUIT":
                self._do(peer, "QUIT", "221 2.0.0 Service closing transmission channel")
                return False
            case _:
                peer.say("500 5.3.3 Unrecognized command")
        return True

    def _handshake(self, peer: Peer) -> None:
        if "handshake" in self.at:
            self.at["handshake"](peer)
        assert self.tls is not None
        peer.start_tls(self.tls)

    def _auth(self, peer: Peer, line: str) -> None:
        if "AUTH" in self.at or "AUTH" in self.say or "XOAUTH2" in line:
            self._do(peer, "AUTH", "235 2.7.0 Authentication successful")
            return
        if len(line.split()) == 2:
            self._do(peer, "username", "334 VXNlcm5hbWU6")
            self.commands.append(peer.line())
        self._do(peer, "password", "334 UGFzc3dvcmQ6")
        self.commands.append(peer.line())
        self._do(peer, "after-password", "235 2.7.0 Authentication successful")

    def _data(self, peer: Peer) -> None:
        self._do(peer, "DATA", "354 Start mail input; end with <CRLF>.<CRLF>")
        if not self.say.get("DATA", "354").startswith("354"):
            return
        lines = []
        while (line := peer.line()) != ".":
            lines.append(line)
        self.content = "".join(f"{line}\r\n" for line in lines).encode()
        self._do(peer, "content", "250 2.0.0 OK <id@mail.test>")

    def _do(self, peer: Peer, step: str, reply: str) -> None:
        if step in self.at:
            self.at[step](peer)
        else:
            peer.say(self.say.get(step, reply))
