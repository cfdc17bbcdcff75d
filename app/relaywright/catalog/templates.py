"""Filling the catalogue's commands and steps with a profile's values, so that no value can leave its place.

Which values a profile has is values_of's to say; quoting is domain.powershell's.
"""

import re
from collections.abc import Mapping

from relaywright.domain.address import AddressFault, domain_of, has_control, parse_mailbox
from relaywright.domain.powershell import quote
from relaywright.domain.profile import RelayProfile

VARIABLES: Mapping[str, str] = {
    "mailbox": "<mailbox>",
    "sender": "<From address>",
    "domain": "<domain>",
    "recipient": "<recipient>",
    "host": "<host>",
    "port": "<port>",
    "client_id": "<application (client) id>",
    "tenant": "<tenant>",
    "ehlo_name": "<host name of the device>",
    "object_id": "<object id under Enterprise applications>",
    "ip_address": "<public IP address>",
    "certificate_name": "<name in the certificate>",
    "policy": "<authentication policy>",
    "connector": "<connector>",
    "authority": "https://login.microsoftonline.com",
}
"""Every variable a template may use, with what stands there while the value is not known."""

_VARIABLE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


def values_of(profile: RelayProfile) -> dict[str, str]:
    """Return what explanations may fill in or ask about; a value that is not known is left out."""
    mailbox = profile.username if _is_mailbox(profile.username) else profile.sender
    values = {
        "mailbox": mailbox,
        "sender": profile.sender,
        "domain": domain_of(profile.sender or mailbox),
        "recipient": profile.recipient,
        "host": profile.host,
        "port": str(profile.port),
        "client_id": profile.client_id,
        "tenant": profile.tenant,
        "ehlo_name": profile.ehlo_name,
        "method": str(profile.method),
        "security": str(profile.security),
        "auth": str(profile.auth),
        "cloud": profile.cloud,
    }
    return {name: value for name, value in values.items() if value}


def unknown_variables(template: str) -> list[str]:
    """Return the variables of a template that :data:`VARIABLES` does not have."""
    return sorted({name for name in _VARIABLE.findall(template) if name not in VARIABLES})


def fill_command(template: str, values: Mapping[str, str]) -> str:
    """Return the PowerShell with each variable as a single-quoted string; a missing value is a visible placeholder."""
    return _VARIABLE.sub(lambda found: quote(_value(found.group(1), values)), template)


def fill_text(template: str, values: Mapping[str, str]) -> str:
    """Return a sentence for people with its variables filled in, unquoted."""
    return _VARIABLE.sub(lambda found: _value(found.group(1), values), template)


def _value(name: str, values: Mapping[str, str]) -> str:
    value = values.get(name, "")
    return value if value and not has_control(value) else VARIABLES.get(name, f"<{name}>")


def _is_mailbox(text: str) -> bool:
    try:
        parse_mailbox(text)
    except AddressFault:
        return False
    return True
