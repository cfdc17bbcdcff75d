"""A Secret gives its value away in no ordinary way of looking at it."""

import base64
import copy
import dataclasses
import json
import logging
import pickle
import threading
import traceback
import urllib.parse
from collections.abc import Callable

import pytest

from relaywright.domain.secret import MASK, Secret, hide_secrets

CANARY = "canary-Tr0ub4dor"


@pytest.mark.parametrize(
    "look",
    [
        str,
        repr,
        "{}".format,
        "{:>40}".format,
        lambda secret: f"<{secret!r:.100}>",
        lambda secret: "%s" % secret,  # noqa: UP031 - the form is what is tested
        lambda secret: str([secret, {"password": secret}]),
        ascii,
    ],
)
def test_no_way_of_printing_shows_the_value(look: object) -> None:
    assert callable(look)
    assert CANARY not in look(Secret(CANARY))


def test_neither_pickle_nor_copy_nor_json_takes_it() -> None:
    secret = Secret(CANARY)
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            attempt(secret)


def test_a_traceback_with_locals_shows_the_mask_only() -> None:
    def fail(secret: Secret) -> None:
        raise RuntimeError(f"refused {secret}")

    try:
        fail(Secret(CANARY))
    except RuntimeError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert CANARY not in shown.replace("fail(Secret(CANARY))", "")


def test_a_log_record_shows_the_mask_only(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("test").warning("signing in with %s and %r", Secret(CANARY), Secret(CANARY))
    assert CANARY not in caplog.text


def test_a_dataclass_that_holds_one_prints_without_it() -> None:
    @dataclasses.dataclass
    class Holder:
        password: Secret

    assert CANARY not in repr(Holder(Secret(CANARY)))


def test_it_compares_by_value_and_is_no_key() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert not Secret("")
    with pytest.raises(TypeError):
        hash(Secret("a"))


@pytest.mark.parametrize(
    "disguise",
    [
        str,
        repr,
        lambda value: value.encode().hex(),
        lambda value: urllib.parse.quote(value, safe=""),
        urllib.parse.quote_plus,
        lambda value: repr(value.encode()),
        *(
            (lambda value, before=before: base64.b64encode(f"{before}{value} and more".encode()).decode())
            for before in ("", "a", "ab", "\0scanner@contoso.com\0")
        ),
        lambda value: base64.urlsafe_b64encode(f"user=a\1auth=Bearer {value}\1\1".encode()).decode(),
    ],
)
def test_a_secret_in_memory_is_taken_out_of_any_text(disguise: Callable[[str], str]) -> None:
    value = "Tr0ub4dor & 3 “ü>>?"
    secret = Secret(value)
    told = disguise(value)
    hidden = hide_secrets(f"it said {told} and ended")
    assert MASK in hidden
    assert value not in hidden
    assert told not in hidden
    assert hidden.startswith("it said ")
    assert hidden.endswith(" and ended")
    assert secret


def test_a_secret_that_nobody_holds_any_more_hides_nothing() -> None:
    secret = Secret("forgotten-word")
    assert hide_secrets("a forgotten-word") == f"a {MASK}"
    del secret
    assert hide_secrets("a forgotten-word") == "a forgotten-word"


def test_a_secret_too_short_to_tell_apart_takes_no_words_out() -> None:
    secret = Secret("the")
    assert hide_secrets("the end") == "the end"
    assert secret


def test_secrets_come_and_go_in_other_threads_meanwhile() -> None:
    ended = threading.Event()

    def come_and_go() -> None:
        while not ended.is_set():
            [Secret(f"passing-{number}") for number in range(50)]

    threads = [threading.Thread(target=come_and_go) for _ in range(3)]
    for thread in threads:
        thread.start()
    kept = Secret("kept-value")
    try:
        assert all(hide_secrets("a kept-value") == f"a {MASK}" for _ in range(300))
    finally:
        ended.set()
        for thread in threads:
            thread.join(10)
    assert kept
