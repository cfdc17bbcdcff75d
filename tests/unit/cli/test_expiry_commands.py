"""``expiries``: exit codes for monitoring, keys for scripts, a calendar file, one clear line for each wrong call."""

import datetime
from pathlib import Path

import pytest
from icalendar import Calendar

from relaywright import bootstrap, paths
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.domain.secret import SecretKind
from relaywright.store.records import CredentialRecord
from terminal_calls import Relaywright

KEYS = {
    "profile", "profile_id", "kind", "what", "state", "ends_at", "ends_on", "days_left", "since", "why", "who",
    "steps", "sources", "checked", "sureness",
}  # fmt: skip


@pytest.fixture
def ends(isolated_home: Path) -> None:
    """Three applications: a secret that ends in 50 days, one nobody knows of, a certificate good for a year."""
    now = datetime.datetime.now(datetime.UTC)
    with bootstrap.opened(paths.data_dir(None)) as services:
        for name, kind, days in (
            ("Scanner", SecretKind.CLIENT_SECRET, 50),
            ("NAS", SecretKind.CLIENT_SECRET, None),
            ("ERP", SecretKind.CLIENT_CERTIFICATE, 365),
        ):
            profile = RelayProfile(name, auth=Auth.OAUTH_APP)
            services.profiles.add(profile)
            until = now + datetime.timedelta(days=days) if days is not None else None
            services.store.remember_credential(CredentialRecord(profile.id, kind, now, until, "CN=a\x1b[2J", "A1"))


def end_now(name: str) -> None:
    now = datetime.datetime.now(datetime.UTC)
    with bootstrap.opened(paths.data_dir(None)) as services:
        profile = services.profiles.by_name(name)
        record = CredentialRecord(profile.id, SecretKind.CLIENT_SECRET, now, now - datetime.timedelta(days=2))
        services.store.remember_credential(record)


@pytest.mark.usefixtures("ends")
def test_the_exit_code_says_whether_somebody_must_do_something(relaywright: Relaywright) -> None:
    assert relaywright("expiries").code == 0
    assert relaywright("expiries", "--within", "60").code == 1
    assert relaywright("expiries", "--within", "40").code == 0
    end_now("NAS")
    plain = relaywright("expiries")
    assert plain.code == 1
    assert "ended" in plain.out
    assert "since 2 days" in plain.out
    assert "Whose move: Application administrator." in plain.out
    assert relaywright("expiries", "--profile", "erp").code == 0


@pytest.mark.usefixtures("ends")
def test_the_json_has_every_key_and_null_for_what_nobody_knows(relaywright: Relaywright) -> None:
    document = relaywright("expiries", "--json").document
    assert [(item["profile"], item["state"]) for item in document] == [
        ("NAS", "unknown"),
        ("Scanner", "good"),
        ("ERP", "good"),
    ]
    assert all(set(item) == KEYS for item in document)
    assert (document[0]["ends_at"], document[0]["ends_on"], document[0]["days_left"]) == (None, None, None)
    assert document[1]["days_left"] == 50
    within = relaywright("expiries", "--within", "60", "--json").document
    assert [item["profile"] for item in within] == ["Scanner"]


@pytest.mark.usefixtures("ends")
def test_no_subject_of_a_certificate_controls_the_terminal(relaywright: Relaywright) -> None:
    assert "\x1b" not in relaywright("expiries").out


@pytest.mark.usefixtures("ends")
def test_the_calendar_file_is_written_once_and_replaced_only_on_demand(
    relaywright: Relaywright, tmp_path: Path
) -> None:
    path = tmp_path / "ends.ics"
    answer = relaywright("expiries", "--ics", str(path), "--json")
    assert (answer.code, len(answer.document)) == (0, 3)
    assert len(Calendar.from_ical(path.read_bytes()).events) == 2
    again = relaywright("expiries", "--ics", str(path), "--json")
    assert (again.code, again.document["error"]["id"]) == (2, "file-exists")
    assert relaywright("expiries", "--ics", str(path), "--overwrite").code == 0
    nothing = relaywright("expiries", "--profile", "NAS", "--ics", str(tmp_path / "none.ics"), "--json")
    assert (nothing.code, nothing.document["error"]["id"]) == (2, "nothing-to-remember")
    assert not (tmp_path / "none.ics").exists()


def test_without_any_it_is_well(relaywright: Relaywright) -> None:
    assert relaywright("expiries", "--json").document == []
    assert relaywright("expiries").code == 0


@pytest.mark.parametrize(
    ("options", "error_id"),
    [
        (["--within", "-1"], "usage"),
        (["--within", "soon"], "usage"),
        (["--within", "99999999999999999999"], "usage"),
        (["--profile", "nobody"], "unknown-profile"),
    ],
)
def test_a_wrong_call_is_told(relaywright: Relaywright, options: list[str], error_id: str) -> None:
    answer = relaywright("expiries", *options, "--json")
    assert (answer.code, answer.document["error"]["id"]) == (2, error_id)
