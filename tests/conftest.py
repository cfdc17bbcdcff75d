"""What every test stands on: a home of its own, no keyring of the developer's, and the practice to talk to."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from relaywright import paths
from relaywright.catalog.catalog import Catalog
from relaywright.gui.application import Application
from relaywright.practice.practice import Practice, PracticeAddresses
from terminal_calls import Relaywright, call_relaywright

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_FOLDER_VARIABLES = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
_XDG = {"XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache", "XDG_STATE_HOME": "state"}
_TRUST_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def isolated_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty home and data folder, and keep it away from the machine's keyring and trust settings."""
    home = tmp_path_factory.mktemp("home")
    for name in _FOLDER_VARIABLES:
        monkeypatch.setenv(name, str(home))
    for name, folder in _XDG.items():
        monkeypatch.setenv(name, str(home / folder))
    for name in _TRUST_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(paths.DATA_DIR_VARIABLE, str(home / "relaywright"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return home


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The shipped facts."""
    return Catalog.load(paths.resources())


@pytest.fixture(scope="session")
def practice_of_session(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Iterator[Practice]:
    """One practice for the whole run; tests ask for :func:`practice`."""
    with Practice(tmp_path_factory.mktemp("practice"), catalog) as practice:
        yield practice


@pytest.fixture
def practice(practice_of_session: Practice) -> Practice:
    """The practice relay and sign-in, running, with nothing received yet."""
    practice_of_session.relay.forget_messages()
    return practice_of_session


@pytest.fixture
def addresses(practice: Practice) -> PracticeAddresses:
    """Where the practice is."""
    return practice.start()


@pytest.fixture
def relaywright(isolated_home: Path) -> Relaywright:
    """Call the program as a user at a terminal does."""
    return call_relaywright


@pytest.fixture(scope="session")
def qapp_cls() -> type[Application]:
    """Tests of the window run in the program's own application: its palette, fonts and style."""
    return Application


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    """The application adds its own name."""
    return []
