"""Takes a message off the wire: DATA with its dots, BDAT with its counted chunks. Bounded in memory and in bytes.

Sources: RFC 5321 sections 4.1.1.4 and 4.5.2, RFC 3030. What is said about the message is session.py's business.
"""

from relaywright.practice.channel import Channel, ChannelClosed

MAX_MESSAGE = 26_214_400
"""Bytes the practice relay really keeps of one message (25 MiB); a bigger one gets the service's size refusal."""
MAX_DISCARDED = 268_435_456
"""Bytes read past after that, before the connection is closed."""

_END = b"\r\n.\r\n"
_PIECE = 65_536


def read_data(channel: Channel, limit: int = MAX_MESSAGE) -> bytes | None:
    """Read up to the line with a single dot. Returns the message without its transparency dots; None if too big.

    Only CR LF . CR LF ends it, so that nobody can smuggle a second message behind another line ending.
    Raises ChannelClosed, TimeoutError.
    """
    data = bytearray(b"\r\n")  # so that a first line with a single dot ends it too
    discarded = 0
    searched = 0
    while (end := data.find(_END, searched)) < 0:
        searched = max(0, len(data) - len(_END) + 1)
        if len(data) > limit:
            discarded += len(data)
            data = data[searched:]
            searched = 0
            if discarded > MAX_DISCARDED:
                raise ChannelClosed
        data += channel.read_some(_PIECE)
    channel.put_back(bytes(data[end + len(_END) :]))
    if discarded or end > limit:
        return None
    return bytes(data[: end + 2]).replace(b"\r\n..", b"\r\n.")[2:]


def read_chunk(channel: Channel, size: int, kept: bytearray | None, limit: int = MAX_MESSAGE) -> bool:
    """Read ``size`` bytes and append them to ``kept``; False when that is None or would grow past the limit.

    Raises ChannelClosed, TimeoutError.
    """
    if size > MAX_DISCARDED:
        raise ChannelClosed
    keeping = kept is not None and len(kept) + size <= limit
    while size:
        piece = channel.read_some(min(size, _PIECE))
        size -= len(piece)
        if keeping and kept is not None:
            kept += piece
    return keeping


def has_bare_line_feed(content: bytes) -> bool:
    """Tell whether a line feed stands without its carriage return (the service refuses that)."""
    return content.count(b"\n") != content.count(b"\r\n")
