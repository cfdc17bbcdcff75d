"""Try the ways to sign a person in, one after the other, and tell of each that was passed over, and why.

Windows' account broker first, then the browser. A device code is never begun here: somebody has to want it, because
whoever types a code that another person asked for signs that other person in. It is named where no browser opens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import CredentialNeeded, RelaywrightError
from relaywright.store.records import SignInWay

if TYPE_CHECKING:
    from relaywright.identity.account import AccessToken
    from relaywright.identity.signin import SignIn

_WITH_CODE = "Sign in with a device code instead: it is typed on any other device."


class NoBrowser(CredentialNeeded):
    """No browser can be opened here. Whoever opens addresses for a sign-in may raise it."""

    id = "no-browser"

    def __init__(self) -> None:
        super().__init__("No browser could be opened on this computer.", hint=_WITH_CODE)


@dataclass(frozen=True)
class Rung:
    """A way to sign in that was passed over, what stood against it, and the way that comes next."""

    way: SignInWay
    reason: RelaywrightError
    next_way: SignInWay
    """The way that is tried now; DEVICE_CODE is only named, for the person to choose."""

    @property
    def text(self) -> str:
        """The reason, and what can be done about it."""
        return " ".join(filter(None, (self.reason.message, self.reason.hint)))


@dataclass(frozen=True)
class Asked:
    """What a sign-in was asked with; the callables are called on the thread that signs in."""

    open_address: Callable[[str], None]
    """Gets the page to show. May raise NoBrowser."""
    login_hint: str
    time_limit_s: float
    """For each way by itself."""
    parent_window: int | None = None
    """The native handle of the window above which the broker asks; None for a program at a console."""
    begin_with: SignInWay = SignInWay.BROKER
    trying: Callable[[SignInWay], None] = lambda _: None
    """Hears of each way before it is tried."""
    told: Callable[[Rung], None] = lambda _: None
    """Hears of each way that is passed over, at once."""


def climb(flow: "SignIn", asked: Asked, cancel: CancelToken) -> "tuple[AccessToken, SignInWay, tuple[Rung, ...]]":
    """Return the token, the way that worked, and the rungs below it that did not bear.

    Raises what ends the sign-in whichever way is taken: Cancelled, the person's or the service's no, a time limit, an
    unknown tenant. Where there is no broker at all, as on Linux, nothing is passed over and nothing told.
    """
    passed: list[Rung] = []

    def pass_over(way: SignInWay, reason: RelaywrightError, next_way: SignInWay) -> None:
        passed.append(Rung(way, reason, next_way))
        asked.told(passed[-1])

    if asked.begin_with is SignInWay.BROKER:
        from relaywright.identity.signin import BrokerPassedOver

        found = flow.broker()
        reason = found.reason
        if reason is None:
            asked.trying(SignInWay.BROKER)
            try:
                token = flow.through_broker(asked.parent_window, asked.login_hint, cancel, asked.time_limit_s)
            except BrokerPassedOver as fault:
                reason = fault
            else:
                return token, SignInWay.BROKER, ()
            pass_over(SignInWay.BROKER, reason, SignInWay.BROWSER)
        elif found.is_missed:
            pass_over(SignInWay.BROKER, reason, SignInWay.BROWSER)
    asked.trying(SignInWay.BROWSER)
    try:
        token = flow.interactive(asked.open_address, asked.login_hint, cancel, asked.time_limit_s)
    except RelaywrightError as fault:
        if fault.id in {NoBrowser.id, "loopback-refused"}:
            if _WITH_CODE not in fault.hint:
                fault.hint = f"{fault.hint} {_WITH_CODE}".strip()
            pass_over(SignInWay.BROWSER, fault, SignInWay.DEVICE_CODE)
        raise
    return token, SignInWay.BROWSER, tuple(passed)
