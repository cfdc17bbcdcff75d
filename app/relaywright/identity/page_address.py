"""Which addresses of the sign-in service a person may be sent to: encrypted ones, and those of this machine."""

from collections.abc import Container, Iterable
from urllib.parse import urlsplit

from relaywright.domain.errors import Refused

_LONGEST = 8_000
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def page_of(untrusted_address: str, authority: str) -> str:
    """Return the address as it stands. Raises Refused (``sign-in-page``) when nobody should open it."""
    if not may_be_opened(untrusted_address):
        raise Refused(
            f"{authority} names a sign-in page that is not on https, so it was not opened.",
            hint="Check the cloud’s authority address; a proxy or a captive portal may stand between.",
            id="sign-in-page",
        )
    return untrusted_address


def require_own_addresses(untrusted_addresses: Iterable[str], authority: str, microsofts: Container[str]) -> None:
    """Raise Refused (``sign-in-foreign-host``) for an address of another host than the authority's.

    A document that was tampered with could send the code and the application's secret to a stranger. Between
    Microsoft's own hosts it may lead from one to another, and to this machine (the practice).
    """
    home = _host(authority)
    for address in untrusted_addresses:
        host = _host(address)
        if host != home and host not in _LOOPBACK and not (home in microsofts and host in microsofts):
            shown = "".join(char for char in host if char.isprintable())[:80] or "an address that is none"
            raise Refused(
                f"The sign-in service {home} sends its answers on to another host ({shown}), so nothing was sent.",
                hint="A proxy or a captive portal may stand between. A lab’s sign-in must have its addresses on the "
                "authority’s own host.",
                id="sign-in-foreign-host",
            )


def _host(untrusted_address: str) -> str:
    try:
        return (urlsplit(untrusted_address).hostname or "").lower()
    except ValueError:
        return ""


def may_be_opened(untrusted_address: str) -> bool:
    """Tell whether it is https, or http on this machine (the practice), without a user in it and without controls."""
    if not (untrusted_address.isascii() and untrusted_address.isprintable()) or len(untrusted_address) > _LONGEST:
        return False
    try:
        split = urlsplit(untrusted_address)
        host = split.hostname or ""
    except ValueError:
        return False
    if not host or "@" in split.netloc or " " in untrusted_address or "\\" in untrusted_address:
        return False
    return split.scheme == "https" or (split.scheme == "http" and host in _LOOPBACK)
