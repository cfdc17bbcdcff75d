"""What a bundle would change, and what each choice comes to."""

import dataclasses
import datetime

import pytest

from relaywright.domain.profile import MAX_NAME_LENGTH, RelayProfile
from relaywright.domain.secret import Secret, SecretKind
from relaywright.sharing.bundle import Bundle, SharedProfile, for_sharing
from relaywright.sharing.incoming import Choice, Conflict, Incoming, compare, free_name, resolve

NOW = datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC)
HERE = RelayProfile("Scanner", host="smtp.office365.com", ca_file="/here/ca.pem", id="here")
OTHER = RelayProfile("Printer", id="other")


def met(profile: RelayProfile, *here: RelayProfile) -> Incoming:
    (incoming,) = compare(Bundle((SharedProfile(profile),), NOW), here or (HERE, OTHER))
    return incoming


def test_a_new_profile_is_in_nobodys_way() -> None:
    incoming = met(RelayProfile("New", id="new"))
    assert (incoming.conflict, incoming.existing, incoming.in_the_way) == (Conflict.NONE, None, False)
    for choice in Choice:
        assert resolve(incoming, choice, ["Scanner", "Printer"]) == incoming.profile


def test_the_same_profile_is_recognised_by_its_id_and_nothing_is_done() -> None:
    incoming = met(for_sharing(HERE))
    assert (incoming.conflict, incoming.existing, incoming.differences) == (Conflict.SAME, HERE, ())
    assert not incoming.in_the_way
    assert resolve(incoming, Choice.KEEP, ["Scanner"]) is None
    assert resolve(incoming, Choice.REPLACE, ["Scanner"]) is None


def test_a_changed_profile_tells_what_differs() -> None:
    incoming = met(dataclasses.replace(for_sharing(HERE), port=25, name="Scanner 2"))
    assert incoming.conflict is Conflict.CHANGED
    assert incoming.in_the_way
    assert incoming.differences == ("name", "port")
    assert [(change.label, change.here, change.incoming) for change in incoming.changes] == [
        ("Name", "Scanner", "Scanner 2"),
        ("Port", "587", "25"),
    ]


def test_replacing_keeps_the_id_and_what_is_never_shared() -> None:
    incoming = met(dataclasses.replace(for_sharing(HERE), port=25))
    assert resolve(incoming, Choice.REPLACE, ["Scanner", "Printer"]) == dataclasses.replace(HERE, port=25)


def test_keeping_leaves_what_is_here() -> None:
    assert resolve(met(dataclasses.replace(HERE, port=25)), Choice.KEEP, ["Scanner"]) is None


def test_renaming_makes_a_second_profile_with_an_id_of_its_own() -> None:
    stored = resolve(met(dataclasses.replace(for_sharing(HERE), port=25)), Choice.RENAME, ["Scanner", "Printer"])
    assert stored is not None
    assert (stored.name, stored.port, stored.ca_file) == ("Scanner (2)", 25, "")
    assert stored.id != HERE.id


def test_another_profile_of_the_name_is_a_conflict_also_by_case() -> None:
    incoming = met(RelayProfile("SCANNER", id="new"))
    assert incoming.conflict is Conflict.NAME
    renamed = resolve(incoming, Choice.RENAME, ["Scanner"])
    assert renamed is not None
    assert (renamed.name, renamed.id) == ("SCANNER (2)", "new")
    replaced = resolve(incoming, Choice.REPLACE, ["Scanner"])
    assert replaced is not None
    assert (replaced.name, replaced.id, replaced.ca_file) == ("SCANNER", "here", "/here/ca.pem")


def test_the_id_decides_before_the_name() -> None:
    incoming = met(dataclasses.replace(for_sharing(HERE), name="Printer"))
    assert incoming.existing == HERE
    replaced = resolve(incoming, Choice.REPLACE, ["Scanner", "Printer"])
    assert replaced is not None
    assert (replaced.id, replaced.name) == ("here", "Printer (2)"), "the third profile keeps its name"


def test_secrets_travel_with_what_is_compared() -> None:
    shared = SharedProfile(HERE, {SecretKind.PASSWORD: Secret("s")})
    (incoming,) = compare(Bundle((shared,), NOW), [])
    assert incoming.secrets == shared.secrets


@pytest.mark.parametrize(
    ("name", "taken", "free"),
    [
        ("A", [], "A"),
        ("A", ["b"], "A"),
        ("A", ["a"], "A (2)"),
        ("A", ["A", "a (2)"], "A (3)"),
        ("x" * MAX_NAME_LENGTH, ["x" * MAX_NAME_LENGTH], "x" * (MAX_NAME_LENGTH - 4) + " (2)"),
    ],
)
def test_a_free_name_is_close_to_the_wished_one(name: str, taken: list[str], free: str) -> None:
    assert free_name(name, taken) == free
