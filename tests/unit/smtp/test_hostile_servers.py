"""Broken, hostile or silent servers: each session ends in time, with a typed outcome, and gives no secret away."""

import base64
import datetime
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled
from relaywright.domain.profile import Security
from relaywright.domain.reply import FailureKind, Stage
from relaywright.domain.secret import Secret
from relaywright.smtp.engine import PasswordCredential, TokenCredential, run
from relaywright.smtp.events import Event, PhaseName, PhaseStarted
from scripted_server import AFTER_TLS, BEFORE_TLS, Peer, Script, ScriptedServer
from smtp_bench import PASSWORD, SHORT, TOKEN, Bench, Ran, server_context

ENOUGH_S = SHORT.whole_s + SHORT.quit_s + 3
STAGES = {
    "greeting": Stage.GREETING,
    "EHLO": Stage.EHLO,
    "STARTTLS": Stage.TLS,
    "handshake": Stage.TLS,
    "EHLO2": Stage.EHLO,
    "AUTH": Stage.AUTH,
    "password": Stage.AUTH,
    "MAIL": Stage.MAIL,
    "RCPT": Stage.RCPT,
    "DATA": Stage.DATA,
    "content": Stage.DATA,
}
SECRETS = [PASSWORD, TOKEN[:20], "Canary", "Q2FuYXJ5", "ZXlKMGVYQWlPaUpLVjFRaUxDSn"]


def failed(ran: Ran, kind: FailureKind, stage: Stage) -> None:
    assert not ran.outcome.ok
    assert ran.outcome.failure is not None, ran.outcome.reply
    assert (ran.outcome.failure.kind, ran.outcome.failure.stage) == (kind, stage), ran.outcome.failure
    assert ran.took_s < ENOUGH_S
    assert not any(secret in ran.everything for secret in SECRETS)


def heard_no_secret(ran: Ran) -> None:
    heard = bytes(ran.server.heard)
    assert b"AUTH" not in heard
    assert not any(secret.encode() in heard for secret in SECRETS)


def extensions_for(step: str) -> tuple[str, ...]:
    return tuple(line for line in AFTER_TLS if step != "DATA" or line not in {"CHUNKING", "PIPELINING"})


@pytest.mark.parametrize("step", STAGES)
def test_silence_at_any_step_ends_in_time(bench: Bench, step: str) -> None:
    def silent(peer: Peer) -> None:
        peer.until_closed()

    ran = bench.run(bench.script(at={step: silent}, extensions_tls=extensions_for(step)))
    failed(ran, FailureKind.NO_REPLY, STAGES[step])


@pytest.mark.parametrize("step", STAGES)
def test_a_cut_at_any_step_is_said(bench: Bench, step: str) -> None:
    def cut(peer: Peer) -> None:
        peer.close()
        raise ConnectionResetError

    ran = bench.run(bench.script(at={step: cut}, extensions_tls=extensions_for(step)))
    assert ran.outcome.failure is not None
    assert ran.outcome.failure.kind in {FailureKind.CONNECTION_CLOSED, FailureKind.CONNECTION_RESET}
    assert ran.outcome.failure.stage is STAGES[step]
    assert ran.took_s < ENOUGH_S


@pytest.mark.parametrize("step", STAGES)
def test_a_cancel_at_any_step_ends_the_session_at_once(bench: Bench, step: str) -> None:
    reached = threading.Event()

    def stuck(peer: Peer) -> None:
        reached.set()
        peer.until_closed()

    seconds = bench.cancel_when(bench.script(at={step: stuck}, extensions_tls=extensions_for(step)), reached)
    assert seconds < 1.0, "measured: below 5 ms; the bound allows for a loaded machine"


def test_a_cancel_ends_a_look_up_that_does_not_return(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, release = threading.Event(), threading.Event()

    def stuck(*args: object, **how: object) -> list[object]:
        reached.set()
        release.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", stuck)
    try:
        assert bench.cancel_when(Script(), reached) < 1.0
    finally:
        release.set()


def test_a_look_up_that_does_not_return_ends_in_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def stuck(*args: object, **how: object) -> list[object]:
        release.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", stuck)
    try:
        plan = bench.plan(587, limits=replace(SHORT, resolve_s=0.2))
        outcome = run(plan, lambda _: None, CancelToken())
    finally:
        release.set()
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.stage) == (FailureKind.NAME_NO_ANSWER, Stage.RESOLVE)


def full_backlog() -> tuple[socket.socket, list[socket.socket]]:
    """Return a listener that takes no more connections: what connects now waits."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = []
    for _ in range(4):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(listener.getsockname())
        waiting.append(sock)
    return listener, waiting


@pytest.mark.skipif(not Path("/proc").exists(), reason="a full backlog drops connections silently only on Linux")
def test_a_connection_that_never_comes_about_times_out(bench: Bench) -> None:
    listener, waiting = full_backlog()
    try:
        plan = bench.plan(listener.getsockname()[1], host="127.0.0.1", limits=replace(SHORT, connect_s=0.3))
        outcome = run(plan, lambda _: None, CancelToken())
    finally:
        for sock in (listener, *waiting):
            sock.close()
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.stage) == (FailureKind.CONNECT_TIMEOUT, Stage.CONNECT)


@pytest.mark.skipif(not Path("/proc").exists(), reason="a full backlog drops connections silently only on Linux")
def test_a_cancel_ends_a_connection_that_never_comes_about(bench: Bench) -> None:
    listener, waiting = full_backlog()
    cancel, ended = CancelToken(), threading.Event()

    def session() -> None:
        plan = bench.plan(listener.getsockname()[1], host="127.0.0.1", limits=replace(SHORT, connect_s=60, whole_s=60))
        with pytest.raises(Cancelled):
            run(plan, connecting, cancel)
        ended.set()

    reached = threading.Event()

    def connecting(event: Event) -> None:
        if isinstance(event, PhaseStarted) and event.name is PhaseName.CONNECT:
            reached.set()

    thread = threading.Thread(target=session)
    thread.start()
    try:
        assert reached.wait(10)
        cancel.cancel()
        assert ended.wait(1.0)
    finally:
        thread.join(10)
        for sock in (listener, *waiting):
            sock.close()


def endless(line: bytes) -> Callable[[Peer], None]:
    def handler(peer: Peer) -> None:
        while True:
            peer.send(line * 100)

    return handler


@pytest.mark.parametrize("step", ["greeting", "EHLO", "AUTH", "MAIL", "content"])
@pytest.mark.parametrize("line", [b"250-never ends\r\n", b"2" * 1000], ids=["lines", "one-line"])
def test_an_endless_reply_is_cut_off(bench: Bench, step: str, line: bytes) -> None:
    ran = bench.run(bench.script(at={step: endless(line)}))
    failed(ran, FailureKind.LINE_TOO_LONG, STAGES[step])
    assert len(ran.everything) < 200_000


def test_a_slow_drip_does_not_outlast_the_limit(bench: Bench) -> None:
    over = threading.Event()

    def drip(peer: Peer) -> None:
        while not over.wait(0.05):
            peer.send(b"2")

    try:
        failed(bench.run(drip), FailureKind.NO_REPLY, Stage.GREETING)
    finally:
        over.set()


def test_the_limit_for_the_whole_holds_when_every_step_is_just_in_time(bench: Bench) -> None:
    over = threading.Event()

    def late(text: str) -> Callable[[Peer], None]:
        def handler(peer: Peer) -> None:
            over.wait(0.4)
            peer.say(text)

        return handler

    script = bench.script(
        at={"greeting": late("220 hi"), "EHLO": late("250-hi\n250 STARTTLS"), "STARTTLS": late("220 go")}
    )
    ran = bench.run(script, limits=replace(SHORT, whole_s=1.0))
    assert ran.outcome.failure is not None
    assert ran.outcome.failure.kind is FailureKind.NO_REPLY
    assert ran.took_s < 3


@pytest.mark.parametrize(
    "greeting",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\r\n",
        b"220-one\r\n554 two\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46\n",
        b"99 too short\r\n",
    ],
)
def test_what_is_no_smtp_is_called_so(bench: Bench, greeting: bytes) -> None:
    ran = bench.run(lambda peer: peer.send(greeting))
    failed(ran, FailureKind.NOT_SMTP, Stage.GREETING)


def test_nul_bytes_and_text_direction_marks_are_shown_harmlessly(bench: Bench) -> None:
    def nasty(peer: Peer) -> None:
        peer.send(b"554 5.0.0 \x00\x1b[31m \xe2\x80\xaeevil \xff\r\n")

    ran = bench.run(bench.script(at={"greeting": nasty}))
    assert ran.outcome.reply is not None
    assert ran.outcome.reply.text == "5.0.0 \ufffd\ufffd[31m \ufffdevil \ufffd"


def test_a_server_without_starttls_gets_no_credentials(bench: Bench) -> None:
    extensions = tuple(line for line in BEFORE_TLS if line != "STARTTLS")
    ran = bench.run(bench.script(extensions=(*extensions, "AUTH LOGIN XOAUTH2")))
    failed(ran, FailureKind.STARTTLS_MISSING, Stage.TLS)
    heard_no_secret(ran)
    assert bytes(ran.server.heard).endswith(b"QUIT\r\n")


@pytest.mark.parametrize("reply", ["454 4.7.0 TLS not available", "502 5.5.1 no"])
def test_a_refused_starttls_is_no_reason_to_go_on_in_the_clear(bench: Bench, reply: str) -> None:
    def refuse(peer: Peer) -> None:
        peer.say(reply)
        peer.until_closed()

    ran = bench.run(bench.script(at={"STARTTLS": refuse}))
    assert ran.outcome.reply is not None
    assert ran.outcome.reply.command == "STARTTLS"
    heard_no_secret(ran)


@pytest.mark.parametrize("step", ["EHLO", "STARTTLS"])
def test_a_reply_slipped_in_before_tls_ends_the_session(bench: Bench, step: str) -> None:
    own = "250-mail.test\n250 STARTTLS" if step == "EHLO" else "220 ready"
    ran = bench.run(bench.script(at={step: lambda peer: peer.say(f"{own}\n250 AUTH PLAIN")}))
    failed(ran, FailureKind.EARLY_DATA, Stage.TLS)
    heard_no_secret(ran)


NOW = datetime.datetime.now(datetime.UTC)
YEAR = datetime.timedelta(days=365)


def bad_contexts(bench: Bench, self_signed: Path) -> dict[str, ssl.SSLContext]:
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(self_signed)
    return {
        "expired": server_context(bench.ca, not_before=NOW - 2 * YEAR, not_after=NOW - YEAR),
        "early": server_context(bench.ca, not_before=NOW + YEAR, not_after=NOW + 2 * YEAR),
        "name": server_context(bench.ca, "mail.example.org"),
        "untrusted": server_context(trustme.CA()),
        "self-signed": own,
    }


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "printer.local")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - YEAR)
        .not_valid_after(NOW + YEAR)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("own") / "own.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "tls"])
@pytest.mark.parametrize(
    ("which", "kind", "shown"),
    [
        ("expired", FailureKind.CERTIFICATE_EXPIRED, f"{NOW - YEAR:%Y-%m-%d}"),
        ("early", FailureKind.CERTIFICATE_EXPIRED, f"{NOW + YEAR:%Y-%m-%d}"),
        ("name", FailureKind.CERTIFICATE_NAME, "mail.example.org"),
        ("untrusted", FailureKind.CERTIFICATE_UNTRUSTED, "trustme"),
        ("self-signed", FailureKind.CERTIFICATE_SELF_SIGNED, "CN=printer.local"),
    ],
)
def test_a_bad_certificate_ends_the_session_and_is_described(
    bench: Bench, self_signed: Path, which: str, kind: FailureKind, shown: str, *, implicit: bool
) -> None:
    script = bench.script(tls=bad_contexts(bench, self_signed)[which], implicit=implicit)
    ran = bench.run(script, security=Security.TLS if implicit else Security.STARTTLS)
    failed(ran, kind, Stage.TLS)
    heard_no_secret(ran)
    assert ran.outcome.tls is None
    assert ran.outcome.rejected_certificate is not None
    assert not ran.outcome.rejected_certificate.trusted
    assert shown in repr(ran.outcome.rejected_certificate) + ran.transcript
    assert shown in ran.transcript
    assert ran.server.connections == 1


def test_a_self_signed_certificate_passes_when_the_profile_names_it(bench: Bench, self_signed: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed)
    assert bench.run(bench.script(tls=context), ca_file=self_signed).outcome.ok


def test_tls_1_1_is_too_old(bench: Bench) -> None:
    def old(peer: Peer) -> None:
        # A ServerHello that insists on TLS 1.0 (RFC 2246): OpenSSL of today will not make one any more.
        hello = b"\x03\x01" + bytes(32) + b"\x00" + b"\x00\x2f" + b"\x00"
        handshake = b"\x02" + len(hello).to_bytes(3, "big") + hello
        peer.take(5)
        peer.send(b"\x16\x03\x01" + len(handshake).to_bytes(2, "big") + handshake)
        peer.until_closed()

    ran = bench.run(bench.script(at={"handshake": old}))
    failed(ran, FailureKind.TLS_OLD_VERSION, Stage.TLS)
    heard_no_secret(ran)


def test_a_tls_port_taken_for_starttls_answers_nothing(bench: Bench) -> None:
    failed(bench.run(bench.script(implicit=True)), FailureKind.NO_REPLY, Stage.GREETING)


def test_a_starttls_port_taken_for_tls_is_told_from_a_broken_handshake(bench: Bench) -> None:
    ran = bench.run(bench.script(), security=Security.TLS)
    failed(ran, FailureKind.TLS_NOT_SPOKEN, Stage.TLS)
    assert "220 mail.test" in ran.transcript


def test_an_endless_handshake_is_cut_off(bench: Bench) -> None:
    def garbage(peer: Peer) -> None:
        peer.take(5)
        while True:
            peer.send(b"\x16\x03\x03\x40\x00" + b"\x02\x00\x00\x10" * 0x1000)

    ran = bench.run(bench.script(at={"handshake": garbage}))
    failed(ran, FailureKind.TLS_FAILED, Stage.TLS)


@pytest.mark.parametrize("challenge", ["334 UGFzc3dvcmQ6", "334 VXNlcm5hbWU6", "334 ", "334 not base64!"])
@pytest.mark.parametrize("kind", ["password", "token"])
def test_a_sign_in_that_asks_for_ever_is_broken_off(bench: Bench, challenge: str, kind: str) -> None:
    def ask_on(peer: Peer) -> None:
        while True:
            peer.say(challenge)
            peer.line()

    credential, _ = _credential(kind)
    ran = bench.run(bench.script(at={"AUTH": ask_on}), credential=credential)
    failed(ran, FailureKind.NOT_SMTP, Stage.AUTH)
    assert ran.outcome.authenticated is None
    assert bytes(ran.server.heard).count(b"Q2FuYXJ5LVBhNTV3b3JkLTkxMzc=") <= 1


@pytest.mark.parametrize("code", [220, 250, 354])
def test_only_235_counts_as_signed_in(bench: Bench, code: int, token: TokenCredential) -> None:
    ran = bench.run(bench.script(say={"AUTH": f"{code} 2.7.0 well done"}), credential=token)
    assert not ran.outcome.ok
    assert ran.outcome.authenticated is None
    assert ran.outcome.reply is not None
    assert ran.outcome.reply.code == code
    assert b"MAIL" not in ran.server.heard


@pytest.mark.parametrize("kind", ["password", "token"])
def test_a_server_that_sends_secrets_back_does_not_get_them_into_the_record(bench: Bench, kind: str) -> None:
    servers: list[ScriptedServer] = []

    def echo(peer: Peer) -> None:
        peer.say("334 UGFzc3dvcmQ6")
        peer.line()
        said = bytes(servers[0].heard)
        auth_line, answer = said[said.rindex(b"AUTH") :].split(b"\r\n")[:2]
        peer.send(b"500-5.3.3 Unrecognized command '" + auth_line[:700] + b"'\r\n")
        peer.send(b"500-5.3.3 Unrecognized command '" + answer + b"'\r\n")
        peer.send(b"500-" + PASSWORD.encode() + b" " + TOKEN.encode() + b"\r\n")
        peer.send(b"500 " + PASSWORD.encode().hex().encode() + b" " + TOKEN[40:120].upper().encode() + b"\r\n")

    credential, secret = _credential(kind)
    with ScriptedServer(bench.script(at={"AUTH": echo})) as server:
        servers.append(server)
        events: list[object] = []
        outcome = run(bench.plan(server.port, credential=credential), events.append, CancelToken())
    assert outcome.reply is not None
    assert outcome.reply.code == 500
    record = (repr(events) + repr(outcome)).upper()
    encoded = base64.b64encode(secret.encode()).decode()
    for form in (secret[-20:], secret.encode().hex()[:40], encoded[:24], encoded[4:24]):
        assert form.upper() not in record


def _credential(kind: str) -> tuple[PasswordCredential | TokenCredential, str]:
    if kind == "token":
        return TokenCredential("alice@contoso.test", Secret(TOKEN)), TOKEN
    return PasswordCredential("alice@contoso.test", Secret(PASSWORD)), PASSWORD


def test_silence_after_quit_changes_nothing(bench: Bench) -> None:
    ran = bench.run(bench.script(at={"QUIT": lambda peer: peer.until_closed()}))
    assert ran.outcome.ok
    assert ran.took_s < ENOUGH_S
