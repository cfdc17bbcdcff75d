"""Signing a person in with Microsoft: once, by broker, browser or device code, and silently afterwards.

MSAL's own interactive call cannot be given up and leaves a thread behind (1.39, tried), so the browser's answer comes
to loopback.py. MSAL is spoken to in conversation.py; errors become words in refusals.py, the broker's in broker.py;
what is remembered, and how windows share it, is cache.py's. In which order the ways are tried is not decided here.
"""

import contextlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from relaywright import paths
from relaywright.catalog.facts import Cloud
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import CredentialNeeded, DamagedFile, RelaywrightError
from relaywright.domain.secret import Secret
from relaywright.identity import cache as remembered
from relaywright.identity.account import AccessToken, Account
from relaywright.identity.answers import moment, token_in
from relaywright.identity.broker import (
    WITH_BROWSER,
    BrokerAvailability,
    BrokerPassedOver,
    availability,
    gone,
    not_renewed,
    refusal,
    unused_by_msal,
)
from relaywright.identity.cache import Sections, TokenCache
from relaywright.identity.conversation import Conversation, authority_of, exchange
from relaywright.identity.device_code import DeviceCode, wait_for_device
from relaywright.identity.page_address import page_of

if TYPE_CHECKING:
    from relaywright.identity.loopback import BrowserAnswer

__all__ = ["AccessToken", "Account", "BrokerAvailability", "BrokerPassedOver", "DeviceCode", "SignIn"]

SIGN_OUT_LIMIT_S = 10.0
"""How long the broker may take to sign somebody out; here they are signed out before it is asked."""
_AGAIN = "Sign in again."

_log = logging.getLogger(__name__)


class SignIn:
    """Signs people in to one application in one tenant of one cloud.

    Calls use the network and may block on the keyring's unlock prompt: they run in a job, and ``cancel`` ends them at
    once.
    """

    def __init__(self, cloud: Cloud, tenant: str, client_id: str, cache: TokenCache) -> None:
        self._cloud = cloud
        self._authority = authority_of(cloud, tenant)
        self._environment = remembered.environment_of(self._authority)
        self._client_id = client_id
        self._cache = cache

    @property
    def problem(self) -> RelaywrightError | None:
        """Why the last sign-in is kept for this run only, or stored ones cannot be read; None when all is well."""
        return self._cache.problem

    def accounts(self) -> list[Account]:
        """Return who is signed in to this application in this cloud. Raises the reason when that cannot be read."""
        sections = self._cache.read()
        found = remembered.accounts(sections, self._environment, self._client_id)
        if not found and self._cache.problem is not None:
            raise self._cache.problem
        return found

    def broker(self) -> BrokerAvailability:
        """Tell whether Windows' account broker can be asked here. On Windows a library is loaded for that."""
        return availability(self._cloud)

    def through_broker(
        self,
        parent_window: int | None = None,
        login_hint: str = "",
        cancel: CancelToken | None = None,
        time_limit_s: float = 300,
    ) -> AccessToken:
        """Sign a person in with Windows' account broker, whose window comes up above ``parent_window``.

        ``parent_window`` is a native handle; None stands for the console's. An account that Windows is signed in with
        is taken without a question when it is ``login_hint``; the account may be another one all the same. When the
        wait is given up, the broker's window stays until the person closes it, and what is done there has no effect.
        Raises BrokerPassedOver where another way may do it; Cancelled, CredentialNeeded (``broker-closed``,
        ``sign-in-refused``, ``sign-in-timed-out``) and the errors of :meth:`interactive` where none will.
        """
        cancel = cancel or CancelToken()
        found = self.broker()
        if found.reason is not None:
            raise found.reason
        before = self._read(cancel)
        conversation = Conversation(self._cloud, self._authority, self._client_id, {}, with_broker=True)
        too_late = CredentialNeeded(
            f"Nobody finished the sign-in in Windows’ window within {time_limit_s:.0f} seconds.",
            hint="Close that window, and start the sign-in again.",
            id="sign-in-timed-out",
        )
        with contextlib.closing(conversation):
            exchange(conversation.open, cancel, self._cloud)
            if not conversation.has_broker:
                raise unused_by_msal()
            answer = exchange(
                lambda: conversation.ask_broker(parent_window, login_hint),
                cancel,
                self._cloud,
                limit_s=time_limit_s,
                too_late=too_late,
            )
            if not answer.get("access_token"):
                raise refusal(answer, self._client_id)
            after = conversation.sections()
            account = remembered.newest_account(after)
            token = token_in(answer, account, "sign-in-refused", _AGAIN)
            remembered.note_broker(after, self._environment, self._client_id)
            # A refresh token of an earlier sign-in would be used in the broker's place, for as long as it lives.
            replaced = remembered.refresh_tokens(before, account.home_account_id, self._environment, self._client_id)
            self._cache.apply({"RefreshToken": replaced}, after)
            return token

    def interactive(
        self,
        open_address: Callable[[str], None],
        login_hint: str = "",
        cancel: CancelToken | None = None,
        time_limit_s: float = 300,
    ) -> AccessToken:
        """Sign a person in with the browser, which ``open_address`` opens (or shows the address to the person).

        The account may be another than ``login_hint``: the caller compares and tells. Nothing is remembered of a
        sign-in that did not end well. Raises Cancelled, CredentialNeeded (``sign-in-timed-out``,
        ``sign-in-refused``), NoAnswer, Refused (``sign-in-certificate``, ``sign-in-page``), InputError
        (``unknown-tenant``, ``ca-file``).
        """
        from relaywright.identity.loopback import Loopback

        cancel = cancel or CancelToken()
        self._read(cancel)  # a locked keyring asks now, not when the person comes back from the browser
        fresh: Sections = {}
        conversation = Conversation(self._cloud, self._authority, self._client_id, fresh)
        with contextlib.closing(conversation):
            exchange(conversation.open, cancel, self._cloud)
            with Loopback(_answer_page()) as loopback:
                flow = conversation.begin(loopback.redirect_uri, login_hint)
                open_address(page_of(flow["auth_uri"], self._cloud.authority))
                answer = loopback.wait(flow["state"], cancel, time_limit_s)
                with contextlib.closing(answer):
                    return self._finish(conversation, flow, answer, cancel)

    def device_code(self, show: Callable[[DeviceCode], None], cancel: CancelToken | None = None) -> AccessToken:
        """Sign a person in who has a browser elsewhere: ``show`` is called once with the code and where to type it.

        Asks the service as often as it allows, until the code ends. Nothing is remembered of a sign-in that did not end
        well. Raises Cancelled, CredentialNeeded (``device-code-expired``, ``device-code-declined``,
        ``device-code-blocked``, ``device-code-refused``), InputError (``device-code-not-offered`` and those of
        :meth:`interactive`), NoAnswer, Refused (``sign-in-certificate``).
        """
        cancel = cancel or CancelToken()
        self._read(cancel)
        conversation = Conversation(self._cloud, self._authority, self._client_id, {})
        with contextlib.closing(conversation):
            exchange(conversation.open, cancel, self._cloud)
            result = wait_for_device(conversation, self._cloud, show, cancel)
            token = token_in(result, remembered.newest_account(conversation.sections()), "device-code-refused", _AGAIN)
            cancel.raise_if_cancelled()
            self._cache.apply({}, conversation.sections())
            return token

    def silent(self, home_account_id: str, cancel: CancelToken | None = None, *, renew: bool = False) -> AccessToken:
        """Return a token without asking a person: a stored one, or one renewed by the refresh token or by the broker.

        ``renew`` passes over the stored one, for when a server refused it. Raises CredentialNeeded
        (``sign-in-needed``, ``sign-in-expired`` with the service's reason, ``sign-in-broker-gone``),
        KeyringUnavailable, NoAnswer, Refused, Cancelled.
        """
        cancel = cancel or CancelToken()
        before = self._read(cancel)
        account = self._known_account(before, home_account_id)
        if not renew:
            stored = remembered.fresh_access_token(
                before, home_account_id, self._authority, self._client_id, self._cloud.scope_delegated
            )
            if stored is not None:
                return AccessToken(Secret(stored[0]), moment(stored[1]), account)
        theirs = (home_account_id, self._environment, self._client_id)
        # A refresh token is from a later sign-in: the broker's own takes those of earlier ones away.
        by_broker = not remembered.refresh_tokens(before, *theirs)
        broker_id = remembered.broker_account_id(before, *theirs) if by_broker else ""
        conversation = Conversation(self._cloud, self._authority, self._client_id, before, with_broker=bool(broker_id))
        with contextlib.closing(conversation):
            if broker_id:
                result = self._renewed_by_broker(conversation, account, broker_id, cancel, renew=renew)
            else:
                exchange(conversation.open, cancel, self._cloud)
                result = exchange(lambda: conversation.renew(account, renew=renew), cancel, self._cloud)
            if result is None:
                what = "known to Windows’ account broker" if broker_id else "stored"
                raise CredentialNeeded(
                    f"The sign-in of {account.username} is no longer {what}.", hint=_AGAIN, id="sign-in-needed"
                )
            if broker_id and not result.get("access_token"):
                raise not_renewed(result)
            after = conversation.sections()
            if after != before:
                self._cache.apply(before, after)
            return token_in(result, account, "sign-in-expired", _AGAIN)

    def forget(self, home_account_id: str) -> bool:
        """Sign an account out of this application on this machine; says whether it was signed in.

        Needs no network. Where the broker keeps the account, it is asked to let go of it too, for at most ten seconds;
        if it does not, the person is signed out here all the same. Two profiles with the same application share a
        sign-in. Raises RelaywrightError when the stored sign-in could not be removed.
        """
        sections = self._cache.read()
        broker_id = remembered.broker_account_id(sections, home_account_id, self._environment, self._client_id)
        removed = self._cache.forget(home_account_id, self._environment, self._client_id)
        if broker_id and self.broker().usable:
            self._sign_out_of_broker(Account(home_account_id, "", ""), broker_id)
        return removed

    def _sign_out_of_broker(self, account: Account, broker_id: str) -> None:
        conversation = Conversation(self._cloud, self._authority, self._client_id, {}, with_broker=True)

        def sign_out() -> None:
            conversation.open()
            conversation.sign_out_of_broker(account, broker_id)

        with contextlib.closing(conversation):
            try:
                exchange(sign_out, CancelToken(), self._cloud, limit_s=SIGN_OUT_LIMIT_S)
            except RelaywrightError as fault:
                _log.warning("The account broker was not told of a sign-out: %s", fault.message)

    def _renewed_by_broker(
        self, conversation: Conversation, account: Account, broker_id: str, cancel: CancelToken, *, renew: bool
    ) -> dict[str, Any] | None:
        """Return MSAL's answer, None for an account the broker does not know. Raises CredentialNeeded without one."""
        reason = self.broker().reason
        if reason is None:
            exchange(conversation.open, cancel, self._cloud)
            reason = None if conversation.has_broker else unused_by_msal()
        if reason is not None:
            raise gone(account.username, reason)
        try:
            return exchange(
                lambda: conversation.renew_with_broker(account, broker_id, renew=renew), cancel, self._cloud
            )
        except BrokerPassedOver as fault:
            fault.hint = f"{fault.hint} {WITH_BROWSER}".strip()
            raise

    def _read(self, cancel: CancelToken) -> Sections:
        """Read what is remembered; the keyring's unlock prompt may be open for as long as it likes, and be given up."""
        from relaywright.identity.background import run_abandonable

        return run_abandonable(self._cache.read, cancel, limit_s=None)

    def _known_account(self, sections: Sections, home_account_id: str) -> Account:
        for account in remembered.accounts(sections, self._environment, self._client_id):
            if account.home_account_id == home_account_id:
                return account
        problem = self._cache.problem
        if isinstance(problem, DamagedFile) and problem.id != "newer-file":
            raise CredentialNeeded(problem.message, hint=_AGAIN, id="sign-in-needed")
        if problem is not None:
            raise problem
        raise CredentialNeeded("Nobody is signed in for this profile.", hint="Sign in first.", id="sign-in-needed")

    def _finish(
        self, conversation: Conversation, flow: dict[str, Any], answer: "BrowserAnswer", cancel: CancelToken
    ) -> AccessToken:
        try:
            result = exchange(lambda: conversation.redeem(flow, dict(answer.untrusted_fields)), cancel, self._cloud)
            token = token_in(result, remembered.newest_account(conversation.sections()), "sign-in-refused", _AGAIN)
        except RelaywrightError as fault:
            answer.show("You are not signed in", f"{fault.message} {fault.hint}", ok=False)
            raise
        self._cache.apply({}, conversation.sections())
        answer.show("You are signed in", "You can close this tab and go back to Relaywright.", ok=True)
        return token


def _answer_page() -> str:
    from relaywright.identity.loopback import PLAIN_PAGE

    try:
        return (paths.resources() / "sign-in" / "answer.html").read_text(encoding="utf-8")
    except OSError:
        return PLAIN_PAGE
