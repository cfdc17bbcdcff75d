"""Content on its way: line ends, dots, and the two ways of handing it over."""

from hypothesis import given
from hypothesis import strategies as st

from relaywright.smtp.steps import after_data, in_one_chunk, normalised, stuffed


@given(st.binary(max_size=200))
def test_data_comes_back_as_it_was_after_the_receiver_has_undone_the_dots(message: bytes) -> None:
    content = normalised(message)
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    wire = stuffed(content)
    assert b"\r\n.\r\n" not in b"\r\n" + wire
    received = b"".join(line.removeprefix(b".") for line in wire.splitlines(keepends=True))
    assert received == content


def test_a_chunk_says_how_long_it_is_and_data_ends_with_a_dot() -> None:
    content = b"Subject: hi\r\n\r\n.\r\n"
    size, chunk = in_one_chunk(content)
    assert (size.wire, chunk.wire) == (b"BDAT 18 LAST\r\n", content)
    assert b"".join(command.wire for command in after_data(content)) == b"Subject: hi\r\n\r\n..\r\n.\r\n"
    assert chunk.shown == "(the message: 18 bytes in 3 lines)"
