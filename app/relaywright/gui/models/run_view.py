"""One run as the pages show it, whether it just happened (Report) or was read from the history (Run).

The history keeps the command line's JSON document; this is the way back from it to typed parts.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from relaywright.domain.explanation import Explanation, MatchConfidence, Sureness
from relaywright.domain.finding import Finding, Level
from relaywright.domain.reply import Reply
from relaywright.gui.models import seen_certificate
from relaywright.gui.models.seen_certificate import SeenCertificate
from relaywright.services.report import Report, report_document
from relaywright.smtp.events import Line, Phase, PhaseName, Speaker
from relaywright.store.records import Run


@dataclass(frozen=True)
class RunView:
    """How a run ended and what is known of it."""

    kind: str
    started_at: datetime.datetime
    ok: bool
    title: str
    explanation: Explanation | None
    phases: tuple[Phase, ...]
    lines: tuple[Line, ...]
    total_ms: float
    round_trips: int
    reply: Reply | None
    failed_at: str
    """The stage at which something below SMTP went wrong; empty when a reply decided."""
    message_id: str
    tls_version: str
    tls_cipher: str
    certificate_subject: str
    certificate_until: datetime.datetime | None
    rejected: SeenCertificate | None
    """The certificate that was not accepted."""
    mechanism: str
    """How it signed in; empty when no 235 was seen."""
    recipients: tuple[tuple[str, Reply | None], ...]
    findings: tuple[Finding, ...] = ()
    """What a check saw, without what the explanation tells."""

    @property
    def broken_phase(self) -> PhaseName | None:
        """The phase in which it went wrong."""
        if self.ok:
            return None
        failed = [phase.name for phase in self.phases if not phase.ok]
        if failed:
            return failed[0]
        return self.phases[-1].name if self.phases else None


def of_report(report: Report) -> RunView:
    """Return the view of a run that just ended."""
    return _view(report.kind, report.started_at, report.title, report.total_ms, report_document(report))


def of_run(run: Run) -> RunView:
    """Return the view of a run from the history. What an older version did not write is left empty."""
    return _view(run.kind, run.started_at, run.title, run.total_ms, run.report)


def _view(
    kind: str, started_at: datetime.datetime, title: str, total_ms: float, document: Mapping[str, Any]
) -> RunView:
    tls = document.get("tls") or {}
    certificate = tls.get("certificate") or {}
    authenticated = document.get("authenticated") or {}
    failure = document.get("failure") or {}
    return RunView(
        kind=kind,
        started_at=started_at,
        ok=bool(document.get("ok")),
        title=title,
        explanation=_explanation(document.get("explanation")),
        phases=_phases(document.get("phases", ())),
        lines=tuple(
            Line(item["ms"], Speaker(item["from"]), item["line"], bool(item.get("refused")))
            for item in document.get("transcript", ())
        ),
        total_ms=total_ms,
        round_trips=int(document.get("round_trips", 0)),
        reply=_reply(document.get("reply")),
        failed_at=str(failure.get("stage", "")),
        message_id=str(document.get("message_id", "")),
        tls_version=str(tls.get("version", "")),
        tls_cipher=str(tls.get("cipher", "")),
        certificate_subject=str(certificate.get("subject", "")),
        certificate_until=_day(certificate.get("not_after")),
        rejected=seen_certificate.of_document(document.get("rejected_certificate")),
        mechanism=str(authenticated.get("mechanism", "")),
        recipients=tuple((item["address"], _reply(item.get("reply"))) for item in document.get("recipients", ())),
        findings=_findings(document) if kind == "check" else (),
    )


def _findings(document: Mapping[str, Any]) -> tuple[Finding, ...]:
    told = (document.get("explanation") or {}).get("id")
    return tuple(
        Finding(
            str(item["id"]),
            Level(item["level"]),
            str(item["title"]),
            str(item.get("detail", "")),
            tuple(item.get("steps", ())),
            str(item.get("field") or ""),
        )
        for item in document.get("findings", ())
        if item["id"] != told
    )


def _phases(items: Any) -> tuple[Phase, ...]:
    phases = []
    clock = 0.0
    for item in items:
        at = float(item.get("at_ms", clock))
        phases.append(Phase(PhaseName(item["name"]), at, float(item["ms"]), bool(item.get("ok", True))))
        clock = at + float(item["ms"])
    return tuple(phases)


def _reply(item: Mapping[str, Any] | None) -> Reply | None:
    return Reply(int(item["code"]), str(item["text"]), str(item.get("command", ""))) if item else None


def _day(text: str | None) -> datetime.datetime | None:
    return datetime.datetime.fromisoformat(text) if text else None


def _explanation(item: Mapping[str, Any] | None) -> Explanation | None:
    if not item:
        return None
    checked = item.get("checked")
    return Explanation(
        id=str(item["id"]),
        title=str(item["title"]),
        cause=str(item["cause"]),
        temporary=bool(item["temporary"]),
        steps=tuple(item["steps"]),
        powershell=str(item["powershell"]),
        who=str(item["who"]),
        sources=tuple(item["sources"]),
        checked=datetime.date.fromisoformat(checked) if checked else None,
        sureness=Sureness(item.get("sureness", Sureness.UNVERIFIED)),
        confidence=MatchConfidence(item.get("confidence", MatchConfidence.UNKNOWN)),
    )
