"""The practice sign-in: an OpenID Connect provider on loopback with the routes of Microsoft's v2.0 endpoint.

The pages lie on http://localhost, so that a browser shows no certificate warning; discovery, keys and tokens are on
https with the practice authority's certificate. Each grant has a module (authorization.py, device_codes.py,
client_credentials.py), pages are drawn by signin_pages.py, tokens signed by tokens.py.
Sources: RFC 6749, RFC 7636 (PKCE), RFC 8628 (device codes), OAuth 2.0 Form Post Response Mode, OpenID Connect
Discovery 1.0; the AADSTS codes are Microsoft's ("Microsoft Entra authentication and authorization error codes").
"""

import base64
import json
import re
import ssl
import urllib.parse
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from relaywright.practice import device_codes, device_page
from relaywright.practice.authorization import (
    WRONG_SCOPE,
    AuthorizeFault,
    AuthorizeRequest,
    Codes,
    Tickets,
    TokenRequestFault,
    are_scopes,
    origin_of,
    read_authorize_request,
)
from relaywright.practice.client_credentials import ClientCredentials
from relaywright.practice.device_codes import DeviceCodes
from relaywright.practice.device_page import DevicePage
from relaywright.practice.people import Person, PracticeTenant
from relaywright.practice.sign_in_form import WRONG, SignInForm
from relaywright.practice.signin_pages import SignInPages
from relaywright.practice.tokens import Grant, TokenFault, Tokens
from relaywright.practice.web import Request, Response, WebPort

PAGE_PORT, PROVIDER_PORT = 2480, 2443
_ROUTE = re.compile(r"/([^/]{1,80})/(v2\.0/\.well-known/openid-configuration|discovery/v2\.0/keys|oauth2/v2\.0/\w+)")
_ANY_TENANT = {"organizations", "common"}


class SignInProvider:
    """Two web ports and what happens on them."""

    def __init__(
        self,
        tls: ssl.SSLContext,
        tenant: PracticeTenant,
        form: SignInForm,
        tokens: Tokens,
        pages: SignInPages,
        services: ClientCredentials,
        clock: Callable[[], float],
        device_interval_s: int = device_codes.INTERVAL_S,
    ) -> None:
        self._tenant = tenant
        self._form = form
        self._tokens = tokens
        self._pages = pages
        self._services = services
        self._tickets = Tickets(clock)
        self._codes = Codes(clock)
        self._device_codes = DeviceCodes(clock, device_interval_s)
        self._device_page = DevicePage(self._device_codes, form, pages, clock)
        self._page_port = WebPort("sign-in-page", self._answer_page)
        self._provider_port = WebPort("sign-in", self._answer_provider, tls)

    @property
    def authority(self) -> str:
        """What stands in for ``https://login.microsoftonline.com``."""
        return f"https://localhost:{self._provider_port.port}"

    @property
    def authorize_address(self) -> str:
        """Where the person's browser goes."""
        return f"http://localhost:{self._page_port.port}/{self._tenant.id}/oauth2/v2.0/authorize"

    @property
    def device_address(self) -> str:
        """Where a person types a device code."""
        return f"http://localhost:{self._page_port.port}{device_page.PATH}"

    def start(self, *, fixed_ports: bool = False) -> None:
        """Listen. Raises OSError."""
        self._page_port.start(PAGE_PORT if fixed_ports else 0)
        self._provider_port.start(PROVIDER_PORT if fixed_ports else 0)
        self._tokens.issuer = f"{self.authority}/{self._tenant.id}/v2.0"

    def stop(self) -> None:
        """Stop listening."""
        self._page_port.stop()
        self._provider_port.stop()

    # The page, on http

    def _answer_page(self, request: Request) -> Response:
        page = self._device_page.answer(request)
        if page is not None:
            return page
        route = _ROUTE.fullmatch(request.path)
        if route is None or route[2] not in {"oauth2/v2.0/authorize", "oauth2/v2.0/login"}:
            return _plain(HTTPStatus.NOT_FOUND)
        if not self._knows_tenant(route[1]):
            return self._pages.refusal(
                "Unknown tenant", f"This practice has no tenant “{route[1][:80]}”.", "AADSTS90002", HTTPStatus.NOT_FOUND
            )
        if route[2].endswith("login"):
            return self._login(request, route[1]) if request.method == "POST" else _plain(HTTPStatus.METHOD_NOT_ALLOWED)
        return self._authorize(request, route[1])

    def _authorize(self, request: Request, tenant: str) -> Response:
        try:
            asked = read_authorize_request(request.fields, self._tenant.client_id)
        except AuthorizeFault as fault:
            if fault.asked is None:
                return self._pages.refusal(fault.title, fault.text, fault.code)
            return self._hand_back(fault.asked, _error(fault.error, fault.code, fault.text))
        if asked.prompt == "none":
            text = "No one is signed in here: the practice sign-in always asks."
            return self._hand_back(asked, _error("login_required", "AADSTS50058", text))
        return self._show(asked, self._tickets.issue(asked), tenant, asked.login_hint, "")

    def _show(self, asked: AuthorizeRequest, ticket: str, tenant: str, name: str, fault: str) -> Response:
        return self._form.show(f"/{tenant}/oauth2/v2.0/login", ticket, name, fault, origin_of(asked.redirect_uri))

    def _login(self, request: Request, tenant: str) -> Response:
        fields = request.fields
        asked = self._tickets.find(fields.get("ticket", ""))
        if asked is None:
            text = "This page is too old or was used already. Start the sign-in again in the application."
            return self._pages.refusal("Start again", text, "AADSTS50089")
        if fields.get("do") == "cancel":
            self._tickets.drop(fields["ticket"])
            return self._hand_back(asked, _error("access_denied", "AADSTS65004", "The person cancelled the sign-in."))
        person = self._form.signed_in(fields)
        if person is None:
            return self._show(asked, fields["ticket"], tenant, self._form.name_in(fields), WRONG)
        self._tickets.drop(fields["ticket"])
        refusal = self._form.refusal_of(person)
        if refusal is not None:
            return self._hand_back(asked, _error("access_denied", refusal.code, refusal.text))
        code = self._codes.issue(asked, Grant(person, asked.client_id, asked.scopes, asked.nonce))
        return self._hand_back(asked, {"code": code, "client_info": self._client_info(person)})

    def _hand_back(self, asked: AuthorizeRequest, answer: Mapping[str, str]) -> Response:
        whole = {**answer, **({"state": asked.state} if asked.state else {})}
        if asked.response_mode == "form_post":
            return self._pages.hand_back(asked.redirect_uri, whole, origin_of(asked.redirect_uri))
        separator = "&" if "?" in asked.redirect_uri else "?"
        location = f"{asked.redirect_uri}{separator}{urllib.parse.urlencode(whole)}"
        return Response(HTTPStatus.SEE_OTHER, headers={"Location": location})

    # Discovery, keys and tokens, on https

    def _answer_provider(self, request: Request) -> Response:
        route = _ROUTE.fullmatch(request.path)
        if route is None:
            return _plain(HTTPStatus.NOT_FOUND)
        if not self._knows_tenant(route[1]):
            text = f"Tenant '{route[1]}' not found."
            return _json(HTTPStatus.BAD_REQUEST, _error_document("invalid_tenant", "AADSTS90002", text))
        if route[2].endswith("openid-configuration"):
            return _json(HTTPStatus.OK, self._discovery(route[1]))
        if route[2].endswith("keys"):
            return _json(HTTPStatus.OK, self._tokens.key_set())
        if request.method == "POST" and route[2].endswith("/token"):
            return self._token(request.fields, route[1])
        is_for_device = request.method == "POST" and route[2].endswith("/devicecode")
        return self._device_authorization(request.fields) if is_for_device else _plain(HTTPStatus.NOT_FOUND)

    def _discovery(self, tenant: str) -> dict[str, Any]:
        base = f"{self.authority}/{tenant}"
        return {
            "issuer": self._tokens.issuer,
            "authorization_endpoint": f"http://localhost:{self._page_port.port}/{tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "form_post"],
            "grant_types_supported": [
                "authorization_code",
                "refresh_token",
                "client_credentials",
                device_codes.GRANT_TYPE,
            ],
            "code_challenge_methods_supported": ["S256"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_post", "private_key_jwt"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
        }

    def _device_authorization(self, fields: Mapping[str, str]) -> Response:
        client_id, scopes = fields.get("client_id", ""), tuple(fields.get("scope", "").split())
        if client_id != self._tenant.client_id:
            text = "The application is not known here."
            return _json(HTTPStatus.BAD_REQUEST, _error_document("unauthorized_client", "AADSTS700016", text))
        if not are_scopes(scopes):
            return _json(HTTPStatus.BAD_REQUEST, _error_document("invalid_scope", "AADSTS70011", WRONG_SCOPE))
        issued = self._device_codes.issue(client_id, scopes)
        message = (
            f"To sign in, use a web browser to open the page {self.device_address} "
            f"and enter the code {issued.user_code} to authenticate."
        )
        return _json(
            HTTPStatus.OK,
            {
                "device_code": issued.device_code,
                "user_code": issued.user_code,
                "verification_uri": self.device_address,
                "expires_in": int(device_codes.LIFE_S),
                "interval": issued.interval_s,
                "message": message,
            },
        )

    def _token(self, fields: Mapping[str, str], tenant: str) -> Response:
        try:
            if fields.get("grant_type") == "client_credentials":
                return _json(HTTPStatus.OK, self._issued_to_service(fields, tenant))
            return _json(HTTPStatus.OK, self._issued(self._grant(fields), fields))
        except TokenRequestFault as fault:
            status = HTTPStatus.UNAUTHORIZED if fault.error == "invalid_client" else HTTPStatus.BAD_REQUEST
            return _json(status, _error_document(fault.error, fault.code, fault.text))

    def _issued_to_service(self, fields: Mapping[str, str], tenant: str) -> dict[str, Any]:
        if tenant.lower() in _ANY_TENANT:
            text = "An application signs in at its own tenant, not at 'organizations' or 'common'."
            raise TokenRequestFault("invalid_request", "AADSTS50059", text)
        # RFC 7523 section 3 (3): the token endpoint's address, or the issuer's.
        audiences = (f"{self.authority}/{tenant}/oauth2/v2.0/token", self._tokens.issuer)
        service = self._services.redeem(fields, audiences)
        return {
            "token_type": "Bearer",
            "expires_in": self._tokens.access_life_s,
            "ext_expires_in": self._tokens.access_life_s,
            "access_token": self._tokens.for_service(service),
        }

    def _grant(self, fields: Mapping[str, str]) -> Grant:
        if fields.get("client_id") != self._tenant.client_id:
            raise TokenRequestFault("unauthorized_client", "AADSTS700016", "The application is not known here.")
        kind = fields.get("grant_type", "")
        if kind == "authorization_code":
            return self._codes.redeem(fields)
        if kind == device_codes.GRANT_TYPE:
            return self._device_codes.redeem(fields.get("device_code", ""), fields["client_id"])
        if kind == "refresh_token":
            return self._refreshed(fields)
        raise TokenRequestFault("unsupported_grant_type", "AADSTS70003", f"The grant '{kind[:60]}' is not known.")

    def _refreshed(self, fields: Mapping[str, str]) -> Grant:
        try:
            claims = self._tokens.redeem(fields.get("refresh_token", ""))
        except TokenFault as fault:
            raise TokenRequestFault("invalid_grant", "AADSTS70000", str(fault)) from None
        person = self._form.who(str(claims["upn"]))
        if person is None or claims["appid"] != fields["client_id"]:
            raise TokenRequestFault("invalid_grant", "AADSTS70000", "The token is of another application or account.")
        granted = tuple(str(scope) for scope in claims["scopes"])
        wanted = tuple(fields.get("scope", "").split()) or granted
        if not set(wanted) <= set(granted) | {"openid", "profile", "offline_access"}:
            raise TokenRequestFault("invalid_grant", "AADSTS65001", "The person has not consented to this scope.")
        return Grant(person, str(claims["appid"]), granted)

    def _issued(self, grant: Grant, fields: Mapping[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "scope": " ".join(scope for scope in grant.scopes if "://" in scope),
            "expires_in": self._tokens.access_life_s,
            "ext_expires_in": self._tokens.access_life_s,
            "access_token": self._tokens.access(grant),
        }
        if "offline_access" in grant.scopes:
            answer["refresh_token"] = self._tokens.refresh(grant)
        if "openid" in grant.scopes:
            answer["id_token"] = self._tokens.identity(grant)
        if fields.get("client_info") == "1":
            answer["client_info"] = self._client_info(grant.person)
        return answer

    # Who and where

    def _knows_tenant(self, name: str) -> bool:
        return name.lower() in {self._tenant.id, *self._tenant.domains, *_ANY_TENANT}

    def _client_info(self, person: Person) -> str:
        document = json.dumps({"uid": person.id, "utid": self._tenant.id})
        return base64.urlsafe_b64encode(document.encode()).rstrip(b"=").decode()


def _plain(status: HTTPStatus) -> Response:
    return Response(status, f"{status.phrase}\n".encode())


def _json(status: HTTPStatus, document: Mapping[str, Any]) -> Response:
    return Response(status, json.dumps(document).encode(), "application/json; charset=utf-8")


def _error(error: str, code: str, text: str) -> dict[str, str]:
    return {"error": error, "error_description": f"{code}: {text}" if code else text}


def _error_document(error: str, code: str, text: str) -> dict[str, Any]:
    """Return the refusal as Microsoft writes it; without a code where none is known."""
    return {**_error(error, code, text), **({"error_codes": [int(code.removeprefix("AADSTS"))]} if code else {})}
