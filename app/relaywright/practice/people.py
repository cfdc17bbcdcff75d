"""The practice tenant: its domains, people and shared mailboxes, read from resources/practice/accounts.toml.

Who is signed in, and what is refused, is decided by authentication.py and the policies.
"""

import hmac
import ipaddress
import tomllib
from dataclasses import dataclass
from pathlib import Path

from relaywright.domain.address import domain_of

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Person:
    """Somebody (or something) who signs in. The password is for practice and no secret."""

    address: str
    name: str
    password: str
    id: str
    note: str = ""

    def knows(self, password: str) -> bool:
        """Tell whether this is the person's password."""
        return hmac.compare_digest(password.encode(), self.password.encode())


@dataclass(frozen=True)
class SharedMailbox:
    """A mailbox nobody signs in to directly."""

    address: str
    name: str
    id: str
    full_access: tuple[str, ...]
    send_as: tuple[str, ...]


@dataclass(frozen=True)
class ServiceApplication:
    """An application that signs in as itself. Its secrets are for practice and none."""

    client_id: str
    name: str
    object_id: str
    """Of its service principal (Enterprise application)."""
    secret: str
    expired_secret: str
    certificate: str
    """The name of its certificate's files in the practice folder; empty when it has none."""
    roles: tuple[str, ...]
    """Application permissions with consent."""
    full_access: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class PracticeTenant:
    """An invented organisation."""

    id: str
    name: str
    domains: tuple[str, ...]
    connector_domains: tuple[str, ...]
    connector_networks: tuple[Network, ...]
    client_id: str
    client_name: str
    people: tuple[Person, ...]
    shared: tuple[SharedMailbox, ...]
    services: tuple[ServiceApplication, ...] = ()

    def service(self, client_id: str) -> ServiceApplication | None:
        """Return the application that signs in as itself with this client id."""
        return next((service for service in self.services if service.client_id == client_id.lower()), None)

    def person(self, address: str) -> Person | None:
        """Return who signs in with this address; a ``+tag`` in it is passed over."""
        wanted = without_tag(address)
        return next((person for person in self.people if person.address == wanted), None)

    def accepts(self, address: str) -> bool:
        """Tell whether the address is inside the organisation (its domain is an accepted domain)."""
        return domain_of(address) in self.domains

    def may_open(self, mailbox: str, holder: str) -> bool:
        """Tell whether a token opens this mailbox.

        ``holder`` is a person's address (their own mailbox, and those they have Full Access to), or the client id of an
        application (those it has Full Access to).
        """
        wanted, who = without_tag(mailbox), without_tag(holder)
        service = self.service(who)
        if service is not None:
            return wanted in service.full_access
        return wanted == who or any(box.address == wanted and who in box.full_access for box in self.shared)

    def may_send_as(self, signed_in_as: str, sender: str) -> bool:
        """Tell whether the mailbox may send with this address: its own, or one with Send As."""
        who, wanted = without_tag(signed_in_as), without_tag(sender)
        return wanted == who or any(box.address == wanted and who in box.send_as for box in self.shared)


def without_tag(address: str) -> str:
    """Return the address in lower case without a ``+tag`` (plus addressing, as Exchange Online has it)."""
    local, at, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def load_tenant(file: Path) -> PracticeTenant:
    """Read accounts.toml. It ships with the program, so a fault in it is a bug and raises as one."""
    data = tomllib.loads(file.read_text(encoding="utf-8"))
    tenant, application = data["tenant"], data["application"]
    return PracticeTenant(
        id=tenant["id"],
        name=tenant["name"],
        domains=tuple(tenant["domains"]),
        connector_domains=tuple(tenant["connector_domains"]),
        connector_networks=tuple(ipaddress.ip_network(text) for text in tenant["connector_addresses"]),
        client_id=application["client_id"],
        client_name=application["name"],
        people=tuple(Person(**entry) for entry in data["person"]),
        shared=tuple(
            SharedMailbox(
                entry["address"], entry["name"], entry["id"], tuple(entry["full_access"]), tuple(entry["send_as"])
            )
            for entry in data["shared"]
        ),
        services=tuple(
            ServiceApplication(**{**entry, "roles": tuple(entry["roles"]), "full_access": tuple(entry["full_access"])})
            for entry in data["service"]
        ),
    )
