"""The terminal: what goes to standard output and error, what is asked, and how Ctrl-C ends work.

With ``--json`` exactly one document goes to standard output; everything else goes to standard error.
"""

import contextlib
import getpass
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, TextIO, TypeVar

from relaywright.cli.plain_text import one_line
from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, CredentialNeeded, InputError, RelaywrightError
from relaywright.domain.secret import Secret

T = TypeVar("T")

POLL_S = 0.1
"""How often the waiting main thread looks up, so that Ctrl-C is seen on Windows too, where it interrupts no wait."""
GRACE_S = 5.0
TICK_S = 1.0
MAX_SECRET_LENGTH = 16_384


class OutputFailed(RelaywrightError):
    """Standard output takes no answer: its disk is full."""

    id = "output-failed"


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
        _write(sys.stderr if self.as_json else sys.stdout, text)

    def progress(self, text: str) -> None:
        """Show a line that is no result."""
        _write(sys.stderr, text)

    def result(self, document: Any, text: str = "") -> None:
        """Give the result: the JSON document, or its text for people."""
        if self.as_json:
            _write(sys.stdout, as_json(document, indent=2), must_arrive=True)
        elif text:
            _write(sys.stdout, text, must_arrive=True)

    def complain(self, error: RelaywrightError) -> None:
        """Say what went wrong: as the contract's document, or as one line on standard error.

        What the catalogue knows of it comes as one more key, ``explanation``, or below the line.
        """
        if self.as_json and not isinstance(error, OutputFailed):
            document: dict[str, Any] = {"id": error.id, "message": error.message, "hint": error.hint}
            if error.explanation is not None:
                from relaywright.services.report import explanation_document

                document["explanation"] = explanation_document(error.explanation)
            self.result({"error": document})
            return
        self.progress(one_line(" ".join(filter(None, (f"relaywright: {error.message}", error.hint)))))
        if error.explanation is not None:
            from relaywright.cli.render import explanation_text

            self.progress(f"\n{explanation_text(error.explanation)}")

    def keep_output_apart(self) -> None:
        """From now on nothing but results reaches standard output; programs started here write to standard error.

        A browser's chatter, or a script's in BROWSER, would spoil the one document.
        """
        with contextlib.suppress(OSError, ValueError, AttributeError):
            encoding = sys.stdout.encoding
            own = os.dup(sys.stdout.fileno())
            os.dup2(2, sys.stdout.fileno())
            sys.stdout = os.fdopen(own, "w", encoding=encoding, errors="replace", closefd=False)

    @property
    def shows_progress(self) -> bool:
        """Whether standard error is a screen that shows pictures made of block characters."""
        stream = sys.stderr
        try:
            if stream is None or not stream.isatty() or os.environ.get("TERM") == "dumb":
                return False
            "█▀▄".encode(stream.encoding or "ascii")
        except (UnicodeError, LookupError, ValueError, OSError):
            return False
        return True

    @contextlib.contextmanager
    def ticking(self, text: Callable[[], str]) -> Iterator[None]:
        """Show a line on standard error that is written anew every second while the body runs; only on a screen.

        ``text`` is asked each time; an empty one shows nothing.
        """
        if not self.shows_progress:
            yield
            return
        ended = threading.Event()

        def tick() -> None:
            width = 0
            while not ended.wait(TICK_S):
                line = text()
                _write(sys.stderr, "\r" + line.ljust(width), end="")
                width = len(line)
            if width:
                _write(sys.stderr, "\r" + " " * width + "\r", end="")

        thread = threading.Thread(target=tick, name="clock", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    @property
    def has_person(self) -> bool:
        """Whether somebody sits at the keyboard."""
        return sys.stdin is not None and sys.stdin.isatty()

    def ask_secret(self, prompt: str, *, from_stdin: bool, option: str = "--stdin") -> Secret:
        """Read a secret from standard input's first line (UTF-8), or hidden from the keyboard.

        Raises CredentialNeeded when nobody is there, InputError when it is empty, too long or no text.
        """
        if from_stdin:
            value = _first_line(prompt)
        elif self.has_person:
            try:
                value = getpass.getpass(f"{prompt}: ", stream=sys.stderr)
            except EOFError:
                value = ""
        else:
            raise CredentialNeeded(
                f"{prompt} is needed, and standard input is no terminal.",
                hint=f"Give it on standard input with {option}.",
                id="nobody-to-ask",
            )
        if not value:
            raise InputError(f"{prompt}: nothing was given.", hint="Nothing was changed.", id="empty-secret")
        if len(value) > MAX_SECRET_LENGTH:
            raise InputError(f"{prompt} is longer than {MAX_SECRET_LENGTH} characters.", id="secret-too-long")
        return Secret(value)

    def read_input(self, most_bytes: int) -> tuple[bytes, bytes]:
        """Read all of standard input; a person is told how to end it.

        Of more than ``most_bytes`` the first and the last half are kept, and the last comes by itself.
        """
        if self.has_person:
            self.progress(f"Paste the text, then press {'Ctrl-Z and Enter' if os.name == 'nt' else 'Ctrl-D'}.")
        stream, half = _standard_input(), most_bytes // 2
        head, tail = stream.read(2 * half), b""
        is_longer = False
        while len(head) == 2 * half and (data := stream.read(half)):
            is_longer = True
            tail = (tail + data)[-half:]
        if not is_longer:
            return head, b""
        return head[:half], (head[half:] + tail)[-half:]


def as_json(document: Any, *, indent: int | None = None) -> str:
    """Return a document as JSON that standard output can carry: plain ASCII where it is not UTF-8 (Windows pipes)."""
    encoding = getattr(sys.stdout, "encoding", None) or ""
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    if encoding.lower().replace("-", "") == "utf8" and not _LONE_SURROGATE.search(text):
        return text
    return json.dumps(document, indent=indent)


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def _write(stream: TextIO | None, text: str, *, must_arrive: bool = False, end: str = "\n") -> None:
    """Print a line. Whoever stopped reading has what they wanted; a full disk under a result is told."""
    if stream is None:  # closed by whoever started us; print() would take the other one in its place
        return
    try:
        print(text, file=stream, flush=True, end=end)
    except OSError as error:
        # What is left in the stream's buffer must not be tried again, and complained about, at the end.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if must_arrive and not isinstance(error, BrokenPipeError):
            raise OutputFailed(
                f"The answer could not be written to standard output: {error.strerror or error}.",
                hint="The command itself has run.",
            ) from error


def _standard_input() -> BinaryIO:
    if sys.stdin is None or sys.stdin.closed:
        raise InputError("Standard input is closed.", hint="Nothing was changed.", id="no-input")
    return sys.stdin.buffer


def _first_line(prompt: str) -> str:
    data = _standard_input().readline(4 * MAX_SECRET_LENGTH + 8)
    try:
        return data.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise InputError(
            f"{prompt}: what was given is no UTF-8 text.", hint="Nothing was changed.", id="not-utf-8"
        ) from None


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
            if not results:  # else it was done already, and is told
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
