"""A test send and a check against the practice relay: what is reported, kept and explained, and what is refused."""

import json
from pathlib import Path

import pytest

from memory_keyring import MemoryKeyring
from person_at_browser import PersonAtBrowser
from relaywright.bootstrap import Services
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, CredentialNeeded, FieldError, InputError, RelaywrightError
from relaywright.domain.finding import Level
from relaywright.domain.profile import RelayProfile
from relaywright.domain.reply import FailureKind
from relaywright.domain.secret import Secret
from relaywright.practice.practice import Practice
from relaywright.services.report import Report, report_document
from relaywright.services.send_test import SendOptions
from relaywright.smtp.events import Event

PASSWORD = Secret("Practice-Scanner-1")
OFFICE = "office@practice.example"


def silent(_event: Event) -> None:
    """Nobody watches."""


@pytest.fixture
def scanner(services: Services, practice: Practice) -> RelayProfile:
    place = practice.start()
    profile = services.profiles.draft(
        "Scanner",
        {
            "host": place.host,
            "port": str(place.smtp_port),
            "ca_file": str(place.ca_file),
            "username": "scanner@practice.example",
            "recipient": OFFICE,
        },
    )
    services.profiles.add(profile)
    services.credentials.set_secret(profile, PASSWORD)
    return profile


def changed(services: Services, profile: RelayProfile, **texts: str) -> RelayProfile:
    result = services.profiles.change(profile, texts)
    services.profiles.update(result)
    return result


def send(services: Services, profile: RelayProfile, *recipients: str) -> Report:
    return services.tests.send(profile, SendOptions(recipients), silent, CancelToken())


def check(services: Services, profile: RelayProfile) -> Report:
    return services.tests.check(profile, silent, CancelToken())


def test_a_sent_message_is_reported_and_kept(services: Services, scanner: RelayProfile, practice: Practice) -> None:
    report = send(services, scanner)
    assert (report.outcome.ok, report.explanation, report.kept) == (True, None, True)
    (message,) = practice.received
    assert message.recipients == (OFFICE,)
    (run,) = services.history.runs(scanner.id)
    assert run.report == json.loads(json.dumps(report_document(report)))


def test_recipients_of_one_test_are_normalised_and_counted_once(
    services: Services, scanner: RelayProfile, practice: Practice
) -> None:
    send(services, scanner, OFFICE, " office@PRACTICE.example ", "alex@practice.example")
    (message,) = practice.received
    assert message.recipients == (OFFICE, "alex@practice.example")


@pytest.mark.parametrize("recipient", ["nobody", "a@b.com>\r\nRCPT TO:<c@d.com", "a@b.com, c@d.com"])
def test_a_wrong_recipient_contacts_nobody(
    services: Services, scanner: RelayProfile, practice: Practice, recipient: str
) -> None:
    with pytest.raises(FieldError, match="recipient"):
        send(services, scanner, recipient)
    assert practice.received == []
    assert services.history.runs(scanner.id) == []


def test_nobody_to_send_to_is_said(services: Services, scanner: RelayProfile) -> None:
    with pytest.raises(FieldError, match="nobody to send"):
        send(services, changed(services, scanner, recipient=""))


def test_a_check_lists_what_it_saw(services: Services, scanner: RelayProfile, practice: Practice) -> None:
    report = check(services, scanner)
    assert [finding.id for finding in report.findings if finding.level is Level.OK] == [
        "server-answers",
        "encrypted",
        "sign-ins-offered",
        "size-limit",
        "signed-in",
        "addresses",
    ]
    assert report.outcome.ok
    assert practice.received == []
    assert services.history.runs(scanner.id)[0].report["findings"]


def test_a_check_that_is_refused_has_an_error_among_its_findings(services: Services, scanner: RelayProfile) -> None:
    profile = changed(services, scanner, username="smtp-auth-disabled-tenant@practice.example")
    report = check(services, profile)
    assert not report.outcome.ok
    (fault,) = [finding for finding in report.findings if finding.level is Level.ERROR]
    assert fault.id == "smtp-auth-disabled-tenant"
    assert fault.steps


def test_a_profile_that_another_window_removes_meanwhile_keeps_its_answer(
    services: Services, scanner: RelayProfile
) -> None:
    def remove(_event: Event) -> None:
        services.store.delete(scanner.id)

    report = services.tests.check(scanner, remove, CancelToken())
    assert (report.outcome.ok, report.kept) == (True, False)


def test_fields_that_do_not_fit_are_findings_of_a_check_and_stop_a_send(
    services: Services, scanner: RelayProfile
) -> None:
    profile = changed(services, scanner, security="none")
    report = check(services, profile)
    assert report.explanation is not None
    assert (report.outcome.ok, report.outcome.phases, report.explanation.id) == (False, (), "credentials-in-clear")
    assert "credentials-in-clear" in [finding.id for finding in report.findings]
    with pytest.raises(InputError, match="security"):
        send(services, profile)


def test_a_ca_file_that_is_not_there_or_may_have_no_such_name_is_input(
    services: Services, scanner: RelayProfile, tmp_path: Path
) -> None:
    for path in (str(tmp_path / "gone.pem"), "x" * 3000, str(tmp_path)):
        profile = changed(services, scanner, ca_file=path)
        for run in (send, check):
            with pytest.raises(InputError) as refused:
                run(services, profile)
            assert refused.value.id == "ca-file-missing"


def test_a_stored_password_is_needed(services: Services, scanner: RelayProfile) -> None:
    services.credentials.forget_secret(scanner)
    with pytest.raises(CredentialNeeded):
        send(services, scanner)


def test_a_cancelled_send_leaves_no_run(services: Services, scanner: RelayProfile) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        services.tests.send(scanner, SendOptions(), silent, token)
    assert services.history.runs(scanner.id) == []


def test_a_history_that_cannot_be_written_does_not_take_the_answer_away(
    services: Services, scanner: RelayProfile, practice: Practice
) -> None:
    services.store._connection.execute("PRAGMA query_only = ON")
    report = send(services, scanner)
    assert (report.outcome.ok, report.kept) == (True, False)
    assert len(practice.received) == 1


def test_an_endpoint_that_dns_does_not_know_is_the_from_domains_fault(services: Services) -> None:
    profile = services.profiles.draft(
        "Direct", {"method": "direct-send", "from": "a@no-such-domain.invalid", "recipient": "b@no-such-domain.invalid"}
    )
    services.profiles.add(profile)
    report = send(services, profile)
    assert report.unanswered
    assert report.outcome.failure is not None
    assert report.explanation is not None
    # Where the resolver itself is out of reach there is no verdict on the domain.
    assert report.outcome.failure.kind in {FailureKind.NO_MX, FailureKind.NAME_NO_ANSWER}
    assert "<host>" not in " ".join(report.explanation.steps)


def test_a_lab_clouds_ca_file_and_port_are_used(
    tmp_path: Path, memory_keyring: MemoryKeyring, practice: Practice
) -> None:
    place = practice.start()
    folder = tmp_path / "lab"
    folder.mkdir()
    (folder / "clouds.toml").write_text(
        f"""[cloud.lab]
name = "Lab"
smtp_host = "{place.host}"
smtp_port = {place.smtp_port}
authority = "https://localhost:9"
scope_delegated = "https://outlook.office.com/SMTP.Send"
scope_app = "https://outlook.office365.com/.default"
mx_suffixes = []
ca_file = '{place.ca_file}'
""",
        encoding="utf-8",
    )
    lab = Services(folder)
    profile = lab.profiles.draft("Lab", {"cloud": "lab", "username": "scanner@practice.example", "recipient": OFFICE})
    lab.profiles.add(profile)
    lab.credentials.set_secret(profile, PASSWORD)
    assert send(lab, profile).outcome.ok
    lab.close()
    (folder / "clouds.toml").unlink()
    without = Services(folder)
    with pytest.raises(RelaywrightError, match="lab"):
        send(without, profile)
    renamed = without.profiles.change(profile, {"notes": "its cloud is described elsewhere"})
    assert renamed.cloud == "lab"
    without.close()


def test_a_token_for_graph_is_seen_before_sign_in_and_is_shown_to_no_mail_server(
    tmp_path: Path, memory_keyring: MemoryKeyring, practice: Practice
) -> None:
    place = practice.start()
    folder = tmp_path / "graph"
    folder.mkdir()
    clouds = place.clouds_file.read_text(encoding="utf-8")
    (folder / "clouds.toml").write_text(
        clouds.replace("https://outlook.office.com/SMTP.Send", "https://graph.microsoft.com/SMTP.Send"),
        encoding="utf-8",
    )
    built = Services(folder)
    try:
        profile = built.profiles.draft(
            "Wrong resource",
            {
                "cloud": "practice",
                "auth": "oauth",
                "tenant": place.tenant,
                "client_id": place.client_id,
                "username": "scanner@practice.example",
                "recipient": OFFICE,
            },
        )
        built.profiles.add(profile)
        person = PersonAtBrowser("scanner@practice.example", PASSWORD.reveal())
        built.credentials.sign_in(profile, person.open, CancelToken(), time_limit_s=30)
        person.done()
        for report in (check(built, profile), send(built, profile)):
            assert not report.outcome.ok
            assert report.outcome.transcript == ()
            assert report.explanation is not None
            assert report.explanation.id == "token-wrong-resource"
            assert "Microsoft Graph" in report.explanation.cause
        assert [run.kind for run in built.history.runs(profile.id)] == ["send", "check"]
        assert practice.received == []
    finally:
        built.close()
