"""What a check says of its session: clock, certificate, size and sign-ins, from what the server showed."""

import dataclasses
import datetime
import email.utils

import pytest

from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.services.session_findings import session_findings
from relaywright.smtp.events import CertificateFacts, Line, Outcome, Phase, PhaseName, Speaker, TlsFacts

NOW = datetime.datetime.now(datetime.UTC)
PROFILE = RelayProfile("Scanner")


def greeted(text: str, **more: object) -> Outcome:
    outcome = Outcome(
        ok=True,
        message_id="",
        tls=None,
        authenticated=None,
        reply=None,
        failure=None,
        phases=(Phase(PhaseName.GREETING, 0.0, 1.0, ok=True),),
        round_trips=2,
        transcript=(Line(0.0, Speaker.NOTE, "localhost is 127.0.0.1"), Line(1.0, Speaker.SERVER, text)),
    )
    return dataclasses.replace(outcome, **more)  # type: ignore[arg-type]  # fields by name


def found(outcome: Outcome, profile: RelayProfile = PROFILE) -> dict[str, Finding]:
    return {finding.id: finding for finding in session_findings(profile, outcome, None)}


def stamped(minutes: float) -> str:
    at = email.utils.format_datetime(datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=minutes))
    return f"220 SC1PR80CA0174.outlook.office365.com Microsoft ESMTP MAIL Service ready at {at} [08DD]"


@pytest.mark.parametrize(
    ("minutes", "words"), [(-60, "60 minutes ahead of"), (60, "60 minutes behind"), (-6, "6 minutes ahead of")]
)
def test_a_wrong_clock_is_seen_in_the_greeting(minutes: float, words: str) -> None:
    clock = found(greeted(stamped(minutes)))["clock-wrong"]
    assert clock.level is Level.WARNING
    assert words in clock.title
    assert clock.steps


@pytest.mark.parametrize(
    "text",
    [
        "220 mail.contoso.example ESMTP Postfix",
        "220 x ready at Mon, 99 Mar 2023 18:17:53 +0000",
        "220 x ready at Mon, 27 Foo 2023 18:17:53 +0000",
        "220 x ready at Mon, 27 Mar 2023 18:17:53 -0000",
        "220 x ready at Mon, 27 Mar 9999 18:17:53 +9999",
    ],
)
def test_a_right_or_unreadable_time_is_no_finding(text: str) -> None:
    assert set(found(greeted(text))) == {"server-answers"}


@pytest.mark.parametrize(("days", "warned"), [(3, True), (20, True), (60, False)])
def test_a_certificate_that_ends_soon_is_warned_of(days: int, warned: bool) -> None:
    certificate = CertificateFacts(
        "CN=outlook.com", "CN=DigiCert Cloud Services CA-1", NOW, NOW + datetime.timedelta(days=days, hours=1), (), True
    )
    shown = found(greeted(stamped(0), tls=TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", certificate)))
    assert ("certificate-ends" in shown) is warned
    assert "issued by CN=DigiCert Cloud Services CA-1" in shown["encrypted"].detail
    if warned:
        assert f"in {days} days" in shown["certificate-ends"].title


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (("SIZE 157286400",), "Messages of up to 150 MB are taken"),
        (("size 36700160",), "Messages of up to 35 MB are taken"),
        (("SIZE 0",), ""),
        (("SIZE",), ""),
        (("SIZE lots",), ""),
    ],
)
def test_the_size_limit_is_the_servers(lines: tuple[str, ...], title: str) -> None:
    shown = found(greeted(stamped(0), server_limits=lines))
    assert (shown["size-limit"].title if "size-limit" in shown else "") == title


def test_offered_sign_ins_are_listed_and_none_is_right_where_none_is_used() -> None:
    assert (
        "LOGIN XOAUTH2" in found(greeted(stamped(0), server_limits=("AUTH LOGIN XOAUTH2",)))["sign-ins-offered"].title
    )
    anonymous = dataclasses.replace(PROFILE, auth=Auth.NONE)
    assert "no-sign-in-offered" in found(greeted(stamped(0), server_limits=("PIPELINING",)), anonymous)
    assert "no-sign-in-offered" not in found(greeted(stamped(0), server_limits=("PIPELINING",)))


@pytest.mark.parametrize("minutes", [0, 4])
def test_a_clock_that_is_right_is_no_finding(minutes: float) -> None:
    assert set(found(greeted(stamped(minutes)))) == {"server-answers"}
