"""Where to connect: the addresses of a host, and the MX endpoint that stands for a domain in Microsoft 365.

Nothing is guessed: the endpoint's name cannot be derived from the domain (hyphens, mx.microsoft), so DNS is asked, and
an MX that points elsewhere is said, not used. Blocking calls run in a thread that can be left behind.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass

from relaywright.domain.cancel import CancelToken
from relaywright.domain.reply import FailureKind
from relaywright.smtp.plan import MxOf
from relaywright.smtp.redaction import printable
from relaywright.smtp.trouble import Trouble
from relaywright.smtp.waiting import abandonable

MAX_ADDRESSES = 8
IPV4, IPV6 = socket.AF_INET, socket.AF_INET6
_MAX_NAMED = 5


@dataclass(frozen=True)
class Address:
    """One address to connect to, as ``socket.getaddrinfo`` gives it."""

    family: int
    sockaddr: tuple[str, int] | tuple[str, int, int, int]

    @property
    def text(self) -> str:
        """The address with its port, as people write it."""
        host, port = self.sockaddr[0], self.sockaddr[1]
        return f"[{host}]:{port}" if self.family == socket.AF_INET6 else f"{host}:{port}"


def addresses_of(
    host: str,
    port: int,
    deadline: float,
    cancel: CancelToken,
    family: socket.AddressFamily = socket.AF_UNSPEC,
) -> list[Address]:
    """Return a host's addresses in the system's order of preference (RFC 6724), at most ``MAX_ADDRESSES``.

    ``family`` asks for IPv4 or IPv6 alone. Raises Trouble (NAME_NOT_FOUND, NAME_NO_ANSWER), Cancelled.
    """
    try:
        found = abandonable(
            lambda: socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM),
            deadline,
            cancel,
            "relaywright-resolve",
        )
    except TimeoutError:
        raise Trouble(FailureKind.NAME_NO_ANSWER, f"no answer for {host} in time") from None
    except socket.gaierror as error:
        kind = FailureKind.NAME_NO_ANSWER if error.errno == socket.EAI_AGAIN else FailureKind.NAME_NOT_FOUND
        raise Trouble(kind, f"{host}: {error.strerror}") from None
    except (OSError, UnicodeError) as error:
        raise Trouble(FailureKind.NAME_NOT_FOUND, f"{host}: {error}") from None
    addresses = dict.fromkeys(
        Address(family, sockaddr)  # type: ignore[arg-type]  # typeshed also allows for builds without IPv6
        for family, _, _, _, sockaddr in found
        if family in {socket.AF_INET, socket.AF_INET6}
    )
    if not addresses:
        raise Trouble(FailureKind.NAME_NOT_FOUND, f"{host} has no address")
    return list(addresses)[:MAX_ADDRESSES]


def endpoint_of(mx_of: MxOf, deadline: float, cancel: CancelToken) -> str:
    """Return the domain's most preferred MX that is one of Microsoft 365's.

    Raises Trouble: NO_MX (no domain, no MX, or all elsewhere: the detail says which), NAME_NO_ANSWER.
    """
    hosts = mail_exchangers(mx_of.domain, deadline, cancel, mx_of.nameserver)
    for host in hosts:
        if any(host.endswith("." + suffix.strip(".").lower()) for suffix in mx_of.suffixes):
            return host
    seen = ", ".join(hosts[:_MAX_NAMED]) + (", …" if len(hosts) > _MAX_NAMED else "")
    raise Trouble(
        FailureKind.NO_MX,
        f"the MX of {mx_of.domain} is {seen}, which is not Microsoft 365’s" if hosts else f"{mx_of.domain} has no MX",
    )


def mail_exchangers(domain: str, deadline: float, cancel: CancelToken, nameserver: str = "") -> list[str]:
    """Return a domain's MX hosts in order of preference, without final dots; empty for none and for the null MX.

    Raises Trouble (NO_MX for a domain that does not exist, NAME_NO_ANSWER), Cancelled. Answers are untrusted; the
    names are made printable.
    """
    import dns.exception
    import dns.resolver

    try:
        records = abandonable(lambda: _query(domain, nameserver), deadline, cancel, "relaywright-mx")
    except dns.resolver.NoAnswer:
        return []
    except dns.resolver.NXDOMAIN:
        # Not NAME_NOT_FOUND: whose domain it is (the From address'), not a host, is what must be looked at.
        raise Trouble(FailureKind.NO_MX, f"the domain {domain} does not exist") from None
    except TimeoutError:
        raise Trouble(FailureKind.NAME_NO_ANSWER, f"no answer for the MX of {domain} in time") from None
    except (dns.exception.DNSException, OSError) as error:
        raise Trouble(FailureKind.NAME_NO_ANSWER, printable(f"the MX of {domain}: {error}")) from None
    ordered = sorted((preference, printable(host).rstrip(".").lower()) for preference, host in records)
    return [host for _, host in ordered if host]


def _query(domain: str, nameserver: str) -> Sequence[tuple[int, str]]:
    import dns.resolver

    resolver = dns.resolver.Resolver(configure=not nameserver)
    if nameserver:
        address, port = _nameserver(nameserver)
        resolver.nameservers, resolver.port = [address], port
    answer = resolver.resolve(domain + ".", "MX", search=False)
    return [(record.preference, record.exchange.to_text()) for record in answer]


def _nameserver(text: str) -> tuple[str, int]:
    """Split ``ADDRESS[:PORT]``; an IPv6 address with a port stands in brackets."""
    if text.startswith("["):
        address, _, port = text[1:].partition("]")
        return address, int(port.removeprefix(":") or 53)
    if text.count(":") == 1:
        address, _, port = text.partition(":")
        return address, int(port)
    return text, 53
