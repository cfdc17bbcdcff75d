"""Signing a person in with Microsoft: once in the browser, silently afterwards. The only module that calls MSAL.

MSAL's own interactive call cannot be given up and leaves a thread behind (1.39, tried), so the browser's answer comes
to loopback.py. Errors become words in refusals.py; what is remembered, and how windows share it, is cache.py's.
"""

import contextlib
import datetime
import json
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from relaywright import paths
from relaywright.catalog.facts import Cloud
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import CredentialNeeded, DamagedFile, RelaywrightError
from relaywright.domain.secret import Secret
from relaywright.identity import cache as remembered
from relaywright.identity.account import AccessToken, Account
from relaywright.identity.cache import Sections, TokenCache

if TYPE_CHECKING:
    from relaywright.identity.loopback import BrowserAnswer

__all__ = ["AccessToken", "Account", "SignIn"]

SERVICE_LIMIT_S = 90.0
"""How long one exchange with the sign-in service may take in all."""

_ANY_TENANT = "organizations"  # work and school accounts of any tenant (Microsoft identity platform, authorities)
_AGAIN = "Sign in again."

_Result = TypeVar("_Result")


class SignIn:
    """Signs people in to one application in one tenant of one cloud.

    Calls use the network and may block on the keyring's unlock prompt: they run in a job, and ``cancel`` ends them at
    once.
    """

    def __init__(self, cloud: Cloud, tenant: str, client_id: str, cache: TokenCache) -> None:
        self._cloud = cloud
        self._authority = f"{cloud.authority.rstrip('/')}/{tenant or _ANY_TENANT}"
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
        ``sign-in-refused``), NoAnswer, Refused (``sign-in-certificate``), InputError (``unknown-tenant``, ``ca-file``).
        """
        from relaywright.identity.loopback import Loopback

        cancel = cancel or CancelToken()
        self._read(cancel)  # a locked keyring asks now, not when the person comes back from the browser
        fresh: Sections = {}
        conversation = _Conversation(self._cloud, self._authority, self._client_id, fresh)
        with contextlib.closing(conversation):
            self._exchange(conversation.open, cancel)
            with Loopback(_answer_page()) as loopback:
                flow = conversation.begin(loopback.redirect_uri, login_hint)
                open_address(flow["auth_uri"])
                answer = loopback.wait(flow["state"], cancel, time_limit_s)
                with contextlib.closing(answer):
                    return self._finish(conversation, flow, answer, cancel)

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
                return AccessToken(Secret(stored[0]), _moment(stored[1]), account)
        conversation = _Conversation(self._cloud, self._authority, self._client_id, before)
        with contextlib.closing(conversation):
            self._exchange(conversation.open, cancel)
            result = self._exchange(lambda: conversation.renew(account, renew=renew), cancel)
            if result is None:
                raise CredentialNeeded(
                    f"The sign-in of {account.username} is no longer stored.", hint=_AGAIN, id="sign-in-needed"
                )
            after = conversation.sections()
            if after != before:
                self._cache.apply(before, after)
            return self._token(result, account, "sign-in-expired")

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
        self, conversation: "_Conversation", flow: dict[str, Any], answer: "BrowserAnswer", cancel: CancelToken
    ) -> AccessToken:
        try:
            result = self._exchange(lambda: conversation.redeem(flow, dict(answer.untrusted_fields)), cancel)
            token = self._token(result, remembered.newest_account(conversation.sections()), "sign-in-refused")
        except RelaywrightError as fault:
            answer.show("You are not signed in", f"{fault.message} {fault.hint}", ok=False)
            raise
        self._cache.apply({}, conversation.sections())
        answer.show("You are signed in", "You can close this tab and go back to Relaywright.", ok=True)
        return token

    def _exchange(self, work: Callable[[], _Result], cancel: CancelToken) -> _Result:
        from relaywright.identity.background import run_abandonable
        from relaywright.identity.refusals import from_exception

        try:
            return run_abandonable(work, cancel, SERVICE_LIMIT_S)
        except Exception as fault:  # MSAL raises what its web client and its parsers raise
            error = from_exception(fault, self._cloud.authority)
            if error is None:
                raise
            raise error from None

    def _token(self, result: dict[str, Any], account: Account, id_: str) -> AccessToken:
        from relaywright.identity.refusals import from_answer

        value = result.get("access_token")
        if not value:
            raise from_answer(result, id_, _AGAIN)
        ends = int(time.time()) + int(result.get("expires_in", 0))
        return AccessToken(Secret(str(value)), _moment(ends), account)


class _Conversation:
    """One exchange with the sign-in service: an MSAL application over a copy of what is remembered."""

    def __init__(self, cloud: Cloud, authority: str, client_id: str, sections: Sections) -> None:
        self._cloud = cloud
        self._authority = authority
        self._client_id = client_id
        self._before = json.dumps(sections)
        self._session: Any = None
        self._cache: Any = None
        self._application: Any = None

    def open(self) -> None:
        """Load MSAL and fetch what the service says of itself. Uses the network."""
        import msal
        from msal.authority import WELL_KNOWN_AUTHORITY_HOSTS

        from relaywright.identity.https import open_session

        for library in ("msal", "urllib3", "requests"):
            # MSAL writes the browser's answer, code included, at DEBUG.
            logging.getLogger(library).setLevel(logging.WARNING)
        self._session = open_session(self._cloud.ca_file)
        self._cache = msal.SerializableTokenCache()
        self._cache.deserialize(self._before)
        # Outside Microsoft's own hosts MSAL would ask login.microsoftonline.com whether it knows the authority.
        is_microsoft = remembered.environment_of(self._authority) in WELL_KNOWN_AUTHORITY_HOSTS
        self._application = msal.PublicClientApplication(
            self._client_id,
            authority=self._authority,
            token_cache=self._cache,
            http_client=self._session,
            instance_discovery=None if is_microsoft else False,
        )

    def begin(self, redirect_uri: str, login_hint: str) -> dict[str, Any]:
        """Return MSAL's flow, with ``auth_uri`` and ``state``."""
        flow: dict[str, Any] = self._application.initiate_auth_code_flow(
            [self._cloud.scope_delegated],
            redirect_uri=redirect_uri,
            response_mode="form_post",
            prompt="select_account",
            login_hint=login_hint or None,
        )
        return flow

    def redeem(self, flow: dict[str, Any], untrusted_answer: dict[str, str]) -> dict[str, Any]:
        """Exchange the code in the browser's answer for tokens. Uses the network."""
        result: dict[str, Any] = self._application.acquire_token_by_auth_code_flow(flow, untrusted_answer)
        return result

    def renew(self, account: Account, *, renew: bool) -> dict[str, Any] | None:
        """Return a token by the stored refresh token; None when there is none. Uses the network."""
        result: dict[str, Any] | None = self._application.acquire_token_silent_with_error(
            [self._cloud.scope_delegated],
            {
                "home_account_id": account.home_account_id,
                "environment": remembered.environment_of(self._authority),
                "username": account.username,
            },
            force_refresh=renew,
        )
        return result

    def sections(self) -> Sections:
        """Return what is to be remembered now."""
        sections: Sections = json.loads(self._cache.serialize())
        remembered.note_realm(sections, self._authority, self._application.authority.tenant)
        return sections

    def close(self) -> None:
        """Give back the connections. Threads that were given up end by their own time limits."""
        if self._session is not None:
            self._session.close()


def _answer_page() -> str:
    from relaywright.identity.loopback import PLAIN_PAGE

    try:
        return (paths.resources() / "sign-in" / "answer.html").read_text(encoding="utf-8")
    except OSError:
        return PLAIN_PAGE


def _moment(seconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)
