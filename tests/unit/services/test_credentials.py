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
from relaywright.store.records import SignInWay

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


def test_how_a_sign_in_stands_is_remembered(practised: Services, practice: Practice) -> None:
    profile = oauth_profile(practised, practice)
    second = oauth_profile(practised, practice, "Second")
    for one in (profile, second):
        sign_in(practised, one)
    record = practised.credentials.account(profile)
    assert record is not None
    assert (record.via, record.renewed_at, record.ended_at) == (SignInWay.BROWSER, None, None)

    practised.credentials.for_session(profile)  # a stored token asks nobody, and renews nothing
    assert practised.credentials.account(profile) == record
    practised.credentials.for_session(profile, renew=True)
    for one in (profile, second):  # they share the sign-in
        renewed = practised.credentials.account(one)
        assert renewed is not None
        assert renewed.renewed_at is not None
        assert renewed.last_good_at == renewed.renewed_at


def test_a_sign_in_that_the_service_ended_says_since_when_until_it_is_good_again(
    practised: Services, practice: Practice
) -> None:
    profile = oauth_profile(practised, practice)
    sign_in(practised, profile)
    practice.tokens.revoke(SCANNER)
    for _ in range(2):
        with pytest.raises(CredentialNeeded):
            practised.credentials.for_session(profile, renew=True)
    record = practised.credentials.account(profile)
    assert record is not None
    assert record.ended_at is not None
    assert "AADSTS" in record.ended_why
    first = record.ended_at
    with pytest.raises(CredentialNeeded):
        practised.credentials.for_session(profile, renew=True)
    again = practised.credentials.account(profile)
    assert again is not None
    assert again.ended_at == first

    sign_in(practised, profile)
    good = practised.credentials.account(profile)
    assert good is not None
    assert (good.ended_at, good.ended_why) == (None, "")


def test_the_account_of_a_shared_mailbox_signs_in_and_the_mailbox_is_opened(
    practised: Services, practice: Practice
) -> None:
    profile = practised.profiles.change(
        oauth_profile(practised, practice), {"account": "alex@practice.example", "username": "office@practice.example"}
    )
    practised.profiles.update(profile)
    person = PersonAtBrowser("alex@practice.example", "Practice-Alex-1")
    result = practised.credentials.sign_in(profile, person.open, CancelToken(), time_limit_s=30)
    person.done()
    assert not result.other_account
    credential = practised.credentials.for_session(profile)
    assert isinstance(credential, TokenCredential)
    assert credential.username == "office@practice.example"
    view = practised.credentials.look_at_token(profile)
    assert view.fits
    assert {finding.id for finding in view.findings} == {"token-fits", "token-other-mailbox"}
    wrong = practised.profiles.change(profile, {"account": "accounts@practice.example"})
    assert "token-wrong-account" in {item.id for item in practised.credentials.look_at_token(wrong).findings}
