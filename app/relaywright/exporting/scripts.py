"""The door to administrator scripts: which kinds there are, and one written for a profile.

Kinds are data (script_kind.py), the sandbox is templates.py's, quoting filters.py's. What a template may use is the
documented set of ``_names``, and nothing else.
"""

import dataclasses
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from relaywright.catalog.facts import Cloud
from relaywright.domain.errors import InputError
from relaywright.domain.profile import Auth, Method, RelayProfile
from relaywright.exporting.script_kind import ScriptKind, Senders, load_kind
from relaywright.exporting.templates import Templates

TEMPLATE = "script.ps1.j2"
PARTS = "parts"
"""The folder beside the kinds' with what several of them share."""

REDIRECT_ADDRESS = "http://localhost"
"""The consent page's answer goes here. It must be registered exactly so, which the script does
(Microsoft Learn, Admin consent on the Microsoft identity platform)."""


class Scripts:
    """The administrator scripts of one folder (resources/scripts)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._templates: dict[str, Templates] = {}

    def kinds(self) -> Sequence[ScriptKind]:
        """Return every kind, by id. Raises DamagedFile."""
        return self._kinds

    @functools.cached_property
    def _kinds(self) -> tuple[ScriptKind, ...]:
        return tuple(load_kind(path.parent) for path in sorted(self._folder.glob("*/script.toml")))

    def kind(self, kind_id: str) -> ScriptKind:
        """Return one kind. Raises InputError ``unknown-script`` that lists those there are."""
        for kind in self._kinds:
            if kind.id == kind_id:
                return kind
        raise InputError(
            f"There is no script “{kind_id}”.",
            hint=f"The scripts are: {', '.join(kind.id for kind in self._kinds)}.",
            id="unknown-script",
        )

    def text(self, kind: ScriptKind, profile: RelayProfile, cloud: Cloud) -> str:
        """Return the script for this profile, lines ended by LF.

        Raises InputError when the kind is not for this profile or PowerShell cannot hold a value, DamagedFile for a
        template that does not work.
        """
        kind.refuse(profile, cloud)
        if kind.id not in self._templates:
            self._templates[kind.id] = Templates(f"Script “{kind.id}”", [kind.folder, self._folder / PARTS])
        return self._templates[kind.id].file(TEMPLATE, _names(kind, profile, cloud))


def consent_address(profile: RelayProfile, cloud: Cloud) -> str | None:
    """Return where an administrator consents to the profile's application; None without client id or tenant.

    For a person's sign-in the address names the scopes that the sign-in asks for, and needs :data:`REDIRECT_ADDRESS`
    registered (Microsoft Learn, Admin consent on the Microsoft identity platform). For an application it asks for what
    is registered, and no redirect address is needed (Microsoft Learn, Grant tenant-wide admin consent).
    """
    if not profile.tenant or not profile.client_id or profile.auth not in {Auth.OAUTH, Auth.OAUTH_APP}:
        return None
    place = f"{cloud.authority}/{quote(profile.tenant, safe='')}"
    if profile.auth is Auth.OAUTH_APP:
        return f"{place}/adminconsent?{urlencode({'client_id': profile.client_id})}"
    return f"{place}/v2.0/adminconsent?{urlencode({'client_id': profile.client_id})}{_consent_query(cloud)}"


def _consent_query(cloud: Cloud) -> str:
    scope = f"{cloud.scope_delegated} openid profile offline_access"
    return "&" + urlencode({"scope": scope, "redirect_uri": REDIRECT_ADDRESS}, quote_via=quote)


def _names(kind: ScriptKind, profile: RelayProfile, cloud: Cloud) -> dict[str, Any]:
    """Return what every script template may use; resources/scripts/README.md lists the same names."""
    senders = Senders.of(profile)
    application = profile.auth is Auth.OAUTH_APP
    hve = profile.method is Method.HVE
    return {
        "kind": kind.id,
        "title": kind.title,
        "changes": [line.text for line in kind.changes if line.holds(profile)],
        "who": [line.text for line in kind.who if line.holds(profile)],
        "needs": [line.text for line in kind.needs if line.holds(profile)],
        "notes": [line.text for line in kind.notes if line.holds(profile)],
        "sources": [f"{line.text} ({line.sureness})" for line in kind.sources if line.holds(profile)],
        "checked": kind.checked.isoformat(),
        "profile": {field.name: getattr(profile, field.name) for field in dataclasses.fields(profile)},
        "cloud": {field.name: getattr(cloud, field.name) for field in dataclasses.fields(cloud)},
        "authority": cloud.authority,
        "consent_query": _consent_query(cloud),
        "application": application,
        "hve": hve,
        "permission": ("Mail.Send" if hve else "SMTP.SendAsApp") if application else "SMTP.Send",
        "account": senders.account,
        "mailbox": senders.mailbox,
        "sender": senders.sender,
        "other_account": senders.other_account,
        "other_sender": senders.other_sender,
    }
