"""A real browser signs in on the practice page, and the next start takes the token from the real keyring's file."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from keyring_session import unlocked_keyring
from relaywright.practice.practice import Practice, PracticeAddresses

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform != "linux", reason="runs under a D-Bus session with GNOME Keyring"),
]

PAGE_LIMIT_S = 30

# One start of the program: signs in interactively (the address goes to standard output, the test's browser opens it)
# or silently, and says which of the heavy libraries that took.
START = """
import json, sys, time
from pathlib import Path
from relaywright import paths
from relaywright.catalog.catalog import Catalog
from relaywright.identity.cache import TokenCache
from relaywright.identity.signin import SignIn
from relaywright.vault.vault import Vault

verb, clouds_file, tenant, client_id, token_file = sys.argv[1:]
cloud = Catalog.load(paths.resources(), [Path(clouds_file)]).cloud("practice")
token_file = Path(token_file)
sealed = Vault("installation-1", token_file.parent).sealed_file(token_file)
sign_in = SignIn(cloud, tenant, client_id, TokenCache(sealed))
started = time.perf_counter()
if verb == "interactive":
    token = sign_in.interactive(lambda address: print(address, flush=True), "alex@practice.example", time_limit_s=60)
else:
    (account,) = sign_in.accounts()
    token = sign_in.silent(account.home_account_id)
print(json.dumps({
    "username": token.account.username,
    "token": token.value.reveal(),
    "ms": round(1000 * (time.perf_counter() - started), 1),
    "loaded": sorted({"msal", "requests"} & sys.modules.keys()),
    "problem": sign_in.problem and sign_in.problem.id,
}))
"""


@pytest.fixture
def keyring_session(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a D-Bus session with an unlocked GNOME Keyring."""
    with unlocked_keyring(tmp_path) as session:
        yield session.environment


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """A Chromium of its own, without a window and without the network."""
    binary = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver = shutil.which("chromedriver")
    if not binary or not driver:
        pytest.skip("needs Chromium and its driver: python3 build/make.py test installs them where apt has them")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=900,900",
        f"--user-data-dir={tmp_path / 'browser'}",
    ):
        options.add_argument(argument)
    chrome = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver))
    yield chrome
    chrome.quit()


def start(
    verb: str, addresses: PracticeAddresses, token_file: Path, environment: dict[str, str]
) -> "subprocess.Popen[str]":
    arguments = [verb, str(addresses.clouds_file), addresses.tenant, addresses.client_id, str(token_file)]
    return subprocess.Popen(
        [sys.executable, "-c", START, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: "subprocess.Popen[str]") -> dict[str, Any]:
    output, errors = process.communicate(timeout=90)
    assert process.returncode == 0, errors
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    assert result["token"] not in errors
    return result


def fill_in(browser: webdriver.Chrome, address: str, user: str, password: str, button: str) -> str:
    """Do on the page what a person does; return the heading of the last page."""
    browser.get(address)
    assert "Who signs in?" in browser.find_element(By.TAG_NAME, "h1").text
    browser.find_element(By.XPATH, f"//input[@name='account' and @value='{user}']").click()
    browser.find_element(By.ID, "password").send_keys(password)
    browser.find_element(By.XPATH, f"//button[@name='do' and @value='{button}']").click()
    WebDriverWait(browser, PAGE_LIMIT_S).until(lambda page: page.title.endswith("· Relaywright"))
    return browser.find_element(By.TAG_NAME, "h1").text


def test_a_browser_signs_in_and_the_next_start_needs_nobody(
    practice: Practice,
    addresses: PracticeAddresses,
    browser: webdriver.Chrome,
    keyring_session: dict[str, str],
    tmp_path: Path,
) -> None:
    token_file = tmp_path / "tokens.bin"
    alex = next(user for user in addresses.users if user.address == "alex@practice.example")
    with start("interactive", addresses, token_file, keyring_session) as process:
        assert process.stdout is not None
        heading = fill_in(browser, process.stdout.readline().strip(), alex.address, alex.password, "sign-in")
        first = finish(process)
    assert heading == "You are signed in"
    assert browser.current_url.startswith("http://localhost:")
    assert "code=" not in browser.current_url
    assert (first["username"], first["problem"]) == (alex.address, None)
    assert practice.tokens.verify(first["token"]) == alex.address

    with start("silent", addresses, token_file, keyring_session) as process:
        second = finish(process)
    assert second["token"] == first["token"]
    assert second["loaded"] == []
    for file in (item for item in tmp_path.glob("tokens.bin*") if item.is_file()):
        assert first["token"].encode() not in file.read_bytes()
    keyrings = b"".join(item.read_bytes() for item in tmp_path.rglob("*.keyring"))
    assert keyrings
    assert first["token"].encode() not in keyrings


def test_a_person_who_cancels_on_the_page_reads_why(
    addresses: PracticeAddresses, browser: webdriver.Chrome, keyring_session: dict[str, str], tmp_path: Path
) -> None:
    with start("interactive", addresses, tmp_path / "tokens.bin", keyring_session) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        heading = fill_in(browser, address, "alex@practice.example", "", "cancel")
        _, errors = process.communicate(timeout=60)
    assert heading == "You are not signed in"
    assert "AADSTS65004" in browser.find_element(By.XPATH, "//p[@role='status']").text
    assert "CredentialNeeded" in errors
