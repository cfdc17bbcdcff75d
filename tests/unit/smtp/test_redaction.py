"""Masking what a server sends back, and taking out what could deceive a reader."""

import base64
import urllib.parse

from hypothesis import given
from hypothesis import strategies as st

from relaywright.domain.secret import MASK
from relaywright.smtp.redaction import MAX_SHOWN_CHARS, Redactor, printable

LONG = "eyJhbGciOiJSUzI1NiJ9.Payload4711Payload4711Payload.SignatureSignature"
around = st.binary(max_size=20)


@given(st.text(min_size=3, max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_a_whole_secret_never_stays(secret: str, before: str, after: str) -> None:
    assert secret not in Redactor([secret]).mask(f"{before}{secret}{after}").replace(MASK, "\0")


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60), around, around)
def test_a_secret_inside_a_longer_base64_text_never_stays(secret: str, before: bytes, after: bytes) -> None:
    text = base64.b64encode(before + secret.encode() + after).decode()
    masked = Redactor([secret]).mask(text)
    assert MASK in masked
    left = max(masked.split(MASK), key=len)
    # What is left can hold nothing of the secret beyond the characters that carry neighbouring bits.
    assert len(left) <= (max(len(before), len(after)) + 2) * 4 // 3 + 4


def test_a_long_secret_as_digits_is_masked_when_it_is_cut_short() -> None:
    digits = LONG.encode().hex()
    assert Redactor([LONG]).mask(f"said {digits[10:90]}") == f"said {MASK}"
    assert Redactor([LONG]).mask(f"said {digits[:60].upper()}") == f"said {MASK}"


def test_encoded_forms_are_masked() -> None:
    redactor = Redactor(["p/ss+wörd ü42"])
    for form in (
        urllib.parse.quote("p/ss+wörd ü42", safe=""),
        urllib.parse.quote_plus("p/ss+wörd ü42"),
        "p/ss+wörd ü42".encode().hex(),
        base64.urlsafe_b64encode("p/ss+wörd ü42".encode()).decode(),
    ):
        assert redactor.mask(f"<{form}>").startswith(f"<{MASK}")


def test_a_piece_of_a_long_secret_is_masked_in_any_case() -> None:
    redactor = Redactor([LONG])
    assert LONG[25:50] not in redactor.mask(f"Unrecognized command '{LONG[:50]}")
    assert redactor.mask(LONG[10:40].upper()) == MASK


def test_an_ordinary_reply_stays_as_it_is() -> None:
    text = "535 5.7.139 Authentication unsuccessful, the user credentials were incorrect. [X.prod.outlook.com]"
    assert Redactor([LONG, "Password123"], [base64.b64encode(b"Password123").decode()]).mask(text) == text
    assert Redactor(["Password123"]).mask("334 UGFzc3dvcmQ6") == "334 UGFzc3dvcmQ6"


@given(st.text())
def test_printable_text_is_one_bounded_line(text: str) -> None:
    shown = printable(text)
    assert len(shown) <= MAX_SHOWN_CHARS + 1
    assert shown.isprintable()
    assert not set(shown) & set("\r\n\x00\x1b\u202e\u2066\u200b\u2028")
