"""The bench of these tests: one throw-away authority for all of them, and a token."""

import pytest
import trustme

from relaywright.domain.secret import Secret
from relaywright.smtp.engine import TokenCredential
from smtp_bench import TOKEN, Bench


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    ca = trustme.CA()
    ca_file = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(ca_file))
    return Bench(ca, ca_file)


@pytest.fixture
def token() -> TokenCredential:
    return TokenCredential("alice@contoso.test", Secret(TOKEN))
