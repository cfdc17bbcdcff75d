"""An address as a QR picture, so that a telephone can open what a machine without a browser cannot.

Only the address is in it: Microsoft's device sign-in takes no code in the address (its “verification_uri_complete” of
RFC 8628 section 3.3.1 is not supported: Microsoft identity platform, "OAuth 2.0 device authorization grant").
"""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import segno

QUIET_ZONE = 4
"""Light modules around the picture that a reader needs (ISO/IEC 18004 section 6.3.8)."""


def modules_of(address: str) -> tuple[tuple[bool, ...], ...]:
    """Return the picture's rows, quiet zone included; True is dark. Raises ValueError for what is too long for one."""
    return tuple(tuple(bool(module) for module in row) for row in _picture(address).matrix_iter(border=QUIET_ZONE))


def as_blocks(address: str) -> str:
    """Return the picture as lines of half-block characters, light on a dark terminal. Raises ValueError."""
    lines = io.StringIO()
    _picture(address).terminal(out=lines, border=2, compact=True)
    return lines.getvalue().rstrip("\n")


def _picture(address: str) -> "segno.QRCode":
    import segno

    return segno.make(address, error="m", micro=False)
