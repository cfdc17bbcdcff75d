"""The log file: private, rotated, without secrets, and never a reason to fail."""

import logging
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from relaywright import logs
from relaywright.domain.secret import Secret


@pytest.fixture(autouse=True)
def handlers_put_back() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in [one for one in root.handlers if one not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def test_what_is_logged_stands_in_the_file_and_secrets_do_not(tmp_path: Path) -> None:
    path = logs.start(tmp_path / "logs")
    assert path is not None
    logging.getLogger("relaywright.x").warning("signing in with password=%s at %s", "Canary-9", "contoso")
    try:
        raise ValueError("client_secret=Canary-10")
    except ValueError:
        logging.getLogger("relaywright.x").exception("it broke")
    text = path.read_text(encoding="utf-8")
    assert "password=[hidden]" in text
    assert "Canary" not in text


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes; the folder is the user's own there")
def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = logs.start(tmp_path / "logs")
    assert path is not None
    logging.getLogger("relaywright.x").warning("hello")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_full_file_moves_aside_and_only_so_many_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 200)
    path = logs.start(tmp_path)
    assert path is not None
    for number in range(40):
        logging.getLogger("relaywright.x").warning("line %02d, long enough to fill the file soon", number)
    names = sorted(one.name for one in tmp_path.iterdir())
    assert names == ["relaywright.log", *(f"relaywright.log.{number}" for number in range(1, logs.BACKUPS + 1))]
    assert "line 39" in path.read_text(encoding="utf-8") + (tmp_path / "relaywright.log.1").read_text(encoding="utf-8")
    assert all(one.stat().st_size < 400 for one in tmp_path.iterdir())


def test_a_second_start_goes_on_in_the_same_file(tmp_path: Path) -> None:
    path = logs.start(tmp_path)
    assert path is not None
    path.write_text("from before\n", encoding="utf-8")
    logging.getLogger("relaywright.x").warning("and now")
    assert path.read_text(encoding="utf-8").startswith("from before\n")
    assert "and now" in path.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file in the way", encoding="utf-8")
    assert logs.start(tmp_path / "logs") is None


def test_without_a_file_a_bug_is_told_on_standard_error_without_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_text("a file in the way", encoding="utf-8")
    logs.start(tmp_path / "logs")
    secret = Secret("Canary-11")
    try:
        raise ValueError(f"could not use {secret.reveal()}")
    except ValueError:
        logging.getLogger("relaywright.x").exception("it broke")
    logging.getLogger("relaywright.x").warning("not worth a line there")
    told = capsys.readouterr().err
    assert "could not use" in told
    assert "Canary" not in told
    assert "not worth" not in told


def test_a_file_that_cannot_be_opened_or_written_costs_the_line_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "relaywright.log").mkdir()
    assert logs.start(tmp_path) is not None
    logging.getLogger("relaywright.x").warning("signing in with %s", "Canary-12")
    assert capsys.readouterr().err == ""


def test_arguments_that_do_not_fit_raise_nothing_and_show_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.start(tmp_path)
    record = logging.LogRecord("relaywright.x", logging.WARNING, __file__, 1, "%d tries", ("Canary-13",), None)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.FileHandler):
            handler.handle(record)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Authorization: Bearer 0.AXcA-opaque-refresh", "0.AXcA-opaque-refresh"),
        ("AUTH PLAIN AHVzZXIAcGFzcw==", "AHVzZXIAcGFzcw=="),
        ("AUTH XOAUTH2 dXNlcj1hAQ==", "dXNlcj1hAQ=="),
        ("{'refresh_token': '0.AXcA'}", "0.AXcA"),
        ('{"code": "OAQABAAIAAAD"}', "OAQABAAIAAAD"),
        ("POST code=OAQABAAIAAAD&code_verifier=vvvv-1", "vvvv-1"),
        ("token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
    ],
)
def test_what_looks_secret_is_hidden_though_nobody_holds_it(text: str, hidden: str) -> None:
    assert hidden not in logs.redact(text)
    assert "[hidden]" in logs.redact(text)


def test_ordinary_words_stay() -> None:
    text = "status_code=535 exit_code: 2, the server said 535 5.7.3; signed in with LOGIN"
    assert logs.redact(text) == text
