"""The rules of the tenant's MX endpoint: no sign-in; inbound connector, Direct Send, or an ordinary delivery.

Sources: Microsoft, "Updated Requirements for SMTP Relay" (2023), and its page on Direct Send (2025); the texts are in
resources/facts/replies.toml.
"""

import ipaddress

from relaywright.domain.address import domain_of
from relaywright.domain.reply import Reply
from relaywright.practice import replies
from relaywright.practice.people import PracticeTenant
from relaywright.practice.policy import Client, Policy


class EndpointPolicy(Policy):
    """What the host in the domain's MX record does at port 25."""

    name = "mx"
    host = "PR1P000FT0001.mail.practice.example"

    def __init__(self, tenant: PracticeTenant, *, reject_direct_send: bool = False) -> None:
        self._tenant = tenant
        self.reject_direct_send = reject_direct_send

    def mail(self, client: Client, sender: str, /) -> Reply | None:
        """Refuse Direct Send where the organisation has switched it off (RejectDirectSend)."""
        inside = bool(sender) and self._tenant.accepts(sender)
        if self.reject_direct_send and inside and not self._connector_matches(client, sender):
            return replies.DIRECT_SEND_REJECTED
        return None

    def recipient(self, client: Client, sender: str, recipient: str, /) -> Reply | None:
        """Take recipients inside; outside only with a connector that matches."""
        if self._tenant.accepts(recipient) or self._connector_matches(client, sender):
            return None
        return replies.RELAY_DENIED

    def _connector_matches(self, client: Client, sender: str) -> bool:
        """Tell whether an inbound connector is for this client.

        By certificate: a name in it belongs to the organisation. By address: the sender's domain is one of the
        connector's, and the client calls from one of its addresses.
        """
        if any(self._tenant.accepts(f"relay@{name}") or self._is_below(name) for name in client.certificate_names):
            return True
        if domain_of(sender) not in self._tenant.connector_domains:
            return False
        address = ipaddress.ip_address(client.peer)
        return any(address in network for network in self._tenant.connector_networks)

    def _is_below(self, name: str) -> bool:
        return any(name.lower().endswith(f".{domain}") for domain in self._tenant.domains)
