"""What an export target is: one folder of data, read strictly, and whether a profile fits it.

A folder holds ``target.toml``, its templates and an example; resources/targets/README.md describes every key. Rendering
and writing are exporter.py's.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from relaywright.domain.errors import DamagedFile, InputError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import FIELD_BY_NAME, Auth, Method, RelayProfile
from relaywright.domain.secret import Secret

MAX_TARGET_BYTES = 200_000
SECRET_FIELD = "secret"  # noqa: S105 - the name a limit uses for the password
_ENCODINGS = {"utf-8", "utf-8-sig", "ascii", "cp1252"}
_NEWLINES = {"lf": "\n", "crlf": "\r\n"}


class TargetKind(StrEnum):
    """What kind of thing takes the settings."""

    DEVICE = "device"
    APPLICATION = "application"
    CODE = "code"
    BRIDGE = "bridge"
    GENERIC = "generic"


class FileFormat(StrEnum):
    """What a rendered template becomes."""

    TEXT = "text"
    PDF = "pdf"
    """The template is Markdown; sheet.py sets it."""


class FitLevel(StrEnum):
    """Whether a target can do what a profile asks."""

    FITS = "fits"
    WITH_BRIDGE = "with-bridge"
    DOES_NOT_FIT = "does-not-fit"


@dataclass(frozen=True)
class Fit:
    """The verdict and, unless it fits, the reason in a sentence."""

    level: FitLevel
    reason: str = ""


@dataclass(frozen=True)
class Proven:
    """The program a test really sent with, using the exported files."""

    by: str
    version: str


@dataclass(frozen=True)
class Condition:
    """For which profiles a file or a note is meant; an empty tuple means every one."""

    methods: tuple[Method, ...] = ()
    auths: tuple[Auth, ...] = ()

    def holds(self, profile: RelayProfile) -> bool:
        """Tell whether the profile is meant."""
        return (not self.methods or profile.method in self.methods) and (not self.auths or profile.auth in self.auths)


@dataclass(frozen=True)
class TargetFile:
    """One file of the result: its template, its name (a template too) and how it is written."""

    template: str
    name: str
    when: Condition
    format: FileFormat = FileFormat.TEXT
    encoding: str = "utf-8"
    newline: str = "\n"
    contains_secret: bool = False
    """Whether the secret has a place in it. Such a file is readable by its owner only, also with the placeholder."""
    executable: bool = False


@dataclass(frozen=True)
class Note:
    """Something the person must know or do with the files."""

    text: str
    when: Condition


@dataclass(frozen=True)
class Limit:
    """What the target's own field cannot hold: too long, or with these characters."""

    field: str
    reason: str
    max_bytes: int = 0
    """0 when the length does not matter."""
    without: str = ""


@dataclass(frozen=True)
class Ask:
    """A question whose answer a template uses; ``default`` stands for no answer."""

    key: str
    text: str
    default: str = ""


@dataclass(frozen=True)
class Target:
    """One device or application that settings are written for."""

    id: str
    folder: Path
    name: str
    kind: TargetKind
    summary: str
    methods: tuple[Method, ...]
    sign_in: tuple[Auth, ...]
    bridge: str
    """What helps when the target has no OAuth of its own; empty when nothing is known to."""
    proven: Proven | None
    files: tuple[TargetFile, ...]
    notes: tuple[Note, ...]
    limits: tuple[Limit, ...]
    asks: tuple[Ask, ...]
    sources: tuple[str, ...]

    def fit(self, profile: RelayProfile) -> Fit:
        """Say whether the profile can be used with this target as it is, with a bridge, or not at all."""
        if profile.method not in self.methods:
            known = ", ".join(self.methods)
            return Fit(FitLevel.DOES_NOT_FIT, f"{self.name} is not set up for {profile.method}, only for {known}.")
        if profile.auth in self.sign_in:
            return Fit(FitLevel.FITS)
        if profile.auth in {Auth.OAUTH, Auth.OAUTH_APP} and self.bridge:
            return Fit(FitLevel.WITH_BRIDGE, self.bridge)
        return Fit(FitLevel.DOES_NOT_FIT, f"{self.name} cannot sign in with “{profile.auth}”.")

    def limit_findings(self, profile: RelayProfile, secret: Secret | None) -> list[Finding]:
        """Return an ERROR for every value that the target's own field cannot hold. The secret itself is never shown."""
        findings = []
        for limit in self.limits:
            value = _limited_value(limit, profile, secret)
            too_long = bool(limit.max_bytes) and len(value.encode()) > limit.max_bytes
            if too_long or any(char in value for char in limit.without):
                label = "Password" if limit.field == SECRET_FIELD else FIELD_BY_NAME[limit.field].label
                findings.append(
                    Finding(
                        f"target-limit-{limit.field.replace('_', '-')}",
                        Level.ERROR,
                        f"{label}: {self.name} cannot take this value",
                        limit.reason,
                        field="" if limit.field == SECRET_FIELD else limit.field,
                    )
                )
        return findings

    def notes_for(self, profile: RelayProfile) -> tuple[str, ...]:
        """Return the notes that concern this profile, in the target's order."""
        return tuple(note.text for note in self.notes if note.when.holds(profile))

    def answers(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return every question's answer or default. Raises InputError for an answer nobody asked for."""
        unknown = sorted(set(given) - {ask.key for ask in self.asks})
        if unknown:
            raise InputError(
                f"{self.name} does not ask for “{unknown[0]}”.",
                hint=f"It asks for: {', '.join(ask.key for ask in self.asks) or 'nothing'}.",
                id="unknown-answer",
            )
        return {ask.key: given.get(ask.key) or ask.default for ask in self.asks}


def load_target(folder: Path) -> Target:
    """Read ``folder/target.toml``. Raises DamagedFile naming the key that does not hold."""
    path = folder / "target.toml"
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_TARGET_BYTES + 1)
        if len(raw) > MAX_TARGET_BYTES:
            raise _TargetFault("it is too big")
        return _target(folder, _Table(tomllib.loads(raw.decode())))
    except OSError as error:
        raise DamagedFile(f"The target {folder.name} cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError) as error:  # TOML, UTF-8, an unknown choice, a wrong key
        raise DamagedFile(f"{path}: {error}", hint="resources/targets/README.md describes the file.") from None


class _TargetFault(ValueError):
    """What does not hold, for the message."""


class _Table:
    """A TOML table whose keys are taken one by one; what is left over is a mistake."""

    def __init__(self, values: dict[str, Any], where: str = "target") -> None:
        self._values = dict(values)
        self._where = where

    def take(self, key: str, kind: type[Any], default: Any = None) -> Any:
        if key not in self._values:
            if default is None:
                raise _TargetFault(f"{self._where} lacks “{key}”")
            return default
        value = self._values.pop(key)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise _TargetFault(f"{self._where}: “{key}” must be {kind.__name__}")
        return value

    def texts(self, key: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        values = self.take(key, list, default if default is None else list(default))
        if not all(isinstance(value, str) for value in values):
            raise _TargetFault(f"{self._where}: “{key}” must be a list of texts")
        return tuple(values)

    def tables(self, key: str) -> list["_Table"]:
        rows = self.take(key, list, [])
        if not all(isinstance(row, dict) for row in rows):
            raise _TargetFault(f"“{key}” must be a list of tables")
        return [_Table(row, f"{key} {number}") for number, row in enumerate(rows, 1)]

    def table(self, key: str) -> "_Table | None":
        return _Table(self.take(key, dict), key) if key in self._values else None

    def end(self) -> None:
        if self._values:
            raise _TargetFault(f"{self._where} has an unknown key “{next(iter(self._values))}”")


def _target(folder: Path, table: _Table) -> Target:
    proven = table.table("proven")
    target = Target(
        id=folder.name,
        folder=folder,
        name=table.take("name", str),
        kind=TargetKind(table.take("kind", str)),
        summary=table.take("summary", str),
        methods=tuple(Method(name) for name in table.texts("methods")),
        sign_in=tuple(Auth(name) for name in table.texts("sign_in")),
        bridge=table.take("bridge", str, ""),
        proven=_proven(proven) if proven else None,
        files=tuple(_file(row) for row in table.tables("file")),
        notes=tuple(_note(row) for row in table.tables("note")),
        limits=tuple(_limit(row) for row in table.tables("limit")),
        asks=tuple(_ask(row) for row in table.tables("ask")),
        sources=table.texts("sources"),
    )
    table.end()
    if not target.files:
        raise _TargetFault("there is no [[file]]")
    return target


def _proven(table: _Table) -> Proven:
    proven = Proven(table.take("by", str), table.take("version", str))
    table.end()
    return proven


def _condition(table: _Table) -> Condition:
    return Condition(
        tuple(Method(name) for name in table.texts("methods", ())),
        tuple(Auth(name) for name in table.texts("auths", ())),
    )


def _file(table: _Table) -> TargetFile:
    newline = table.take("newline", str, "lf")
    file = TargetFile(
        template=table.take("template", str),
        name=table.take("name", str),
        when=_condition(table),
        format=FileFormat(table.take("format", str, "text")),
        encoding=table.take("encoding", str, "utf-8"),
        newline=_NEWLINES.get(newline, ""),
        contains_secret=table.take("contains_secret", bool),
        executable=table.take("executable", bool, False),
    )
    table.end()
    if not file.newline:
        raise _TargetFault(f"newline is lf or crlf, not “{newline}”")
    if file.encoding not in _ENCODINGS:
        raise _TargetFault(f"encoding is one of {', '.join(sorted(_ENCODINGS))}, not “{file.encoding}”")
    if file.executable and file.contains_secret:
        raise _TargetFault("a file with a secret is not executable")
    return file


def _note(table: _Table) -> Note:
    note = Note(table.take("text", str), _condition(table))
    table.end()
    return note


def _limit(table: _Table) -> Limit:
    limit = Limit(
        table.take("field", str),
        table.take("reason", str),
        table.take("max_bytes", int, 0),
        table.take("without", str, ""),
    )
    table.end()
    if limit.field != SECRET_FIELD and limit.field not in FIELD_BY_NAME:
        raise _TargetFault(f"limit: there is no field “{limit.field}”")
    return limit


def _ask(table: _Table) -> Ask:
    ask = Ask(table.take("key", str), table.take("text", str), table.take("default", str, ""))
    table.end()
    if not ask.key.isidentifier():
        raise _TargetFault(f"ask: “{ask.key}” cannot be a name in a template")
    return ask


def _limited_value(limit: Limit, profile: RelayProfile, secret: Secret | None) -> str:
    if limit.field == SECRET_FIELD:
        return secret.reveal() if secret else ""
    return FIELD_BY_NAME[limit.field].text_of(profile)
