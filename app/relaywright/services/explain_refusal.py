"""Let an error that the sign-in service caused carry what the catalogue knows of it, whoever shows it.

Which number means what is the catalogue's; how it is shown is the window's and the command line's.
"""

import contextlib
from collections.abc import Iterator

from relaywright.catalog.catalog import Catalog, values_of
from relaywright.domain.errors import CredentialNeeded
from relaywright.domain.explanation import MatchConfidence
from relaywright.domain.profile import RelayProfile


@contextlib.contextmanager
def explaining(catalog: Catalog, profile: RelayProfile) -> Iterator[None]:
    """Set ``explanation`` on a refusal raised within, and let it go on its way."""
    try:
        yield
    except CredentialNeeded as refusal:
        explanation = catalog.explain_sign_in(refusal.message, values_of(profile))
        if explanation.confidence is not MatchConfidence.UNKNOWN:
            refusal.explanation = explanation
        raise
