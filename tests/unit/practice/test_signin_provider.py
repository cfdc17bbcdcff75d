"""The sign-in as an application and a browser meet it: discovery, page, code, tokens, and every way to get it wrong."""

import base64
import hashlib
import html
import re
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import msal
import pytest
import requests

from relaywright.catalog.catalog import Catalog
from relaywright.practice.practice import Practice, PracticeAddresses

VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
REDIRECT = "http://localhost:7777/"
SCOPE = "https://outlook.office.com/SMTP.Send"
ALEX = {"account": "alex@practice.example", "password": "Practice-Alex-1"}


class Browser:
    """Goes to the page, fills the form, and reads what goes back to the application."""

    def __init__(self, addresses: PracticeAddresses) -> None:
        self.addresses = addresses
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.verify = str(addresses.ca_file)
        self.request = {
            "client_id": addresses.client_id,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "response_mode": "query",
            "scope": f"{SCOPE} openid profile offline_access",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            "state": "state<&>",
            "nonce": "n-1",
        }

    def open(self, **changes: str) -> requests.Response:
        fields = {name: value for name, value in (self.request | changes).items() if value}
        return self.http.get(self.addresses.authorize_address, params=fields, timeout=10, allow_redirects=False)

    def submit(self, page: requests.Response, **fields: str) -> requests.Response:
        action, ticket = (
            re.search(r'action="([^"]+)"', page.text),
            re.search(r'name="ticket" value="([^"]+)"', page.text),
        )
        assert action is not None
        assert ticket is not None
        address = urllib.parse.urljoin(self.addresses.authorize_address, html.unescape(action[1]))
        form = {"ticket": ticket[1], "do": "sign-in", **fields}
        return self.http.post(address, data=form, timeout=10, allow_redirects=False)

    def code(self, **changes: str) -> str:
        return answer_in(self.submit(self.open(**changes), **ALEX))["code"]

    def redeem(self, **fields: str) -> tuple[int, dict[str, Any]]:
        form = {"client_id": self.addresses.client_id, "grant_type": "authorization_code", "redirect_uri": REDIRECT}
        address = f"{self.addresses.authority}/{self.addresses.tenant}/oauth2/v2.0/token"
        response = self.http.post(address, data=form | {"code_verifier": VERIFIER} | fields, timeout=10)
        return response.status_code, response.json()


def answer_in(response: requests.Response) -> dict[str, str]:
    """Return what the application gets: by redirect, or by the form that the page posts."""
    if response.status_code == 303:
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(response.headers["Location"]).query))
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', response.text)
    return {html.unescape(name): html.unescape(value) for name, value in found}


@pytest.fixture
def browser(addresses: PracticeAddresses) -> Iterator[Browser]:
    browser = Browser(addresses)
    yield browser
    browser.http.close()


@pytest.mark.parametrize("tenant", ["organizations", "common", "practice.example", ""])
def test_discovery_puts_the_page_on_http_and_the_rest_on_https(browser: Browser, tenant: str) -> None:
    base = f"{browser.addresses.authority}/{tenant or browser.addresses.tenant}"
    document = browser.http.get(f"{base}/v2.0/.well-known/openid-configuration", timeout=10).json()
    assert document["authorization_endpoint"].startswith("http://localhost:")
    assert document["token_endpoint"] == f"{base}/oauth2/v2.0/token"
    assert document["issuer"] == f"{browser.addresses.authority}/{browser.addresses.tenant}/v2.0"
    (key,) = browser.http.get(document["jwks_uri"], timeout=10).json()["keys"]
    assert (key["kty"], key["alg"]) == ("RSA", "RS256")


def test_an_unknown_tenant_is_refused(browser: Browser) -> None:
    address = f"{browser.addresses.authority}/contoso.com/v2.0/.well-known/openid-configuration"
    response = browser.http.get(address, timeout=10)
    assert (response.status_code, response.json()["error_codes"]) == (400, [90002])


def test_msal_signs_in_refreshes_and_reads_the_account(browser: Browser) -> None:
    application = msal.PublicClientApplication(
        browser.addresses.client_id,
        authority=f"{browser.addresses.authority}/{browser.addresses.tenant}",
        instance_discovery=False,
        http_client=browser.http,
    )
    flow = application.initiate_auth_code_flow([SCOPE], redirect_uri="http://localhost:7777", response_mode="form_post")
    page = browser.http.get(flow["auth_uri"], timeout=10)
    answer = answer_in(browser.submit(page, **ALEX))
    result = application.acquire_token_by_auth_code_flow(flow, answer)
    assert result["token_type"] == "Bearer"
    (account,) = application.get_accounts()
    assert account["username"] == "alex@practice.example"
    again = application.acquire_token_silent_with_error([SCOPE], account, force_refresh=True)
    assert again["access_token"] != result["access_token"]


def test_the_tokens_are_signed_and_say_what_microsofts_say(browser: Browser) -> None:
    status, answer = browser.redeem(code=browser.code(), client_info="1")
    assert status == 200
    assert (answer["scope"], answer["expires_in"]) == (SCOPE, 3600)
    jwks = jwt.PyJWKSet.from_dict(
        browser.http.get(
            f"{browser.addresses.authority}/{browser.addresses.tenant}/discovery/v2.0/keys", timeout=10
        ).json()
    )
    access = jwt.decode(answer["access_token"], jwks.keys[0].key, ["RS256"], audience="https://outlook.office.com")
    assert (access["scp"], access["upn"], access["tid"]) == ("SMTP.Send", ALEX["account"], browser.addresses.tenant)
    assert access["appid"] == browser.addresses.client_id
    identity = jwt.decode(answer["id_token"], jwks.keys[0].key, ["RS256"], audience=browser.addresses.client_id)
    assert (identity["nonce"], identity["preferred_username"]) == ("n-1", ALEX["account"])


def test_the_state_comes_back_by_query_and_by_form(browser: Browser) -> None:
    for mode in ("query", "form_post"):
        answer = answer_in(browser.submit(browser.open(response_mode=mode), **ALEX))
        assert answer["state"] == "state<&>"
        assert browser.redeem(code=answer["code"])[0] == 200


def test_cancel_tells_the_application(browser: Browser) -> None:
    for mode in ("query", "form_post"):
        answer = answer_in(browser.submit(browser.open(response_mode=mode), do="cancel"))
        assert (answer["error"], answer["state"]) == ("access_denied", "state<&>")


@pytest.mark.parametrize("wrong", [{"password": "no"}, {"password": ""}, {"account": "nobody@practice.example"}])
def test_a_wrong_password_is_told_on_the_page_and_can_be_corrected(browser: Browser, wrong: dict[str, str]) -> None:
    page = browser.submit(browser.open(), **(ALEX | wrong))
    assert page.status_code == 200
    assert "The name or the password is wrong." in page.text
    assert "code" in answer_in(browser.submit(page, **ALEX))


def test_a_page_is_good_for_one_sign_in(browser: Browser) -> None:
    page = browser.open()
    assert "code" in answer_in(browser.submit(page, **ALEX))
    assert "Start again" in browser.submit(page, **ALEX).text


def test_a_name_like_a_refusal_signs_in_with_any_password(browser: Browser) -> None:
    fields = {"account": "other", "other_name": "Conditional-Access@practice.example", "password": "any"}
    answer = answer_in(browser.submit(browser.open(), **fields))
    token = browser.redeem(code=answer["code"])[1]["access_token"]
    assert jwt.decode(token, options={"verify_signature": False})["upn"] == "conditional-access@practice.example"


def test_a_name_like_a_sign_in_error_is_refused_in_its_words(browser: Browser) -> None:
    for name in ("blocked-by-conditional-access", "alex+blocked-by-conditional-access"):
        fields = {"account": "other", "other_name": f"{name}@practice.example", "password": "any"}
        answer = answer_in(browser.submit(browser.open(), **fields))
        assert answer["error"] == "access_denied"
        assert answer["error_description"].startswith("AADSTS53003: Access has been blocked by Conditional Access")
        assert "code" not in answer


def test_the_hint_chooses_the_account(browser: Browser) -> None:
    page = browser.open(login_hint="alex@practice.example").text
    assert re.search(r'value="alex@practice.example" id="account-\d" checked', page)
    assert 'id="other" checked' not in page
    page = browser.open(login_hint='"><script>alert(1)</script>').text
    assert 'id="other" checked' in page
    assert "<script>alert" not in page
    assert "&quot;&gt;&lt;script&gt;alert(1)" in page


def test_the_page_loads_nothing_and_posts_only_here_and_back(browser: Browser) -> None:
    page = browser.open()
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://localhost:7777;" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert "not Microsoft" in page.text
    assert not re.search(r'(?:src|href)="(?!data:)', page.text)


def test_an_unknown_application_stays_in_the_browser(browser: Browser) -> None:
    response = browser.open(client_id="11111111-2222-3333-4444-555555555555")
    assert response.status_code == 400
    assert "AADSTS700016" in response.text


@pytest.mark.parametrize(
    "address",
    [
        "https://localhost/",
        "http://127.0.0.1:7777/",
        "http://localhost.contoso.com/",
        "http://localhost:80@contoso.com/",
        "http://user@localhost/",
        "http://localhost:99999/",
        "http://localhost:0/",
        "http://localhost:7777/#x",
        "http://localhost:7777/\r\nX: y",
        "http://localhost\\@contoso.com",
        "javascript:alert(1)",
        "//localhost/",
        "http://localhost:7777/" + "a" * 400,
    ],
)
def test_a_foreign_redirect_address_stays_in_the_browser(browser: Browser, address: str) -> None:
    response = browser.open(redirect_uri=address)
    assert (response.status_code, "AADSTS50011" in response.text) == (400, True)
    assert "Location" not in response.headers


@pytest.mark.parametrize("address", ["http://localhost", "http://localhost:8089", "http://localhost:1/auth/back"])
def test_a_redirect_address_on_localhost_is_good(browser: Browser, address: str) -> None:
    code = browser.code(redirect_uri=address)
    assert browser.redeem(code=code, redirect_uri=address)[0] == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"scope": "https://management.azure.com/Mail.Send"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_other_faults_are_told_to_the_application(browser: Browser, changes: dict[str, str], error: str) -> None:
    answer = answer_in(browser.open(**changes))
    assert (answer["error"], answer["state"]) == (error, "state<&>")
    assert answer["error_description"].startswith("AADSTS")


def test_a_code_is_good_once(browser: Browser) -> None:
    code = browser.code()
    assert browser.redeem(code=code)[0] == 200
    status, answer = browser.redeem(code=code)
    assert (status, answer["error"], answer["error_codes"]) == (400, "invalid_grant", [54005])


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        ({"code_verifier": "w" * 50}, 501481),
        ({"code_verifier": ""}, 501481),
        ({"code_verifier": "ü"}, 501481),
        ({"redirect_uri": "http://localhost:7778/"}, 500112),
        ({"code": "guessed"}, 70000),
        ({"client_id": "other"}, 700016),
        ({"grant_type": "password"}, 70003),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 70000),
        ({"grant_type": "refresh_token", "refresh_token": "x" * 20_000}, 70000),
    ],
)
def test_wrong_token_requests(browser: Browser, fields: dict[str, str], number: int) -> None:
    status, answer = browser.redeem(**({"code": browser.code()} | fields))
    assert (status, answer["error_codes"]) == (400, [number])


def test_a_code_ends_after_five_minutes(tmp_path: Path, catalog: Catalog) -> None:
    now = [1_000.0]
    with Practice(tmp_path, catalog, clock=lambda: now[0]) as practice:
        browser = Browser(practice.start())
        code = browser.code()
        now[0] += 301
        assert browser.redeem(code=code)[1]["error_codes"] == [70008]
        page = browser.open()
        now[0] += 601
        assert "Start again" in browser.submit(page, **ALEX).text
        browser.http.close()


def test_a_refresh_token_is_bound_and_can_be_revoked(browser: Browser, practice: Practice) -> None:
    answer = browser.redeem(code=browser.code())[1]
    refresh = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
    assert browser.redeem(**refresh)[0] == 200
    assert browser.redeem(**refresh, scope="https://outlook.office.com/IMAP.AccessAsUser.All")[1]["error_codes"] == [
        65001
    ]
    wrong_kind = {"grant_type": "refresh_token", "refresh_token": answer["access_token"]}
    assert browser.redeem(**wrong_kind)[1]["error"] == "invalid_grant"
    practice.tokens.revoke("alex@practice.example")
    assert browser.redeem(**refresh)[1]["error"] == "invalid_grant"


def test_a_refresh_token_outlives_a_restart(tmp_path: Path, catalog: Catalog) -> None:
    practice = Practice(tmp_path, catalog)
    first = Browser(practice.start())
    token = first.redeem(code=first.code())[1]["refresh_token"]
    first.http.close()
    practice.stop()
    second = Browser(practice.start())
    assert second.redeem(grant_type="refresh_token", refresh_token=token)[0] == 200
    second.http.close()
    practice.stop()


def test_without_offline_access_there_is_no_refresh_token(browser: Browser) -> None:
    answer = browser.redeem(code=browser.code(scope=SCOPE))[1]
    assert "refresh_token" not in answer
    assert "id_token" not in answer
