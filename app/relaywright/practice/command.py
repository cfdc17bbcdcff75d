"""What a terminal needs of the practice: start it, say where it is, wait until told to stop.

Arguments, printing and signals are the command line's business.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from relaywright.domain.cancel import CancelToken
from relaywright.practice.practice import Practice


def run_practice(
    practice: Practice, ready_file: Path | None, announce: Callable[[dict[str, Any]], None], cancel: CancelToken
) -> None:
    """Run the practice until ``cancel``; ``announce`` gets the addresses document once everything listens.

    The ready file is written before that, whole, and removed at the end. Raises InputError when it cannot start.
    """
    import threading

    ended = threading.Event()
    forget = cancel.on_cancel(ended.set)
    try:
        announce(practice.start(ready_file).as_json())
        while not ended.wait(0.5):  # in steps, so that Ctrl-C is heard on Windows too
            pass
    finally:
        forget()
        practice.stop()
        if ready_file is not None:
            ready_file.unlink(missing_ok=True)
