"""How people's sign-ins stand: who signed in for a profile, when the service last renewed it, since when it refuses.

So that the end of a sign-in is seen before the next message fails. The tokens themselves are identity's.
"""

import dataclasses
import datetime
import logging

from relaywright.domain.errors import CredentialNeeded, RelaywrightError
from relaywright.domain.profile import RelayProfile
from relaywright.store.records import SignInRecord
from relaywright.store.store import Store

_log = logging.getLogger(__name__)


class SignInStanding:
    """What the store remembers of the sign-ins of one data folder's profiles."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, profile: RelayProfile) -> SignInRecord | None:
        """Return who is signed in for the profile, and how that stands."""
        return self._store.sign_in(profile.id)

    def begin(self, record: SignInRecord) -> None:
        """Remember a new sign-in in the place of the one before."""
        self._store.remember_sign_in(record)

    def forget(self, profile: RelayProfile) -> None:
        """Forget the profile's sign-in."""
        self._store.forget_sign_in(profile.id)

    def sharing(self, profile: RelayProfile, record: SignInRecord) -> list[SignInRecord]:
        """Return the sign-ins of other profiles that are the same account of the same application and cloud."""
        found = []
        for other in self._store.sign_ins():
            if other.profile_id == profile.id or other.home_account_id != record.home_account_id:
                continue
            user = self._store.profile(other.profile_id)
            if user and (user.cloud, user.client_id) == (profile.cloud, profile.client_id):
                found.append(other)
        return found

    def note_renewal(self, profile: RelayProfile, record: SignInRecord) -> None:
        """Remember that the service has just renewed it: its life without use counts from here."""
        now = datetime.datetime.now(datetime.UTC)
        for one in (record, *self.sharing(profile, record)):
            self._keep(dataclasses.replace(one, renewed_at=now, ended_at=None, ended_why=""))

    def note_refusal(self, record: SignInRecord, refusal: CredentialNeeded) -> None:
        """Remember since when it is of no use: from the first refusal on, unless the service's trouble is its own."""
        is_temporary = refusal.explanation is not None and refusal.explanation.temporary
        if record.ended_at is None and not is_temporary:
            now = datetime.datetime.now(datetime.UTC)
            self._keep(dataclasses.replace(record, ended_at=now, ended_why=refusal.message))

    def _keep(self, record: SignInRecord) -> None:
        """Keep a record; a disk that is full must not take the token, or its refusal, away."""
        try:
            self._store.remember_sign_in(record)
        except RelaywrightError as fault:
            _log.warning("How a sign-in stands was not kept: %s", fault.message)
