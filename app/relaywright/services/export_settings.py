"""Give a profile's settings to a device or an application: which targets fit, what the files say, writing them.

Secrets are placeholders unless the person asked for the real one. Rendering is exporting's.
"""

import datetime
import time
from dataclasses import dataclass
from pathlib import Path

from relaywright.catalog.catalog import Catalog
from relaywright.domain.address import domain_of
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import CredentialNeeded, InputError
from relaywright.domain.finding import Finding
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.domain.secret import Secret
from relaywright.exporting.exporter import Exporter, RenderedFile
from relaywright.exporting.target import Fit, Target
from relaywright.exporting.writing import WrittenFile
from relaywright.services.credentials import secret_ref
from relaywright.vault.vault import Vault

LOOK_UP_LIMIT_S = 5.0


@dataclass(frozen=True)
class FittingTarget:
    """A target with the verdict for one profile."""

    target: Target
    fit: Fit


@dataclass(frozen=True)
class ExportPreview:
    """What would be written."""

    target: Target
    files: tuple[RenderedFile, ...]
    notes: tuple[str, ...]
    findings: tuple[Finding, ...]
    secret_included: bool


class Exports:
    """The export targets, for one data folder's profiles."""

    def __init__(self, exporter: Exporter, vault: Vault, catalog: Catalog) -> None:
        self._exporter = exporter
        self._vault = vault
        self._catalog = catalog

    def targets(self, search: str = "") -> list[Target]:
        """Return the targets that hold every word of the search in id, name or kind."""
        words = search.casefold().split()
        return [
            target
            for target in self._exporter.targets()
            if all(word in f"{target.id} {target.name} {target.kind}".casefold() for word in words)
        ]

    def targets_for(self, profile: RelayProfile, search: str = "") -> list[FittingTarget]:
        """Return the targets with whether each fits the profile."""
        return [FittingTarget(target, target.fit(profile)) for target in self.targets(search)]

    def preview(
        self,
        profile: RelayProfile,
        target_id: str,
        *,
        include_secret: bool = False,
        look_up: bool = True,
        cancel: CancelToken | None = None,
    ) -> ExportPreview:
        """Render the files without writing them.

        A profile without a host has its MX endpoint looked up first, unless ``look_up`` is off; when that fails a
        placeholder stands in its place and a note says so. Raises InputError (the target does not fit),
        CredentialNeeded or KeyringUnavailable when the secret is wanted and cannot be had.
        """
        secret = self._secret(profile) if include_secret else None
        host, host_note = self._host(profile, cancel or CancelToken()) if look_up else ("", "")
        notices = self._catalog.notices(profile, datetime.datetime.now(datetime.UTC).date())
        files = self._exporter.preview(
            target_id,
            profile,
            secret,
            host=host,
            today=datetime.datetime.now().astimezone().date(),
            notices=[f"{notice.title}. {notice.detail}".strip() for notice in notices],
        )
        notes = self._exporter.notes(target_id, profile)
        return ExportPreview(
            self._exporter.target(target_id),
            tuple(files),
            (*notes, host_note) if host_note else notes,
            tuple(self._exporter.findings(target_id, profile, secret)),
            any(file.contains_secret for file in files),
        )

    def write(self, preview: ExportPreview, folder: Path, *, overwrite: bool = False) -> list[WrittenFile]:
        """Write all files of the preview or none. Raises InputError when one is there and may not be replaced."""
        return self._exporter.write(preview.files, folder, overwrite=overwrite)

    def _secret(self, profile: RelayProfile) -> Secret:
        if profile.auth in {Auth.OAUTH, Auth.NONE}:
            raise InputError(
                f"“{profile.name}” has no stored secret to include ({profile.auth}).",
                hint="Export with the placeholder.",
                id="no-secret-to-include",
            )
        ref = secret_ref(profile)
        secret = self._vault.get(ref) if ref else None
        if secret is None:
            raise CredentialNeeded(
                f"No secret is stored for “{profile.name}”.",
                hint="Store it first, or export with the placeholder.",
                id="no-secret",
            )
        return secret

    def _host(self, profile: RelayProfile, cancel: CancelToken) -> tuple[str, str]:
        if profile.host or not profile.sender:
            return profile.host, ""
        from relaywright.smtp.endpoint import endpoint_of
        from relaywright.smtp.plan import MxOf
        from relaywright.smtp.trouble import Trouble

        domain = domain_of(profile.sender)
        wanted = MxOf(domain, self._catalog.cloud(profile.cloud).mx_suffixes)
        try:
            return endpoint_of(wanted, time.monotonic() + LOOK_UP_LIMIT_S, cancel), ""
        except Trouble as trouble:
            return "", f"The MX endpoint is not filled in: {trouble}."
