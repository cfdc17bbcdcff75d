"""A stand-in for pymsalruntime, the library of Windows' account broker, which there is for Windows only.

It follows the library's PyMsalRuntime.pyi (0.20.7), and MSAL's own code runs above it. ``CallbackData`` is not in that
file; MSAL's broker.py uses it as it stands here. Texts of errors are genuine ones, found in public logs of the Azure
command line: "User canceled the flow", "(pii)".
"""

import base64
import enum
import json
import sys
import threading
import time
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from relaywright.practice.practice import Practice
from relaywright.practice.tokens import Grant

_STATUSES = """
    Unexpected Reserved InteractionRequired NoNetwork NetworkTemporarilyUnavailable ServerTemporarilyUnavailable
    ApiContractViolation UserCanceled ApplicationCanceled IncorrectConfiguration InsufficientBuffer AuthorityUntrusted
    UserSwitch AccountUnusable UserDataRemovalRequired KeyNotFound AccountNotFound TransientError AccountSwitch
    RequiredBrokerMissing DeviceNotRegistered FallbackToNativeMsal
"""
Response_Status = enum.Enum("Response_Status", [f"Status_{name}" for name in _STATUSES.split()])  # type: ignore[misc]
LogLevel = enum.Enum("LogLevel", ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "FATAL"])


@dataclass(frozen=True)
class Fault:
    """MSALRuntimeError."""

    status: str
    context: str = "(pii)"

    def get_status(self) -> Any:
        return Response_Status[f"Status_{self.status}"]

    def get_error_code(self) -> int:
        return 0

    def get_tag(self) -> int:
        return 593773845

    def get_context(self) -> str:
        return self.context


@dataclass(frozen=True)
class BrokerAccount:
    """MSALRuntimeAccount."""

    username: str
    object_id: str
    tenant: str

    def get_account_id(self) -> str:
        return self.object_id

    def get_client_info(self) -> str:
        info = json.dumps({"uid": self.object_id, "utid": self.tenant}).encode()
        return base64.urlsafe_b64encode(info).decode().rstrip("=")


@dataclass(frozen=True)
class Result:
    """MSALRuntimeAuthResult, and with an account or an error alone the other results."""

    account: BrokerAccount | None = None
    error: Fault | None = None
    access_token: str = ""
    id_token: str = ""
    scopes: tuple[str, ...] = ()
    life_s: int = 3_600

    def get_account(self) -> BrokerAccount | None:
        return self.account

    def get_error(self) -> Fault | None:
        return self.error

    def get_access_token(self) -> str:
        return self.access_token

    def get_raw_id_token(self) -> str:
        return self.id_token

    def get_id_token(self) -> str:
        payload = self.id_token.split(".")[1] if self.id_token else ""
        return base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()

    def get_granted_scopes(self) -> list[str]:
        return list(self.scopes)

    def is_pop_authorization(self) -> bool:
        return False

    def get_access_token_expiry_time(self) -> int:
        return int(time.time()) + self.life_s

    def get_telemetry_data(self) -> dict[str, str]:
        return {"wam_telemetry": f'{{"account_id":"{self.account}"}}'}


class CallbackData:
    """Holds the one who waits until the answer is there."""

    def __init__(self, *, is_interactive: bool = False) -> None:
        self.is_interactive = is_interactive
        self.signal = threading.Event()
        self.result: Any = None

    def complete(self, result: Any) -> None:
        self.result = result
        self.signal.set()


class AuthParameters:
    """MSALRuntimeAuthParameters."""

    def __init__(self, client_id: str, authority: str) -> None:
        self.client_id, self.authority = client_id, authority
        self.scopes: list[str] = []
        self.redirect_uri = ""
        self.additional: dict[str, str] = {}

    def set_requested_scopes(self, scopes: list[str]) -> None:
        self.scopes = scopes

    def set_redirect_uri(self, redirect_uri: str) -> None:
        self.redirect_uri = redirect_uri

    def set_additional_parameter(self, key: str, value: str) -> None:
        self.additional[key] = value


@dataclass
class AskedPerson:
    """One time that the broker's window came up."""

    parent_window: int
    authority: str
    scopes: list[str]
    login_hint: str | None
    additional: dict[str, str]


@dataclass
class BrokerRuntime:
    """The broker of one Windows: whom it knows, what its person does, and what it was asked."""

    issue: Callable[[BrokerAccount, str], Result]
    """Makes an answer with tokens for an account and a client id."""
    person: Callable[[], BrokerAccount | Fault]
    """What the person at the broker's window does; called on a thread of the broker's own."""
    windows_account: BrokerAccount | None = None
    """Who is signed in to Windows itself."""
    silent_fault: Fault | None = None
    known: dict[str, BrokerAccount] = field(default_factory=dict)
    asked: list[AskedPerson] = field(default_factory=list)
    quietly: list[str] = field(default_factory=list)
    _open: threading.Lock = field(default_factory=threading.Lock)

    def _answer(self, found: BrokerAccount | Fault, client_id: str) -> Result:
        if isinstance(found, Fault):
            return Result(error=found)
        self.known[found.object_id] = found
        return self.issue(found, client_id)

    def signin_interactively(
        self,
        parent: int,
        params: AuthParameters,
        _correlation: str,
        hint: str | None,
        callback: Callable[[Result], None],
    ) -> None:
        self.asked.append(AskedPerson(parent, params.authority, params.scopes, hint, dict(params.additional)))
        if not self._open.acquire(blocking=False):
            callback(Result(error=Fault("ApiContractViolation", "one is already in progress")))
            return

        def window() -> None:
            found = self.person()
            self._open.release()
            callback(self._answer(found, params.client_id))

        threading.Thread(target=window, name="broker window").start()

    def signin_silently(self, params: AuthParameters, _correlation: str, callback: Callable[[Result], None]) -> None:
        self.quietly.append("signin")
        found = self.windows_account or Fault("InteractionRequired")
        callback(self._answer(self.silent_fault or found, params.client_id))

    def read_account_by_id(self, account_id: str, _correlation: str, callback: Callable[[Result], None]) -> None:
        account = self.known.get(account_id)
        callback(Result(account=account, error=None if account else Fault("AccountNotFound")))

    def acquire_token_silently(
        self, params: AuthParameters, _correlation: str, account: BrokerAccount, callback: Callable[[Result], None]
    ) -> None:
        self.quietly.append("renew")
        callback(self._answer(self.silent_fault or account, params.client_id))

    def signout_silently(
        self, _client: str, _correlation: str, account: BrokerAccount, callback: Callable[[Result], None]
    ) -> None:
        self.quietly.append("signout")
        self.known.pop(account.object_id, None)
        callback(Result())

    def as_module(self) -> types.ModuleType:
        """Return it as the module that MSAL imports."""
        module: Any = types.ModuleType("pymsalruntime")
        module.Response_Status, module.LogLevel = Response_Status, LogLevel
        module.CallbackData, module.MSALRuntimeAuthParameters = CallbackData, AuthParameters
        module.register_logging_callback = lambda _callback: None
        module.get_console_window, module.get_desktop_window = (lambda: 0), (lambda: 65552)
        for name in (
            "signin_interactively",
            "signin_silently",
            "read_account_by_id",
            "acquire_token_silently",
            "signout_silently",
        ):
            setattr(module, name, getattr(self, name))
        found: types.ModuleType = module
        return found


class System(types.ModuleType):
    """The module ``sys`` as it looks on another system; 22631 is a Windows 11."""

    def __init__(self, platform: str = "win32", build: int = 22_631) -> None:
        super().__init__("sys")
        self.platform = platform
        self._build = build

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)

    def getwindowsversion(self) -> Any:
        return types.SimpleNamespace(major=10, minor=0, build=self._build)


def look_like_windows(patch: pytest.MonkeyPatch) -> None:
    """Change what MSAL and our broker module see of the platform, and nothing else: no function is replaced."""
    import msal.application

    import relaywright.identity.broker

    # MSAL loads its broker module anew, as in the first sign-in of a program.
    patch.delitem(sys.modules, "msal.broker", raising=False)
    patch.delattr(msal, "broker", raising=False)
    patch.setattr(msal.application, "sys", System())
    patch.setattr(relaywright.identity.broker, "sys", System())
    patch.delenv("SSH_CONNECTION", raising=False)


def install(runtime: BrokerRuntime, patch: pytest.MonkeyPatch) -> None:
    """Put a Windows with this broker around the test."""
    look_like_windows(patch)
    patch.setitem(sys.modules, "pymsalruntime", runtime.as_module())


def account_of(practice: Practice, name: str) -> BrokerAccount:
    """Return one of the practice's people as the broker knows them."""
    place = practice.start()
    person = next(user for user in place.users if user.address.startswith(f"{name}@"))
    return BrokerAccount(person.address, person.id, place.tenant)


def broker_of(practice: Practice, name: str = "alex") -> BrokerRuntime:
    """Return a broker that gives the practice's own tokens; ``name`` sits in front of it."""

    def issue(who: BrokerAccount, client_id: str) -> Result:
        person = next(user for user in practice.start().users if user.address == who.username)
        grant = Grant(person, client_id, ("https://outlook.office.com/SMTP.Send",))
        return Result(who, None, practice.tokens.access(grant), practice.tokens.identity(grant), grant.scopes)

    return BrokerRuntime(issue, person=lambda: account_of(practice, name))


def without_library(patch: pytest.MonkeyPatch) -> None:
    """Put a Windows around the test that has no library for the broker."""
    look_like_windows(patch)
    patch.setitem(sys.modules, "pymsalruntime", None)


def with_broken_library(text: str, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Put a Windows around the test whose library does this when it is imported."""
    look_like_windows(patch)
    patch.delitem(sys.modules, "pymsalruntime", raising=False)
    (folder / "pymsalruntime.py").write_text(text, encoding="utf-8")
    patch.syspath_prepend(folder)
