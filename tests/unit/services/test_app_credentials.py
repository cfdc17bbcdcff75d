"""What an application signs in with: stored, told of without the keyring, replaced, and used for a real token."""

import datetime
from collections.abc import Iterator
from pathlib import Path

import keyring.errors
import pytest

from memory_keyring import MemoryKeyring
from relaywright.bootstrap import Services
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import CredentialNeeded, InputError, KeyringUnavailable
from relaywright.domain.profile import Method, RelayProfile
from relaywright.domain.secret import Secret, SecretKind, SecretRef
from relaywright.practice.practice import Practice, PracticeAddresses
from relaywright.services.app_credentials import CertificateFiles
from relaywright.services.credentials import Kept
from relaywright.sharing.incoming import Choice
from relaywright.smtp.plan import TokenCredential
from relaywright.store.records import CredentialRecord

CERTIFICATE = SecretKind.CLIENT_CERTIFICATE


@pytest.fixture
def practised(tmp_path: Path, memory_keyring: MemoryKeyring, addresses: PracticeAddresses) -> Iterator[Services]:
    folder = tmp_path / "practised"
    folder.mkdir()
    (folder / "clouds.toml").write_bytes(addresses.clouds_file.read_bytes())
    built = Services(folder)
    yield built
    built.close()


@pytest.fixture
def profile(practised: Services, addresses: PracticeAddresses) -> RelayProfile:
    drafted = practised.profiles.draft(
        "Service",
        {
            "cloud": "practice",
            "auth": "oauth-app",
            "tenant": addresses.tenant,
            "client_id": addresses.services[0].application.client_id,
            "username": "office@practice.example",
        },
    )
    practised.profiles.add(drafted)
    return drafted


def record_of(services: Services, profile: RelayProfile) -> CredentialRecord:
    record = services.app_credentials.record(profile)
    assert record is not None
    return record


def files_of(addresses: PracticeAddresses, kind: str) -> CertificateFiles:
    service = addresses.services[0]
    assert service.pfx_file is not None
    assert service.certificate_file is not None
    if kind == "pfx":
        return CertificateFiles(service.pfx_file, passphrase=Secret(str(service.as_json()["pfx_password"])))
    return CertificateFiles(service.certificate_file)


@pytest.mark.parametrize("kind", ["pem", "pfx"])
def test_a_certificate_is_stored_sealed_and_gets_a_token(
    practised: Services,
    profile: RelayProfile,
    addresses: PracticeAddresses,
    memory_keyring: MemoryKeyring,
    practice: Practice,
    kind: str,
) -> None:
    stored = practised.app_credentials.set_certificate(profile, files_of(addresses, kind))
    assert not stored.for_run_only
    assert "PRIVATE KEY" not in stored.public_pem
    assert len(stored.record.thumbprint) == 40
    assert practised.credentials.kept(profile) is Kept.KEYRING
    sealed = (practised.data_dir / "keys.bin").read_bytes()
    assert b"PRIVATE KEY" not in sealed
    assert all("PRIVATE KEY" not in value for value in memory_keyring.entries.values())

    again = Services(practised.data_dir)  # the next start
    try:
        credential = again.credentials.for_session(profile, CancelToken())
        assert isinstance(credential, TokenCredential)
        assert credential.username == "office@practice.example"
        assert again.credentials.look_at_token(profile).fits
        assert again.app_credentials.public_certificate(profile) == stored.public_pem
    finally:
        again.close()


def test_what_is_known_of_it_needs_no_keyring(
    practised: Services, profile: RelayProfile, addresses: PracticeAddresses, memory_keyring: MemoryKeyring
) -> None:
    practised.app_credentials.set_certificate(profile, files_of(addresses, "pem"))
    memory_keyring.fault = keyring.errors.KeyringLocked("locked")
    record = record_of(practised, profile)
    assert record.kind is CERTIFICATE
    assert record.ends_at is not None
    assert record.ends_at > datetime.datetime.now(datetime.UTC)
    assert "practice" in record.subject.lower()


def test_a_secret_takes_the_certificates_place_and_the_other_way_round(
    practised: Services, profile: RelayProfile, addresses: PracticeAddresses
) -> None:
    practised.app_credentials.set_certificate(profile, files_of(addresses, "pem"))
    ends_on = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=90)
    secret = Secret(addresses.services[0].application.secret)
    practised.credentials.set_secret(profile, secret, ends_on=ends_on)
    assert practised.vault.get(SecretRef(profile.id, CERTIFICATE)) is None
    record = record_of(practised, profile)
    assert (record.kind, record.ends_at and record.ends_at.date()) == (SecretKind.CLIENT_SECRET, ends_on)
    assert isinstance(practised.credentials.for_session(profile), TokenCredential)

    practised.app_credentials.set_certificate(profile, files_of(addresses, "pem"))
    assert practised.vault.get(SecretRef(profile.id, SecretKind.CLIENT_SECRET)) is None
    assert record_of(practised, profile).kind is CERTIFICATE

    assert practised.credentials.forget_secret(profile)
    assert practised.app_credentials.record(profile) is None
    with pytest.raises(CredentialNeeded) as missing:
        practised.credentials.for_session(profile)
    assert missing.value.id == "no-secret"


def test_a_certificate_made_here_never_shows_its_key(practised: Services, profile: RelayProfile) -> None:
    stored = practised.app_credentials.make_certificate(profile, 30)
    assert "PRIVATE KEY" not in stored.public_pem
    assert stored.record.subject == "CN=Relaywright Service"
    assert stored.record.ends_at is not None
    left = stored.record.ends_at - datetime.datetime.now(datetime.UTC)
    assert datetime.timedelta(days=29) < left <= datetime.timedelta(days=30)
    with pytest.raises(CredentialNeeded) as unknown:  # the practice tenant has another one registered
        practised.credentials.for_session(profile)
    assert "AADSTS700027" in unknown.value.message


@pytest.mark.parametrize("days", [0, -1, 5_000])
def test_a_life_that_is_none_is_refused(practised: Services, profile: RelayProfile, days: int) -> None:
    with pytest.raises(InputError) as refused:
        practised.app_credentials.make_certificate(profile, days)
    assert refused.value.id == "certificate-life"
    assert practised.app_credentials.record(profile) is None


def test_without_a_keyring_it_is_refused_or_kept_for_this_run(
    practised: Services, profile: RelayProfile, addresses: PracticeAddresses, memory_keyring: MemoryKeyring
) -> None:
    memory_keyring.fault = keyring.errors.NoKeyringError("none")
    files = files_of(addresses, "pem")
    with pytest.raises(KeyringUnavailable):
        practised.app_credentials.set_certificate(profile, files)
    assert practised.app_credentials.record(profile) is None
    stored = practised.app_credentials.set_certificate(profile, files, session_if_unavailable=True)
    assert stored.for_run_only
    assert practised.credentials.kept(profile) is Kept.SESSION
    assert not (practised.data_dir / "keys.bin").exists()
    assert practised.app_credentials.credential(profile).fingerprint()


@pytest.mark.parametrize(
    ("content", "passphrase", "error"),
    [
        (b"", "", "certificate-unreadable"),
        (b"no certificate at all", "", "certificate-unreadable"),
        (b"-----BEGIN CERTIFICATE-----\nnonsense", "", "certificate-no-key"),
        (b"-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----", "", "certificate-unreadable"),
        (b"x" * 300_000, "", "certificate-too-big"),
    ],
)
def test_a_file_that_is_none_changes_nothing(
    practised: Services, profile: RelayProfile, tmp_path: Path, content: bytes, passphrase: str, error: str
) -> None:
    file = tmp_path / "file.pem"
    file.write_bytes(content)
    with pytest.raises(InputError) as refused:
        practised.app_credentials.set_certificate(profile, CertificateFiles(file, None, Secret(passphrase)))
    assert refused.value.id == error
    assert practised.app_credentials.record(profile) is None
    assert practised.credentials.kept(profile) is Kept.NOWHERE


def test_a_wrong_pfx_password_is_told(practised: Services, profile: RelayProfile, addresses: PracticeAddresses) -> None:
    pfx = addresses.services[0].pfx_file
    assert pfx is not None
    for passphrase, error in ((None, "certificate-passphrase-needed"), (Secret("no"), "certificate-wrong-passphrase")):
        with pytest.raises(InputError) as refused:
            practised.app_credentials.set_certificate(profile, CertificateFiles(pfx, None, passphrase))
        assert refused.value.id == error


def test_a_missing_file_and_a_profile_of_a_person_are_told(
    practised: Services, profile: RelayProfile, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        practised.app_credentials.set_certificate(profile, CertificateFiles(tmp_path / "none.pem"))
    person = practised.profiles.change(profile, {"auth": "oauth"})
    with pytest.raises(InputError) as refused:
        practised.app_credentials.make_certificate(person)
    assert refused.value.id == "not-an-application"


def test_a_secret_that_has_ended_already_is_not_stored(practised: Services, profile: RelayProfile) -> None:
    with pytest.raises(InputError) as refused:
        practised.credentials.set_secret(profile, Secret("s"), ends_on=datetime.date(2020, 1, 1))
    assert refused.value.id == "secret-expired"
    assert practised.credentials.kept(profile) is Kept.NOWHERE


def test_a_removed_profiles_certificate_comes_back_with_undo(
    practised: Services, profile: RelayProfile, addresses: PracticeAddresses
) -> None:
    practised.app_credentials.set_certificate(profile, files_of(addresses, "pem"))
    known = record_of(practised, profile)
    practised.profiles.remove(profile.id)
    assert practised.store.credentials() == []
    assert practised.vault.get(SecretRef(profile.id, CERTIFICATE)) is None
    practised.profiles.undo()
    assert record_of(practised, profile) == known
    assert isinstance(practised.credentials.for_session(profile), TokenCredential)


def test_a_certificate_travels_to_a_colleague_when_asked(
    practised: Services, profile: RelayProfile, addresses: PracticeAddresses, tmp_path: Path
) -> None:
    practised.app_credentials.set_certificate(profile, files_of(addresses, "pem"))
    bundle, passphrase = tmp_path / "one.relaywright", Secret("a long enough passphrase")
    assert practised.sharing.share([profile.id], bundle, passphrase, with_secrets=True).secrets == 1
    other = Services(tmp_path / "other")
    try:
        other.sharing.take(other.sharing.open(bundle, passphrase), {})
        (taken,) = other.profiles.list()
        assert record_of(other, taken).thumbprint == record_of(practised, profile).thumbprint
        assert other.vault.get(SecretRef(taken.id, CERTIFICATE)) == practised.vault.get(
            SecretRef(profile.id, CERTIFICATE)
        )
        # Once more over a changed profile with a secret of its own: undo brings back what was known of that one.
        other.credentials.set_secret(taken, Secret("theirs"))
        before = other.app_credentials.record(taken)
        other.profiles.update(other.profiles.change(taken, {"notes": "changed here"}))
        other.sharing.take(other.sharing.open(bundle, passphrase), {taken.id: Choice.REPLACE})
        assert record_of(other, taken).kind is CERTIFICATE
        other.profiles.undo()
        assert other.app_credentials.record(taken) == before
    finally:
        other.close()


def test_a_stored_token_without_its_permission_is_not_trusted_for_an_hour(
    practised: Services, profile: RelayProfile, addresses: PracticeAddresses
) -> None:
    """The administrator may have consented a minute ago: only a new token can tell."""
    able, unable = (service.application for service in addresses.services)
    tokens = {}
    for application in (able, unable):
        changed = practised.profiles.change(profile, {"client_id": application.client_id})
        practised.profiles.update(changed)
        practised.credentials.set_secret(changed, Secret(application.secret))
        seen = [practised.credentials.for_session(changed) for _ in range(2)]
        assert all(isinstance(item, TokenCredential) for item in seen)
        tokens[application.client_id] = {item.token.reveal() for item in seen if isinstance(item, TokenCredential)}
    assert len(tokens[able.client_id]) == 1
    assert len(tokens[unable.client_id]) == 2


@pytest.mark.parametrize(
    ("method", "cloud", "scope"),
    [
        ("client-submission", "worldwide", "https://outlook.office365.com/.default"),
        ("hve", "worldwide", "https://outlook.office.com/.default"),
        ("acs", "worldwide", "https://communication.azure.com/.default"),
        ("client-submission", "gcc-high", "https://outlook.office365.us/.default"),
        ("acs", "practice", "https://outlook.office365.com/.default"),
    ],
)
def test_an_application_asks_for_its_methods_own_scope(
    practised: Services, method: str, cloud: str, scope: str
) -> None:
    catalog = practised.catalog
    assert catalog.app_scope(Method(method), catalog.cloud(cloud)) == scope
