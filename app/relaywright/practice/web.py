"""A small web port on loopback: one request per connection, bounded, in the clear or in TLS.

What is answered is the business of the callable it is given. HTTP itself is the standard library's.
"""

import http.server
import socket
import ssl
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar

from relaywright.practice.listener import Listener

MAX_BODY = 65_536
IDLE_S = 15.0
_OWN_NAMES = {"localhost", "127.0.0.1", "[::1]"}


@dataclass(frozen=True)
class Request:
    """What was asked. ``fields`` are those of the query, then of a form; the first of equal names counts."""

    method: str
    path: str
    fields: Mapping[str, str]
    origin: str = ""


@dataclass(frozen=True)
class Response:
    """What is answered."""

    status: HTTPStatus
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[Request], Response]

_ALWAYS = {
    "Cache-Control": "no-store",
    "Pragma": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class WebPort:
    """Listens, parses, refuses what is too big or for another host, and hands the rest to ``answer``."""

    def __init__(self, name: str, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self._answer = answer
        self._tls = tls
        self._listener = Listener(name, self._serve)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._listener.port

    def start(self, wanted_port: int = 0) -> int:
        """Listen on the wanted port, or a free one. Raises OSError."""
        return self._listener.start(wanted_port)

    def stop(self) -> None:
        """Stop listening."""
        self._listener.stop()

    def _serve(self, connection: socket.socket, peer: str) -> None:
        connection.settimeout(IDLE_S)
        answer = self._answer
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            _handler(answer)(connection, (peer, 0), None)
        except (OSError, ValueError):
            pass  # the peer went away or never spoke TLS
        finally:
            connection.close()


def _handler(answer: Answer) -> Callable[[socket.socket, tuple[str, int], Any], object]:
    class Handler(http.server.BaseHTTPRequestHandler):
        timeout: ClassVar[float | None] = IDLE_S
        server_version = "RelaywrightPractice"
        sys_version = ""

        def do_GET(self) -> None:
            self._reply(self._judge(b""))

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not (length.isascii() and length.isdigit()) or len(length) > 9 or int(length) > MAX_BODY:
                self._reply(Response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"The form is too big.\n"))
                return
            self._reply(self._judge(self.rfile.read(int(length))))

        def _judge(self, body: bytes) -> Response:
            if self.headers.get("Host", "").rpartition(":")[0].lower() not in _OWN_NAMES:
                # A foreign name that was made to point here (DNS rebinding) gets nothing.
                return Response(HTTPStatus.MISDIRECTED_REQUEST, b"This is the practice sign-in of this machine only.\n")
            split = urllib.parse.urlsplit(self.path)
            try:
                pairs = _pairs(split.query) + _pairs(body.decode())
            except ValueError:
                return Response(HTTPStatus.BAD_REQUEST, b"The form cannot be read.\n")
            fields: dict[str, str] = {}
            for name, value in pairs:
                fields.setdefault(name, value)
            return answer(Request(self.command, split.path, fields, self.headers.get("Origin", "")))

        def _reply(self, response: Response) -> None:
            self.send_response(response.status)
            for name, value in {**_ALWAYS, **response.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Type", response.content_type)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            self.wfile.write(response.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing: an address line may hold a code."""

    return Handler


def _pairs(text: str) -> list[tuple[str, str]]:
    return urllib.parse.parse_qsl(text, keep_blank_values=True, max_num_fields=64)
