"""The conversation without a wire: replies in, commands out, as tables."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywright.domain.profile import Security
from relaywright.domain.reply import FailureKind, Reply
from relaywright.domain.secret import Secret
from relaywright.smtp.dialogue import MAX_AUTH_LINE_OCTETS, MAX_BLIND_MESSAGE_OCTETS, Conversation, Findings
from relaywright.smtp.plan import PasswordCredential, SendPlan, TokenCredential
from relaywright.smtp.steps import Begin, Hear, Say, StartTls
from relaywright.smtp.trouble import Trouble

PLAN = SendPlan(
    host="mail.test",
    port=25,
    security=Security.NONE,
    sender="a@x.test",
    recipients=("b@x.test", "c@x.test"),
    message=b"Subject: hi\r\n\r\nhello\r\n",
)
SIGNED = replace(PLAN, security=Security.TLS, credential=PasswordCredential("u", Secret("p")))
GREETING = ["220 hi", "250-me\n250-SIZE 1000"]
PIPELINING = ["220 hi", "250-me\n250 PIPELINING"]
BLIND = ["220 hi", "250-me\n250-PIPELINING\n250 CHUNKING"]


def played(plan: SendPlan, replies: list[str]) -> tuple[list[str], Findings]:
    """Run the conversation on the replies; return what was said, one text per write, ``[TLS]`` for the handshake."""
    conversation = Conversation(plan, "host.test")
    steps, said, left, answer = conversation.steps(), [], list(replies), None
    try:
        while True:
            step = steps.send(answer)
            answer = None
            match step:
                case Say(commands):
                    said.append("|".join(command.wire.decode().rstrip("\r\n") for command in commands))
                case StartTls():
                    said.append("[TLS]")
                case Hear(command):
                    assert left, f"a reply too few, after {said}"
                    lines = left.pop(0).split("\n")
                    answer = Reply(int(lines[0][:3]), "\n".join(line[4:] for line in lines), command)
    except StopIteration:
        assert not left, f"replies nobody waited for: {left}"
        return said, conversation.findings


def test_plain_and_slow_one_command_after_the_other() -> None:
    said, found = played(PLAN, [*GREETING, "250 ok", "250 ok", "250 ok", "354 go", "250 queued", "221 bye"])
    assert said == [
        "EHLO host.test",
        "MAIL FROM:<a@x.test> SIZE=22",
        "RCPT TO:<b@x.test>",
        "RCPT TO:<c@x.test>",
        "DATA",
        "Subject: hi\r\n\r\nhello|.",
        "QUIT",
    ]
    assert found.message_taken


def test_pipelining_sends_the_envelope_in_one_write() -> None:
    said, found = played(PLAN, [*PIPELINING, "250 ok", "250 ok", "250 ok", "354 go", "250 queued", "221 bye"])
    assert said == [
        "EHLO host.test",
        "MAIL FROM:<a@x.test>|RCPT TO:<b@x.test>|RCPT TO:<c@x.test>|DATA",
        "Subject: hi\r\n\r\nhello|.|QUIT",
    ]
    assert found.message_taken


def test_chunking_sends_everything_in_one_write() -> None:
    said, found = played(PLAN, [*BLIND, "250 ok", "250 ok", "250 ok", "250 queued", "221 bye"])
    assert said[1:] == [
        "MAIL FROM:<a@x.test>|RCPT TO:<b@x.test>|RCPT TO:<c@x.test>|BDAT 22 LAST|Subject: hi\r\n\r\nhello|QUIT"
    ]
    assert found.message_taken


def test_a_large_message_waits_for_the_envelope() -> None:
    plan = replace(PLAN, message=b"x" * MAX_BLIND_MESSAGE_OCTETS)
    said, _ = played(plan, [*BLIND, "250 ok", "250 ok", "250 ok", "250 queued", "221 bye"])
    assert said[1] == "MAIL FROM:<a@x.test>|RCPT TO:<b@x.test>|RCPT TO:<c@x.test>"
    assert said[2].startswith(f"BDAT {MAX_BLIND_MESSAGE_OCTETS + 2} LAST|")


@pytest.mark.parametrize(
    ("opening", "replies", "decided", "last"),
    [
        (GREETING, ["550 no", "221 bye"], ("MAIL", 550), "QUIT"),
        (GREETING, ["250 ok", "550 no", "551 no", "221 bye"], ("RCPT", 550), "QUIT"),
        (GREETING, ["250 ok", "250 ok", "250 ok", "554 no", "221 bye"], ("DATA", 554), "QUIT"),
        (GREETING, ["250 ok", "250 ok", "250 ok", "354 go", "554 no", "221 bye"], ("DATA", 554), "QUIT"),
        (PIPELINING, ["550 no", "503 no", "503 no", "503 no", "221 bye"], ("MAIL", 550), "QUIT"),
        (PIPELINING, ["250 ok", "550 no", "551 no", "354 go", "554 none", "221 bye"], ("RCPT", 550), "QUIT"),
        (PIPELINING, ["250 ok", "550 no", "551 no", "503 no", "221 bye"], ("RCPT", 550), "QUIT"),
        (BLIND, ["550 no", "503 no", "503 no", "503 no", "221 bye"], ("MAIL", 550), "QUIT"),
        (BLIND, ["250 ok", "550 no", "250 ok", "250 queued", "221 bye"], ("RCPT", 550), "QUIT"),
        (BLIND, ["250 ok", "250 ok", "250 ok", "552 5.3.4 too big", "221 bye"], ("BDAT", 552), "QUIT"),
    ],
)
def test_the_first_refusal_decides(opening: list[str], replies: list[str], decided: tuple[str, int], last: str) -> None:
    said, found = played(PLAN, [*opening, *replies])
    assert found.refusal is not None
    assert (found.refusal.command, found.refusal.code) == decided
    assert said[-1].endswith(last)


def test_nothing_is_sent_to_nobody_when_the_server_opens_the_door_anyway() -> None:
    said, _ = played(PLAN, [*PIPELINING, "250 ok", "550 no", "550 no", "354 go", "554 none", "221 bye"])
    assert said[-2:] == [".", "QUIT"]


@pytest.mark.parametrize(
    ("greeting", "said"), [("554 go away", ["QUIT"]), ("421 later", ["QUIT"]), ("250 odd", ["QUIT"])]
)
def test_a_greeting_other_than_220_ends_it(greeting: str, said: list[str]) -> None:
    assert played(PLAN, [greeting, "221 bye"])[0] == said


def test_what_was_offered_in_the_clear_is_forgotten_after_starttls() -> None:
    plan = replace(SIGNED, security=Security.STARTTLS)
    clear = "250-me\n250-STARTTLS\n250 AUTH LOGIN PLAIN"
    said, found = played(plan, ["220 hi", clear, "220 go", "250 me", "221 bye"])
    assert said == ["EHLO host.test", "STARTTLS", "[TLS]", "EHLO host.test", "QUIT"]
    assert found.failure is not None
    assert found.failure.kind is FailureKind.AUTH_NOT_OFFERED


@pytest.mark.parametrize(
    ("offer", "first"),
    [
        ("AUTH LOGIN XOAUTH2", "AUTH LOGIN dQ=="),
        ("AUTH PLAIN LOGIN", "AUTH LOGIN dQ=="),
        ("AUTH PLAIN", "AUTH PLAIN AHUAcA=="),
        ("AUTH=PLAIN", "AUTH PLAIN AHUAcA=="),
        ("auth login", "AUTH LOGIN dQ=="),
    ],
)
def test_the_mechanism_follows_the_offer(offer: str, first: str) -> None:
    said, found = played(replace(SIGNED, message=None), ["220 hi", f"250-me\n250 {offer}", "235 ok", "221 bye"])
    assert said[2] == first
    assert found.authenticated is not None


def test_a_token_too_long_for_one_line_waits_for_the_challenge() -> None:
    token = TokenCredential("u", Secret("t" * MAX_AUTH_LINE_OCTETS))
    plan = replace(SIGNED, credential=token, message=None)
    said, found = played(plan, ["220 hi", "250-me\n250 AUTH XOAUTH2", "334 ", "235 ok", "221 bye"])
    assert said[2] == "AUTH XOAUTH2"
    assert len(said[3]) > MAX_AUTH_LINE_OCTETS
    assert found.authenticated is not None


def test_secrets_have_their_transcript_form_from_the_start() -> None:
    conversation = Conversation(replace(SIGNED, security=Security.NONE, message=None), "host.test")
    steps = conversation.steps()
    replies = iter([Reply(220, "hi"), Reply(250, "me\nAUTH PLAIN"), Reply(235, "ok"), Reply(221, "bye")])
    shown: list[str] = []
    step = next(steps)
    while not (isinstance(step, Hear) and step.command == "QUIT"):
        if isinstance(step, Say):
            shown += [command.shown for command in step.commands]
            assert "AHUAcA" not in repr(step)
        step = steps.send(next(replies) if isinstance(step, Hear) else None)
    assert shown == ["EHLO host.test", "AUTH PLAIN ••••••••", "QUIT"]


def test_trouble_while_waiting_for_the_farewell_is_swallowed_and_elsewhere_not() -> None:
    conversation = Conversation(PLAN, "host.test")
    steps = conversation.steps()
    assert isinstance(next(steps), Begin)
    assert isinstance(next(steps), Hear)
    with pytest.raises(Trouble):
        steps.throw(Trouble(FailureKind.NO_REPLY))
    conversation = Conversation(PLAN, "host.test")
    steps = conversation.steps()
    step = next(steps)
    while not (isinstance(step, Hear) and step.command == "QUIT"):
        step = steps.send(Reply(554, "no") if isinstance(step, Hear) else None)
    steps.throw(Trouble(FailureKind.NO_REPLY, "no answer in time"))
    with pytest.raises(StopIteration):
        next(steps)
    assert conversation.findings.refusal is not None


codes = st.sampled_from([220, 235, 250, 334, 354, 421, 500, 501, 535, 550])
offers = st.lists(st.sampled_from(["STARTTLS", "AUTH LOGIN", "AUTH PLAIN", "PIPELINING", "CHUNKING", "SIZE 9"]))


@given(st.lists(st.tuples(codes, offers), max_size=25), st.sampled_from([Security.STARTTLS, Security.TLS]))
def test_whatever_a_server_answers_the_order_of_trust_holds(
    answers: list[tuple[int, list[str]]], security: Security
) -> None:
    conversation = Conversation(replace(SIGNED, security=security), "host.test")
    found, steps, left = conversation.findings, conversation.steps(), list(answers)
    said: list[str] = []
    content_answers: list[int] = []
    try:
        step = next(steps)
        while True:
            answer = None
            match step:
                case StartTls():
                    said.append("[TLS]")
                case Say(commands):
                    said += [command.wire[:4].decode("latin-1") for command in commands]
                    if any(command.wire.startswith(b"AUTH") for command in commands):
                        assert "[TLS]" in said
                    if any(command.wire.startswith(b"MAIL") for command in commands):
                        assert found.authenticated is not None
                case Hear(command):
                    if not left:
                        step = steps.throw(Trouble(FailureKind.NO_REPLY))
                        continue
                    code, extensions = left.pop(0)
                    answer = Reply(code, "\n".join(["x", *extensions]), command)
                    if command in {"DATA", "BDAT"}:
                        content_answers.append(code)
            step = steps.send(answer)
    except (StopIteration, Trouble):
        pass
    assert found.authenticated is None or found.authenticated.code == 235
    assert not found.message_taken or content_answers[-1] == 250
    assert len([text for text in said if text == "QUIT"]) <= 1
