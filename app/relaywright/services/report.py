"""What a check or send came to, and the JSON document that the command-line contract promises of it."""

import dataclasses
import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relaywright.domain.explanation import Explanation
from relaywright.domain.finding import Finding
from relaywright.domain.profile import RelayProfile
from relaywright.domain.reply import FailureKind, Reply
from relaywright.smtp.events import CertificateFacts, Outcome, TlsFacts

if TYPE_CHECKING:
    from relaywright.services.explain_pasted import PastedExplanation

_NO_ANSWER = {
    FailureKind.NAME_NOT_FOUND,
    FailureKind.NAME_NO_ANSWER,
    FailureKind.NO_MX,
    FailureKind.CONNECT_TIMEOUT,
    FailureKind.NO_REPLY,
    FailureKind.UNREACHABLE,
}

_AREAS = {
    "Network": "the network’s",
    "Microsoft": "the service’s",
    "Profile": "the profile’s",
    "Account owner": "the account’s",
    "Recipient's administrator": "the recipient’s",
    "Administrator of the device or program": "the device’s",
    "Relaywright’s makers": "Relaywright’s makers’",
}
"""Whose move it is, for those of the catalogue's ``who`` that are no administrator of the tenant."""


@dataclass(frozen=True)
class Report:
    """One run with its explanation. ``explanation`` is None only when it worked."""

    profile: RelayProfile
    kind: str
    """``send`` or ``check``."""
    started_at: datetime.datetime
    outcome: Outcome
    explanation: Explanation | None
    findings: tuple[Finding, ...] = ()
    kept: bool = True
    """Whether the history has it."""

    @property
    def total_ms(self) -> float:
        """From the first look-up to the end of the last phase."""
        return max((phase.at_ms + phase.ms for phase in self.outcome.phases), default=0.0)

    @property
    def title(self) -> str:
        """The answer in one sentence."""
        if self.explanation is not None:
            return self.explanation.title
        return "The server took the message" if self.kind == "send" else "A test would go through"

    @property
    def verdict(self) -> str:
        """Whether a test would work, and if not, whose move it is, in one sentence; for a check."""
        if self.explanation is None:
            return "A test would go through."
        area = _AREAS.get(self.explanation.who, "the tenant’s")
        who = "" if self.explanation.who in _AREAS else f" ({self.explanation.who})"
        return f"A test would fail, and the next move is {area}{who}."

    @property
    def unanswered(self) -> bool:
        """Whether it failed because the network or a name did not answer."""
        return self.outcome.failure is not None and self.outcome.failure.kind in _NO_ANSWER


def report_document(report: Report) -> dict[str, Any]:
    """Return the document of ``send --json`` and ``check --json``, as the history keeps it too."""
    outcome = report.outcome
    document: dict[str, Any] = {
        "profile": report.profile.name,
        "ok": outcome.ok,
        "started_at": report.started_at.isoformat(),
    }
    if report.kind == "send":
        document["message_id"] = outcome.message_id
    else:
        document["verdict"] = report.verdict
    document |= {
        "tls": _tls(outcome.tls),
        "rejected_certificate": _certificate(outcome.rejected_certificate),
        "authenticated": dataclasses.asdict(outcome.authenticated) if outcome.authenticated else None,
        "reply": reply_document(outcome.reply),
        "failure": (
            {
                "kind": outcome.failure.kind.value,
                "stage": outcome.failure.stage.value,
                "detail": outcome.failure.detail,
            }
            if outcome.failure
            else None
        ),
        "phases": [
            {"name": phase.name.value, "ms": round(phase.ms, 1), "at_ms": round(phase.at_ms, 1), "ok": phase.ok}
            for phase in outcome.phases
        ],
        "round_trips": outcome.round_trips,
        "recipients": [
            {"address": answer.recipient, "reply": reply_document(answer.reply)} for answer in outcome.recipients
        ],
        "transcript": [
            {"ms": round(line.ms, 1), "from": line.speaker.value, "line": line.text, "refused": line.refused}
            for line in outcome.transcript
        ],
        "explanation": explanation_document(report.explanation) if report.explanation else None,
        "findings": [finding_document(finding) for finding in report.findings],
    }
    return document


def explanation_document(explanation: Explanation) -> dict[str, Any]:
    """Return the contract's ``explanation`` object."""
    return {
        "id": explanation.id,
        "title": explanation.title,
        "cause": explanation.cause,
        "temporary": explanation.temporary,
        "steps": list(explanation.steps),
        "powershell": explanation.powershell,
        "who": explanation.who,
        "sources": list(explanation.sources),
        "checked": explanation.checked.isoformat() if explanation.checked else None,
        "sureness": explanation.sureness.value,
        "confidence": explanation.confidence.value,
    }


def pasted_document(answer: "PastedExplanation") -> dict[str, Any]:
    """Return the ``explanation`` object with the lines it came from under ``found``, in the text's order."""
    deciding = answer.deciding
    found = [
        {
            "line": item.line,
            "last_line": item.last_line,
            "where": item.where or None,
            "recipient": item.recipient or None,
            "text": item.text,
            "times": item.times,
            "id": item.explanation.id,
            "title": item.explanation.title,
            "confidence": item.explanation.confidence.value,
            "best": item is deciding,
        }
        for item in answer.found
    ]
    return {**explanation_document(answer.best), "found": found}


def finding_document(finding: Finding) -> dict[str, Any]:
    """Return the contract's ``findings`` entry."""
    return {
        "id": finding.id,
        "level": finding.level.value,
        "title": finding.title,
        "detail": finding.detail,
        "steps": list(finding.steps),
        "field": finding.field or None,
    }


def reply_document(reply: Reply | None) -> dict[str, Any] | None:
    """Return the contract's ``reply`` object."""
    if reply is None:
        return None
    return {"code": reply.code, "enhanced": reply.enhanced or None, "text": reply.text, "command": reply.command}


def _tls(tls: TlsFacts | None) -> dict[str, Any] | None:
    if tls is None:
        return None
    return {"version": tls.version, "cipher": tls.cipher, "certificate": _certificate(tls.certificate)}


def _certificate(certificate: CertificateFacts | None) -> dict[str, Any] | None:
    if certificate is None:
        return None
    return {
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "not_before": certificate.not_before.isoformat(),
        "not_after": certificate.not_after.isoformat(),
        "names": list(certificate.names),
        "trusted": certificate.trusted,
    }
