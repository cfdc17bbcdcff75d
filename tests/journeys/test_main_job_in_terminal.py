"""The main job in the terminal, call by call, against the practice relay; and what a secret leaves behind: nothing."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from relaywright.practice.practice import Practice
from terminal_calls import APP, TIME_LIMIT_S, Relaywright, start_relaywright

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


@pytest.mark.skipif(os.name == "nt", reason="SIGINT is sent as POSIX does")
@pytest.mark.parametrize("call", [["sign-in", "OAuth", "--no-browser"], ["practice"], ["explain"]])
def test_ctrl_c_ends_whatever_waits(relaywright: Relaywright, practice: Practice, call: list[str]) -> None:
    add_oauth_profile(relaywright, practice)
    process = start_relaywright(*call, "--json")
    assert process.stderr
    assert process.stdout
    if call == ["explain"]:
        wait_until_reading(process)
    elif call == ["practice"]:
        assert json.loads(process.stdout.readline())["smtp_port"]
    else:
        while "http://" not in process.stderr.readline():
            assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=TIME_LIMIT_S)
    assert "Traceback" not in err
    if call == ["practice"]:
        assert (process.returncode, out) == (0, "")
    else:
        assert process.returncode == 130
        assert json.loads(out)["error"]["id"] == "cancelled"


@pytest.mark.skipif(os.name == "nt", reason="BROWSER names a POSIX command here")
def test_a_browser_program_that_waits_and_talks_spoils_nothing(
    relaywright: Relaywright, practice: Practice, tmp_path: Path
) -> None:
    add_oauth_profile(relaywright, practice)
    browser = tmp_path / "browser"
    tests = Path(__file__).resolve().parents[1]
    browser.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(tests)!r})\n"
        "from person_at_browser import PersonAtBrowser\n"
        f"print('talking', flush=True)\nperson = PersonAtBrowser({SCANNER!r}, {PASSWORD!r})\n"
        "person.open(sys.argv[1])\nperson.done()\n"
    )
    browser.chmod(0o755)
    signed_in = relaywright("sign-in", "OAuth", "--json", BROWSER=f"{browser} %s")
    # There is no keyring here, so the sign-in worked and is not kept: that is exit code 4.
    assert signed_in.code == 4, signed_in.err
    assert (signed_in.document["account"], signed_in.document["kept"]) == (SCANNER, False)
    assert "talking" in signed_in.err


def add_oauth_profile(relaywright: Relaywright, practice: Practice) -> None:
    """Add a profile that signs in at the practice, with its cloud described as an administrator does."""
    place = practice.start()
    folder = Path(os.environ["RELAYWRIGHT_DATA_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clouds.toml").write_bytes(place.clouds_file.read_bytes())
    fields = ("auth=oauth", f"tenant={place.tenant}", f"client_id={place.client_id}", f"username={SCANNER}")
    added = relaywright("profile", "add", "OAuth", "cloud=practice", *fields)
    assert added.code == 0, added.err


def wait_until_reading(process: "subprocess.Popen[str]") -> None:
    """Wait until the program sleeps in a read of its standard input."""
    waits = psutil.Process(process.pid)
    deadline = time.monotonic() + TIME_LIMIT_S
    database = str(Path(os.environ["RELAYWRIGHT_DATA_DIR"]) / "relaywright.db")
    while database not in [file.path for file in waits.open_files()] or waits.status() != psutil.STATUS_SLEEPING:
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)


def test_the_tour_does_every_step(relaywright: Relaywright, isolated_home: Path) -> None:
    done = relaywright("--data-dir", str(isolated_home / "tour"), "tour")
    assert done.code == 0, done.out + done.err
    assert "SMTP AUTH is turned off for the whole organisation" in done.out
    assert "Every step did what it should." in done.out
