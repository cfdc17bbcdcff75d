"""The terminal's ways: what may close, what may hang, what may be no text; one document and one line in any case."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from relaywright.catalog.catalog import Catalog
from relaywright.cli.plain_text import one_line
from relaywright.cli.terminal import Terminal, as_json
from relaywright.domain.errors import CredentialNeeded
from terminal_calls import APP, TIME_LIMIT_S, Relaywright, call_relaywright

PROFILE = ("profile", "add", "Scanner", "username=scan@contoso.com")


def in_shell(command: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a shell line in which ``relaywright`` is the program."""
    line = f'relaywright() {{ "{sys.executable}" -m relaywright "$@"; }}\n{command}'
    return subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        timeout=TIME_LIMIT_S,
        check=False,
        env={**os.environ, "PYTHONPATH": str(APP), "PYTHONWARNINGS": "error", **environment},
    )


posix_shell = pytest.mark.skipif(os.name == "nt", reason="streams are closed with a POSIX shell")


@posix_shell
def test_a_reader_that_has_seen_enough_is_no_fault() -> None:
    done = in_shell("set -o pipefail; relaywright targets --json | head -1")
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, b"[", b"")


@posix_shell
@pytest.mark.parametrize("call", ["targets", "targets --json"])
def test_an_answer_that_cannot_be_written_is_told(call: str) -> None:
    done = in_shell(f"relaywright {call} >/dev/full")
    assert done.returncode == 2
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


@posix_shell
def test_closed_streams_are_told_or_not_missed() -> None:
    assert in_shell("relaywright targets >&-").returncode == 0
    only_document = in_shell("relaywright targets --json 2>&-")
    assert json.loads(only_document.stdout)
    for call in ("explain", "send Scanner --stdin"):
        done = in_shell(f"relaywright {' '.join(PROFILE)} >/dev/null 2>&1; relaywright {call} <&-")
        assert (done.returncode, done.stdout) == (2, b""), done.stderr
        assert done.stderr.startswith(b"relaywright: Standard input is closed.")


def test_a_secret_that_is_no_text_is_refused(relaywright: Relaywright) -> None:
    relaywright(*PROFILE)
    done = subprocess.run(
        [sys.executable, "-m", "relaywright", "secret", "set", "Scanner", "--stdin"],
        input=b"\xff\xfe\n",
        capture_output=True,
        timeout=TIME_LIMIT_S,
        check=False,
        env={**os.environ, "PYTHONPATH": str(APP)},
    )
    assert done.returncode == 2
    assert b"no UTF-8 text" in done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "utf-8"])
def test_any_console_gets_a_whole_document(relaywright: Relaywright, encoding: str) -> None:
    added = relaywright("profile", "add", "Grüße 漢", "username=a@contoso.com", "--json", PYTHONIOENCODING=encoding)
    assert added.code == 0, added.err
    assert added.document["name"] == "Grüße 漢"
    shown = in_shell("relaywright profile show 'Grüße 漢'", PYTHONIOENCODING=encoding)
    assert (shown.returncode, shown.stderr) == (0, b"")


@posix_shell
def test_bytes_that_are_no_text_are_an_input_error_and_no_damage(relaywright: Relaywright) -> None:
    relaywright(*PROFILE)
    for call in ("profile show $'\\xff'", "profile add $'\\xff'", "profile set Scanner notes=$'\\xff'"):
        done = in_shell(f"relaywright {call} --json")
        assert done.returncode == 2, call
        assert json.loads(done.stdout)["error"]["id"] in {"unknown-profile", "invalid-field"}


def test_what_is_said_back_stays_on_one_line(relaywright: Relaywright) -> None:
    for value in ("a\nb", "\x1b[31mred", "x" * 9000, "9" * 9000):
        for call in (("profile", "add", "x", f"method={value}"), ("profile", "add", "x", f"port={value}")):
            answer = relaywright(*call)
            assert (answer.code, answer.out) == (2, "")
            assert len(answer.err.splitlines()) == 1
            assert len(answer.err) < 400
            assert "\x1b" not in answer.err


def test_options_are_not_guessed(relaywright: Relaywright) -> None:
    assert relaywright("--jso", "profile", "list").code == 2
    assert relaywright("profile", "list", "--sea", "x").code == 2


@pytest.mark.parametrize("folder", ["", "~nobody-of-this-name/x"])
def test_a_data_folder_that_leads_nowhere_is_one_line(relaywright: Relaywright, folder: str) -> None:
    answer = relaywright("--data-dir", folder, "profile", "list")
    assert (answer.code, answer.out) == (2, "")
    assert len(answer.err.strip().splitlines()) == 1


@pytest.mark.parametrize("limit", ["nan", "-1", "0", "soon"])
def test_a_time_limit_is_a_number_of_seconds(relaywright: Relaywright, limit: str) -> None:
    answer = relaywright("sign-in", "Scanner", "--time-limit", limit, "--json")
    assert (answer.code, answer.document["error"]["id"]) == (2, "usage")


def test_a_bug_is_one_document_too(relaywright: Relaywright, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import relaywright.cli.main as m\ndef broken(*_): raise KeyError('secret-value')\nm._run = broken\n"
    )
    answer = call_relaywright("profile", "list", "--json", PYTHONPATH=f"{tmp_path}{os.pathsep}{APP}")
    assert answer.code == 1
    assert answer.document["error"]["id"] == "internal-error"
    assert "secret-value" not in answer.out


def test_what_is_known_of_an_error_comes_with_it(catalog: Catalog, capsys: pytest.CaptureFixture[str]) -> None:
    refused = CredentialNeeded("The sign-in was refused: AADSTS50076: x", hint="Sign in again.", id="sign-in-refused")
    Terminal(as_json=True).complain(refused)
    assert set(json.loads(capsys.readouterr().out)["error"]) == {"id", "message", "hint"}
    refused.explanation = catalog.explain_sign_in(refused.message, {})
    Terminal(as_json=True).complain(refused)
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["id"], error["explanation"]["id"]) == ("sign-in-refused", "mfa-required")
    Terminal(as_json=False).complain(refused)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(
        "relaywright: The sign-in was refused: AADSTS50076: x Sign in again.\n\nA second factor"
    )


def test_half_characters_survive_as_escapes() -> None:
    assert json.loads(as_json({"a": "\udcff"})) == {"a": "\udcff"}
    assert one_line("a\r\nb\tc\x00") == "a b c\ufffd"
