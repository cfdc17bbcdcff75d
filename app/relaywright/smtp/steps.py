"""What the dialogue can ask of the engine: a closed union of steps, and the commands they carry.

Every command holds the bytes for the wire and, apart from them, what the transcript shows; neither is derived later.
"""

import re
from collections.abc import Generator
from dataclasses import dataclass, field

from relaywright.domain.reply import Reply, Stage
from relaywright.smtp.events import PhaseName, RecipientAnswered, SignedIn


@dataclass(frozen=True)
class Command:
    """One command or block of content. ``shown`` is its transcript form, made where the command is made."""

    wire: bytes = field(repr=False)
    shown: str
    is_content: bool = False


@dataclass(frozen=True)
class Begin:
    """A phase begins; the one before ends."""

    phase: PhaseName


@dataclass(frozen=True)
class Say:
    """Write the commands in one go."""

    commands: tuple[Command, ...]
    stage: Stage


@dataclass(frozen=True)
class Hear:
    """Wait for one reply and send it back into the generator. A code not ``wanted`` decides against us."""

    command: str
    stage: Stage
    wanted: tuple[int, ...] = ()
    """Codes that go along; empty: whatever comes is no surprise any more."""


@dataclass(frozen=True)
class StartTls:
    """Turn the connection to TLS, verified. ``after_reply``: whatever lies unread in the clear is an intrusion."""

    after_reply: bool


@dataclass(frozen=True)
class Remark:
    """A line of our own in the transcript; may quote the server."""

    untrusted_text: str


@dataclass(frozen=True)
class Tell:
    """Pass an event on."""

    event: SignedIn | RecipientAnswered


Step = Begin | Say | Hear | StartTls | Remark | Tell
Dialogue = Generator[Step, Reply | None, None]


def hear(command: str, stage: Stage, *wanted: int) -> Generator[Step, Reply | None, Reply]:
    """Wait for one reply and return it, for use after ``yield from``."""
    reply = yield Hear(command, stage, wanted)
    if reply is None:
        raise TypeError("the engine answers Hear with a reply")
    return reply


def open_command(text: str) -> Command:
    """Return a command that holds nothing to hide."""
    return Command(f"{text}\r\n".encode(), text)


def in_one_chunk(content: bytes) -> tuple[Command, ...]:
    """Return the commands that hand over normalised content as a single, last chunk (RFC 3030 section 2)."""
    return open_command(f"BDAT {len(content)} LAST"), Command(content, _described(content), is_content=True)


def after_data(content: bytes) -> tuple[Command, ...]:
    """Return what follows the 354 to DATA: the normalised content, and the dot that ends it."""
    return Command(stuffed(content), _described(content), is_content=True), open_command(".")


def _described(content: bytes) -> str:
    lines = content.count(b"\n")
    return f"(the message: {len(content)} bytes in {lines} lines)"


def normalised(message: bytes) -> bytes:
    """Return the message with CR LF at every line's end and at its own; lone CR and LF count as line ends."""
    text = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
    return text if text.endswith(b"\r\n") or not text else text + b"\r\n"


def stuffed(content: bytes) -> bytes:
    """Return normalised content with a dot doubled wherever it begins a line (RFC 5321 section 4.5.2)."""
    return re.sub(rb"(?m)^\.", b"..", content)
