"""A real GNOME Keyring under a D-Bus session of its own: stored, restarted, locked, gone, and not there at all."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keyring_session import KeyringSession

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service is Linux’s keyring"),
]

CANARY = "canary-Zürich-5f2b"

# Each command of a session is a process of its own, as each start of Relaywright is.
VAULT = """
import json, sys, time
from pathlib import Path
from relaywright.domain.errors import RelaywrightError
from relaywright.domain.secret import Secret, SecretKind, SecretRef
from relaywright.vault.vault import Vault

verb, folder, *rest = sys.argv[1:]
vault, ref = Vault("installation-1", Path("unused")), SecretRef("profile-1", SecretKind.PASSWORD)
sealed = vault.sealed_file(Path(folder) / "tokens.bin")
started = time.perf_counter()
try:
    if verb == "state":
        state = vault.state()
        answer = {"kind": state.kind, "backend": state.backend, "detail": state.detail, "hint": state.hint}
    elif verb == "put":
        answer = vault.put(ref, Secret(rest[0]))
    elif verb == "get":
        secret = vault.get(ref)
        answer = secret and secret.reveal()
    elif verb == "drop":
        answer = vault.drop(ref)
    elif verb == "seal":
        sealed.save(rest[0].encode())
        answer = sealed.problem and sealed.problem.id
    else:
        content = sealed.load()
        answer = content and content.decode()
    print(json.dumps({"answer": answer, "ms": round(1000 * (time.perf_counter() - started), 1)}))
except RelaywrightError as fault:
    print(json.dumps({"error": fault.id, "message": fault.message, "hint": fault.hint}))
"""


class Session(KeyringSession):
    """With starts of a program that uses the vault."""

    def vault(self, *arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", VAULT, arguments[0], str(self.folder), *arguments[1:]],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert CANARY not in done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    for program in ("dbus-daemon", "gnome-keyring-daemon"):
        assert shutil.which(program), f"{program} is missing: build/make.py test installs it"
    session = Session(tmp_path)
    yield session
    session.stop_bus()


def test_a_secret_outlives_the_program_and_the_session(session: Session) -> None:
    session.start_bus()
    session.unlock()
    assert session.vault("state")["answer"] == {
        "kind": "ready",
        "backend": "GNOME Keyring / Secret Service",
        "detail": "",
        "hint": "",
    }
    assert session.vault("get")["answer"] is None
    session.vault("put", CANARY)
    assert session.vault("get")["answer"] == CANARY

    session.stop_bus()
    session.start_bus()
    session.unlock()
    assert session.vault("get")["answer"] == CANARY
    assert session.vault("drop")["answer"] is True
    assert session.vault("drop")["answer"] is False
    assert session.vault("get")["answer"] is None


def test_a_sealed_file_outlives_the_session_and_shows_nothing(session: Session) -> None:
    session.start_bus()
    session.unlock()
    assert session.vault("seal", CANARY)["answer"] is None
    assert session.vault("load")["answer"] == CANARY
    session.stop_bus()
    session.start_bus()
    session.unlock()
    assert session.vault("load")["answer"] == CANARY
    for file in (item for item in session.folder.rglob("*") if item.is_file()):
        assert CANARY.encode() not in file.read_bytes(), file


def test_a_locked_keyring_is_told_and_its_state_asks_nobody(session: Session) -> None:
    session.start_bus()
    session.unlock()
    session.vault("put", CANARY)
    session.vault("seal", "stored")
    session.lock()

    state = session.vault("state")
    assert state["answer"]["kind"] == "locked"
    assert state["answer"]["hint"]
    for verb in (("get",), ("put", CANARY), ("drop",), ("load",)):
        told = session.vault(*verb)
        assert told["error"] == "keyring-locked"
        assert "locked" in told["message"]
    assert session.vault("seal", "must stay in memory")["answer"] == "keyring-locked"

    session.stop_bus()
    session.start_bus()
    session.unlock()
    assert session.vault("get")["answer"] == CANARY
    assert session.vault("load")["answer"] == "stored"


def test_a_keyring_never_set_up_is_locked_and_cannot_be_used_without_a_display(session: Session) -> None:
    session.start_bus()
    assert session.vault("state")["answer"]["kind"] == "locked"
    assert session.vault("put", CANARY)["error"] == "keyring-locked"


def test_without_a_session_bus_the_keyring_is_absent(session: Session) -> None:
    state = session.vault("state")["answer"]
    assert (state["kind"], state["backend"]) == ("absent", "")
    assert "no keyring" in state["detail"]
    assert session.vault("put", CANARY)["error"] == "keyring-absent"
    assert session.vault("get")["error"] == "keyring-absent"
    assert session.vault("seal", CANARY)["answer"] == "keyring-absent"
    assert not (session.folder / "tokens.bin").exists()


ONE_LONG_RUN = """
import os, sys
from pathlib import Path
from relaywright.domain.errors import KeyringUnavailable
from relaywright.domain.secret import Secret, SecretKind, SecretRef
from relaywright.vault.vault import Vault

vault, ref = Vault("installation-1", Path("unused")), SecretRef("profile-1", SecretKind.PASSWORD)
for line in sys.stdin:
    os.environ["DBUS_SESSION_BUS_ADDRESS"] = line.strip()
    kind = vault.state().kind
    try:
        vault.put(ref, Secret("one"))
        print(kind, "stored", flush=True)
    except KeyringUnavailable as fault:
        print(kind, fault.id, flush=True)
"""


def test_a_keyring_that_dies_and_one_that_is_started_later_are_noticed(session: Session) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ONE_LONG_RUN],
        env=session.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as long_run:

        def ask(address: str) -> str:
            assert long_run.stdin is not None
            assert long_run.stdout is not None
            print(address, file=long_run.stdin, flush=True)
            return long_run.stdout.readline().strip()

        assert ask(f"unix:path={session.folder}/no-bus") == "absent keyring-absent"
        session.start_bus()
        session.unlock()
        assert ask(session.environment["DBUS_SESSION_BUS_ADDRESS"]) == "ready stored"
        session.stop_bus()
        assert ask(session.environment["DBUS_SESSION_BUS_ADDRESS"]) == "absent keyring-absent"
