"""Signing in with a device code: shows where to type it, and asks the service until the person is done (RFC 8628).

MSAL's own polling loop sleeps in steps of a second and cannot be given up, so it is asked for one step at a time and
the waiting is done here. What is remembered of the sign-in is signin.py's.
"""

import datetime
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from relaywright.catalog.facts import Cloud
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import CredentialNeeded, InputError, NoAnswer
from relaywright.identity.answers import moment
from relaywright.identity.conversation import Conversation, exchange
from relaywright.identity.page_address import may_be_opened

LONGEST_LIFE_S = 3_600
"""A code that claims to live longer is given up then; Microsoft's live for 15 minutes."""
LONGEST_INTERVAL_S = 60
_MORE_AFTER_NO_ANSWER_S = 5
_PENDING = {"authorization_pending", "slow_down"}  # RFC 8628 section 3.5
_EXPIRED = {"expired_token", "code_expired"}  # RFC 8628; Microsoft's older word
_DECLINED = {"access_denied", "authorization_declined"}  # RFC 8628; Microsoft's word
_BLOCKED = {"AADSTS53003", "AADSTS530032", "AADSTS530033", "AADSTS530036"}
"""What device codes that a tenant's policies block were answered with (Azure/azure-cli issue 32420,
microsoft/azure-devops-intellij issue 584; Microsoft, "Authentication transfer" and the list of error codes)."""

_AGAIN = "Ask for a new code and try again."


@dataclass(frozen=True)
class DeviceCode:
    """What a person needs: the code, and where to type it. The texts are the service's, on one line and bounded."""

    user_code: str
    verification_uri: str
    """https, or http on this machine (the practice)."""
    message: str
    """The service's own instruction; empty when it gave none."""
    expires_at: datetime.datetime
    """In UTC."""

    def left_s(self, now: datetime.datetime) -> int:
        """Return how many seconds the code is still good for; 0 when it is over."""
        return max(0, round((self.expires_at - now).total_seconds()))


def wait_for_device(
    conversation: Conversation, cloud: Cloud, show: Callable[[DeviceCode], None], cancel: CancelToken
) -> dict[str, Any]:
    """Return the service's answer with the tokens, or with a refusal that is none of these.

    Raises Cancelled, CredentialNeeded (``device-code-expired``, ``device-code-declined``, ``device-code-blocked``,
    ``device-code-refused``), InputError (``device-code-not-offered``), NoAnswer.
    """
    flow = exchange(conversation.begin_device, cancel, cloud)
    if flow is None:
        raise InputError(
            f"{cloud.authority} offers no sign-in with a device code.",
            hint="Sign in with the browser instead.",
            id="device-code-not-offered",
        )
    code = _read(flow, cloud)
    show(code)
    unanswered: NoAnswer | None = None
    while _wait(min(flow["interval"], max(0.0, flow["expires_at"] - time.time())), cancel):
        if time.time() >= flow["expires_at"]:
            break
        try:
            answer = exchange(lambda: conversation.ask_device(flow), cancel, cloud)
        except NoAnswer as fault:
            # The person is on their way: a network that comes back in time does no harm (RFC 8628 section 3.5).
            unanswered = fault
            flow["interval"] += _MORE_AFTER_NO_ANSWER_S
        else:
            unanswered = None
            if answer.get("error") not in _PENDING:
                return _judged(answer)
        flow["interval"] = min(flow["interval"], LONGEST_INTERVAL_S)
    if unanswered is not None:
        raise unanswered
    raise CredentialNeeded("Nobody typed the code before its time was over.", hint=_AGAIN, id="device-code-expired")


def _read(flow: dict[str, Any], cloud: Cloud) -> DeviceCode:
    """Check what the service sent and bound it; ``flow`` goes on with the bounded values."""
    from relaywright.identity.refusals import clean

    if "error" in flow:
        raise _refusal(flow)
    user_code, address = clean(str(flow.get("user_code", ""))), str(flow.get("verification_uri", ""))
    if not user_code or len(user_code) > 40 or not flow.get("device_code") or not may_be_opened(address):
        raise NoAnswer(
            f"{cloud.authority} sent no device code that can be used.",
            hint="A captive portal or a proxy may stand between: open a web page first, then try again.",
            id="sign-in-no-answer",
        )
    life_s = max(0, min(flow["expires_in"], LONGEST_LIFE_S))
    flow["interval"] = max(1, min(flow["interval"], LONGEST_INTERVAL_S))
    flow["expires_at"] = time.time() + life_s
    flow["latest_attempt_at"] = time.time()
    return DeviceCode(user_code, address, clean(str(flow.get("message", ""))), moment(int(flow["expires_at"])))


def _wait(seconds: float, cancel: CancelToken) -> bool:
    """Wait, and say True; raise Cancelled as soon as ``cancel`` is set."""
    wake = threading.Event()
    take_back = cancel.on_cancel(wake.set)
    try:
        wake.wait(seconds)
    finally:
        take_back()
    cancel.raise_if_cancelled()
    return True


def _judged(untrusted_answer: dict[str, Any]) -> dict[str, Any]:
    if "access_token" in untrusted_answer:
        return untrusted_answer
    raise _refusal(untrusted_answer)


def _refusal(untrusted_answer: Mapping[str, Any]) -> CredentialNeeded:
    """Return the typed error; Microsoft's code and words stay in its message."""
    from relaywright.identity.refusals import code_of, from_answer

    error = untrusted_answer.get("error")
    if error in _EXPIRED:
        return from_answer(untrusted_answer, "device-code-expired", _AGAIN)
    if error in _DECLINED:
        return from_answer(untrusted_answer, "device-code-declined", "Somebody said no on the page. " + _AGAIN)
    refusal = from_answer(untrusted_answer, "device-code-refused", "Sign in with the browser instead, or try again.")
    if code_of(refusal.message).partition(":")[0] in _BLOCKED:
        hint = "The tenant’s Conditional Access does not allow it: sign in with the browser, or ask the administrator."
        return from_answer(untrusted_answer, "device-code-blocked", hint)
    return refusal
