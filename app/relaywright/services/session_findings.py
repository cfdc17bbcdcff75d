"""What a session proved or ran into, as findings: greeting, clock, encryption, certificate, sign-ins, size.

The session itself is smtp's, why it failed is the catalogue's; what a check looks at beside it is preflight.py's.
"""

import datetime
import email.utils
import re
from collections.abc import Sequence

from relaywright.domain.explanation import Explanation, MatchConfidence, Sureness
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import Auth, RelayProfile
from relaywright.services.report import Report
from relaywright.smtp.events import Outcome, PhaseName, Speaker

MAX_CLOCK_SKEW = datetime.timedelta(minutes=5)
"""What is put down to slow answers and rounding."""
CERTIFICATE_WARNING = datetime.timedelta(days=21)
_GREETING_TIME = re.compile(r"\b[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}\b")

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


def session_findings(profile: RelayProfile, outcome: Outcome, explanation: Explanation | None) -> list[Finding]:
    """Return what a session proved (OK), what is worth knowing of it, and what it ended with (ERROR), in its order."""
    found = _greeting(outcome)
    found += _encryption(outcome)
    found += _offers(profile, outcome)
    if outcome.authenticated is not None:
        detail = f"{outcome.authenticated.mechanism}, {outcome.authenticated.code}: the server's own proof."
        found.append(Finding("signed-in", Level.OK, "The sign-in is accepted", detail))
    if explanation is not None:
        found.append(Finding(explanation.id, Level.ERROR, explanation.title, explanation.cause, explanation.steps))
    return found


def _greeting(outcome: Outcome) -> list[Finding]:
    if not any(phase.name is PhaseName.GREETING and phase.ok for phase in outcome.phases):
        return []
    line = next((line for line in outcome.transcript if line.speaker is Speaker.SERVER), None)
    if line is None:
        return []
    return [Finding("server-answers", Level.OK, "The server answers", line.text), *_clock(line.text)]


def _clock(greeting: str) -> list[Finding]:
    """Hold this computer's clock against the time in the greeting, which Exchange Online puts there."""
    match = _GREETING_TIME.search(greeting)
    if match is None:
        return []
    try:
        server = email.utils.parsedate_to_datetime(match.group())
    except ValueError:
        return []
    if server.tzinfo is None:
        return []
    skew = datetime.datetime.now(datetime.UTC) - server
    if abs(skew) <= MAX_CLOCK_SKEW:
        return []
    minutes, side = round(abs(skew).total_seconds() / 60), "ahead of" if skew > MAX_CLOCK_SKEW else "behind"
    return [
        Finding(
            "clock-wrong",
            Level.WARNING,
            f"This computer's clock is {minutes} minutes {side} the server's",
            "Tokens and certificates are judged by the clock, so sign-ins fail, or seem to have ended.",
            ("Let this computer take its time from the network.",),
        )
    ]


def _encryption(outcome: Outcome) -> list[Finding]:
    if outcome.tls is None:
        return []
    certificate = outcome.tls.certificate
    parts = [f"{outcome.tls.version}, {outcome.tls.cipher}."]
    if certificate is not None:
        parts.append(
            f"{certificate.subject}, issued by {certificate.issuer}, good until {certificate.not_after:%Y-%m-%d}. "
            "Another issuer than elsewhere means that a firewall opens the encryption."
        )
    title = "The connection is encrypted, the certificate is trusted"
    found = [Finding("encrypted", Level.OK, title, " ".join(parts))]
    if certificate is not None:
        left = certificate.not_after - datetime.datetime.now(datetime.UTC)
        if left < CERTIFICATE_WARNING:
            found.append(
                Finding(
                    "certificate-ends",
                    Level.WARNING,
                    f"The server's certificate ends in {left.days} days",
                    "From then on every client that verifies it breaks off.",
                    ("Tell whoever runs the server.",),
                )
            )
    return found


def _offers(profile: RelayProfile, outcome: Outcome) -> list[Finding]:
    offered = {line.partition(" ")[0].upper(): line.partition(" ")[2].strip() for line in outcome.server_limits}
    found = []
    if "AUTH" in offered:
        found.append(Finding("sign-ins-offered", Level.OK, f"Sign-ins offered: {offered['AUTH']}"))
    elif outcome.server_limits and profile.auth is Auth.NONE:
        found.append(Finding("no-sign-in-offered", Level.OK, "No sign-in is offered, and the profile does not use one"))
    size = offered.get("SIZE", "").split(" ")[0]
    if size.isdecimal() and int(size):
        detail = f"{int(size):,} bytes, as the message travels: attachments grow by a third on the way."
        found.append(
            Finding("size-limit", Level.OK, f"Messages of up to {int(size) / 1_048_576:,.0f} MB are taken", detail)
        )
    return found
