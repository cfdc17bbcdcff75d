"""``sign-in`` at a terminal: with the account broker, past it, and what is said of each way that was passed over."""

import json
import threading
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import broker_runtime
from broker_runtime import BrokerRuntime, Fault
from memory_keyring import memory_keyring_in_use
from microsoft_front import at_microsoft, clouds_file
from person_at_browser import PersonAtBrowser
from relaywright import paths
from relaywright.catalog.catalog import Catalog
from relaywright.cli.main import main
from relaywright.cli.terminal import Terminal
from relaywright.practice.practice import Practice

ALEX = "alex@practice.example"
Call = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def runtime(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> BrokerRuntime:
    made = broker_runtime.broker_of(practice)
    broker_runtime.install(made, monkeypatch)
    return made


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> PersonAtBrowser:
    """Alex, in front of the browser that this computer starts."""
    alex = PersonAtBrowser(ALEX, "Practice-Alex-1")

    def start(address: str) -> bool:
        alex.open(address)
        return True

    monkeypatch.setattr(webbrowser, "open", start)
    monkeypatch.setenv("BROWSER", "alex")
    return alex


@pytest.fixture
def call(
    practice: Practice,
    isolated_home: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Call]:
    """Return a function that runs a command here, where the stand-in is: its code, its document, its words."""
    place = practice.start()
    cloud = Catalog.load(paths.resources(), [place.clouds_file]).cloud("practice")
    folder = isolated_home / "relaywright"
    folder.mkdir(exist_ok=True)

    def run(*arguments: str) -> tuple[int, Any, str]:
        code = main([*arguments, "--json"])
        assert isinstance(code, int)
        out, err = capfd.readouterr()
        return code, json.loads(out), err

    # It turns the process's own standard output round, for browsers that write there; here that is pytest's.
    monkeypatch.setattr(Terminal, "keep_output_apart", lambda _terminal: None)
    with at_microsoft(cloud, tmp_path, monkeypatch) as microsoft, memory_keyring_in_use():
        text = clouds_file(place.clouds_file, cloud, microsoft)
        (folder / "clouds.toml").write_text(text, encoding="utf-8")
        fields = ("cloud=practice", "auth=oauth", f"tenant={place.tenant}", f"client_id={place.client_id}")
        run("profile", "add", "Desk", *fields, f"username={ALEX}")
        yield run


def test_the_broker_signs_in_at_a_terminal(call: Call, runtime: BrokerRuntime, person: PersonAtBrowser) -> None:
    code, document, words = call("sign-in", "Desk")
    assert (code, document["way"], document["passed_over"], document["account"]) == (0, "broker", [], ALEX)
    assert "Windows asks" in words
    assert person.address == ""


def test_a_way_that_was_passed_over_is_told_in_words_and_in_the_document(
    call: Call, runtime: BrokerRuntime, person: PersonAtBrowser
) -> None:
    runtime.person = lambda: Fault("IncorrectConfiguration", "AADSTS50011")
    code, document, words = call("sign-in", "Desk")
    person.done()
    assert (code, document["way"]) == (0, "browser")
    (passed,) = document["passed_over"]
    assert (passed["way"], passed["id"]) == ("broker", "broker-redirect-missing")
    assert "ms-appx-web://Microsoft.AAD.BrokerPlugin/" in passed["reason"]
    assert passed["reason"] in words
    assert "The browser is used instead." in words


@pytest.mark.parametrize("option", ["--browser", "--no-browser"])
def test_the_broker_is_left_out_when_the_browser_is_asked_for(
    call: Call, runtime: BrokerRuntime, person: PersonAtBrowser, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    printed: list[str] = []

    def say(_terminal: Terminal, text: str = "") -> None:
        printed.append(text)
        person.open(text)

    monkeypatch.setattr(Terminal, "say", say)
    code, document, _ = call("sign-in", "Desk", option)
    person.done()
    assert (code, document["way"], document["passed_over"], runtime.asked) == (0, "browser", [], [])
    assert bool(printed) == (option == "--no-browser")


def test_where_no_browser_starts_the_device_code_is_named(
    call: Call, person: PersonAtBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = threading.Event()

    def none_starts(address: str) -> bool:
        tried.set()
        person.open(address)  # by hand: the address is printed
        return False

    monkeypatch.setattr(webbrowser, "open", none_starts)
    code, document, words = call("sign-in", "Desk")
    person.done()
    assert tried.is_set()
    assert (code, document["way"]) == (0, "browser")
    assert "No browser could be started" in words
    assert "--device-code" in words
