"""Asking for the keyring's state in a process of its own."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from relaywright import paths
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled
from relaywright.vault import state_process
from relaywright.vault.vault import KeyringState, KeyringStateKind, Vault

HERE = KeyringState(KeyringStateKind.READY, "asked here")


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Vault:
    """Return a vault that tells when it was asked in this process, which knows of no keyring library yet."""
    monkeypatch.delitem(sys.modules, "keyring", raising=False)
    vault = Vault("installation-1", Path("unused"))
    monkeypatch.setattr(vault, "state", lambda: HERE)
    return vault


def answering(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have another program answer in place of ours."""
    monkeypatch.setattr(paths, "own_command", lambda: [sys.executable, "-c", program])


def test_the_program_tells_its_keyring_state_as_one_line() -> None:
    done = subprocess.run(
        [*paths.own_command(), state_process.WORKER_COMMAND], check=True, capture_output=True, timeout=60
    )

    told = json.loads(done.stdout)
    assert KeyringStateKind(told["kind"])
    assert set(told) == {"kind", "backend", "detail", "hint"}


def test_the_state_is_the_other_process_s(vault: Vault) -> None:
    state = state_process.glance(vault, CancelToken())

    assert state != HERE
    assert isinstance(state.kind, KeyringStateKind)
    assert "keyring" not in sys.modules


def test_a_loaded_library_is_asked_in_this_process(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", sys)

    assert state_process.glance(vault, CancelToken()) == HERE


@pytest.mark.parametrize(
    "program", ["", "print('no JSON')", "print('[]')", 'print(\'{"kind": "odd", "backend": ""}\')', "print('{}')"]
)
def test_what_is_no_answer_leads_to_asking_here(program: str, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(program, monkeypatch)

    assert state_process.glance(vault, CancelToken()) == HERE


def test_a_program_that_cannot_be_started_leads_to_asking_here(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "own_command", lambda: ["/nowhere/relaywright"])

    assert state_process.glance(vault, CancelToken()) == HERE


def test_a_silent_process_is_ended_after_the_time_limit(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    answering("import time; time.sleep(60)", monkeypatch)
    monkeypatch.setattr(state_process, "TIME_LIMIT_S", 0.2)

    assert state_process.glance(vault, CancelToken()) == HERE


def test_a_cancel_ends_it_at_once(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    answering("import time; time.sleep(60)", monkeypatch)
    cancel = CancelToken()
    threading.Timer(0.1, cancel.cancel).start()
    began = time.monotonic()

    with pytest.raises(Cancelled):
        state_process.glance(vault, cancel)

    assert time.monotonic() - began < 10
