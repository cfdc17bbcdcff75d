"""The reply reader: what it takes, however the bytes are cut, and what it refuses."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywright.domain.reply import FailureKind
from relaywright.smtp.reply import MAX_LINE_OCTETS, MAX_LINES, MAX_REPLY_OCTETS, RawReply, ReplyReader
from relaywright.smtp.trouble import Trouble

texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=60)
replies = st.builds(lambda code, lines: (code, lines), st.integers(200, 599), st.lists(texts, min_size=1, max_size=5))


def written(code: int, lines: list[str], line_end: str) -> bytes:
    last = len(lines) - 1
    return "".join(f"{code}{' ' if n == last else '-'}{text}{line_end}" for n, text in enumerate(lines)).encode()


def all_of(reader: ReplyReader) -> list[RawReply]:
    found = []
    while (reply := reader.next_reply()) is not None:
        found.append(reply)
    return found


@given(st.lists(replies, max_size=4), st.lists(st.integers(0, 400), max_size=8), st.sampled_from(["\r\n", "\n"]))
def test_replies_come_out_as_they_were_written_however_they_arrive(
    wanted: list[tuple[int, list[str]]], cuts: list[int], line_end: str
) -> None:
    data = b"".join(written(code, lines, line_end) for code, lines in wanted)
    reader, found = ReplyReader(), []
    bounds = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in itertools.pairwise(bounds):
        reader.feed(data[start:end])
        found += all_of(reader)
    assert [(reply.code, reply.untrusted_text.split("\n")) for reply in found] == wanted
    assert not reader.has_leftover


@given(st.binary(max_size=3000))
def test_any_bytes_give_replies_or_one_kind_of_trouble(data: bytes) -> None:
    reader = ReplyReader()
    reader.feed(data)
    trouble = None
    try:
        assert all(200 <= reply.code <= 599 for reply in all_of(reader))
    except Trouble as raised:
        trouble = raised
    assert trouble is None or trouble.kind is FailureKind.NOT_SMTP


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"250\r\n", ""),
        (b"250 \r\n", ""),
        (b"250-\r\n250 x\r\n", "\nx"),
        (b"250 a\xffb\0c\r\n", "a\ufffdb\0c"),
        (b"250 a\rb\r\n", "a\rb"),
    ],
)
def test_odd_but_readable_replies(data: bytes, text: str) -> None:
    reader = ReplyReader()
    reader.feed(data)
    reply = reader.next_reply()
    assert reply is not None
    assert reply.untrusted_text == text


@pytest.mark.parametrize(
    "data", [b"hello\r\n", b"\r\n", b"25 x\r\n", b"2500 x\r\n", b"199 x\r\n", b"600 x\r\n", b"250-a\r\n251 b\r\n"]
)
def test_what_is_no_reply_is_trouble(data: bytes) -> None:
    reader = ReplyReader()
    reader.feed(data)
    with pytest.raises(Trouble) as caught:
        reader.next_reply()
    assert caught.value.kind is FailureKind.NOT_SMTP


@pytest.mark.parametrize(
    "data",
    [
        b"2" * (MAX_LINE_OCTETS + 1),
        b"250 " + b"x" * MAX_LINE_OCTETS + b"\r\n",
        b"250-x\r\n" * MAX_LINES,
        (b"250-" + b"x" * 10_000 + b"\r\n") * (MAX_REPLY_OCTETS // 10_000 + 1),
    ],
    ids=["line without end", "long line", "many lines", "many bytes"],
)
def test_every_bound_holds(data: bytes) -> None:
    reader = ReplyReader()
    reader.feed(data)
    with pytest.raises(Trouble) as caught:
        reader.next_reply()
    assert caught.value.kind is FailureKind.LINE_TOO_LONG


def test_a_started_reply_and_unasked_bytes_count_as_leftover() -> None:
    reader = ReplyReader()
    reader.feed(b"220 go\r\n250-x\r\n25")
    assert reader.next_reply() is not None
    assert reader.next_reply() is None
    assert reader.has_leftover
    assert reader.untrusted_partial == ("250-x", "25")


def test_tls_on_the_line_is_recognised() -> None:
    reader = ReplyReader()
    reader.feed(b"\x16\x03\x01\n")
    with pytest.raises(Trouble, match="speaks TLS"):
        reader.next_reply()
