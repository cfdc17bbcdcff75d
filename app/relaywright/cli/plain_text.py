"""What was typed, or sent by a server, as a terminal may show it."""

import re

from relaywright.domain.address import has_control


def one_line(text: str) -> str:
    """Return a message on one line that a terminal can show: no controls, nothing endless that was typed or sent."""
    shown = "".join(" " if char.isspace() else char for char in text)
    shown = "".join("\ufffd" if has_control(char) else char for char in shown)
    return re.sub(r"\S{200,}", lambda match: f"{match.group()[:80]}…{match.group()[-20:]}", " ".join(shown.split()))
