"""What a check found, as findings: the profile's own, then what the session proved or ran into.

The session itself is smtp's, why it failed is the catalogue's; this only puts both into one list.
"""

import datetime
from collections.abc import Sequence

from relaywright.domain.explanation import Explanation, MatchConfidence, Sureness
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import RelayProfile
from relaywright.services.report import Report
from relaywright.smtp.events import Outcome, PhaseName

WRONG_RESOURCE = "token-wrong-resource"
"""A token for somebody else is not shown to the mail server: it would be in hands that it is not for (RFC 6750 5.2)."""


def unsound(profile: RelayProfile, findings: Sequence[Finding], kind: str = "check") -> Report | None:
    """Return the report of a session that contacts nobody, because something is wrong before it begins."""
    fault = next((finding for finding in findings if finding.level is Level.ERROR), None)
    if fault is None:
        return None
    explanation = Explanation(
        id=fault.id,
        title=fault.title,
        cause=fault.detail or "The profile's fields do not fit together, so nothing was contacted.",
        temporary=False,
        steps=fault.steps,
        powershell="",
        who="Profile",
        sources=(),
        checked=None,
        sureness=Sureness.DOCUMENTED,
        confidence=MatchConfidence.EXACT,
    )
    nothing_happened = Outcome(
        ok=False,
        message_id="",
        tls=None,
        authenticated=None,
        reply=None,
        failure=None,
        phases=(),
        round_trips=0,
        transcript=(),
    )
    now = datetime.datetime.now(datetime.UTC)
    return Report(profile, kind, now, nothing_happened, explanation, tuple(findings))


def session_findings(outcome: Outcome, explanation: Explanation | None) -> list[Finding]:
    """Return what a session proved (OK), in its order, and what it ended with (ERROR)."""
    found = []
    if any(phase.name is PhaseName.GREETING and phase.ok for phase in outcome.phases):
        found.append(Finding("server-answers", Level.OK, "The server answers"))
    if outcome.tls is not None:
        detail = f"{outcome.tls.version}, {outcome.tls.cipher}"
        found.append(Finding("encrypted", Level.OK, "The connection is encrypted, the certificate is trusted", detail))
    if outcome.authenticated is not None:
        detail = f"{outcome.authenticated.mechanism}, {outcome.authenticated.code}"
        found.append(Finding("signed-in", Level.OK, "The sign-in is accepted", detail))
    if explanation is not None:
        found.append(Finding(explanation.id, Level.ERROR, explanation.title, explanation.cause, explanation.steps))
    return found
