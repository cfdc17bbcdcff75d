"""The device sheet, read back by a real PDF reader."""

import shutil
import subprocess
from pathlib import Path

import pytest

from real.mail_export import AWKWARD_PASSWORD
from relaywright import paths
from relaywright.domain.profile import RelayProfile
from relaywright.domain.secret import Secret
from relaywright.exporting.exporter import PASSWORD_PLACEHOLDER, Exporter

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed (package poppler-utils)"),
]
PROFILE = RelayProfile("Scanner", host="smtp.office365.com", username="s@contoso.com", sender="s@contoso.com")


def printed(folder: Path, secret: Secret | None) -> str:
    exporter = Exporter([paths.resources() / "targets"], fonts=paths.resources() / "fonts")
    files = exporter.preview("device-sheet", PROFILE, secret)
    (written,) = exporter.write(files, folder)
    run = subprocess.run(["pdftotext", "-layout", str(written.path), "-"], capture_output=True, check=True, timeout=30)
    return run.stdout.decode()


def test_the_password_is_printed_letter_by_letter_when_asked(tmp_path: Path) -> None:
    text = printed(tmp_path, Secret(AWKWARD_PASSWORD))
    assert AWKWARD_PASSWORD in text
    assert "destroy it" in text


def test_without_asking_there_is_no_password_and_no_placeholder(tmp_path: Path) -> None:
    text = printed(tmp_path, None)
    assert "Type it in at the device" in text
    assert PASSWORD_PLACEHOLDER not in text
    assert "s@contoso.com" in text
