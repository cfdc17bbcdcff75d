"""The terminal: what goes to standard output and error, what is asked, and how Ctrl-C ends work.

With ``--json`` exactly one document goes to standard output; everything else goes to standard error.
"""

import contextlib
import getpass
import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, CredentialNeeded, InputError
from relaywright.domain.secret import Secret

T = TypeVar("T")

POLL_S = 0.1
"""How often the waiting main thread looks up, so that Ctrl-C is seen on Windows too, where it interrupts no wait."""
GRACE_S = 5.0
MAX_SECRET_LENGTH = 16_384
MAX_INPUT_BYTES = 5_000_000


class Terminal:
    """Standard input, output and error of one call."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(AttributeError, ValueError):
                # A console that cannot show a quotation mark must not end the program.
                stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a TextIOWrapper, or suppressed

    def say(self, text: str = "") -> None:
        """Show a line to a person: on standard output, or on standard error beside a JSON document."""
        print(text, file=sys.stderr if self.as_json else sys.stdout, flush=True)

    def progress(self, text: str) -> None:
        """Show a line that is no result."""
        print(text, file=sys.stderr, flush=True)

    def result(self, document: Any, text: str = "") -> None:
        """Give the result: the JSON document, or its text for people."""
        if self.as_json:
            print(json.dumps(document, ensure_ascii=False, indent=2), flush=True)
        elif text:
            print(text, flush=True)

    @property
    def has_person(self) -> bool:
        """Whether somebody sits at the keyboard."""
        return sys.stdin is not None and sys.stdin.isatty()

    def ask_secret(self, prompt: str, *, from_stdin: bool) -> Secret:
        """Read a secret from standard input's first line, or hidden from the keyboard.

        Raises CredentialNeeded when nobody is there, InputError when it is empty or too long.
        """
        if from_stdin:
            value = sys.stdin.readline(MAX_SECRET_LENGTH + 2).rstrip("\r\n")
        elif self.has_person:
            value = getpass.getpass(f"{prompt}: ", stream=sys.stderr)
        else:
            raise CredentialNeeded(
                f"{prompt} is needed, and standard input is no terminal.",
                hint="Give it on standard input with --stdin.",
                id="nobody-to-ask",
            )
        if not value:
            raise InputError(f"{prompt}: nothing was given.", hint="Nothing was changed.", id="empty-secret")
        if len(value) > MAX_SECRET_LENGTH:
            raise InputError(f"{prompt} is longer than {MAX_SECRET_LENGTH} characters.", id="secret-too-long")
        return Secret(value)

    def read_input(self) -> str:
        """Read all of standard input as text, bounded. Raises InputError when a person would have to type it."""
        if self.has_person:
            raise InputError("There is nothing to read.", hint="Give the text as an argument or on standard input.")
        data = sys.stdin.buffer.read(MAX_INPUT_BYTES + 1)
        if len(data) > MAX_INPUT_BYTES:
            raise InputError(f"The input is larger than {MAX_INPUT_BYTES:,} bytes.", id="input-too-large")
        return data.decode("utf-8", errors="replace")


def run_cancellable(work: Callable[[CancelToken], T]) -> T:
    """Run the work in a thread while this one waits for Ctrl-C, which cancels it. Raises what the work raises."""
    token = CancelToken()
    results: list[T] = []
    errors: list[BaseException] = []
    done = threading.Event()

    def body() -> None:
        try:
            results.append(work(token))
        except BaseException as error:  # noqa: BLE001 - handed to the waiting thread, whatever it is
            errors.append(error)
        finally:
            done.set()

    thread = threading.Thread(target=body, name="work", daemon=True)
    with _terminate_like_interrupt():
        thread.start()
        try:
            while not done.wait(POLL_S):
                pass
        except KeyboardInterrupt:
            token.cancel()
            done.wait(GRACE_S)
            raise Cancelled("Interrupted.") from None
    if errors:
        raise errors[0]
    return results[0]


@contextlib.contextmanager
def _terminate_like_interrupt() -> Iterator[None]:
    """Let SIGTERM end work as Ctrl-C does, so that nothing is left half-written."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
