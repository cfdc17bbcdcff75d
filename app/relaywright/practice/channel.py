"""Lines and counted bytes over one accepted connection, in the clear or in TLS, with bounds on everything.

What the lines mean is the session's business. Replies are gathered and leave when the peer is waited for, so that a
pipelined group gets its answers in one packet (RFC 2920 section 3.2).
"""

import socket
import ssl
import time

_CHUNK = 65_536
_DISCARD_LIMIT = 1_048_576


class ChannelClosed(Exception):
    """The peer is gone."""


class LineTooLong(Exception):
    """A line was longer than allowed; it has been read past."""


class Channel:
    """One connection. ``idle_s`` bounds the wait for one whole line or one more piece of a message."""

    def __init__(self, connection: socket.socket, idle_s: float) -> None:
        self._connection = connection
        self._idle_s = idle_s
        self._received = bytearray()
        self._to_send = bytearray()

    @property
    def tls(self) -> ssl.SSLSocket | None:
        """The encrypted connection; None while it is in the clear."""
        return self._connection if isinstance(self._connection, ssl.SSLSocket) else None

    def read_line(self, limit: int) -> bytes:
        """Return the next line without its end. Raises LineTooLong, ChannelClosed, TimeoutError."""
        deadline = time.monotonic() + self._idle_s
        searched = discarded = 0
        while (end := self._received.find(b"\n", searched)) < 0:
            searched = len(self._received)
            if searched > limit:
                discarded += searched
                self._received.clear()
                searched = 0
                if discarded > _DISCARD_LIMIT:
                    raise ChannelClosed
            self._receive(deadline)
        line = bytes(self._received[:end]).removesuffix(b"\r")
        del self._received[: end + 1]
        if discarded or len(line) > limit:
            raise LineTooLong
        return line

    def read_some(self, at_most: int) -> bytes:
        """Return between one and ``at_most`` bytes as they come. Raises ChannelClosed, TimeoutError."""
        if not self._received:
            self._receive(time.monotonic() + self._idle_s)
        piece = bytes(self._received[:at_most])
        del self._received[: len(piece)]
        return piece

    def put_back(self, rest: bytes) -> None:
        """Give back bytes that were read too far."""
        self._received[:0] = rest

    def write(self, data: bytes) -> None:
        """Send, at the latest when the peer is next waited for."""
        self._to_send += data

    def flush(self) -> None:
        """Send what was gathered. Raises ChannelClosed, TimeoutError."""
        if not self._to_send:
            return
        data, self._to_send = bytes(self._to_send), bytearray()
        try:
            self._connection.settimeout(self._idle_s)
            self._connection.sendall(data)
        except TimeoutError:
            raise
        except OSError as error:
            raise ChannelClosed from error

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Turn to TLS as the server. What came in the clear after the command is thrown away (RFC 3207 section 4.2).

        Raises ChannelClosed when the handshake fails.
        """
        self.flush()
        self._received.clear()
        self._connection.settimeout(self._idle_s)
        try:
            self._connection = context.wrap_socket(self._connection, server_side=True)
        except (OSError, ValueError) as error:
            raise ChannelClosed from error

    def close(self) -> None:
        """Send what is left and close politely, so that a last reply is not lost to a reset. Never raises."""
        try:
            self.flush()
            self._connection.settimeout(0)
            if isinstance(self._connection, ssl.SSLSocket):
                self._say_goodbye(self._connection)
            self._connection.shutdown(socket.SHUT_WR)
            self._connection.settimeout(0.2)
            for _ in range(16):
                if not self._connection.recv(_CHUNK):
                    break
        except (OSError, ValueError, ChannelClosed):
            pass
        finally:
            self._connection.close()

    @staticmethod
    def _say_goodbye(connection: ssl.SSLSocket) -> None:
        try:
            connection.unwrap()  # without waiting: only our close_notify leaves
        except (ssl.SSLError, OSError):
            pass

    def _receive(self, deadline: float) -> None:
        self.flush()
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        try:
            self._connection.settimeout(remaining)
            piece = self._connection.recv(_CHUNK)
        except TimeoutError:
            raise
        except OSError as error:
            raise ChannelClosed from error
        if not piece:
            raise ChannelClosed
        self._received += piece
