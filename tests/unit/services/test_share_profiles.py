"""What a colleague’s file may change here: profiles as chosen, and never where a secret of ours is sent."""

import datetime
from pathlib import Path

import keyring.errors
import pytest

from memory_keyring import MemoryKeyring
from relaywright.bootstrap import Services
from relaywright.domain.errors import KeyringUnavailable
from relaywright.domain.profile import RelayProfile, with_fields
from relaywright.domain.secret import Secret, SecretKind
from relaywright.services.credentials import Kept
from relaywright.services.share_profiles import Action, OpenedBundle, Taken
from relaywright.sharing.bundle import Bundle, SharedProfile
from relaywright.sharing.incoming import Choice, compare
from relaywright.store.records import SignInRecord

NOW = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)


@pytest.fixture
def scanner(services: Services) -> RelayProfile:
    profile = services.profiles.draft("Scanner", {"username": "scan@contoso.com"})
    services.profiles.add(profile)
    services.credentials.set_secret(profile, Secret("our own password"))
    services.store.remember_sign_in(SignInRecord(profile.id, "oid.tid", "scan@contoso.com", "tid", NOW))
    return profile


def taken(services: Services, profile: RelayProfile, choice: Choice, secret: str = "") -> Taken:
    secrets = {SecretKind.PASSWORD: Secret(secret)} if secret else {}
    bundle = Bundle((SharedProfile(profile, secrets),), NOW)
    opened = OpenedBundle(Path("x"), NOW, "", tuple(compare(bundle, services.profiles.list())))
    (result,) = services.sharing.take(opened, {profile.id: choice})
    return result


def entry(memory_keyring: MemoryKeyring, profile: RelayProfile) -> str | None:
    return memory_keyring.entries.get((f"relaywright/{profile.id}", "password"))


@pytest.mark.parametrize("change", [{"host": "smtp.attacker.example"}, {"port": "2525"}, {"cloud": "gcc-high"}])
def test_a_file_that_leads_a_profile_elsewhere_is_not_sent_our_secret(
    services: Services, memory_keyring: MemoryKeyring, scanner: RelayProfile, change: dict[str, str]
) -> None:
    result = taken(services, with_fields(scanner, change), Choice.REPLACE)
    assert (result.action, result.secret_removed) == (Action.REPLACED, True)
    assert services.credentials.kept(scanner) is Kept.NOWHERE
    assert services.credentials.account(scanner) is None

    services.profiles.undo()
    assert services.profiles.get(scanner.id) == scanner
    assert entry(memory_keyring, scanner) == "our own password"
    assert services.credentials.account(scanner) is not None


def test_the_same_holds_for_a_profile_with_only_the_name_of_ours(services: Services, scanner: RelayProfile) -> None:
    stranger = RelayProfile(name="scanner", host="smtp.attacker.example", username="scan@contoso.com")
    assert taken(services, stranger, Choice.REPLACE).secret_removed
    assert services.credentials.kept(scanner) is Kept.NOWHERE


def test_a_change_that_leads_nowhere_else_leaves_the_secret(
    services: Services, memory_keyring: MemoryKeyring, scanner: RelayProfile
) -> None:
    result = taken(services, with_fields(scanner, {"notes": "third floor", "from_name": "Scanner"}), Choice.REPLACE)
    assert (result.action, result.secret_removed) == (Action.REPLACED, False)
    assert entry(memory_keyring, scanner) == "our own password"
    assert services.credentials.account(scanner) is not None


def test_with_a_keyring_that_cannot_be_asked_nothing_is_led_elsewhere(
    services: Services, memory_keyring: MemoryKeyring, scanner: RelayProfile
) -> None:
    memory_keyring.fault = keyring.errors.KeyringLocked("locked")
    with pytest.raises(KeyringUnavailable):
        taken(services, with_fields(scanner, {"host": "smtp.attacker.example"}), Choice.REPLACE)
    memory_keyring.fault = None
    assert services.profiles.get(scanner.id) == scanner
    assert entry(memory_keyring, scanner) == "our own password"


def test_a_secret_that_came_along_takes_the_place_of_ours_and_undo_brings_ours_back(
    services: Services, memory_keyring: MemoryKeyring, scanner: RelayProfile
) -> None:
    result = taken(services, with_fields(scanner, {"host": "smtp.new.example"}), Choice.REPLACE, "the new password")
    assert not result.secret_removed
    assert entry(memory_keyring, scanner) == "the new password"
    services.profiles.undo()
    assert entry(memory_keyring, scanner) == "our own password"


def test_undo_leaves_no_secret_of_a_profile_that_was_added(services: Services, memory_keyring: MemoryKeyring) -> None:
    incoming = RelayProfile(name="From Ada", host="smtp.office365.com", username="ada@contoso.com")
    assert taken(services, incoming, Choice.KEEP, "Ada’s password").action is Action.ADDED
    assert entry(memory_keyring, incoming) == "Ada’s password"
    services.profiles.undo()
    assert services.profiles.list() == []
    assert memory_keyring.entries == {}


def test_a_renamed_one_stands_beside_ours(
    services: Services, memory_keyring: MemoryKeyring, scanner: RelayProfile
) -> None:
    result = taken(services, with_fields(scanner, {"host": "smtp.other.example"}), Choice.RENAME)
    assert (result.name, result.action) == ("Scanner (2)", Action.RENAMED)
    assert entry(memory_keyring, scanner) == "our own password"
    assert services.profiles.get(scanner.id) == scanner
