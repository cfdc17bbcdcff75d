"""The MX endpoint against a name server on loopback, and addresses."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from name_server import NameServer
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled
from relaywright.domain.reply import FailureKind
from relaywright.smtp.endpoint import Address, addresses_of, endpoint_of, mail_exchangers
from relaywright.smtp.plan import MxOf
from relaywright.smtp.trouble import Trouble

SUFFIXES = (".mail.protection.outlook.com", ".mx.microsoft")
ZONE = {
    "contoso.test.": ["20 mx2.gateway.test.", "10 contoso-test.mail.protection.outlook.com."],
    "new.test.": ["0 new-test.ab-v1.MX.Microsoft."],
    "gateway.test.": ["10 mx1.gateway.test.", "20 mx2.gateway.test."],
    "lookalike.test.": ["10 evilmail.protection.outlook.com.", "20 x.mail.protection.outlook.com.evil.test."],
    "null.test.": ["0 ."],
    "empty.test.": [],
}


@pytest.fixture
def name_server() -> Iterator[NameServer]:
    server = NameServer(ZONE)
    yield server
    server.close()


def soon(seconds: float = 3.0) -> float:
    return time.monotonic() + seconds


@pytest.mark.parametrize(
    ("domain", "host"),
    [("contoso.test", "contoso-test.mail.protection.outlook.com"), ("new.test", "new-test.ab-v1.mx.microsoft")],
)
def test_the_endpoint_is_what_dns_says(name_server: NameServer, domain: str, host: str) -> None:
    assert endpoint_of(MxOf(domain, SUFFIXES, name_server.address), soon(), CancelToken()) == host


@pytest.mark.parametrize(
    ("domain", "kind", "said"),
    [
        ("gateway.test", FailureKind.NO_MX, "mx1.gateway.test, mx2.gateway.test"),
        ("lookalike.test", FailureKind.NO_MX, "evilmail.protection.outlook.com"),
        ("null.test", FailureKind.NO_MX, "has no MX"),
        ("empty.test", FailureKind.NO_MX, "has no MX"),
        ("nowhere.test", FailureKind.NO_MX, "does not exist"),
        ("broken.test", FailureKind.NAME_NO_ANSWER, "broken.test"),
        ("silent.test", FailureKind.NAME_NO_ANSWER, "in time"),
    ],
)
def test_nothing_is_guessed(name_server: NameServer, domain: str, kind: FailureKind, said: str) -> None:
    with pytest.raises(Trouble) as caught:
        endpoint_of(MxOf(domain, SUFFIXES, name_server.address), soon(0.5), CancelToken())
    assert caught.value.kind is kind
    assert said in caught.value.detail


def test_a_cancel_ends_a_question_nobody_answers(name_server: NameServer) -> None:
    cancel = CancelToken()

    def cancel_once_asked() -> None:
        name_server.asked.wait(5)
        cancel.cancel()

    canceller = threading.Thread(target=cancel_once_asked)
    canceller.start()
    with pytest.raises(Cancelled):
        mail_exchangers("silent.test", soon(30), cancel, name_server.address)
    canceller.join()


def test_addresses_are_written_as_people_write_them() -> None:
    found = addresses_of("127.0.0.1", 25, soon(), CancelToken())
    assert [address.text for address in found] == ["127.0.0.1:25"]
    assert Address(socket.AF_INET6, ("::1", 25, 0, 0)).text == "[::1]:25"
