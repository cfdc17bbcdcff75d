"""Send a test message, or only look whether it would go, and say what came of it.

Puts profile, credential and catalogue together for the engine, explains the outcome, and keeps it in the history.
"""

import datetime
import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from relaywright.catalog.catalog import Catalog, values_of
from relaywright.catalog.facts import OldDevice
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import FieldError, RelaywrightError
from relaywright.domain.explanation import Explanation
from relaywright.domain.finding import Finding
from relaywright.domain.profile import RelayProfile, parse_field
from relaywright.domain.reply import Reply, Stage
from relaywright.services.credentials import Credentials
from relaywright.services.manage_profiles import CA_FILE_MISSING, Profiles, require_sound
from relaywright.services.preflight import Preflight, Road, Tell, way_out
from relaywright.services.report import Report, report_document
from relaywright.services.send_options import DEFAULT_SUBJECT, SendOptions
from relaywright.services.session_findings import WRONG_RESOURCE, session_findings, unsound
from relaywright.smtp.events import Emit, Event, Outcome
from relaywright.smtp.plan import MxOf, SendPlan, TokenCredential
from relaywright.store.records import Run
from relaywright.store.store import Store

if TYPE_CHECKING:
    from relaywright.smtp.message import TestMessage

__all__ = ["SendOptions", "Tests"]

_STAGE_OF_COMMAND = {
    "": Stage.GREETING,
    "EHLO": Stage.EHLO,
    "HELO": Stage.EHLO,
    "STARTTLS": Stage.TLS,
    "AUTH": Stage.AUTH,
    "MAIL": Stage.MAIL,
    "RCPT": Stage.RCPT,
    "DATA": Stage.DATA,
    "BDAT": Stage.DATA,
    "QUIT": Stage.QUIT,
}

_log = logging.getLogger(__name__)


def _tell_nobody(_finding: Finding) -> None:
    """Of those who read the report alone."""


class Tests:
    """Runs sessions for profiles. Both verbs block until the session ends, ``cancel`` ends it at once."""

    __test__ = False  # pytest: this is no test class

    def __init__(self, store: Store, profiles: Profiles, credentials: Credentials, catalog: Catalog) -> None:
        self._store = store
        self._profiles = profiles
        self._credentials = credentials
        self._catalog = catalog

    def send(self, profile: RelayProfile, options: SendOptions, emit: Emit, cancel: CancelToken) -> Report:
        """Send one test message.

        Raises InputError (nothing was contacted), CredentialNeeded, KeyringUnavailable, Cancelled.
        """
        require_sound(self._profiles.faults(profile))
        recipients = _recipients(profile, options.recipients)
        message = _message(profile, recipients, options)
        return self._run("send", profile, recipients, message, emit, cancel)

    def check(
        self,
        profile: RelayProfile,
        emit: Emit,
        cancel: CancelToken,
        tell: Tell = _tell_nobody,
        *,
        as_old_devices: bool = False,
    ) -> Report:
        """Go the same way as far as the sign-in, send nothing, and look at the road beside it at the same time.

        All that was seen is in the report's findings; ``tell`` is called with each as soon as it is made, from
        several threads, but never at the same time as ``emit`` or itself. Fields that do not fit together are
        findings too: nothing is contacted then. ``as_old_devices`` goes the road once more for each old device of the
        catalogue, without a credential. Raises as ``send`` else.
        """
        findings = self._profiles.faults(profile)
        require_sound([finding for finding in findings if finding.id == CA_FILE_MISSING])  # as for an unreadable one
        report = unsound(profile, findings)
        if report is not None:
            return replace(report, kept=self._keep(report))
        one_at_a_time = threading.Lock()

        def emit_alone(event: Event) -> None:
            with one_at_a_time:
                emit(event)

        def tell_alone(finding: Finding) -> None:
            with one_at_a_time:
                tell(finding)

        old_devices = self._catalog.old_devices if as_old_devices else ()
        return self._run("check", profile, (), None, emit_alone, cancel, tell_alone, old_devices)

    def _run(
        self,
        kind: str,
        profile: RelayProfile,
        recipients: tuple[str, ...],
        message: "TestMessage | None",
        emit: Emit,
        cancel: CancelToken,
        tell: Tell = _tell_nobody,
        old_devices: tuple[OldDevice, ...] = (),
    ) -> Report:
        from relaywright.smtp.engine import run

        credential = self._credentials.for_session(profile, cancel)
        cancel.raise_if_cancelled()
        before = self._profiles.faults(profile)
        if isinstance(credential, TokenCredential):
            through_lens = self._credentials.token_findings(profile, credential)
            before += through_lens
            withheld = unsound(profile, [item for item in through_lens if item.id == WRONG_RESOURCE], kind)
            if withheld is not None:
                withheld = replace(withheld, findings=tuple(before))
                return replace(withheld, kept=self._keep(withheld))
        started_at = datetime.datetime.now(datetime.UTC)
        plan = SendPlan(
            host=self._host(profile),
            port=profile.port,
            security=profile.security,
            ehlo_name=profile.ehlo_name,
            ca_file=self._ca_file(profile),
            credential=credential,
            sender=profile.sender,
            recipients=recipients,
            message=message.content if message else None,
            message_id=message.message_id if message else "",
        )
        if kind == "send":
            outcome = run(plan, emit, cancel)
            report = Report(profile, kind, started_at, outcome, self._explain(profile, outcome), tuple(before))
        else:
            report = self._checked(
                Road(profile, plan.host, plan.ca_file, old_devices), plan, before, emit, cancel, tell
            )
        return replace(report, kept=self._keep(report))

    def _checked(
        self,
        road: Road,
        plan: SendPlan,
        before: Sequence[Finding],
        emit: Emit,
        cancel: CancelToken,
        tell: Tell,
    ) -> Report:
        """Run the session and the other legs side by side."""
        from relaywright.smtp.engine import run

        profile, started_at = road.profile, datetime.datetime.now(datetime.UTC)
        with Preflight(self._catalog, road, tell, cancel) as preflight:
            for finding in before:
                tell(finding)
            outcome = run(plan, emit, cancel)
            explanation = self._explain(profile, outcome)
            seen = session_findings(profile, outcome, explanation)
            for finding in seen:
                tell(finding)
            beside = preflight.findings()
        instead = way_out(self._catalog, profile, outcome, beside)
        for finding in instead:
            tell(finding)
        return Report(profile, "check", started_at, outcome, explanation, (*seen, *instead, *beside, *before))

    def _host(self, profile: RelayProfile) -> str | MxOf:
        if profile.host:
            return profile.host
        return MxOf(profile.sender.rpartition("@")[2], self._catalog.cloud(profile.cloud).mx_suffixes)

    def _ca_file(self, profile: RelayProfile) -> Path | None:
        """Return the profile's own CA file, or the one of a lab's cloud."""
        path = profile.ca_file or self._catalog.cloud(profile.cloud).ca_file
        return Path(path) if path else None

    def _explain(self, profile: RelayProfile, outcome: Outcome) -> Explanation | None:
        if outcome.ok:
            return None
        values = values_of(profile)
        if outcome.failure is not None:
            return self._catalog.explain_failure(outcome.failure, values)
        reply = outcome.reply or Reply(0, "The session ended without a word from the server.")
        return self._catalog.explain_reply(reply, _STAGE_OF_COMMAND.get(reply.command, Stage.DATA), values)

    def _keep(self, report: Report) -> bool:
        """Remember the run; a history that cannot be written must not take the answer away."""
        title = report.title
        try:
            self._store.record(
                Run(
                    report.profile.id,
                    report.kind,
                    report.started_at,
                    report.outcome.ok,
                    report.total_ms,
                    title,
                    report_document(report),
                )
            )
        except RelaywrightError as error:
            _log.warning("A run was not kept in the history: %s", error.message)
            return False
        return True


def _recipients(profile: RelayProfile, chosen: Sequence[str]) -> tuple[str, ...]:
    wanted = [text for text in chosen if text.strip()] or ([profile.recipient] if profile.recipient else [])
    if not wanted:
        raise FieldError("recipient", "nobody to send the test to.", hint="Enter an address, or use --to ADDRESS.")
    return tuple(dict.fromkeys(str(parse_field("recipient", text)) for text in wanted))


def _message(profile: RelayProfile, recipients: tuple[str, ...], options: SendOptions) -> "TestMessage":
    from relaywright.smtp.message import build_test_message

    return build_test_message(
        sender=profile.sender,
        from_name=profile.from_name,
        recipients=recipients,
        subject=options.subject or DEFAULT_SUBJECT,
        reply_to=profile.reply_to,
        attachments=options.attachments,
        profile_name=profile.name,
    )
