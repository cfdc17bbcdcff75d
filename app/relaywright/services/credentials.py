"""Hold and use what a profile signs in with: its secret in the keyring, its account at Microsoft.

Secrets pass through as Secret and end in the vault or on the wire. Which flow is run against which server is
identity's business.
"""

import dataclasses
import datetime
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from relaywright.catalog.catalog import Catalog
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import CredentialNeeded, InputError, KeyringUnavailable, RelaywrightError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.domain.secret import Secret, SecretKind, SecretRef
from relaywright.services.app_credentials import KINDS, AppCredentials
from relaywright.services.explain_refusal import explaining
from relaywright.services.sign_in_ladder import Asked, Rung, climb
from relaywright.services.sign_in_standing import SignInStanding
from relaywright.smtp.plan import PasswordCredential, TokenCredential
from relaywright.store.records import SignInRecord, SignInWay
from relaywright.store.store import Store
from relaywright.vault.vault import KeyringState, Vault

if TYPE_CHECKING:
    from relaywright.identity.account import AccessToken
    from relaywright.identity.app_sign_in import AppSignIn
    from relaywright.identity.broker import BrokerAvailability
    from relaywright.identity.cache import TokenCache
    from relaywright.identity.device_code import DeviceCode
    from relaywright.identity.signin import SignIn
    from relaywright.identity.token_lens import TokenView

SIGN_IN_TIME_LIMIT_S = 300


class Kept(StrEnum):
    """Where a profile's secret is."""

    KEYRING = "keyring"
    SESSION = "session"
    """In this program's memory, until it ends."""
    NOWHERE = "nowhere"
    NOT_NEEDED = "not-needed"
    """The profile signs in otherwise, or not at all."""


@dataclasses.dataclass(frozen=True)
class SignInResult:
    """A sign-in that worked. ``other_account`` is set when it was not the profile's user who signed in."""

    account: SignInRecord
    expires_at: datetime.datetime
    other_account: bool
    kept_for_run_only: RelaywrightError | None = None
    """Why the sign-in is forgotten when the program ends (no keyring, disk full); None when it is kept."""
    rungs: tuple[Rung, ...] = ()
    """The ways that were tried before, or could not be, each with its reason."""

    @property
    def way(self) -> SignInWay:
        """The way that worked."""
        return self.account.via


class Credentials:
    """The secrets and sign-ins of one data folder's profiles. Every method may wait for the keyring."""

    def __init__(
        self, store: Store, vault: Vault, catalog: Catalog, token_file: Path, applications: AppCredentials
    ) -> None:
        self._sign_ins = SignInStanding(store)
        self._vault = vault
        self._applications = applications
        self._catalog = catalog
        self._token_file = token_file

    def keyring_state(self) -> KeyringState:
        """Return which keyring is in use and whether it can be used now."""
        return self._vault.state()

    def keyring_glance(self, cancel: CancelToken) -> KeyringState:
        """The same, without loading the keyring's libraries into this program. Raises Cancelled."""
        from relaywright.vault.state_process import glance

        return glance(self._vault, cancel)

    # the secret

    def kept(self, profile: RelayProfile) -> Kept:
        """Tell where the profile's secret is. Raises KeyringUnavailable when the keyring cannot say."""
        refs = secret_refs(profile)
        if not refs:
            return Kept.NOT_NEEDED
        if any(self._vault.kept_for_session(ref) for ref in refs):
            return Kept.SESSION
        return Kept.KEYRING if any(self._vault.get(ref) is not None for ref in refs) else Kept.NOWHERE

    def kept_quietly(self, profile: RelayProfile) -> Kept:
        """Tell where the secret is, and NOWHERE when the keyring cannot say."""
        try:
            return self.kept(profile)
        except KeyringUnavailable:
            return Kept.NOWHERE

    def set_secret(
        self,
        profile: RelayProfile,
        secret: Secret,
        *,
        ends_on: datetime.date | None = None,
        session_if_unavailable: bool = False,
    ) -> Kept:
        """Store the secret in the keyring and tell where it went. ``ends_on`` is a client secret's, from the portal.

        With ``session_if_unavailable`` a locked or absent keyring means this run's memory; the caller says so to the
        person. Else raises KeyringUnavailable. Raises InputError for an empty secret or a profile that has none.
        """
        require_secret(profile)
        if not secret:
            raise InputError("The secret is empty.", hint="Nothing was stored.", id="empty-secret")
        try:
            self._put(profile, secret, ends_on, for_session=False)
        except KeyringUnavailable:
            if not session_if_unavailable:
                raise
            self._put(profile, secret, ends_on, for_session=True)
            return Kept.SESSION
        return Kept.KEYRING

    def _put(self, profile: RelayProfile, secret: Secret, ends_on: datetime.date | None, *, for_session: bool) -> None:
        if profile.auth is Auth.OAUTH_APP:
            self._applications.set_secret(profile, secret, ends_on, for_session=for_session)
            return
        keep = self._vault.keep_for_session if for_session else self._vault.put
        keep(require_secret(profile), secret)

    def use_for_this_run(self, profile: RelayProfile, secret: Secret) -> None:
        """Hold a secret in this program's memory until it ends; the keyring is not asked."""
        ref = secret_ref(profile)
        if ref is not None:
            self._vault.keep_for_session(ref, secret)

    def forget_secret(self, profile: RelayProfile) -> bool:
        """Remove the profile's secret; tell whether there was one."""
        if profile.auth is Auth.OAUTH_APP:
            return self._applications.forget(profile)
        ref = secret_ref(profile)
        return ref is not None and self._vault.drop(ref)

    # the sign-in

    def sign_in(
        self,
        profile: RelayProfile,
        open_address: Callable[[str], None],
        cancel: CancelToken,
        *,
        time_limit_s: float = SIGN_IN_TIME_LIMIT_S,
        parent_window: int | None = None,
        begin_with: SignInWay = SignInWay.BROKER,
        trying: Callable[[SignInWay], None] = lambda _: None,
        told: Callable[[Rung], None] = lambda _: None,
    ) -> SignInResult:
        """Sign in through Windows' account broker where it can be used, else through the browser.

        ``open_address`` is called with the page to show, ``trying`` with each way before it is tried, ``told`` at once
        when one is passed over. ``parent_window`` is the native handle of the window that asks. With ``begin_with``
        BROWSER the broker is left out on purpose, and that is not told. Raises CredentialNeeded (refused, with its
        ``explanation``; closed; timed out), Cancelled, InputError, NoAnswer, and what ``open_address`` raises.
        """
        require_person(profile)
        flow = self._flow(profile)
        asked = Asked(open_address, profile.signs_in_as, time_limit_s, parent_window, begin_with, trying, told)
        with explaining(self._catalog, profile):
            token, way, rungs = climb(flow, asked, cancel)
        return self._remember(profile, token, way, flow.problem, rungs)

    def broker(self, profile: RelayProfile) -> "BrokerAvailability":
        """Tell whether Windows' account broker can be asked for the profile, and if not, why.

        On Windows this loads a library: not for the window's own thread.
        """
        require_person(profile)
        return self._flow(profile).broker()

    def sign_in_with_code(
        self, profile: RelayProfile, show: "Callable[[DeviceCode], None]", cancel: CancelToken
    ) -> SignInResult:
        """Sign in on another device: ``show`` gets the code and the address to type it at.

        Raises CredentialNeeded (refused, declined, blocked by policy, run out), Cancelled, InputError, NoAnswer.
        """
        require_person(profile)
        flow = self._flow(profile)
        with explaining(self._catalog, profile):
            token = flow.device_code(show, cancel)
        return self._remember(profile, token, SignInWay.DEVICE_CODE, flow.problem)

    def _remember(
        self,
        profile: RelayProfile,
        token: "AccessToken",
        way: SignInWay,
        problem: RelaywrightError | None,
        rungs: tuple[Rung, ...] = (),
    ) -> SignInResult:
        record = SignInRecord(
            profile.id,
            token.account.home_account_id,
            token.account.username,
            token.account.tenant,
            datetime.datetime.now(datetime.UTC),
            way,
        )
        self._sign_ins.begin(record)
        wanted = profile.signs_in_as
        other = bool(wanted) and token.account.username.casefold() != wanted.casefold()
        return SignInResult(record, token.expires_at, other, problem, rungs)

    def sign_out(self, profile: RelayProfile) -> bool:
        """Forget the profile's sign-in, and its tokens unless another profile uses the same account."""
        record = self._sign_ins.of(profile)
        if record is None:
            return False
        # The tokens first: if the keyring is locked now, signing out can be tried again.
        if not self._sign_ins.sharing(profile, record):
            self._flow(profile).forget(record.home_account_id)
        self._sign_ins.forget(profile)
        return True

    def account(self, profile: RelayProfile) -> SignInRecord | None:
        """Return who is signed in for the profile."""
        return self._sign_ins.of(profile)

    # for a session

    def for_session(
        self, profile: RelayProfile, cancel: CancelToken | None = None, *, renew: bool = False
    ) -> PasswordCredential | TokenCredential | None:
        """Return what the profile signs in with now; a token is renewed when it is about to end, or on ``renew``.

        Raises CredentialNeeded (no secret stored, not signed in, refresh refused), KeyringUnavailable, Cancelled.
        """
        if profile.auth is Auth.NONE:
            return None
        if profile.auth is Auth.PASSWORD:
            secret = self._vault.get(SecretRef(profile.id, SecretKind.PASSWORD))
            if secret is None:
                raise CredentialNeeded(
                    f"No password is stored for “{profile.name}”.",
                    hint="Store it first: on the Sign-in page, or with “relaywright secret set”.",
                    id="no-secret",
                )
            return PasswordCredential(profile.username, secret)
        account, token = self._token(profile, cancel, renew=renew)
        if not token.is_new and self._lacks_permission(profile, account, token.value):
            # A permission that was granted since stands only in a new token; a stored one lives up to an hour more.
            account, token = self._token(profile, cancel, renew=True)
        return TokenCredential(profile.username or account, token.value)

    def _lacks_permission(self, profile: RelayProfile, account: str, token: Secret) -> bool:
        view = self._lens(profile, account, token)
        return any(finding.id == "token-missing-permission" for finding in view.findings)

    def look_at_token(self, profile: RelayProfile, cancel: CancelToken | None = None) -> "TokenView":
        """Hold the token that would be used now against what the profile needs; the token itself stays here.

        Raises as :meth:`for_session`, and InputError for a profile that signs in without a token.
        """
        account, token = self._token(profile, cancel)
        view = self._lens(profile, account, token.value)
        if not token.is_new and not view.fits:
            account, token = self._token(profile, cancel, renew=True)
            view = self._lens(profile, account, token.value)
        return view

    def token_findings(self, profile: RelayProfile, credential: TokenCredential) -> tuple[Finding, ...]:
        """Return what speaks against a token that is about to be used, or has been."""
        record = self._sign_ins.of(profile) if profile.auth is Auth.OAUTH else None
        view = self._lens(profile, record.username if record else "", credential.token)
        return tuple(finding for finding in view.findings if finding.level in {Level.WARNING, Level.ERROR})

    def _lens(self, profile: RelayProfile, account: str, token: Secret) -> "TokenView":
        from relaywright.identity.token_lens import look_at, wants_of

        wants = wants_of(profile, self._catalog.cloud(profile.cloud), account)
        return look_at(token, wants, datetime.datetime.now(datetime.UTC))

    def _token(
        self, profile: RelayProfile, cancel: CancelToken | None, *, renew: bool = False
    ) -> "tuple[str, AccessToken]":
        """Return who is signed in (empty for an application) and a token that is good now."""
        require_oauth(profile)
        if profile.auth is Auth.OAUTH_APP:
            with explaining(self._catalog, profile):
                return "", self._app_flow(profile).token(cancel, renew=renew)
        record = self._sign_ins.of(profile)
        if record is None:
            raise CredentialNeeded(
                f"Nobody is signed in for “{profile.name}”.",
                hint="Sign in first: on the Sign-in page, or with “relaywright sign-in”.",
                id="not-signed-in",
            )
        try:
            with explaining(self._catalog, profile):
                token = self._flow(profile).silent(record.home_account_id, cancel, renew=renew)
        except CredentialNeeded as refusal:
            self._sign_ins.note_refusal(record, refusal)
            raise
        if token.is_new:
            self._sign_ins.note_renewal(profile, record)
        return record.username, token

    def _app_flow(self, profile: RelayProfile) -> "AppSignIn":
        from relaywright.identity.app_sign_in import AppSignIn

        credential = self._applications.credential(profile)
        cloud = self._catalog.cloud(profile.cloud)
        scope = self._catalog.app_scope(profile.method, cloud)
        return AppSignIn(cloud, profile.tenant, profile.client_id, credential, self._cache(), scope)

    def _cache(self) -> "TokenCache":
        from relaywright.identity.cache import TokenCache

        return TokenCache(self._vault.sealed_file(self._token_file))

    def _flow(self, profile: RelayProfile) -> "SignIn":
        from relaywright.identity.signin import SignIn

        return SignIn(self._catalog.cloud(profile.cloud), profile.tenant, profile.client_id, self._cache())


def secret_refs(profile: RelayProfile) -> tuple[SecretRef, ...]:
    """Name every secret that a profile's sign-in may use: an application's is one of two."""
    if profile.auth is Auth.OAUTH_APP:
        return tuple(SecretRef(profile.id, kind) for kind in KINDS)
    ref = secret_ref(profile)
    return (ref,) if ref is not None else ()


def secret_ref(profile: RelayProfile) -> SecretRef | None:
    """Name the secret that is typed for a profile's sign-in, if there is one."""
    kinds = {Auth.PASSWORD: SecretKind.PASSWORD, Auth.OAUTH_APP: SecretKind.CLIENT_SECRET}
    kind = kinds.get(profile.auth)
    return SecretRef(profile.id, kind) if kind else None


def require_secret(profile: RelayProfile) -> SecretRef:
    """Name the secret that a profile's sign-in needs. Raises InputError when it signs in without one."""
    ref = secret_ref(profile)
    if ref is None:
        raise InputError(
            f"“{profile.name}” signs in without a stored secret ({profile.auth}).",
            hint="Set its sign-in to password first.",
            id="no-secret-needed",
        )
    return ref


def require_oauth(profile: RelayProfile) -> None:
    """Raise InputError when the profile does not sign in with OAuth, or lacks what that needs."""
    if profile.auth not in {Auth.OAUTH, Auth.OAUTH_APP}:
        raise InputError(
            f"“{profile.name}” does not sign in with OAuth ({profile.auth}).",
            hint="Set its sign-in to oauth first.",
            id="not-oauth",
        )
    makes_one = "Enter it in the profile; where there is none yet, the script app-registration makes one."
    for field, value, hint in (
        ("tenant", profile.tenant, "Enter it in the profile."),
        ("client_id", profile.client_id, makes_one),
    ):
        if not value:
            raise InputError(
                f"{field}: it is missing, and OAuth needs it.",
                hint=hint,
                id=f"{field.replace('_', '-')}-missing",
            )


def require_person(profile: RelayProfile) -> None:
    """Raise InputError when it is no person who signs in for the profile, or something for it is missing."""
    if profile.auth is Auth.OAUTH_APP:
        raise InputError(
            f"“{profile.name}” signs in as an application, with no person present.",
            hint="Store its client secret or its certificate; each test signs in by itself.",
            id="signs-in-by-itself",
        )
    require_oauth(profile)
