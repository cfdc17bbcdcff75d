"""The whole main job with secrets that can be recognised; afterwards none is anywhere but in the keyring.

Everything is real: services, sign-in, sessions, child processes. Only the keyring is in memory, so that its own files
are no find.
"""

import base64
import json
import logging
import subprocess
import sys
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from canaries import Canaries, ChildProcesses
from memory_keyring import MemoryKeyring, memory_keyring_in_use
from person_at_browser import PersonAtBrowser
from relaywright import logs
from relaywright.bootstrap import TOKEN_FILE, Services
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import CredentialNeeded, RelaywrightError
from relaywright.domain.profile import RelayProfile
from relaywright.domain.secret import Secret, SecretKind, SecretRef
from relaywright.gui.crash import CrashReporter
from relaywright.gui.dialogs.crash_dialog import CrashDialog
from relaywright.practice.practice import Practice
from relaywright.services.app_credentials import CertificateFiles
from relaywright.services.report import report_document
from relaywright.services.report_problem import self_test
from relaywright.services.send_test import SendOptions
from relaywright.sharing import age_process
from relaywright.sharing.incoming import Choice
from relaywright.smtp.transcript import as_text
from relaywright.vault.vault import LONG_SECRETS_FILE
from scripted_server import Peer, Script, ScriptedServer
from smtp_bench import server_context
from terminal_calls import Relaywright

PASSWORD = "Canary+password/“ü” 4711 & more"
SESSION_PASSWORD = "Canary-for-this-run-0815"
PASSPHRASE = "canary passphrase that nobody else uses"
APP_SECRET = "Canary~client.secret-value_2048"
USER = "scanner@contoso.test"


class Job:
    """One person's data folder, the servers they meet, and a folder for all that was shown or written."""

    def __init__(self, folder: Path, practice: Practice) -> None:
        self.practice = practice
        self.place = practice.start()
        self.data = folder / "data"
        self.shown = folder / "shown"
        self.shown.mkdir()
        self.data.mkdir()
        (self.data / "clouds.toml").write_bytes(self.place.clouds_file.read_bytes())
        self.services = Services(self.data)
        self.authority = trustme.CA()
        self.ca_file = folder / "lab.pem"
        self.authority.cert_pem.write_to_path(self.ca_file)
        self._count = 0

    def keep(self, what: str, text: str) -> None:
        """Keep a text that a person, a script or a file would get."""
        self._count += 1
        (self.shown / f"{self._count:02d} {what}.txt").write_text(text, encoding="utf-8")

    def profile(self, name: str, port: int, **fields: str) -> RelayProfile:
        texts = {
            "host": "localhost",
            "port": str(port),
            "ca_file": str(self.ca_file),
            "username": USER,
            "recipient": USER,
        }
        profile = self.services.profiles.draft(name, {**texts, **fields})
        self.services.profiles.add(profile)
        return profile

    def run(self, profile: RelayProfile, *, check: bool = False) -> bool:
        """Send or check, and keep everything that comes of it."""
        events: list[object] = []
        tests = self.services.tests
        if check:
            report = tests.check(profile, events.append, CancelToken())
        else:
            report = tests.send(profile, SendOptions(), events.append, CancelToken())
        self.keep("events", repr(events))
        self.keep("outcome", repr(report))
        self.keep("document", json.dumps(report_document(report), ensure_ascii=False))
        self.keep("transcript", as_text(report.outcome.transcript))
        return report.outcome.ok

    def fail(self, work: Callable[[], object]) -> RelaywrightError:
        """Do what must be refused, and keep what is said of it."""
        with pytest.raises(RelaywrightError) as refused:
            work()
        self.keep("refusal", f"{refused.value!r}\n{refused.value.message}\n{refused.value.hint}")
        logging.getLogger("relaywright.test").error("refused", exc_info=refused.value)
        return refused.value


@pytest.fixture
def keyring_in_memory() -> Iterator[MemoryKeyring]:
    with memory_keyring_in_use() as backend:
        yield backend


@pytest.fixture
def job(tmp_path: Path, practice: Practice, keyring_in_memory: MemoryKeyring) -> Iterator[Job]:
    """A job whose log takes all that any library has to say."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    made = Job(tmp_path, practice)
    assert logs.start(made.data / "logs", level=logging.DEBUG)
    everything_at_debug()
    yield made
    made.services.close()
    for handler in [one for one in root.handlers if one not in handlers]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    for name in logging.root.manager.loggerDict:
        logging.getLogger(name).setLevel(logging.NOTSET)


def everything_at_debug() -> None:
    """Undo what caps talkative libraries: the log must hold without it."""
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(logging.DEBUG)


def echoing(script: Script) -> Callable[[Peer], None]:
    """Refuse the sign-in, and send back all that was heard, in every disguise."""

    def refuse(peer: Peer) -> None:
        payload = script.commands[-1].split()[-1]
        decoded = base64.b64decode(payload + "==").decode("utf-8", "replace")
        token = decoded.partition("Bearer ")[2].rstrip("\1") or decoded
        lines = (
            f"You said {payload}",
            f"which is {decoded.replace(chr(1), ' ')[:400]}",
            f"begins {payload[:40]}",
            f"address {urllib.parse.quote(token)[:700]}",
            f"digits {token.encode().hex()[:700]}",
            f"again {base64.b64encode(b'x' + token.encode()).decode()[:700]}",
        )
        peer.say("\n".join(f"535-5.7.3 {line}" for line in lines) + "\n535 5.7.3 Authentication unsuccessful")

    return refuse


def with_passwords(job: Job) -> None:
    """Send, check, be refused by a server that sends the password back, in the keyring and for this run only."""
    script = Script(tls=server_context(job.authority))
    hostile = Script(tls=server_context(job.authority))
    hostile.at = {"after-password": echoing(hostile)}
    with ScriptedServer(script) as server, ScriptedServer(hostile) as liar:
        good = job.profile("Good", server.port)
        job.services.credentials.set_secret(good, Secret(PASSWORD))
        assert job.run(good)
        assert job.run(good, check=True)
        bad = job.profile("Bad", liar.port)
        job.services.credentials.use_for_this_run(bad, Secret(SESSION_PASSWORD))
        assert not job.run(bad)
        job.services.credentials.set_secret(bad, Secret(PASSWORD))
        assert not job.run(bad)
        assert base64.b64encode(PASSWORD.encode()) in bytes(liar.heard)
        cleartext = job.services.profiles.change(bad, {"security": "none"})
        job.fail(lambda: job.run(cleartext))


def with_sign_in(job: Job) -> None:
    """Sign in, send with the token, be refused by a server that sends it back, fail to sign in and to renew."""
    fields = {"auth": "oauth", "cloud": "practice", "tenant": job.place.tenant, "client_id": job.place.client_id}
    alex = next(person for person in job.place.users if person.address.startswith("alex@"))
    mail = {"username": alex.address, "recipient": alex.address, "ca_file": str(job.place.ca_file)}
    profile = job.profile("Signed in", job.place.smtp_port, **fields, **mail)
    credentials = job.services.credentials
    refusing = PersonAtBrowser(alex.address, alex.password, button="cancel")
    error = job.fail(lambda: credentials.sign_in(profile, refusing.open, CancelToken(), time_limit_s=30))
    assert isinstance(error, CredentialNeeded)
    job.keep("last page", refusing.done())
    agreeing = PersonAtBrowser(alex.address, alex.password)
    everything_at_debug()
    job.keep("sign-in", repr(credentials.sign_in(profile, agreeing.open, CancelToken(), time_limit_s=30)))
    job.keep("last page", agreeing.done())
    assert job.run(profile)
    hostile = Script(tls=server_context(job.authority))
    hostile.at = {"AUTH": echoing(hostile)}
    with ScriptedServer(hostile) as liar:
        lie = {"host": "localhost", "port": str(liar.port), "ca_file": str(job.ca_file)}
        assert not job.run(job.services.profiles.change(profile, lie))
        assert b"AUTH XOAUTH2" in bytes(liar.heard)
    everything_at_debug()
    credentials.for_session(profile, renew=True)
    job.practice.tokens.revoke(alex.address)
    job.fail(lambda: credentials.for_session(profile, renew=True))


def with_an_application(job: Job, folder: Path) -> None:
    """Sign in as an application: with a secret, with a certificate from a file, with one that is made here."""
    service = job.place.services[0]
    fields = {
        "auth": "oauth-app",
        "cloud": "practice",
        "tenant": job.place.tenant,
        "client_id": service.application.client_id,
        "username": "office@practice.example",
        "recipient": "alex@practice.example",
        "ca_file": str(job.place.ca_file),
    }
    profile = job.profile("Application", job.place.smtp_port, **fields)
    applications, credentials = job.services.app_credentials, job.services.credentials
    credentials.set_secret(profile, Secret(APP_SECRET))
    everything_at_debug()
    job.fail(lambda: job.run(profile))  # the practice tenant knows no such secret
    pfx = service.pfx_file
    assert pfx is not None
    job.fail(lambda: applications.set_certificate(profile, CertificateFiles(pfx, None, Secret("wrong"))))
    password = Secret(str(service.as_json()["pfx_password"]))
    job.keep("stored", repr(applications.set_certificate(profile, CertificateFiles(pfx, None, password))))
    everything_at_debug()
    assert job.run(profile)
    job.keep("token", repr(credentials.look_at_token(profile)))
    bundle = job.services.sharing.share(
        [profile.id], folder / "shown" / "application.relaywright", Secret(PASSPHRASE), with_secrets=True
    )
    assert bundle.secrets == 1
    job.keep("made", repr(applications.make_certificate(profile)))
    job.keep("public", applications.public_certificate(profile))
    job.fail(lambda: job.run(profile))


def with_files(job: Job, folder: Path) -> None:
    """Export with placeholders, share and import, remove and take that back."""
    services = job.services
    good = services.profiles.by_name("Good")
    for target in services.exports.targets():
        preview = services.exports.preview(good, target.id, look_up=False)
        services.exports.write(preview, folder / "exports" / target.id)
        job.keep(f"export {target.id}", repr(preview) + "".join(file.text for file in preview.files))
    plain = services.sharing.share([good.id], folder / "shown" / "for-ada.relaywright", Secret(PASSPHRASE))
    assert plain.secrets == 0
    opened = age_process.decrypt(plain.path.read_bytes(), PASSPHRASE, CancelToken())
    job.keep("bundle", opened.decode())
    full = services.sharing.share(
        [good.id], folder / "shown" / "all.relaywright", Secret(PASSPHRASE), with_secrets=True
    )
    assert full.secrets == 1
    job.fail(lambda: services.sharing.open(full.path, Secret(PASSWORD)))
    other = Services(folder / "other")
    incoming = other.sharing.open(full.path, Secret(PASSPHRASE))
    job.keep("incoming", repr(incoming))
    job.keep("taken", repr(other.sharing.take(incoming, {good.id: Choice.REPLACE})))
    other.close()
    services.profiles.remove(good.id)
    services.profiles.undo()
    assert services.vault.get(SecretRef(good.id, SecretKind.PASSWORD)) == Secret(PASSWORD)


def with_a_bug(job: Job, qtbot: QtBot) -> None:
    """Fail inside with the secret in variables and in the exception's own words; save the report that is shown."""
    good = job.services.profiles.by_name("Good")

    def fails() -> None:
        secret = job.services.vault.get(SecretRef(good.id, SecretKind.PASSWORD))
        assert secret is not None
        password = secret.reveal()
        blob = base64.b64encode(f"\0{USER}\0{password}".encode()).decode()
        raise ValueError(f"AUTH failed with {password!r}", password, {"payload": blob, "secret": secret})

    reporter = CrashReporter()
    reporter.install()
    try:
        thread = threading.Thread(target=fails)
        thread.start()
        thread.join(10)

        def dialogs() -> list[CrashDialog]:
            return [one for one in QApplication.topLevelWidgets() if isinstance(one, CrashDialog)]

        qtbot.waitUntil(lambda: bool(dialogs()), timeout=10_000)
        (dialog,) = dialogs()
        shown = dialog.findChild(QPlainTextEdit)
        assert shown is not None
        report = shown.toPlainText()
        assert "ValueError: " in report
        assert "AUTH failed with" in report
        assert "in fails" in report
        job.keep("crash", report)
        dialog.close()
    finally:
        reporter.uninstall()


def secrets_of(job: Job, keyring_in_memory: MemoryKeyring) -> dict[str, str | bytes]:
    """Return all that must be nowhere: what was planted, the tokens that were issued, the key that seals them."""
    found: dict[str, str | bytes] = {
        "password": PASSWORD,
        "session password": SESSION_PASSWORD,
        "passphrase": PASSPHRASE,
        "client secret": APP_SECRET,
    }
    application = job.services.profiles.by_name("Application")
    private = job.services.vault.get(SecretRef(application.id, SecretKind.CLIENT_CERTIFICATE))
    assert private is not None
    service = job.place.services[0]
    assert service.certificate_file is not None
    for name, pem in (("made key", private.reveal()), ("key from a file", service.certificate_file.read_text())):
        found[name] = pem.partition("PRIVATE KEY-----")[2].strip().splitlines()[5]
    cache = json.loads(job.services.vault.sealed_file(job.data / TOKEN_FILE).load() or b"{}")
    for number, entry in enumerate(cache["RelaywrightAppToken"].values()):
        # Its claims hold the tenant's id in base64, as the client_info that MSAL logs does: no secret.
        found[f"application's token {number}"] = entry["secret"].rpartition(".")[2]
    for section in ("AccessToken", "RefreshToken", "IdToken"):
        for number, entry in enumerate(cache[section].values()):
            # An id token's claims, which are no secret, also stand in the client_info that MSAL logs.
            is_identity = section == "IdToken"
            found[f"{section} {number}"] = entry["secret"].rpartition(".")[2] if is_identity else entry["secret"]
    (key,) = [value for (_, user), value in keyring_in_memory.entries.items() if user == "token-key-v1"]
    return {**found, "sealing key": base64.b64decode(key), "sealing key as stored": key}


def test_after_the_main_job_no_secret_is_anywhere_but_in_the_keyring(
    job: Job, keyring_in_memory: MemoryKeyring, relaywright: Relaywright, tmp_path: Path, qtbot: QtBot
) -> None:
    with ChildProcesses() as children:
        info = job.services.practice.start(CancelToken())
        job.keep("practice", repr(info))
        with_passwords(job)
        with_sign_in(job)
        with_an_application(job, tmp_path)
        with_files(job, tmp_path)
        with_a_bug(job, qtbot)
        job.keep("self-test", json.dumps(self_test()))
        for verb in ("send", "check"):
            call = ("--json", verb, "Good", "--stdin", "--transcript", str(job.shown / f"{verb}.txt"))
            answer = relaywright("--data-dir", str(job.data), *call, stdin=f"{PASSWORD}\n")
            job.keep(verb, answer.out + answer.err)
        canaries = Canaries(secrets_of(job, keyring_in_memory))
        assert canaries.found_under(job.data, job.shown, tmp_path / "exports", tmp_path / "other") == {}
        kept_in = f"relaywright/{job.services.profiles.by_name('Good').id}", "password"
        job.services.practice.stop()
    job.services.close()
    assert canaries.found_under(job.data, job.shown, tmp_path / "exports", tmp_path / "other") == {}
    assert any("age-worker" in told for told in children.seen.values())
    assert any("--until-stdin-closes" in told for told in children.seen.values())
    assert [told for told in children.seen.values() if canaries.found_in(told.encode())] == []

    # What was searched is what was meant, and the secrets did pass through.
    log = (job.data / "logs" / "relaywright.log").read_text(encoding="utf-8")
    assert "DEBUG" in log
    assert "AUTH failed with" in log
    assert {"relaywright.db", TOKEN_FILE, LONG_SECRETS_FILE} <= {path.name for path in job.data.iterdir()}
    assert (tmp_path / "other" / "relaywright.db").is_file()
    assert any((tmp_path / "exports").rglob("msmtprc"))
    assert keyring_in_memory.entries[kept_in] == PASSWORD


LEAKS: dict[str, Callable[[str], bytes]] = {
    "in the clear": str.encode,
    "for Windows": lambda value: value.encode("utf-16-le"),
    "big-endian": lambda value: value.encode("utf-16-be"),
    "base64": lambda value: base64.b64encode(value.encode()),
    "AUTH PLAIN": lambda value: base64.b64encode(f"\0{USER}\0{value}".encode()),
    "XOAUTH2": lambda value: base64.b64encode(f"user={USER}\1auth=Bearer {value}\1\1".encode()),
    "base64 for addresses": lambda value: base64.urlsafe_b64encode(f"a{value}".encode()),
    "digits": lambda value: value.encode().hex().encode(),
    "an address": lambda value: urllib.parse.quote(value).encode(),
    "a form": lambda value: urllib.parse.quote_plus(value).encode(),
    "JSON": lambda value: json.dumps({"password": value}).encode(),
    "Python": lambda value: repr([value]).encode(),
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS.keys())
def test_the_search_finds_a_leak_in_every_disguise(leak: Callable[[str], bytes], tmp_path: Path) -> None:
    canaries = Canaries({"password": PASSWORD, "other": SESSION_PASSWORD})
    folder = tmp_path / "data" / "deep"
    folder.mkdir(parents=True)
    (folder / "clean.bin").write_bytes(b"nothing here \0\1")
    assert canaries.found_under(tmp_path) == {}
    (folder / "a.db-wal").write_bytes(b"\0\xffpage " + leak(PASSWORD) + b" more\0")
    assert canaries.found_under(tmp_path) == {str(folder / "a.db-wal"): ["password"]}


def test_the_search_finds_a_piece_of_a_token_and_a_name_of_a_file(tmp_path: Path) -> None:
    token = "".join(f"{number:04d}-canary." for number in range(200))
    canaries = Canaries({"token": token, "password": SESSION_PASSWORD})
    (tmp_path / "log").write_text(f"the server said {token[300:400]}", encoding="utf-8")
    (tmp_path / f"export {SESSION_PASSWORD}.txt").write_text("", encoding="utf-8")
    assert sorted(canaries.found_under(tmp_path).values()) == [["password"], ["token"]]


@pytest.mark.parametrize("place", ["argument", "environment"])
def test_the_watch_over_child_processes_finds_a_leak(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = [sys.executable, "-c", "print(1, flush=True); input()"]
    if place == "argument":
        arguments.append(f"--password={SESSION_PASSWORD}")
    else:
        monkeypatch.setenv("RELAY_PASSWORD", SESSION_PASSWORD)
    with (
        ChildProcesses() as children,
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child,
    ):
        assert child.stdout
        assert child.stdout.readline()
        canaries = Canaries({"password": SESSION_PASSWORD})

        def is_found() -> bool:
            return any(canaries.found_in(told.encode()) for told in list(children.seen.values()))

        waited = threading.Event()
        assert any(is_found() or waited.wait(0.01) or is_found() for _ in range(1_000))
        child.communicate(b"\n", timeout=10)


def test_the_log_would_show_a_secret_without_its_net(job: Job) -> None:
    """The log of this test does hold what libraries say: a text that is no secret of ours passes."""
    fresh = "Canary-that-only-this-test-has"
    logging.getLogger("some.library").debug("raw payload %s", fresh)
    log = (job.data / "logs" / "relaywright.log").read_text(encoding="utf-8")
    assert Canaries({"password": fresh}).found_in(log.encode()) == ["password"]
    kept = Secret(fresh)
    logging.getLogger("some.library").debug("once more: %s", fresh)
    once_more = (job.data / "logs" / "relaywright.log").read_text(encoding="utf-8").partition("once more:")[2]
    assert Canaries({"password": fresh}).found_in(once_more.encode()) == []
    assert kept
