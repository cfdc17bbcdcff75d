"""The web ports against what is no polite browser."""

import contextlib
import socket

import pytest
import requests

from relaywright.practice.practice import PracticeAddresses


def exchange(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65_536):
            answer += piece
        return answer


@pytest.fixture
def page_port(addresses: PracticeAddresses) -> int:
    return int(addresses.authorize_address.split(":")[2].split("/")[0])


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost:1\r\n\r\n", b"404"),
        (b"GET /x/oauth2/v2.0/authorize HTTP/1.1\r\nHost: localhost:1\r\n\r\n", b"404"),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost:1\r\n\r\n", b"404"),
        (b"GET /organizations/oauth2/v2.0/login HTTP/1.1\r\nHost: localhost:1\r\n\r\n", b"405"),
        (b"GET / HTTP/1.1\r\nHost: evil.example:1\r\n\r\n", b"421"),
        (b"GET / HTTP/1.1\r\n\r\n", b"421"),
        (b"PUT / HTTP/1.1\r\nHost: localhost:1\r\n\r\n", b"501"),
        (b"POST / HTTP/1.1\r\nHost: localhost:1\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nHost: localhost:1\r\nContent-Length: -1\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nHost: localhost:1\r\nContent-Length: 99999999999999999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nHost: localhost:1\r\nContent-Length: 2\r\n\r\n\xff\xff", b"400"),
        (b"GET /?" + b"a&" * 100 + b" HTTP/1.1\r\nHost: localhost:1\r\n\r\n", b"400"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: localhost:1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", b"431"),
    ],
)
def test_requests_that_get_an_error_and_no_more(page_port: int, request_: bytes, status: bytes) -> None:
    assert exchange(page_port, request_).split(b" ", 2)[1] == status


@pytest.mark.parametrize("noise", [b"\x16\x03\x01\x00\xff garbage\r\n\r\n", b"EHLO client.example\r\n\r\n"])
def test_noise_does_no_harm(page_port: int, addresses: PracticeAddresses, noise: bytes) -> None:
    provider_port = int(addresses.authority.rpartition(":")[2])
    for port in (page_port, provider_port):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(noise)
            with contextlib.suppress(OSError):  # it may have hung up already
                connection.shutdown(socket.SHUT_WR)
    with requests.Session() as http:
        http.trust_env = False
        keys = f"{addresses.authority}/common/discovery/v2.0/keys"
        assert http.get(keys, verify=str(addresses.ca_file), timeout=10).status_code == 200
