"""Certificates as administrators have them: read, checked, and every fault of a file told in words."""

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import given
from hypothesis import strategies as st

from relaywright.domain.errors import CredentialNeeded, InputError
from relaywright.domain.secret import Secret
from relaywright.identity.app_credential import MAX_FILE_BYTES, ClientSecret, read_pem, read_pfx
from relaywright.practice.practice import PracticeAddresses

NOW = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
PASSPHRASE = "Öffne dich"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
DAY = datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


@pytest.fixture(scope="module")
def other_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def certify(key: Key, name: str = "relay", begins: datetime.datetime = NOW - DAY, days: int = 10) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(begins)
        .not_valid_after(begins + days * DAY)
        .sign(key, hashes.SHA256())
    )


def pem_of(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def key_pem(
    key: Key,
    passphrase: str = "",
    form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8,
) -> str:
    locked = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, locked).decode()


def pfx_of(key: Key, certificate: x509.Certificate | None, passphrase: str = "", *others: x509.Certificate) -> bytes:
    locked = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"relay", key, certificate, list(others), locked)


@pytest.mark.parametrize("form", [serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
def test_a_pem_file_is_read_with_and_without_a_passphrase(
    key: rsa.RSAPrivateKey, passphrase: str, form: serialization.PrivateFormat
) -> None:
    certificate = certify(key)
    read = read_pem(Secret(key_pem(key, passphrase, form) + pem_of(certificate)), passphrase=Secret(passphrase))
    assert read.subject == "CN=relay"
    assert read.thumbprint == certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303 - as the portal does
    assert (read.begins, read.ends) == (NOW - DAY, NOW + 9 * DAY)
    assert "ENCRYPTED" not in read.private_key.reveal()
    assert read.certificate == pem_of(certificate)


def test_key_and_certificate_may_be_two_files(key: rsa.RSAPrivateKey) -> None:
    assert read_pem(Secret(key_pem(key)), pem_of(certify(key))).subject == "CN=relay"


def test_a_chain_gives_the_certificate_of_the_key(key: rsa.RSAPrivateKey, other_key: rsa.RSAPrivateKey) -> None:
    chain = pem_of(certify(other_key, "authority")) + pem_of(certify(key, "leaf"))
    assert read_pem(Secret(key_pem(key)), chain).subject == "CN=leaf"
    assert read_pfx(pfx_of(key, certify(key, "leaf"), "", certify(other_key, "authority"))).subject == "CN=leaf"


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
def test_a_pfx_file_is_read_with_and_without_a_passphrase(key: rsa.RSAPrivateKey, passphrase: str) -> None:
    read = read_pfx(pfx_of(key, certify(key), passphrase), Secret(passphrase))
    assert read.subject == "CN=relay"
    assert read == read_pem(read.stored_form())


def test_the_practice_files_are_read(addresses: PracticeAddresses) -> None:
    service = addresses.services[0]
    assert service.certificate_file is not None
    assert service.pfx_file is not None
    from_pem = read_pem(Secret(service.certificate_file.read_text()))
    password = service.as_json()["pfx_password"]
    assert read_pfx(service.pfx_file.read_bytes(), Secret(password)) == from_pem
    with pytest.raises(InputError) as caught:
        read_pfx(service.pfx_file.read_bytes(), Secret("not that"))
    assert caught.value.id == "certificate-wrong-passphrase"


def ids(read: Callable[[], object]) -> str:
    with pytest.raises(InputError) as caught:
        read()
    assert caught.value.hint
    return caught.value.id


def test_a_wrong_and_a_missing_passphrase_are_told_apart(key: rsa.RSAPrivateKey) -> None:
    pem = Secret(key_pem(key, PASSPHRASE) + pem_of(certify(key)))
    openssl = Secret(key_pem(key, PASSPHRASE, serialization.PrivateFormat.TraditionalOpenSSL) + pem_of(certify(key)))
    pfx = pfx_of(key, certify(key), PASSPHRASE)
    for read in (
        lambda secret: read_pem(pem, "", secret),
        lambda secret: read_pem(openssl, "", secret),
        lambda secret: read_pfx(pfx, secret),
    ):
        assert ids(lambda read=read: read(Secret("wrong"))) == "certificate-wrong-passphrase"  # type: ignore[misc]
        assert ids(lambda read=read: read(None)) == "certificate-passphrase-needed"  # type: ignore[misc]
    bare = Secret(key_pem(key) + pem_of(certify(key)))
    assert ids(lambda: read_pem(bare, "", Secret("needless"))) == "certificate-wrong-passphrase"


def test_a_key_that_is_not_rsa_is_told(key: rsa.RSAPrivateKey) -> None:
    curve = ec.generate_private_key(ec.SECP256R1())
    assert ids(lambda: read_pem(Secret(key_pem(curve) + pem_of(certify(curve))))) == "certificate-not-rsa"
    assert ids(lambda: read_pfx(pfx_of(curve, certify(curve)))) == "certificate-not-rsa"
    for odd in (ed25519.Ed25519PrivateKey.generate(), dsa.generate_private_key(2_048)):
        pem = odd.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        assert ids(lambda pem=pem: read_pem(Secret(pem), pem_of(certify(key)))) == "certificate-not-rsa"  # type: ignore[misc]


def test_a_weak_key_is_told() -> None:
    weak = rsa.generate_private_key(public_exponent=65_537, key_size=1_024)  # noqa: S505 - that is the point
    assert ids(lambda: read_pem(Secret(key_pem(weak) + pem_of(certify(weak))))) == "certificate-weak-key"


def test_a_certificate_of_another_key_is_told(key: rsa.RSAPrivateKey, other_key: rsa.RSAPrivateKey) -> None:
    assert ids(lambda: read_pem(Secret(key_pem(key)), pem_of(certify(other_key)))) == "certificate-key-mismatch"


def test_half_a_file_is_told(key: rsa.RSAPrivateKey) -> None:
    assert ids(lambda: read_pem(Secret(pem_of(certify(key))))) == "certificate-no-key"
    assert ids(lambda: read_pem(Secret(key_pem(key)))) == "certificate-no-certificate"
    without_key = pkcs12.serialize_key_and_certificates(None, None, certify(key), None, serialization.NoEncryption())
    assert ids(lambda: read_pfx(without_key)) == "certificate-no-key"


def test_a_damaged_or_oversized_file_is_told(key: rsa.RSAPrivateKey) -> None:
    pem = key_pem(key)
    assert ids(lambda: read_pem(Secret(pem[:200] + pem[260:]))) == "certificate-unreadable"
    assert ids(lambda: read_pfx(b"")) == "certificate-unreadable"
    assert ids(lambda: read_pfx(b"PK\x03\x04")) == "certificate-unreadable"
    assert ids(lambda: read_pfx(bytes(MAX_FILE_BYTES + 1))) == "certificate-too-big"
    assert ids(lambda: read_pem(Secret("x" * (MAX_FILE_BYTES + 1)))) == "certificate-too-big"


@given(st.binary(max_size=300))
def test_no_file_ends_in_anything_but_an_error_in_words(data: bytes) -> None:
    with pytest.raises(InputError):
        read_pfx(data)
    with pytest.raises(InputError):
        read_pfx(b"\x30" + data, Secret("x"))
    with pytest.raises(InputError):
        read_pem(Secret(f"-----BEGIN PRIVATE KEY-----\n{data!r}\n-----END PRIVATE KEY-----"))


@pytest.mark.parametrize(
    ("now", "id_"),
    [(NOW + 10 * DAY, "certificate-expired"), (NOW - 2 * DAY, "certificate-not-yet-valid"), (NOW, "")],
)
def test_its_time_is_checked(key: rsa.RSAPrivateKey, now: datetime.datetime, id_: str) -> None:
    read = read_pfx(pfx_of(key, certify(key)))
    if not id_:
        read.check(now)
        return
    with pytest.raises(CredentialNeeded) as caught:
        read.check(now)
    assert caught.value.id == id_
    assert "2026-" in caught.value.message


def test_an_empty_secret_is_told() -> None:
    assert ids(lambda: ClientSecret(Secret("")).check(NOW)) == "empty-secret"


def test_a_hostile_name_in_a_certificate_stays_on_its_line(key: rsa.RSAPrivateKey) -> None:
    read = read_pem(Secret(key_pem(key)), pem_of(certify(key, "a\r\nb\x1b[2J" + "c" * 40)))
    assert read.subject.isprintable()


def test_the_private_key_does_not_print(key: rsa.RSAPrivateKey, tmp_path: Path) -> None:
    read = read_pem(Secret(key_pem(key)), pem_of(certify(key)))
    assert "PRIVATE" not in repr(read)
    assert ClientSecret(Secret("abc-secret")).fingerprint() != ClientSecret(Secret("abc-secret2")).fingerprint()
    assert "abc-secret" not in repr(ClientSecret(Secret("abc-secret")))
