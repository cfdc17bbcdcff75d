"""The real msmtp sends with the exported file, and the practice relay has the message."""

import dataclasses
import datetime
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from real import mail_export
from real.mail_export import MESSAGE, RECIPIENT, exporter, submission_profile
from relaywright.catalog.catalog import Catalog
from relaywright.domain.profile import Auth, RelayProfile, Security
from relaywright.domain.secret import Secret
from relaywright.exporting.exporter import PASSWORD_PLACEHOLDER
from relaywright.practice.practice import Practice
from relaywright.practice.tokens import RESOURCE, SCOPE, Grant

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="msmtp runs on Unix"),
    pytest.mark.skipif(shutil.which("msmtp") is None, reason="msmtp is not installed (Debian package msmtp)"),
]

AUTH_FAILED, TLS_FAILED, CONFIG_WRONG = 77, 69, 78


def export(profile: RelayProfile, folder: Path, secret: Secret | None, answers: dict[str, str] | None = None) -> Path:
    export = exporter()
    files = export.preview("msmtp", profile, secret, today=datetime.date(2026, 11, 23), answers=answers)
    (written,) = export.write(files, folder)
    return written.path


def msmtp(config: Path, *options: str, message: bytes = MESSAGE) -> "subprocess.CompletedProcess[bytes]":
    command = ["msmtp", "-C", str(config), *options, "--", RECIPIENT]
    return subprocess.run(command, input=message, capture_output=True, check=False, timeout=60)


def password_of(practice: Practice) -> Secret:
    return Secret(practice.start().users[0].password)


def test_the_exported_file_sends_with_a_password(practice: Practice, tmp_path: Path) -> None:
    run = msmtp(export(submission_profile(practice), tmp_path, password_of(practice)))
    assert (run.returncode, run.stderr) == (0, b"")
    (message,) = practice.received
    assert message.signed_in_as == message.sender == "scanner@practice.example"
    assert (message.mechanism, message.recipients) == ("LOGIN", (RECIPIENT,))
    assert message.ehlo_name == "scanner.practice.example"
    assert b"Subject: from the export" in message.content
    assert b"root@localhost" not in message.content, "From is the profile's address, whatever the program wrote"


def test_the_exported_file_sends_with_oauth(practice: Practice, tmp_path: Path) -> None:
    where = practice.start()
    token = practice.tokens.access(Grant(where.users[0], where.client_id, (f"{RESOURCE}/{SCOPE}",)))
    token_file = tmp_path / "the token's file"
    token_file.write_text(token)
    answers = {"token_command": f'cat "{token_file}"'}
    run = msmtp(export(submission_profile(practice, Auth.OAUTH), tmp_path / "out", None, answers))
    assert (run.returncode, run.stderr) == (0, b"")
    (message,) = practice.received
    assert (message.mechanism, message.signed_in_as) == ("XOAUTH2", "scanner@practice.example")


def test_a_refused_token_sends_nothing(practice: Practice, tmp_path: Path) -> None:
    run = msmtp(export(submission_profile(practice, Auth.OAUTH), tmp_path, None, {"token_command": "echo nonsense"}))
    assert run.returncode == AUTH_FAILED
    assert practice.received == []


def test_an_awkward_password_arrives_as_it_is(tmp_path: Path, catalog: Catalog) -> None:
    resources = mail_export.resources_with_awkward_password(tmp_path / "resources")
    with Practice(tmp_path / "practice", catalog, resources=resources) as practice:
        secret = Secret(mail_export.AWKWARD_PASSWORD)
        run = msmtp(export(submission_profile(practice), tmp_path / "out", secret))
        assert (run.returncode, run.stderr) == (0, b"")
        assert len(practice.received) == 1


def test_a_password_command_replaces_the_password(practice: Practice, tmp_path: Path) -> None:
    password = password_of(practice).reveal()
    config = export(submission_profile(practice), tmp_path, None, {"password_command": f"printf %s '{password}'"})
    assert PASSWORD_PLACEHOLDER not in config.read_text()
    assert msmtp(config).returncode == 0
    assert len(practice.received) == 1


def test_a_program_cannot_choose_another_sender(practice: Practice, tmp_path: Path) -> None:
    run = msmtp(export(submission_profile(practice), tmp_path, password_of(practice)), "-f", "boss@practice.example")
    assert run.returncode == 0
    assert practice.received[0].sender == "scanner@practice.example"


def test_the_placeholder_is_accepted_by_msmtp_and_refused_by_the_service(practice: Practice, tmp_path: Path) -> None:
    config = export(submission_profile(practice), tmp_path, None)
    assert msmtp(config, "--pretend").returncode == 0
    run = msmtp(config)
    assert run.returncode == AUTH_FAILED
    assert b"535" in run.stderr
    assert practice.received == []


def test_a_wrong_password_sends_nothing(practice: Practice, tmp_path: Path) -> None:
    run = msmtp(export(submission_profile(practice), tmp_path, Secret("wrong")))
    assert run.returncode == AUTH_FAILED
    assert practice.received == []


def test_an_untrusted_server_gets_no_password(practice: Practice, tmp_path: Path) -> None:
    profile = dataclasses.replace(submission_profile(practice), ca_file="")
    run = msmtp(export(profile, tmp_path, password_of(practice)), "--debug")
    assert run.returncode == TLS_FAILED
    assert b"certificate" in run.stderr
    assert b"AUTH LOGIN" not in run.stdout
    assert practice.received == []


def test_tls_from_the_first_byte(practice: Practice, tmp_path: Path) -> None:
    port = practice.start().smtps_port
    profile = dataclasses.replace(submission_profile(practice), port=port, security=Security.TLS)
    run = msmtp(export(profile, tmp_path, password_of(practice)))
    assert (run.returncode, run.stderr) == (0, b"")
    assert len(practice.received) == 1


def test_direct_send_without_a_sign_in(practice: Practice, tmp_path: Path) -> None:
    run = msmtp(export(mail_export.endpoint_profile(practice), tmp_path, None))
    assert (run.returncode, run.stderr) == (0, b"")
    (message,) = practice.received
    assert (message.endpoint, message.mechanism) == ("mx", "")
