"""The rules of client submission: TLS, then sign-in, then only as oneself or with Send As.

Sources: resources/facts/replies.toml; Microsoft's page on devices and applications that send mail.
"""

import email.parser
import email.policy
import email.utils

from relaywright.domain.reply import Reply, Stage
from relaywright.practice import replies
from relaywright.practice.people import PracticeTenant
from relaywright.practice.policy import Client, Policy
from relaywright.practice.refusals import RefusalBook
from relaywright.practice.tokens import TokenFault, Tokens

MAX_RECIPIENTS = 500
"""Exchange Online's default per message."""
_HEADER_LIMIT = 65_536


class SubmissionGate:
    """Passwords of the practice people, and tokens of the practice sign-in."""

    def __init__(self, tenant: PracticeTenant, refusals: RefusalBook, tokens: Tokens) -> None:
        self._tenant = tenant
        self._refusals = refusals
        self._tokens = tokens

    def password(self, user: str, password: str) -> Reply | None:
        """Refuse a wrong password. A user named like a refusal of a later stage comes in with any."""
        refusal = self._refusals.at(Stage.AUTH, user)
        if refusal is not None:
            return refusal
        person = self._tenant.person(user)
        if person is not None:
            return None if person.knows(password) else replies.UNKNOWN_USER_OR_PASSWORD
        if password and self._refusals.named_by(user) is not None:
            return None
        return replies.UNKNOWN_USER_OR_PASSWORD

    def token(self, user: str, token: str) -> Reply | None:
        """Refuse a token that is not ours, over, for something else, or of somebody without that mailbox."""
        refusal = self._refusals.at(Stage.AUTH, user)
        if refusal is not None:
            return refusal
        try:
            upn = self._tokens.verify(token)
        except TokenFault:
            return replies.SIGN_IN_FAILED
        return None if self._tenant.may_open(user, upn) else replies.SIGN_IN_FAILED


class SubmissionPolicy(Policy):
    """What smtp.office365.com does at ports 587 and 25. It takes every recipient: nothing leaves this machine."""

    name = "submission"
    host = "PR1P000CA0001.practice.example"

    def __init__(self, tenant: PracticeTenant, gate: SubmissionGate) -> None:
        self._tenant = tenant
        self.gate = gate

    def mail(self, client: Client, _sender: str, /) -> Reply | None:
        """Refuse without TLS and without sign-in; who may send as whom is said after the message, as in the service."""
        if not client.tls_version:
            return replies.TLS_REQUIRED
        if client.signed_in_as:
            return None
        if client.failed_sign_in is None:
            return replies.NOT_SIGNED_IN
        inner = client.failed_sign_in
        return Reply(530, f"{replies.NOT_SIGNED_IN.text} Error: {inner.code} {inner.text}")

    def message(self, client: Client, sender: str, content: bytes, /) -> Reply | None:
        """Refuse a From (of the envelope, then of the header) that the mailbox has no Send As for."""
        for address in (sender, header_from(content) or sender):
            if not self._tenant.may_send_as(client.signed_in_as, address):
                return replies.send_as_denied(client.signed_in_as, address or "<>")
        return None


def header_from(content: bytes) -> str:
    """Return the address in the From header; empty when there is none that can be read."""
    header = content[:_HEADER_LIMIT].partition(b"\r\n\r\n")[0]
    parsed = email.parser.BytesParser(policy=email.policy.compat32).parsebytes(header, headersonly=True)
    return email.utils.parseaddr(str(parsed.get("From", "")))[1].lower()
