"""The conversation, byte for byte: order, encryption, pipelining, chunks and bounds."""

import re
import smtplib
import ssl

import pytest

from raw_smtp import RawSmtp
from relaywright.practice.practice import Practice, PracticeAddresses

FROM = "MAIL FROM:<scanner@practice.example>"
TO = "RCPT TO:<alex@practice.example>"
MESSAGE = b"From: scanner@practice.example\r\nSubject: t\r\n\r\nbody\r\n"


def test_the_greeting_has_the_services_form(plain: RawSmtp) -> None:
    form = r"220 \S+ Microsoft ESMTP MAIL Service ready at \w{3}, \d{2} \w{3} \d{4} [\d:]{8} \+0000 \[[0-9A-F]{16}\]"
    assert re.fullmatch(form, plain.greeting)


def test_before_tls_starttls_is_offered_and_auth_is_not(plain: RawSmtp) -> None:
    first, *extensions = plain.ehlo()
    assert first.endswith("Hello [127.0.0.1]")
    assert extensions == [
        "SIZE 157286400",
        "PIPELINING",
        "DSN",
        "ENHANCEDSTATUSCODES",
        "STARTTLS",
        "8BITMIME",
        "BINARYMIME",
        "CHUNKING",
        "SMTPUTF8",
    ]


def test_after_tls_auth_stands_in_the_place_of_starttls(encrypted: RawSmtp) -> None:
    assert encrypted.ehlo()[5] == "AUTH LOGIN XOAUTH2"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (FROM, "451 5.7.3 STARTTLS is required to send mail ["),
        ("AUTH LOGIN", "504 5.7.4 Unrecognized authentication type ["),
        ("AUTH XOAUTH2 AAAA", "504 5.7.4 "),
        (TO, "503 5.5.2 Need mail command ["),
        ("DATA", "503 5.5.2 "),
        ("GET / HTTP/1.1", "500 5.3.3 Unrecognized command 'GET' ["),
        ("STARTTLS now", "501 5.5.4 "),
        ("NOOP", "250 2.0.0"),
        ("VRFY x", "252 "),
        ("RSET", "250 2.0.0"),
        ("HELO client.example", "250 "),
        ("QUIT", "221 2.0.0"),
    ],
)
def test_commands_in_the_clear(plain: RawSmtp, command: str, answer: str) -> None:
    plain.ehlo()
    assert plain.ask(command).startswith(answer)


@pytest.mark.parametrize("name", ["", "under_score.example", "dot.example.", "a" * 300, "two words"])
def test_a_name_the_service_refuses_in_ehlo(plain: RawSmtp, name: str) -> None:
    assert plain.ask(f"EHLO {name}").startswith("501 5.5.4 Invalid domain name")


@pytest.mark.parametrize("name", ["[127.0.0.1]", "[IPv6:::1]", "printer", "client.example"])
def test_a_name_the_service_takes_in_ehlo(plain: RawSmtp, name: str) -> None:
    assert plain.ask(f"EHLO {name}").startswith("250-")


def test_hello_comes_first_again_after_tls(plain: RawSmtp, addresses: PracticeAddresses) -> None:
    plain.ehlo()
    plain.starttls(addresses.ca_file)
    assert plain.ask(FROM).startswith("503 5.5.2 Send hello first")
    assert plain.ask("AUTH LOGIN").startswith("503 5.5.2 Send hello first")


def test_what_is_injected_in_the_clear_after_starttls_is_thrown_away(
    plain: RawSmtp, addresses: PracticeAddresses
) -> None:
    plain.ehlo()
    plain.send(b"STARTTLS\r\nEHLO attacker.example\r\n")
    assert plain.reply().startswith("220")
    plain._encrypt(addresses.ca_file)
    plain._reader = plain._socket.makefile("rb")
    assert plain.ask("NOOP").startswith("250 2.0.0 OK")


def test_tls_is_not_offered_twice(encrypted: RawSmtp) -> None:
    assert encrypted.ask("STARTTLS").startswith("500 5.3.3")


def test_old_tls_is_not_spoken(plain: RawSmtp, addresses: PracticeAddresses) -> None:
    plain.ehlo()
    assert plain.ask("STARTTLS").startswith("220")
    context = ssl.create_default_context(cafile=str(addresses.ca_file))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        context.wrap_socket(plain._socket, server_hostname="localhost").close()


def test_mail_without_sign_in_is_refused(encrypted: RawSmtp) -> None:
    assert encrypted.ask(FROM).startswith("530 5.7.57 Client not authenticated to send mail. [")


def test_mail_after_a_refused_sign_in_names_the_inner_refusal(encrypted: RawSmtp) -> None:
    encrypted.login("scanner@practice.example", "wrong")
    assert (
        "530 5.7.57 Client not authenticated to send mail. Error: 535 5.7.139 Authentication unsuccessful, the user"
        in (encrypted.ask(FROM))
    )


def test_smtplib_sends_a_message_that_arrives_as_it_was(practice: Practice, addresses: PracticeAddresses) -> None:
    body = "From: scanner@practice.example\r\nMessage-ID: <one@client.example>\r\n\r\n.\r\n..two\r\nend\r\n"
    with smtplib.SMTP("localhost", addresses.smtp_port, timeout=10, local_hostname="client.example") as client:
        client.starttls(context=ssl.create_default_context(cafile=str(addresses.ca_file)))
        client.login("scanner@practice.example", "Practice-Scanner-1")
        client.sendmail("scanner@practice.example", ["alex@practice.example", "b@contoso.com"], body)
    (message,) = practice.received
    assert message.content == body.encode()
    assert message.recipients == ("alex@practice.example", "b@contoso.com")
    assert (message.id, message.sender) == ("<one@client.example>", "scanner@practice.example")
    assert (message.signed_in_as, message.mechanism) == ("scanner@practice.example", "LOGIN")
    assert (message.tls_version, message.ehlo_name, message.endpoint) == ("TLSv1.3", "client.example", "submission")


def test_the_last_word_on_a_message_has_the_services_form(signed_in: RawSmtp) -> None:
    signed_in.ask(FROM)
    signed_in.ask(TO)
    assert signed_in.ask("DATA") == "354 Start mail input; end with <CRLF>.<CRLF>"
    answer = signed_in.ask(MESSAGE + b".")
    assert re.fullmatch(r"250 2\.0\.0 OK <\S+@practice\.example> \[Hostname=\S+\]", answer)


def test_a_pipelined_group_is_answered_in_order(signed_in: RawSmtp, practice: Practice) -> None:
    signed_in.send(f"{FROM}\r\nRCPT TO:<>\r\n{TO}\r\nDATA\r\n".encode())
    assert [signed_in.reply()[:9] for _ in range(4)] == ["250 2.1.0", "501 5.1.3", "250 2.1.5", "354 Start"]
    signed_in.send(MESSAGE + b".\r\nNOOP\r\nQUIT\r\n")
    assert [signed_in.reply()[:3] for _ in range(3)] == ["250", "250", "221"]
    assert signed_in.at_end()
    assert len(practice.received) == 1


def test_envelope_message_and_quit_in_one_write_with_bdat(signed_in: RawSmtp, practice: Practice) -> None:
    binary = b"From: scanner@practice.example\r\n\r\n\x00\xff\r\n.\r\nnot the end\n"
    head = f"{FROM} BODY=BINARYMIME SIZE={len(binary)}\r\n{TO}\r\nBDAT {len(binary)} LAST\r\n"
    signed_in.send(head.encode() + binary + b"QUIT\r\n")
    assert [signed_in.reply()[:3] for _ in range(4)] == ["250", "250", "250", "221"]
    assert practice.received[0].content == binary


def test_chunks_are_put_together(signed_in: RawSmtp, practice: Practice) -> None:
    signed_in.ask(FROM)
    signed_in.ask(TO)
    signed_in.send(b"BDAT 41\r\n" + MESSAGE[:41])
    assert signed_in.reply().startswith("250 2.0.0")
    signed_in.send(f"BDAT {len(MESSAGE) - 41}\r\n".encode() + MESSAGE[41:])
    assert signed_in.reply().startswith("250 2.0.0")
    assert signed_in.ask("DATA").startswith("503")
    assert signed_in.ask("BDAT 0 LAST").startswith("250 2.0.0 OK")
    assert practice.received[0].content == MESSAGE


def test_chunks_without_an_envelope_are_read_past(signed_in: RawSmtp) -> None:
    assert signed_in.ask(b"BDAT 4\r\nQU").startswith("503 5.5.2 Need mail command")
    assert signed_in.ask("NOOP").startswith("250")


@pytest.mark.parametrize("argument", ["", "x", "-1", "5 FIRST", "5 LAST LAST", "١"])
def test_a_chunk_of_unknown_size_ends_the_session(signed_in: RawSmtp, argument: str) -> None:
    assert signed_in.ask(f"BDAT {argument}").startswith("501")
    assert signed_in.at_end()


def test_binary_mail_cannot_come_by_data(signed_in: RawSmtp) -> None:
    signed_in.ask(f"{FROM} BODY=BINARYMIME")
    signed_in.ask(TO)
    assert signed_in.ask("DATA").startswith("503 5.5.1")


@pytest.mark.parametrize("end", [b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r"])
def test_only_the_true_end_of_data_ends_a_message(signed_in: RawSmtp, practice: Practice, end: bytes) -> None:
    signed_in.ask(FROM)
    signed_in.ask(TO)
    signed_in.ask("DATA")
    smuggled = b"\r\n".join([FROM.encode(), TO.encode(), b"DATA"])
    answer = signed_in.ask(b"Subject: one\r\n\r\nx" + end + smuggled + b"\r\n.")
    assert answer.startswith("550 5.6.11 Invalid characters") or end == b"\r.\r"
    assert len(practice.received) <= 1
    assert signed_in.ask("NOOP").startswith("250")


def test_a_message_may_be_empty(signed_in: RawSmtp, practice: Practice) -> None:
    signed_in.ask(FROM)
    signed_in.ask(TO)
    signed_in.ask("DATA")
    assert signed_in.ask(".").startswith("250 2.0.0 OK")
    assert practice.received[0].content == b""


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (f"{FROM} SIZE=157286401", "552 5.3.4 Message size exceeds fixed maximum message size"),
        (f"{FROM} SIZE=" + "9" * 40, "552 5.3.4"),
        (f"{FROM} SIZE=x", "501 5.5.4"),
        (f"{FROM} BODY=9BIT", "501 5.5.4"),
        (f"{FROM} WHAT=1", "501 5.5.4"),
        (f"{FROM} SIZE=10 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a", "250 2.1.0 Sender OK"),
        ("MAIL FROM: <scanner@practice.example>", "250 2.1.0"),
        ("mail from:scanner@practice.example", "250 2.1.0"),
        ("MAIL FROM:<>", "250 2.1.0"),
        ("MAIL FROM:<no-at>", "501 5.1.3 Invalid address"),
        ("MAIL FROM:<a@b@c.example>", "501 5.1.3"),
        ("MAIL FROM:<jürgen@practice.example>", "553 5.6.7"),
        ("MAIL FROM:<jürgen@practice.example> SMTPUTF8", "250 2.1.0"),
        ("MAIL TO:<a@b.example>", "501 5.5.4"),
    ],
)
def test_mail_lines(signed_in: RawSmtp, command: str, answer: str) -> None:
    assert signed_in.ask(command).startswith(answer)


def test_order_of_the_envelope(signed_in: RawSmtp) -> None:
    assert signed_in.ask(TO).startswith("503 5.5.2 Need mail command")
    signed_in.ask(FROM)
    assert signed_in.ask(FROM).startswith("503 5.5.2 Sender already specified")
    assert signed_in.ask("DATA").startswith("503 5.5.2 Need rcpt command")
    assert signed_in.ask("RSET").startswith("250")
    assert signed_in.ask(TO).startswith("503 5.5.2 Need mail command")


def test_no_more_recipients_than_the_services_default(signed_in: RawSmtp) -> None:
    signed_in.ask(FROM)
    signed_in.send(b"".join(f"RCPT TO:<a{n}@practice.example>\r\n".encode() for n in range(501)))
    answers = [signed_in.reply()[:9] for _ in range(501)]
    assert answers[:500] == ["250 2.1.5"] * 500
    assert answers[500] == "452 4.5.3"


def test_a_long_command_line_is_refused_and_the_session_goes_on(signed_in: RawSmtp) -> None:
    for length in (3_000, 20_000, 200_000):
        assert signed_in.ask("NOOP " + "x" * length).startswith("500 5.5.2 Command line too long")
    assert signed_in.ask("NOOP").startswith("250")


def test_an_endless_line_ends_the_session(addresses: PracticeAddresses) -> None:
    with RawSmtp(addresses.smtp_port) as client, pytest.raises(ConnectionError):
        client.send(b"x" * 100_000_000)


def test_garbage_is_answered_and_ended(addresses: PracticeAddresses) -> None:
    with RawSmtp(addresses.smtp_port) as client:
        answers = [client.ask(bytes([0, 255, 128, number])) for number in range(20, 45)]
        assert all(answer.startswith("500 5.3.3") for answer in answers)
        assert client.reply().startswith("421 4.7.0")
        assert client.at_end()


def test_a_client_that_says_nothing_is_let_go(short_of_patience: PracticeAddresses) -> None:
    with RawSmtp(short_of_patience.smtp_port) as client:
        assert client.reply().startswith("451 4.7.0 Timeout waiting for client input")
        assert client.at_end()


def test_a_slow_drip_counts_as_silence(short_of_patience: PracticeAddresses) -> None:
    with RawSmtp(short_of_patience.smtp_port) as client:
        client._socket.settimeout(0.05)
        for _ in range(200):
            client.send(b"x")
            try:
                if client._socket.recv(100):
                    return
            except TimeoutError:
                continue
        pytest.fail("the session outlived its time limit")


def test_tls_from_the_first_byte(addresses: PracticeAddresses) -> None:
    with RawSmtp(addresses.smtps_port, tls=addresses.ca_file) as client:
        assert "AUTH LOGIN XOAUTH2" in client.ehlo()
        assert client.login("scanner@practice.example", "Practice-Scanner-1").startswith("235")


def test_a_client_in_the_clear_at_the_tls_port_does_no_harm(addresses: PracticeAddresses) -> None:
    with RawSmtp(addresses.smtps_port, greeting=False) as client:
        client.send(b"EHLO client.example\r\n")
        assert client.at_end() or client.at_end()
    with RawSmtp(addresses.smtps_port, tls=addresses.ca_file) as client:
        assert client.greeting.startswith("220")
