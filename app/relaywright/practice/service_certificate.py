"""The certificates of the practice's applications: made on this machine and kept in the practice folder.

Kept, so that a profile that uses one still signs in after a restart; made here, so that no private key is published.
Whether an assertion is signed with one is client_credentials.py's business.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from relaywright.practice.authority import write_private

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PFX_PASSWORD = "Practice-Pfx-1"  # noqa: S105 - public, as everything that opens the practice
_LIFE = datetime.timedelta(days=397)
_RENEW_BEFORE = datetime.timedelta(days=60)
_KEY_BITS = 2_048


@dataclass(frozen=True)
class ServiceCertificate:
    """An application's registered certificate, and the files a person practises with."""

    pem_file: Path
    """Private key and certificate."""
    pfx_file: Path
    """The same as PKCS #12, under ``PFX_PASSWORD``."""
    certificate: "x509.Certificate"

    @property
    def public_key(self) -> "RSAPublicKey":
        """What assertions are verified with."""
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

        key = self.certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            raise TypeError("the practice makes RSA certificates only")
        return key


def open_service_certificate(folder: Path, name: str) -> ServiceCertificate:
    """Load the certificate from the folder, or make one: none there, damaged, or over soon. Raises OSError."""
    pem, pfx = folder / f"{name}.pem", folder / f"{name}.pfx"
    certificate = _kept(pem)
    if certificate is None or not pfx.is_file():
        certificate = _make(pem, pfx, name)
    return ServiceCertificate(pem, pfx, certificate)


def _kept(pem: Path) -> "x509.Certificate | None":
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        both = pem.read_bytes()
        key = load_pem_private_key(both, password=None).public_key()
        certificate = x509.load_pem_x509_certificate(both)
    except (OSError, ValueError, TypeError):
        return None
    if not isinstance(key, RSAPublicKey) or key != certificate.public_key():
        return None
    ends_soon = certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC) < _RENEW_BEFORE
    return None if ends_soon else certificate


def _make(pem: Path, pfx: Path, name: str) -> "x509.Certificate":
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import pkcs12

    key = rsa.generate_private_key(public_exponent=65_537, key_size=_KEY_BITS)
    subject = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Relaywright practice"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, name),
        ]
    )
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + _LIFE)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    locked = serialization.BestAvailableEncryption(PFX_PASSWORD.encode())
    write_private(pfx, pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, None, locked))
    write_private(pem, private + certificate.public_bytes(serialization.Encoding.PEM))
    return certificate
