"""The transcript as text."""

from relaywright.smtp.events import Line, Speaker
from relaywright.smtp.transcript import LEGEND, as_text


def test_each_line_has_its_time_and_its_marker() -> None:
    lines = [
        Line(0.5, Speaker.NOTE, "mail.test is 127.0.0.1:25"),
        Line(12.0, Speaker.SERVER, "220 hi"),
        Line(1234.56, Speaker.CLIENT, "AUTH XOAUTH2 ••••••••"),
        Line(6000.0, Speaker.SERVER, "535 5.7.3 no", refused=True),
    ]
    assert as_text(lines, "Profile: Empfang").splitlines() == [
        "Profile: Empfang",
        LEGEND,
        "",
        "      0.5 ** mail.test is 127.0.0.1:25",
        "     12.0 <- 220 hi",
        "   1234.6 -> AUTH XOAUTH2 ••••••••",
        "   6000.0 <! 535 5.7.3 no",
    ]
