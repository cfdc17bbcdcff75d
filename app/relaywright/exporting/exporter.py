"""The door to exporting: which targets there are, what a profile's files look like, and writing them.

Targets are data (target.py), quoting is filters.py's, the sandbox templates.py's, setting a PDF sheet.py's, the disk
writing.py's. What a template may use is the documented set of ``_names``, and nothing else.
"""

import dataclasses
import datetime
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relaywright.domain.address import domain_of
from relaywright.domain.errors import DamagedFile, InputError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import RelayProfile
from relaywright.domain.secret import Secret
from relaywright.exporting.filters import Quoted, slug
from relaywright.exporting.target import FileFormat, Fit, FitLevel, Target, TargetFile, load_target
from relaywright.exporting.templates import Templates
from relaywright.exporting.writing import FileToWrite, WrittenFile, check_file_name, write_all

PASSWORD_PLACEHOLDER = "PUT-THE-PASSWORD-HERE"  # noqa: S105 - what stands where the secret would
PRIVATE_MODE = 0o600
PLAIN_MODE = 0o644
EXECUTABLE_MODE = 0o755


@dataclass(frozen=True)
class RenderedFile:
    """One file as it will be written. ``text`` is for the preview: the text itself, or the Markdown of a PDF."""

    name: str
    text: str
    contains_secret: bool
    """Whether the real secret is in it, not just its placeholder."""
    mode: int
    make: Callable[[], bytes]
    """Makes :attr:`content`; called once, when it is first asked for."""

    @functools.cached_property
    def content(self) -> bytes:
        """The file's bytes. Setting a PDF takes a second or two the first time, and its text can be seen before."""
        return self.make()

    def __repr__(self) -> str:  # text and content may hold a secret
        return f"RenderedFile({self.name!r}, {len(self.text)} characters)"


class Exporter:
    """Writes settings for devices and applications, from the targets in ``folders``; a later folder wins.

    ``fonts`` is the folder with the program's own fonts for PDF; without it the PDF's standard fonts are used.
    """

    def __init__(self, folders: Sequence[Path], *, fonts: Path | None = None) -> None:
        self._folders = tuple(folders)
        self._fonts = fonts
        self._loaded: dict[str, Target] | None = None
        self._problems: list[str] = []

    def targets(self) -> list[Target]:
        """Return all targets, by name. A folder that cannot be read is left out and told by :meth:`problems`."""
        return sorted(self._targets().values(), key=lambda target: (target.name.lower(), target.id))

    def problems(self) -> list[str]:
        """Say which folders are no targets, one sentence each."""
        self._targets()
        return list(self._problems)

    def target(self, target_id: str) -> Target:
        """Return one target. Raises InputError ``unknown-target``."""
        known = self._targets()
        if target_id not in known:
            raise InputError(
                f"There is no target “{target_id}”.",
                hint=f"The targets are: {', '.join(sorted(known))}.",
                id="unknown-target",
            )
        return known[target_id]

    def fit(self, target_id: str, profile: RelayProfile) -> Fit:
        """Say whether the target can do what the profile asks."""
        return self.target(target_id).fit(profile)

    def notes(self, target_id: str, profile: RelayProfile) -> tuple[str, ...]:
        """Return what the person must know or do with the files."""
        return self.target(target_id).notes_for(profile)

    def findings(self, target_id: str, profile: RelayProfile, secret: Secret | None = None) -> list[Finding]:
        """Return what stands against this export: no fit, a value too long for the target's field. Empty when well."""
        target = self.target(target_id)
        fit = target.fit(profile)
        findings = target.limit_findings(profile, secret)
        if fit.level is not FitLevel.FITS:
            findings.insert(0, Finding(f"target-{fit.level}", Level.ERROR, "This target does not fit", fit.reason))
        return findings

    def preview(
        self,
        target_id: str,
        profile: RelayProfile,
        secret: Secret | None = None,
        *,
        host: str = "",
        today: datetime.date | None = None,
        notices: Sequence[str] = (),
        answers: Mapping[str, str] | None = None,
    ) -> list[RenderedFile]:
        """Render the target's files without touching the disk.

        ``secret`` is written into the files that declare a place for it; None leaves :data:`PASSWORD_PLACEHOLDER`
        there. ``host`` is the MX endpoint that was looked up for a profile without a host; while it is unknown a
        placeholder says so. ``notices`` are sentences a sheet prints (what ends when), ``answers`` belong to the
        target's own questions. Raises InputError when the target does not fit or cannot hold a value, DamagedFile for
        a template that does not work.
        """
        target = self.target(target_id)
        findings = self.findings(target_id, profile, secret)
        if findings:
            fault = findings[0]
            raise InputError(f"{fault.title}. {fault.detail}", hint="Choose another target.", id=fault.id)
        names = _names(profile, host, today or datetime.datetime.now(tz=datetime.UTC).date(), notices)
        names["answers"] = target.answers(answers or {})
        rendering = _Rendering(target, names, secret, self._fonts)
        return [rendering.file(file) for file in target.files if file.when.holds(profile)]

    def write(self, files: Sequence[RenderedFile], folder: Path, *, overwrite: bool = False) -> list[WrittenFile]:
        """Write all files into the folder or none of them; see :func:`~relaywright.exporting.writing.write_all`."""
        return write_all(
            [FileToWrite(file.name, file.content, file.mode) for file in files], folder, overwrite=overwrite
        )

    def _targets(self) -> dict[str, Target]:
        if self._loaded is None:
            loaded = {}
            for folder in _target_folders(self._folders):
                try:
                    loaded[folder.name] = load_target(folder)
                except DamagedFile as error:
                    self._problems.append(error.message)
            self._loaded = loaded
        return self._loaded


def _target_folders(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        if folder.is_dir():
            yield from sorted(path.parent for path in folder.glob("*/target.toml"))


def _names(profile: RelayProfile, host: str, today: datetime.date, notices: Sequence[str]) -> dict[str, Any]:
    """Return what every template may use; resources/targets/README.md lists the same names."""
    domain = domain_of(profile.sender)
    return {
        "profile": {field.name: getattr(profile, field.name) for field in dataclasses.fields(profile)},
        "host": profile.host or host or f"PUT-THE-MX-ENDPOINT-OF-{domain or 'YOUR-DOMAIN'}-HERE",
        "host_known": bool(profile.host or host),
        "domain": domain,
        "slug": slug(profile.name),
        "today": today.isoformat(),
        "notices": tuple(notices),
    }


class _Rendering:
    """One target rendered for one profile. Only here is the secret revealed, for the files that declare a place."""

    def __init__(self, target: Target, names: Mapping[str, Any], secret: Secret | None, fonts: Path | None) -> None:
        self._target = target
        self._names = {**names, "secret_included": secret is not None}
        self._secret = secret
        self._fonts = fonts
        self._templates = Templates(f"Target “{target.id}”", [target.folder])

    def file(self, file: TargetFile) -> RenderedFile:
        place = _SecretPlace(self._secret.reveal() if self._secret else PASSWORD_PLACEHOLDER)
        text = self._render(file, place)
        name = check_file_name(self._name(file))
        holds_secret = place.used and self._secret is not None
        make = functools.partial(_as_pdf, text, self._fonts)
        if file.format is FileFormat.TEXT:
            content = self._encoded(text, file)  # at once: a value the encoding lacks is told before the preview
            make = functools.partial(bytes, content)
        return RenderedFile(name, text, holds_secret, _mode(file, holds_secret=holds_secret), make)

    def _render(self, file: TargetFile, place: "_SecretPlace") -> str:
        names = dict(self._names)
        if file.contains_secret:
            names["secret"] = place
        return self._templates.file(file.template, names)

    def _name(self, file: TargetFile) -> str:
        # A slug is safe in a name as it is; nothing else may stand there.
        return self._templates.text("name", file.name, {"slug": Quoted(self._names["slug"])})

    def _encoded(self, text: str, file: TargetFile) -> bytes:
        try:
            return text.replace("\n", file.newline).encode(file.encoding)
        except UnicodeEncodeError:
            raise InputError(
                f"{self._target.name} takes only {file.encoding} text, and a value has other letters.",
                hint="Write the name and the notes without them.",
                id="value-not-exportable",
            ) from None


def _as_pdf(text: str, fonts: Path | None) -> bytes:
    from relaywright.exporting.sheet import render_sheet

    return render_sheet(text, fonts=fonts, blank=PASSWORD_PLACEHOLDER)


def _mode(file: TargetFile, *, holds_secret: bool) -> int:
    # The secret goes into a text file by hand later, so that is private from the start; nobody edits a PDF.
    if holds_secret or (file.contains_secret and file.format is FileFormat.TEXT):
        return PRIVATE_MODE
    return EXECUTABLE_MODE if file.executable else PLAIN_MODE


class _SecretPlace:
    """What a template gets as ``secret``. It knows afterwards whether it was written."""

    __slots__ = ("_text", "used")

    def __init__(self, text: str) -> None:
        self._text = text
        self.used = False

    def __str__(self) -> str:
        self.used = True
        return self._text

    def __repr__(self) -> str:
        return "_SecretPlace()"
