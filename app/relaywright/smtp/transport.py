"""One connection to one server: connect, send, receive, turn to TLS, every step with a deadline and cancellable.

Knows no SMTP. The socket never blocks; TLS runs over memory buffers, so a cancel ends a handshake as fast as a read.
"""

import contextlib
import errno
import os
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from relaywright.domain.reply import FailureKind
from relaywright.smtp.endpoint import Address
from relaywright.smtp.events import CertificateFacts
from relaywright.smtp.tls import PreparedTls, certificate_facts, handshake_trouble
from relaywright.smtp.trouble import Trouble
from relaywright.smtp.waiting import SocketWait

_CHUNK = 65_536
_MAX_UNREAD = 1_048_576
"""What is taken in while we still write; beyond it the server waits for us."""

_UNDER_WAY = {errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN, errno.EALREADY}
# The most telling failure of several addresses, first: a refusal proves that somebody is there.
_BY_WEIGHT = (FailureKind.CONNECTION_REFUSED, FailureKind.CONNECT_TIMEOUT, FailureKind.UNREACHABLE)


class Connection:
    """A connected socket, in the clear or with TLS. Use as a context manager; it is closed without a farewell."""

    def __init__(self, sock: socket.socket, wait: SocketWait) -> None:
        self._sock = sock
        self._wait = wait
        self._tls: PreparedTls | None = None
        self._inbox = bytearray()
        self._broken: OSError | None = None
        self._ended = False
        self._spoke = True
        self.round_trips = 1
        """Times we had to wait for the other side after having sent something; the first is the TCP handshake."""
        self.untrusted_certificate: CertificateFacts | None = None
        """The certificate that a failed handshake was about."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sock.close()

    @property
    def local_address(self) -> str:
        """Our own address on this connection."""
        return str(self._sock.getsockname()[0])

    def send(self, data: bytes, deadline: float) -> None:
        """Send all of ``data``, taking in meanwhile what the server sends. Raises Trouble, Cancelled.

        A connection that breaks here is reported by the next ``receive``: what the server said last still counts.
        """
        for start in range(0, len(data), _CHUNK):
            self._push(self._encrypted(data[start : start + _CHUNK]), deadline)
        self._spoke = True

    def _encrypted(self, chunk: bytes) -> bytes:
        if self._tls is None:
            return chunk
        try:
            self._tls.tls.write(chunk)
        except ssl.SSLError as error:  # also a renegotiation, which TLS 1.3 no longer has and nobody needs
            raise Trouble(FailureKind.TLS_FAILED, error.reason or str(error)) from None
        return self._tls.outgoing.read()

    def receive(self, deadline: float) -> bytes:
        """Return some bytes from the server. Raises Trouble, Cancelled."""
        self._count_wait()
        while True:
            data = self._take()
            if data:
                return data
            if self._ended or self._broken:
                raise self._end()
            self._pull(deadline)

    def start_tls(self, prepared: PreparedTls, deadline: float) -> None:
        """Do the handshake and verify the certificate. Raises Trouble, Cancelled."""
        self._tls = prepared
        first_bytes = b""
        while True:
            try:
                prepared.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self._flush_handshake(prepared, deadline)
                self._count_wait()
                if self._ended or self._broken:
                    raise self._end() from None
                self._pull(deadline)
                first_bytes = first_bytes or bytes(self._inbox[:128])
                self._hand_to_tls(prepared)
            except ssl.SSLError as error:
                self._send_alert(prepared)
                self.untrusted_certificate = certificate_facts(prepared.tls, trusted=False)
                raise handshake_trouble(error, self.untrusted_certificate, first_bytes) from None
        self._flush_handshake(prepared, deadline)

    def _flush_handshake(self, prepared: PreparedTls, deadline: float) -> None:
        data = prepared.outgoing.read()
        if data:
            self._push(data, deadline)
            self._spoke = True

    def _send_alert(self, prepared: PreparedTls) -> None:
        """Tell the server why, if it takes it at once; nobody waits for that."""
        try:
            self._sock.send(prepared.outgoing.read())
        except OSError:
            pass

    def _count_wait(self) -> None:
        if self._spoke:
            self.round_trips += 1
            self._spoke = False

    def _push(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view and self._broken is None:
            reading = not self._ended and len(self._inbox) < _MAX_UNREAD
            events = selectors.EVENT_WRITE | (selectors.EVENT_READ if reading else 0)
            ready = self._ready(events, deadline)
            if ready & selectors.EVENT_READ:
                self._read_socket()
            if ready & selectors.EVENT_WRITE:
                try:
                    view = view[self._sock.send(view) :]
                except (BlockingIOError, InterruptedError):
                    continue
                except OSError as error:
                    self._drain()
                    self._broken = error

    def _drain(self) -> None:
        """Take what the server said before it closed; it may be the very reason."""
        before = -1
        while before < len(self._inbox) < _MAX_UNREAD:
            before = len(self._inbox)
            self._read_socket()

    def _pull(self, deadline: float) -> None:
        self._ready(selectors.EVENT_READ, deadline)
        self._read_socket()

    def _ready(self, events: int, deadline: float) -> int:
        try:
            return self._wait.until_ready(self._sock, events, deadline)
        except TimeoutError:
            raise Trouble(FailureKind.NO_REPLY, "no answer in time") from None

    def _read_socket(self) -> None:
        try:
            data = self._sock.recv(_CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._broken = error
            return
        self._inbox += data
        self._ended = not data

    def _take(self) -> bytes:
        if self._tls is None:
            data = bytes(self._inbox)
            self._inbox.clear()
            return data
        self._hand_to_tls(self._tls)
        try:
            return self._tls.tls.read(_CHUNK)
        except ssl.SSLWantReadError:
            return b""
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            self._ended = True
            return b""
        except ssl.SSLError as error:
            raise Trouble(FailureKind.TLS_FAILED, error.reason or str(error)) from None

    def _hand_to_tls(self, prepared: PreparedTls) -> None:
        prepared.incoming.write(bytes(self._inbox))
        self._inbox.clear()

    def _end(self) -> Trouble:
        if self._broken is None:
            return Trouble(FailureKind.CONNECTION_CLOSED, "the server closed the connection")
        return Trouble(FailureKind.CONNECTION_RESET, self._broken.strerror or str(self._broken))


def connect(addresses: Sequence[Address], deadline: float, wait: SocketWait, note: Callable[[str], None]) -> Connection:
    """Try the addresses one after the other, each with its share of the time. Raises Trouble, Cancelled."""
    troubles: list[Trouble] = []
    for position, address in enumerate(addresses):
        now = time.monotonic()
        share = now + (deadline - now) / (len(addresses) - position)
        try:
            return Connection(_connected(address, share, wait), wait)
        except Trouble as trouble:
            note(trouble.detail)
            troubles.append(trouble)
    kind = next(kind for kind in _BY_WEIGHT if any(trouble.kind is kind for trouble in troubles))
    raise Trouble(kind, "; ".join(trouble.detail for trouble in troubles))


def _connected(address: Address, deadline: float, wait: SocketWait) -> socket.socket:
    try:
        sock = socket.socket(address.family, socket.SOCK_STREAM)
    except OSError as error:  # a system without IPv6
        raise Trouble(FailureKind.UNREACHABLE, f"{address.text}: {error.strerror}") from None
    try:
        sock.setblocking(False)
        code = sock.connect_ex(address.sockaddr)
        if code in _UNDER_WAY:
            wait.until_ready(sock, selectors.EVENT_WRITE, deadline)
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise _connect_trouble(code, address)
        with contextlib.suppress(OSError):  # macOS refuses it on a connection that is already gone
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except TimeoutError:
        sock.close()
        raise Trouble(FailureKind.CONNECT_TIMEOUT, f"{address.text}: no answer in time") from None
    except BaseException:
        sock.close()
        raise
    return sock


def _connect_trouble(code: int, address: Address) -> Trouble:
    kind = {
        errno.ECONNREFUSED: FailureKind.CONNECTION_REFUSED,
        errno.ETIMEDOUT: FailureKind.CONNECT_TIMEOUT,
    }.get(code, FailureKind.UNREACHABLE)
    return Trouble(kind, f"{address.text}: {_in_words(code)}")


def _in_words(code: int) -> str:
    words_of_windows: dict[int, str] = getattr(socket, "errorTab", {})  # strerror does not know its socket errors
    return words_of_windows.get(code) or os.strerror(code)
