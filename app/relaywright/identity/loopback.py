"""The listener that takes the browser's answer to a sign-in, on this machine only.

Follows RFC 8252 section 7.3: a port of the moment on the loopback addresses, named ``http://localhost:PORT``. Takes the
form POST that Microsoft sends (OAuth 2.0 Form Post Response Mode) and the older GET. Whoever else knocks is sent away
and changes nothing: only the request with the right ``state`` ends the wait. What the answer means is signin.py's.
"""

import contextlib
import hmac
import html
import selectors
import socket
import string
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import CredentialNeeded, InputError

MAX_REQUEST_BYTES = 64 * 1024
MAX_CONNECTIONS = 16
CONNECTION_LIMIT_S = 10.0

PLAIN_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>$title</title>"
    "<body style='font-family:sans-serif'><h1>$title</h1><p>$text</p></body></html>"
)
"""For a program whose resources/sign-in/answer.html is missing."""


@dataclass
class BrowserAnswer:
    """The fields of the answer, untrusted but for ``state``; the browser waits until :meth:`show` or :meth:`close`."""

    untrusted_fields: Mapping[str, str]
    _connection: socket.socket = field(repr=False)
    _page: str = field(repr=False)

    def show(self, title: str, text: str, *, ok: bool) -> None:
        """Show the person the outcome in the browser's tab. A browser that has gone away is no fault."""
        _respond(self._connection, HTTPStatus.OK, _page(self._page, "ok" if ok else "stop", title, text))

    def close(self) -> None:
        """Let the browser go."""
        self._connection.close()


@dataclass
class _Caller:
    """A connection that has not yet said everything."""

    connection: socket.socket
    deadline: float
    received: bytearray = field(default_factory=bytearray)


class Loopback:
    """Listens from the beginning of the ``with`` block to its end, in the caller's thread; starts none of its own."""

    def __init__(self, page: str = PLAIN_PAGE) -> None:
        """``page`` is the HTML of what the browser shows, with ``$title``, ``$text`` and ``$kind`` (ok, stop) in it."""
        self._page = page
        self._listeners: list[socket.socket] = []
        self._callers: dict[socket.socket, _Caller] = {}
        self._selector = selectors.DefaultSelector()
        self._port = 0

    @property
    def redirect_uri(self) -> str:
        """Where the browser is to bring the answer."""
        return f"http://localhost:{self._port}"

    def __enter__(self) -> Self:
        try:
            self._listeners.append(_listener(socket.AF_INET, "127.0.0.1", 0))
        except OSError as fault:
            raise InputError(
                f"No port of this machine could be opened for the sign-in: {fault.strerror}.",
                hint="A security program may forbid it: allow Relaywright to listen on 127.0.0.1.",
                id="loopback-refused",
            ) from None
        self._port = self._listeners[0].getsockname()[1]
        # A browser may try ::1 first for “localhost”; where that port is taken or IPv6 is off, it goes on to 127.0.0.1.
        with contextlib.suppress(OSError):
            self._listeners.append(_listener(socket.AF_INET6, "::1", self._port))
        for listener in self._listeners:
            self._selector.register(listener, selectors.EVENT_READ)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        for caller in list(self._callers.values()):
            self._drop(caller)
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()
        self._selector.close()

    def wait(self, state: str, cancel: CancelToken, time_limit_s: float) -> BrowserAnswer:
        """Return the first answer that carries ``state``.

        Raises Cancelled at once when ``cancel`` is set, CredentialNeeded (``sign-in-timed-out``) after
        ``time_limit_s`` seconds.
        """
        deadline = time.monotonic() + time_limit_s
        with _wake_up(cancel, self._selector):
            while True:
                cancel.raise_if_cancelled()
                now = time.monotonic()
                if now >= deadline:
                    raise CredentialNeeded(
                        f"Nobody finished the sign-in in the browser within {time_limit_s:.0f} seconds.",
                        hint="Start the sign-in again.",
                        id="sign-in-timed-out",
                    )
                for caller in [caller for caller in self._callers.values() if caller.deadline <= now]:
                    self._turn_away(caller, HTTPStatus.REQUEST_TIMEOUT, "The request took too long.")
                soonest = min([deadline, *(caller.deadline for caller in self._callers.values())])
                answer = self._serve(self._selector.select(max(0.0, soonest - now)), state)
                if answer is not None:
                    return answer

    def _serve(self, ready: list[tuple[selectors.SelectorKey, int]], state: str) -> BrowserAnswer | None:
        for key, _ in ready:
            if key.fileobj in self._listeners:
                self._accept(next(item for item in self._listeners if item is key.fileobj))
            elif isinstance(key.data, _Caller):
                answer = self._read(key.data, state)
                if answer is not None:
                    return answer
        return None

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # it hung up before it was taken
            connection, _ = listener.accept()
            connection.setblocking(False)
            if len(self._callers) >= MAX_CONNECTIONS:
                self._drop(min(self._callers.values(), key=lambda caller: caller.deadline))
            caller = _Caller(connection, time.monotonic() + CONNECTION_LIMIT_S)
            self._callers[connection] = caller
            self._selector.register(connection, selectors.EVENT_READ, caller)

    def _read(self, caller: _Caller, state: str) -> BrowserAnswer | None:
        try:
            received = caller.connection.recv(16 * 1024)
        except BlockingIOError:
            return None
        except OSError:
            received = b""
        if not received:
            self._drop(caller)
            return None
        caller.received += received
        try:
            fields = _answer_in(bytes(caller.received), self._port, state)
        except _TurnedAway as no:
            self._turn_away(caller, no.status, no.text)
            return None
        if fields is None:
            return None
        self._release(caller)
        return BrowserAnswer(fields, caller.connection, self._page)

    def _turn_away(self, caller: _Caller, status: HTTPStatus, text: str) -> None:
        self._release(caller)
        _respond(caller.connection, status, _page(self._page, "stop", "This is not the sign-in’s answer", text))
        caller.connection.close()

    def _drop(self, caller: _Caller) -> None:
        self._release(caller)
        caller.connection.close()

    def _release(self, caller: _Caller) -> None:
        self._selector.unregister(caller.connection)
        del self._callers[caller.connection]


class _TurnedAway(Exception):
    def __init__(self, status: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


def _answer_in(untrusted_request: bytes, port: int, state: str) -> dict[str, str] | None:
    """Return the fields of the expected answer; None while the request is not complete. Raises _TurnedAway.

    HTTP/1.1 as far as a browser's form post needs it (RFC 9112): one request, its body by Content-Length.
    """
    head, end, body = untrusted_request.partition(b"\r\n\r\n")
    if not end:
        _limit(len(untrusted_request))
        return None
    request_line, *header_lines = head.decode("latin-1").split("\r\n")
    try:
        method, target, version = request_line.split(" ")
        address = urlsplit(target)
    except ValueError:
        raise _TurnedAway(HTTPStatus.BAD_REQUEST, "This is no HTTP request.") from None
    if not version.startswith("HTTP/1."):
        raise _TurnedAway(HTTPStatus.BAD_REQUEST, "This is no HTTP request.")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in header_lines)}
    if headers.get("host", "").lower() not in {f"{name}:{port}" for name in ("localhost", "127.0.0.1", "[::1]")}:
        # A web page whose name was pointed at this machine (DNS rebinding) gives itself away here.
        raise _TurnedAway(HTTPStatus.BAD_REQUEST, "The request was meant for another host.")
    if address.path not in {"", "/"}:
        raise _TurnedAway(HTTPStatus.NOT_FOUND, "There is nothing here.")
    if method == "GET":
        return _expected(address.query, state)
    if method != "POST":
        raise _TurnedAway(HTTPStatus.METHOD_NOT_ALLOWED, "Only an answer is taken here.")
    length = headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()) or len(length) > 9:
        raise _TurnedAway(HTTPStatus.LENGTH_REQUIRED, "The answer does not say how long it is.")
    _limit(len(head) + int(length))
    if len(body) < int(length):
        return None
    return _expected(body[: int(length)].decode("utf-8", "replace"), state)


def _limit(size: int) -> None:
    if size > MAX_REQUEST_BYTES:
        raise _TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The answer is too long.")


def _expected(encoded: str, state: str) -> dict[str, str]:
    try:
        fields = dict(parse_qsl(encoded, keep_blank_values=True, max_num_fields=50))
    except ValueError:
        raise _TurnedAway(HTTPStatus.BAD_REQUEST, "The answer has too many fields.") from None
    if not hmac.compare_digest(fields.get("state", "").encode(), state.encode()):
        raise _TurnedAway(HTTPStatus.BAD_REQUEST, "It belongs to another sign-in, or to none.")
    if not (fields.get("code") or fields.get("error")):
        raise _TurnedAway(HTTPStatus.BAD_REQUEST, "The answer has neither a code nor an error.")
    return fields


@contextlib.contextmanager
def _wake_up(cancel: CancelToken, selector: selectors.BaseSelector) -> Iterator[None]:
    """Make ``selector`` return as soon as ``cancel`` is set; a socket pair works on every platform."""
    inner, outer = socket.socketpair()
    with inner, outer:
        outer.setblocking(False)
        selector.register(inner, selectors.EVENT_READ)

        def wake() -> None:
            with contextlib.suppress(OSError):
                outer.send(b"!")

        take_back = cancel.on_cancel(wake)
        try:
            yield
        finally:
            take_back()
            selector.unregister(inner)


def _listener(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows: nobody else may bind the same port beside us
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        listener.listen(MAX_CONNECTIONS)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def _page(template: str, kind: str, title: str, text: str) -> bytes:
    values = {"kind": kind, "title": html.escape(title), "text": html.escape(text)}
    return string.Template(template).safe_substitute(values).encode()


def _respond(connection: socket.socket, status: HTTPStatus, page: bytes) -> None:
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(page)}\r\n"
        "Cache-Control: no-store\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n\r\n"
    )
    with contextlib.suppress(OSError):
        connection.settimeout(1.0)
        connection.sendall(head.encode("ascii") + page)
        # Without this, bytes that were not read (a request too long) would make the system throw the page away.
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(0.05)
        connection.recv(MAX_REQUEST_BYTES)
