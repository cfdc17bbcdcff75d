"""Applications that sign in as themselves: what proves who they are, and every way that fails to."""

import base64
import time
import uuid
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from raw_smtp import RawSmtp
from relaywright.practice.client_credentials import ASSERTION_TYPE
from relaywright.practice.practice import Practice, PracticeAddresses

SCOPE = "https://outlook.office365.com/.default"


class Application:
    """Asks for a token, with an assertion of its own making."""

    def __init__(self, addresses: PracticeAddresses) -> None:
        self.addresses = addresses
        self.service = addresses.services[0]
        assert self.service.certificate_file is not None
        pem = self.service.certificate_file.read_bytes()
        key = load_pem_private_key(pem, password=None)
        assert isinstance(key, RSAPrivateKey)
        self.key = key
        self.certificate = x509.load_pem_x509_certificate(pem)
        self.endpoint = f"{addresses.authority}/{addresses.tenant}/oauth2/v2.0/token"
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = str(addresses.ca_file)

    def ask(self, tenant: str = "", **fields: str) -> tuple[int, dict[str, Any]]:
        form = {"grant_type": "client_credentials", "client_id": self.service.application.client_id, "scope": SCOPE}
        address = self.endpoint.replace(self.addresses.tenant, tenant or self.addresses.tenant)
        response = self.http.post(address, data=form | fields, timeout=10)
        return response.status_code, response.json()

    def assertion(
        self, key: RSAPrivateKey | None = None, algorithm: str = "PS256", without: str = "", **changes: object
    ) -> str:
        now = int(time.time())
        client_id = self.service.application.client_id
        claims = {"aud": self.endpoint, "iss": client_id, "sub": client_id, "jti": uuid.uuid4().hex}
        whole = claims | {"nbf": now, "exp": now + 600} | changes
        whole.pop(without, None)
        header = {"x5t#S256": self.thumbprint(hashes.SHA256())}
        return jwt.encode(whole, key or self.key, algorithm=algorithm, headers=header)

    def thumbprint(self, kind: hashes.HashAlgorithm) -> str:
        return base64.urlsafe_b64encode(self.certificate.fingerprint(kind)).rstrip(b"=").decode()

    def ask_with(self, assertion: str, **fields: str) -> tuple[int, dict[str, Any]]:
        return self.ask(**({"client_assertion": assertion, "client_assertion_type": ASSERTION_TYPE} | fields))


@pytest.fixture
def application(addresses: PracticeAddresses) -> Iterator[Application]:
    application = Application(addresses)
    yield application
    application.http.close()


def test_a_secret_gives_a_token_of_the_application(application: Application, practice: Practice) -> None:
    status, answer = application.ask(client_secret="Practice-Service-Secret-1")
    assert status == 200
    assert "refresh_token" not in answer
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    client_id = application.service.application.client_id
    assert (claims["aud"], claims["roles"]) == ("https://outlook.office365.com", ["SMTP.SendAsApp"])
    assert (claims["appid"], claims["idtyp"], claims["tid"]) == (client_id, "app", application.addresses.tenant)
    assert "upn" not in claims
    assert practice.tokens.verify(answer["access_token"]) == client_id


@pytest.mark.parametrize("algorithm", ["PS256", "RS256"])
@pytest.mark.parametrize("audience", ["endpoint", "issuer"])
def test_a_signed_assertion_does_the_same(application: Application, algorithm: str, audience: str) -> None:
    issuer = application.endpoint.replace("/oauth2/v2.0/token", "/v2.0")
    aud = {"endpoint": application.endpoint, "issuer": issuer}[audience]
    assert application.ask_with(application.assertion(algorithm=algorithm, aud=aud))[0] == 200


def test_the_older_thumbprint_is_good_too(application: Application) -> None:
    now = int(time.time())
    client_id = application.service.application.client_id
    claims = {"aud": application.endpoint, "iss": client_id, "sub": client_id, "jti": "once-only", "exp": now + 60}
    header = {"x5t": application.thumbprint(hashes.SHA1())}  # noqa: S303 - that is what x5t is
    assert application.ask_with(jwt.encode(claims, application.key, "RS256", headers=header))[0] == 200


def test_an_assertion_is_good_once(application: Application) -> None:
    assertion = application.assertion()
    assert application.ask_with(assertion)[0] == 200
    assert application.ask_with(assertion)[0] == 401


@pytest.mark.parametrize(
    ("changes", "number"),
    [
        ({"aud": "https://login.microsoftonline.com/x/oauth2/v2.0/token"}, 700023),
        ({"iss": "somebody"}, 50027),
        ({"sub": "somebody"}, 700021),
        ({"exp": 1_000}, 700024),
        ({"exp": 4_000_000_000}, 700024),
        ({"nbf": 4_000_000_000}, 700024),
        ({"nbf": "soon"}, 50027),
        ({"exp": "later"}, 50027),
        ({"jti": ["x"]}, 50027),
        ({"without": "jti"}, 50027),
        ({"without": "exp"}, 50027),
        ({"without": "aud"}, 50027),
    ],
)
def test_a_wrong_assertion_is_refused(application: Application, changes: dict[str, Any], number: int) -> None:
    status, answer = application.ask_with(application.assertion(**changes))
    assert (status, answer["error"], answer["error_codes"]) == (401, "invalid_client", [number])


def test_an_assertion_of_another_key_is_refused(application: Application) -> None:
    other = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    assert application.ask_with(application.assertion(other))[1]["error_codes"] == [700027]


@pytest.mark.parametrize("text", ["x", "a.b.c", "é.é.é", "x" * 30_000])
def test_what_is_no_assertion_is_refused(application: Application, text: str) -> None:
    assert application.ask_with(text)[1]["error"] == "invalid_client"


def test_an_unsigned_assertion_is_refused(application: Application) -> None:
    claims = jwt.decode(application.assertion(), options={"verify_signature": False})
    header = {"x5t#S256": application.thumbprint(hashes.SHA256())}
    assert application.ask_with(jwt.encode(claims, key="", algorithm="none", headers=header))[0] == 401


@pytest.mark.parametrize(
    ("fields", "status", "number"),
    [
        ({"client_secret": "no"}, 401, 7000215),
        ({"client_secret": "ü"}, 401, 7000215),
        ({"client_secret": "Practice-Service-Secret-0"}, 401, 7000222),
        ({}, 401, 7000218),
        ({"client_id": "unknown", "client_secret": "x"}, 400, 700016),
        ({"client_secret": "Practice-Service-Secret-1", "scope": "https://outlook.office.com/SMTP.Send"}, 400, 70011),
        ({"client_secret": "Practice-Service-Secret-1", "tenant": "organizations"}, 400, 50059),
        ({"client_assertion": "x", "client_assertion_type": "other"}, 401, 50027),
    ],
)
def test_a_wrong_request_is_refused(application: Application, fields: dict[str, str], status: int, number: int) -> None:
    answer = application.ask(**fields)
    assert (answer[0], answer[1]["error_codes"]) == (status, [number])


def test_a_persons_application_has_no_token_of_its_own(application: Application) -> None:
    client_id = application.addresses.client_id
    assert application.ask(client_id=client_id, client_secret="x")[1]["error_codes"] == [700025]


def test_the_relay_opens_the_mailboxes_with_permission_and_no_other(application: Application) -> None:
    addresses = application.addresses
    token = application.ask(client_secret="Practice-Service-Secret-1")[1]["access_token"]
    for mailbox, reply in (
        ("office@practice.example", "235 2.7.0"),
        ("accounts@practice.example", "235 2.7.0"),
        ("alex@practice.example", "535 5.7.3 Authentication unsuccessful"),
        (application.service.application.client_id, "535 5.7.3 Authentication unsuccessful"),
        ("nobody@practice.example", "535 5.7.3 Authentication unsuccessful"),
    ):
        with RawSmtp(addresses.smtps_port, tls=addresses.ca_file) as client:
            client.ehlo()
            assert client.xoauth2(mailbox, token).startswith(reply)


def test_a_token_without_the_role_opens_nothing(application: Application) -> None:
    addresses = application.addresses
    other = addresses.services[1].application
    token = application.ask(client_id=other.client_id, client_secret=other.secret)[1]["access_token"]
    with RawSmtp(addresses.smtps_port, tls=addresses.ca_file) as client:
        client.ehlo()
        assert client.xoauth2("office@practice.example", token).startswith("535 5.7.3")


def test_an_application_sends_as_the_mailbox_it_opened_and_no_other(
    application: Application, practice: Practice
) -> None:
    token = application.ask(client_secret="Practice-Service-Secret-1")[1]["access_token"]
    addresses = application.addresses
    with RawSmtp(addresses.smtps_port, tls=addresses.ca_file) as client:
        client.ehlo()
        client.xoauth2("accounts@practice.example", token)
        for sender, reply in (
            ("accounts@practice.example", "250 2.0.0 OK"),
            ("office@practice.example", "554 5.2.252"),
        ):
            client.ask(f"MAIL FROM:<{sender}>")
            client.ask("RCPT TO:<alex@practice.example>")
            client.ask("DATA")
            assert client.ask(f"From: {sender}\r\n\r\nx\r\n.").startswith(reply)
    assert practice.received[0].signed_in_as == "accounts@practice.example"
