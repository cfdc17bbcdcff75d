"""Windows' own account broker (WAM): whether it can be used here, and what its answers mean.

MSAL speaks to it through the library pymsalruntime, and conversation.py speaks to MSAL. How MSAL writes the broker's
errors is its ``broker._convert_error``; genuine ones are quoted in Azure/azure-cli and in MSAL's own issues, which are
named where something rests on them.
"""

import contextlib
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from relaywright.catalog.facts import Cloud
from relaywright.domain.errors import CredentialNeeded, NoAnswer, RelaywrightError
from relaywright.identity.cache import environment_of

OLDEST_BUILD = 15_063
"""Windows 10 version 1703; Windows Server from 2019 on (Microsoft Learn, "Using MSAL.NET with Web Account Manager").
On Server 2016 the broker shows an empty window and says that the person closed it (MSAL.NET issue 2946)."""

WITH_BROWSER = "Sign in again with the browser."
_OTHER_SYSTEM = "broker-not-windows"
_STATUS = re.compile(r"\bStatus: (?:Response_Status\.)?(?:Status_)?(\w+), Error code: (-?\d+), Tag: (-?\d+)\s*$")
_HIDDEN = "(pii)"  # what the broker writes in the place of its own words, which may name a person
_CLOSED = "UserCanceled"
_NO_ANSWER = {"NoNetwork", "NetworkTemporarilyUnavailable", "ServerTemporarilyUnavailable", "TransientError"}
_NOT_ACCEPTED = {"ApiContractViolation", "IncorrectConfiguration"}
"""What a missing redirect address was answered with when the reason was hidden (azure-cli issue 27319)."""
_NO_REPLY_ADDRESS = {"AADSTS900971"}
"""AADSTS50011 and its like never come here: MSAL makes an exception of them."""
_BROWSER_MAY = {"AADSTS9002313"}  # a request that the broker, not the application, made wrong (MSAL issue 700)
_AGAIN = "Sign in again."

_log = logging.getLogger(__name__)
_window = threading.Lock()


class BrokerPassedOver(CredentialNeeded):
    """The account broker signs nobody in here and now; the browser or a device code may."""

    id = "broker-failed"


@dataclass(frozen=True)
class BrokerAvailability:
    """Whether the account broker can be asked; if not, why."""

    reason: BrokerPassedOver | None = None

    @property
    def usable(self) -> bool:
        """Whether it can be asked. Whether it then signs somebody in is not known before."""
        return self.reason is None

    @property
    def is_missed(self) -> bool:
        """Whether a system that has a broker goes without it; on other systems nothing falls back."""
        return self.reason is not None and self.reason.id != _OTHER_SYSTEM


def availability(cloud: Cloud) -> BrokerAvailability:
    """Tell whether the broker can be asked for an account of this cloud. Loads a library on Windows only.

    Ids of the reasons: ``broker-not-windows``, ``broker-old-windows``, ``broker-no-desktop``,
    ``broker-other-authority``, ``broker-library-missing``, ``broker-library-unusable``.
    """
    for look in (_at_system, _at_desktop, lambda: _at_authority(cloud), _at_library):
        reason = look()
        if reason is not None:
            return BrokerAvailability(reason)
    return BrokerAvailability()


def redirect_address(client_id: str) -> str:
    """Return the address that the app registration must have for the broker (MSAL, ``PublicClientApplication``)."""
    return f"ms-appx-web://Microsoft.AAD.BrokerPlugin/{client_id}"


def redirect_missing(client_id: str) -> BrokerPassedOver:
    """Return the reason for a registration that lacks the broker's address (``broker-redirect-missing``)."""
    return BrokerPassedOver(
        "Windows’ account broker was refused: the app registration does not know its redirect address.",
        hint=_add_address(client_id),
        id="broker-redirect-missing",
    )


def unused_by_msal() -> BrokerPassedOver:
    """Return the reason for a broker that MSAL found no use for, after it was opened with it."""
    return BrokerPassedOver("Windows’ account broker could not be started.", id="broker-library-unusable")


def gone(username: str, reason: BrokerPassedOver) -> CredentialNeeded:
    """Return the error for a sign-in that only the broker can renew, where there is none (``sign-in-broker-gone``)."""
    return CredentialNeeded(
        f"Windows’ account broker keeps the sign-in of {username}, and it cannot be used now. {reason.message}",
        hint=WITH_BROWSER,
        id="sign-in-broker-gone",
    )


@contextlib.contextmanager
def one_window() -> Iterator[None]:
    """Hold the one place for the broker's window. Raises BrokerPassedOver (``broker-busy``) while another has it.

    The broker itself refuses a second request while one is open (MSAL.NET issue 4033), and a window that was given up
    stays open until the person closes it.
    """
    if not _window.acquire(blocking=False):
        raise BrokerPassedOver(
            "Windows’ account broker is busy: the window of an earlier sign-in is still open.",
            hint="Close that window to use it again.",
            id="broker-busy",
        )
    try:
        yield
    finally:
        _window.release()


@contextlib.contextmanager
def faults_in_words(client_id: str) -> Iterator[None]:
    """Turn what MSAL and the broker's library raise into BrokerPassedOver; the web client's faults go on as they are.

    A native library has no fixed set of exceptions, and none of them must keep a person from the browser.
    """
    import requests
    from msal.broker import RedirectUriError

    try:
        yield
    except (RelaywrightError, requests.exceptions.RequestException):
        raise
    except RedirectUriError:
        raise redirect_missing(client_id) from None
    except Exception as fault:  # noqa: BLE001 - said above
        _log.warning("The account broker's library raised %s", type(fault).__name__)  # its text may hold an account
        raise BrokerPassedOver(
            f"Windows’ account broker gave an answer that cannot be used ({type(fault).__name__})."
        ) from None


def refusal(untrusted_answer: Mapping[str, Any], client_id: str) -> RelaywrightError:
    """Return what an interactive answer without a token means: BrokerPassedOver where another way may get over it.

    Else CredentialNeeded: ``broker-closed`` when the person closed the window, ``sign-in-refused`` when the service
    refused the account or the application.
    """
    from relaywright.identity.refusals import from_answer

    said = _read(untrusted_answer)
    if said.code in _NO_REPLY_ADDRESS:
        return redirect_missing(client_id)
    if said.code and said.code not in _BROWSER_MAY:
        return from_answer(untrusted_answer, "sign-in-refused", _AGAIN)
    if said.status == _CLOSED:
        # Also what it says when its window never came up for a program with an administrator's rights
        # (MSAL.NET issue 4894), so the other way is named.
        return CredentialNeeded(
            "Nobody signed in: Windows’ sign-in window was closed.",
            hint="Start the sign-in again. If no window could be used, as happens to programs that run as "
            "administrator, sign in with the browser instead (at a terminal: “sign-in --browser”).",
            id="broker-closed",
        )
    if said.status in _NOT_ACCEPTED:
        hint = f"One cause is a missing redirect address. {_add_address(client_id)}"
        return BrokerPassedOver(f"Windows’ account broker did not accept the request{said}.", hint=hint)
    if said.status in _NO_ANSWER:
        return BrokerPassedOver(
            f"Windows’ account broker got no answer from the sign-in service{said}.",
            hint="Check the proxy settings of Windows.",
            id="broker-no-answer",
        )
    return BrokerPassedOver(f"Windows’ account broker could not sign anybody in{said}.")


def not_renewed(untrusted_answer: Mapping[str, Any]) -> RelaywrightError:
    """Return what a silent answer without a token means: NoAnswer for a network in trouble, else CredentialNeeded."""
    from relaywright.identity.refusals import from_answer

    said = _read(untrusted_answer)
    if said.code:
        return from_answer(untrusted_answer, "sign-in-expired", _AGAIN)
    if said.status in _NO_ANSWER:
        return NoAnswer(
            f"Windows’ account broker got no answer from the sign-in service{said}.",
            hint="Check the network and the proxy settings of Windows.",
            id="sign-in-no-answer",
        )
    return CredentialNeeded(
        f"Windows’ account broker did not renew the sign-in{said}.",
        hint="Sign in again; with the browser if that happens often.",
        id="sign-in-expired",
    )


@dataclass(frozen=True)
class _Said:
    """What an answer says, in the parts that MSAL put together. As a text: in brackets, for the end of a sentence."""

    status: str
    code: str
    details: str

    def __str__(self) -> str:
        return f" ({self.details})" if self.details else ""


def _read(untrusted_answer: Mapping[str, Any]) -> _Said:
    """Read MSAL's text: the status itself is a key that MSAL takes out of its answers (pull request 837)."""
    from relaywright.identity.refusals import clean, code_of

    description = str(untrusted_answer.get("error_description") or "")
    match = _STATUS.search(description)
    words = clean((description[: match.start()] if match else description).replace(_HIDDEN, "")).strip(" .")
    numbers = f"{match[1]}, error {match[2]}, tag {match[3]}" if match else ""
    details = ": ".join(filter(None, (numbers, words)))
    return _Said(match[1] if match else "", code_of(description).partition(":")[0], details)


def _add_address(client_id: str) -> str:
    return (
        f"Add {redirect_address(client_id)} to the app registration (Authentication, Mobile and desktop applications)."
    )


def _at_system() -> BrokerPassedOver | None:
    system = sys.platform  # a comparison with the name itself would have mypy skip the rest on other systems
    if system != "win32":
        return BrokerPassedOver(
            "The account broker is a part of Windows, and this is another system.", id=_OTHER_SYSTEM
        )
    version = getattr(sys, "getwindowsversion", None)
    if version is not None and version().build < OLDEST_BUILD:
        return BrokerPassedOver(
            "Windows’ account broker is not used: this Windows is too old for it.",
            hint="It needs Windows 10 version 1703, or Windows Server 2019.",
            id="broker-old-windows",
        )
    return None


def _at_desktop() -> BrokerPassedOver | None:
    if "SSH_CONNECTION" in os.environ or _is_server_core():
        return BrokerPassedOver(
            "Windows’ account broker is not used: there is no desktop here that could show its window.",
            id="broker-no-desktop",
        )
    return None


def _is_server_core() -> bool:
    """Tell whether this is a Windows Server without a desktop, which the broker can freeze (azure-powershell 24787)."""
    try:
        import winreg
    except ImportError:
        return False
    registry: Any = winreg  # typeshed knows its contents on Windows only
    try:
        with registry.OpenKey(registry.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Windows NT\CurrentVersion") as key:
            return bool(registry.QueryValueEx(key, "InstallationType")[0] == "Server Core")
    except OSError:
        return False


def _at_authority(cloud: Cloud) -> BrokerPassedOver | None:
    from msal.authority import WELL_KNOWN_AUTHORITY_HOSTS

    host = environment_of(cloud.authority)
    if host in WELL_KNOWN_AUTHORITY_HOSTS:
        return None
    return BrokerPassedOver(
        f"Windows’ account broker is not used: it signs in at Microsoft only, and not at {host}.",
        id="broker-other-authority",
    )


def _at_library() -> BrokerPassedOver | None:
    try:
        import msal.broker  # noqa: F401 - whether they load is the question
        import pymsalruntime  # noqa: F401
    except ModuleNotFoundError:
        return _library_missing()
    except Exception as fault:  # noqa: BLE001 - ImportError, OSError, RuntimeError: whatever a native library says
        # MSAL says ImportError of a library that is not there, with a line for developers.
        if isinstance(fault.__context__, ModuleNotFoundError):
            return _library_missing()
        return BrokerPassedOver(
            f"Windows’ account broker is not used: its library does not load here ({type(fault).__name__}).",
            id="broker-library-unusable",
        )
    return None


def _library_missing() -> BrokerPassedOver:
    return BrokerPassedOver(
        "Windows’ account broker is not used: its library is not installed.",
        hint="The library pymsalruntime comes with Relaywright’s own packages for Windows.",
        id="broker-library-missing",
    )
