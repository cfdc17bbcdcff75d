"""A run as plain text for a ticket: what was tried, what came of it, what to do, every line. No secret reaches it."""

from relaywright.domain.profile import RelayProfile
from relaywright.gui.models import wording
from relaywright.gui.models.run_view import RunView
from relaywright.smtp.transcript import as_text


def ticket_text(profile: RelayProfile, run: RunView) -> str:
    """Return the text, ending with a line feed."""
    host = profile.host or f"MX of {profile.sender.rpartition('@')[2]}"
    lines = [
        f"{run.title}",
        "",
        f"Profile:  {profile.name} ({wording.METHODS[profile.method]}, {profile.cloud})",
        f"Server:   {host}, port {profile.port}, {wording.SECURITIES[profile.security]}",
        f"Sign-in:  {wording.SIGN_INS[profile.auth]}{f', {profile.username}' if profile.username else ''}",
        f"From:     {profile.sender}",
        f"When:     {run.started_at.isoformat(timespec='seconds')} ({run.kind})",
    ]
    if run.message_id:
        lines.append(f"Message:  {run.message_id}")
    if run.reply is not None:
        lines.append(f"Reply:    {run.reply.one_line}")
    if run.rejected is not None:
        lines += [f"{f'{name}:':<15}{value}" for name, value in run.rejected.facts()]
    explanation = run.explanation
    if explanation is not None:
        lines += ["", explanation.cause, *(f"{number}. {step}" for number, step in enumerate(explanation.steps, 1))]
        if explanation.powershell:
            lines += ["", explanation.powershell]
    if run.findings:
        lines += ["", "What the check saw:"]
        for finding in run.findings:
            lines.append(f"- {finding.level.value}: {finding.title}{f' ({finding.detail})' if finding.detail else ''}")
    return "\n".join([*lines, "", as_text(run.lines).rstrip("\n"), ""])
