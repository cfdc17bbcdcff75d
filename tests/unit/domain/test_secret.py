"""A Secret gives its value away in no ordinary way of looking at it."""

import copy
import dataclasses
import json
import logging
import pickle
import traceback

import pytest

from relaywright.domain.secret import Secret

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
