"""Messages off the wire, in whatever pieces they come."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywright.practice.channel import Channel, ChannelClosed
from relaywright.practice.intake import has_bare_line_feed, read_chunk, read_data

LINES = st.lists(st.text("ab.\x00é", max_size=8).map(str.encode), max_size=8)


def fed(data: bytes) -> Channel:
    near, far = socket.socketpair()
    far.sendall(data)
    far.shutdown(socket.SHUT_WR)
    far.close()
    return Channel(near, idle_s=2)


@given(LINES)
def test_what_a_client_stuffs_comes_out_as_it_was(lines: list[bytes]) -> None:
    content = b"".join(line + b"\r\n" for line in lines)
    stuffed = b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
    channel = fed(stuffed + b".\r\nNOOP\r\n")
    assert read_data(channel) == content
    assert channel.read_line(100) == b"NOOP"
    channel.close()


@given(st.binary(max_size=60), st.integers(1, 59))
def test_the_end_is_found_wherever_the_pieces_break(content: bytes, size: int) -> None:
    class Pieces(Channel):
        def read_some(self, at_most: int) -> bytes:
            return super().read_some(min(at_most, size))

    content = content.replace(b".", b"")
    near, far = socket.socketpair()
    far.sendall(content + b"\r\n.\r\nrest\r\n")
    channel = Pieces(near, idle_s=2)
    assert read_data(channel) == content + b"\r\n"
    assert channel.read_line(100) == b"rest"
    far.close()
    channel.close()


@pytest.mark.parametrize("size", [99, 100, 101, 200_000])
def test_the_limit_is_the_limit(size: int) -> None:
    channel = fed(b"x" * (size - 2) + b"\r\n.\r\nrest\r\n")
    content = read_data(channel, limit=100)
    assert (content is None) == (size > 100)
    assert channel.read_line(100) == b"rest"
    channel.close()


def test_a_message_that_never_ends_is_a_closed_connection() -> None:
    channel = fed(b"Subject: x\r\n\r\nhalf")
    with pytest.raises(ChannelClosed):
        read_data(channel)
    channel.close()


def test_chunks_stop_growing_at_the_limit() -> None:
    channel = fed(b"a" * 60 + b"b" * 60 + b"NOOP\r\n")
    kept = bytearray()
    assert read_chunk(channel, 60, kept, limit=100)
    assert not read_chunk(channel, 60, kept, limit=100)
    assert kept == b"a" * 60
    assert channel.read_line(100) == b"NOOP"
    channel.close()


def test_an_absurd_chunk_closes_the_connection_unread() -> None:
    channel = fed(b"x")
    with pytest.raises(ChannelClosed):
        read_chunk(channel, 10**12, bytearray())
    channel.close()


@pytest.mark.parametrize(
    ("content", "bare"), [(b"a\r\nb\r\n", False), (b"", False), (b"a\nb\r\n", True), (b"\n", True)]
)
def test_bare_line_feeds_are_seen(content: bytes, bare: bool) -> None:
    assert has_bare_line_feed(content) is bare
