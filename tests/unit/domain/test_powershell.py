"""No value leaves its PowerShell string."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywright.domain.powershell import quote

QUOTES = "'‘’‚‛"


@given(st.text(alphabet=st.characters(min_codepoint=0x20, exclude_characters="\x7f")))
def test_every_quote_inside_is_doubled(value: str) -> None:
    quoted = quote(value)
    assert quoted[0] == quoted[-1] == "'"
    inner = quoted[1:-1]
    position = 0
    while position < len(inner):
        if inner[position] in QUOTES:
            assert inner[position + 1] == inner[position]
            position += 1
        position += 1


@pytest.mark.parametrize("value", ["a\nb", "a\r", "\x00", "\x7f"])
def test_controls_are_refused(value: str) -> None:
    with pytest.raises(ValueError, match="control"):
        quote(value)
