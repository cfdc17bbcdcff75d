"""Commands filled with values: nothing leaves its quotes, nothing is filled twice."""

from hypothesis import given
from hypothesis import strategies as st

from relaywright.catalog.templates import VARIABLES, fill_command, fill_text, unknown_variables

QUOTES = "'‘’‚‛"


def literals(command: str) -> list[str]:
    """Read single-quoted strings as PowerShell does: any of five quotes ends one, two of them stand for one."""
    found, at = [], 0
    while at < len(command):
        if command[at] not in QUOTES:
            at += 1
            continue
        at, value = at + 1, ""
        while True:
            if command[at] in QUOTES:
                if at + 1 < len(command) and command[at + 1] in QUOTES:
                    value, at = value + command[at], at + 2
                    continue
                break
            value, at = value + command[at], at + 1
        found.append(value)
        at += 1
    return found


@given(st.text(alphabet=st.sampled_from([*QUOTES, "a", "@", "$", "(", ")", "`", '"', ";", "{", "}", "|", " "])))
def test_a_hostile_value_stays_one_string(value: str) -> None:
    command = fill_command("Set-X -Identity {{mailbox}} -Y $false", {"mailbox": value})
    assert literals(command) == [value or "<mailbox>"]
    assert command.startswith("Set-X -Identity '")
    assert command.endswith("' -Y $false")


def test_a_value_that_looks_like_a_variable_is_not_filled_again() -> None:
    assert fill_command("{{mailbox}}", {"mailbox": "{{sender}}", "sender": "x"}) == "'{{sender}}'"


def test_a_value_with_a_line_break_is_replaced_by_the_placeholder() -> None:
    assert fill_command("Get-X {{mailbox}}", {"mailbox": "a\nRemove-Y"}) == "Get-X '<mailbox>'"
    assert fill_text("Look at {{host}}.", {"host": "a\u2028b"}) == "Look at <host>."


def test_a_long_value_is_kept_whole() -> None:
    assert fill_command("{{mailbox}}", {"mailbox": "a" * 10_000}) == f"'{'a' * 10_000}'"


def test_variables_that_do_not_exist_are_found() -> None:
    assert unknown_variables("{{mailbox}} {{ mailbx }} {{x}}") == ["mailbx", "x"]
    assert unknown_variables(" ".join(f"{{{{{name}}}}}" for name in VARIABLES)) == []
