"""Runs a call that cannot be interrupted, so that giving it up is possible at once.

The call goes on in a daemon thread until its own time limits end it; its result is thrown away then. What it was doing
must have no effect before its result is used, which is the caller's part.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import NoAnswer, RelaywrightError

_Result = TypeVar("_Result")


def run_abandonable(
    work: Callable[[], _Result],
    cancel: CancelToken,
    limit_s: float | None,
    *,
    too_late: RelaywrightError | None = None,
) -> _Result:
    """Return ``work()``, or what it raises.

    Raises Cancelled as soon as ``cancel`` is set, and after ``limit_s`` seconds ``too_late`` or NoAnswer
    (``sign-in-no-answer``); with None there is no limit.
    """
    cancel.raise_if_cancelled()
    wake = threading.Event()
    results: list[_Result] = []
    faults: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as fault:  # noqa: BLE001 - handed to the thread that waits, which raises it
            faults.append(fault)
        wake.set()

    threading.Thread(target=run, name="sign-in", daemon=True).start()
    take_back = cancel.on_cancel(wake.set)
    try:
        wake.wait(limit_s)
    finally:
        take_back()
    cancel.raise_if_cancelled()
    if faults:
        raise faults[0]
    if not results:
        raise too_late or NoAnswer(
            f"The sign-in service did not answer within {limit_s or 0:.0f} seconds.",
            hint="Check the network and the proxy, then try again.",
            id="sign-in-no-answer",
        )
    return results[0]
