"""TLS for a session: the context that verifies, what the handshake agreed on, and why one failed.

Trust is the system's own (truststore), plus a profile's CA file. Nothing here sends or receives.
"""

import datetime
import ssl
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relaywright.domain.errors import InputError
from relaywright.domain.reply import FailureKind
from relaywright.smtp.events import CertificateFacts, TlsFacts
from relaywright.smtp.redaction import printable
from relaywright.smtp.trouble import Trouble

if TYPE_CHECKING:
    from cryptography import x509

_MAX_CA_FILE_BYTES = 8 * 1024 * 1024
_MAX_NAMES = 100
_ALERT, _HANDSHAKE = 0x15, 0x16

# Verify codes: OpenSSL's x509_vfy.h, Windows' winerror.h (CERT_E_…), macOS' SecBase.h (errSec…); truststore passes
# the platform's own on.
_CERTIFICATE_FAILURES = {
    9: FailureKind.CERTIFICATE_EXPIRED,  # not yet valid: the dates do not fit
    10: FailureKind.CERTIFICATE_EXPIRED,
    18: FailureKind.CERTIFICATE_SELF_SIGNED,
    62: FailureKind.CERTIFICATE_NAME,
    64: FailureKind.CERTIFICATE_NAME,
    0x800B0101: FailureKind.CERTIFICATE_EXPIRED,
    0x800B010F: FailureKind.CERTIFICATE_NAME,
    -67818: FailureKind.CERTIFICATE_EXPIRED,
    -67602: FailureKind.CERTIFICATE_NAME,
}

_OLD_VERSION_REASONS = {
    "UNSUPPORTED_PROTOCOL",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "NO_PROTOCOLS_AVAILABLE",
    "WRONG_SSL_VERSION",
    "SSLV3_ALERT_PROTOCOL_VERSION",
}


def client_context(ca_file: Path | None, *, old_versions: bool = False) -> ssl.SSLContext:
    """Return a context that verifies chain and host name and speaks TLS 1.2 or newer.

    With ``old_versions`` it speaks TLS 1.0 and 1.1 alone (RFC 8996 forbids both), to see what an old device sees;
    nothing secret may travel over it.
    ``load_verify_locations`` adds to the system's trust in truststore on Linux, Windows and macOS alike.
    Raises InputError for a CA file that cannot be read or holds no certificate.
    """
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if old_versions:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that they are old is what they are asked for
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        # OpenSSL 3 has no TLS below 1.2 at its own security level. Ciphers without a certificate stay out.
        context.set_ciphers("DEFAULT:!aNULL:!eNULL:@SECLEVEL=0")
    else:
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is not None:
        try:
            context.load_verify_locations(cadata=_certificates_in(ca_file))
        except ssl.SSLError:
            raise _bad_ca_file(ca_file, "holds no certificate") from None
        # Lets the file hold an intermediate authority, or the very certificate of the server.
        context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    return context


def _certificates_in(ca_file: Path) -> str | bytes:
    try:
        with ca_file.open("rb") as file:
            data = file.read(_MAX_CA_FILE_BYTES + 1)
    except OSError as error:
        raise _bad_ca_file(ca_file, f"cannot be read ({error.strerror or error})") from None
    if len(data) > _MAX_CA_FILE_BYTES:
        raise _bad_ca_file(ca_file, "is larger than 8 MB")
    if not data.strip():
        raise _bad_ca_file(ca_file, "is empty")
    # Comments between the blocks may hold any letters; OpenSSL wants ASCII.
    return data.decode("ascii", "ignore") if b"-----BEGIN" in data else data


def _bad_ca_file(ca_file: Path, what: str) -> InputError:
    return InputError(
        f"The CA file “{ca_file}” {what}.",
        hint="Choose a file with certificates in PEM or DER form, or leave the field empty.",
        id="bad-ca-file",
    )


class PreparedTls:
    """A handshake ready to begin with ``host``, over two memory buffers.

    Making one reads the system's trust store, which takes longer than a handshake: so it is made ahead of time.
    """

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self.incoming = ssl.MemoryBIO()
        self.outgoing = ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=host)


def agreed(tls: ssl.SSLObject) -> TlsFacts:
    """Return what a finished, verified handshake agreed on."""
    cipher = tls.cipher()
    return TlsFacts(
        version=tls.version() or "",
        cipher=cipher[0] if cipher else "",
        certificate=certificate_facts(tls, trusted=True),
    )


def certificate_facts(tls: ssl.SSLObject, *, trusted: bool) -> CertificateFacts | None:
    """Return the facts of the server's certificate, or None when there is none that can be read.

    Works after a failed verification too: from OpenSSL 3 on the failed handshake still knows the chain, so nobody
    has to connect a second time without verifying.
    """
    der = _leaf(tls)
    if der is None:
        return None
    from cryptography import x509

    try:
        certificate = x509.load_der_x509_certificate(der)
        return CertificateFacts(
            subject=printable(certificate.subject.rfc4514_string()),
            issuer=printable(certificate.issuer.rfc4514_string()),
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            names=_names(certificate),
            trusted=trusted,
        )
    except ValueError:
        return None


def _leaf(tls: ssl.SSLObject) -> bytes | None:
    try:
        return tls.getpeercert(binary_form=True)
    except ValueError:  # the handshake did not finish
        pass
    # Public as SSLObject.get_unverified_chain from Python 3.13 on; truststore takes the same way before.
    source: Any = tls if hasattr(tls, "get_unverified_chain") else getattr(tls, "_sslobj", None)
    unverified_chain: Callable[[], list[Any] | None] | None = getattr(source, "get_unverified_chain", None)
    chain = unverified_chain() if unverified_chain else None
    if not chain:
        return None
    leaf = chain[0]
    return leaf if isinstance(leaf, bytes) else ssl.PEM_cert_to_DER_cert(leaf.public_bytes())


def _names(certificate: "x509.Certificate") -> tuple[str, ...]:
    from cryptography import x509

    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    names = extension.get_values_for_type(x509.DNSName)
    addresses = [str(address) for address in extension.get_values_for_type(x509.IPAddress)]
    return tuple(printable(name) for name in (*names, *addresses)[:_MAX_NAMES])


def handshake_trouble(error: ssl.SSLError, facts: CertificateFacts | None, first_bytes: bytes) -> Trouble:
    """Say what kind of failure a handshake ended in. ``first_bytes`` are the server's first, as they came."""
    detail = printable(getattr(error, "verify_message", "") or error.reason or str(error))
    if isinstance(error, ssl.SSLCertVerificationError):
        return Trouble(_certificate_kind(error, facts), _certificate_detail(detail, facts))
    if first_bytes and first_bytes[0] not in {_ALERT, _HANDSHAKE}:
        said = printable(first_bytes[:80].decode("utf-8", "replace").strip())
        return Trouble(FailureKind.TLS_NOT_SPOKEN, f"the server answered with “{said}”")
    if error.reason in _OLD_VERSION_REASONS:
        return Trouble(FailureKind.TLS_OLD_VERSION, detail)
    return Trouble(FailureKind.TLS_FAILED, detail)


def _certificate_kind(error: ssl.SSLCertVerificationError, facts: CertificateFacts | None) -> FailureKind:
    kind = _CERTIFICATE_FAILURES.get(getattr(error, "verify_code", 0))
    if kind is not None:
        return kind
    if facts is not None:
        now = datetime.datetime.now(datetime.UTC)
        if not facts.not_before <= now <= facts.not_after:
            return FailureKind.CERTIFICATE_EXPIRED
        if facts.subject == facts.issuer:
            return FailureKind.CERTIFICATE_SELF_SIGNED
    return FailureKind.CERTIFICATE_UNTRUSTED


def _certificate_detail(detail: str, facts: CertificateFacts | None) -> str:
    return f"{detail}; {described(facts)}" if facts else detail


def described(facts: CertificateFacts) -> str:
    """Return a certificate in one line, for transcript and failure."""
    names = ", ".join(facts.names[:5]) + (", …" if len(facts.names) > 5 else "")
    return (
        f"certificate {facts.subject}, issued by {facts.issuer}, valid {facts.not_before:%Y-%m-%d}"
        f" to {facts.not_after:%Y-%m-%d}" + (f", for {names}" if names else "")
    )
