"""Practice: the relay and the sign-in together, and the document that says where they are.

Everything listens on this machine only and nothing is passed on. Files go to one folder: the authority, the signing
key, and ``clouds.toml`` with the practice cloud in the catalogue's form.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from relaywright import paths
from relaywright.catalog.catalog import Catalog
from relaywright.domain.errors import InputError
from relaywright.practice.authority import open_authority, write_private
from relaywright.practice.client_credentials import ClientCredentials
from relaywright.practice.device_codes import INTERVAL_S
from relaywright.practice.people import Person, PracticeTenant, ServiceApplication, load_tenant
from relaywright.practice.refusals import PracticeRefusal, RefusalBook
from relaywright.practice.relay import PracticeRelay, ReceivedMessage
from relaywright.practice.service_certificate import PFX_PASSWORD, ServiceCertificate, open_service_certificate
from relaywright.practice.sign_in_form import SignInForm
from relaywright.practice.sign_in_refusals import SignInRefusal, SignInRefusalBook
from relaywright.practice.signin_pages import SignInPages
from relaywright.practice.signin_provider import SignInProvider
from relaywright.practice.tokens import ACCESS_LIFE_S, Tokens

CLOUD_ID = "practice"
CLOUDS_FILE = "clouds.toml"


@dataclass(frozen=True)
class PracticeService:
    """An application that signs in as itself, and the files of its certificate on this machine."""

    application: ServiceApplication
    certificate_file: Path | None
    """PEM with the private key; None when it has no certificate."""
    pfx_file: Path | None

    def as_json(self) -> dict[str, Any]:
        """Return it for the addresses document."""
        return {
            "client_id": self.application.client_id,
            "name": self.application.name,
            "secret": self.application.secret,
            "expired_secret": self.application.expired_secret,
            "certificate_file": str(self.certificate_file or ""),
            "pfx_file": str(self.pfx_file or ""),
            "pfx_password": PFX_PASSWORD if self.pfx_file else "",
            "mailboxes": list(self.application.full_access),
            "note": self.application.note,
        }


@dataclass(frozen=True)
class PracticeAddresses:
    """Where the practice is, and what can be tried there. The passwords in it are for practice and public."""

    host: str
    smtp_port: int
    """Submission with STARTTLS."""
    smtps_port: int
    """Submission with TLS from the first byte."""
    mx_port: int
    """The tenant's MX endpoint."""
    authority: str
    authorize_address: str
    device_address: str
    """Where a person types a device code."""
    tenant: str
    client_id: str
    cloud: str
    clouds_file: Path
    ca_file: Path
    connector_file: Path
    domain: str
    connector_domain: str
    users: tuple[Person, ...]
    services: tuple[PracticeService, ...]
    refusals: tuple[PracticeRefusal, ...]
    """What the relay says on demand."""
    sign_in_refusals: tuple[SignInRefusal, ...]
    """What the sign-in says on demand."""

    def as_json(self) -> dict[str, Any]:
        """Return the document that the command prints and the ready file holds."""
        return {
            "host": self.host,
            "smtp_port": self.smtp_port,
            "smtps_port": self.smtps_port,
            "mx_port": self.mx_port,
            "authority": self.authority,
            "authorize_address": self.authorize_address,
            "device_address": self.device_address,
            "tenant": self.tenant,
            "client_id": self.client_id,
            "cloud": self.cloud,
            "clouds_file": str(self.clouds_file),
            "ca_file": str(self.ca_file),
            "connector_file": str(self.connector_file),
            "domain": self.domain,
            "connector_domain": self.connector_domain,
            "users": [
                {"address": user.address, "name": user.name, "password": user.password, "note": user.note}
                for user in self.users
            ],
            "services": [service.as_json() for service in self.services],
            "refusals": [refusal.as_json(self.domain) for refusal in self.refusals],
            "sign_in_refusals": [refusal.as_json(self.domain) for refusal in self.sign_in_refusals],
        }


class Practice:
    """Starts and stops the whole practice. Usable as a context manager."""

    def __init__(
        self,
        folder: Path,
        catalog: Catalog,
        fixed_ports: bool = False,
        *,
        resources: Path | None = None,
        access_life_s: int = ACCESS_LIFE_S,
        idle_s: float = 120.0,
        auth_delay_s: float = 0.0,
        device_interval_s: int = INTERVAL_S,
        reject_direct_send: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Prepare; nothing is written and nothing listens before :meth:`start`.

        ``folder`` keeps authority and keys between runs. ``fixed_ports`` asks for 2587, 2465, 2525, 2443 and 2480;
        one that is taken is replaced by a free one. ``auth_delay_s`` holds a refused sign-in back (the real service
        takes about five seconds), ``device_interval_s`` is how often an application may ask whether somebody typed its
        device code, ``reject_direct_send`` switches Direct Send off as RejectDirectSend does.
        """
        self._folder = folder
        self._catalog = catalog
        self._fixed_ports = fixed_ports
        self._resources = (resources or paths.resources()) / "practice"
        self._access_life_s = access_life_s
        self._idle_s = idle_s
        self._auth_delay_s = auth_delay_s
        self._device_interval_s = device_interval_s
        self._reject_direct_send = reject_direct_send
        self._clock = clock
        self._relay: PracticeRelay | None = None
        self._provider: SignInProvider | None = None
        self._tokens: Tokens | None = None
        self._addresses: PracticeAddresses | None = None

    @property
    def addresses(self) -> PracticeAddresses | None:
        """Where it is; None while it is stopped."""
        return self._addresses

    @property
    def relay(self) -> PracticeRelay:
        """The running relay. Raises RuntimeError while stopped."""
        if self._relay is None:
            raise RuntimeError("the practice is not running")
        return self._relay

    @property
    def tokens(self) -> Tokens:
        """The running sign-in's tokens. Raises RuntimeError while stopped."""
        if self._tokens is None:
            raise RuntimeError("the practice is not running")
        return self._tokens

    @property
    def received(self) -> list[ReceivedMessage]:
        """What the relay took since the start, oldest first; kept when it stops."""
        return self._relay.received if self._relay is not None else []

    def start(self, ready_file: Path | None = None) -> PracticeAddresses:
        """Start everything and return where it is; the same again while it runs.

        Raises InputError when the folder cannot be written or no port can be opened.
        """
        if self._addresses is not None:
            return self._addresses
        try:
            return self._start(ready_file)
        except OSError as error:
            self.stop()
            raise InputError(
                f"The practice relay could not start: {error}",
                hint=f"Check that {self._folder} can be written and that this user may open ports on 127.0.0.1.",
                id="practice-not-started",
            ) from error

    def _start(self, ready_file: Path | None) -> PracticeAddresses:
        folder = paths.make_private(self._folder)
        tenant = load_tenant(self._resources / "accounts.toml")
        authority = open_authority(folder)
        refusals = RefusalBook(self._catalog.replies)
        words = {"appId": tenant.client_id, "appName": tenant.client_name, "tenantName": tenant.name}
        sign_in_refusals = SignInRefusalBook(self._catalog.sign_in_errors, words)
        self._tokens = Tokens(folder, tenant, self._access_life_s)
        self._relay = PracticeRelay(
            authority,
            tenant,
            refusals,
            self._tokens,
            idle_s=self._idle_s,
            auth_delay_s=self._auth_delay_s,
            reject_direct_send=self._reject_direct_send,
        )
        certificates = {
            service.client_id: open_service_certificate(folder, service.certificate)
            for service in tenant.services
            if service.certificate
        }
        pages = SignInPages(self._resources)
        self._provider = SignInProvider(
            authority.server_context,
            tenant,
            SignInForm(tenant, refusals, sign_in_refusals, pages),
            self._tokens,
            pages,
            ClientCredentials(tenant, certificates, self._clock),
            self._clock,
            self._device_interval_s,
        )
        self._relay.start(fixed_ports=self._fixed_ports)
        self._provider.start(fixed_ports=self._fixed_ports)
        addresses = self._describe(
            tenant, refusals, sign_in_refusals, authority.ca_file, authority.connector_file, certificates
        )
        write_private(addresses.clouds_file, _cloud_document(addresses).encode())
        if ready_file is not None:
            write_private(ready_file.absolute(), f"{json.dumps(addresses.as_json(), indent=2)}\n".encode())
        self._addresses = addresses
        return addresses

    def stop(self) -> None:
        """Stop listening and end what is going on. Safe to repeat."""
        self._addresses = None
        if self._provider is not None:
            self._provider.stop()
        if self._relay is not None:
            self._relay.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _describe(
        self,
        tenant: PracticeTenant,
        refusals: RefusalBook,
        sign_in_refusals: SignInRefusalBook,
        ca_file: Path,
        connector_file: Path,
        certificates: Mapping[str, ServiceCertificate],
    ) -> PracticeAddresses:
        relay, provider = self._relay, self._provider
        if relay is None or provider is None:
            raise RuntimeError("the practice is not running")
        return PracticeAddresses(
            host="localhost",
            smtp_port=relay.submission_port,
            smtps_port=relay.smtps_port,
            mx_port=relay.endpoint_port,
            authority=provider.authority,
            authorize_address=provider.authorize_address,
            device_address=provider.device_address,
            tenant=tenant.id,
            client_id=tenant.client_id,
            cloud=CLOUD_ID,
            clouds_file=self._folder / CLOUDS_FILE,
            ca_file=ca_file,
            connector_file=connector_file,
            domain=tenant.domains[0],
            connector_domain=tenant.connector_domains[0],
            users=tenant.people,
            services=tuple(_service(one, certificates.get(one.client_id)) for one in tenant.services),
            refusals=refusals.all,
            sign_in_refusals=sign_in_refusals.all,
        )


def _service(application: ServiceApplication, certificate: ServiceCertificate | None) -> PracticeService:
    if certificate is None:
        return PracticeService(application, None, None)
    return PracticeService(application, certificate.pem_file, certificate.pfx_file)


def _cloud_document(addresses: PracticeAddresses) -> str:
    """Return the practice cloud in the form of resources/facts/clouds.toml. A JSON text is a TOML text here."""
    values: dict[str, Any] = {
        "name": "Practice (this machine)",
        "smtp_host": addresses.host,
        "smtp_port": addresses.smtp_port,
        "ports": [f"{addresses.smtp_port} starttls", f"{addresses.smtps_port} tls", f"{addresses.mx_port} starttls"],
        "authority": addresses.authority,
        "scope_delegated": "https://outlook.office.com/SMTP.Send",
        "scope_app": "https://outlook.office365.com/.default",
        "mx_suffixes": [],
        "ca_file": str(addresses.ca_file.absolute()),  # so that the file can be copied into another data folder
        "notes": "The practice relay and sign-in. Nothing sent here leaves this machine.",
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join(["# Written at each start of the practice.", f"[cloud.{addresses.cloud}]", *lines, ""])
