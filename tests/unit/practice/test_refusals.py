"""Every refusal the practice offers, called up over the wire, and recognised by the catalogue it came from."""

import pytest

from raw_smtp import RawSmtp
from relaywright import paths
from relaywright.catalog.catalog import Catalog
from relaywright.domain.reply import Reply, Stage, without_service_tail
from relaywright.practice.people import Person
from relaywright.practice.practice import Practice, PracticeAddresses
from relaywright.practice.refusals import PracticeRefusal, RefusalBook
from relaywright.practice.tokens import RESOURCE, Grant

ALL = RefusalBook(Catalog.load(paths.resources()).replies).all
BY_ENVELOPE = [refusal for refusal in ALL if refusal.stage is not Stage.AUTH]
BY_USER = [refusal for refusal in ALL if refusal.stage is Stage.AUTH]
SCANNER = "scanner@practice.example"


def as_reply(answer: str) -> Reply:
    return Reply(int(answer[:3]), without_service_tail("\n".join(line[4:] for line in answer.split("\n"))))


def expected(refusal: PracticeRefusal) -> Reply:
    return Reply(refusal.reply.code, without_service_tail(refusal.reply.text))


def envelope(client: RawSmtp, stage: Stage, sender: str, recipient: str) -> str:
    steps = {Stage.MAIL: f"MAIL FROM:<{sender}>", Stage.RCPT: f"RCPT TO:<{recipient}>"}
    for step, command in steps.items():
        answer = client.ask(command)
        if step is stage:
            return answer
        assert answer.startswith("250"), answer
    assert client.ask("DATA").startswith("354")
    return client.ask(f"From: {SCANNER}\r\n\r\nx\r\n.")


def test_there_are_refusals_at_every_stage() -> None:
    assert {refusal.stage for refusal in ALL} >= {Stage.AUTH, Stage.MAIL, Stage.DATA}
    assert len(ALL) >= 10


@pytest.mark.parametrize("refusal", BY_USER, ids=lambda refusal: refusal.id)
def test_a_user_calls_up_a_refused_password(encrypted: RawSmtp, refusal: PracticeRefusal) -> None:
    answer = encrypted.login(f"{refusal.id}@practice.example", "any")
    assert as_reply(answer) == expected(refusal)
    assert (encrypted.ask("NOOP") == "") == (refusal.reply.code == 421)


@pytest.mark.parametrize("refusal", BY_USER, ids=lambda refusal: refusal.id)
def test_a_tag_calls_up_a_refused_token(encrypted: RawSmtp, practice: Practice, refusal: PracticeRefusal) -> None:
    user = f"scanner+{refusal.id}@practice.example"
    token = practice.tokens.access(Grant(Person(user, "", "", "id"), "client", (f"{RESOURCE}/SMTP.Send",)))
    assert as_reply(encrypted.xoauth2(user, token)) == expected(refusal)


@pytest.mark.parametrize("refusal", BY_ENVELOPE, ids=lambda refusal: refusal.id)
def test_an_address_of_the_envelope_calls_up_a_refusal(signed_in: RawSmtp, refusal: PracticeRefusal) -> None:
    name = f"{refusal.id}@practice.example"
    if "recipient" in refusal.tries:
        assert as_reply(envelope(signed_in, refusal.stage, SCANNER, name)) == expected(refusal)
        if refusal.reply.code == 421:
            return
        signed_in.ask("RSET")
    assert as_reply(envelope(signed_in, refusal.stage, name, "a@contoso.com")) == expected(refusal)


@pytest.mark.parametrize("refusal", BY_ENVELOPE, ids=lambda refusal: refusal.id)
def test_a_user_named_like_a_later_refusal_signs_in_and_meets_it(encrypted: RawSmtp, refusal: PracticeRefusal) -> None:
    assert encrypted.login(f"{refusal.id}@practice.example", "any").startswith("235")
    assert as_reply(envelope(encrypted, refusal.stage, SCANNER, "a@contoso.com")) == expected(refusal)


@pytest.mark.parametrize("refusal", BY_ENVELOPE, ids=lambda refusal: refusal.id)
def test_the_mx_endpoint_knows_the_refusals_of_the_envelope(endpoint: RawSmtp, refusal: PracticeRefusal) -> None:
    name = f"{refusal.id}@practice.example"
    assert as_reply(envelope(endpoint, refusal.stage, name, "alex@practice.example")) == expected(refusal)


@pytest.mark.parametrize("refusal", ALL, ids=lambda refusal: refusal.id)
def test_what_the_relay_says_is_explained_by_the_same_entry(catalog: Catalog, refusal: PracticeRefusal) -> None:
    assert catalog.explain_reply(refusal.reply, refusal.stage, {}).id == refusal.id


def test_ordinary_names_call_nothing_up() -> None:
    book = RefusalBook(Catalog.load(paths.resources()).replies)
    for name in ("scanner@practice.example", "", "@", "+", "scanner+copy@practice.example", "send-as@practice.example"):
        assert book.named_by(name) is None


def test_the_list_says_what_to_use_where(addresses: PracticeAddresses) -> None:
    by_id = {entry["id"]: entry for entry in addresses.as_json()["refusals"]}
    assert by_id["send-as-denied"]["use_as"] == ["user", "sender", "recipient"]
    assert by_id["smtp-auth-disabled-tenant"]["address"] == "smtp-auth-disabled-tenant@practice.example"
    assert by_id["smtp-auth-disabled-tenant"]["reply"].startswith("535 5.7.139 ")
