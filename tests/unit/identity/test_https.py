"""Nothing in the environment turns verification off or adds a password; its proxies are used."""

import gzip
import ssl
from pathlib import Path

import pytest
import requests
import trustme

from one_answer import OneAnswer
from relaywright.domain.errors import NoAnswer, Refused
from relaywright.identity.https import MAX_ANSWER_BYTES, open_session
from relaywright.identity.refusals import from_exception
from relaywright.practice.practice import PracticeAddresses


def discovery(addresses: PracticeAddresses) -> str:
    return f"{addresses.authority}/{addresses.tenant}/v2.0/.well-known/openid-configuration"


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_in_the_environment_adds_no_trust(
    addresses: PracticeAddresses, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(addresses.ca_file))
    with open_session(None) as session, pytest.raises(requests.exceptions.SSLError):
        session.get(discovery(addresses))


def test_a_bundle_in_the_environment_takes_no_trust_away(
    addresses: PracticeAddresses, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.pem"))
    with open_session(addresses.ca_file) as session:
        assert session.get(discovery(addresses)).json()["issuer"].startswith(addresses.authority)


def test_a_caller_cannot_turn_verification_off(addresses: PracticeAddresses) -> None:
    with open_session(None) as session:
        session.verify = False
        with pytest.raises(requests.exceptions.SSLError):
            session.get(discovery(addresses), verify=False)


def test_a_certificate_for_another_name_is_refused(addresses: PracticeAddresses, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "lab.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("login.other.example").configure_cert(context)
    with (
        OneAnswer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", context) as server,
        open_session(tmp_path / "lab.pem") as session,
        pytest.raises(requests.exceptions.SSLError),
    ):
        session.get(f"https://127.0.0.1:{server.port}/")


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_environments_proxy_is_used_and_gets_no_more_than_the_name(
    no_proxies: None, monkeypatch: pytest.MonkeyPatch, isolated_home: Path
) -> None:
    (isolated_home / ".netrc").write_text("machine login.example login me password canary-netrc\n")
    with OneAnswer(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        with open_session(None) as session, pytest.raises(requests.exceptions.ProxyError):
            session.get("https://login.example/secret-path")
    assert proxy.received
    assert all(request.startswith(b"CONNECT login.example:443 ") for request in proxy.received)
    assert b"canary-netrc" not in b"".join(proxy.received)
    assert b"secret-path" not in b"".join(proxy.received)


def test_this_machine_is_reached_without_the_proxy(
    no_proxies: None, addresses: PracticeAddresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with open_session(addresses.ca_file) as session:
        assert session.get(discovery(addresses)).ok


def test_a_redirect_is_not_followed(no_proxies: None, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "lab.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    answer = (
        b"HTTP/1.1 302 Found\r\nLocation: https://portal.example/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    with OneAnswer(answer, context) as portal, open_session(tmp_path / "lab.pem") as session:
        assert session.get(f"https://127.0.0.1:{portal.port}/").status_code == 302


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_without_end_is_given_up(no_proxies: None, tmp_path: Path, packed: bool) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "lab.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    long = b'{"a": "' + b"x" * MAX_ANSWER_BYTES + b'"}'
    head, body = (b"Content-Encoding: gzip\r\n", gzip.compress(long)) if packed else (b"", long)
    with (
        OneAnswer(b"HTTP/1.1 200 OK\r\n" + head + b"Connection: close\r\n\r\n" + body, context) as server,
        open_session(tmp_path / "lab.pem") as session,
        pytest.raises(NoAnswer) as caught,
    ):
        session.get(f"https://127.0.0.1:{server.port}/")
    assert "too much" in caught.value.message


def test_nothing_is_said_without_tls(no_proxies: None) -> None:
    with OneAnswer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as listener, open_session(None) as session:
        with pytest.raises(requests.exceptions.InvalidSchema) as refused:
            session.post(f"http://127.0.0.1:{listener.port}/token", data={"code": "canary"})
        assert listener.received == []
    error = from_exception(refused.value, "https://login.lab.example")
    assert isinstance(error, Refused)
    assert error.id == "sign-in-not-https"
