"""Makes an application a certificate of its own, so that its private key never exists outside this program.

Self-signed is what the app registration expects: it is trusted because an administrator uploads it, not by who signed
it (Microsoft identity platform, "Microsoft identity platform application authentication certificate credentials").
"""

import datetime

from relaywright.domain.errors import InputError
from relaywright.domain.secret import Secret
from relaywright.identity.app_credential import ClientCertificate, read_pem

KEY_BITS = 2_048
SHORTEST_LIFE_DAYS, LONGEST_LIFE_DAYS = 1, 1_095
"""Three years at most: what outlives its administrators is forgotten."""
_CLOCK_TOLERANCE = datetime.timedelta(minutes=10)
_LONGEST_NAME = 64  # ub-common-name, RFC 5280 appendix A.1


def make_certificate(name: str, life_days: int, now: datetime.datetime) -> ClientCertificate:
    """Return a new RSA key with a self-signed certificate for ``name``, good from now on. Takes some 100 ms.

    Raises InputError (``certificate-life``) for a life outside 1 to 1,095 days.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    if not SHORTEST_LIFE_DAYS <= life_days <= LONGEST_LIFE_DAYS:
        raise InputError(
            f"A certificate lives {SHORTEST_LIFE_DAYS} to {LONGEST_LIFE_DAYS} days here, not {life_days}.",
            hint="Choose 365 days, and renew it every year.",
            id="certificate-life",
        )
    key = rsa.generate_private_key(public_exponent=65_537, key_size=KEY_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:_LONGEST_NAME].strip() or "Relaywright")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_TOLERANCE)
        .not_valid_after(now + datetime.timedelta(days=life_days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=False,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return read_pem(Secret(private.decode()), certificate.public_bytes(serialization.Encoding.PEM).decode())
