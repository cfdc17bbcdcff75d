"""The listener takes one answer, the right one, whatever else knocks, and ends at once when it is told to."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, CredentialNeeded
from relaywright.identity import loopback
from relaywright.identity.loopback import BrowserAnswer, Loopback

STATE = "state-of-this-sign-in"


class Waiting:
    """A listener that waits in a thread of the test, as a job does."""

    def __init__(self, pool: ThreadPoolExecutor, time_limit_s: float = 30) -> None:
        self.cancel = CancelToken()
        self.listener = Loopback().__enter__()
        self.uri = self.listener.redirect_uri
        self.port = urlsplit(self.uri).port or 0
        self.result: Future[BrowserAnswer] = pool.submit(self.listener.wait, STATE, self.cancel, time_limit_s)

    def send(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(request)
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
        return received

    def finish(self, show: tuple[str, str] = ("Done", "Go back.")) -> dict[str, str]:
        answer = self.result.result(10)
        answer.show(*show, ok=True)
        answer.close()
        return dict(answer.untrusted_fields)

    def close(self) -> None:
        self.cancel.cancel()
        with contextlib.suppress(Cancelled, CredentialNeeded):
            self.result.result(10).close()
        self.listener.__exit__(None, None, None)


@pytest.fixture
def start() -> Iterator[Callable[..., Waiting]]:
    pool = ThreadPoolExecutor(8)
    started: list[Waiting] = []

    def begin(time_limit_s: float = 30) -> Waiting:
        started.append(Waiting(pool, time_limit_s))
        return started[-1]

    yield begin
    for waiting in started:
        waiting.close()
    pool.shutdown()


@pytest.fixture
def waiting(start: Callable[..., Waiting]) -> Waiting:
    return start()


def browser(pool: ThreadPoolExecutor, method: str, uri: str, **more: object) -> "Future[requests.Response]":
    return pool.submit(lambda: requests.request(method, uri, timeout=10, **more))  # type: ignore[arg-type]


def test_a_form_post_with_the_right_state_is_taken(waiting: Waiting) -> None:
    with ThreadPoolExecutor(1) as pool:
        page = browser(pool, "POST", waiting.uri, data={"code": "c-1", "state": STATE, "note": "Grüße & <b>"})
        assert waiting.finish(("Done <now>", "Go back & rest.")) == {
            "code": "c-1",
            "state": STATE,
            "note": "Grüße & <b>",
        }
        response = page.result(10)
    assert response.status_code == 200
    assert "Done &lt;now&gt;" in response.text
    assert "Go back &amp; rest." in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_an_older_get_with_the_right_state_is_taken(waiting: Waiting) -> None:
    with ThreadPoolExecutor(1) as pool:
        page = browser(pool, "GET", f"{waiting.uri}/?error=access_denied&state={STATE}")
        assert waiting.finish() == {"error": "access_denied", "state": STATE}
        assert page.result(10).ok


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python knows no IPv6")
def test_a_browser_that_tries_ipv6_first_is_served_too(waiting: Waiting) -> None:
    try:
        connection = socket.create_connection(("::1", waiting.port), timeout=5)
    except OSError as fault:
        pytest.skip(f"this machine has no ::1 ({fault})")
    with connection:
        connection.sendall(f"GET /?code=c&state={STATE} HTTP/1.1\r\nHost: [::1]:{waiting.port}\r\n\r\n".encode())
        assert waiting.finish()["code"] == "c"


HOSTILE = {
    "a wrong state": ("GET /?code=c&state=other HTTP/1.1", "", 400),
    "no state": ("GET /?code=c HTTP/1.1", "", 400),
    "neither code nor error": (f"GET /?state={STATE} HTTP/1.1", "", 400),
    "an icon": ("GET /favicon.ico HTTP/1.1", "", 404),
    "another path": (f"GET /x?code=c&state={STATE} HTTP/1.1", "", 404),
    "another method": (f"DELETE /?code=c&state={STATE} HTTP/1.1", "", 405),
    "no HTTP": ("EHLO client.example", "", 400),
    "another protocol version": (f"GET /?code=c&state={STATE} HTTP/2.0", "", 400),
    "no length": ("POST / HTTP/1.1", "", 411),
    "a negative length": ("POST / HTTP/1.1", "Content-Length: -5\r\n", 411),
    "a length of many digits": ("POST / HTTP/1.1", f"Content-Length: {'9' * 5000}\r\n", 411),
    "a long body": ("POST / HTTP/1.1", "Content-Length: 9999999\r\n", 413),
    "many fields": (f"GET /?{'a=1&' * 200}code=c&state={STATE} HTTP/1.1", "", 400),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whoever_else_knocks_is_sent_away_and_the_wait_goes_on(waiting: Waiting, name: str) -> None:
    line, headers, status = HOSTILE[name]
    received = waiting.send(f"{line}\r\nHost: localhost:{waiting.port}\r\n{headers}\r\n".encode())
    assert received.startswith(f"HTTP/1.1 {status} ".encode())
    assert STATE.encode() not in received
    assert not waiting.result.done()
    with ThreadPoolExecutor(1) as pool:
        browser(pool, "POST", waiting.uri, data={"code": "real", "state": STATE})
        assert waiting.finish()["code"] == "real"


@pytest.mark.parametrize("host", ["evil.example", "localhost", "localhost:1", "localhost:{port}.evil.example", ""])
def test_a_page_that_points_its_name_at_this_machine_is_sent_away(waiting: Waiting, host: str) -> None:
    header = host.replace("{port}", str(waiting.port))
    received = waiting.send(f"GET /?code=c&state={STATE} HTTP/1.1\r\nHost: {header}\r\n\r\n".encode())
    assert received.startswith(b"HTTP/1.1 400 ")
    assert not waiting.result.done()


def test_endless_headers_are_cut_off(waiting: Waiting) -> None:
    received = waiting.send(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000)
    assert received.startswith(b"HTTP/1.1 413 ")


def test_a_crowd_of_silent_callers_does_not_keep_the_browser_out(waiting: Waiting) -> None:
    with contextlib.ExitStack() as crowd, ThreadPoolExecutor(1) as pool:
        for _ in range(3 * loopback.MAX_CONNECTIONS):
            crowd.enter_context(socket.create_connection(("127.0.0.1", waiting.port), timeout=10))
        browser(pool, "POST", waiting.uri, data={"code": "real", "state": STATE})
        assert waiting.finish()["code"] == "real"


def test_a_slow_caller_is_sent_away_in_time(start: Callable[..., Waiting], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "CONNECTION_LIMIT_S", 0.2)
    waiting = start()
    assert waiting.send(b"POST / HTTP/1.1\r\nHost: loc").startswith(b"HTTP/1.1 408 ")
    assert not waiting.result.done()


def test_an_answer_in_small_pieces_is_put_together(waiting: Waiting) -> None:
    body = f"code=c&state={STATE}".encode()
    request = (
        f"POST / HTTP/1.1\r\nHost: localhost:{waiting.port}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    )
    with socket.create_connection(("127.0.0.1", waiting.port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for index in range(len(request)):
            connection.sendall(request[index : index + 1])
        assert waiting.finish()["code"] == "c"


def test_cancelling_ends_the_wait_at_once_and_closes_the_port(waiting: Waiting) -> None:
    idle = socket.create_connection(("127.0.0.1", waiting.port), timeout=10)
    with idle:
        started = time.monotonic()
        waiting.cancel.cancel()
        with pytest.raises(Cancelled):
            waiting.result.result(10)
        assert time.monotonic() - started < 0.2
    waiting.listener.__exit__(None, None, None)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", waiting.port), timeout=10)


def test_a_sign_in_cancelled_beforehand_does_not_wait() -> None:
    cancel = CancelToken()
    cancel.cancel()
    with Loopback() as listener, pytest.raises(Cancelled):
        listener.wait(STATE, cancel, 30)


def test_nobody_answering_ends_in_the_time_limit() -> None:
    with Loopback() as listener, pytest.raises(CredentialNeeded) as caught:
        listener.wait(STATE, CancelToken(), 0.1)
    assert caught.value.id == "sign-in-timed-out"
    assert caught.value.hint


def test_two_sign_ins_at_once_do_not_meet(start: Callable[..., Waiting]) -> None:
    first, second = start(), start()
    assert first.port != second.port
    first.cancel.cancel()
    with ThreadPoolExecutor(1) as pool:
        browser(pool, "POST", second.uri, data={"code": "second", "state": STATE})
        assert second.finish()["code"] == "second"


def test_a_sign_in_leaves_no_thread() -> None:
    before = threading.active_count()
    with Loopback() as listener, contextlib.suppress(CredentialNeeded):
        listener.wait(STATE, CancelToken(), 0.01)
    assert threading.active_count() == before


def test_a_browser_that_went_away_does_no_harm(waiting: Waiting) -> None:
    body = f"code=c&state={STATE}"
    with socket.create_connection(("127.0.0.1", waiting.port), timeout=10) as connection:
        head = f"POST / HTTP/1.1\r\nHost: localhost:{waiting.port}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall((head + body).encode())
    assert waiting.finish()["code"] == "c"


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=200).map(lambda text: f"GET /?{text} HTTP/1.1\r\nHost: localhost:1\r\n\r\n".encode()),
        st.binary(max_size=200).map(
            lambda body: b"POST / HTTP/1.1\r\nHost: localhost:1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        ),
    )
)
def test_no_request_is_an_accident(request_bytes: bytes) -> None:
    with contextlib.suppress(loopback._TurnedAway):
        assert loopback._answer_in(request_bytes, 1, STATE) is None
