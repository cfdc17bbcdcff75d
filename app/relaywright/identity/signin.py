"""Signing a person in with Microsoft: once, in the browser or with a device code, and silently afterwards.

MSAL's own interactive call cannot be given up and leaves a thread behind (1.39, tried), so the browser's answer comes
to loopback.py. MSAL is spoken to in conversation.py; errors become words in refusals.py; what is remembered, and how
windows share it, is cache.py's.
"""

import contextlib
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
from relaywright.identity.cache import Sections, TokenCache
from relaywright.identity.conversation import Conversation, authority_of, exchange
from relaywright.identity.device_code import DeviceCode, wait_for_device
from relaywright.identity.page_address import page_of

if TYPE_CHECKING:
    from relaywright.identity.loopback import BrowserAnswer

__all__ = ["AccessToken", "Account", "DeviceCode", "SignIn"]

_AGAIN = "Sign in again."


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
        """Return a token without asking a person: a stored one, or one renewed with the stored refresh token.

        ``renew`` passes over the stored one, for when a server refused it. Raises CredentialNeeded
        (``sign-in-needed``, ``sign-in-expired``) with the service's reason, KeyringUnavailable, NoAnswer, Refused,
        Cancelled.
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
        conversation = Conversation(self._cloud, self._authority, self._client_id, before)
        with contextlib.closing(conversation):
            exchange(conversation.open, cancel, self._cloud)
            result = exchange(lambda: conversation.renew(account, renew=renew), cancel, self._cloud)
            if result is None:
                raise CredentialNeeded(
                    f"The sign-in of {account.username} is no longer stored.", hint=_AGAIN, id="sign-in-needed"
                )
            after = conversation.sections()
            if after != before:
                self._cache.apply(before, after)
            return token_in(result, account, "sign-in-expired", _AGAIN)

    def forget(self, home_account_id: str) -> bool:
        """Sign an account out of this application on this machine; says whether it was signed in.

        Needs no network. Two profiles with the same application share a sign-in. Raises RelaywrightError when the
        stored sign-in could not be removed.
        """
        return self._cache.forget(home_account_id, self._environment, self._client_id)

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
