"""The authorization code grant with PKCE: what an application may ask, and the codes it gets (RFC 6749, RFC 7636).

Who signs in, and on which page, is signin_provider.py's business.
"""

import base64
import hashlib
import hmac
import re
import secrets
import threading
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from relaywright.practice.tokens import GRAPH_RESOURCE, RESOURCE, Grant

TICKET_LIFE_S = 600.0
CODE_LIFE_S = 300.0
_MOST_KEPT = 256
_PLAIN_SCOPES = {"openid", "profile", "email", "offline_access"}
_SCOPE = re.compile(f"({re.escape(RESOURCE)}|{re.escape(GRAPH_RESOURCE)})/[A-Za-z.]{{1,60}}")
WRONG_SCOPE = f"The scope is not valid; ask for {RESOURCE}/SMTP.Send."
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class AuthorizeRequest:
    """A request that may be shown to a person."""

    client_id: str
    redirect_uri: str
    response_mode: str
    """``query`` or ``form_post``."""
    scopes: tuple[str, ...]
    challenge: str
    state: str
    nonce: str
    prompt: str
    login_hint: str


class AuthorizeFault(Exception):
    """The request is wrong. With ``asked`` the application is told, without it only the person."""

    def __init__(
        self, error: str, code: str, text: str, *, title: str = "", asked: AuthorizeRequest | None = None
    ) -> None:
        super().__init__(text)
        self.error, self.code, self.text, self.title, self.asked = error, code, text, title, asked


class TokenRequestFault(Exception):
    """The token request is refused."""

    def __init__(self, error: str, code: str, text: str) -> None:
        super().__init__(text)
        self.error, self.code, self.text = error, code, text


def read_authorize_request(fields: Mapping[str, str], known_client: str) -> AuthorizeRequest:
    """Check what the application sent. Raises AuthorizeFault."""
    client_id, redirect_uri = fields.get("client_id", ""), fields.get("redirect_uri", "")
    if client_id != known_client:
        text = f"Application with identifier '{client_id[:60]}' was not found in the practice tenant."
        raise AuthorizeFault("unauthorized_client", "AADSTS700016", text, title="Unknown application")
    if not is_loopback_redirect(redirect_uri):
        text = (
            "The redirect address in the request is not http://localhost, the one this application is registered with."
        )
        raise AuthorizeFault("invalid_request", "AADSTS50011", text, title="Wrong redirect address")
    mode = fields.get("response_mode", "query")
    asked = AuthorizeRequest(
        client_id=client_id,
        redirect_uri=redirect_uri,
        response_mode=mode if mode == "form_post" else "query",
        scopes=tuple(fields.get("scope", "").split()),
        challenge=fields.get("code_challenge", ""),
        state=fields.get("state", ""),
        nonce=fields.get("nonce", ""),
        prompt=fields.get("prompt", ""),
        login_hint=fields.get("login_hint", ""),
    )
    if fields.get("response_type") != "code":
        text = "Only response_type=code is offered."
        raise AuthorizeFault("unsupported_response_type", "AADSTS700054", text, asked=asked)
    if mode not in {"query", "form_post"}:
        raise AuthorizeFault("invalid_request", "AADSTS900144", "The response_mode is not known.", asked=asked)
    if fields.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(asked.challenge):
        text = "Proof Key for Code Exchange (S256) is required."
        raise AuthorizeFault("invalid_request", "AADSTS9002325", text, asked=asked)
    if not are_scopes(asked.scopes):
        raise AuthorizeFault("invalid_scope", "AADSTS70011", WRONG_SCOPE, asked=asked)
    return asked


def are_scopes(scopes: tuple[str, ...]) -> bool:
    """Tell whether a person's application may ask for these: at least one, all of one resource.

    That may be Graph by mistake: the sign-in goes well with it, as with Microsoft, and the mail server says no.
    """
    wanted = [_SCOPE.fullmatch(scope) for scope in scopes if scope not in _PLAIN_SCOPES]
    return all(wanted) and len({match.group(1) for match in wanted if match}) == 1


def is_loopback_redirect(address: str) -> bool:
    """Tell whether it is ``http://localhost``, any port, any path, and nothing more."""
    if not address.isascii() or any(char in address for char in " \\\"'<>\r\n\t") or len(address) > 300:
        return False
    try:
        split = urllib.parse.urlsplit(address)
        port = split.port
    except ValueError:
        return False
    expected = "localhost" if port is None else f"localhost:{port}"
    return split.scheme == "http" and split.netloc == expected and not split.fragment and port != 0


def origin_of(redirect_uri: str) -> str:
    """Return scheme, host and port of a redirect address that was checked."""
    split = urllib.parse.urlsplit(redirect_uri)
    return f"{split.scheme}://{split.netloc}"


KeptT = TypeVar("KeptT")


class Kept(Generic[KeptT]):
    """Values under random names, for a while, never more than a bound. Safe between threads."""

    def __init__(self, life_s: float, clock: Callable[[], float]) -> None:
        self._life_s = life_s
        self._clock = clock
        self._lock = threading.Lock()
        self._values: dict[str, tuple[float, KeptT]] = {}

    def add(self, value: KeptT) -> str:
        """Keep a value; return its name."""
        name = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._values) >= _MOST_KEPT:
                del self._values[next(iter(self._values))]
            self._values[name] = (self._clock() + self._life_s, value)
        return name

    def find(self, name: str) -> tuple[KeptT, bool] | None:
        """Return the value and whether its time is over."""
        with self._lock:
            kept = self._values.get(name)
        return None if kept is None else (kept[1], kept[0] < self._clock())

    def take(self, name: str) -> None:
        """Forget the value."""
        with self._lock:
            self._values.pop(name, None)


class Tickets:
    """Requests that wait at the sign-in page."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._kept: Kept[AuthorizeRequest] = Kept(TICKET_LIFE_S, clock)

    def issue(self, asked: AuthorizeRequest) -> str:
        """Keep a request; return the page's ticket."""
        return self._kept.add(asked)

    def find(self, ticket: str) -> AuthorizeRequest | None:
        """Return the request, if the ticket is still good."""
        found = self._kept.find(ticket)
        return None if found is None or found[1] else found[0]

    def drop(self, ticket: str) -> None:
        """Use the ticket up."""
        self._kept.take(ticket)


@dataclass
class _Issued:
    asked: AuthorizeRequest
    grant: Grant
    used: bool = False


class Codes:
    """Authorization codes: each is good once, for five minutes, with its verifier."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._kept: Kept[_Issued] = Kept(CODE_LIFE_S, clock)
        self._lock = threading.Lock()

    def issue(self, asked: AuthorizeRequest, grant: Grant) -> str:
        """Return a fresh code."""
        return self._kept.add(_Issued(asked, grant))

    def redeem(self, fields: Mapping[str, str]) -> Grant:
        """Exchange a code. Raises TokenRequestFault."""
        found = self._kept.find(fields.get("code", ""))
        if found is None:
            raise TokenRequestFault("invalid_grant", "AADSTS70000", "The code is not valid.")
        issued, is_over = found
        if is_over:
            raise TokenRequestFault("invalid_grant", "AADSTS70008", "The code has expired.")
        with self._lock:
            already, issued.used = issued.used, True
        if already:
            raise TokenRequestFault("invalid_grant", "AADSTS54005", "The code was already redeemed.")
        if fields.get("redirect_uri") != issued.asked.redirect_uri:
            raise TokenRequestFault("invalid_grant", "AADSTS500112", "The redirect address is not that of the request.")
        if not _verifier_fits(fields.get("code_verifier", ""), issued.asked.challenge):
            text = "The Code_Verifier does not match the code_challenge supplied in the authorization request."
            raise TokenRequestFault("invalid_grant", "AADSTS501481", text)
        return issued.grant


def _verifier_fits(verifier: str, challenge: str) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)
