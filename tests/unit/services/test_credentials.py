"""Secrets and sign-ins of profiles: where they go, when they are gone, and what a session gets."""

from collections.abc import Iterator
from pathlib import Path

import keyring.errors
import pytest

from memory_keyring import MemoryKeyring
from person_at_browser import PersonAtBrowser
from relaywright.bootstrap import Services
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, CredentialNeeded, InputError, KeyringUnavailable, RelaywrightError
from relaywright.domain.profile import RelayProfile
from relaywright.domain.secret import Secret
from relaywright.practice.practice import Practice
from relaywright.services.credentials import Kept
from relaywright.smtp.plan import PasswordCredential, TokenCredential

SCANNER = "scanner@practice.example"


@pytest.fixture
def practised(tmp_path: Path, memory_keyring: MemoryKeyring, practice: Practice) -> Iterator[Services]:
    """Services whose clouds.toml describes the practice, as an administrator describes a lab."""
    place = practice.start()
    folder = tmp_path / "practised"
    folder.mkdir()
    (folder / "clouds.toml").write_bytes(place.clouds_file.read_bytes())
    built = Services(folder)
    yield built
    built.close()


def oauth_profile(services: Services, practice: Practice, name: str = "OAuth") -> RelayProfile:
    place = practice.start()
    profile = services.profiles.draft(
        name,
        {
            "cloud": "practice",
            "auth": "oauth",
            "tenant": place.tenant,
            "client_id": place.client_id,
            "username": SCANNER,
            "recipient": SCANNER,
        },
    )
    services.profiles.add(profile)
    return profile


def password_profile(services: Services) -> RelayProfile:
    profile = services.profiles.draft("Scanner", {"username": "scan@contoso.com"})
    services.profiles.add(profile)
    return profile


def sign_in(services: Services, profile: RelayProfile, account: str = SCANNER) -> str:
    password = {SCANNER: "Practice-Scanner-1", "alex@practice.example": "Practice-Alex-1"}[account]
    person = PersonAtBrowser(account, password)
    result = services.credentials.sign_in(profile, person.open, CancelToken(), time_limit_s=30)
    person.done()
    assert result.kept_for_run_only is None
    return result.account.username


def test_a_secret_is_kept_used_and_forgotten(services: Services) -> None:
    profile = password_profile(services)
    assert services.credentials.kept(profile) is Kept.NOWHERE
    assert services.credentials.set_secret(profile, Secret("pw")) is Kept.KEYRING
    credential = services.credentials.for_session(profile)
    assert isinstance(credential, PasswordCredential)
    assert (credential.username, credential.password.reveal()) == ("scan@contoso.com", "pw")
    assert services.credentials.forget_secret(profile)
    assert not services.credentials.forget_secret(profile)
    with pytest.raises(CredentialNeeded):
        services.credentials.for_session(profile)


def test_an_empty_secret_and_one_that_is_not_needed_are_refused(services: Services) -> None:
    profile = password_profile(services)
    with pytest.raises(InputError, match="empty"):
        services.credentials.set_secret(profile, Secret(""))
    for auth in ("oauth", "none"):
        other = services.profiles.change(profile, {"auth": auth})
        with pytest.raises(InputError, match="without a stored secret"):
            services.credentials.set_secret(other, Secret("pw"))
        assert services.credentials.kept(other) is Kept.NOT_NEEDED


def test_a_locked_keyring_is_told_or_memory_is_used_when_wanted(
    services: Services, memory_keyring: MemoryKeyring
) -> None:
    profile = password_profile(services)
    memory_keyring.fault = keyring.errors.KeyringLocked("locked")
    with pytest.raises(KeyringUnavailable):
        services.credentials.set_secret(profile, Secret("pw"))
    with pytest.raises(KeyringUnavailable):
        services.credentials.kept(profile)
    assert services.credentials.kept_quietly(profile) is Kept.NOWHERE
    assert services.credentials.set_secret(profile, Secret("pw"), session_if_unavailable=True) is Kept.SESSION
    credential = services.credentials.for_session(profile)
    assert isinstance(credential, PasswordCredential)


def test_a_sign_in_survives_a_restart_and_ends_with_signing_out(practised: Services, practice: Practice) -> None:
    profile = oauth_profile(practised, practice)
    with pytest.raises(CredentialNeeded):
        practised.credentials.for_session(profile)
    assert sign_in(practised, profile) == SCANNER
    restarted = Services(practised.data_dir)
    credential = restarted.credentials.for_session(profile)
    assert isinstance(credential, TokenCredential)
    assert credential.username == SCANNER
    assert restarted.credentials.sign_out(profile)
    assert not restarted.credentials.sign_out(profile)
    with pytest.raises(CredentialNeeded):
        restarted.credentials.for_session(profile)
    restarted.close()


def test_tokens_stay_while_another_profile_uses_the_account(practised: Services, practice: Practice) -> None:
    first, second = oauth_profile(practised, practice, "First"), oauth_profile(practised, practice, "Second")
    sign_in(practised, first)
    sign_in(practised, second)
    practised.credentials.sign_out(first)
    assert isinstance(practised.credentials.for_session(second), TokenCredential)


def test_another_account_than_the_profiles_user_is_told(practised: Services, practice: Practice) -> None:
    profile = oauth_profile(practised, practice)
    person = PersonAtBrowser("alex@practice.example", "Practice-Alex-1")
    result = practised.credentials.sign_in(profile, person.open, CancelToken(), time_limit_s=30)
    person.done()
    assert result.other_account


def test_a_sign_in_can_be_cancelled_while_it_waits(practised: Services, practice: Practice) -> None:
    profile = oauth_profile(practised, practice)
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        practised.credentials.sign_in(profile, lambda _address: cancel.cancel(), cancel, time_limit_s=30)
    assert practised.credentials.account(profile) is None


def test_only_profiles_that_sign_in_with_oauth_are_signed_in(services: Services) -> None:
    profile = password_profile(services)
    incomplete = services.profiles.change(profile, {"auth": "oauth"})
    for other in (profile, incomplete):
        with pytest.raises(RelaywrightError) as refused:
            services.credentials.sign_in(other, lambda _address: None, CancelToken())
        assert refused.value.id in {"not-oauth", "tenant-missing"}


def test_no_secret_and_no_token_lies_in_the_data_folder(practised: Services, practice: Practice) -> None:
    profile = oauth_profile(practised, practice)
    sign_in(practised, profile)
    credential = practised.credentials.for_session(profile)
    assert isinstance(credential, TokenCredential)
    needle = credential.token.reveal().encode()[:40]
    for path in practised.data_dir.rglob("*"):
        assert not path.is_file() or needle not in path.read_bytes(), path
