"""What people paste from their programs' logs: the words of each library and program find their entry.

The lines stand in pasted_lines.toml.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from relaywright.catalog.catalog import Catalog
from relaywright.domain.explanation import MatchConfidence

CATALOG = Catalog.load(Path(__file__).parents[3] / "resources")
DATA: dict[str, Any] = tomllib.loads((Path(__file__).parent / "pasted_lines.toml").read_text(encoding="utf-8"))
HOST = DATA.pop("tail")
REPLIES = [(line["text"], line["entry"]) for line in DATA.pop("replies")]
LINES = [
    pytest.param(line["text"].replace("{tail}", HOST), line["entry"], id=f"{program}-{number}-{line['entry']}")
    for program, lines in DATA.items()
    for number, line in enumerate(lines)
]
PROGRAMS = {"node", "java", "curl", "dotnet", "phpmailer", "go", "postfix", "msmtp", "python"}


def test_every_program_that_issue_4_names_has_its_lines() -> None:
    assert set(DATA) == PROGRAMS
    assert len(LINES) >= 150


@pytest.mark.parametrize(("text", "entry"), LINES)
def test_a_line_from_a_log_finds_its_entry(text: str, entry: str) -> None:
    explanation = CATALOG.explain_text(text, {})
    assert (explanation.id, explanation.confidence) == (entry, MatchConfidence.EXACT)


@pytest.mark.parametrize(("text", "entry"), REPLIES, ids=[text[:40] for text, _ in REPLIES])
def test_a_reply_is_told_apart_by_its_words_whatever_the_server_appends(text: str, entry: str) -> None:
    for pasted in (text, f"{text} {HOST}", f"{text} [AM0PR01CA0001.eurprd01.prod.exchangelabs.com]"):
        assert CATALOG.explain_text(pasted, {}).id == entry


@pytest.mark.parametrize(
    ("host", "auth", "entry"),
    [
        ("smtp.azurecomm.net", "password", "authentication-unsuccessful-acs"),
        ("smtp.azurecomm.net", "oauth-app", "authentication-unsuccessful-acs"),
        ("SMTP.HVE.mx.microsoft", "password", "authentication-unsuccessful-hve"),
        ("smtp.office365.com", "password", "authentication-unsuccessful-password"),
        ("smtp.office365.com", "oauth-app", "authentication-unsuccessful-app"),
    ],
)
def test_the_same_words_mean_another_set_up_at_another_service(host: str, auth: str, entry: str) -> None:
    values = {"host": host, "auth": auth}
    assert CATALOG.explain_text(f"535 5.7.3 Authentication unsuccessful {HOST}", values).id == entry
    assert CATALOG.explain_text("Authentication unsuccessful", values).id == entry


def test_a_programs_summary_does_not_hide_the_reason_beside_it() -> None:
    alone = "SMTP Error: Could not connect to SMTP host."
    assert CATALOG.explain_text(alone, {}).id == "program-connect-failed"
    assert CATALOG.explain_text(f"{alone} Network is unreachable", {}).id == "host-unreachable"


def test_a_reply_that_is_new_is_explained_by_its_class_and_code_and_says_so() -> None:
    explanation = CATALOG.explain_text(f"SMTP Error: data not accepted.\n554 5.6.211 Something new {HOST}", {})
    assert explanation.confidence is not MatchConfidence.UNKNOWN
    explanation = CATALOG.explain_text(f"554 5.6.211 Something new {HOST}", {})
    assert explanation.confidence is MatchConfidence.CODE
    assert "554 5.6.211" in explanation.title
    assert "not in the catalogue; only its code was read" in explanation.cause
    assert "permanent" in explanation.cause
