"""What was checked and sent, and how it ended."""

from relaywright.store.records import LastRun, Run
from relaywright.store.store import Store


class History:
    """Reads the runs that the tests service keeps."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def runs(self, profile_id: str, limit: int = 200) -> list[Run]:
        """Return a profile's runs, newest first."""
        return self._store.runs(profile_id, limit)

    def last_runs(self) -> dict[str, LastRun]:
        """Return each profile's newest run, by profile id."""
        return self._store.last_runs()
