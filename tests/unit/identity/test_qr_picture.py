"""The QR picture of an address: square, framed by light, and the same modules for window and terminal."""

import pytest

from relaywright.identity.qr_picture import QUIET_ZONE, as_blocks, modules_of

ADDRESS = "https://microsoft.com/devicelogin"


def test_it_is_square_with_a_quiet_zone_and_three_finders() -> None:
    rows = modules_of(ADDRESS)
    side = len(rows)
    assert {len(row) for row in rows} == {side}
    for line in (*rows[:QUIET_ZONE], *rows[-QUIET_ZONE:]):
        assert not any(line)
    assert all(not any(row[:QUIET_ZONE]) and not any(row[-QUIET_ZONE:]) for row in rows)
    first, last = QUIET_ZONE, side - QUIET_ZONE - 7
    finder = [
        [True] * 7,
        [True] + [False] * 5 + [True],
        *[[True, False, True, True, True, False, True]] * 3,
        [True] + [False] * 5 + [True],
        [True] * 7,
    ]
    for top, left in ((first, first), (first, last), (last, first)):  # ISO/IEC 18004 section 6.3.3
        assert [list(row[left : left + 7]) for row in rows[top : top + 7]] == finder


def test_the_terminals_picture_is_the_same() -> None:
    lines = as_blocks(ADDRESS).splitlines()
    inner = [row[QUIET_ZONE - 2 : -(QUIET_ZONE - 2)] for row in modules_of(ADDRESS)[QUIET_ZONE - 2 : -(QUIET_ZONE - 2)]]
    light = {"█": (True, True), "▀": (True, False), "▄": (False, True), " ": (False, False)}
    for number, line in enumerate(lines):
        upper = inner[2 * number]
        lower = inner[2 * number + 1] if 2 * number + 1 < len(inner) else (True,) * len(upper)
        assert [light[char] for char in line] == [(not a, not b) for a, b in zip(upper, lower, strict=True)]


def test_an_address_too_long_for_a_picture_is_a_value_error() -> None:
    with pytest.raises(ValueError, match=r"."):
        modules_of("https://example.com/" + "x" * 8_000)
