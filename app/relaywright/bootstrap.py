"""Wires the parts together for one data folder; the only place that knows which part gets which.

Nothing heavy is loaded here: a part that needs a large library loads it when it is first used.
"""

import contextlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from relaywright import logs, paths
from relaywright.catalog.catalog import Catalog
from relaywright.services.history import History
from relaywright.services.manage_profiles import Profiles
from relaywright.store.store import Store
from relaywright.vault.vault import Vault

if TYPE_CHECKING:
    from relaywright.services.administrator_scripts import AdministratorScripts
    from relaywright.services.app_credentials import AppCredentials
    from relaywright.services.credentials import Credentials
    from relaywright.services.expiries import Expiries
    from relaywright.services.explain_pasted import PastedTexts
    from relaywright.services.export_settings import Exports
    from relaywright.services.practice_relay import PracticeRelay
    from relaywright.services.send_test import Tests
    from relaywright.services.share_profiles import Sharing

TOKEN_FILE = "tokens.bin"  # noqa: S105 - a file's name


class Services:
    """What a user can do, for window and command line alike."""

    def __init__(self, data_dir: Path) -> None:
        """Open the data folder. Raises RelaywrightError (unusable folder, damaged or newer database)."""
        self.data_dir = data_dir
        self.store = Store(data_dir)
        resources = paths.resources()
        # The practice relay describes its cloud in the same form as an administrator's own clouds.
        self._practice_folder = data_dir / "practice"
        self.catalog = Catalog.load(resources, (data_dir / "clouds.toml", self._practice_folder / "clouds.toml"))
        self.vault = Vault(self.store.installation_id(), data_dir)
        self.profiles = Profiles(self.store, self.vault, self.catalog)
        self.history = History(self.store)

    @cached_property
    def credentials(self) -> "Credentials":
        """Secrets and sign-ins."""
        from relaywright.services.credentials import Credentials

        return Credentials(self.store, self.vault, self.catalog, self.data_dir / TOKEN_FILE, self.app_credentials)

    @cached_property
    def app_credentials(self) -> "AppCredentials":
        """What applications sign in with."""
        from relaywright.services.app_credentials import AppCredentials

        return AppCredentials(self.store, self.vault)

    @cached_property
    def expiries(self) -> "Expiries":
        """When sign-ins, client secrets and certificates end."""
        from relaywright.services.expiries import Expiries

        return Expiries(self.store, self.catalog)

    @cached_property
    def tests(self) -> "Tests":
        """Checks and test sends."""
        from relaywright.services.send_test import Tests

        return Tests(self.store, self.profiles, self.credentials, self.catalog)

    @cached_property
    def practice(self) -> "PracticeRelay":
        """The practice relay, and the profiles that go with it."""
        from relaywright.services.practice_relay import PracticeRelay

        return PracticeRelay(self.data_dir, self._practice_folder, self.profiles, self.credentials, self.catalog)

    @cached_property
    def exports(self) -> "Exports":
        """Settings for devices and applications, from the shipped targets and the data folder's own."""
        from relaywright.exporting.exporter import Exporter
        from relaywright.services.export_settings import Exports

        resources = paths.resources()
        exporter = Exporter([resources / "targets", self.data_dir / "targets"], fonts=resources / "fonts")
        return Exports(exporter, self.vault, self.catalog)

    @cached_property
    def scripts(self) -> "AdministratorScripts":
        """PowerShell for administrators."""
        from relaywright.exporting.scripts import Scripts
        from relaywright.services.administrator_scripts import AdministratorScripts

        return AdministratorScripts(Scripts(paths.resources() / "scripts"), self.catalog)

    @cached_property
    def pasted(self) -> "PastedTexts":
        """What a person pastes to have it explained."""
        from relaywright.services.explain_pasted import PastedTexts

        return PastedTexts(self.catalog)

    @cached_property
    def sharing(self) -> "Sharing":
        """Profiles for a colleague, and from one."""
        from relaywright.services.share_profiles import Sharing

        return Sharing(self.profiles, self.vault, self.app_credentials)

    def close(self) -> None:
        """End the practice relay if this program started it, and close the database."""
        if "practice" in vars(self):  # else nobody has asked for it, so that nothing runs
            self.practice.stop()
        self.store.close()


def build(data_dir: Path | None = None) -> Services:
    """Open the chosen data folder, or the platform's own, with its log. Raises RelaywrightError."""
    folder = paths.data_dir(data_dir)
    services = Services(folder)
    logs.start(folder / "logs")
    return services


@contextlib.contextmanager
def opened(data_dir: Path | None = None) -> Iterator[Services]:
    """Open for one call and close after it."""
    services = build(data_dir)
    try:
        yield services
    finally:
        services.close()
