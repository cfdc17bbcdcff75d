"""The engine and the practice relay together: every way in, and every refusal the relay can give."""

import pytest

from relaywright.domain.cancel import CancelToken
from relaywright.domain.profile import Security
from relaywright.domain.secret import Secret
from relaywright.practice.practice import Practice, PracticeAddresses
from relaywright.practice.tokens import Grant
from relaywright.smtp.engine import PasswordCredential, SendPlan, TokenCredential, run
from relaywright.smtp.events import Outcome
from relaywright.smtp.message import build_test_message


def sent(
    addresses: PracticeAddresses,
    credential: PasswordCredential | TokenCredential | None,
    *,
    sender: str = "scanner@practice.example",
    recipient: str = "colleague@practice.example",
    port: int = 0,
    security: Security = Security.STARTTLS,
) -> Outcome:
    message = build_test_message(sender, [recipient])
    plan = SendPlan(
        host=addresses.host,
        port=port or addresses.smtp_port,
        security=security,
        ca_file=addresses.ca_file,
        credential=credential,
        sender=sender,
        recipients=(recipient,),
        message=message.content,
        message_id=message.message_id,
    )
    return run(plan, lambda _: None, CancelToken())


@pytest.fixture
def scanner(addresses: PracticeAddresses) -> PasswordCredential:
    person = next(user for user in addresses.users if user.address.startswith("scanner@"))
    return PasswordCredential(person.address, Secret(person.password))


def test_a_password_opens_the_submission_port(
    practice: Practice, addresses: PracticeAddresses, scanner: PasswordCredential
) -> None:
    outcome = sent(addresses, scanner)
    assert outcome.ok, outcome.transcript
    assert outcome.round_trips == 9
    assert outcome.message_id.encode() in practice.received[-1].content


def test_a_token_takes_the_minimum_of_eight_round_trips(practice: Practice, addresses: PracticeAddresses) -> None:
    person = next(user for user in addresses.users if user.address.startswith("scanner@"))
    scope = "https://outlook.office.com/SMTP.Send"
    token = practice.tokens.access(Grant(person, addresses.client_id, (scope,)))
    outcome = sent(addresses, TokenCredential(person.address, Secret(token)))
    assert outcome.ok, outcome.transcript
    assert outcome.round_trips == 8


def test_tls_from_the_first_byte(addresses: PracticeAddresses, scanner: PasswordCredential) -> None:
    assert sent(addresses, scanner, port=addresses.smtps_port, security=Security.TLS).ok


def test_direct_send_at_the_mx_endpoint(addresses: PracticeAddresses) -> None:
    assert sent(addresses, None, port=addresses.mx_port).ok


def test_a_wrong_password_and_a_broken_token_are_refused(addresses: PracticeAddresses) -> None:
    for credential in (
        PasswordCredential("scanner@practice.example", Secret("wrong-password")),
        TokenCredential("scanner@practice.example", Secret("no.real.token")),
    ):
        outcome = sent(addresses, credential)
        assert outcome.reply is not None
        assert (outcome.reply.command, outcome.reply.code) == ("AUTH", 535)
        assert outcome.authenticated is None


def test_every_refusal_on_demand_arrives_as_the_relay_says_it(
    addresses: PracticeAddresses, scanner: PasswordCredential
) -> None:
    for refusal in addresses.refusals:
        address = f"{refusal.id}@{addresses.domain}"
        match refusal.tries[-1]:
            case "user":
                outcome = sent(addresses, PasswordCredential(address, scanner.password))
            case "sender":
                outcome = sent(addresses, scanner, sender=address)
            case _:
                outcome = sent(addresses, scanner, recipient=address)
        assert not outcome.ok
        assert outcome.reply is not None, (refusal.id, outcome.failure)
        assert outcome.reply.code == refusal.reply.code, refusal.id
        assert outcome.reply.text.startswith(refusal.reply.text.split("\n")[0][:40]), refusal.id
        assert any(line.refused for line in outcome.transcript)
