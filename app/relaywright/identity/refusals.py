"""A sign-in that failed, in words: Microsoft's code and the ids its support asks for are kept, tokens never.

Everything from the service is untrusted text: it is put on one line, shortened, and long runs of token letters are
cut out before a person or a log sees it.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from relaywright.domain.errors import CredentialNeeded, InputError, NoAnswer, Refused, RelaywrightError

_MAX_TEXT = 300
_TOKEN_LIKE = re.compile(r"[A-Za-z0-9_\-.~+/=]{60,}")
_CODE = re.compile(r"AADSTS\d{4,7}(?::\d+)?")
_ID = re.compile(r"[0-9a-fA-F-]{36}")
_SUBERROR = re.compile(r"[a-z_]{3,40}")
_TAIL = re.compile(r"\s*(?:Trace ID|Correlation ID|Timestamp):.*", re.DOTALL)


def clean(untrusted_text: str) -> str:
    """Return the text on one line, without controls, without what could be a token, of bounded length."""
    line = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in untrusted_text)
    line = _TOKEN_LIKE.sub("[…]", " ".join(line.split()))
    return line if len(line) <= _MAX_TEXT else line[: _MAX_TEXT - 1] + "…"


def from_answer(untrusted_answer: Mapping[str, Any], id_: str, hint: str) -> CredentialNeeded:
    """Return the error for an answer with ``error`` in it (RFC 6749 sections 4.1.2.1 and 5.2).

    Microsoft adds ``error_description`` with the AADSTS code, sometimes a ``suberror``, and ids for its support.
    """
    description = str(untrusted_answer.get("error_description") or "")
    reason = clean(_TAIL.sub("", description)) or clean(str(untrusted_answer.get("error", ""))) or "no reason given"
    return CredentialNeeded(
        f"The sign-in was refused: {reason}{_support_ids(untrusted_answer, description)}", hint=hint, id=id_
    )


def code_of(message: str) -> str:
    """Return the AADSTS code in a message, empty when there is none."""
    match = _CODE.search(message)
    return match.group() if match else ""


def _support_ids(untrusted_answer: Mapping[str, Any], untrusted_description: str) -> str:
    suberror = str(untrusted_answer.get("suberror") or "")
    found = [f"suberror {suberror}"] if _SUBERROR.fullmatch(suberror) else []
    for label, key in (("Trace ID", "trace_id"), ("Correlation ID", "correlation_id")):
        match = re.search(rf"{label}:\s*({_ID.pattern})", untrusted_description)
        value = match.group(1) if match else str(untrusted_answer.get(key) or "")
        if _ID.fullmatch(value):
            found.append(f"{label.lower()} {value}")
    return f" ({', '.join(found)})" if found else ""


def from_exception(fault: Exception, authority: str) -> RelaywrightError | None:
    """Return the error for what MSAL or the web client raised; None when it is none of the known ones: a bug."""
    import requests
    from msal.exceptions import MsalServiceError

    if isinstance(fault, RelaywrightError):
        return fault
    if isinstance(fault, requests.exceptions.RequestException):
        return _from_transport(fault, authority)
    if isinstance(fault, MsalServiceError):
        return _no_answer(f"The sign-in service {authority} has trouble of its own.", "Try again in a few minutes.")
    unreadable = isinstance(fault.__context__, json.JSONDecodeError)
    if isinstance(fault, ValueError) and "authority configuration" in str(fault) and not unreadable:
        return InputError(
            f"{authority} knows no such tenant.",
            hint="Check the profile’s tenant: it is a GUID or one of the tenant’s domains.",
            id="unknown-tenant",
        )
    if isinstance(fault, ValueError | KeyError | RuntimeError):
        return _no_answer(
            f"What answered for {authority} is no sign-in service.",
            "A captive portal or a proxy may stand between: open a web page first, then try again.",
        )
    return None


def _from_transport(fault: Exception, authority: str) -> RelaywrightError:
    import requests

    if isinstance(fault, requests.exceptions.SSLError):
        return Refused(
            f"The certificate of {authority} is not trusted, so nothing was sent.",
            hint="A proxy that opens TLS needs its authority in the system’s trust store; a lab’s belongs in ca_file.",
            id="sign-in-certificate",
        )
    if isinstance(fault, requests.exceptions.InvalidSchema):
        return Refused(
            f"{authority} is not on https, or names an address for tokens that is not, so nothing was sent.",
            hint="Check the cloud’s authority address; a proxy or a captive portal may stand between.",
            id="sign-in-not-https",
        )
    if isinstance(fault, requests.exceptions.ProxyError):
        return _no_answer("The proxy did not let the sign-in through.", "Check the system’s proxy settings.")
    return _no_answer(f"The sign-in service {authority} did not answer.", "Check the network and the proxy.")


def _no_answer(message: str, hint: str) -> NoAnswer:
    return NoAnswer(message, hint=hint, id="sign-in-no-answer")
