"""What is read when, what a new profile begins with, and what is said of endings on which day."""

import datetime
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from relaywright.catalog.catalog import Catalog, values_of
from relaywright.domain.errors import DamagedFile
from relaywright.domain.finding import Level
from relaywright.domain.profile import Auth, Method, RelayProfile, with_fields
from relaywright.domain.profile_rules import faults

ROOT = Path(__file__).parents[3]
RESOURCES = ROOT / "resources"
CATALOG = Catalog.load(RESOURCES)


def test_only_what_is_asked_for_is_read(tmp_path: Path) -> None:
    (tmp_path / "facts").mkdir()
    shutil.copy(RESOURCES / "facts" / "clouds.toml", tmp_path / "facts")
    catalog = Catalog.load(tmp_path)
    assert "worldwide" in catalog.clouds
    with pytest.raises(DamagedFile, match=r"replies\.toml"):
        _ = catalog.replies


def test_importing_the_catalogue_loads_nothing_heavy() -> None:
    code = (
        "import sys, relaywright.catalog.catalog;"
        "print([name for name in ('tomllib', 'ssl', 'socket', 'msal', 'PySide6') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "app", capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("cloud", ["worldwide", "gcc-high", "dod", "21vianet"])
def test_the_defaults_of_every_method_are_sound(method: Method, cloud: str) -> None:
    profile = with_fields(RelayProfile("p"), CATALOG.new_profile_texts(method, cloud))
    profile = with_fields(
        profile, {"from": "a@contoso.com", "username": "a@contoso.com" if profile.auth is not Auth.NONE else ""}
    )
    wrong = [fault.id for fault in faults(profile) if fault.level is Level.ERROR]
    assert wrong == (["host-missing"] if method is Method.CUSTOM else [])


def test_client_submission_takes_the_host_of_its_cloud() -> None:
    assert CATALOG.new_profile_texts(Method.CLIENT_SUBMISSION, "gcc-high")["host"] == "smtp.office365.us"
    assert CATALOG.new_profile_texts(Method.DIRECT_SEND, "gcc-high")["host"] == ""


def test_values_of_a_profile_leave_out_what_it_does_not_have() -> None:
    profile = RelayProfile("p", username="acs.app.tenant", sender="scan@contoso.com", auth=Auth.OAUTH)
    values = values_of(profile)
    assert values["mailbox"] == "scan@contoso.com"
    assert values["domain"] == "contoso.com"
    assert values["auth"] == "oauth"
    assert "client_id" not in values


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (datetime.date(2026, 11, 23), "from the end of December 2026"),
        (datetime.date(2026, 12, 31), "from the end of December 2026"),
        (datetime.date(2027, 1, 1), "since the end of December 2026"),
        (datetime.date(2027, 7, 1), "may be announced by now"),
        (datetime.date(2031, 1, 1), "may be announced by now"),
    ],
)
def test_the_end_of_the_password_is_told_as_of_that_day(day: datetime.date, words: str) -> None:
    notices = CATALOG.notices(RelayProfile("p"), day)
    assert [notice.id for notice in notices] == ["client-submission-basic"]
    assert words in notices[0].title
    assert notices[0].level is Level.WARNING
    assert "2026-01-29" in notices[0].detail


def test_high_volume_email_by_password_ends_later_and_is_told_softly_until_then() -> None:
    profile = RelayProfile("p", method=Method.HVE)
    assert CATALOG.notices(profile, datetime.date(2026, 11, 23))[0].level is Level.INFO
    assert CATALOG.notices(profile, datetime.date(2028, 9, 1))[0].level is Level.WARNING


@pytest.mark.parametrize(
    "profile",
    [
        RelayProfile("p", auth=Auth.OAUTH),
        RelayProfile("p", method=Method.CUSTOM, host="mail.contoso.com"),
        RelayProfile("p", method=Method.CONNECTOR, auth=Auth.NONE),
    ],
)
def test_who_is_not_concerned_hears_nothing(profile: RelayProfile) -> None:
    assert CATALOG.notices(profile, datetime.date(2026, 11, 23)) == []


def test_an_old_host_name_is_told() -> None:
    profile = RelayProfile("p", method=Method.HVE, auth=Auth.OAUTH_APP, host="smtp-hve.office365.com")
    assert [notice.id for notice in CATALOG.notices(profile, datetime.date(2026, 11, 23))] == ["hve-old-host"]
