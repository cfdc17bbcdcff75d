"""Quoting for PowerShell, so that no value can leave its string.

PowerShell ends a single-quoted string at any of U+0027, U+2018, U+2019, U+201A and U+201B, and a doubled one of
them stands for itself (about_Quoting_Rules; the typographic ones in the language specification 2.3.5.2).
"""

_SINGLE_QUOTES = "'‘’‚‛"


def quote(value: str) -> str:
    """Return a single-quoted PowerShell string that holds ``value`` and nothing else.

    Line breaks and other controls are refused with ValueError: no value of a profile has one.
    """
    if any(ord(char) < 0x20 or ord(char) == 0x7F for char in value):
        raise ValueError("a value with a control character cannot stand in a command")
    doubled = "".join(char * 2 if char in _SINGLE_QUOTES else char for char in value)
    return f"'{doubled}'"
