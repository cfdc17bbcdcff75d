"""The practice authority: a throw-away CA kept in the practice folder, and the certificates it signs.

Kept, so that a profile's ``ca_file`` is still right after a restart. Who serves with the certificates is relay.py's and
signin_provider.py's business.
"""

import datetime
import os
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import trustme

SERVER_NAMES = ("localhost", "127.0.0.1", "::1", "smtp.practice.example")
CONNECTOR_NAME = "relay.practice.example"
_RENEW_BEFORE = datetime.timedelta(days=60)
_LEAF_LIFE = datetime.timedelta(days=397)
_KEY_FILE = "practice-ca-key.pem"
_CA_FILE = "practice-ca.pem"
_CONNECTOR_FILE = "practice-connector.pem"


@dataclass(frozen=True)
class Authority:
    """The CA's public certificate, a certificate for a connector client, and the server contexts."""

    ca_file: Path
    connector_file: Path
    """Key and certificate of a client for ``relay.practice.example``, for trying a connector by certificate."""
    server_context: ssl.SSLContext
    """For the submission ports and the web pages."""
    endpoint_context: ssl.SSLContext
    """The same, but asks for a client certificate (and does without)."""


def open_authority(folder: Path) -> Authority:
    """Load the CA from the folder, or make one, and sign fresh server certificates. Raises OSError."""
    ca = _load(folder) or _create(folder)
    until = datetime.datetime.now(datetime.UTC) + _LEAF_LIFE
    server = ca.issue_cert(
        *SERVER_NAMES, common_name="localhost", organization_name="Relaywright practice", not_after=until
    )
    connector = ca.issue_cert(
        CONNECTOR_NAME, common_name=CONNECTOR_NAME, organization_name="Relaywright practice", not_after=until
    )
    write_private(folder / _CONNECTOR_FILE, connector.private_key_and_cert_chain_pem.bytes())
    return Authority(
        ca_file=folder / _CA_FILE,
        connector_file=folder / _CONNECTOR_FILE,
        server_context=_context(server),
        endpoint_context=_context(server, client_ca=ca),
    )


def write_private(file: Path, data: bytes) -> None:
    """Replace a file in one step, readable by its owner alone. Raises OSError."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _load(folder: Path) -> "trustme.CA | None":
    """Return the kept CA; None when there is none, it is damaged, or it ends soon."""
    import trustme
    from cryptography import x509

    try:
        both = (folder / _KEY_FILE).read_bytes()
        certificate = x509.load_pem_x509_certificate(both)
        ca = trustme.CA.from_pem(both, both)
    except (OSError, ValueError):
        return None
    if certificate.not_valid_after_utc - datetime.datetime.now(datetime.UTC) < _RENEW_BEFORE:
        return None
    if not (folder / _CA_FILE).is_file() or (folder / _CA_FILE).read_bytes() != ca.cert_pem.bytes():
        write_private(folder / _CA_FILE, ca.cert_pem.bytes())
    return ca


def _create(folder: Path) -> "trustme.CA":
    import trustme

    ca = trustme.CA(organization_name="Relaywright practice", organization_unit_name="Relaywright practice authority")
    write_private(folder / _KEY_FILE, ca.private_key_pem.bytes() + ca.cert_pem.bytes())
    write_private(folder / _CA_FILE, ca.cert_pem.bytes())
    return ca


def _context(certificate: "trustme.LeafCert", client_ca: "trustme.CA | None" = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    certificate.configure_cert(context)
    if client_ca is not None:
        client_ca.configure_trust(context)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context
