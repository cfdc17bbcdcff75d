"""What the tests of exported files share: profiles for the practice relay, and a practice with an awkward password."""

import shutil
from pathlib import Path

from relaywright import paths
from relaywright.domain.profile import Auth, Method, RelayProfile, Security
from relaywright.exporting.exporter import Exporter
from relaywright.practice.practice import Practice

AWKWARD_PASSWORD = "p$$a'ss \"w#ör%d\\;{x}:=`~!€"
MESSAGE = b"From: root <root@localhost>\r\nTo: alex@practice.example\r\nSubject: from the export\r\n\r\nHello.\r\n"
RECIPIENT = "alex@practice.example"


def exporter() -> Exporter:
    """Return the exporter over the shipped targets."""
    return Exporter([paths.resources() / "targets"])


def submission_profile(practice: Practice, auth: Auth = Auth.PASSWORD) -> RelayProfile:
    """Return client submission to the practice relay as its scanner, trusting the practice authority."""
    where = practice.start()
    scanner = where.users[0]
    return RelayProfile(
        name="Scanner (practice)",
        host=where.host,
        port=where.smtp_port,
        auth=auth,
        username=scanner.address,
        sender=scanner.address,
        tenant=where.tenant,
        client_id=where.client_id,
        ehlo_name="scanner.practice.example",
        ca_file=str(where.ca_file),
    )


def endpoint_profile(practice: Practice) -> RelayProfile:
    """Return Direct Send to the practice's MX endpoint, without a sign-in."""
    where = practice.start()
    return RelayProfile(
        name="Direct (practice)",
        method=Method.DIRECT_SEND,
        host=where.host,
        port=where.mx_port,
        security=Security.STARTTLS,
        auth=Auth.NONE,
        sender=where.users[0].address,
        ca_file=str(where.ca_file),
    )


def resources_with_awkward_password(folder: Path) -> Path:
    """Copy the practice's resources and give its scanner a password that every format has trouble with."""
    shutil.copytree(paths.resources() / "practice", folder / "practice")
    accounts = folder / "practice" / "accounts.toml"
    text = accounts.read_text(encoding="utf-8")
    assert '"Practice-Scanner-1"' in text
    quoted = f"'''{AWKWARD_PASSWORD}'''"
    accounts.write_text(text.replace('"Practice-Scanner-1"', quoted), encoding="utf-8")
    return folder
