"""The test message: complete headers, nothing slipped in, readable everywhere."""

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywright.domain.errors import InputError
from relaywright.smtp.message import build_test_message


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_message_says_who_when_and_what() -> None:
    built = build_test_message(
        "alice@contoso.test",
        ["bob@contoso.test", "eve@fabrikam.test"],
        from_name="Scanner, 3. Stock ü",
        reply_to="help@contoso.test",
        profile_name="Empfang",
    )
    message = parsed(built.content)
    assert message["From"] == '"Scanner, 3. Stock ü" <alice@contoso.test>'
    assert message["To"] == "bob@contoso.test, eve@fabrikam.test"
    assert message["Reply-To"] == "help@contoso.test"
    assert message["Subject"] == "Relaywright test message"
    assert message["Message-ID"] == built.message_id
    assert built.message_id.endswith("@contoso.test>")
    assert message["Date"].datetime.tzinfo is not None
    assert message["Auto-Submitted"] == "auto-generated"
    assert "Empfang" in message.get_content()
    assert not message.defects


@given(st.text(max_size=300), st.text(max_size=300))
def test_the_content_is_ascii_with_short_lines_whatever_subject_and_body_say(subject: str, body: str) -> None:
    try:
        built = build_test_message("a@x.test", ["b@x.test"], subject=subject, body=body)
    except InputError:
        assert not subject.isprintable()
        return
    assert built.content.isascii()
    lines = built.content.split(b"\r\n")
    assert all(len(line) <= 998 and b"\n" not in line and b"\r" not in line for line in lines)
    names = [name for name, _ in parsed(built.content).items()]
    assert len(names) == len(set(names)) == 10


@pytest.mark.parametrize(
    "field", [{"subject": "x\r\nBcc: y@x.test"}, {"from_name": "x\nBcc: y"}, {"reply_to": "a@x.test\r\nBcc: y@x.test"}]
)
def test_a_line_break_in_a_header_is_refused(field: dict[str, str]) -> None:
    with pytest.raises(InputError):
        build_test_message("a@x.test", ["b@x.test"], **field)  # type: ignore[arg-type]


def test_attachments_come_back_byte_for_byte(tmp_path: Path) -> None:
    contents = {"scan ü.pdf": bytes(range(256)) * 50, "note.txt": b"line\nend", "mail.eml": b"From: x\n\ny"}
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    built = build_test_message("a@x.test", ["b@x.test"], attachments=[tmp_path / name for name in contents])
    found = {part.get_filename(): part.get_payload(decode=True) for part in parsed(built.content).iter_attachments()}
    assert found == contents
    assert built.content.isascii()


def test_an_attachment_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.pdf"):
        build_test_message("a@x.test", ["b@x.test"], attachments=[tmp_path / "gone.pdf"])


def test_an_address_outside_ascii_makes_a_message_for_smtputf8() -> None:
    built = build_test_message("a@x.test", ["jürgen@x.test"])
    assert "To: jürgen@x.test\r\n".encode() in built.content
