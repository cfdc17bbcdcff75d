"""A line to a server on loopback that takes its time, as one through the internet does, and counts the round trips."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

CHUNK = 65_536


class SlowLine:
    """Forwards each connection to ``port``, every byte half a round trip late, in order.

    ``trips`` counts what the last connection waited for until ``is_done`` said yes: one for TCP, one for the greeting,
    and one for each time the client spoke after the server had.
    """

    def __init__(self, port: int, round_trip_s: float, is_done: Callable[[], bool]) -> None:
        self._target = port
        self._half_s = round_trip_s / 2
        self._is_done = is_done
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.trips = 0
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._connected, "127.0.0.1", 0), self._loop
        ).result(10)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self) -> None:
        """Close the door and end what is still under way."""
        self._server.close()
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _connected(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self.trips = 2
        server_spoke = False

        def client_spoke() -> None:
            nonlocal server_spoke
            if server_spoke and not self._is_done():
                self.trips += 1
            server_spoke = False

        def server_heard() -> None:
            nonlocal server_spoke
            server_spoke = True

        await asyncio.sleep(3 * self._half_s)  # SYN, SYN-ACK, and the ACK with which the server learns of us
        server, to_server = await asyncio.open_connection("127.0.0.1", self._target)
        with contextlib.suppress(OSError, asyncio.CancelledError):  # also cancelled when the line ends
            await asyncio.gather(
                self._carry(client, to_server, client_spoke, lambda: None),
                self._carry(server, to_client, lambda: None, server_heard),
            )

    async def _carry(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        arrived: Callable[[], None],
        delivered: Callable[[], None],
    ) -> None:
        """Take bytes at once and hand them on half a round trip later, without making the next ones wait for that."""
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, data = await on_the_way.get()
                await asyncio.sleep(max(0.0, due - self._loop.time()))
                if not data:
                    target.close()
                    return
                delivered()
                target.write(data)

        delivery = asyncio.create_task(deliver())
        data = b"-"
        while data:
            try:
                data = await source.read(CHUNK)
            except OSError:
                data = b""
            if data:
                arrived()
            on_the_way.put_nowait((self._loop.time() + self._half_s, data))
        await delivery
