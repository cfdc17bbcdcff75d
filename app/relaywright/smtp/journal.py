"""Keeps a session's transcript, phases and clock, and tells each piece to whoever listens, at once.

Everything passes the redactor here, so that nothing unclean can get further; what it means is decided elsewhere.
"""

import time
from collections.abc import Callable

from relaywright.smtp.events import (
    Emit,
    Line,
    Phase,
    PhaseName,
    PhaseStarted,
    RecipientAnswered,
    SignedIn,
    Speaker,
    TlsEstablished,
)
from relaywright.smtp.redaction import Redactor, printable


class Journal:
    """One session's record. Times are milliseconds since it was made."""

    def __init__(self, emit: Emit, redactor: Redactor, clock: Callable[[], float] = time.perf_counter) -> None:
        self._emit = emit
        self._redactor = redactor
        self._clock = clock
        self._start = clock()
        self._open: PhaseName | None = None
        self._open_at_ms = 0.0
        self._open_ok = True
        self.lines: list[Line] = []
        self.phases: list[Phase] = []

    @property
    def now_ms(self) -> float:
        """Time since the session's start."""
        return (self._clock() - self._start) * 1000.0

    def begin(self, phase: PhaseName) -> None:
        """End the phase that runs and begin the next."""
        self.end()
        self._open, self._open_at_ms, self._open_ok = phase, self.now_ms, True
        self._emit(PhaseStarted(phase, self._open_at_ms))

    def spoil(self) -> None:
        """Note that the phase that runs does not go well."""
        self._open_ok = False

    def end(self) -> None:
        """End the phase that runs, if one does."""
        if self._open is None:
            return
        phase = Phase(self._open, self._open_at_ms, self.now_ms - self._open_at_ms, self._open_ok)
        self._open = None
        self.phases.append(phase)
        self._emit(phase)

    def said(self, shown: str) -> None:
        """Record a line of ours. Its maker has left out the secret; it is not searched again."""
        self._add(Speaker.CLIENT, printable(shown), refused=False)

    def heard(self, untrusted_line: str, *, refused: bool) -> None:
        """Record a line of the server's."""
        self._add(Speaker.SERVER, self._redactor.clean(untrusted_line), refused=refused)

    def note(self, untrusted_text: str) -> None:
        """Record a remark of ours, which may quote the server."""
        self._add(Speaker.NOTE, self._redactor.clean(untrusted_text), refused=False)

    def tell(self, event: TlsEstablished | SignedIn | RecipientAnswered) -> None:
        """Pass an event on."""
        self._emit(event)

    def clean(self, untrusted_text: str) -> str:
        """Return a text of several lines as it may be kept."""
        return "\n".join(self._redactor.clean(line) for line in untrusted_text.split("\n"))

    def _add(self, speaker: Speaker, text: str, *, refused: bool) -> None:
        line = Line(self.now_ms, speaker, text, refused)
        self.lines.append(line)
        self._emit(line)
