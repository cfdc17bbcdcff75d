"""The practice relay: three ports that behave like Exchange Online, and what they took.

The conversation is session.py's, the rules are submission.py's and endpoint.py's. Nothing is passed on anywhere.
"""

import email.parser
import email.policy
import re
import socket
import threading
import uuid
from collections import deque
from dataclasses import dataclass

from relaywright.practice.authority import Authority
from relaywright.practice.channel import Channel
from relaywright.practice.endpoint import EndpointPolicy
from relaywright.practice.listener import Listener
from relaywright.practice.people import PracticeTenant
from relaywright.practice.policy import Policy
from relaywright.practice.refusals import RefusalBook
from relaywright.practice.session import House, Session, Taken
from relaywright.practice.submission import SubmissionGate, SubmissionPolicy
from relaywright.practice.tokens import Tokens

SUBMISSION_PORT, SMTPS_PORT, ENDPOINT_PORT = 2587, 2465, 2525
IDLE_S = 120.0
MAX_KEPT_MESSAGES = 200
MAX_KEPT_BYTES = 104_857_600
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,200}>")


@dataclass(frozen=True)
class ReceivedMessage:
    """A message the relay took."""

    id: str
    """Its Message-ID, or the one the relay gave it."""
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    endpoint: str
    """``submission`` or ``mx``."""
    signed_in_as: str
    mechanism: str
    tls_version: str
    ehlo_name: str


class PracticeRelay:
    """Submission with STARTTLS, submission with TLS from the first byte, and the tenant's MX endpoint."""

    def __init__(
        self,
        authority: Authority,
        tenant: PracticeTenant,
        refusals: RefusalBook,
        tokens: Tokens,
        *,
        idle_s: float = IDLE_S,
        auth_delay_s: float = 0.0,
        reject_direct_send: bool = False,
    ) -> None:
        self._idle_s = idle_s
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._received: deque[ReceivedMessage] = deque(maxlen=MAX_KEPT_MESSAGES)
        self.endpoint_rules = EndpointPolicy(tenant, reject_direct_send=reject_direct_send)
        gate = SubmissionGate(tenant, refusals, tokens)
        submission = SubmissionPolicy(tenant, gate)

        def house(policy: Policy) -> House:
            context = authority.server_context if policy.gate else authority.endpoint_context
            return House(
                policy, refusals, context, lambda taken: self._keep(policy.name, taken), self._stopping, auth_delay_s
            )

        self._submission = self._listener("submission", house(submission))
        self._smtps = self._listener("smtps", house(submission), implicit_tls=True)
        self._endpoint = self._listener("mx", house(self.endpoint_rules))

    @property
    def submission_port(self) -> int:
        """The port with STARTTLS."""
        return self._submission.port

    @property
    def smtps_port(self) -> int:
        """The port with TLS from the first byte."""
        return self._smtps.port

    @property
    def endpoint_port(self) -> int:
        """The port of the MX endpoint."""
        return self._endpoint.port

    @property
    def received(self) -> list[ReceivedMessage]:
        """What was taken, oldest first; the oldest are dropped when there is too much."""
        with self._changed:
            return list(self._received)

    def start(self, *, fixed_ports: bool = False) -> None:
        """Listen; on the well-known ports where asked and free. Raises OSError."""
        self._stopping.clear()
        self._submission.start(SUBMISSION_PORT if fixed_ports else 0)
        self._smtps.start(SMTPS_PORT if fixed_ports else 0)
        self._endpoint.start(ENDPOINT_PORT if fixed_ports else 0)

    def stop(self) -> None:
        """End all sessions and free the ports."""
        self._stopping.set()
        for listener in (self._submission, self._smtps, self._endpoint):
            listener.stop()

    def wait_for_messages(self, count: int, timeout_s: float) -> list[ReceivedMessage]:
        """Return what was taken as soon as there are ``count`` messages, or when the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._received) >= count, timeout_s)
            return list(self._received)

    def forget_messages(self) -> None:
        """Drop what was taken."""
        with self._changed:
            self._received.clear()

    def _listener(self, name: str, house: House, *, implicit_tls: bool = False) -> Listener:
        def serve(connection: socket.socket, peer: str) -> None:
            Session(Channel(connection, self._idle_s), peer, house).run(implicit_tls=implicit_tls)

        return Listener(name, serve)

    def _keep(self, endpoint: str, taken: Taken) -> str:
        client = taken.client
        message = ReceivedMessage(
            id=_message_id(taken.content) or f"<{uuid.uuid4()}@practice.example>",
            sender=taken.sender,
            recipients=taken.recipients,
            content=taken.content,
            endpoint=endpoint,
            signed_in_as=client.signed_in_as,
            mechanism=client.mechanism,
            tls_version=client.tls_version,
            ehlo_name=client.ehlo_name,
        )
        with self._changed:
            self._received.append(message)
            while len(self._received) > 1 and sum(len(one.content) for one in self._received) > MAX_KEPT_BYTES:
                self._received.popleft()
            self._changed.notify_all()
        return message.id


def _message_id(content: bytes) -> str:
    header = content[:65_536].partition(b"\r\n\r\n")[0]
    parsed = email.parser.BytesParser(policy=email.policy.compat32).parsebytes(header, headersonly=True)
    match = _MESSAGE_ID.search(str(parsed.get("Message-ID", "")))
    return match.group() if match and match.group().isascii() else ""
