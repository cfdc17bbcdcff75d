"""Device codes: issued to an application, typed by a person, asked for until the person is done (RFC 8628).

The pages on which a person types and signs in are device_page.py's business.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from relaywright.practice.authorization import TokenRequestFault
from relaywright.practice.tokens import Grant

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
LIFE_S = 900.0
"""Microsoft's codes live for 15 minutes."""
INTERVAL_S = 5
_SLOWER_S = 5  # RFC 8628 section 3.5
_EARLY_S = 1.0  # a clock's and a network's unevenness
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, no look-alikes (RFC 8628 section 6.1)
_CODE_LENGTH = 9
_MOST_KEPT = 256


@dataclass
class _Waiting:
    client_id: str
    scopes: tuple[str, ...]
    user_code: str
    until: float
    interval_s: int
    last_asked: float
    grant: Grant | None = None
    refusal: TokenRequestFault | None = None
    used: bool = False


@dataclass(frozen=True)
class IssuedCode:
    """What the application gets."""

    device_code: str
    user_code: str
    interval_s: int


class DeviceCodes:
    """The codes that wait for a person, and for the application to ask. Safe between threads."""

    def __init__(self, clock: Callable[[], float], interval_s: int = INTERVAL_S) -> None:
        self._clock = clock
        self._interval_s = interval_s
        self._lock = threading.Lock()
        self._waiting: dict[str, _Waiting] = {}

    def issue(self, client_id: str, scopes: tuple[str, ...]) -> IssuedCode:
        """Return a fresh pair of codes."""
        device_code = secrets.token_urlsafe(32)
        user_code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
        now = self._clock()
        with self._lock:
            while len(self._waiting) >= _MOST_KEPT:
                del self._waiting[next(iter(self._waiting))]
            self._waiting[device_code] = _Waiting(client_id, scopes, user_code, now + LIFE_S, self._interval_s, now)
        return IssuedCode(device_code, user_code, self._interval_s)

    def is_typed_right(self, user_code: str) -> bool:
        """Tell whether a person may go on with this code: known, in time, and nobody has signed in with it."""
        with self._lock:
            return self._open(user_code) is not None

    def scopes_of(self, user_code: str) -> tuple[str, tuple[str, ...]] | None:
        """Return which application asked and for what; None when the code is not good any more."""
        with self._lock:
            found = self._open(user_code)
            return None if found is None else (found.client_id, found.scopes)

    def approve(self, user_code: str, grant: Grant) -> bool:
        """Let the application have its tokens; tell whether the code was still good."""
        with self._lock:
            found = self._open(user_code)
            if found is not None:
                found.grant = grant
            return found is not None

    def refuse(self, user_code: str, refusal: TokenRequestFault) -> None:
        """Answer the application with this refusal."""
        with self._lock:
            found = self._open(user_code)
            if found is not None:
                found.refusal = refusal

    def redeem(self, device_code: str, client_id: str) -> Grant:
        """Answer the application that asks. Raises TokenRequestFault until, and unless, a person has signed in."""
        with self._lock:
            found = self._waiting.get(device_code)
            if found is None or found.client_id != client_id or found.used:
                raise TokenRequestFault("invalid_grant", "AADSTS70000", "The device code is not valid.")
            now = self._clock()
            if now > found.until:
                text = "Verification code expired. Have the user retry the sign-in."
                raise TokenRequestFault("expired_token", "AADSTS70019", text)
            if found.refusal is not None:
                raise found.refusal
            early = now - found.last_asked < found.interval_s - _EARLY_S
            found.last_asked = now
            if early:
                found.interval_s += _SLOWER_S
                text = f"Ask again after {found.interval_s} seconds, not sooner."
                raise TokenRequestFault("slow_down", "", text)
            if found.grant is None:
                text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
                raise TokenRequestFault("authorization_pending", "AADSTS70016", text)
            found.used = True
            return found.grant

    def _open(self, user_code: str) -> _Waiting | None:
        wanted = "".join(letter for letter in user_code.upper() if letter.isalnum())
        now = self._clock()
        return next(
            (
                one
                for one in self._waiting.values()
                if secrets.compare_digest(one.user_code.encode(), wanted.encode())
                and now <= one.until
                and one.grant is None
                and one.refusal is None
            ),
            None,
        )
