"""What is remembered of sign-ins: MSAL's token cache, kept in a sealed file that several windows share.

The content is the unified token cache schema that all MSAL libraries write: sections (``AccessToken``,
``RefreshToken``, ``IdToken``, ``Account``, ``AppMetadata``) of entries by key. MSAL itself only ever gets a copy.
What its work changed in the copy is applied, entry by entry, to the latest content under the file's lock. So a
sign-in that was given up in the middle leaves nothing behind, and two windows cannot overwrite each other's accounts.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from relaywright.domain.errors import RelaywrightError
from relaywright.domain.finding import Finding, Level
from relaywright.identity.account import Account

Sections = dict[str, dict[str, Any]]

_REALMS = "RelaywrightRealm"
"""A section of ours, which MSAL carries along: authority address to the tenant its tokens are filed under."""

_APP_TOKENS = "RelaywrightAppToken"
"""A section of ours: tokens of applications that signed in as themselves, by a name of app_sign_in.py's making."""

_BROKERED = "RelaywrightBroker"
"""A section of ours: accounts that Windows' account broker keeps for an application. MSAL files no refresh token for
them, and its own mark on the account is that of the last sign-in, whichever application that was for."""

_LONGEST_NAME = 320  # 64, @ and 255: RFC 3696 section 3

_FRESH_FOR_S = 300  # MSAL's own margin: a token with less life is renewed


@dataclass(frozen=True)
class AppToken:
    """A token of an application itself, as it is remembered. Moments are in seconds since 1970."""

    secret: str = field(repr=False)
    ends: int
    renew: int
    """When the service wants it renewed; 0 when it did not say."""
    authority: str
    client_id: str

    def is_fresh(self, now: float) -> bool:
        """Tell whether it need not be renewed yet."""
        return self.ends - now >= _FRESH_FOR_S and not 0 < self.renew < now


class SealedContents(Protocol):
    """What a sealed file holds now."""

    @property
    def stored(self) -> bytes | None: ...
    @property
    def session(self) -> bytes | None: ...
    @property
    def problem(self) -> RelaywrightError | None: ...
    @property
    def unreadable(self) -> bool: ...


class SealedStore(Protocol):
    """Where the cache lies; the vault's SealedFile is one."""

    @property
    def problem(self) -> RelaywrightError | None: ...
    def read(self) -> SealedContents: ...
    def update(self, change: Callable[[bytes | None, bytes | None], bytes]) -> bool: ...


class TokenCache:
    """The sign-ins of one data folder. Calls may block on the keyring's unlock prompt."""

    def __init__(self, store: SealedStore) -> None:
        self._store = store
        self._problem: RelaywrightError | None = None

    @property
    def problem(self) -> RelaywrightError | None:
        """Why the last call could not read stored sign-ins, or keeps new ones for this run only; None if it could."""
        return self._problem

    def findings(self) -> list[Finding]:
        """Return the problem, if any, as the window and the command line show it."""
        if self._problem is None:
            return []
        steps = (self._problem.hint,) if self._problem.hint else ()
        return [Finding("sign-ins-not-kept", Level.WARNING, self._problem.message, steps=steps)]

    def read(self) -> Sections:
        """Return everything remembered, what is kept for this run included; ``problem`` says what could not be read."""
        try:
            contents = self._store.read()
        except OSError as fault:
            self._problem = _not_on_disk("The stored sign-ins could not be read", fault)
            return {}
        except RelaywrightError as fault:
            self._problem = fault
            return {}
        self._problem = contents.problem
        return _united(contents.stored, contents.session)

    def apply(self, before: Sections, after: Sections) -> None:
        """Remember what changed from ``before`` to ``after``.

        An entry that is gone is removed only where nobody has changed it meanwhile. When it cannot be written (disk
        full, keyring locked), it is kept in memory for this run and ``problem`` says so.
        """

        def change(stored: bytes | None, session: bytes | None) -> bytes:
            return json.dumps(_changed(_united(stored, session), before, after)).encode()

        try:
            if self._store.update(change):
                self._problem = None
                return
            self._problem = self._store.problem
        except OSError as fault:
            self._problem = _not_on_disk("The sign-in works now, but could not be stored", fault)
        except RelaywrightError as fault:
            self._problem = fault

    def forget(self, home_account_id: str, environment: str, client_id: str) -> bool:
        """Remove an account's tokens for this application, and the account when nothing else uses it.

        Says whether there was anything. Works without the network. Raises RelaywrightError when it could not be removed
        from the disk: then the person is still signed in, and must be told so.
        """
        return self._remove(lambda sections: _forget(sections, home_account_id, environment, client_id))

    def keep_app_token(self, key: str, token: AppToken) -> None:
        """Remember an application's token, and drop those whose time is over; ``problem`` as with :meth:`apply`."""
        before = self.read()
        entries = before.get(_APP_TOKENS, {})
        alive = {name: entry for name, entry in entries.items() if _app_token(entry, time.time()) is not None}
        self.apply({_APP_TOKENS: entries}, {_APP_TOKENS: {**alive, key: asdict(token)}})

    def forget_app(self, authority: str, client_id: str) -> bool:
        """Remove an application's own tokens; says whether there were any. Raises as :meth:`forget`."""

        def remove(sections: Sections) -> bool:
            entries = sections.get(_APP_TOKENS, {})
            theirs = [
                key
                for key, entry in entries.items()
                if isinstance(entry, dict)
                and (entry.get("authority"), entry.get("client_id")) == (authority, client_id)
            ]
            for key in theirs:
                del entries[key]
            return bool(theirs)

        return self._remove(remove)

    def _remove(self, remove: Callable[[Sections], bool]) -> bool:
        """Apply ``remove`` to what is stored now; return what it returned. Raises RelaywrightError."""
        removed = False

        def change(stored: bytes | None, session: bytes | None) -> bytes:
            nonlocal removed
            sections = _united(stored, session)
            removed = remove(sections)
            return json.dumps(sections).encode()

        try:
            contents = self._store.read()
            self._problem = contents.problem
            if contents.stored is not None or contents.session is not None:
                self._store.update(change)
        except OSError as fault:
            raise _not_on_disk("The sign-in could not be removed from the disk", fault) from None
        if contents.unreadable and contents.problem is not None:
            raise contents.problem
        return removed


def _not_on_disk(what: str, fault: OSError) -> RelaywrightError:
    return RelaywrightError(
        f"{what}: {fault.strerror or type(fault).__name__}.",
        hint="Check the free space and the permissions of Relaywright’s data folder, then try again.",
        id="sign-in-file",
    )


def environment_of(authority: str) -> str:
    """Return the host under which MSAL files what it gets from this authority: lower case, without the port."""
    from urllib.parse import urlsplit

    return (urlsplit(authority).hostname or "").lower()


def accounts(sections: Sections, environment: str, client_id: str) -> list[Account]:
    """Return the accounts that have a refresh token for this application or are kept by the broker, by user name."""
    have_tokens = {
        entry.get("home_account_id")
        for name in ("RefreshToken", _BROKERED)
        for entry in sections.get(name, {}).values()
        if entry.get("environment") == environment and entry.get("client_id") == client_id
    }
    found = {
        entry["home_account_id"]: Account(
            entry["home_account_id"], _shown(entry.get("username")), _shown(entry.get("realm"))
        )
        for entry in sections.get("Account", {}).values()
        if entry.get("environment") == environment and entry.get("home_account_id") in have_tokens
    }
    return sorted(found.values(), key=lambda account: account.username.casefold())


def note_broker(sections: Sections, environment: str, client_id: str) -> None:
    """Remember of a cache that holds a single sign-in that the broker keeps it."""
    for account in sections.get("Account", {}).values():
        entry = {
            "home_account_id": account.get("home_account_id"),
            "environment": environment,
            "client_id": client_id,
            "account_id": account.get("local_account_id"),
        }
        sections.setdefault(_BROKERED, {})[f"{entry['home_account_id']}-{environment}-{client_id}".lower()] = entry


def broker_account_id(sections: Sections, home_account_id: str, environment: str, client_id: str) -> str:
    """Return the broker's own id of an account that it keeps for this application; empty when it keeps none."""
    entries = _entries_of(sections, _BROKERED, home_account_id, environment, client_id)
    return next((str(entry.get("account_id") or "") for entry in entries.values()), "")


def refresh_tokens(sections: Sections, home_account_id: str, environment: str, client_id: str) -> dict[str, Any]:
    """Return the refresh tokens of an account for this application, by key."""
    return _entries_of(sections, "RefreshToken", home_account_id, environment, client_id)


def _entries_of(
    sections: Sections, name: str, home_account_id: str, environment: str, client_id: str
) -> dict[str, Any]:
    wanted = {"home_account_id": home_account_id, "environment": environment, "client_id": client_id}
    entries = sections.get(name, {}).items()
    return {key: entry for key, entry in entries if all(entry.get(part) == value for part, value in wanted.items())}


def newest_account(sections: Sections) -> Account:
    """Return the account of a cache that holds a single sign-in; its fields are empty when the service named none."""
    for entry in sections.get("Account", {}).values():
        return Account(str(entry.get("home_account_id", "")), _shown(entry.get("username")), _shown(entry.get("realm")))
    return Account("", "", "")


def _shown(untrusted_value: object) -> str:
    """Return a name as a terminal and a list may show it: on one line, without controls, no longer than names are."""
    text = "" if untrusted_value is None else str(untrusted_value)
    return "".join(char for char in text if char.isprintable())[:_LONGEST_NAME]


def note_realm(sections: Sections, authority: str, realm: str) -> None:
    """Remember under which tenant MSAL files the tokens of this authority."""
    sections.setdefault(_REALMS, {})[authority] = realm


def fresh_access_token(
    sections: Sections, home_account_id: str, authority: str, client_id: str, scope: str, *, now: float | None = None
) -> tuple[str, int] | None:
    """Return a stored access token that still has five minutes, with its end in seconds since 1970.

    The same choice as MSAL's ``acquire_token_silent``, without loading MSAL or asking the network.
    """
    moment = time.time() if now is None else now
    wanted = {
        "home_account_id": home_account_id,
        "environment": environment_of(authority),
        "client_id": client_id,
        "realm": sections.get(_REALMS, {}).get(authority),
    }
    if not wanted["realm"]:
        return None
    for entry in sections.get("AccessToken", {}).values():
        if any(entry.get(name) != value for name, value in wanted.items()) or "ext_cache_key" in entry:
            continue
        if scope.casefold() not in str(entry.get("target", "")).casefold().split():
            continue
        ends, renew = _seconds(entry.get("expires_on")), _seconds(entry.get("refresh_on"))
        if ends - moment < _FRESH_FOR_S or (renew and renew < moment) or not entry.get("secret"):
            continue
        return str(entry["secret"]), ends
    return None


def app_token(sections: Sections, key: str, *, now: float | None = None) -> AppToken | None:
    """Return the application's token of this name while it lives."""
    return _app_token(sections.get(_APP_TOKENS, {}).get(key), time.time() if now is None else now)


def _app_token(entry: Any, now: float) -> AppToken | None:
    """Read an entry; what is none, or over, counts as not there."""
    if not isinstance(entry, dict) or not entry.get("secret"):
        return None
    token = AppToken(
        secret=str(entry["secret"]),
        ends=_seconds(entry.get("ends")),
        renew=_seconds(entry.get("renew")),
        authority=str(entry.get("authority", "")),
        client_id=str(entry.get("client_id", "")),
    )
    return token if token.ends > now else None


def _seconds(value: object) -> int:
    """Return a moment as the schema writes it (digits in a text), 0 for anything else."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else 0


def _united(stored: bytes | None, session: bytes | None) -> Sections:
    united: Sections = {}
    for data in (stored, session):
        for name, entries in _parsed(data).items():
            united.setdefault(name, {}).update(entries)
    return united


def _parsed(data: bytes | None) -> Sections:
    """Read the cache; what is no cache counts as an empty one, and the next sign-in writes a good one."""
    try:
        sections = json.loads(data or b"{}")
    except ValueError:
        return {}
    if not isinstance(sections, dict):
        return {}
    return {str(name): entries for name, entries in sections.items() if isinstance(entries, dict)}


def _changed(latest: Sections, before: Sections, after: Sections) -> Sections:
    forgotten = _people(before) - _people(latest)
    for name in before.keys() | after.keys():
        old, new = before.get(name, {}), after.get(name, {})
        entries = latest.setdefault(name, {})
        for key in old.keys() | new.keys():
            if key in new and new[key] != old.get(key) and _owner(new[key]) not in forgotten:
                entries[key] = new[key]
            elif key not in new and entries.get(key) == old[key]:
                del entries[key]
    return latest


def _people(sections: Sections) -> set[str]:
    return {_owner(entry) for entry in sections.get("Account", {}).values()} - {""}


def _owner(entry: Any) -> str:
    """Return the account an entry belongs to, empty for entries of nobody."""
    return str(entry.get("home_account_id") or "") if isinstance(entry, dict) else ""


def _forget(sections: Sections, home_account_id: str, environment: str, client_id: str) -> bool:
    def is_theirs(entry: Any) -> bool:
        return (
            isinstance(entry, dict)
            and entry.get("home_account_id") == home_account_id
            and entry.get("environment") == environment
        )

    removed = False
    for name in ("AccessToken", "RefreshToken", "IdToken", _BROKERED):
        entries = sections.get(name, {})
        for key in [key for key, entry in entries.items() if is_theirs(entry) and entry.get("client_id") == client_id]:
            del entries[key]
            removed = True
    if not any(is_theirs(entry) for name in ("RefreshToken", _BROKERED) for entry in sections.get(name, {}).values()):
        people = sections.get("Account", {})
        for key in [key for key, entry in people.items() if is_theirs(entry)]:
            del people[key]
    return removed
