"""Run the practice relay beside the program, and keep the profiles that go with it.

It runs in a process of its own (``relaywright practice``), so that a server's work never holds up the window; it ends
with this program, because it stops when its standard input closes. What it does stands in the practice package.
"""

import contextlib
import json
import subprocess
import threading
import tomllib
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relaywright import paths
from relaywright.catalog.catalog import Catalog
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, DamagedFile, RelaywrightError
from relaywright.domain.profile import Auth, RelayProfile, with_fields
from relaywright.domain.secret import Secret
from relaywright.services.credentials import Credentials, Kept
from relaywright.services.manage_profiles import Profiles

START_LIMIT_S = 30.0
STOP_LIMIT_S = 5.0
CLOUD_ID = "practice"
FOLDER = "Practice"

_PORTS = {"submission": "smtp_port", "tls": "smtps_port", "mx": "mx_port"}
_NAMESPACE = uuid.UUID("5a3c1a5e-6f0e-4f0b-9d57-2d0c6b1f7a11")


@dataclass(frozen=True)
class PracticePerson:
    """Somebody of the practice tenant. The password is public: it opens nothing but the practice relay."""

    address: str
    name: str
    password: str
    note: str


@dataclass(frozen=True)
class PracticeRefusal:
    """A refusal that can be tried: use ``address`` as one of ``use_as`` (user, sender, recipient)."""

    id: str
    title: str
    address: str
    use_as: tuple[str, ...]


@dataclass(frozen=True)
class PracticeInfo:
    """Where the running relay listens and what can be tried with it."""

    document: dict[str, Any]
    """As ``relaywright practice`` prints it."""
    people: tuple[PracticePerson, ...]
    refusals: tuple[PracticeRefusal, ...]

    @property
    def ca_file(self) -> str:
        """The throw-away authority's certificate."""
        return str(self.document["ca_file"])

    def endpoint(self, name: str) -> tuple[str, int]:
        """Return host and port of ``submission`` (STARTTLS), ``tls`` (from the first byte) or ``mx``."""
        return str(self.document["host"]), int(self.document[_PORTS[name]])


class PracticeRelay:
    """The practice relay of one data folder. ``start`` may take seconds; call it in a job."""

    def __init__(
        self, data_dir: Path, folder: Path, profiles: Profiles, credentials: Credentials, catalog: Catalog
    ) -> None:
        self._data_dir = data_dir
        self._folder = folder
        self._profiles = profiles
        self._credentials = credentials
        self._catalog = catalog
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._info: PracticeInfo | None = None

    @property
    def is_running(self) -> bool:
        """Whether the relay that this program started is still there."""
        return self._process is not None and self._process.poll() is None

    @property
    def info(self) -> PracticeInfo | None:
        """Where it listens, while it runs."""
        return self._info if self.is_running else None

    def start(self, cancel: CancelToken) -> PracticeInfo:
        """Start the relay, or return where it listens already. Raises RelaywrightError, Cancelled."""
        with self._lock:
            if self.is_running and self._info is not None:
                return self._info
            process = self._spawn()
            stop_waiting = cancel.on_cancel(process.kill)
            timer = threading.Timer(START_LIMIT_S, process.kill)
            timer.start()
            try:
                line = process.stdout.readline() if process.stdout else ""
            finally:
                timer.cancel()
                stop_waiting()
            if cancel.is_cancelled:
                self._end(process)
                raise Cancelled
            try:
                self._info = info_from(json.loads(line))
            except (ValueError, KeyError, TypeError):
                complaint = self._end(process)
                raise RelaywrightError(
                    f"The practice relay did not start. {complaint}".strip(),
                    hint="Try “relaywright practice” in a terminal to see more.",
                    id="practice-not-started",
                ) from None
            self._process = process
            # Nobody reads the relay's log here; without a reader the pipe would fill and hold it up.
            threading.Thread(target=_drain, args=(process,), name="practice-log", daemon=True).start()
            return self._info

    def stop(self) -> None:
        """End the relay that this program started; harmless when there is none."""
        with self._lock:
            process, self._process, self._info = self._process, None, None
        if process is not None:
            self._end(process)

    def add_profiles(self, info: PracticeInfo) -> list[RelayProfile]:
        """Make the practice profiles point at the running relay, adding those that are missing.

        Their passwords, which are public, go where passwords go; without a keyring that is this run's memory.
        """
        kept = []
        for entry in _shipped_profiles():
            profile = self._profile(entry, info)
            existing = next((item for item in self._profiles.list() if item.id == profile.id), None)
            if existing is None:
                profile = with_fields(profile, {"name": self._profiles.free_name(profile.name)})
                self._profiles.add(profile)
            else:
                moved = {"host": profile.host, "port": str(profile.port), "ca_file": profile.ca_file}
                profile = with_fields(existing, moved)
                self._profiles.update(profile)
            password = _password(entry, info)
            if password and self._credentials.kept_quietly(profile) is Kept.NOWHERE:
                self._credentials.set_secret(profile, Secret(password), session_if_unavailable=True)
            kept.append(profile)
        return kept

    def _profile(self, entry: dict[str, Any], info: PracticeInfo) -> RelayProfile:
        host, port = info.endpoint(entry["endpoint"])
        texts = {
            "cloud": CLOUD_ID,
            "tenant": str(info.document["tenant"]),
            "client_id": str(info.document["client_id"]),
            "folder": FOLDER,
            "host": host,
            "port": str(port),
            "ca_file": info.ca_file,
            **entry["fields"],
        }
        if "service" in entry:
            texts["client_id"] = entry["service"]
        if texts.get("auth") not in {Auth.OAUTH, Auth.OAUTH_APP}:
            del texts["tenant"], texts["client_id"]
        blank = RelayProfile(name="-", id=uuid.uuid5(_NAMESPACE, entry["key"]).hex)
        return with_fields(blank, texts)

    def _spawn(self) -> "subprocess.Popen[str]":
        command = [*paths.own_command(), "practice", "--data-dir", str(self._data_dir), "--until-stdin-closes"]
        try:
            return subprocess.Popen(  # noqa: S603 - our own program
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise RelaywrightError(
                f"The practice relay could not be started: {error}.", id="practice-not-started"
            ) from error

    def _end(self, process: "subprocess.Popen[str]") -> str:
        """End the process and return the last line it complained with."""
        with contextlib.suppress(OSError):
            if process.stdin:
                process.stdin.close()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        complaint = ""
        for stream in (process.stdout, process.stderr):
            with contextlib.suppress(OSError, ValueError):
                if stream and not stream.closed:
                    complaint = (stream.read().strip().splitlines() or [complaint])[-1]
                    stream.close()
        return complaint


def _drain(process: "subprocess.Popen[str]") -> None:
    with contextlib.suppress(OSError, ValueError):
        for _line in process.stderr or ():
            pass


def info_from(document: dict[str, Any]) -> PracticeInfo:
    """Read the document that ``relaywright practice`` prints. Raises KeyError, TypeError."""
    return PracticeInfo(
        document,
        tuple(
            PracticePerson(item["address"], item["name"], item["password"], item.get("note", ""))
            for item in document["users"]
        ),
        tuple(
            PracticeRefusal(item["id"], item["title"], item["address"], tuple(item["use_as"]))
            for item in document["refusals"]
        ),
    )


def _shipped_profiles() -> list[dict[str, Any]]:
    path = paths.resources() / "practice" / "profiles.toml"
    try:
        entries: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["profile"]
    except (OSError, ValueError, KeyError) as error:
        raise DamagedFile(f"{path} cannot be read: {error}.", hint="Install Relaywright again.") from error
    return entries


def _password(entry: dict[str, Any], info: PracticeInfo) -> str:
    person = next((item for item in info.people if item.address == entry.get("person")), None)
    service = next((item for item in info.document["services"] if item["client_id"] == entry.get("service")), None)
    if service is not None:
        return str(service["secret"])
    return person.password if person else str(entry.get("password", ""))
