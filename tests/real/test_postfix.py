"""The real Postfix, as a private instance, relays with the exported files, and the practice relay has the message."""

import contextlib
import dataclasses
import datetime
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from real import mail_export
from real.mail_export import MESSAGE, RECIPIENT, exporter, submission_profile
from relaywright.catalog.catalog import Catalog
from relaywright.domain.profile import RelayProfile, Security
from relaywright.domain.secret import Secret
from relaywright.practice.practice import Practice
from relaywright.practice.relay import ReceivedMessage

MASTER_CF = Path("/usr/share/postfix/master.cf.dist")

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        shutil.which("postconf") is None or not MASTER_CF.exists(),
        reason="Postfix is not installed (Debian packages postfix, libsasl2-modules)",
    ),
]
needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="Postfix's master process runs as root only"
)

# What a private instance needs beside the exported lines: folders of its own, names found without DNS, no local mail.
BASE = """compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
myhostname = relay.practice.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
smtp_host_lookup = native
"""


class PrivatePostfix:
    """A Postfix in a folder of its own. It listens nowhere and is fed by its own sendmail command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "etc"
        self.config.mkdir()
        (folder / "spool").mkdir()
        (folder / "data").mkdir()
        # Daemons run unchrooted here: the folder has no copy of the system's files. smtpd and its port are left out.
        lines = MASTER_CF.read_text().splitlines()
        services = [re.sub(r"^(\S+\s+\S+\s+\S+\s+\S+\s+)y(\s)", r"\1n\2", line) for line in lines]
        services = [line for line in services if not re.match(r"smtp\s+inet|\s|postlog\s", line)]
        services.append("postlog unix-dgram n - n - 1 postlogd")
        (self.config / "master.cf").write_text("\n".join(services) + "\n")
        (self.config / "main.cf").write_text(BASE.format(folder=folder))

    def take_over(self, profile: RelayProfile, secret: Secret | None) -> None:
        """Do what the export's notes say: append the lines, put the password's file beside them."""
        export = exporter()
        files = export.preview("postfix", profile, secret, today=datetime.date(2026, 11, 23))
        export.write(files, self.folder / "export")
        exported = (self.folder / "export" / "relaywright-main.cf").read_text()
        with (self.config / "main.cf").open("a") as main:
            main.write(exported)
        for table in files[1:]:
            shutil.copy2(self.folder / "export" / table.name, self.config)

    def settings(self) -> "subprocess.CompletedProcess[str]":
        return self._run("postconf", "-c", str(self.config), "-n")

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        shutil.chown(self.folder / "data", "postfix")
        start = self._run("postfix", "-c", str(self.config), "start")
        assert start.returncode == 0, start.stderr + self.log()
        try:
            yield
        finally:
            self._run("postfix", "-c", str(self.config), "abort")

    def send(self, sender: str = "root@relay.practice.example") -> None:
        command = ["sendmail", "-C", str(self.config), "-f", sender, "-i", RECIPIENT]
        subprocess.run(command, input=MESSAGE, check=True, capture_output=True, timeout=60)

    def log(self) -> str:
        path = self.folder / "maillog"
        return path.read_text() if path.exists() else ""

    def wait_for(self, condition: Callable[[str], object], timeout_s: float = 30) -> str:
        """Return the log once the condition holds for it; fail with the log when it never does."""
        end = time.monotonic() + timeout_s
        pause = threading.Event()
        while time.monotonic() < end:
            if condition(self.log()):
                return self.log()
            pause.wait(0.05)
        pytest.fail(f"the log never said so:\n{self.log()}")

    def _run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def postfix() -> Iterator[PrivatePostfix]:
    # Not tmp_path: Postfix's own users must be able to enter the folder.
    folder = Path(tempfile.mkdtemp(prefix="relaywright-postfix-"))
    folder.chmod(0o755)
    yield PrivatePostfix(folder)
    shutil.rmtree(folder)


def password_of(practice: Practice) -> Secret:
    return Secret(practice.start().users[0].password)


def delivered(practice: Practice, postfix: PrivatePostfix) -> ReceivedMessage:
    postfix.send()
    received = practice.relay.wait_for_messages(1, 30)
    assert len(received) == 1, postfix.log()
    postfix.wait_for(lambda log: "status=sent" in log)
    return received[0]


@pytest.mark.parametrize("security", list(Security))
def test_postfix_knows_every_exported_setting(postfix: PrivatePostfix, practice: Practice, security: Security) -> None:
    profile = submission_profile(practice)
    if security is Security.NONE:
        profile = dataclasses.replace(mail_export.endpoint_profile(practice), security=security)
    postfix.take_over(dataclasses.replace(profile, security=security), None)
    settings = postfix.settings()
    assert settings.returncode == 0
    assert settings.stderr == ""
    assert f"relayhost = [localhost]:{profile.port}" in settings.stdout


def test_postfix_would_name_a_mistyped_setting(postfix: PrivatePostfix) -> None:
    with (postfix.config / "main.cf").open("a") as main:
        main.write("smtp_tls_security_levle = secure\n")
    assert "smtp_tls_security_levle" in postfix.settings().stderr


@needs_root
def test_the_exported_files_send_with_a_password(postfix: PrivatePostfix, practice: Practice) -> None:
    postfix.take_over(submission_profile(practice), password_of(practice))
    with postfix.running():
        message = delivered(practice, postfix)
    assert message.signed_in_as == message.sender == "scanner@practice.example"
    assert (message.mechanism, message.recipients) == ("LOGIN", (RECIPIENT,))
    assert message.ehlo_name == "scanner.practice.example"
    assert b"root@localhost" not in message.content, "all senders become the profile's address"


@needs_root
def test_an_awkward_password_arrives_as_it_is(postfix: PrivatePostfix, tmp_path: Path, catalog: Catalog) -> None:
    resources = mail_export.resources_with_awkward_password(tmp_path / "resources")
    with Practice(tmp_path / "practice", catalog, resources=resources) as practice:
        postfix.take_over(submission_profile(practice), Secret(mail_export.AWKWARD_PASSWORD))
        with postfix.running():
            assert delivered(practice, postfix).mechanism == "LOGIN"


@needs_root
def test_tls_from_the_first_byte(postfix: PrivatePostfix, practice: Practice) -> None:
    port = practice.start().smtps_port
    profile = dataclasses.replace(submission_profile(practice), port=port, security=Security.TLS)
    postfix.take_over(profile, password_of(practice))
    with postfix.running():
        assert delivered(practice, postfix).mechanism == "LOGIN"


@needs_root
def test_direct_send_without_a_sign_in(postfix: PrivatePostfix, practice: Practice) -> None:
    postfix.take_over(mail_export.endpoint_profile(practice), None)
    with postfix.running():
        message = delivered(practice, postfix)
    assert (message.endpoint, message.mechanism) == ("mx", "")
    assert message.tls_version


@needs_root
@pytest.mark.parametrize("secret", [None, Secret("wrong")], ids=["placeholder", "wrong password"])
def test_without_the_right_password_nothing_is_sent(
    postfix: PrivatePostfix, practice: Practice, secret: Secret | None
) -> None:
    postfix.take_over(submission_profile(practice), secret)
    with postfix.running():
        postfix.send()
        log = postfix.wait_for(lambda log: "status=deferred" in log or "status=bounced" in log)
    assert "535 5.7.3" in log or "535 5.7.139" in log
    assert practice.received == []


@needs_root
def test_an_untrusted_server_gets_no_password(postfix: PrivatePostfix, practice: Practice) -> None:
    profile = dataclasses.replace(submission_profile(practice), ca_file="")
    postfix.take_over(profile, password_of(practice))
    with postfix.running():
        postfix.send()
        log = postfix.wait_for(lambda log: "status=deferred" in log)
    assert "Server certificate not verified" in log
    assert practice.received == []


@needs_root
def test_a_bounce_is_refused_as_the_note_says(postfix: PrivatePostfix, practice: Practice) -> None:
    postfix.take_over(submission_profile(practice), password_of(practice))
    with postfix.running():
        postfix.send(sender="<>")
        log = postfix.wait_for(lambda log: "status=" in log)
    assert "from=<>, size=" in log, "it stays a bounce"
    assert "SendAsDenied" in log
    assert practice.received == []
