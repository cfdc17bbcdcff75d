"""Mailbox and domain names: parse, normalise, and refuse what could break a line or a command.

Follows the ``Mailbox`` and ``Domain`` grammar of RFC 5321 section 4.1.2 as Exchange Online takes it, with RFC 6531 for
letters outside ASCII. Quoted local parts and address literals in mailboxes are refused: no mailbox of
Microsoft 365 has one.
"""

import ipaddress
import re
import unicodedata

MAX_ADDRESS_OCTETS = 254  # RFC 5321 errata 1690: 256 with the angle brackets
MAX_LOCAL_OCTETS = 64  # RFC 5321 section 4.5.3.1.1
MAX_DOMAIN_OCTETS = 253  # RFC 1035 section 2.3.4, without the final dot
MAX_LABEL_OCTETS = 63

_ATOM = re.compile(r"[^\s\x00-\x20\x7f\"(),:;<>@\[\\\]]+")


class AddressFault(ValueError):
    """Why a text is no address or no domain name, in one sentence."""


def has_control(text: str) -> bool:
    """Tell whether a text holds a line break, another control, an invisible format character or half a character.

    Half characters (lone surrogates) are bytes of the command line that were no text; no file and no line takes them.
    """
    return any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in text)


def parse_domain(text: str) -> str:
    """Return the domain in lower case, international labels in their A-label form.

    Raises AddressFault. Underscores and single labels are refused except ``localhost``, which the practice relay uses.
    """
    name = text.strip().rstrip(".").lower()
    if not name:
        raise AddressFault("the domain is empty")
    if has_control(name):
        raise AddressFault("the domain holds a control character")
    try:
        ascii_name = ".".join(_label(label) for label in name.split("."))
    except UnicodeError:
        raise AddressFault(f"“{name}” is no valid international domain name") from None
    if len(ascii_name) > MAX_DOMAIN_OCTETS:
        raise AddressFault(f"the domain is longer than {MAX_DOMAIN_OCTETS} characters")
    if "." not in ascii_name and ascii_name != "localhost":
        raise AddressFault(f"“{name}” has no dot: a domain looks like contoso.com")
    return ascii_name


def _label(label: str) -> str:
    if not label:
        raise AddressFault("the domain has two dots in a row or begins with one")
    encoded = label if label.isascii() else label.encode("idna").decode("ascii")
    if len(encoded) > MAX_LABEL_OCTETS:
        raise AddressFault(f"“{label}” is longer than {MAX_LABEL_OCTETS} characters")
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", encoded):
        raise AddressFault(f"“{label}” may hold only letters, digits and inner hyphens")
    return encoded


def parse_mailbox(text: str) -> str:
    """Return ``local@domain`` with the domain normalised. Raises AddressFault."""
    address = text.strip()
    if has_control(address):
        raise AddressFault("the address holds a control character")
    local, at, domain = address.rpartition("@")
    if not at or not local:
        raise AddressFault("an address looks like name@contoso.com")
    if not _ATOM.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        raise AddressFault(f"“{local}” cannot stand before the @")
    if len(local.encode()) > MAX_LOCAL_OCTETS:
        raise AddressFault(f"the part before the @ is longer than {MAX_LOCAL_OCTETS} bytes")
    whole = f"{local}@{parse_domain(domain)}"
    if len(whole.encode()) > MAX_ADDRESS_OCTETS:
        raise AddressFault(f"the address is longer than {MAX_ADDRESS_OCTETS} bytes")
    return whole


def parse_host(text: str) -> str:
    """Return a host as it is dialled: a domain name, ``localhost`` or an IP address. Raises AddressFault."""
    name = text.strip()
    try:
        return str(ipaddress.ip_address(name.removeprefix("[").removesuffix("]")))
    except ValueError:
        return parse_domain(name)


def domain_of(address: str) -> str:
    """Return what stands after the last @, in lower case; empty when there is none."""
    return address.rpartition("@")[2].lower() if "@" in address else ""
