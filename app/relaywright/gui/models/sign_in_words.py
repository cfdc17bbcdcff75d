"""What the Sign-in page says of a profile: headline, detail, and what stands in the way. No Qt."""

import datetime
from dataclasses import dataclass

from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.gui.models import expiry_words, wording
from relaywright.services.credentials import SignInResult
from relaywright.services.expiries import Expiry, ExpiryState
from relaywright.services.sign_in_ladder import Rung
from relaywright.store.records import SignInRecord, SignInWay
from relaywright.vault.vault import KeyringState

WAYS = {
    SignInWay.BROKER: "with Windows’ account broker",
    SignInWay.BROWSER: "in the browser",
    SignInWay.DEVICE_CODE: "with a device code",
}


@dataclass(frozen=True)
class SignInSeen:
    """Who is signed in, and whether the keyring can keep it."""

    account: SignInRecord | None
    keyring: KeyringState
    expiry: Expiry | None = None
    """When the sign-in ends if nothing uses it."""


@dataclass(frozen=True)
class SignInTold:
    """The page's words."""

    headline: str
    detail: str = ""
    finding: Finding | None = None


def tell(
    profile: RelayProfile | None, seen: SignInSeen | None, *, waiting: SignInTold | None, result: SignInResult | None
) -> SignInTold:
    """Say how a profile's sign-in stands. ``seen`` is None until the store was asked, ``result`` is this run's own."""
    if profile is None:
        return SignInTold("No profile is chosen.")
    match profile.auth:
        case Auth.NONE:
            return SignInTold(
                "This profile does not sign in.",
                "The service knows the sender by its address, its certificate or the domain. Nothing secret is stored.",
            )
        case Auth.PASSWORD:
            return SignInTold(f"Signs in as {profile.username}" if profile.username else "Signs in with a password")
        case Auth.OAUTH_APP:
            return SignInTold(
                "The application signs in by itself",
                "Each check and test gets a token with its certificate or its client secret, with no person present.",
            )
    return waiting or _person(profile, seen, result)


def passed_over(rung: Rung) -> Finding:
    """Say which way was passed over, why, and what comes in its place."""
    return Finding(
        rung.reason.id,
        Level.INFO,
        f"Not {WAYS[rung.way]}, so {WAYS[rung.next_way]}",
        rung.reason.message,
        (rung.reason.hint,),
    )


WAITING: dict[SignInWay | None, SignInTold] = {
    None: SignInTold("Beginning to sign in…"),
    SignInWay.BROKER: SignInTold("Waiting for you in Windows’ sign-in window…", "It may lie behind this one."),
    SignInWay.BROWSER: SignInTold(
        "Waiting for you in the browser…",
        "Sign in on Microsoft’s page. If no page opened, copy the address into any browser on this computer. Should "
        "the page show an error, nothing comes back here: cancel then.",
    ),
    SignInWay.DEVICE_CODE: SignInTold("Waiting for you on another device…", ""),
}


def _person(profile: RelayProfile, seen: SignInSeen | None, result: SignInResult | None) -> SignInTold:
    missing = _missing(profile)
    if seen is None:
        return SignInTold("", "Looking…", missing)
    account = seen.account
    if account is None:
        return SignInTold(
            "Nobody is signed in yet",
            "Your browser opens Microsoft’s page; the password never passes through Relaywright. With a device code, "
            "the browser may be on another device.",
            missing,
        )
    if account.ended_at is not None:
        return SignInTold(
            f"The sign-in of {account.username} has ended",
            f"It was last good {wording.age(account.last_good_at)}. Since {wording.moment(account.ended_at)} Microsoft "
            "refuses to renew it, so nothing can be sent with it. Sign in again.",
            missing,
        )
    detail = f"Signed in {wording.age(account.signed_in_at)} {WAYS[account.via]}, tenant {account.tenant}."
    if account.renewed_at is not None:
        detail += f" Last renewed {wording.age(account.renewed_at)}."
    if result is not None:
        until = result.expires_at.astimezone().strftime("%H:%M")
        detail += f" The present token is good until {until} and is renewed by itself."
    expiry = seen.expiry
    if expiry is not None and expiry.state is ExpiryState.GOOD:
        detail += f" If nothing uses it, it ends on {expiry_words.day(expiry)}."
    finding = missing or _forgotten_at_the_end(result) or _ends_soon(expiry) or _other_account(profile, account)
    return SignInTold(f"{account.username} is signed in", detail, finding)


def _ends_soon(expiry: Expiry | None) -> Finding | None:
    if expiry is None or expiry.state is not ExpiryState.SOON:
        return None
    title = expiry_words.short(expiry, datetime.datetime.now(datetime.UTC))
    return Finding("sign-in-ends-soon", Level.WARNING, title, expiry.why, expiry.steps)


def _forgotten_at_the_end(result: SignInResult | None) -> Finding | None:
    why = result.kept_for_run_only if result is not None else None
    if why is None:
        return None
    return Finding(
        "kept-for-run-only",
        Level.WARNING,
        "This sign-in is forgotten when Relaywright ends: it could not be stored",
        why.message,
        (why.hint,) if why.hint else (),
    )


def _missing(profile: RelayProfile) -> Finding | None:
    for field, value, what, way_out in (
        ("tenant", profile.tenant, "The tenant is missing", "Enter it first."),
        (
            "client_id",
            profile.client_id,
            "The application (client) id is missing",
            "Enter it first; where there is none yet, the script below makes one.",
        ),
    ):
        if not value:
            return Finding(f"{field}-missing", Level.WARNING, what, f"OAuth needs it. {way_out}", field=field)
    return None


def _other_account(profile: RelayProfile, account: SignInRecord) -> Finding | None:
    wanted = profile.signs_in_as
    if wanted and account.username.casefold() != wanted.casefold():
        return Finding(
            "other-account",
            Level.WARNING if profile.account else Level.INFO,
            f"{wanted} was expected, and {account.username} signed in",
            "That is right for a shared mailbox that this account may open and send from.",
            (
                "Then enter the account in the settings, beside the mailbox.",
                "Otherwise sign in again with the account that was meant.",
            ),
        )
    if profile.is_shared_mailbox:
        return Finding(
            "shared-mailbox",
            Level.INFO,
            f"The mailbox that is opened is {profile.username}",
            f"{account.username} needs Full Access to it, and Send As to send with its address.",
        )
    return None
