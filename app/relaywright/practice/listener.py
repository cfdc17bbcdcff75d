"""Accepts connections on one loopback port, one thread each, never more than a bound.

What is spoken on a connection is the business of the callable it is given.
"""

import socket
import threading
from collections.abc import Callable

Serve = Callable[[socket.socket, str], None]
"""Takes a connection and the peer's address, and returns when the conversation is over. It closes the connection."""

MAX_CONNECTIONS = 64


class Listener:
    """A port on 127.0.0.1, and on ::1 where there is one. Nothing outside this machine can reach it."""

    def __init__(self, name: str, serve: Serve, max_connections: int = MAX_CONNECTIONS) -> None:
        self._name = name
        self._serve = serve
        self._slots = threading.BoundedSemaphore(max_connections)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listening: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._stopping = False
        self.port = 0

    def start(self, wanted_port: int = 0) -> int:
        """Listen on the wanted port, or on a free one when it is 0 or taken. Returns the port. Raises OSError."""
        self._stopping = False
        try:
            listening = socket.create_server(("127.0.0.1", wanted_port), backlog=64)
        except OSError:
            if not wanted_port:
                raise
            listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = listening.getsockname()[1]
        self._listening = [listening, *self._second_family()]
        for one in self._listening:
            thread = threading.Thread(target=self._accept, args=(one,), name=f"practice-{self._name}", daemon=True)
            thread.start()
            self._threads.append(thread)
        return self.port

    def stop(self) -> None:
        """Stop listening, end the conversations and wait for the accepting threads."""
        self._stopping = True
        for listening in self._listening:
            _wake(listening)
        for thread in self._threads:
            thread.join(timeout=2)
        for listening in self._listening:
            listening.close()
        with self._lock:
            still_open = list(self._open)
        for connection in still_open:
            _shut(connection)
        self._listening, self._threads = [], []

    def _second_family(self) -> list[socket.socket]:
        """Return the same port on ::1, so that a client which tries ``localhost`` there first need not wait."""
        if not socket.has_ipv6:
            return []
        try:
            return [socket.create_server(("::1", self.port), family=socket.AF_INET6, backlog=64)]
        except OSError:
            return []

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, peer = listening.accept()
            except OSError:
                return
            if self._stopping:
                connection.close()
                return
            # Else the first reply after the handshake waits 40 ms for the client's delayed acknowledgement.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not self._slots.acquire(blocking=False):
                connection.close()
                continue
            try:
                twin = connection.dup()  # TLS takes the connection's descriptor over; this one can still be shut down
            except OSError:
                connection.close()
                self._slots.release()
                continue
            with self._lock:
                self._open.add(twin)
            threading.Thread(
                target=self._converse, args=(connection, twin, peer[0]), name=f"practice-{self._name}-peer", daemon=True
            ).start()

    def _converse(self, connection: socket.socket, twin: socket.socket, peer: str) -> None:
        try:
            self._serve(connection, peer)
        finally:
            with self._lock:
                self._open.discard(twin)
            connection.close()
            twin.close()
            self._slots.release()


def _wake(listening: socket.socket) -> None:
    """Knock, so that a waiting accept() returns: closing the socket alone does not end it on every system."""
    try:
        socket.create_connection(listening.getsockname()[:2], timeout=1).close()
    except OSError:
        _shut(listening)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
