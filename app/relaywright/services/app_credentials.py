"""What an application signs in with, without a person: its client secret, or its certificate with the private key.

One profile has one of the two; storing one takes the other away. The value lies in the vault, what may be known of it
without the vault (since when, until when, which) in the store. Signing in with it is credentials.py's.
"""

import dataclasses
import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from relaywright.domain.errors import CredentialNeeded, InputError, KeyringUnavailable, RelaywrightError
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.domain.secret import Secret, SecretKind, SecretRef
from relaywright.store.records import CredentialRecord
from relaywright.store.store import Store
from relaywright.vault.vault import Vault

if TYPE_CHECKING:
    from relaywright.identity.app_credential import AppCredential, ClientCertificate

DEFAULT_LIFE_DAYS = 365
KINDS = (SecretKind.CLIENT_CERTIFICATE, SecretKind.CLIENT_SECRET)
_PFX_ENDINGS = {".pfx", ".p12"}


@dataclass(frozen=True)
class CertificateFiles:
    """A certificate as administrators have it: a PFX, a PEM with both parts, or two PEM files."""

    file: Path
    """The PFX file, or the PEM file with the private key."""
    public: Path | None = None
    """The PEM file with the certificate, where ``file`` has only the key."""
    passphrase: Secret | None = None


@dataclass(frozen=True)
class StoredCertificate:
    """A certificate that was stored: what is known of it, and the part that anybody may see."""

    record: CredentialRecord
    public_pem: str
    """To be uploaded to the app registration."""
    for_run_only: bool = False
    """Kept in this program's memory, because no keyring could keep it."""


class AppCredentials:
    """The credentials of one data folder's applications. Every method but :meth:`record` may wait for the keyring."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def record(self, profile: RelayProfile) -> CredentialRecord | None:
        """Return what is known of the profile's credential, without asking the keyring."""
        return self._store.credential(profile.id) if profile.auth is Auth.OAUTH_APP else None

    def kind(self, profile: RelayProfile) -> SecretKind:
        """Return which of the two the profile has, or would get: a secret, unless a certificate was stored."""
        record = self.record(profile)
        return record.kind if record is not None else SecretKind.CLIENT_SECRET

    def credential(self, profile: RelayProfile) -> "AppCredential":
        """Return what the application signs in with. Raises CredentialNeeded (``no-secret``), KeyringUnavailable."""
        from relaywright.identity.app_credential import ClientSecret, read_pem

        newest = self.kind(profile)
        for kind in (newest, *(kind for kind in KINDS if kind is not newest)):
            value = self._vault.get(SecretRef(profile.id, kind))
            if value is not None:
                return ClientSecret(value) if kind is SecretKind.CLIENT_SECRET else read_pem(value)
        raise CredentialNeeded(
            f"Neither a client secret nor a certificate is stored for “{profile.name}”.",
            hint="Store one first: on the Sign-in page, or with “relaywright secret set” or “relaywright certificate”.",
            id="no-secret",
        )

    def set_secret(
        self, profile: RelayProfile, secret: Secret, ends_on: datetime.date | None, *, for_session: bool = False
    ) -> None:
        """Store a client secret in the place of what was there; ``ends_on`` is what the portal says.

        Raises KeyringUnavailable, InputError for an end that lies in the past.
        """
        ends_at = _end_of(ends_on)
        if ends_at is not None and ends_at <= _now():
            raise InputError(
                f"The client secret would have ended on {ends_on}.",
                hint="Check the date: the portal shows when the secret expires.",
                id="secret-expired",
            )
        self._keep(SecretRef(profile.id, SecretKind.CLIENT_SECRET), secret, for_session=for_session)
        self._store.remember_credential(CredentialRecord(profile.id, SecretKind.CLIENT_SECRET, _now(), ends_at))

    def note_end(self, profile: RelayProfile, ends_on: datetime.date) -> None:
        """Remember when the stored client secret ends. Raises CredentialNeeded (``no-secret``) when there is none."""
        record = self.record(profile)
        if record is None or record.kind is not SecretKind.CLIENT_SECRET:
            raise CredentialNeeded(
                f"No client secret is stored for “{profile.name}”.", hint="Store it first.", id="no-secret"
            )
        self._store.remember_credential(dataclasses.replace(record, ends_at=_end_of(ends_on)))

    def set_certificate(
        self, profile: RelayProfile, files: CertificateFiles, *, session_if_unavailable: bool = False
    ) -> StoredCertificate:
        """Read a certificate with its private key and store it in the place of what was there.

        Raises InputError (unreadable, wrong passphrase, not RSA, no key …; nothing is stored then), CredentialNeeded
        (``certificate-expired``), KeyringUnavailable unless the memory of this run may be used instead.
        """
        require_application(profile)
        certificate = read_certificate(files)
        certificate.check(_now())
        return self._store_certificate(profile, certificate, session_if_unavailable=session_if_unavailable)

    def make_certificate(
        self, profile: RelayProfile, life_days: int = DEFAULT_LIFE_DAYS, *, session_if_unavailable: bool = False
    ) -> StoredCertificate:
        """Make a key and a certificate and store them; only the public part is given out.

        Raises InputError (``certificate-life``), KeyringUnavailable as :meth:`set_certificate`.
        """
        from relaywright.identity.new_certificate import make_certificate

        require_application(profile)
        certificate = make_certificate(f"Relaywright {profile.name}", life_days, _now())
        return self._store_certificate(profile, certificate, session_if_unavailable=session_if_unavailable)

    def public_certificate(self, profile: RelayProfile) -> str:
        """Return the stored certificate's public part in PEM. Raises CredentialNeeded (``no-certificate``)."""
        value = self._vault.get(SecretRef(profile.id, SecretKind.CLIENT_CERTIFICATE))
        if value is None:
            raise CredentialNeeded(
                f"No certificate is stored for “{profile.name}”.",
                hint="Make one or choose a file first.",
                id="no-certificate",
            )
        from relaywright.identity.app_credential import read_pem

        return read_pem(value).certificate

    def forget(self, profile: RelayProfile) -> bool:
        """Remove whatever the application signs in with; tell whether there was anything. Raises KeyringUnavailable."""
        gone = [self._vault.drop(SecretRef(profile.id, kind)) for kind in KINDS]
        self._store.forget_credential(profile.id)
        return any(gone)

    def note(self, profile_id: str, kind: SecretKind, value: Secret) -> None:
        """Remember what is known of a credential that came into the vault by another way: from a colleague."""
        record = CredentialRecord(profile_id, kind, _now())
        if kind is SecretKind.CLIENT_CERTIFICATE:
            from relaywright.identity.app_credential import read_pem

            record = _record(profile_id, read_pem(value))
        if kind in KINDS:
            self._store.remember_credential(record)

    def _store_certificate(
        self, profile: RelayProfile, certificate: "ClientCertificate", *, session_if_unavailable: bool
    ) -> StoredCertificate:
        ref = SecretRef(profile.id, SecretKind.CLIENT_CERTIFICATE)
        for_run_only = False
        try:
            self._keep(ref, certificate.stored_form())
        except KeyringUnavailable:
            if not session_if_unavailable:
                raise
            self._keep(ref, certificate.stored_form(), for_session=True)
            for_run_only = True
        record = _record(profile.id, certificate)
        self._store.remember_credential(record)
        return StoredCertificate(record, certificate.certificate, for_run_only)

    def _keep(self, ref: SecretRef, value: Secret, *, for_session: bool = False) -> None:
        keep: Callable[[SecretRef, Secret], None] = self._vault.keep_for_session if for_session else self._vault.put
        keep(ref, value)
        for kind in KINDS:
            if kind is not ref.kind:
                self._drop_quietly(SecretRef(ref.profile_id, kind))

    def _drop_quietly(self, ref: SecretRef) -> None:
        """Remove the other kind, where it can be reached: what is stored now is looked for first."""
        try:
            self._vault.drop(ref)
        except RelaywrightError:
            return


def read_certificate(files: CertificateFiles) -> "ClientCertificate":
    """Read a certificate's files. Raises InputError with the ids of ``identity.app_credential.read_pem``."""
    from relaywright.identity.app_credential import read_pem, read_pfx

    data = _read(files.file)
    if files.file.suffix.lower() in _PFX_ENDINGS or (b"-----BEGIN" not in data and files.public is None):
        return read_pfx(data, files.passphrase)
    public = _read(files.public).decode("latin-1") if files.public is not None else ""
    return read_pem(Secret(data.decode("latin-1")), public, files.passphrase)


def require_application(profile: RelayProfile) -> None:
    """Raise InputError (``not-an-application``) when it is no application that signs in for the profile."""
    if profile.auth is not Auth.OAUTH_APP:
        raise InputError(
            f"“{profile.name}” does not sign in as an application ({profile.auth}).",
            hint="Set its sign-in to oauth-app first.",
            id="not-an-application",
        )


def _read(path: Path) -> bytes:
    from relaywright.identity.app_credential import MAX_FILE_BYTES

    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as fault:
        raise InputError(
            f"{path} cannot be read: {fault.strerror or type(fault).__name__}.",
            hint="Nothing was changed.",
            id="unreadable-file",
        ) from None


def _record(profile_id: str, certificate: "ClientCertificate") -> CredentialRecord:
    return CredentialRecord(
        profile_id,
        SecretKind.CLIENT_CERTIFICATE,
        _now(),
        certificate.ends,
        certificate.subject,
        certificate.thumbprint,
    )


def _end_of(day: datetime.date | None) -> datetime.datetime | None:
    """Return the beginning of the day: the portal shows no time, and too early is the safe side."""
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC) if day is not None else None


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
