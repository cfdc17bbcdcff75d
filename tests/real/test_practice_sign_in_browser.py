"""The practice sign-in in a real browser: the page is seen, used by keyboard, and hands the code back."""

import html
import http.server
import json
import queue
import shutil
import threading
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msal
import pytest
import requests
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from fixed_key import FixedKey
from raw_smtp import RawSmtp
from relaywright import paths
from relaywright.catalog.catalog import Catalog
from relaywright.identity.cache import TokenCache
from relaywright.identity.signin import DeviceCode, SignIn
from relaywright.practice.practice import Practice, PracticeAddresses
from relaywright.vault.sealed_file import SealedFile

SCOPE = "https://outlook.office.com/SMTP.Send"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1000,900",
)

# MSAL warns of the query mode; other applications use it, so the practice offers it and this tries it.
pytestmark = [
    pytest.mark.real,
    pytest.mark.filterwarnings("ignore:response_mode='form_post' is recommended:UserWarning"),
]


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    binary = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("needs Chromium and its driver: python3 build/make.py test installs them")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in (*ARGUMENTS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield chrome
    finally:
        chrome.quit()


@pytest.fixture
def quick(tmp_path: Path, catalog: Catalog) -> Iterator[PracticeAddresses]:
    """A practice that lets an application ask for its token once a second."""
    with Practice(tmp_path / "quick", catalog, device_interval_s=1) as practice:
        yield practice.start()


class Application:
    """An application that signs in with MSAL and takes the browser's answer on loopback, by GET and POST."""

    def __init__(self, addresses: PracticeAddresses, response_mode: str) -> None:
        self.answer: dict[str, str] = {}
        self.answered = threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.verify = str(addresses.ca_file)
        self._msal = msal.PublicClientApplication(
            addresses.client_id,
            authority=f"{addresses.authority}/{addresses.tenant}",
            instance_discovery=False,
            http_client=self._http,
        )
        self.flow = self._msal.initiate_auth_code_flow(
            [SCOPE],
            redirect_uri=f"http://localhost:{self._server.server_port}",
            response_mode=response_mode,
            prompt="select_account",
            login_hint="alex@practice.example",
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def result(self) -> dict[str, Any]:
        assert self.answered.wait(10)
        found: dict[str, Any] = self._msal.acquire_token_by_auth_code_flow(self.flow, self.answer)
        return found

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._http.close()

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        application = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._take(urllib.parse.urlsplit(self.path).query)

            def do_POST(self) -> None:
                self._take(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _take(self, form: str) -> None:
                fields = dict(urllib.parse.parse_qsl(form))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"<title>Back</title>")
                if "state" in fields:
                    application.answer = {name: html.unescape(value) for name, value in fields.items()}
                    application.answered.set()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                pass

        return Handler


@pytest.fixture(params=["form_post", "query"])
def application(request: pytest.FixtureRequest, addresses: PracticeAddresses) -> Iterator[Application]:
    application = Application(addresses, request.param)
    yield application
    application.close()


def wait_for_text(browser: webdriver.Chrome, text: str) -> None:
    WebDriverWait(browser, 10, poll_frequency=0.05).until(lambda page: text in page.page_source)


def test_signing_in_by_keyboard_gives_a_token_that_the_relay_takes(
    browser: webdriver.Chrome, application: Application, addresses: PracticeAddresses
) -> None:
    browser.get(application.flow["auth_uri"])
    assert browser.title == "Practice sign-in"
    focused = browser.switch_to.active_element
    assert focused.get_attribute("id") == "password"
    focused.send_keys("Practice-Alex-1", Keys.ENTER)
    token = application.result()["access_token"]
    with RawSmtp(addresses.smtps_port, tls=addresses.ca_file) as client:
        client.ehlo()
        assert client.xoauth2("alex@practice.example", token).startswith("235")


def test_a_wrong_password_is_told_and_cancel_goes_back(browser: webdriver.Chrome, application: Application) -> None:
    browser.get(application.flow["auth_uri"])
    browser.find_element(By.CSS_SELECTOR, "label[for=other]").click()
    browser.find_element(By.ID, "other_name").send_keys("nobody@practice.example")
    browser.find_element(By.ID, "password").send_keys("no", Keys.ENTER)
    wait_for_text(browser, "The name or the password is wrong.")
    assert browser.find_element(By.ID, "fault").is_displayed()
    assert browser.find_element(By.ID, "other_name").get_attribute("value") == "nobody@practice.example"
    browser.find_element(By.CSS_SELECTOR, "button[value=cancel]").click()
    assert application.answered.wait(10)
    assert application.answer["error"] == "access_denied"
    assert "access_token" not in application.result()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_can_be_read_and_loads_nothing_from_elsewhere(
    browser: webdriver.Chrome, application: Application, scheme: str, tmp_path: Path
) -> None:
    features = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", features)
    browser.get(application.flow["auth_uri"])
    assert browser.save_screenshot(str(tmp_path / f"practice-sign-in-{scheme}.png"))
    assert_readable(browser, ".name", ".mail", ".hint", "button.first", "button[value=cancel]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_device_code_is_typed_by_keyboard_and_gives_a_token_that_the_relay_takes(
    browser: webdriver.Chrome, quick: PracticeAddresses, scheme: str, tmp_path: Path
) -> None:
    features = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", features)
    cloud = Catalog.load(paths.resources(), [quick.clouds_file]).cloud(quick.cloud)
    sign_in = SignIn(cloud, quick.tenant, quick.client_id, TokenCache(SealedFile(tmp_path / "tokens.bin", FixedKey())))
    shown: queue.Queue[DeviceCode] = queue.Queue()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(sign_in.device_code, shown.put)
        code = shown.get(timeout=10)
        browser.get(code.verification_uri)
        field = browser.switch_to.active_element
        assert field.get_attribute("id") == "user_code"
        assert_readable(browser, ".field label", ".hint", "button.first", "input.typed-code")
        field.send_keys("nonsense", Keys.ENTER)
        wait_for_text(browser, "That code is not known")
        assert_readable(browser, ".fault")
        field = browser.switch_to.active_element
        assert field.get_attribute("aria-invalid") == "true"
        field.clear()
        field.send_keys(code.user_code.lower(), Keys.ENTER)
        wait_for_text(browser, "Who signs in?")
        browser.find_element(By.CSS_SELECTOR, "label[for=account-1]").click()
        browser.find_element(By.ID, "password").send_keys("Practice-Alex-1", Keys.ENTER)
        wait_for_text(browser, "You are signed in")
        assert_readable(browser, "h1")
        assert browser.find_element(By.CSS_SELECTOR, "[role=status]").is_displayed()
        token = running.result(20)
    assert token.account.username == "alex@practice.example"
    with RawSmtp(quick.smtps_port, tls=quick.ca_file) as client:
        client.ehlo()
        assert client.xoauth2("alex@practice.example", token.value.reveal()).startswith("235")


def test_the_device_page_fits_a_telephone(browser: webdriver.Chrome, quick: PracticeAddresses) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 320, "height": 640, "deviceScaleFactor": 2, "mobile": True}
    )
    browser.get(f"{quick.device_address}?code=BCDFGHJKL")
    assert browser.find_element(By.ID, "user_code").get_attribute("value") == "BCDFGHJKL"
    assert_readable(browser, ".lead")


def assert_readable(browser: webdriver.Chrome, *selectors: str) -> None:
    """Hold the page against WCAG 2.2 AA contrast; it fits, and loads nothing from elsewhere."""
    assert [entry for entry in logged(browser, "browser") if entry["level"] == "SEVERE"] == []
    assert asked_hosts(browser) <= {"localhost"}
    for selector in (".banner", ".lead", "footer", *selectors):
        contrast = browser.execute_script(_CONTRAST, selector)
        assert contrast >= 4.5, f"{selector} has a contrast of {contrast:.2f}"
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def logged(browser: webdriver.Chrome, kind: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = browser.get_log(kind)  # type: ignore[no-untyped-call]
    return entries


def asked_hosts(browser: webdriver.Chrome) -> set[str]:
    hosts = set()
    for entry in logged(browser, "performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            split = urllib.parse.urlsplit(message["params"]["request"]["url"])
            hosts |= {split.hostname} if split.scheme in {"http", "https"} and split.hostname else set()
    return hosts


_CONTRAST = """
const element = document.querySelector(arguments[0]);
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
let ground = element;
const clear = (one) => parse(getComputedStyle(one).backgroundColor)[3] === 0;
while (ground.parentElement && clear(ground)) ground = ground.parentElement;
const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
  .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const [a, b] = [light(parse(getComputedStyle(element).color)), light(parse(getComputedStyle(ground).backgroundColor))];
return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
"""
