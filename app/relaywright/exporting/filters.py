"""Quoting for every format a template writes, so that no value can leave its place.

Every filter returns :class:`Quoted`; the exporter refuses an expression that went through none of them. What a format
cannot hold at all is refused here with the reason, never bent silently.
"""

import re
import shlex
import textwrap
import unicodedata
from collections.abc import Callable, Mapping

from relaywright.domain.address import has_control
from relaywright.domain.errors import InputError
from relaywright.domain.powershell import quote

MSMTP_MAX_BYTES = 440
"""msmtp refuses a line of more than 500 bytes ("line longer than 500 characters", 1.8.23); the key needs some."""

COMMENT_WIDTH = 100
SLUG_LENGTH = 40
_WINDOWS_NAMES = {"con", "prn", "aux", "nul"} | {f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~&])")
_MARKDOWN_LINE_START = re.compile(r"^(?:(?=[-+=])|(\d{1,9})(?=[.)]))")
"""What would begin a list or underline a heading: ``-``, ``+``, ``=``, and the mark after ``1.`` or ``1)``."""


class Quoted(str):
    """Text that is safe where it stands."""

    __slots__ = ()


def markdown(value: object) -> Quoted:
    """Return one line that Markdown shows as it is, also in a table's cell."""
    text = " ".join(_printable(line) for line in str(value).splitlines()).strip()
    text = _MARKDOWN.sub(r"\\\1", text)
    return Quoted(_MARKDOWN_LINE_START.sub(r"\1\\", text))


def markdown_lines(value: object) -> Quoted:
    """Return a text of several lines, each ended by a hard break, as Markdown shows them one below the other."""
    lines = [markdown(line) for line in str(value).strip().splitlines()]
    return Quoted("\\\n".join(line or " " for line in lines))


def markdown_code(value: object) -> Quoted:
    """Return a code span, for what is typed off letter by letter (CommonMark 6.1: a longer fence than any inside)."""
    text = _one_line(value, "a sheet")
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    padding = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    # In a table's cell a backslash keeps the bar from ending it, also within code (GFM 4.10).
    return Quoted(f"{fence}{padding}{text}{padding}{fence}".replace("|", "\\|"))


def postfix(value: object) -> Quoted:
    """Return a value for main.cf: ``$`` begins a parameter's name there and is doubled (postconf(5))."""
    text = _one_line(value, "Postfix")
    if text != text.strip():
        raise _cannot_hold("Postfix", "a space at its beginning or end")
    return Quoted(text.replace("$", "$$"))


def postfix_table(value: object) -> Quoted:
    """Return a lookup table's result (DATABASE_README: spaces around it are dropped, ``$`` means nothing)."""
    text = _one_line(value, "a Postfix table")
    if text != text.strip():
        raise _cannot_hold("a Postfix table", "a space at its beginning or end")
    return Quoted(text)


def postfix_regexp_result(value: object) -> Quoted:
    """Return what a regexp table answers: ``$`` would insert a part of the match there and is doubled."""
    return Quoted(postfix_table(value).replace("$", "$$"))


def msmtp(value: object) -> Quoted:
    """Return an argument in double quotes: msmtp takes off the outer pair and keeps everything between as it is."""
    text = _one_line(value, "msmtp")
    if len(text.encode()) > MSMTP_MAX_BYTES:
        raise _cannot_hold("msmtp", f"more than {MSMTP_MAX_BYTES} bytes in one line")
    return Quoted(f'"{text}"')


def comment(value: object) -> Quoted:
    """Return one line for a comment that begins with ``#``: controls and line breaks become spaces."""
    return Quoted(_printable(str(value)).strip())


def shell(value: object) -> str:
    """Return one word for a POSIX shell. Not :class:`Quoted`: the file that holds the command quotes once more."""
    return shlex.quote(_one_line(value, "a shell command"))


def powershell(value: object) -> Quoted:
    """Return a single-quoted PowerShell string (domain.powershell)."""
    return Quoted(quote(_one_line(value, "PowerShell")))


def powershell_comment(value: object) -> Quoted:
    """Return one line for a PowerShell comment, of either kind: it cannot end a block comment or begin one."""
    text = _printable(str(value)).strip()
    return Quoted(text.replace("#", "# ").rstrip() if "<#" in text or "#>" in text else text)


def powershell_paragraph(value: object, indent: int = 4) -> Quoted:
    """Return a text wrapped for a PowerShell block comment, ``indent`` spaces before every line but the first."""
    lines = textwrap.wrap(
        powershell_comment(value), COMMENT_WIDTH - indent, break_long_words=False, break_on_hyphens=False
    )
    return Quoted(f"\n{' ' * indent}".join(lines))


def slug(text: str) -> str:
    """Return a name for files and accounts: lower case, ASCII letters, digits and hyphens; never empty or reserved."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_LENGTH].strip("-")
    if not name:
        return "profile"
    return f"{name}-profile" if name in _WINDOWS_NAMES else name


FILTERS: Mapping[str, Callable[..., str]] = {
    "comment": comment,
    "markdown": markdown,
    "markdown_code": markdown_code,
    "markdown_lines": markdown_lines,
    "msmtp": msmtp,
    "postfix": postfix,
    "postfix_regexp_result": postfix_regexp_result,
    "postfix_table": postfix_table,
    "powershell": powershell,
    "powershell_comment": powershell_comment,
    "powershell_paragraph": powershell_paragraph,
    "shell": shell,
}
"""The filters by the names that templates use."""


def _printable(text: str) -> str:
    return "".join(" " if has_control(char) else char for char in text)


def _one_line(value: object, where: str) -> str:
    text = str(value)
    if has_control(text):
        raise _cannot_hold(where, "a line break or another control character")
    return text


def _cannot_hold(where: str, what: str) -> InputError:
    return InputError(
        f"A value of this profile cannot be written for {where}: it has {what}.",
        hint="Change the value, or choose another target.",
        id="value-not-exportable",
    )
