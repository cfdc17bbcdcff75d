"""What the Sign-in page says of each way of signing in."""

import dataclasses
import datetime

import pytest

from relaywright.domain.finding import Level
from relaywright.domain.profile import Auth, RelayProfile, with_fields
from relaywright.gui.models.sign_in_words import WAITING, SignInSeen, tell
from relaywright.services.credentials import SignInResult
from relaywright.store.records import SignInRecord, SignInWay
from relaywright.vault.vault import KeyringState, KeyringStateKind

NOW = datetime.datetime.now(datetime.UTC)
READY = KeyringState(KeyringStateKind.READY, "GNOME Keyring")
ACCOUNT = SignInRecord("p", "home", "scan@contoso.example", "contoso.onmicrosoft.com", NOW)


def profile(username: str = "scan@contoso.example", **changes: str) -> RelayProfile:
    texts = {
        "auth": "oauth",
        "username": username,
        "tenant": "contoso.onmicrosoft.com",
        "client_id": "6f1d8a9e-0f0b-4f2e-9c2a-3d1a4f5b6c7d",
    }
    return with_fields(RelayProfile("Scanner", id="p"), texts | changes)


def test_nobody_is_signed_in() -> None:
    told = tell(profile(), SignInSeen(None, READY), waiting=None, result=None)
    assert told.headline == "Nobody is signed in yet"
    assert told.finding is None


def test_the_account_is_named_with_its_age_and_the_tokens_end() -> None:
    now = datetime.datetime.now(datetime.UTC)  # NOW is minutes ago when all tests run
    account = dataclasses.replace(ACCOUNT, signed_in_at=now)
    result = SignInResult(account, now + datetime.timedelta(hours=1), other_account=False)
    told = tell(profile(), SignInSeen(account, READY), waiting=None, result=result)
    assert told.headline == "scan@contoso.example is signed in"
    assert "just now" in told.detail
    assert "renewed by itself" in told.detail


def test_another_account_than_the_mailbox_is_said_not_condemned() -> None:
    told = tell(profile("office@contoso.example"), SignInSeen(ACCOUNT, READY), waiting=None, result=None)
    assert told.finding is not None
    assert told.finding.level is Level.INFO, "it is how a shared mailbox is opened"


def test_upper_and_lower_case_make_no_other_account() -> None:
    told = tell(profile("Scan@Contoso.example"), SignInSeen(ACCOUNT, READY), waiting=None, result=None)
    assert told.finding is None


@pytest.mark.parametrize("field", ["tenant", "client_id"])
def test_a_missing_field_is_named(field: str) -> None:
    told = tell(profile(**{field: ""}), SignInSeen(None, READY), waiting=None, result=None)
    assert told.finding is not None
    assert told.finding.field == field


def test_waiting_says_what_to_do_when_no_page_opened() -> None:
    told = tell(profile(), None, waiting=WAITING[SignInWay.BROWSER], result=None)
    assert "copy the address" in told.detail


@pytest.mark.parametrize(
    ("auth", "words"),
    [(Auth.NONE, "does not sign in"), (Auth.PASSWORD, "Signs in as"), (Auth.OAUTH_APP, "The application")],
)
def test_every_other_way_has_its_headline(auth: Auth, words: str) -> None:
    told = tell(RelayProfile("Scanner", auth=auth, username="scan@contoso.example"), None, waiting=None, result=None)
    assert words in told.headline
