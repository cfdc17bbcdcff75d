"""``certificate``, ``secret set --ends`` and the device code on a screen, called as a user calls them."""

import datetime
import os
import re
import sys
from pathlib import Path

import pytest

from person_at_browser import PersonAtBrowser
from relaywright.practice.practice import PracticeAddresses
from terminal_calls import APP, Relaywright

APPLICATION = (
    *("profile", "add", "Service", "auth=oauth-app", "tenant=contoso.com"),
    *("client_id=11111111-2222-3333-4444-555555555555", "username=a@contoso.com"),
)


def test_without_a_keyring_a_certificate_is_refused_and_nothing_is_written(
    relaywright: Relaywright, tmp_path: Path
) -> None:
    relaywright(*APPLICATION)
    out = tmp_path / "public.pem"
    answer = relaywright("certificate", "new", "Service", "--out", str(out), "--json")
    assert (answer.code, answer.document["error"]["id"]) == (4, "keyring-absent")
    assert not out.exists()


def test_what_is_no_certificate_is_one_clear_line(relaywright: Relaywright, tmp_path: Path) -> None:
    relaywright(*APPLICATION)
    file = tmp_path / "key.pem"
    file.write_text("nothing of the kind", encoding="utf-8")
    answer = relaywright("certificate", "set", "Service", str(file))
    assert answer.code == 2
    assert len(answer.err.strip().splitlines()) == 1
    relaywright("profile", "set", "Service", "auth=oauth")
    assert relaywright("certificate", "new", "Service", "--json").document["error"]["id"] == "not-an-application"


@pytest.mark.parametrize(("ends", "error"), [("2020-01-01", "secret-expired"), ("tomorrow", "usage")])
def test_an_end_that_is_none_is_refused(relaywright: Relaywright, ends: str, error: str) -> None:
    relaywright(*APPLICATION)
    answer = relaywright("secret", "set", "Service", "--stdin", "--ends", ends, "--json", stdin="s3cret")
    assert (answer.code, answer.document["error"]["id"]) == (2, error)


@pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal is POSIX")
def test_on_a_screen_a_device_code_has_a_picture_and_the_time_left(
    relaywright: Relaywright, addresses: PracticeAddresses, isolated_home: Path
) -> None:
    import pty

    data_dir = isolated_home / "relaywright"
    data_dir.mkdir(exist_ok=True)
    (data_dir / "clouds.toml").write_bytes(addresses.clouds_file.read_bytes())
    fields = ("cloud=practice", "auth=oauth", f"tenant={addresses.tenant}", f"client_id={addresses.client_id}")
    relaywright("profile", "add", "Desk", *fields, "username=alex@practice.example")
    child, screen = pty.fork()
    if child == 0:
        environment = {**os.environ, "PYTHONPATH": str(APP), "TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
        command = [sys.executable, "-m", "relaywright", "sign-in", "Desk", "--device-code"]
        os.execve(sys.executable, command, environment)  # noqa: S606 - our own program
    seen = ""
    person = None
    began = datetime.datetime.now(datetime.UTC)
    try:
        while (datetime.datetime.now(datetime.UTC) - began).total_seconds() < 60:
            try:
                piece = os.read(screen, 65_536)
            except OSError:  # what Linux says when the other end is closed
                break
            if not piece:
                break
            seen += piece.decode("utf-8", "replace")
            found = re.search(r"(https?://\S+)\s+([A-Z0-9]{6,12})\b", seen)
            if found and person is None and "left to type" in seen:
                person = PersonAtBrowser("alex@practice.example", "Practice-Alex-1")
                person.type_code(found.group(1), found.group(2))
    finally:
        _, status = os.waitpid(child, 0)
        os.close(screen)
    assert person is not None, seen
    person.done()
    assert os.waitstatus_to_exitcode(status) == 4, seen  # there is no keyring here that could keep the sign-in
    assert seen.count("█") > 100
    assert re.search(r"1[45]:\d\d left to type [A-Z0-9]+", seen)
    assert "Signed in as alex@practice.example." in seen


def test_where_nobody_looks_there_is_no_picture(
    relaywright: Relaywright, addresses: PracticeAddresses, isolated_home: Path
) -> None:
    answer = relaywright("sign-in", "nobody", "--device-code")
    assert answer.code == 2
    assert "█" not in answer.err
