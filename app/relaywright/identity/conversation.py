"""One exchange with the sign-in service: an MSAL application over a copy of what is remembered.

The only module that calls MSAL. What is done with the answers, and what is remembered of them, is for the sign-ins
(signin.py, device_code.py, app_sign_in.py) to decide.
"""

import json
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from relaywright.catalog.facts import Cloud
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import RelaywrightError
from relaywright.identity import cache as remembered
from relaywright.identity.account import Account
from relaywright.identity.cache import Sections
from relaywright.identity.page_address import require_own_addresses

SERVICE_LIMIT_S = 90.0
"""How long one exchange with the sign-in service may take in all."""

ANY_TENANT = "organizations"  # work and school accounts of any tenant (Microsoft identity platform, authorities)

_Result = TypeVar("_Result")


def authority_of(cloud: Cloud, tenant: str) -> str:
    """Return the address of a tenant's sign-in, of any tenant when none is named."""
    return f"{cloud.authority.rstrip('/')}/{tenant or ANY_TENANT}"


def exchange(
    work: Callable[[], _Result],
    cancel: CancelToken,
    cloud: Cloud,
    *,
    limit_s: float = SERVICE_LIMIT_S,
    too_late: RelaywrightError | None = None,
) -> _Result:
    """Run one exchange that ``cancel`` ends at once; what MSAL or its web client raises comes out in words.

    Raises Cancelled, NoAnswer (or ``too_late`` after ``limit_s`` seconds), Refused (``sign-in-certificate``),
    InputError (``unknown-tenant``, ``ca-file``).
    """
    from relaywright.identity.background import run_abandonable
    from relaywright.identity.refusals import from_exception

    try:
        return run_abandonable(work, cancel, limit_s, too_late=too_late)
    except Exception as fault:  # MSAL raises what its web client and its parsers raise
        error = from_exception(fault, cloud.authority)
        if error is None:
            raise
        raise error from None


class Conversation:
    """A person's application (public client), or one of its own account when it has a ``credential``.

    ``credential`` is MSAL's ``client_credential``: a client secret, or a private key with its certificate.
    ``with_broker`` has a person's application ask Windows' account broker, where MSAL can use it.
    """

    def __init__(
        self,
        cloud: Cloud,
        authority: str,
        client_id: str,
        sections: Sections,
        credential: str | dict[str, Any] | None = None,
        *,
        with_broker: bool = False,
    ) -> None:
        self._cloud = cloud
        self._authority = authority
        self._client_id = client_id
        self._before = json.dumps(sections)
        self._credential = credential
        self._with_broker = with_broker
        self._session: Any = None
        self._cache: Any = None
        self._application: Any = None

    def open(self) -> None:
        """Load MSAL and fetch what the service says of itself. Uses the network.

        Raises Refused (``sign-in-foreign-host``) when that leads elsewhere, and what MSAL and its web client raise.
        """
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
        kind = msal.PublicClientApplication if self._credential is None else msal.ConfidentialClientApplication
        ways = {"enable_broker_on_windows": True} if self._with_broker else {}
        self._application = kind(
            self._client_id,
            client_credential=self._credential,
            authority=self._authority,
            token_cache=self._cache,
            http_client=self._session,
            instance_discovery=None if is_microsoft else False,
            **ways,
        )
        found = self._application.authority
        endpoints = (found.authorization_endpoint, found.token_endpoint, found.device_authorization_endpoint)
        require_own_addresses([one for one in endpoints if one], self._authority, WELL_KNOWN_AUTHORITY_HOSTS)

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

    def begin_device(self) -> dict[str, Any] | None:
        """Ask for a device code; None when the service offers none. Uses the network."""
        if not self._application.authority.device_authorization_endpoint:
            return None
        flow: dict[str, Any] = self._application.initiate_device_flow([self._cloud.scope_delegated])
        return flow

    def ask_device(self, flow: dict[str, Any]) -> dict[str, Any]:
        """Ask once whether the person has signed in; MSAL's own loop would sleep on. Uses the network."""
        result: dict[str, Any] = self._application.acquire_token_by_device_flow(flow, exit_condition=lambda _: True)
        return result

    def renew(self, account: Account, *, renew: bool) -> dict[str, Any] | None:
        """Return a token by the stored refresh token; None when there is none. Uses the network."""
        result: dict[str, Any] | None = self._application.acquire_token_silent_with_error(
            [self._cloud.scope_delegated], self._named(account), force_refresh=renew
        )
        return result

    @property
    def has_broker(self) -> bool:
        """Whether MSAL has decided to use the broker; without it, its interactive call would open a browser itself.

        Proof of possession is what MSAL offers through a broker only, and the one public sign of its decision.
        """
        return bool(self._application.is_pop_supported())

    def ask_broker(self, parent_window: int | None, login_hint: str) -> dict[str, Any]:
        """Let the broker ask the person, in a window above ``parent_window`` (None: that of the console).

        Cannot be interrupted: pymsalruntime's ``MSALRuntimeAsyncHandle.cancel_async_operation`` would close the window,
        but MSAL throws the handle away, and to get hold of it its module would have to be changed under it. Raises
        BrokerPassedOver (``broker-busy``, ``broker-redirect-missing``, ``broker-failed``).
        """
        from msal import PublicClientApplication

        from relaywright.identity import broker

        shown: list[str] = []

        def ask(prompt: str | None, hint: str | None) -> dict[str, Any]:
            result: dict[str, Any] = self._application.acquire_token_interactive(
                [self._cloud.scope_delegated],
                prompt=prompt,
                login_hint=hint,
                parent_window_handle=parent_window or PublicClientApplication.CONSOLE_WINDOW_HANDLE,
                on_before_launching_ui=lambda ui, **_: shown.append(ui),
            )
            return result

        with broker.one_window(), broker.faults_in_words(self._client_id):
            if not login_hint:
                return ask("select_account", None)
            # Without a prompt MSAL first takes the account Windows is signed in with, when that is the one wanted.
            # Where that fails before anything was shown, the person is asked after all; the picker takes no hint.
            answer = ask(None, login_hint)
            return answer if shown or "error" not in answer else ask("select_account", None)

    def renew_with_broker(self, account: Account, account_id: str, *, renew: bool) -> dict[str, Any] | None:
        """Return a token that the broker renews; None when it does not know the account any more. Uses the network."""
        from relaywright.identity import broker

        with broker.faults_in_words(self._client_id):
            result: dict[str, Any] | None = self._application.acquire_token_silent_with_error(
                [self._cloud.scope_delegated], self._named(account) | _brokered(account_id), force_refresh=renew
            )
        return result

    def sign_out_of_broker(self, account: Account, account_id: str) -> None:
        """Have the broker forget that this application may use the account; Windows itself stays signed in."""
        from relaywright.identity import broker

        with broker.faults_in_words(self._client_id):
            self._application.remove_account(self._named(account) | _brokered(account_id))

    def _named(self, account: Account) -> dict[str, Any]:
        """Return an account as MSAL names it."""
        return {
            "home_account_id": account.home_account_id,
            "environment": remembered.environment_of(self._authority),
            "username": account.username,
        }

    def for_application(self, scope: str) -> dict[str, Any]:
        """Return a token of the application itself (RFC 6749 section 4.4). Uses the network."""
        result: dict[str, Any] = self._application.acquire_token_for_client([scope])
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


def _brokered(account_id: str) -> dict[str, Any]:
    """Return what makes MSAL go to the broker for an account, whichever way anybody signed in with it last."""
    return {"local_account_id": account_id, "account_source": "broker"}
