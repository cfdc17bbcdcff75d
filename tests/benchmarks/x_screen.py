"""A private X server, and the moment at which the first window appears on it.

Speaks to libX11 directly: tools that poll (xdotool search --sync) find a window up to half a second late.
"""

import contextlib
import ctypes
import os
import select
import struct
import subprocess
import time
from collections.abc import Iterator
from typing import Self

SUBSTRUCTURE_NOTIFY_MASK = 1 << 19
MAP_NOTIFY = 19
START_TIME_S = 20.0
# Xlib.h: an XEvent is as large as 24 longs; an XMapEvent is type, serial, send_event, display, event, window,
# override_redirect.
EVENT_BYTES = 24 * ctypes.sizeof(ctypes.c_long)
MAP_EVENT = struct.Struct("@iLiPLLi")


@contextlib.contextmanager
def private_display(size: str = "1600x1000x24") -> Iterator[str]:
    """Start Xvfb on a free number and give its name, such as “:7”; it ends with the block."""
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", size, "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(command, pass_fds=[write_end], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write_end)
    try:
        ready, _, _ = select.select([read_end], [], [], START_TIME_S)
        number = os.read(read_end, 16).decode().strip() if ready else ""
        if not number:
            raise RuntimeError("Xvfb did not start.")
        yield f":{number}"
    finally:
        os.close(read_end)
        server.terminate()
        server.wait(START_TIME_S)


class MapWatch:
    """Sees windows appear on a display. Use it as a context manager, before the program is started."""

    def __init__(self, display: str) -> None:
        self._x = ctypes.CDLL("libX11.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XDefaultRootWindow.restype = ctypes.c_ulong
        opened = self._x.XOpenDisplay(display.encode())
        if not opened:
            raise RuntimeError(f"The display {display} does not answer.")
        self._connection = ctypes.c_void_p(opened)
        root = ctypes.c_ulong(self._x.XDefaultRootWindow(self._connection))
        self._x.XSelectInput(self._connection, root, ctypes.c_long(SUBSTRUCTURE_NOTIFY_MASK))
        self._x.XSync(self._connection, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._x.XCloseDisplay(self._connection)

    def wait_for_window(self, limit_s: float) -> float:
        """Return time.perf_counter() at the first window that asks for a frame. Raises TimeoutError."""
        end = time.perf_counter() + limit_s
        event = ctypes.create_string_buffer(EVENT_BYTES)
        handle = self._x.XConnectionNumber(self._connection)
        while (left := end - time.perf_counter()) > 0:
            if not self._x.XPending(self._connection):
                select.select([handle], [], [], left)
                continue
            self._x.XNextEvent(self._connection, event)
            kind, *_, override_redirect = MAP_EVENT.unpack_from(event)
            if kind == MAP_NOTIFY and not override_redirect:
                return time.perf_counter()
        raise TimeoutError(f"No window within {limit_s:.0f} s.")
