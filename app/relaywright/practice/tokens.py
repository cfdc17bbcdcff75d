"""Signed tokens of the practice sign-in: issued by it, verified by the practice relay.

The signing key is kept in the practice folder, so that a refresh token outlives a restart of the practice. The claims
are those of a Microsoft v2.0 access token for Exchange Online, as far as a mail client's tools look at them.
"""

import base64
import hashlib
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relaywright.practice.authority import write_private
from relaywright.practice.people import Person, PracticeTenant, ServiceApplication

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

RESOURCE = "https://outlook.office.com"
GRAPH_RESOURCE = "https://graph.microsoft.com"
"""What is asked for by mistake: its tokens have a permission of the same name, and no mail server takes them."""
SCOPE = "SMTP.Send"
APP_RESOURCE = "https://outlook.office365.com"
ROLE = "SMTP.SendAsApp"
"""The application permission in the scope's place (Microsoft, "Authenticate an … SMTP connection using OAuth")."""
ACCESS_LIFE_S = 3_600
REFRESH_LIFE_S = 90 * 86_400
MAX_TOKEN = 10_000

_REFRESH_AUDIENCE = "urn:practice:refresh"
_KEY_FILE = "practice-signing-key.pem"
_ALGORITHM = "RS256"


class TokenFault(Exception):
    """The token is refused; the text says why, for the person who practises."""


@dataclass(frozen=True)
class Grant:
    """What a person agreed to: who, to which application, which scopes."""

    person: Person
    client_id: str
    scopes: tuple[str, ...]
    nonce: str = ""


class Tokens:
    """Issues and verifies. ``issuer`` is set once the sign-in's port is known."""

    def __init__(self, folder: Path, tenant: PracticeTenant, access_life_s: int = ACCESS_LIFE_S) -> None:
        self._tenant = tenant
        self._key = _open_key(folder / _KEY_FILE)
        self._public = self._key.public_key()
        self.access_life_s = access_life_s
        self.issuer = ""
        self._revoked_before: dict[str, float] = {}
        numbers = self._public.public_numbers()
        self._modulus, self._exponent = _base64url_number(numbers.n), _base64url_number(numbers.e)
        self._key_id = hashlib.sha256(self._modulus.encode()).hexdigest()[:16]

    def key_set(self) -> dict[str, Any]:
        """Return the JSON Web Key Set (RFC 7517)."""
        key = {"kty": "RSA", "use": "sig", "alg": _ALGORITHM, "kid": self._key_id}
        return {"keys": [key | {"n": self._modulus, "e": self._exponent}]}

    def access(self, grant: Grant) -> str:
        """Return an access token for the resource that was asked for: sending mail, or by mistake Graph."""
        asked = {scope.rpartition("/")[0] for scope in grant.scopes if "://" in scope}
        resource = RESOURCE if RESOURCE in asked else next(iter(asked), RESOURCE)
        resource_scopes = [scope.removeprefix(f"{resource}/") for scope in grant.scopes if scope.startswith(resource)]
        return self._sign(
            {
                "aud": resource,
                "appid": grant.client_id,
                "app_displayname": self._tenant.client_name,
                "scp": " ".join(resource_scopes),
                "upn": grant.person.address,
                "unique_name": grant.person.address,
                "name": grant.person.name,
                "oid": grant.person.id,
                "ver": "1.0",
            },
            self.access_life_s,
        )

    def for_service(self, service: ServiceApplication) -> str:
        """Return an access token of an application that signed in as itself."""
        claims: dict[str, Any] = {
            "aud": APP_RESOURCE,
            "appid": service.client_id,
            "app_displayname": service.name,
            "idtyp": "app",
            "oid": service.object_id,
            "ver": "1.0",
        }
        return self._sign(claims | ({"roles": list(service.roles)} if service.roles else {}), self.access_life_s)

    def identity(self, grant: Grant) -> str:
        """Return an id token (OpenID Connect Core section 2)."""
        claims = {
            "aud": grant.client_id,
            "name": grant.person.name,
            "oid": grant.person.id,
            "preferred_username": grant.person.address,
            "ver": "2.0",
        }
        return self._sign(claims | ({"nonce": grant.nonce} if grant.nonce else {}), self.access_life_s)

    def refresh(self, grant: Grant) -> str:
        """Return a refresh token. It is signed instead of remembered, so a restart does not forget it."""
        claims = {
            "aud": _REFRESH_AUDIENCE,
            "upn": grant.person.address,
            "appid": grant.client_id,
            "scopes": list(grant.scopes),
        }
        return self._sign(claims, REFRESH_LIFE_S)

    def verify(self, token: str) -> str:
        """Check signature, audience, times and permission of an access token. Raises TokenFault.

        Returns whose it is: a person's address, or the client id of an application that signed in as itself.
        """
        claims = self._claims(token, RESOURCE, APP_RESOURCE)
        if claims.get("tid") != self._tenant.id:
            raise TokenFault("The token is of another tenant.")
        if claims.get("idtyp") == "app":
            if ROLE not in claims.get("roles", []):
                raise TokenFault(f"The token lacks the role {ROLE}.")
            return str(claims.get("appid", ""))
        if SCOPE not in str(claims.get("scp", "")).split():
            raise TokenFault(f"The token lacks the scope {SCOPE}.")
        return str(claims.get("upn", ""))

    def redeem(self, token: str) -> dict[str, Any]:
        """Check a refresh token; return its claims. Raises TokenFault."""
        claims = self._claims(token, _REFRESH_AUDIENCE)
        if float(claims["issued"]) <= self._revoked_before.get(str(claims["upn"]), 0):
            raise TokenFault("The sign-in was revoked.")
        return claims

    def revoke(self, address: str) -> None:
        """Refuse every refresh token issued to this person so far, as an administrator's revocation does."""
        self._revoked_before[address] = time.time()

    def _sign(self, claims: dict[str, Any], life_s: int) -> str:
        import jwt

        now = time.time()
        subject = str(claims.get("oid") or claims.get("upn"))
        common = {
            "iss": self.issuer,
            "tid": self._tenant.id,
            "sub": hashlib.sha256(subject.encode()).hexdigest()[:32],
            "iat": int(now),
            "nbf": int(now),
            "exp": int(now) + life_s,
            "issued": now,
            "uti": uuid.uuid4().hex,
        }
        return jwt.encode(claims | common, self._key, algorithm=_ALGORITHM, headers={"kid": self._key_id})

    def _claims(self, token: str, *audiences: str) -> dict[str, Any]:
        import jwt

        if len(token) > MAX_TOKEN:
            raise TokenFault("The token is too long.")
        try:
            return jwt.decode(
                token,
                self._public,
                algorithms=[_ALGORITHM],
                audience=audiences,
                options={"require": ["exp", "iat", "aud", *(["upn"] if _REFRESH_AUDIENCE in audiences else [])]},
            )
        except jwt.ExpiredSignatureError:
            raise TokenFault("The token has expired.") from None
        except jwt.InvalidAudienceError:
            raise TokenFault("The token is for another resource.") from None
        except jwt.PyJWTError:
            raise TokenFault("The token's signature or form is wrong.") from None


def _open_key(file: Path) -> "RSAPrivateKey":
    """Load the kept key, or make one where there is none or it is damaged. Raises OSError."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError):
        pass
    else:
        if isinstance(key, rsa.RSAPrivateKey):
            return key
    fresh = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = fresh.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(file, pem)
    return fresh


def _base64url_number(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8)).rstrip(b"=").decode()
