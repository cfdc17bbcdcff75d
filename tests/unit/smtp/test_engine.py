"""Whole sessions against a decent server: what is said, in how many round trips, and what is made of it."""

import itertools
import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from name_server import NameServer
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, InputError
from relaywright.domain.profile import Security
from relaywright.domain.reply import FailureKind, Stage
from relaywright.domain.secret import Secret
from relaywright.smtp.engine import MxOf, PasswordCredential, TokenCredential, run
from relaywright.smtp.events import Phase, PhaseName, PhaseStarted, SignedIn, Speaker, TlsEstablished
from scripted_server import AFTER_TLS, Peer, ScriptedServer
from smtp_bench import PASSWORD, SHORT, Bench, server_context


def without(extensions: tuple[str, ...], *names: str) -> tuple[str, ...]:
    return tuple(line for line in extensions if line.split()[0] not in names)


def test_a_token_send_takes_the_minimum_of_eight_round_trips(bench: Bench, token: TokenCredential) -> None:
    script = bench.script()
    ran = bench.run(script, credential=token)
    assert ran.outcome.ok
    assert ran.outcome.round_trips == 8
    assert ran.outcome.authenticated is not None
    assert (ran.outcome.authenticated.mechanism, ran.outcome.authenticated.code) == ("XOAUTH2", 235)
    assert [phase.name.value for phase in ran.outcome.phases] == [
        *("resolve", "connect", "greeting", "ehlo", "tls", "ehlo", "auth", "envelope", "data", "quit"),
    ]
    assert all(phase.ok for phase in ran.outcome.phases)
    assert ran.outcome.reply is not None
    assert ran.outcome.reply.code == 250
    assert ran.outcome.tls is not None
    assert ran.outcome.tls.version == "TLSv1.3"
    assert ran.outcome.tls.certificate is not None
    assert ran.outcome.tls.certificate.trusted
    assert ran.outcome.tls.certificate.names == ("localhost",)
    assert script.content.replace(b"\r\n", b"\n").count(b"\n") == script.content.count(b"\r\n")


@pytest.mark.parametrize(
    ("extensions", "round_trips", "verbs"),
    [
        (AFTER_TLS, 9, ["MAIL", "RCPT", "BDAT", "QUIT"]),
        (without(AFTER_TLS, "CHUNKING"), 10, ["MAIL", "RCPT", "DATA", "QUIT"]),
        (without(AFTER_TLS, "PIPELINING"), 12, ["MAIL", "RCPT", "BDAT", "QUIT"]),
        (without(AFTER_TLS, "PIPELINING", "CHUNKING"), 13, ["MAIL", "RCPT", "DATA", "QUIT"]),
    ],
)
def test_a_password_send_uses_what_the_server_offers(
    bench: Bench, extensions: tuple[str, ...], round_trips: int, verbs: list[str]
) -> None:
    script = bench.script(extensions_tls=extensions)
    ran = bench.run(script)
    assert ran.outcome.ok, ran.transcript
    assert ran.outcome.round_trips == round_trips
    assert [line.partition(" ")[0] for line in script.commands if line[:4] in {*verbs}] == verbs
    assert b"This is a test message" in script.content


def test_implicit_tls_has_no_starttls(bench: Bench, token: TokenCredential) -> None:
    ran = bench.run(bench.script(implicit=True), security=Security.TLS, credential=token)
    assert ran.outcome.ok, ran.transcript
    assert ran.outcome.round_trips == 6
    assert [phase.name.value for phase in ran.outcome.phases] == [
        *("resolve", "connect", "tls", "greeting", "ehlo", "auth", "envelope", "data", "quit"),
    ]


def test_tls_1_2_is_good_enough_and_costs_a_round_trip(bench: Bench, token: TokenCredential) -> None:
    context = server_context(bench.ca)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    ran = bench.run(bench.script(tls=context), credential=token)
    assert ran.outcome.ok, ran.transcript
    assert ran.outcome.round_trips == 9
    assert ran.outcome.tls is not None
    assert ran.outcome.tls.version == "TLSv1.2"


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 on loopback")


@pytest.mark.parametrize(
    ("family", "host"),
    [(socket.AF_INET, "127.0.0.1"), pytest.param(socket.AF_INET6, "::1", marks=needs_ipv6)],
)
def test_an_address_is_verified_like_a_name(bench: Bench, family: socket.AddressFamily, host: str) -> None:
    for name, ok in [(host, True), ("localhost", False)]:
        handler = bench.script(tls=server_context(bench.ca, name))
        with ScriptedServer(handler, family) as server:
            outcome = run(bench.plan(server.port, host=host), lambda _: None, CancelToken())
        assert outcome.ok is ok, outcome.transcript


def test_a_session_in_the_clear_sends_when_the_plan_says_so(bench: Bench) -> None:
    ran = bench.run(bench.script(tls=None), security=Security.NONE, credential=None)
    assert ran.outcome.ok, ran.transcript
    assert ran.outcome.tls is None


def test_events_tell_the_same_story_as_the_outcome(bench: Bench) -> None:
    ran = bench.run(bench.script())
    started = [event.name for event in ran.events if isinstance(event, PhaseStarted)]
    ended = [event for event in ran.events if isinstance(event, Phase)]
    assert tuple(ended) == ran.outcome.phases
    assert started == [phase.name for phase in ended]
    assert [event.tls for event in ran.events if isinstance(event, TlsEstablished)] == [ran.outcome.tls]
    assert [event.authentication for event in ran.events if isinstance(event, SignedIn)] == [ran.outcome.authenticated]
    assert all(earlier.at_ms + earlier.ms <= later.at_ms for earlier, later in itertools.pairwise(ended))


def test_a_check_signs_in_and_sends_nothing(bench: Bench) -> None:
    script = bench.script()
    ran = bench.run(script, message=None, recipients=())
    assert ran.outcome.ok
    assert ran.outcome.reply is not None
    assert (ran.outcome.reply.command, ran.outcome.reply.code) == ("AUTH", 235)
    assert not any(line.startswith("MAIL") for line in script.commands)
    assert script.commands[-1] == "QUIT"


def test_a_refused_sign_in_decides_and_nothing_is_sent_after_it(bench: Bench, token: TokenCredential) -> None:
    text = "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [X.outlook.com 2026]"
    script = bench.script(say={"AUTH": text})
    ran = bench.run(script, credential=token)
    assert not ran.outcome.ok
    assert ran.outcome.failure is None
    assert ran.outcome.reply is not None
    assert (ran.outcome.reply.command, ran.outcome.reply.code, ran.outcome.reply.enhanced) == ("AUTH", 535, "5.7.139")
    assert [line.text for line in ran.outcome.transcript if line.refused] == [text]
    assert script.commands[-2].startswith("AUTH")
    assert script.commands[-1] == "QUIT"
    assert [phase.ok for phase in ran.outcome.phases if phase.name is PhaseName.AUTH] == [False]


def test_a_server_that_drops_the_line_after_a_refusal_is_still_only_a_refusal(bench: Bench) -> None:
    def refuse_and_close(peer: Peer) -> None:
        peer.say("535 5.7.3 Authentication unsuccessful")
        peer.close()

    ran = bench.run(bench.script(at={"AUTH": refuse_and_close}))
    assert ran.outcome.reply is not None
    assert ran.outcome.reply.code == 535
    assert ran.outcome.failure is None


def test_the_error_challenge_of_xoauth2_is_shown_and_acknowledged(bench: Bench, token: TokenCredential) -> None:
    def challenge(peer: Peer) -> None:
        peer.say("334 eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIn0=")
        assert peer.line() == ""
        peer.say("535 5.7.3 Authentication unsuccessful")

    ran = bench.run(bench.script(at={"AUTH": challenge}), credential=token)
    assert ran.outcome.reply is not None
    assert ran.outcome.reply.code == 535
    assert '{"status":"400","schemes":"Bearer"}' in ran.transcript


def test_each_recipient_has_its_own_answer_and_one_refusal_is_not_ok(bench: Bench) -> None:
    script = bench.script(recipients={"no@contoso.test": "550 5.4.1 Recipient address rejected: Access denied"})
    ran = bench.run(script, recipients=("bob@contoso.test", "no@contoso.test"))
    assert not ran.outcome.ok
    assert [(answer.recipient, answer.reply.code) for answer in ran.outcome.recipients] == [
        ("bob@contoso.test", 250),
        ("no@contoso.test", 550),
    ]
    assert ran.outcome.reply is not None
    assert (ran.outcome.reply.command, ran.outcome.reply.code) == ("RCPT", 550)
    assert script.content, "the recipient that was accepted gets the message"


@pytest.mark.parametrize("extensions", [AFTER_TLS, without(AFTER_TLS, "CHUNKING"), ("AUTH LOGIN",)])
@pytest.mark.parametrize(("step", "command"), [("MAIL", "MAIL"), ("RCPT", "RCPT"), ("content", "")])
def test_a_refusal_in_the_envelope_or_of_the_message_decides(
    bench: Bench, extensions: tuple[str, ...], step: str, command: str
) -> None:
    ran = bench.run(bench.script(extensions_tls=extensions, say={step: "554 5.2.252 SendAsDenied"}))
    assert not ran.outcome.ok
    assert ran.outcome.reply is not None
    assert ran.outcome.reply.one_line == "554 5.2.252 SendAsDenied"
    assert ran.outcome.reply.command == (command or ("BDAT" if "CHUNKING" in extensions else "DATA"))
    assert ran.outcome.failure is None


def test_login_falls_back_when_the_name_on_the_auth_line_is_refused(bench: Bench) -> None:
    def picky(peer: Peer) -> None:
        peer.say("501 5.5.4 Invalid parameter")
        assert peer.line() == "AUTH LOGIN"
        peer.say("334 VXNlcm5hbWU6")
        assert peer.line() == "YWxpY2VAY29udG9zby50ZXN0"
        peer.say("334 UGFzc3dvcmQ6")
        peer.line()
        peer.say("235 2.7.0 Authentication successful")

    ran = bench.run(bench.script(at={"AUTH": picky}))
    assert ran.outcome.ok, ran.transcript


def test_no_secret_stands_in_events_or_outcome(bench: Bench, token: TokenCredential) -> None:
    for credential in (token, PasswordCredential("alice@contoso.test", Secret(PASSWORD))):
        ran = bench.run(bench.script(), credential=credential)
        assert ran.outcome.ok
        assert "Canary" not in ran.everything
        assert "Q2FuYXJ5" not in ran.everything
        assert b"AUTH " in ran.server.heard


@pytest.mark.parametrize(
    ("extensions", "kind", "stage"),
    [
        (without(AFTER_TLS, "AUTH"), FailureKind.AUTH_NOT_OFFERED, Stage.AUTH),
        ((*without(AFTER_TLS, "AUTH"), "AUTH CRAM-MD5"), FailureKind.MECHANISM_NOT_OFFERED, Stage.AUTH),
        ((*without(AFTER_TLS, "SIZE"), "SIZE 100"), FailureKind.TOO_BIG, Stage.MAIL),
    ],
)
def test_what_the_server_does_not_offer_is_said_before_it_is_tried(
    bench: Bench, extensions: tuple[str, ...], kind: FailureKind, stage: Stage
) -> None:
    script = bench.script(extensions_tls=extensions)
    ran = bench.run(script)
    assert ran.outcome.failure is not None
    assert (ran.outcome.failure.kind, ran.outcome.failure.stage) == (kind, stage)
    assert script.commands[-1] == "QUIT"


def test_an_address_outside_ascii_needs_smtputf8(bench: Bench) -> None:
    script = bench.script()
    assert bench.run(script, recipients=("jürgen@contoso.test",)).outcome.ok
    assert next(line for line in script.commands if line.startswith("MAIL")).endswith(" SMTPUTF8")
    ran = bench.run(bench.script(extensions_tls=without(AFTER_TLS, "SMTPUTF8")), recipients=("jürgen@contoso.test",))
    assert ran.outcome.failure is not None
    assert ran.outcome.failure.kind is FailureKind.NEEDS_SMTPUTF8


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": "a@contoso.test>\r\nRCPT TO:<x@y.test"},
        {"sender": "a@contoso.test> SIZE=1"},
        {"recipients": ("b@contoso.test\n",), "sender": "a\0@contoso.test"},
        {"recipients": ("b\r\nDATA@contoso.test",)},
        {"recipients": ()},
        {"host": "local\r\nhost"},
        {"ehlo_name": "host\r\nMAIL FROM:<>"},
        {"ehlo_name": "two words"},
        {"port": 0},
        {"security": Security.NONE},
        {"credential": PasswordCredential("a\nb", Secret(PASSWORD))},
        {"credential": PasswordCredential("alice@contoso.test", Secret(PASSWORD + "\n"))},
        {"credential": PasswordCredential("alice@contoso.test", Secret(""))},
        {"credential": TokenCredential("alice@contoso.test", Secret("tok\1en"))},
        {"ca_file": Path("/nowhere/ca.pem")},
    ],
)
def test_what_cannot_go_on_the_wire_is_refused_before_anything_is_contacted(
    bench: Bench, wrong: dict[str, object]
) -> None:
    events: list[object] = []
    with pytest.raises(InputError) as caught:
        run(bench.plan(1, **wrong), events.append, CancelToken())
    assert not events
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END"])
def test_a_ca_file_without_a_certificate_is_a_clear_error(bench: Bench, tmp_path: Path, content: bytes) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(content)
    with pytest.raises(InputError, match="CA file"):
        run(bench.plan(1, ca_file=ca_file), lambda _: None, CancelToken())


def test_a_ca_file_may_be_der_and_may_hold_comments(bench: Bench, tmp_path: Path) -> None:
    pem = bench.ca_file.read_text()
    der_file, commented = tmp_path / "ca.cer", tmp_path / "ca.pem"
    der_file.write_bytes(ssl.PEM_cert_to_DER_cert(pem))
    commented.write_text(f"# Prüfstelle Übung\n{pem}", encoding="utf-8")
    for ca_file in (der_file, commented):
        assert bench.run(bench.script(), ca_file=ca_file).outcome.ok


def test_a_token_cancelled_before_the_start_contacts_nobody(bench: Bench) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        run(bench.plan(1), lambda _: None, cancel)


def test_a_name_that_does_not_exist_is_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **how: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    outcome = run(bench.plan(587, host="nowhere.invalid"), lambda _: None, CancelToken())
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.stage) == (FailureKind.NAME_NOT_FOUND, Stage.RESOLVE)


def test_the_mx_endpoint_is_found_dialled_and_verified_by_its_name(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = "contoso-test.mail.protection.outlook.com"
    asked: list[str] = []
    real = socket.getaddrinfo

    def on_loopback(host: str, port: int, **how: int) -> object:
        asked.append(host)
        return real("127.0.0.1", port, **how)

    monkeypatch.setattr(socket, "getaddrinfo", on_loopback)
    name_server = NameServer({"contoso.test.": [f"10 {endpoint}."]})
    try:
        host = MxOf("contoso.test", (".mail.protection.outlook.com",), name_server.address)
        ran = bench.run(bench.script(tls=server_context(bench.ca, endpoint)), host=host, credential=None)
        other = bench.run(bench.script(), host=host, credential=None)
    finally:
        name_server.close()
    assert ran.outcome.ok, ran.transcript
    assert asked[0] == endpoint
    assert other.outcome.failure is not None
    assert other.outcome.failure.kind is FailureKind.CERTIFICATE_NAME


def test_every_address_is_tried_in_turn(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def first_a_dead_one(host: str, port: int, **how: int) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.9", 1)), *real("127.0.0.1", port, **how)]

    monkeypatch.setattr(socket, "getaddrinfo", first_a_dead_one)
    ran = bench.run(bench.script())
    assert ran.outcome.ok
    assert "127.0.0.9:1: " in ran.transcript


def test_nobody_listening_is_a_refused_connection(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = run(bench.plan(port, host="127.0.0.1"), lambda _: None, CancelToken())
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.stage) == (FailureKind.CONNECTION_REFUSED, Stage.CONNECT)


def test_a_large_message_goes_through_both_ways(bench: Bench) -> None:
    message = b"Subject: large\r\n\r\n" + b".line\r\n" * 100_000
    for extensions in (AFTER_TLS, without(AFTER_TLS, "CHUNKING")):
        script = bench.script(extensions_tls=extensions)
        ran = bench.run(script, message=message, limits=replace(SHORT, data_s=30, whole_s=60))
        assert ran.outcome.ok, ran.transcript
        assert script.content.replace(b"\r\n..", b"\r\n.") == message


def test_the_default_ehlo_name_is_a_domain_or_an_address_literal(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for local_name, expected in [("PRINTER_3", "[127.0.0.1]"), ("scan.contoso.test", "scan.contoso.test")]:
        monkeypatch.setattr(socket, "gethostname", lambda name=local_name: name)
        script = bench.script()
        bench.run(script, host="127.0.0.1", security=Security.NONE, credential=None)
        assert script.commands[0] == f"EHLO {expected}"


def test_the_server_is_asked_in_its_own_words_only_over_tls(bench: Bench) -> None:
    ran = bench.run(bench.script())
    client = [line.text for line in ran.outcome.transcript if line.speaker is Speaker.CLIENT]
    assert [line.partition(" ")[0] for line in client[:4]] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]
    assert ran.outcome.server_limits == AFTER_TLS
