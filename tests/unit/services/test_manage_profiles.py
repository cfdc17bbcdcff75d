"""Profiles are kept, searched, copied and removed, and every step can be taken back."""

import datetime
from pathlib import Path

import keyring.errors
import pytest

from memory_keyring import MemoryKeyring
from relaywright.bootstrap import Services
from relaywright.domain.errors import FieldError, InputError, UnknownProfile
from relaywright.domain.finding import Level
from relaywright.domain.profile import Auth, Method, RelayProfile, Security
from relaywright.domain.secret import Secret
from relaywright.services.credentials import Kept
from relaywright.services.manage_profiles import require_sound
from relaywright.store.records import Run


def added(services: Services, name: str = "Scanner", **fields: str) -> RelayProfile:
    profile = services.profiles.draft(name, {"username": "scan@contoso.com", **fields})
    services.profiles.add(profile)
    return profile


def test_what_is_left_out_takes_the_methods_default(services: Services) -> None:
    submission = services.profiles.draft("a", {"username": "scan@contoso.com"})
    assert (submission.host, submission.port, submission.security) == ("smtp.office365.com", 587, Security.STARTTLS)
    assert submission.sender == "scan@contoso.com"
    direct = services.profiles.draft("b", {"method": "direct-send", "from": "a@contoso.com"})
    assert (direct.method, direct.host, direct.port, direct.auth) == (Method.DIRECT_SEND, "", 25, Auth.NONE)
    government = services.profiles.draft("c", {"cloud": "gcc-high"})
    assert government.host == "smtp.office365.us"


def test_a_wrong_draft_keeps_nothing(services: Services) -> None:
    for texts in ({"port": "99999"}, {"method": "fax"}, {"cloud": "mars"}, {"colour": "red"}):
        with pytest.raises(InputError):
            services.profiles.draft("x", texts)
    with pytest.raises(FieldError):
        services.profiles.draft("  ", {})
    assert services.profiles.list() == []


def test_search_wants_every_word_somewhere(services: Services) -> None:
    added(services, "Scanner", tags="floor 2", folder="Lyon")
    added(services, "NAS", folder="Lyon")
    assert [item.name for item in services.profiles.list("lyon FLOOR")] == ["Scanner"]
    assert [item.name for item in services.profiles.list("lyon")] == ["NAS", "Scanner"]
    assert services.profiles.list("nowhere") == []


def test_an_unknown_name_suggests_its_neighbour(services: Services) -> None:
    added(services, "Scanner, 2nd floor")
    with pytest.raises(UnknownProfile) as refused:
        services.profiles.by_name("scaner 2nd floor")
    assert "Scanner, 2nd floor" in refused.value.hint


def test_a_copy_has_its_own_identity_and_no_secret(services: Services) -> None:
    profile = added(services)
    services.credentials.set_secret(profile, Secret("pw"))
    copy = services.profiles.copy(profile.id, "Copy")
    assert copy.id != profile.id
    assert services.credentials.kept(copy) is Kept.NOWHERE


def test_removing_takes_the_secret_and_undo_brings_all_back(services: Services, memory_keyring: MemoryKeyring) -> None:
    profile = added(services)
    services.credentials.set_secret(profile, Secret("pw"))
    now = datetime.datetime.now(datetime.UTC)
    services.store.record(Run(profile.id, "send", now, True, 1.0, "first", {}))
    services.store.record(Run(profile.id, "send", now, False, 1.0, "second", {}))
    services.profiles.remove(profile.id)
    assert services.profiles.list() == []
    assert memory_keyring.entries == {}
    assert services.profiles.undo() == "removing “Scanner”"
    assert services.profiles.get(profile.id) == profile
    assert [run.title for run in services.history.runs(profile.id)] == ["second", "first"]
    assert services.credentials.kept(profile) is Kept.KEYRING


def test_removing_works_with_a_locked_keyring(services: Services, memory_keyring: MemoryKeyring) -> None:
    profile = added(services)
    services.credentials.set_secret(profile, Secret("pw"))
    memory_keyring.fault = keyring.errors.KeyringLocked("locked")
    services.profiles.remove(profile.id)
    assert services.profiles.list() == []
    assert services.profiles.undo() is not None
    assert services.profiles.get(profile.id) == profile


def test_changes_are_taken_back_one_by_one(services: Services) -> None:
    profile = added(services)
    services.profiles.update(services.profiles.change(profile, {"port": "25"}))
    services.profiles.rename(profile.id, "Printer")
    assert services.profiles.undo() == "the change of “Scanner”"
    assert services.profiles.get(profile.id).name == "Scanner"
    services.profiles.undo()
    assert services.profiles.get(profile.id).port == 587
    services.profiles.undo()
    assert services.profiles.list() == []
    assert services.profiles.undo() is None


def test_an_undo_that_cannot_be_done_can_be_tried_again(services: Services) -> None:
    profile = added(services)
    services.profiles.remove(profile.id)
    services.store.save(RelayProfile(name="SCANNER"))
    with pytest.raises(InputError):
        services.profiles.undo()
    assert services.profiles.can_undo


def test_a_missing_ca_file_and_an_unknown_cloud_are_faults(services: Services, tmp_path: Path) -> None:
    profile = services.profiles.draft("x", {"username": "a@contoso.com", "ca_file": str(tmp_path / "gone.pem")})
    faults = {finding.id: finding for finding in services.profiles.faults(profile)}
    assert faults["ca-file-missing"].level is Level.ERROR
    with pytest.raises(InputError, match="ca_file"):
        require_sound(list(faults.values()))


def test_a_free_name_gets_a_number(services: Services) -> None:
    added(services, "Scanner")
    added(services, "scanner 2")
    assert services.profiles.free_name("Scanner") == "Scanner 3"
    assert services.profiles.free_name("Other") == "Other"


def test_taking_back_an_added_profile_takes_its_secret_too(services: Services, memory_keyring: MemoryKeyring) -> None:
    profile = added(services)
    services.credentials.set_secret(profile, Secret("pw"))
    services.profiles.undo()
    assert memory_keyring.entries == {}
