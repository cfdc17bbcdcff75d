"""A sign-in against the practice sign-in, with sealed files under a fixed key."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fixed_key import FixedKey
from person_at_browser import PersonAtBrowser
from relaywright import paths
from relaywright.catalog.catalog import Catalog
from relaywright.catalog.facts import Cloud
from relaywright.identity.cache import TokenCache
from relaywright.identity.signin import SignIn
from relaywright.practice.practice import PracticeAddresses
from relaywright.vault.sealed_file import SealedFile


@pytest.fixture
def cloud(addresses: PracticeAddresses) -> Cloud:
    return Catalog.load(paths.resources(), [addresses.clouds_file]).cloud(addresses.cloud)


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    return tmp_path / "tokens.bin"


@pytest.fixture
def window(cloud: Cloud, addresses: PracticeAddresses, token_file: Path) -> Callable[..., SignIn]:
    """Return a function that makes a sign-in as another start of the program would."""

    def make(cloud: Cloud = cloud, tenant: str = addresses.tenant, client_id: str = addresses.client_id) -> SignIn:
        return SignIn(cloud, tenant, client_id, TokenCache(SealedFile(token_file, FixedKey())))

    return make


@pytest.fixture
def person(addresses: PracticeAddresses) -> Callable[..., PersonAtBrowser]:
    """Return a function that seats one of the practice's people at a browser."""

    def seat(name: str = "alex", **more: str) -> PersonAtBrowser:
        user = next(user for user in addresses.users if user.address.startswith(f"{name}@"))
        return PersonAtBrowser(user.address, user.password, **more)

    return seat
