"""The main job in the terminal, call by call, against the practice relay; and what a secret leaves behind: nothing."""

import base64
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from relaywright.practice.practice import Practice
from terminal_calls import APP, TIME_LIMIT_S, Relaywright

PASSWORD = "Practice-Scanner-1"
SCANNER = "scanner@practice.example"


@pytest.fixture
def scanner(relaywright: Relaywright, practice: Practice) -> str:
    """A profile for the practice relay."""
    place = practice.start()
    added = relaywright(
        "profile",
        "add",
        "Scanner",
        f"host={place.host}",
        f"port={place.smtp_port}",
        f"ca_file={place.ca_file}",
        f"username={SCANNER}",
        "recipient=office@practice.example",
    )
    assert added.code == 0, added.err
    return "Scanner"


def test_a_test_message_arrives_and_its_document_keeps_the_contract(
    relaywright: Relaywright,
    scanner: str,
    practice: Practice,
    tmp_path: Path,
) -> None:
    transcript = tmp_path / "talk.txt"
    sent = relaywright(
        "--json", "send", scanner, "--stdin", "--subject", "Grüße", "--transcript", str(transcript), stdin=PASSWORD
    )
    assert sent.code == 0, sent.err
    document = sent.document
    assert document["ok"] is True
    assert document["authenticated"] == {"mechanism": "LOGIN", "code": 235}
    assert document["tls"]["version"] == "TLSv1.3"
    assert document["tls"]["certificate"]["trusted"] is True
    assert document["explanation"] is None
    assert [phase["name"] for phase in document["phases"]] == [
        "resolve", "connect", "greeting", "ehlo", "tls", "ehlo", "auth", "envelope", "data", "quit",
    ]  # fmt: skip
    assert document["message_id"].startswith("<")
    assert {line["from"] for line in document["transcript"]} == {"server", "client", "note"}
    (message,) = practice.received
    assert (message.sender, message.signed_in_as) == (SCANNER, SCANNER)
    assert document["message_id"].encode() in message.content
    assert "235" in transcript.read_text(encoding="utf-8")


def test_a_refusal_is_explained_and_ends_with_1(relaywright: Relaywright, scanner: str) -> None:
    relaywright("profile", "set", scanner, "username=smtp-auth-disabled-mailbox@practice.example")
    refused = relaywright("--json", "send", scanner, "--stdin", stdin="anything")
    assert refused.code == 1
    explanation = refused.document["explanation"]
    assert explanation["id"] == "smtp-auth-disabled-mailbox"
    assert "'smtp-auth-disabled-mailbox@practice.example'" in explanation["powershell"]
    assert refused.document["reply"]["enhanced"] == "5.7.139"
    assert refused.document["reply"]["command"] == "AUTH"
    assert refused.document["authenticated"] is None
    history = relaywright("history", scanner, "--json").document
    assert [(run["kind"], run["ok"]) for run in history] == [("send", False)]
    assert history[0]["report"]["explanation"]["id"] == "smtp-auth-disabled-mailbox"


def test_a_check_signs_in_and_sends_nothing(relaywright: Relaywright, scanner: str, practice: Practice) -> None:
    checked = relaywright("--json", "check", scanner, "--stdin", stdin=PASSWORD)
    assert checked.code == 0
    assert checked.document["authenticated"]["code"] == 235
    assert "message_id" not in checked.document
    assert practice.received == []


@pytest.mark.parametrize(
    ("fields", "code", "explanation"),
    [
        (["host=no-such-host.invalid"], 5, ("name-not-found", "name-no-answer")),
        (["port=1"], 1, ("connection-refused",)),
        (["ca_file="], 1, ("certificate-untrusted", "certificate-self-signed")),
    ],
)
def test_what_fails_below_smtp_is_explained(
    relaywright: Relaywright,
    scanner: str,
    fields: list[str],
    code: int,
    explanation: tuple[str, ...],
) -> None:
    relaywright("profile", "set", scanner, *fields)
    failed = relaywright("--json", "send", scanner, "--stdin", stdin=PASSWORD)
    assert failed.code == code, failed.out
    assert failed.document["failure"]["kind"] in explanation
    assert failed.document["explanation"]["steps"]
    assert PASSWORD not in failed.out + failed.err


def test_an_unreadable_ca_file_is_input(relaywright: Relaywright, scanner: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    relaywright("profile", "set", scanner, f"ca_file={broken}")
    failed = relaywright("send", scanner, "--stdin", stdin=PASSWORD)
    assert failed.code == 2
    assert len(failed.err.strip().splitlines()) == 1
    assert "broken.pem" in failed.err


def test_without_a_stored_secret_or_a_keyring_nobody_is_waited_for(
    relaywright: Relaywright,
    scanner: str,
) -> None:
    assert relaywright("send", scanner).code == 4
    assert relaywright("secret", "set", scanner).code == 3
    assert relaywright("secret", "set", scanner, "--stdin", stdin="x").code == 4
    assert relaywright("secret", "status", scanner, "--json").code == 4


def test_the_secret_is_nowhere_afterwards(
    relaywright: Relaywright,
    scanner: str,
    isolated_home: Path,
) -> None:
    canary = "Canary-7f3a-secret"
    for verb in ("send", "check"):
        answer = relaywright("--json", verb, scanner, "--stdin", stdin=canary)
        assert answer.code == 1
        assert canary not in answer.out + answer.err
    relaywright("export", scanner, "msmtp", "--out", str(isolated_home / "out"))
    files = [path for path in isolated_home.rglob("*") if path.is_file()]
    assert any(path.name == "relaywright.db" for path in files)
    needles = (canary.encode(), base64.b64encode(canary.encode()), canary.encode("utf-16-le"))
    for path in files:
        content = path.read_bytes()
        assert not any(needle in content for needle in needles), path


def test_ctrl_c_ends_a_hanging_send_with_130(relaywright: Relaywright, isolated_home: Path) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    port = silent.getsockname()[1]
    relaywright(
        "profile", "add", "Silent", "host=127.0.0.1", f"port={port}", f"username={SCANNER}", f"recipient={SCANNER}"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "relaywright", "send", "Silent", "--stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(APP)},
    )
    assert process.stdin
    process.stdin.write("pw\n")
    process.stdin.flush()
    connection, _ = silent.accept()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIME_LIMIT_S)
    connection.close()
    silent.close()
    assert process.returncode == 130, err
    assert out == ""
    assert err.strip().splitlines()[-1] == "relaywright: Interrupted."


def test_the_tour_does_every_step(relaywright: Relaywright, isolated_home: Path) -> None:
    done = relaywright("--data-dir", str(isolated_home / "tour"), "tour")
    assert done.code == 0, done.out + done.err
    assert "SMTP AUTH is turned off for the whole organisation" in done.out
    assert "Every step did what it should." in done.out
