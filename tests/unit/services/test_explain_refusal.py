"""A refusal of the sign-in service carries its explanation; other errors pass as they are."""

import pytest

from relaywright.catalog.catalog import Catalog
from relaywright.domain.errors import CredentialNeeded, NoAnswer, RelaywrightError
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.identity.refusals import from_answer
from relaywright.services.explain_refusal import explaining

PROFILE = RelayProfile("Scanner", auth=Auth.OAUTH, tenant="contoso.com", client_id="relay")


def test_a_refusal_carries_its_explanation_with_the_profiles_values(catalog: Catalog) -> None:
    answer = {
        "error": "invalid_grant",
        "suberror": "consent_required",
        "error_description": "AADSTS65001: The user or administrator has not consented to use the application.",
        "correlation_id": "66666666-7777-8888-9999-000000000000",
    }
    with pytest.raises(CredentialNeeded) as caught, explaining(catalog, PROFILE):
        raise from_answer(answer, "sign-in-refused", "Sign in again.")
    explanation = caught.value.explanation
    assert explanation is not None
    assert explanation.id == "consent-missing"
    assert "The suberror adds: Consent is missing." in explanation.cause
    assert "contoso.com/adminconsent?client_id=relay" in " ".join(explanation.steps)
    assert "correlation id 66666666-7777-8888-9999-000000000000" in explanation.steps[-1]


@pytest.mark.parametrize(
    "error",
    [
        CredentialNeeded("Nobody is signed in for “Scanner”.", id="not-signed-in"),
        CredentialNeeded("The sign-in was refused: no reason given", id="sign-in-refused"),
        NoAnswer("The sign-in service https://login.microsoftonline.com did not answer: AADSTS90006"),
    ],
)
def test_what_the_catalogue_does_not_know_passes_as_it_is(catalog: Catalog, error: RelaywrightError) -> None:
    with pytest.raises(type(error)) as caught, explaining(catalog, PROFILE):
        raise error
    assert caught.value is error
    assert error.explanation is None
