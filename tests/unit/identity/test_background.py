"""A call that cannot be interrupted can still be given up at once."""

import threading
import time

import pytest

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, NoAnswer
from relaywright.identity.background import run_abandonable


def test_the_result_or_the_fault_of_the_call_comes_back() -> None:
    assert run_abandonable(lambda: 7, CancelToken(), 10) == 7
    assert run_abandonable(lambda: None, CancelToken(), None) is None
    with pytest.raises(ZeroDivisionError):
        run_abandonable(lambda: 1 // 0, CancelToken(), 10)


def test_a_call_that_does_not_end_is_given_up_at_once() -> None:
    cancel, release = CancelToken(), threading.Event()
    threading.Timer(0.05, cancel.cancel).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        run_abandonable(lambda: release.wait(30), cancel, None)
    assert time.monotonic() - started < 0.25
    release.set()


def test_a_call_that_does_not_end_runs_into_its_limit() -> None:
    release = threading.Event()
    with pytest.raises(NoAnswer) as caught:
        run_abandonable(lambda: release.wait(30), CancelToken(), 0.05)
    assert caught.value.id == "sign-in-no-answer"
    release.set()


def test_a_call_cancelled_beforehand_is_not_begun() -> None:
    cancel, begun = CancelToken(), threading.Event()
    cancel.cancel()
    with pytest.raises(Cancelled):
        run_abandonable(begun.set, cancel, 10)
    assert not begun.is_set()
