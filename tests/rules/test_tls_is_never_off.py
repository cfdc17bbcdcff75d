"""TLS verification cannot be switched off anywhere, and nothing of the program listens beyond this machine.

How verification behaves is tested with real servers in tests/unit/smtp and tests/unit/identity; here it is the source
that is searched for a way around it.
"""

import ast
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from relaywright.identity.loopback import Loopback
from relaywright.practice.practice import PracticeAddresses

APP = Path(__file__).parents[2] / "app" / "relaywright"
SOURCES = sorted(APP.rglob("*.py"))
WAYS_AROUND = {
    "CERT_NONE",
    "CERT_OPTIONAL",
    "VERIFY_NONE",
    "_create_unverified_context",
    "_create_stdlib_context",
    "create_default_context",  # writes the session's keys where SSLKEYLOGFILE says
    "disable_warnings",
    "set_ciphers",
}
JUSTIFIED = {
    # A server that may be shown a client's certificate; it is the practice relay's and checks whoever shows one.
    ("practice/authority.py", "CERT_OPTIONAL"),
    # TLS 1.0 and 1.1 for a look with an old device's eyes, never with a credential. That it verifies all the same, and
    # takes no cipher without a certificate, is tested in tests/unit/services/test_preflight.py.
    ("smtp/tls.py", "set_ciphers"),
}


def ways_around(source: str) -> Iterator[str]:
    """Name every use of a switch that would weaken verification."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.alias(name=name) if name in WAYS_AROUND:
                yield name
            case ast.Assign(targets=[ast.Attribute(attr="check_hostname" | "verify" as name)]):
                yield name
            case ast.keyword(arg="verify" | "check_hostname", value=ast.Constant(value=False)):
                yield f"{node.arg}=False"
            case ast.Constant(value="CERT_NONE"):
                yield "CERT_NONE"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(APP).as_posix())
def test_no_module_has_a_way_around_verification(path: Path) -> None:
    name = path.relative_to(APP).as_posix()
    found = [way for way in ways_around(path.read_text(encoding="utf-8")) if (name, way) not in JUSTIFIED]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "context.verify_mode = ssl.CERT_NONE",
        "context.check_hostname = False",
        "from ssl import CERT_NONE",
        "requests.get(url, verify=False)",
        "session.verify = flag",
        "ssl._create_unverified_context()",
        "connection.cert_reqs = 'CERT_NONE'",
    ],
)
def test_the_search_finds_a_way_around(source: str) -> None:
    assert list(ways_around(source))


def test_nothing_listens_beyond_this_machine(addresses: PracticeAddresses) -> None:
    with Loopback():
        listening = [
            place.laddr for place in psutil.Process().net_connections("inet") if place.status == psutil.CONN_LISTEN
        ]
    ports = {place.port for place in listening}
    assert {addresses.smtp_port, addresses.smtps_port, addresses.mx_port} <= ports
    assert len(ports) >= 6
    assert [place for place in listening if not ipaddress.ip_address(place.ip).is_loopback] == []
