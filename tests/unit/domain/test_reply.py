"""A reply's enhanced code and its one-line form; the service's own tail is no part of the text."""

import pytest

from relaywright.domain.reply import Reply, without_service_tail


def test_enhanced_code_and_one_line_form() -> None:
    reply = Reply(535, "5.7.139 Authentication unsuccessful,\n5.7.139 basic authentication is disabled.", "AUTH")
    assert reply.enhanced == "5.7.139"
    assert reply.one_line == "535 5.7.139 Authentication unsuccessful, basic authentication is disabled."
    assert not reply.positive


@pytest.mark.parametrize("text", ["Go ahead", "5.7 short", "9.1.1 no class", "x 5.7.1 not first"])
def test_no_enhanced_code_is_invented(text: str) -> None:
    assert Reply(250, text).enhanced == ""


def test_the_services_tail_is_dropped_and_other_brackets_stay() -> None:
    tail = "Authentication unsuccessful [AM0PR10CA0012.EURPRD10.PROD.OUTLOOK.COM 2026-11-23T14:02:11.214Z 08DBB2]"
    assert without_service_tail(tail) == "Authentication unsuccessful"
    assert without_service_tail("banned sending IP [192.0.2.1] today") == "banned sending IP [192.0.2.1] today"
