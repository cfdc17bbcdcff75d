"""The name login.microsoftonline.com for the practice sign-in, so that MSAL takes it for Microsoft's own.

MSAL, and so the account broker, is used for the hosts that MSAL knows. This serves the two documents MSAL fetches from
such a host: the tenant's discovery document, which is the practice's own and leads to its endpoints, and the list of
names the host goes by. Nothing of MSAL is replaced: the name resolves to loopback in this process, and the certificate
is of an authority that the test's cloud trusts in its ``ca_file``.
"""

import contextlib
import dataclasses
import http.server
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import trustme

from relaywright.catalog.facts import Cloud

HOST = "login.microsoftonline.com"
_NAMES = {"metadata": [{"preferred_network": HOST, "preferred_cache": HOST, "aliases": [HOST, "login.windows.net"]}]}


@contextlib.contextmanager
def at_microsoft(cloud: Cloud, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Yield the practice's cloud as one of Microsoft's."""
    practice_ca = cloud.ca_file
    assert practice_ca is not None

    class Documents(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = 200, json.dumps(_NAMES).encode()
            if "/discovery/instance" not in self.path:
                with requests.Session() as session:
                    session.trust_env = False
                    answer = session.get(cloud.authority + self.path, verify=str(practice_ca), timeout=20)
                status, body = answer.status_code, answer.content
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    trusted = folder / "microsoft-and-practice.pem"
    trusted.write_bytes(practice_ca.read_bytes() + authority.cert_pem.bytes())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Documents)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    resolve = socket.getaddrinfo

    def resolved(host: Any, *arguments: Any, **more: Any) -> Any:
        if host == HOST:
            return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", server.server_address)]
        return resolve(host, *arguments, **more)

    patch.setattr(socket, "getaddrinfo", resolved)
    for name in ("NO_PROXY", "no_proxy"):
        patch.setenv(name, HOST)
    serving = threading.Thread(target=server.serve_forever, args=(0.05,), name="login.microsoftonline.com")
    serving.start()
    try:
        yield dataclasses.replace(cloud, authority=f"https://{HOST}", ca_file=trusted)
    finally:
        server.shutdown()
        serving.join(10)
        server.server_close()


def clouds_file(practice_file: Path, practice: Cloud, microsoft: Cloud) -> str:
    """Return the practice's clouds.toml with the front in the place of its sign-in, as a lab's administrator would."""
    text = practice_file.read_text(encoding="utf-8")
    for old, new in ((practice.authority, microsoft.authority), (practice.ca_file, microsoft.ca_file)):
        assert str(old) in text
        text = text.replace(str(old), str(new))
    return text
