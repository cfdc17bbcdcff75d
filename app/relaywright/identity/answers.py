"""The token in an answer of the sign-in service. What a refusal is called is for the sign-in that asked."""

import datetime
import time
from collections.abc import Mapping
from typing import Any

from relaywright.domain.secret import Secret
from relaywright.identity.account import AccessToken, Account


def token_in(untrusted_answer: Mapping[str, Any], account: Account, refused_id: str, hint: str) -> AccessToken:
    """Return the answer's access token. Raises CredentialNeeded (``refused_id``) when it holds a refusal instead."""
    from relaywright.identity.refusals import from_answer

    value = untrusted_answer.get("access_token")
    if not value:
        raise from_answer(untrusted_answer, refused_id, hint)
    return AccessToken(Secret(str(value)), moment(int(time.time()) + life_s(untrusted_answer)), account, is_new=True)


def life_s(untrusted_answer: Mapping[str, Any], name: str = "expires_in") -> int:
    """Return a life in seconds; 0 when it is missing or no number (RFC 6749 section 5.1: such a token counts as over).

    At most a year: what claims to live longer is no access token.
    """
    try:
        return max(0, min(int(untrusted_answer.get(name, 0)), 366 * 86_400))
    except (TypeError, ValueError, OverflowError):
        return 0


def moment(seconds: int) -> datetime.datetime:
    """Return seconds since 1970 as a moment in UTC."""
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)
