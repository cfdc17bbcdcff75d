"""A cancel reaches every registered callback once, from whichever thread it comes."""

import threading

import pytest

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled


def test_callbacks_are_called_once_and_can_be_taken_back() -> None:
    token = CancelToken()
    seen: list[str] = []
    token.on_cancel(lambda: seen.append("kept"))
    take_back = token.on_cancel(lambda: seen.append("taken back"))
    take_back()
    token.cancel()
    token.cancel()
    assert seen == ["kept"]
    with pytest.raises(Cancelled):
        token.raise_if_cancelled()


def test_a_late_callback_is_called_at_once() -> None:
    token = CancelToken()
    token.cancel()
    seen: list[int] = []
    token.on_cancel(lambda: seen.append(1))()
    assert seen == [1]


def test_cancel_wakes_a_waiting_thread() -> None:
    token = CancelToken()
    woken = threading.Event()
    token.on_cancel(woken.set)
    thread = threading.Thread(target=token.cancel)
    thread.start()
    assert woken.wait(5)
    thread.join()
    assert token.is_cancelled
