"""The client credentials grant: applications that sign in as themselves, with a secret or a signed assertion.

Sources: RFC 6749 section 4.4; RFC 7523 section 3 (the assertion); Microsoft, "OAuth 2.0 client credentials flow" and
"Microsoft identity platform application authentication certificate credentials"; the AADSTS codes are Microsoft's.
What the token says is tokens.py's business.
"""

import base64
import hmac
import threading
from collections.abc import Callable, Mapping
from typing import Any

from relaywright.practice.authorization import TokenRequestFault
from relaywright.practice.people import PracticeTenant, ServiceApplication
from relaywright.practice.service_certificate import ServiceCertificate
from relaywright.practice.tokens import APP_RESOURCE, RESOURCE

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MAX_ASSERTION = 20_000
LONGEST_ASSERTION_LIFE_S = 3_600
_MOST_KEPT = 1_024
_ALGORITHMS = ["PS256", "RS256"]
_SCOPES = {f"{APP_RESOURCE}/.default", f"{RESOURCE}/.default"}


class ClientCredentials:
    """Checks who an application is. ``audiences`` are what an assertion may be addressed to."""

    def __init__(
        self,
        tenant: PracticeTenant,
        certificates: Mapping[str, ServiceCertificate],
        clock: Callable[[], float],
    ) -> None:
        """``certificates`` are the registered ones, by client id."""
        self._tenant = tenant
        self._certificates = certificates
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}

    def redeem(self, fields: Mapping[str, str], audiences: tuple[str, ...]) -> ServiceApplication:
        """Return the application that proved who it is. Raises TokenRequestFault."""
        client_id = fields.get("client_id", "")
        service = self._tenant.service(client_id)
        if service is None and client_id == self._tenant.client_id:
            text = "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."
            raise TokenRequestFault("invalid_client", "AADSTS700025", text)
        if service is None:
            text = f"Application with identifier '{client_id[:60]}' was not found in the practice tenant."
            raise TokenRequestFault("unauthorized_client", "AADSTS700016", text)
        if fields.get("scope") not in _SCOPES:
            text = f"The scope is not valid; an application asks for {APP_RESOURCE}/.default."
            raise TokenRequestFault("invalid_scope", "AADSTS70011", text)
        if fields.get("client_assertion"):
            self._check_assertion(service, fields, audiences)
        elif fields.get("client_secret"):
            _check_secret(service, fields["client_secret"])
        else:
            text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            raise TokenRequestFault("invalid_client", "AADSTS7000218", text)
        return service

    def _check_assertion(
        self, service: ServiceApplication, fields: Mapping[str, str], audiences: tuple[str, ...]
    ) -> None:
        import jwt

        assertion = fields["client_assertion"]
        certificate = self._certificates.get(service.client_id)
        if fields.get("client_assertion_type") != ASSERTION_TYPE or len(assertion) > MAX_ASSERTION:
            raise _refused("AADSTS50027", "The assertion is no JSON Web Token that can be read.")
        if certificate is None or not _names(certificate, assertion):
            raise _refused("AADSTS700027", "The certificate that signed the assertion is not registered here.")
        try:
            claims = jwt.decode(
                assertion,
                certificate.public_key,
                algorithms=_ALGORITHMS,
                audience=audiences,
                issuer=service.client_id,
                options={"require": ["exp", "aud", "iss", "sub", "jti"], "verify_exp": False, "verify_nbf": False},
            )
        except jwt.InvalidAudienceError:
            raise _refused("AADSTS700023", "The assertion is addressed to another sign-in.") from None
        except jwt.InvalidSignatureError:
            raise _refused("AADSTS700027", "Client assertion contains an invalid signature.") from None
        except jwt.PyJWTError:
            raise _refused("AADSTS50027", "The assertion is no JSON Web Token that can be read.") from None
        if claims["sub"] != service.client_id:
            raise _refused("AADSTS700021", "Client assertion application identifier does not match 'client_id'.")
        self._use_up(claims)

    def _use_up(self, claims: Mapping[str, Any]) -> None:
        """Check the times, and that the assertion was not shown before (RFC 7523 section 3, ``jti``)."""
        now = self._clock()
        begins, ends = claims.get("nbf", claims.get("iat", 0)), claims["exp"]
        if not all(isinstance(moment, int | float) for moment in (begins, ends)):
            raise _refused("AADSTS50027", "The assertion is no JSON Web Token that can be read.")
        if not begins <= now + 300 or not now < ends <= now + LONGEST_ASSERTION_LIFE_S:
            raise _refused("AADSTS700024", "Client assertion is not within its valid time range.")
        name = str(claims["jti"])[:200]
        with self._lock:
            self._seen = {jti: until for jti, until in self._seen.items() if until > now}
            if name in self._seen or len(self._seen) >= _MOST_KEPT:
                raise _refused("AADSTS50027", "The assertion was used before.")
            self._seen[name] = ends


def _check_secret(service: ServiceApplication, secret: str) -> None:
    if service.expired_secret and hmac.compare_digest(secret.encode(), service.expired_secret.encode()):
        text = f"The provided client secret keys for app '{service.client_id}' are expired."
        raise _refused("AADSTS7000222", text)
    if not hmac.compare_digest(secret.encode(), service.secret.encode()):
        raise _refused("AADSTS7000215", "Invalid client secret provided.")


def _names(certificate: ServiceCertificate, assertion: str) -> bool:
    """Tell whether the assertion's header names the certificate by its thumbprint (``x5t#S256``, or ``x5t``)."""
    import jwt
    from cryptography.hazmat.primitives import hashes

    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.PyJWTError:
        raise _refused("AADSTS50027", "The assertion is no JSON Web Token that can be read.") from None
    known = certificate.certificate
    prints = {"x5t#S256": known.fingerprint(hashes.SHA256()), "x5t": known.fingerprint(hashes.SHA1())}  # noqa: S303
    return any(
        header.get(name) in {_base64url(value), _base64url(value) + "=" * (-len(_base64url(value)) % 4)}
        for name, value in prints.items()
    )


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _refused(code: str, text: str) -> TokenRequestFault:
    return TokenRequestFault("invalid_client", code, text)
