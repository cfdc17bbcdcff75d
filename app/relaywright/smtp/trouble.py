"""What goes wrong below the level of SMTP replies, as one exception that stays inside this package.

The engine adds the stage and turns it into a ``domain.reply.Failure``; nobody outside meets it.
"""

from relaywright.domain.reply import FailureKind


class Trouble(Exception):
    """The session cannot go on. ``detail`` may quote the server or a library: untrusted, and without secrets."""

    def __init__(self, kind: FailureKind, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
