"""What a kind of administrator script is: one folder of data, read strictly, and for which profiles it is meant.

A folder holds ``script.toml``, ``script.ps1.j2`` and examples; resources/scripts/README.md describes every key.
Rendering is scripts.py's.
"""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from relaywright.catalog.facts import Cloud
from relaywright.catalog.loader import Table, is_id, read_toml
from relaywright.domain.errors import InputError
from relaywright.domain.explanation import Sureness
from relaywright.domain.profile import FIELD_BY_NAME, Auth, Method, RelayProfile

_WEAKNESS = list(Sureness)
_CLOUD_NAMES = {
    "graph_environment": "what Connect-MgGraph calls it",
    "exchange_environment": "what Connect-ExchangeOnline calls it",
}


@dataclass(frozen=True)
class Senders:
    """Who signs in, whose mailbox is used, and what stands in From. Any of them may be empty."""

    account: str
    mailbox: str
    sender: str

    @classmethod
    def of(cls, profile: RelayProfile) -> "Senders":
        """Return them as the profile's way of signing in means them."""
        mailbox = profile.username
        account = profile.signs_in_as if profile.auth is Auth.OAUTH else mailbox
        return cls(account, mailbox, profile.sender or mailbox)

    @property
    def other_account(self) -> bool:
        """Whether somebody else signs in than the mailbox itself."""
        return self.account.casefold() != self.mailbox.casefold()

    @property
    def other_sender(self) -> bool:
        """Whether From is another address than the mailbox's."""
        return self.sender.casefold() != self.mailbox.casefold()


@dataclass(frozen=True)
class Line:
    """A text of a script that holds for some profiles; empty conditions hold for every one."""

    text: str
    methods: tuple[Method, ...] = ()
    auths: tuple[Auth, ...] = ()
    sureness: Sureness = Sureness.DOCUMENTED

    def holds(self, profile: RelayProfile) -> bool:
        """Tell whether the profile is meant."""
        return (not self.methods or profile.method in self.methods) and (not self.auths or profile.auth in self.auths)


@dataclass(frozen=True)
class ScriptKind:
    """One kind of script: for whom it is, what it changes, who runs it, who says so."""

    id: str
    folder: Path
    title: str
    methods: tuple[Method, ...]
    auths: tuple[Auth, ...]
    requires: tuple[str, ...]
    """Fields of the profile (contract names) that must be filled in."""
    cloud_requires: tuple[str, ...]
    """Values of the cloud that must be known."""
    condition: str
    """A name of :data:`CONDITIONS`; empty for none."""
    consent: bool
    """Whether an administrator's consent goes with it."""
    changes: tuple[Line, ...]
    who: tuple[Line, ...]
    needs: tuple[Line, ...]
    notes: tuple[Line, ...]
    sources: tuple[Line, ...]
    checked: datetime.date

    def sureness(self, profile: RelayProfile) -> Sureness:
        """Return the least sure of what the script for this profile stands on."""
        return max((source.sureness for source in self.sources if source.holds(profile)), key=_WEAKNESS.index)

    def refuse(self, profile: RelayProfile, cloud: Cloud) -> None:
        """Raise InputError when there is no such script for this profile, with what to do instead."""
        self._refuse_method(profile)
        for name in self.requires:
            if not FIELD_BY_NAME[name].text_of(profile):
                raise InputError(
                    f"{name}: the script {self.id} needs it, and “{profile.name}” has none.",
                    hint=f"Set {FIELD_BY_NAME[name].label} first.",
                    id="script-needs-field",
                )
        for name in self.cloud_requires:
            if not getattr(cloud, name):
                raise InputError(
                    f"No script can be written for the cloud “{cloud.id}”: it is not known {_CLOUD_NAMES[name]}.",
                    hint=f"Where the cloud is described in clouds.toml, add {name}.",
                    id="script-needs-cloud",
                )
        if self.condition:
            CONDITIONS[self.condition](profile)

    def _refuse_method(self, profile: RelayProfile) -> None:
        if profile.method not in self.methods:
            raise InputError(
                f"The script {self.id} is not for {profile.method}, only for {', '.join(self.methods)}.",
                hint="relaywright script NAME KIND with another kind, or another profile.",
                id="script-does-not-fit",
            )
        if profile.auth not in self.auths:
            raise InputError(
                f"The script {self.id} is for profiles that sign in with {' or '.join(self.auths)}; "
                f"“{profile.name}” has {profile.auth}.",
                hint=f"Set it first: auth={self.auths[0]}.",
                id="script-does-not-fit",
            )


def _sends_as_another(profile: RelayProfile) -> None:
    senders = Senders.of(profile)
    if not senders.other_account and not senders.other_sender:
        raise InputError(
            f"Nothing has to be granted for “{profile.name}”: {senders.mailbox} signs in and sends as itself.",
            hint="This script is for a shared mailbox, or for a From address that is not the account's.",
            id="nothing-to-grant",
        )
    if profile.auth is Auth.OAUTH_APP and not profile.client_id:
        raise InputError(
            f"client_id: the script send-as needs it, and “{profile.name}” has none.",
            hint="Run the script app-registration first; it does the same for a new application.",
            id="script-needs-field",
        )


CONDITIONS: Mapping[str, Callable[[RelayProfile], None]] = {"sends-as-another": _sends_as_another}
"""What else must hold for a profile, by the names that script.toml uses. Each raises InputError when it does not."""


def load_kind(folder: Path) -> ScriptKind:
    """Read a kind's folder. Raises DamagedFile naming file, table and key."""
    table = read_toml(folder / "script.toml")
    if not is_id(folder.name):
        table.fail("", "the folder's name has small letters, digits and inner hyphens")
    kind = ScriptKind(
        id=folder.name,
        folder=folder,
        title=table.prose("title"),
        methods=table.choices("methods", Method),
        auths=table.choices("auths", Auth),
        requires=table.texts("requires", ()),
        cloud_requires=table.texts("cloud_requires", ()),
        condition=table.text("condition", ""),
        consent=table.flag("consent"),
        changes=_lines(table, "change"),
        who=_lines(table, "who"),
        needs=_lines(table, "need"),
        notes=_lines(table, "note"),
        sources=tuple(_line(row, sourced=True) for row in table.tables("source")),
        checked=table.date("checked"),
    )
    _refuse_unknown(table, kind)
    table.done()
    return kind


def _refuse_unknown(table: Table, kind: ScriptKind) -> None:
    for name in kind.requires:
        if name not in FIELD_BY_NAME:
            table.fail("requires", f"there is no field “{name}”")
    for name in kind.cloud_requires:
        if name not in _CLOUD_NAMES:
            table.fail("cloud_requires", f"“{name}” is none of {', '.join(_CLOUD_NAMES)}")
    if kind.condition and kind.condition not in CONDITIONS:
        table.fail("condition", f"“{kind.condition}” is none of {', '.join(CONDITIONS)}")
    if not kind.methods or not kind.auths:
        table.fail("methods", "methods and auths say for which profiles it is")


def _lines(table: Table, key: str) -> tuple[Line, ...]:
    return tuple(_line(row) for row in table.tables(key)) if table.has(key) else ()


def _line(table: Table, *, sourced: bool = False) -> Line:
    line = Line(
        table.prose("text"),
        table.choices("methods", Method),
        table.choices("auths", Auth),
        table.choice("sureness", Sureness) if sourced else Sureness.DOCUMENTED,
    )
    table.done()
    return line
