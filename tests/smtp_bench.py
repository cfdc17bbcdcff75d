"""A bench for the SMTP engine: plans, certificates of a throw-away authority, and runs whose events are kept."""

import datetime
import ssl
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trustme

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled
from relaywright.domain.profile import Security
from relaywright.domain.secret import Secret
from relaywright.smtp.engine import PasswordCredential, SendPlan, TimeLimits, run
from relaywright.smtp.events import Event, Outcome
from relaywright.smtp.message import build_test_message
from scripted_server import Handler, Script, ScriptedServer

PASSWORD = "Canary-Pa55word-9137"
TOKEN = "eyJ0eXAiOiJKV1QiLCJub25jZSI6" + "Canary7Token" * 120 + ".c2lnbmF0dXJl"
SHORT = TimeLimits(2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 0.3, 5.0)
"""Long enough for a loaded machine where an answer comes, short where none does."""


def server_context(
    ca: trustme.CA,
    name: str = "localhost",
    not_before: datetime.datetime | None = None,
    not_after: datetime.datetime | None = None,
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(name, not_before=not_before, not_after=not_after).configure_cert(context)
    return context


@dataclass
class Bench:
    """Makes plans and runs them against scripted servers."""

    ca: trustme.CA
    ca_file: Path

    def script(self, **how: object) -> Script:
        return Script(**{"tls": server_context(self.ca)} | how)  # type: ignore[arg-type]

    def plan(self, port: int, /, **how: object) -> SendPlan:
        message = build_test_message("alice@contoso.test", ["bob@contoso.test"])
        plan = SendPlan(
            host="localhost",
            port=port,
            security=Security.STARTTLS,
            ca_file=self.ca_file,
            credential=PasswordCredential("alice@contoso.test", Secret(PASSWORD)),
            sender="alice@contoso.test",
            recipients=("bob@contoso.test",),
            message=message.content,
            message_id=message.message_id,
            limits=SHORT,
        )
        return replace(plan, **how)  # type: ignore[arg-type]

    def run(self, handler: Handler, **how: object) -> "Ran":
        with ScriptedServer(handler) as server:
            events: list[Event] = []
            started = time.monotonic()
            outcome = run(self.plan(server.port, **how), events.append, CancelToken())
            return Ran(outcome, events, server, time.monotonic() - started)

    def cancel_when(self, handler: Handler, ready: threading.Event, **how: object) -> float:
        """Cancel as soon as ``ready`` is set; return the seconds from there to the end of the session."""
        cancel = CancelToken()
        ended: list[float] = []

        def session(plan: SendPlan) -> None:
            with pytest.raises(Cancelled):
                run(plan, lambda _: None, cancel)
            ended.append(time.monotonic())

        with ScriptedServer(handler) as server:
            plan = self.plan(server.port, limits=replace(SHORT, connect_s=60, tls_s=60, reply_s=60, whole_s=60), **how)
            thread = threading.Thread(target=session, args=(plan,))
            thread.start()
            assert ready.wait(10)
            cancelled_at = time.monotonic()
            cancel.cancel()
            thread.join(10)
            return ended[0] - cancelled_at


@dataclass
class Ran:
    """One finished run."""

    outcome: Outcome
    events: list[Event]
    server: ScriptedServer
    took_s: float

    @property
    def transcript(self) -> str:
        return "\n".join(line.text for line in self.outcome.transcript)

    @property
    def everything(self) -> str:
        return repr(self.events) + repr(self.outcome)
