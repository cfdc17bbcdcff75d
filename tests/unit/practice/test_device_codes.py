"""Device codes as an application, a person and an impatient client meet them."""

import html
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from relaywright.catalog.catalog import Catalog
from relaywright.practice.device_codes import GRANT_TYPE
from relaywright.practice.practice import Practice, PracticeAddresses

SCOPE = "https://outlook.office.com/SMTP.Send openid profile offline_access"
ALEX = {"account": "alex@practice.example", "password": "Practice-Alex-1"}


class Device:
    """An application that asks for a code and polls, and the person at its browser."""

    def __init__(self, practice: Practice, now: list[float]) -> None:
        self.practice = practice
        self.addresses: PracticeAddresses = practice.start()
        self.now = now
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = str(self.addresses.ca_file)
        self.codes: dict[str, Any] = {}

    def post(self, route: str, **fields: str) -> tuple[int, dict[str, Any]]:
        address = f"{self.addresses.authority}/{self.addresses.tenant}/oauth2/v2.0/{route}"
        response = self.http.post(address, data={"client_id": self.addresses.client_id} | fields, timeout=10)
        return response.status_code, response.json()

    def begin(self, **fields: str) -> dict[str, Any]:
        status, answer = self.post("devicecode", **({"scope": SCOPE} | fields))
        assert status == 200
        self.codes = answer
        return answer

    def ask(self, after_s: float = 5.0, **fields: str) -> tuple[int, dict[str, Any]]:
        self.now[0] += after_s
        code = {"grant_type": GRANT_TYPE, "device_code": self.codes["device_code"]}
        return self.post("token", **(code | fields))

    def type_code(self, user_code: str) -> str:
        return self.http.post(self.addresses.device_address, data={"user_code": user_code}, timeout=10).text

    def sign_in(self, page: str, **fields: str) -> str:
        ticket = re.search(r'name="ticket" value="([^"]+)"', page)
        assert ticket is not None
        form = {"ticket": html.unescape(ticket[1]), "do": "sign-in", **fields}
        return self.http.post(f"{self.addresses.device_address}/sign-in", data=form, timeout=10).text


@pytest.fixture(scope="module")
def clocked(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Iterator[tuple[Practice, list[float]]]:
    """A practice whose clock the test moves."""
    now = [1_000.0]
    with Practice(tmp_path_factory.mktemp("clocked"), catalog, clock=lambda: now[0]) as practice:
        yield practice, now


@pytest.fixture
def device(clocked: tuple[Practice, list[float]]) -> Iterator[Device]:
    device = Device(*clocked)
    yield device
    device.http.close()


def test_discovery_names_the_endpoint_and_the_grants(device: Device) -> None:
    base = f"{device.addresses.authority}/{device.addresses.tenant}"
    document = device.http.get(f"{base}/v2.0/.well-known/openid-configuration", timeout=10).json()
    assert document["device_authorization_endpoint"] == f"{base}/oauth2/v2.0/devicecode"
    assert {GRANT_TYPE, "client_credentials"} <= set(document["grant_types_supported"])


def test_the_answer_says_all_that_a_person_needs(device: Device) -> None:
    answer = device.begin()
    assert re.fullmatch(r"[B-DF-HJ-NP-TV-XZ]{9}", answer["user_code"])
    assert answer["verification_uri"] == device.addresses.device_address
    assert (answer["expires_in"], answer["interval"]) == (900, 5)
    assert answer["user_code"] in answer["message"]
    assert answer["device_code"] not in answer["message"]


def test_it_is_pending_until_the_person_is_done_and_then_given_once(device: Device, practice: Practice) -> None:
    code = device.begin()["user_code"]
    status, answer = device.ask()
    assert (status, answer["error"], answer["error_codes"]) == (400, "authorization_pending", [70016])
    page = device.type_code(f" {code[:4].lower()}-{code[4:]} ")
    assert device.ask()[1]["error"] == "authorization_pending"
    assert "You are signed in" in device.sign_in(page, **ALEX)
    status, answer = device.ask(client_info="1")
    assert status == 200
    assert device.practice.tokens.verify(answer["access_token"]) == "alex@practice.example"
    assert {"refresh_token", "id_token", "client_info"} <= answer.keys()
    assert device.ask()[1]["error"] == "invalid_grant"


def test_who_asks_too_often_is_slowed_down(device: Device) -> None:
    device.begin()
    assert device.ask(2)[1]["error"] == "slow_down"
    assert device.ask(6)[1]["error"] == "slow_down"
    assert device.ask(15)[1]["error"] == "authorization_pending"


def test_a_code_lives_for_fifteen_minutes(device: Device) -> None:
    code = device.begin()["user_code"]
    page = device.type_code(code)
    status, answer = device.ask(901)
    assert (status, answer["error"], answer["error_codes"]) == (400, "expired_token", [70019])
    assert "That code is not known" in device.type_code(code)
    assert "Start again" in device.sign_in(page, **ALEX)


def test_saying_no_tells_the_application(device: Device) -> None:
    page = device.type_code(device.begin()["user_code"])
    assert "You said no" in device.sign_in(page, do="cancel")
    assert device.ask()[1]["error"] == "authorization_declined"


def test_a_wrong_password_can_be_corrected(device: Device) -> None:
    page = device.type_code(device.begin()["user_code"])
    page = device.sign_in(page, account=ALEX["account"], password="no")
    assert "The name or the password is wrong." in page
    assert "You are signed in" in device.sign_in(page, **ALEX)


def test_a_code_and_a_page_are_good_for_one_sign_in(device: Device) -> None:
    code = device.begin()["user_code"]
    first, second = device.type_code(code), device.type_code(code)
    assert "You are signed in" in device.sign_in(first, **ALEX)
    for page in (first, second):
        assert "Start again" in device.sign_in(page, **ALEX)
    assert "That code is not known" in device.type_code(code)


@pytest.mark.parametrize("code", ["", "BBBBBBBBB", "x" * 5_000, '"><script>alert(1)</script>', "ÄÖÜ"])
def test_a_wrong_code_is_told_on_the_page(device: Device, code: str) -> None:
    page = device.type_code(code)
    assert "That code is not known" in page
    assert "<script>alert" not in page


def test_a_refused_sign_in_is_shown_and_told(device: Device) -> None:
    page = device.type_code(device.begin()["user_code"])
    shown = device.sign_in(page, account="other", other_name="alex+account-disabled@practice.example", password="any")
    assert "AADSTS50057" in shown
    answer = device.ask()[1]
    assert (answer["error"], answer["error_codes"]) == ("invalid_grant", [50057])


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        ({"client_id": "other"}, 700016),
        ({"scope": "openid"}, 70011),
        ({"scope": "https://management.azure.com/x"}, 70011),
    ],
)
def test_a_wrong_request_for_a_code_is_refused(device: Device, fields: dict[str, str], number: int) -> None:
    status, answer = device.post("devicecode", **({"scope": SCOPE} | fields))
    assert (status, answer["error_codes"]) == (400, [number])


def test_a_guessed_device_code_is_refused(device: Device) -> None:
    device.begin()
    assert device.ask(device_code="guessed")[1]["error"] == "invalid_grant"
    assert device.ask(device_code="")[1]["error"] == "invalid_grant"


def test_the_page_loads_nothing_and_posts_only_here(device: Device) -> None:
    response = device.http.get(device.addresses.device_address, params={"code": '"><b>'}, timeout=10)
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert re.search(r"form-action 'self' ?;", policy)
    assert "<b>" not in response.text
    assert not re.search(r'(?:src|href)="(?!data:)', response.text)
    assert device.http.get(f"{device.addresses.device_address}/sign-in", timeout=10).status_code == 404


def test_many_codes_push_out_the_oldest(device: Device) -> None:
    first = device.begin()["user_code"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: device.practice._provider._device_codes.issue("x", ()), range(256)))  # type: ignore[union-attr]
    assert "That code is not known" in device.type_code(first)


def test_the_refusals_of_the_sign_in_are_those_whose_words_are_known(
    addresses: PracticeAddresses, catalog: Catalog
) -> None:
    ids = {refusal.id for refusal in addresses.sign_in_refusals}
    assert "blocked-by-conditional-access" in ids
    assert len(ids) >= 30
    assert ids <= {rule.id for rule in catalog.sign_in_errors if rule.example}
    assert ids.isdisjoint(refusal.id for refusal in addresses.refusals)
    for refusal in addresses.sign_in_refusals:
        assert re.fullmatch(r"AADSTS\d{4,7}", refusal.code)
        assert "{" not in refusal.text


def test_a_certificate_is_kept_and_a_damaged_one_replaced(tmp_path: Path, catalog: Catalog) -> None:
    with Practice(tmp_path, catalog) as practice:
        first = practice.start().services[0]
    with Practice(tmp_path, catalog) as practice:
        assert first.certificate_file is not None
        before = first.certificate_file.read_bytes()
        assert practice.start().services[0] == first
        assert first.certificate_file.read_bytes() == before
    first.certificate_file.write_bytes(b"damaged")
    with Practice(tmp_path, catalog):
        assert first.certificate_file.read_bytes() not in {before, b"damaged"}
