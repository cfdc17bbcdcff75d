"""The terminal with a real keyring: secret and sign-in outlive the call, and a bundle carries the secret on."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keyring_session import KeyringSession, unlocked_keyring
from person_at_browser import PersonAtBrowser
from relaywright.practice.practice import Practice
from terminal_calls import TIME_LIMIT_S, Answer, call_relaywright, start_relaywright

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform != "linux", reason="the Secret Service is Linux’s keyring"),
]

PASSWORD = "Practice-Scanner-1"
PASSPHRASE = "correct horse battery staple"


class Desk:
    """A person with a keyring and a data folder."""

    def __init__(self, session: KeyringSession, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **session.environment,
            "RELAYWRIGHT_DATA_DIR": str(folder),
            # Instead of the refusal that every other test gets; the priority of the back ends decides.
            "PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring",
        }

    def call(self, *arguments: str, stdin: str = "") -> Answer:
        return call_relaywright(*arguments, stdin=stdin, **self.environment)

    def files(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[KeyringSession]:
    with unlocked_keyring(tmp_path) as running:
        yield running


@pytest.fixture
def desk(session: KeyringSession, tmp_path: Path, practice: Practice) -> Desk:
    place = practice.start()
    mine = Desk(session, tmp_path / "data")
    common = [f"host={place.host}", f"port={place.smtp_port}", f"ca_file={place.ca_file}"]
    to = "recipient=office@practice.example"
    mine.call("profile", "add", "Scanner", "username=scanner@practice.example", to, *common)
    mine.folder.joinpath("clouds.toml").write_text(place.clouds_file.read_text(encoding="utf-8"), encoding="utf-8")
    added = mine.call(
        "profile", "add", "Application", "username=alex@practice.example", to, *common,
        "auth=oauth", f"cloud={place.cloud}", f"tenant={place.tenant}", f"client_id={place.client_id}",
    )  # fmt: skip
    assert added.code == 0, added.err
    return mine


def test_a_stored_secret_signs_in_until_it_is_forgotten(desk: Desk, practice: Practice) -> None:
    assert desk.call("send", "Scanner").code == 3
    stored = desk.call("secret", "set", "Scanner", "--stdin", "--json", stdin=f"{PASSWORD}\n")
    assert stored.code == 0, stored.err
    assert desk.call("secret", "status", "Scanner", "--json").document["state"] == "keyring"
    sent = desk.call("send", "Scanner", "--json")
    assert sent.code == 0, sent.err
    assert [message.signed_in_as for message in practice.received] == ["scanner@practice.example"]
    assert desk.call("secret", "forget", "Scanner").code == 0
    assert desk.call("secret", "status", "Scanner").code == 3
    assert all(PASSWORD.encode() not in path.read_bytes() for path in desk.files())


def test_a_locked_keyring_ends_with_4(desk: Desk, session: KeyringSession) -> None:
    desk.call("secret", "set", "Scanner", "--stdin", stdin=PASSWORD)
    session.lock()
    locked = desk.call("send", "Scanner", "--json")
    assert (locked.code, locked.document["error"]["id"]) == (4, "keyring-locked")


def test_a_sign_in_outlives_the_call_and_signs_out(desk: Desk, practice: Practice) -> None:
    assert desk.call("send", "Application").code == 3
    assert desk.call("sign-in", "Application").code == 3
    waiting = start_relaywright("sign-in", "Application", "--no-browser", **desk.environment)
    assert waiting.stdout
    address = waiting.stdout.readline().strip()
    person = PersonAtBrowser("alex@practice.example", "Practice-Alex-1")
    person.open(address)
    out, err = waiting.communicate(timeout=TIME_LIMIT_S)
    person.done()
    assert waiting.returncode == 0, err
    assert "Signed in as alex@practice.example" in out
    sent = desk.call("send", "Application", "--json")
    assert sent.code == 0, sent.err
    assert sent.document["authenticated"] == {"mechanism": "XOAUTH2", "code": 235}
    assert practice.received[-1].mechanism == "XOAUTH2"
    assert all(b"eyJ" not in path.read_bytes() for path in desk.files())
    assert desk.call("sign-out", "Application").code == 0
    assert desk.call("send", "Application").code == 3


@pytest.mark.parametrize("as_json", [False, True])
def test_a_declined_sign_in_is_explained(desk: Desk, *, as_json: bool) -> None:
    json_wanted = ["--json"] if as_json else []
    waiting = start_relaywright("sign-in", "Application", "--no-browser", *json_wanted, **desk.environment)
    assert waiting.stdout
    assert waiting.stderr
    lines = iter((waiting.stderr if as_json else waiting.stdout).readline, "")
    person = PersonAtBrowser("alex@practice.example", "Practice-Alex-1", button="cancel")
    person.open(next(line.strip() for line in lines if line.startswith("http")))
    out, err = waiting.communicate(timeout=TIME_LIMIT_S)
    person.done()
    assert waiting.returncode == 3
    if as_json:
        error = json.loads(out)["error"]
        assert "AADSTS65004" in error["message"]
        assert (error["explanation"]["id"], error["explanation"]["confidence"]) == ("consent-declined", "exact")
    else:
        assert "AADSTS65004" in err
        assert "The permissions were declined on the consent page" in err
        assert "Whose move: Account owner." in err


def test_a_device_code_signs_in_and_the_token_is_held_against_the_profile(desk: Desk, practice: Practice) -> None:
    assert desk.call("token", "Application").code == 3
    waiting = start_relaywright("sign-in", "Application", "--device-code", "--json", **desk.environment)
    assert waiting.stderr
    lines = iter(waiting.stderr.readline, "")
    address = next(line.strip() for line in lines if line.startswith("http"))
    code = next(lines).strip()
    person = PersonAtBrowser("alex@practice.example", "Practice-Alex-1")
    person.type_code(address, code)
    out, err = waiting.communicate(timeout=TIME_LIMIT_S)
    person.done()
    assert waiting.returncode == 0, err
    assert json.loads(out)["account"] == "alex@practice.example"
    view = desk.call("token", "Application", "--json")
    assert view.code == 0, view.out
    assert {row["claim"]: row["ok"] for row in view.document["claims"]}["aud"] is True
    assert "eyJ" not in view.out
    desk.call("profile", "set", "Application", "username=scanner@practice.example")
    other = desk.call("token", "Application", "--json")
    assert "token-other-mailbox" in {finding["id"] for finding in other.document["findings"]}


def test_an_application_signs_in_as_itself(desk: Desk, practice: Practice) -> None:
    able, unable = (service.application for service in practice.start().services)
    changes = ["auth=oauth-app", "username=office@practice.example", "from=office@practice.example"]
    desk.call("profile", "set", "Application", *changes, f"client_id={able.client_id}")
    assert desk.call("send", "Application").code == 3
    assert desk.call("sign-in", "Application", "--no-browser").code == 2
    assert desk.call("secret", "set", "Application", "--stdin", stdin=able.secret).code == 0
    sent = desk.call("send", "Application", "--json")
    assert sent.code == 0, sent.err
    assert practice.received[-1].mechanism == "XOAUTH2"
    assert desk.call("token", "Application", "--json").document["fits"] is True

    desk.call("profile", "set", "Application", f"client_id={unable.client_id}")
    wrong = desk.call("send", "Application", "--json")
    assert wrong.code == 3
    assert "explanation" in wrong.document["error"]
    assert desk.call("secret", "set", "Application", "--stdin", stdin=unable.secret).code == 0
    refused = desk.call("send", "Application", "--json")
    assert refused.code == 1
    assert refused.document["reply"]["code"] == 535
    assert "token-missing-permission" in {finding["id"] for finding in refused.document["findings"]}
    assert all(able.secret.encode() not in path.read_bytes() for path in desk.files())


def test_an_application_signs_in_with_its_certificate_and_the_key_lies_sealed(
    desk: Desk, practice: Practice, tmp_path: Path
) -> None:
    service = practice.start().services[0]
    changes = ["auth=oauth-app", "username=office@practice.example", "from=office@practice.example"]
    desk.call("profile", "set", "Application", *changes, f"client_id={service.application.client_id}")
    wrong = desk.call(
        "certificate", "set", "Application", str(service.pfx_file), "--passphrase-stdin", "--json", stdin="wrong"
    )
    assert (wrong.code, wrong.document["error"]["id"]) == (2, "certificate-wrong-passphrase")
    assert desk.call("secret", "status", "Application").code == 3
    password = str(service.as_json()["pfx_password"])
    stored = desk.call(
        "certificate", "set", "Application", str(service.pfx_file), "--passphrase-stdin", "--json", stdin=password
    )
    assert stored.code == 0, stored.err
    assert "PRIVATE KEY" not in stored.out
    assert (
        desk.call("secret", "status", "Application", "--json").document["thumbprint"] == stored.document["thumbprint"]
    )
    sent = desk.call("send", "Application", "--json")
    assert sent.code == 0, sent.err
    assert practice.received[-1].mechanism == "XOAUTH2"
    assert desk.call("token", "Application", "--json").document["fits"] is True
    assert all(b"PRIVATE KEY" not in path.read_bytes() for path in desk.files())

    public = tmp_path / "public.pem"
    made = desk.call("certificate", "new", "Application", "--days", "30", "--out", str(public), "--json")
    assert made.code == 0, made.err
    assert public.read_text(encoding="utf-8") == made.document["certificate"]
    unknown = desk.call("send", "Application", "--json")  # nobody has uploaded the new one to the practice tenant
    assert unknown.code == 3
    assert "AADSTS700027" in unknown.document["error"]["message"]
    assert desk.call("secret", "forget", "Application").code == 0
    assert desk.call("certificate", "show", "Application").code == 3


def test_a_bundle_takes_profiles_and_only_wanted_secrets_along(
    desk: Desk, session: KeyringSession, tmp_path: Path
) -> None:
    desk.call("secret", "set", "Scanner", "--stdin", stdin=PASSWORD)
    plain, full = tmp_path / "plain.relaywright", tmp_path / "full.relaywright"
    for file, extra in ((plain, []), (full, ["--with-secrets"])):
        shared = desk.call("share", "Scanner", "--out", str(file), "--passphrase-stdin", *extra, stdin=PASSPHRASE)
        assert shared.code == 0, shared.err
        assert b"scanner" not in file.read_bytes()
        assert PASSWORD.encode() not in file.read_bytes()
    for file, stored in ((plain, 3), (full, 0)):
        colleague = Desk(session, tmp_path / f"colleague-{file.stem}")
        taken = colleague.call("import", str(file), "--passphrase-stdin", "--json", stdin=PASSPHRASE)
        assert taken.code == 0, taken.err
        assert [item["action"] for item in taken.document["taken"]] == ["added"]
        # The two share one keyring here, so the first desk's entry is taken away before looking.
        if file is plain:
            desk.call("secret", "forget", "Scanner")
        assert colleague.call("secret", "status", "Scanner").code == stored
    wrong = desk.call("import", str(full), "--passphrase-stdin", "--json", stdin="wrong horse battery staple")
    assert wrong.code == 2
    assert wrong.document["error"]["id"]
