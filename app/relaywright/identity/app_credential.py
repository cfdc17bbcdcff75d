"""What an application signs in with: a client secret, or a certificate with its private key, read and checked.

Reads PEM and PKCS #12 (PFX) as administrators have them. Nothing here touches the network or the keyring; the sign-in
itself is app_sign_in.py's.
"""

import datetime
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relaywright.domain.errors import CredentialNeeded, InputError
from relaywright.domain.secret import Secret

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

MAX_FILE_BYTES = 256 * 1024
_SMALLEST_KEY_BITS = 2_048  # Microsoft identity platform, certificate credentials
_NEW_ONE = "Create a new certificate, add it to the app registration, and choose it here."


@dataclass(frozen=True)
class ClientSecret:
    """A client secret's value (not its id) from the app registration."""

    value: Secret

    def fingerprint(self) -> str:
        """Return what tells this secret from another, without giving it away to a reader of the token file."""
        return hashlib.sha256(b"relaywright client secret\0" + self.value.reveal().encode()).hexdigest()

    def for_msal(self) -> str:
        """Return MSAL's ``client_credential``."""
        return self.value.reveal()

    def check(self, now: datetime.datetime) -> None:  # noqa: ARG002 - the certificate's counterpart
        """Raise InputError (``empty-secret``) when there is nothing; when it ends is known to Microsoft alone."""
        if not self.value:
            raise InputError("The client secret is empty.", hint="Store the secret’s value first.", id="empty-secret")


@dataclass(frozen=True)
class ClientCertificate:
    """An RSA private key with its certificate, as :func:`read_pem` and :func:`read_pfx` give it: checked to fit."""

    private_key: Secret
    """PKCS #8 in PEM, without a passphrase."""
    certificate: str
    """The public certificate in PEM."""
    subject: str
    """Untrusted text, on one line."""
    thumbprint: str
    """SHA-1 in capitals, as Microsoft's portal shows it."""
    sha256: str
    begins: datetime.datetime
    ends: datetime.datetime

    def fingerprint(self) -> str:
        """Return what tells this certificate from another."""
        return self.sha256

    def for_msal(self) -> dict[str, Any]:
        """Return MSAL's ``client_credential``."""
        return {"private_key": self.private_key.reveal(), "public_certificate": self.certificate}

    def stored_form(self) -> Secret:
        """Return key and certificate as one PEM text, for the keyring or a sealed file; :func:`read_pem` reads it."""
        return Secret(f"{self.private_key.reveal().rstrip()}\n{self.certificate}")

    def check(self, now: datetime.datetime) -> None:
        """Raise CredentialNeeded (``certificate-expired``, ``certificate-not-yet-valid``) when it is of no use now."""
        if now > self.ends:
            raise CredentialNeeded(
                f"The certificate {self.subject} ended on {self.ends:%Y-%m-%d}.",
                hint=_NEW_ONE,
                id="certificate-expired",
            )
        if now < self.begins:
            raise CredentialNeeded(
                f"The certificate {self.subject} begins only on {self.begins:%Y-%m-%d %H:%M} UTC.",
                hint="Check this machine’s clock, or wait until then.",
                id="certificate-not-yet-valid",
            )


AppCredential = ClientSecret | ClientCertificate


def read_pem(key: Secret, certificate: str = "", passphrase: Secret | None = None) -> ClientCertificate:
    """Read a private key in PEM; the certificate is taken from ``certificate``, or from the same text.

    Raises InputError: ``certificate-unreadable``, ``certificate-no-key``, ``certificate-no-certificate``,
    ``certificate-passphrase-needed``, ``certificate-wrong-passphrase``, ``certificate-not-rsa``,
    ``certificate-weak-key``, ``certificate-key-mismatch``, ``certificate-too-big``.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    text = key.reveal()
    _limit(len(text) + len(certificate))
    if "PRIVATE KEY-----" not in text:
        raise InputError(
            "The file holds no private key.",
            hint="Choose the PEM file with the line “BEGIN PRIVATE KEY”, or a PFX file.",
            id="certificate-no-key",
        )
    try:
        private = load_pem_private_key(text.encode(), _bytes(passphrase))
    except TypeError:
        raise _passphrase_needed(passphrase) from None
    except ValueError as fault:
        raise _not_read(fault, passphrase, locked="ENCRYPTED" in text) from None
    except Exception as fault:  # noqa: BLE001 - the library's own kind for keys of algorithms it does not know
        raise _unreadable(fault) from None
    try:
        certificates = x509.load_pem_x509_certificates((certificate or text).encode())
    except ValueError:
        raise InputError(
            "The file holds no certificate.",
            hint="Choose the public certificate as well: the PEM file with the line “BEGIN CERTIFICATE”.",
            id="certificate-no-certificate",
        ) from None
    return _fitting(private, certificates)


def read_pfx(data: bytes, passphrase: Secret | None = None) -> ClientCertificate:
    """Read a PKCS #12 file (.pfx, .p12). Raises InputError with the ids of :func:`read_pem`."""
    from cryptography.hazmat.primitives.serialization import pkcs12

    _limit(len(data))
    try:
        private, certificate, others = pkcs12.load_key_and_certificates(data, _bytes(passphrase))
    except ValueError as fault:
        # The library says “Invalid password or PKCS12 data” of both; only the first bytes tell them apart.
        raise _not_read(fault, passphrase, locked=data[:1] == b"\x30" and "assword" in str(fault)) from None
    except Exception as fault:  # noqa: BLE001 - the library's own kind for algorithms it does not know
        raise _unreadable(fault) from None
    if private is None:
        raise InputError(
            "The PFX file holds no private key.",
            hint="Export the certificate again, with its private key.",
            id="certificate-no-key",
        )
    return _fitting(private, [one for one in (certificate, *others) if one is not None])


def _fitting(private: object, certificates: "list[x509.Certificate]") -> ClientCertificate:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if not isinstance(private, RSAPrivateKey):
        raise InputError(
            "The private key is not an RSA key, and Microsoft’s sign-in takes only those here.",
            hint="Create an RSA certificate of 2048 bits or more.",
            id="certificate-not-rsa",
        )
    if private.key_size < _SMALLEST_KEY_BITS:
        raise InputError(
            f"The private key has only {private.key_size} bits.",
            hint="Create an RSA certificate of 2048 bits or more.",
            id="certificate-weak-key",
        )
    public = private.public_key()
    for certificate in certificates:
        try:
            if certificate.public_key() == public:
                return _described(private, certificate)
        except Exception:  # noqa: BLE001, S112 - a key of a kind the library does not know is not this one
            continue
    raise InputError(
        "The certificate does not belong to the private key.",
        hint="Choose the certificate and the key that were made together.",
        id="certificate-key-mismatch",
    )


def _described(private: "RSAPrivateKey", certificate: "x509.Certificate") -> ClientCertificate:
    from cryptography.hazmat.primitives import hashes, serialization

    from relaywright.identity.refusals import clean

    key = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        subject = clean(certificate.subject.rfc4514_string())
        begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    except ValueError as fault:
        raise _unreadable(fault) from None
    return ClientCertificate(
        private_key=Secret(key.decode()),
        certificate=certificate.public_bytes(serialization.Encoding.PEM).decode(),
        subject=subject or "without a name",
        thumbprint=certificate.fingerprint(hashes.SHA1()).hex().upper(),  # noqa: S303 - how the portal names it
        sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        begins=begins,
        ends=ends,
    )


def _limit(size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise InputError(
            "The file is too big to be a certificate.",
            hint="Choose a PEM or PFX file; they have a few kilobytes.",
            id="certificate-too-big",
        )


def _bytes(passphrase: Secret | None) -> bytes | None:
    return passphrase.reveal().encode() if passphrase else None


def _not_read(fault: ValueError, passphrase: Secret | None, *, locked: bool) -> InputError:
    if not locked:
        return _unreadable(fault)
    if not passphrase:
        return _passphrase_needed(passphrase)
    return InputError(
        "The passphrase does not open the private key.",
        hint="Type it again; it is the one that was set when the file was made.",
        id="certificate-wrong-passphrase",
    )


def _passphrase_needed(passphrase: Secret | None) -> InputError:
    if passphrase:
        return InputError(
            "The private key has no passphrase, but one was given.",
            hint="Leave the passphrase empty.",
            id="certificate-wrong-passphrase",
        )
    return InputError(
        "The private key is protected by a passphrase.",
        hint="Enter the passphrase that was set when the file was made.",
        id="certificate-passphrase-needed",
    )


def _unreadable(fault: Exception) -> InputError:
    return InputError(
        f"The file is no certificate that can be read ({type(fault).__name__}).",
        hint="Choose a PEM or PFX file with the private key.",
        id="certificate-unreadable",
    )
