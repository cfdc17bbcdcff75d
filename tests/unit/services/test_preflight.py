"""The legs of a check beside its session, over real sockets: what each sees and means, and that all of it ends."""

import contextlib
import dataclasses
import socket
import socketserver
import ssl
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from name_server import NameServer
from relaywright.bootstrap import Services
from relaywright.catalog.catalog import Catalog
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, InputError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Auth, Method, RelayProfile, Security
from relaywright.domain.secret import Secret
from relaywright.practice.practice import Practice
from relaywright.services import preflight
from relaywright.services.preflight import Preflight, Road
from relaywright.smtp.engine import run
from relaywright.smtp.events import Line
from relaywright.smtp.plan import MxOf, PasswordCredential, SendPlan


@pytest.fixture
def scanner(services: Services, practice: Practice) -> RelayProfile:
    place = practice.start()
    (services.data_dir / "clouds.toml").write_bytes(place.clouds_file.read_bytes())
    profile = services.profiles.draft(
        "Scanner",
        {
            "cloud": "practice",
            "host": place.host,
            "port": str(place.smtp_port),
            "auth": "password",
            "username": "scanner@practice.example",
        },
    )
    services.profiles.add(profile)
    services.credentials.set_secret(profile, Secret("Practice-Scanner-1"))
    return profile


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port at which the connection is taken and nobody ever says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which nobody listens: bound, so that nobody else gets it meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield int(bound.getsockname()[1])


def lab_of(services: Services, place_ports: list[str], practice: Practice) -> None:
    """Let the practice cloud list these ports."""
    lines = practice.start().clouds_file.read_text(encoding="utf-8").splitlines()
    ports = f"ports = {place_ports}".replace("'", '"')
    text = "\n".join(ports if line.startswith("ports = ") else line for line in lines)
    (services.data_dir / "clouds.toml").write_text(text, encoding="utf-8")


def check(services: Services, profile: RelayProfile) -> dict[str, Finding]:
    report = services.tests.check(profile, lambda _event: None, CancelToken())
    return {finding.id: finding for finding in report.findings}


def test_every_port_of_the_cloud_is_looked_at_and_the_own_one_by_the_session(
    services: Services, scanner: RelayProfile, practice: Practice
) -> None:
    place = practice.start()
    found = check(services, scanner)
    assert found[f"port-{place.smtps_port}"].title == f"Port {place.smtps_port} answers, with TLS from the start"
    assert found[f"port-{place.smtps_port}"].level is Level.OK
    assert "TLSv1.3" in found[f"port-{place.smtps_port}"].detail
    assert found[f"port-{place.mx_port}"].title == f"Port {place.mx_port} answers, with STARTTLS"
    assert f"port-{place.smtp_port}" not in found
    assert {"server-answers", "encrypted", "sign-ins-offered", "signed-in", "size-limit", "addresses"} <= set(found)
    assert "XOAUTH2" in found["sign-ins-offered"].title
    assert practice.received == []


def test_findings_are_told_while_the_check_runs_never_two_at_once(services: Services, scanner: RelayProfile) -> None:
    told: list[str] = []
    inside = threading.Lock()

    def alone(item: object) -> None:
        assert inside.acquire(blocking=False)
        told.append(item.id if isinstance(item, Finding) else type(item).__name__)
        inside.release()

    report = services.tests.check(scanner, alone, CancelToken(), alone)
    assert {finding.id for finding in report.findings} <= set(told)
    assert Line.__name__ in told


def test_a_closed_port_is_seen_not_believed(
    services: Services, scanner: RelayProfile, practice: Practice, closed_port: int
) -> None:
    lab_of(services, [f"{closed_port} starttls"], practice)
    port = check(services, scanner)[f"port-{closed_port}"]
    assert (port.level, port.title) == (Level.INFO, f"Port {closed_port} is closed")
    assert f"127.0.0.1:{closed_port}" in port.detail


def test_where_the_own_port_is_closed_one_that_works_is_named(
    services: Services, scanner: RelayProfile, practice: Practice, closed_port: int
) -> None:
    place = practice.start()
    lab_of(services, [f"{place.smtp_port} starttls"], practice)
    profile = dataclasses.replace(scanner, port=closed_port)
    report = services.tests.check(profile, lambda _event: None, CancelToken())
    found = {finding.id: finding for finding in report.findings}
    assert not report.outcome.ok
    assert found["other-port-works"].level is Level.WARNING
    assert found["other-port-works"].steps == (f"Set the profile's port to {place.smtp_port}, with STARTTLS.",)
    assert report.verdict.startswith("A test would fail, and the next move is ")


def test_another_way_of_encryption_than_the_port_has_is_said(
    services: Services, scanner: RelayProfile, practice: Practice
) -> None:
    place = practice.start()
    lab_of(services, [f"{place.mx_port} tls"], practice)
    port = check(services, scanner)[f"port-{place.mx_port}"]
    assert (port.level, port.title) == (Level.INFO, f"Port {place.mx_port} is open, but no session came about")


def test_a_silent_port_ends_at_the_legs_limit(
    services: Services,
    scanner: RelayProfile,
    practice: Practice,
    silent_port: int,
    impatient: None,
) -> None:
    lab_of(services, [f"{silent_port} starttls"], practice)
    assert check(services, scanner)[f"port-{silent_port}"].level is Level.INFO


def test_cancel_ends_a_leg_that_waits(
    services: Services, scanner: RelayProfile, practice: Practice, silent_port: int
) -> None:
    lab_of(services, [f"{silent_port} starttls"], practice)
    cancel = CancelToken()

    def on_signed_in(finding: Finding) -> None:
        if finding.id == "signed-in":  # the session is done, only the leg waits
            cancel.cancel()

    with pytest.raises(Cancelled):
        services.tests.check(scanner, lambda _event: None, cancel, on_signed_in)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("relaywright-leg")]
    assert services.history.runs(scanner.id) == []


def test_a_session_that_cannot_begin_ends_the_legs(
    catalog: Catalog, scanner: RelayProfile, silent_port: int, practice: Practice
) -> None:
    profile = dataclasses.replace(scanner, cloud="worldwide", port=silent_port)
    road = Road(profile, "localhost", None)
    with pytest.raises(RuntimeError), Preflight(catalog, road, lambda _finding: None, CancelToken()):
        raise RuntimeError
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("relaywright-leg")]


def test_a_proxy_is_named_without_its_password(
    services: Services, scanner: RelayProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://worker:s3cret-of-proxy@proxy.contoso.example:8080")
    proxy = check(services, scanner)["web-proxy"]
    assert "proxy.contoso.example:8080" in proxy.detail
    assert "s3cret-of-proxy" not in str(proxy)


def test_a_name_without_an_address_is_told_once(
    services: Services, scanner: RelayProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(*_call: object, **_how: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    report = services.tests.check(scanner, lambda _event: None, CancelToken())
    assert [finding.id for finding in report.findings if finding.level is Level.ERROR] == ["name-not-found"]
    assert not [finding for finding in report.findings if finding.id.startswith(("port-", "addresses", "no-"))]
    assert report.verdict == "A test would fail, and the next move is the profile’s."


def test_a_lab_that_lists_no_port_of_its_own_is_looked_at_as_microsofts(services: Services) -> None:
    worldwide = services.catalog.cloud("worldwide")
    assert [(port.number, port.security.value) for port in services.catalog.ports(worldwide)] == [
        (587, "starttls"),
        (25, "starttls"),
        (465, "tls"),
    ]


@pytest.mark.parametrize("ports", ["587", "70000 tls", "0 tls", "587 maybe"])
def test_a_lab_with_a_wrong_port_is_told(services: Services, practice: Practice, ports: str) -> None:
    lab_of(services, [ports], practice)
    (damage,) = services.catalog.damaged_files
    assert "ports" in damage.message


@pytest.mark.parametrize(
    ("domain", "host", "expected", "level"),
    [
        ("contoso.test", "", "mx-ours", Level.OK),
        ("elsewhere.test", "", "mx-elsewhere", Level.WARNING),
        ("contoso.test", "other.mail.protection.outlook.com", "mx-not-the-host", Level.INFO),
        ("contoso.test", "contoso-test.mail.protection.outlook.com", "mx-ours", Level.OK),
        ("unknown.test", "", "mx-unknown", Level.WARNING),
        ("broken.test", "", "mx-unknown", Level.WARNING),
    ],
)
def test_direct_send_looks_where_the_mx_points(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch, domain: str, host: str, expected: str, level: Level
) -> None:
    def nobody(*_call: object, **_how: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    zone = {"contoso.test.": ["0 contoso-test.mail.protection.outlook.com."], "elsewhere.test.": ["5 mx.other.test."]}
    server = NameServer(zone)
    try:
        profile = RelayProfile("Direct", method=Method.DIRECT_SEND, host=host, sender=f"scan@{domain}", port=25)
        mx = MxOf(domain, catalog.cloud("worldwide").mx_suffixes, server.address)
        road = Road(profile, host or mx, None, nameserver=server.address)
        with Preflight(catalog, road, lambda _finding: None, CancelToken()) as legs:
            found = {finding.id: finding for finding in legs.findings()}
    finally:
        server.close()
    assert [(key, one.level) for key, one in found.items() if key.startswith("mx-")] == [(expected, level)]


def test_the_shipped_ports_say_what_each_is_for(catalog: Catalog) -> None:
    for port in catalog.ports(catalog.cloud("worldwide")):
        assert port.purpose.endswith(".")
        assert port.sources


def as_old_devices(services: Services, profile: RelayProfile) -> dict[str, Finding]:
    report = services.tests.check(profile, lambda _event: None, CancelToken(), as_old_devices=True)
    return {finding.id: finding for finding in report.findings if finding.id.startswith("as-")}


def test_an_old_device_sees_at_the_practice_relay_what_it_sees_at_microsofts(
    services: Services, scanner: RelayProfile, practice: Practice
) -> None:
    found = as_old_devices(services, scanner)
    assert set(found) == {f"as-{device.id}" for device in services.catalog.old_devices}
    assert found["as-tls-1-1"].title == "A device that knows TLS 1.0 and 1.1 alone would not get through"
    assert "protocol version" in found["as-tls-1-1"].detail.lower().replace("_", " ")
    assert found["as-no-starttls"].level is Level.WARNING
    assert "no sign-in is offered" in found["as-no-starttls"].detail
    assert found["as-login-only"].level is Level.OK
    assert all(finding.steps for finding in found.values() if finding.level is Level.WARNING)
    assert practice.received == []


def test_where_nobody_signs_in_a_device_without_starttls_gets_through(
    services: Services, scanner: RelayProfile, practice: Practice
) -> None:
    relay = dataclasses.replace(scanner, method=Method.CUSTOM, auth=Auth.NONE, username="", sender="a@practice.example")
    assert as_old_devices(services, relay)["as-no-starttls"].level is Level.OK


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a moment only, where a leg speaks without TLS to a port that waits for TLS."""
    monkeypatch.setattr(preflight, "LIMITS", dataclasses.replace(preflight.LIMITS, reply_s=0.2))


def seen_by_an_old_device(services: Services, port: int, ca_file: Path) -> Finding:
    profile = RelayProfile(
        "Old",
        method=Method.CUSTOM,
        host="localhost",
        port=port,
        security=Security.TLS,
        auth=Auth.NONE,
        ca_file=str(ca_file),
        sender="scan@practice.example",
    )
    services.profiles.add(profile)
    return as_old_devices(services, profile)["as-tls-1-1"]


@pytest.fixture
def authority(tmp_path: Path, impatient: None) -> trustme.CA:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return authority


def test_a_server_that_still_speaks_tls_1_1_lets_such_a_device_in(
    services: Services, authority: trustme.CA, tmp_path: Path
) -> None:
    with old_server(authority) as port:
        found = seen_by_an_old_device(services, port, tmp_path / "ca.pem")
    assert (found.level, found.detail) == (Level.OK, f"Seen: a session at port {port}, TLSv1.1.")


def test_the_certificate_is_verified_with_old_eyes_too(
    services: Services, authority: trustme.CA, tmp_path: Path
) -> None:
    with old_server(trustme.CA()) as port:
        found = seen_by_an_old_device(services, port, tmp_path / "ca.pem")
    assert found.level is Level.WARNING
    assert "certificate" in found.detail


def test_old_eyes_take_no_cipher_without_a_certificate(
    services: Services, authority: trustme.CA, tmp_path: Path
) -> None:
    with old_server(authority, "aNULL:@SECLEVEL=0") as port:
        found = seen_by_an_old_device(services, port, tmp_path / "ca.pem")
    assert found.level is Level.WARNING


def test_nothing_is_signed_in_or_sent_over_old_tls() -> None:
    credential = PasswordCredential("a@contoso.example", Secret("x"))
    for plan in (
        SendPlan("localhost", 587, Security.STARTTLS, credential=credential, old_tls=True),
        SendPlan("localhost", 587, Security.STARTTLS, message=b"x", old_tls=True),
    ):
        with pytest.raises(InputError, match=r"TLS 1\.0"):
            run(plan, lambda _event: None, CancelToken())


def test_what_old_devices_know_is_asked_for_only_on_demand(services: Services, scanner: RelayProfile) -> None:
    assert not [name for name in check(services, scanner) if name.startswith("as-")]


@contextlib.contextmanager
def old_server(authority: trustme.CA, ciphers: str = "DEFAULT:@SECLEVEL=0") -> Iterator[int]:
    """A server with TLS from the start, 1.0 and 1.1 too, that takes any number of sessions and no mail."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers(ciphers)
    authority.issue_cert("localhost").configure_cert(context)

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError), context.wrap_socket(self.request, server_side=True) as tls:
                tls.sendall(b"220 old.test ESMTP\r\n")
                while line := tls.recv(1024):
                    tls.sendall(b"250 old.test\r\n" if line.startswith(b"EHLO") else b"221 bye\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join(10)
