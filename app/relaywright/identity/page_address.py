"""Which addresses of the sign-in service a person may be sent to: encrypted ones, and those of this machine."""

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
