"""Sessions at the practice relay, as far along as a test wants them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from raw_smtp import RawSmtp
from relaywright.catalog.catalog import Catalog
from relaywright.practice.practice import Practice, PracticeAddresses

SCANNER = ("scanner@practice.example", "Practice-Scanner-1")


@pytest.fixture
def plain(addresses: PracticeAddresses) -> Iterator[RawSmtp]:
    """A session at the submission port, nothing said yet."""
    with RawSmtp(addresses.smtp_port) as client:
        yield client


@pytest.fixture
def encrypted(plain: RawSmtp, addresses: PracticeAddresses) -> RawSmtp:
    """TLS is on and EHLO was said again."""
    plain.ehlo()
    plain.starttls(addresses.ca_file)
    plain.ehlo()
    return plain


@pytest.fixture
def signed_in(encrypted: RawSmtp) -> RawSmtp:
    """The scanner has signed in."""
    assert encrypted.login(*SCANNER).startswith("235 2.7.0")
    return encrypted


@pytest.fixture
def endpoint(addresses: PracticeAddresses) -> Iterator[RawSmtp]:
    """A session at the MX endpoint, EHLO said."""
    with RawSmtp(addresses.mx_port) as client:
        client.ehlo()
        yield client


@pytest.fixture
def short_of_patience(tmp_path: Path, catalog: Catalog) -> Iterator[PracticeAddresses]:
    """A practice that waits a third of a second for a line."""
    with Practice(tmp_path, catalog, idle_s=0.3) as practice:
        yield practice.start()
