"""Client submission: who comes in, and as whom they may send."""

import base64
import time
from pathlib import Path

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from raw_smtp import RawSmtp
from relaywright.catalog.catalog import Catalog
from relaywright.practice.people import Person
from relaywright.practice.practice import Practice, PracticeAddresses
from relaywright.practice.submission import header_from
from relaywright.practice.tokens import RESOURCE, Grant, Tokens

SEND = (f"{RESOURCE}/SMTP.Send",)
ALEX = Person("alex@practice.example", "Alex", "", "alex-id")


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def token_for(practice: Practice, person: Person = ALEX, scopes: tuple[str, ...] = SEND) -> str:
    return practice.tokens.access(Grant(person, practice.start().client_id, scopes))


def send(client: RawSmtp, sender: str, header: str, to: str = "anyone@contoso.com") -> str:
    client.ask(f"MAIL FROM:<{sender}>")
    client.ask(f"RCPT TO:<{to}>")
    assert client.ask("DATA").startswith("354")
    return client.ask(f"From: {header}\r\n\r\nx\r\n.")


def test_login_with_challenges(encrypted: RawSmtp) -> None:
    assert encrypted.ask("AUTH LOGIN") == "334 VXNlcm5hbWU6"
    assert encrypted.ask(encoded("scanner@practice.example")) == "334 UGFzc3dvcmQ6"
    assert encrypted.ask(encoded("Practice-Scanner-1")) == "235 2.7.0 Authentication successful"
    assert encrypted.ask("AUTH LOGIN").startswith("503 5.5.1")


def test_a_wrong_password(encrypted: RawSmtp) -> None:
    answer = encrypted.login("scanner@practice.example", "Practice-Alex-1")
    assert answer.startswith("535 5.7.139 Authentication unsuccessful, the user credentials were incorrect. [PR1P")


def test_an_unknown_user_is_told_the_same(encrypted: RawSmtp) -> None:
    assert encrypted.login("nobody@practice.example", "x").startswith(
        "535 5.7.139 Authentication unsuccessful, the user"
    )


@pytest.mark.parametrize("command", ["AUTH PLAIN AGEAYg==", "AUTH CRAM-MD5", "AUTH", "AUTH OAUTHBEARER x"])
def test_other_mechanisms_are_not_known(encrypted: RawSmtp, command: str) -> None:
    assert encrypted.ask(command).startswith("504 5.7.4 Unrecognized authentication type")


def test_sign_in_can_be_broken_off(encrypted: RawSmtp) -> None:
    encrypted.ask("AUTH LOGIN")
    assert encrypted.ask("*").startswith("501 5.7.0")
    assert encrypted.ask("NOOP").startswith("250")


@pytest.mark.parametrize("answer", ["%%%", "w6", "/////w=="])
def test_what_is_no_base64_is_refused(encrypted: RawSmtp, answer: str) -> None:
    encrypted.ask("AUTH LOGIN")
    assert encrypted.ask(answer).startswith("501 5.5.2")


def test_a_token_signs_in(encrypted: RawSmtp, practice: Practice) -> None:
    assert encrypted.xoauth2("alex@practice.example", token_for(practice)) == "235 2.7.0 Authentication successful"


def test_a_token_of_several_kilobytes_signs_in_on_one_line(encrypted: RawSmtp, practice: Practice) -> None:
    token = token_for(practice, Person(ALEX.address, "A" * 5_000, "", "alex-id"))
    assert len(token) > 6_000
    assert encrypted.xoauth2("alex@practice.example", token).startswith("235")


def test_a_token_after_a_challenge(encrypted: RawSmtp, practice: Practice) -> None:
    assert encrypted.ask("AUTH XOAUTH2").rstrip() == "334"
    blob = f"user=alex@practice.example\x01auth=Bearer {token_for(practice)}\x01\x01"
    assert encrypted.ask(encoded(blob)).startswith("235")


def test_a_shared_mailbox_opens_with_the_token_of_who_has_full_access(encrypted: RawSmtp, practice: Practice) -> None:
    assert encrypted.xoauth2("office@practice.example", token_for(practice)).startswith("235")
    assert send(encrypted, "office@practice.example", "Office <office@practice.example>").startswith("250 2.0.0 OK")
    assert practice.received[0].signed_in_as == "office@practice.example"


def test_somebody_elses_mailbox_does_not_open(encrypted: RawSmtp, practice: Practice) -> None:
    refusal = encrypted.xoauth2("scanner@practice.example", token_for(practice))
    assert refusal.startswith("535 5.7.3 Authentication unsuccessful [")


@pytest.mark.parametrize(
    "blob",
    ["", "user=alex@practice.example", "user=\x01auth=Bearer x\x01\x01", "user=a\x01auth=Basic x\x01\x01", "\x01\x01"],
)
def test_a_malformed_token_blob_is_refused(encrypted: RawSmtp, blob: str) -> None:
    assert encrypted.ask(f"AUTH XOAUTH2 {encoded(blob) or '='}").startswith("535 5.7.3")


def test_a_tampered_token_is_refused(encrypted: RawSmtp, practice: Practice) -> None:
    head, claims, signature = token_for(practice).split(".")
    other = jwt.utils.base64url_encode(
        jwt.utils.base64url_decode(claims).replace(b"alex@practice.example", b"scanner@practice.example")
    ).decode()
    assert encrypted.xoauth2("scanner@practice.example", f"{head}.{other}.{signature}").startswith("535 5.7.3")


def test_an_unsigned_token_is_refused(encrypted: RawSmtp, practice: Practice) -> None:
    claims = {"aud": RESOURCE, "upn": ALEX.address, "scp": "SMTP.Send", "tid": practice.start().tenant}
    unsigned = jwt.encode(claims | {"exp": int(time.time()) + 60}, key="", algorithm="none")
    assert encrypted.xoauth2(ALEX.address, unsigned).startswith("535 5.7.3")


def test_a_token_without_smtp_send_is_refused(encrypted: RawSmtp, practice: Practice) -> None:
    token = token_for(practice, scopes=(f"{RESOURCE}/IMAP.AccessAsUser.All",))
    assert encrypted.xoauth2(ALEX.address, token).startswith("535 5.7.3")


def test_a_refresh_token_is_no_access_token(encrypted: RawSmtp, practice: Practice) -> None:
    token = practice.tokens.refresh(Grant(ALEX, practice.start().client_id, SEND))
    assert encrypted.xoauth2(ALEX.address, token).startswith("535 5.7.3")


def test_an_expired_token_is_refused(tmp_path: Path, catalog: Catalog) -> None:
    with Practice(tmp_path, catalog, access_life_s=-1) as practice:
        addresses = practice.start()
        with RawSmtp(addresses.smtps_port, tls=addresses.ca_file) as client:
            client.ehlo()
            assert client.xoauth2(ALEX.address, token_for(practice)).startswith("535 5.7.3")


def test_a_token_of_another_practice_is_refused(encrypted: RawSmtp, practice: Practice, tmp_path: Path) -> None:
    foreign = Tokens(tmp_path, practice.tokens._tenant)
    token = foreign.access(Grant(ALEX, practice.start().client_id, SEND))
    assert encrypted.xoauth2(ALEX.address, token).startswith("535 5.7.3")


def test_a_refused_sign_in_can_be_held_back_as_the_service_does(tmp_path: Path, catalog: Catalog) -> None:
    with Practice(tmp_path, catalog, auth_delay_s=0.3) as practice:
        addresses = practice.start()
        with RawSmtp(addresses.smtps_port, tls=addresses.ca_file) as client:
            client.ehlo()
            begun = time.monotonic()
            assert client.login("scanner@practice.example", "x").startswith("535")
            assert time.monotonic() - begun >= 0.3


def test_another_from_without_send_as_is_refused_after_the_message(signed_in: RawSmtp, practice: Practice) -> None:
    answer = send(signed_in, "alex@practice.example", "alex@practice.example")
    expected = (
        "554 5.2.252 SendAsDenied; scanner@practice.example not allowed to send as alex@practice.example; STOREDRV."
    )
    assert answer.startswith(expected)
    assert practice.received == []


def test_another_from_in_the_header_alone_is_refused_too(signed_in: RawSmtp) -> None:
    assert send(signed_in, "scanner@practice.example", "alex@practice.example").startswith("554 5.2.252 SendAsDenied")


def test_a_bounce_is_refused(signed_in: RawSmtp) -> None:
    assert send(signed_in, "", "MAILER-DAEMON@practice.example").startswith("554 5.2.252 SendAsDenied")


def test_send_as_lets_another_from_through(signed_in: RawSmtp, practice: Practice) -> None:
    assert send(signed_in, "office@practice.example", "Office <OFFICE@practice.example>").startswith("250 2.0.0 OK")
    assert practice.received[0].sender == "office@practice.example"


def test_a_from_that_tries_to_write_the_reply_itself(signed_in: RawSmtp) -> None:
    answer = send(signed_in, "scanner@practice.example", '"a\r\n 250 2.0.0 OK"@x.example')
    assert answer.startswith("554 5.2.252")
    assert signed_in.ask("NOOP").startswith("250 2.0.0 OK")


@given(st.binary(max_size=400))
def test_any_header_can_be_read(content: bytes) -> None:
    assert isinstance(header_from(b"From: " + content), str)


def test_a_message_without_from_goes_by_its_envelope(signed_in: RawSmtp, addresses: PracticeAddresses) -> None:
    signed_in.ask("MAIL FROM:<scanner@practice.example>")
    signed_in.ask(f"RCPT TO:<a@{addresses.domain}>")
    signed_in.ask("DATA")
    assert signed_in.ask("\r\nbody\r\n.").startswith("250 2.0.0 OK")
