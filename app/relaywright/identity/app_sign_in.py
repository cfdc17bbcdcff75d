"""Signing in as the application itself, with no person present (client credentials, RFC 6749 section 4.4).

Its tokens lie in the same sealed cache as people's sign-ins, in a section of their own that MSAL never sees. What the
application signs in with is read and checked in app_credential.py; MSAL is spoken to in conversation.py.
"""

import contextlib
import datetime
import hashlib
import time

from relaywright.catalog.facts import Cloud
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import InputError, NoAnswer, RelaywrightError
from relaywright.domain.secret import Secret
from relaywright.identity import cache as remembered
from relaywright.identity.account import AccessToken, Account
from relaywright.identity.answers import life_s, moment, token_in
from relaywright.identity.app_credential import AppCredential, ClientCertificate, ClientSecret, read_pem, read_pfx
from relaywright.identity.cache import AppToken, TokenCache
from relaywright.identity.conversation import Conversation, authority_of, exchange

__all__ = ["AppCredential", "AppSignIn", "ClientCertificate", "ClientSecret", "read_pem", "read_pfx"]

_NO_ONES_TENANT = {"", "organizations", "common", "consumers"}
_LAST_RESORT_S = 60
"""A token with this much life is still used when the service cannot be reached for a new one."""
_HINT = "Check the client id, the secret or certificate, and the tenant; then try again."


class AppSignIn:
    """Gets one application its tokens in one tenant. Calls use the network and may wait for the keyring."""

    def __init__(
        self, cloud: Cloud, tenant: str, client_id: str, credential: AppCredential, cache: TokenCache, scope: str = ""
    ) -> None:
        """``scope`` is the cloud's ``scope_app`` unless another is given.

        Raises InputError (``tenant-needed``): an application signs in at its own tenant.
        """
        if tenant.lower() in _NO_ONES_TENANT:
            raise InputError(
                "An application signs in at one tenant, and the profile names none.",
                hint="Enter the tenant’s id (a GUID) or one of its domains.",
                id="tenant-needed",
            )
        self._cloud = cloud
        self._tenant = tenant
        self._authority = authority_of(cloud, tenant)
        self._client_id = client_id
        self._credential = credential
        self._cache = cache
        self._scope = scope or cloud.scope_app

    @property
    def problem(self) -> RelaywrightError | None:
        """Why the last token is kept for this run only, or stored ones cannot be read; None when all is well."""
        return self._cache.problem

    def token(self, cancel: CancelToken | None = None, *, renew: bool = False) -> AccessToken:
        """Return a stored token, or a new one when it has less than five minutes or ``renew`` passes it over.

        A stored one that is nearly over is used when the service does not answer. Raises Cancelled, CredentialNeeded
        (``app-sign-in-refused`` with Microsoft's code and words, ``certificate-expired``,
        ``certificate-not-yet-valid``), InputError (``unknown-tenant``, ``ca-file``, ``empty-secret``), NoAnswer,
        Refused (``sign-in-certificate``).
        """
        from relaywright.identity.background import run_abandonable

        cancel = cancel or CancelToken()
        self._credential.check(datetime.datetime.now(datetime.UTC))
        before = run_abandonable(self._cache.read, cancel, limit_s=None)
        stored = remembered.app_token(before, self._key())
        if stored is not None and not renew and stored.is_fresh(time.time()):
            return self._given(stored)
        try:
            return self._fetch(cancel)
        except NoAnswer:
            if stored is None or renew or stored.ends - time.time() < _LAST_RESORT_S:
                raise
            return self._given(stored)

    def forget(self) -> bool:
        """Remove the application's stored tokens for this tenant; says whether there were any. Needs no network.

        Raises RelaywrightError when they could not be removed from the disk.
        """
        return self._cache.forget_app(self._authority, self._client_id)

    def _fetch(self, cancel: CancelToken) -> AccessToken:
        conversation = Conversation(
            self._cloud, self._authority, self._client_id, {}, credential=self._credential.for_msal()
        )
        with contextlib.closing(conversation):
            exchange(conversation.open, cancel, self._cloud)
            result = exchange(lambda: conversation.for_application(self._scope), cancel, self._cloud)
        token = token_in(result, self._account(), "app-sign-in-refused", _HINT)
        cancel.raise_if_cancelled()
        renew_in_s = life_s(result, "refresh_in")
        self._cache.keep_app_token(
            self._key(),
            AppToken(
                secret=token.value.reveal(),
                ends=int(token.expires_at.timestamp()),
                renew=int(time.time()) + renew_in_s if renew_in_s else 0,
                authority=self._authority,
                client_id=self._client_id,
            ),
        )
        return token

    def _given(self, stored: AppToken) -> AccessToken:
        return AccessToken(Secret(stored.secret), moment(stored.ends), self._account())

    def _account(self) -> Account:
        """Nobody: an application has no account."""
        return Account("", "", self._tenant)

    def _key(self) -> str:
        """Name the token by all that it depends on: another secret or certificate asks the service anew."""
        parts = (self._authority.lower(), self._client_id.lower(), self._scope, self._credential.fingerprint())
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()
