"""PowerShell that an administrator runs for a profile: which kinds there are, one with its facts, and its file.

The scripts are data (resources/scripts), written by exporting; nothing here runs one.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path

from relaywright.catalog.catalog import Catalog
from relaywright.domain.errors import InputError
from relaywright.domain.explanation import Sureness
from relaywright.domain.profile import RelayProfile
from relaywright.exporting.script_kind import ScriptKind
from relaywright.exporting.scripts import Scripts, consent_address
from relaywright.exporting.writing import FileToWrite, WrittenFile, write_all

FILE_MODE = 0o644


@dataclass(frozen=True)
class Script:
    """A script written for one profile, and what is known of it."""

    profile: str
    kind: str
    title: str
    text: str
    """Lines ended by LF, without a byte order mark; :attr:`content` is what goes into a file."""
    changes: tuple[str, ...]
    who: tuple[str, ...]
    needs: tuple[str, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]
    sureness: Sureness
    """The least sure of its sources."""
    checked: datetime.date
    consent_address: str | None
    """Where an administrator consents instead; None when the kind has none, or tenant or client id are missing."""

    @property
    def content(self) -> bytes:
        """The file's bytes.

        Windows PowerShell 5.1 takes a file without a byte order mark for the system's code page (about_Character_
        Encoding), and a typographic quote would become another letter there. CRLF is what editors on Windows and
        signed scripts expect; PowerShell 7 on any system reads both.
        """
        return self.text.replace("\n", "\r\n").encode("utf-8-sig")


class AdministratorScripts:
    """The scripts for one data folder's profiles."""

    def __init__(self, scripts: Scripts, catalog: Catalog) -> None:
        self._scripts = scripts
        self._catalog = catalog

    def kinds(self, profile: RelayProfile) -> list[ScriptKind]:
        """Return the kinds that can be written for this profile as it is now."""
        return [kind for kind in self._scripts.kinds() if self._fits(kind, profile)]

    def _fits(self, kind: ScriptKind, profile: RelayProfile) -> bool:
        try:
            self._refuse(kind, profile)
        except InputError:
            return False
        return True

    def _refuse(self, kind: ScriptKind, profile: RelayProfile) -> None:
        auths = self._catalog.method(profile.method).auths
        if profile.auth not in auths:
            raise InputError(
                f"{profile.method} has no sign-in with {profile.auth}, so there is no script for “{profile.name}”.",
                hint=f"It has {', '.join(auths)}.",
                id="script-does-not-fit",
            )
        kind.refuse(profile, self._catalog.cloud(profile.cloud))

    def script(self, profile: RelayProfile, kind_id: str) -> Script:
        """Write one script.

        Raises InputError: ``unknown-script`` (with those there are), ``script-does-not-fit``, ``script-needs-field``,
        ``script-needs-cloud``, ``nothing-to-grant``, ``value-not-exportable``, ``unknown-cloud``.
        """
        kind = self._scripts.kind(kind_id)
        self._refuse(kind, profile)
        cloud = self._catalog.cloud(profile.cloud)
        return Script(
            profile=profile.name,
            kind=kind.id,
            title=kind.title,
            text=self._scripts.text(kind, profile, cloud),
            changes=tuple(line.text for line in kind.changes if line.holds(profile)),
            who=tuple(line.text for line in kind.who if line.holds(profile)),
            needs=tuple(line.text for line in kind.needs if line.holds(profile)),
            notes=tuple(line.text for line in kind.notes if line.holds(profile)),
            sources=tuple(line.text for line in kind.sources if line.holds(profile)),
            sureness=kind.sureness(profile),
            checked=kind.checked,
            consent_address=consent_address(profile, cloud) if kind.consent else None,
        )

    def consent_address(self, profile: RelayProfile) -> str | None:
        """Return where an administrator consents to the profile's application; None without client id or tenant."""
        cloud = self._catalog.clouds.get(profile.cloud)
        return consent_address(profile, cloud) if cloud is not None else None

    def write(self, script: Script, path: Path, *, overwrite: bool = False) -> WrittenFile:
        """Write the script to ``path``. Raises InputError: ``file-exists``, ``cannot-write``, ``not-a-file``."""
        whole = path.absolute()
        (written,) = write_all([FileToWrite(whole.name, script.content, FILE_MODE)], whole.parent, overwrite=overwrite)
        return written
