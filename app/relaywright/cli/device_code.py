"""A device code at the terminal: where to type it, as text and as a QR picture, and how long it is still good."""

import datetime
import threading
from typing import TYPE_CHECKING

from relaywright.cli.terminal import Terminal

if TYPE_CHECKING:
    from relaywright.identity.device_code import DeviceCode


class DeviceCodeDisplay:
    """Shows one code. ``show`` may be called from another thread than ``time_left``."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._lock = threading.Lock()
        self._code: DeviceCode | None = None

    def show(self, code: "DeviceCode") -> None:
        """Show address and code; on a screen, the address as a picture too."""
        terminal = self._terminal
        terminal.progress("On any device, open this address and type the code:")
        terminal.say(f"{code.verification_uri}\n{code.user_code}")
        if terminal.shows_progress:
            from relaywright.identity.qr_picture import as_blocks

            terminal.progress(f"\n{as_blocks(code.verification_uri)}\n")
        terminal.progress(f"The code is good until {code.expires_at.astimezone():%H:%M}. Ctrl-C cancels.")
        with self._lock:
            self._code = code

    def time_left(self) -> str:
        """Return what is left in words; empty before there is a code."""
        with self._lock:
            code = self._code
        if code is None:
            return ""
        minutes, seconds = divmod(code.left_s(datetime.datetime.now(datetime.UTC)), 60)
        return f"{minutes}:{seconds:02d} left to type {code.user_code}"
