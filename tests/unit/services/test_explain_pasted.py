"""What people paste, as files of every kind: the line that matters is found, numbered, counted and explained."""

from pathlib import Path
from typing import Any, Self

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relaywright.catalog.bounce import read_mail
from relaywright.catalog.catalog import Catalog
from relaywright.domain.errors import InputError
from relaywright.domain.explanation import Explanation, MatchConfidence
from relaywright.services.explain_pasted import END_BYTES, Pasted, PastedExplanation, PastedTexts, read_file
from relaywright.services.pasted_lines import MAX_EXPLAINED, MAX_FOUND, MAX_SHOWN_CHARACTERS, Kept

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "tests" / "data" / "pasted"
TEXTS = PastedTexts(Catalog.load(ROOT / "resources"))
REFUSAL = "535 5.7.139 Authentication unsuccessful, basic authentication is disabled."


def explain(text: str) -> PastedExplanation:
    return TEXTS.explain(Pasted(text), {})


@pytest.mark.parametrize(
    ("file", "entry", "line", "where", "recipient", "times"),
    [
        ("postfix.log", "basic-auth-disabled", 7, "", "", 3),
        ("msmtp.log", "send-as-denied", 2, "", "", 1),
        ("phpmailer.txt", "smtp-auth-disabled-tenant", 14, "", "", 2),
        ("printer-report.txt", "direct-send-rejected", 16, "", "", 1),
        ("exchange-report.eml", "direct-send-rejected", 48, "Diagnostic-Code", "partner@fabrikam.example", 1),
        ("postfix-bounce.eml", "recipient-unknown-at-edge", 47, "Diagnostic-Code", "nobody@contoso.example", 1),
        ("gmail-bounce.eml", "recipient-not-found", 30, "Diagnostic-Code", "gone@contoso.example", 1),
        ("junked.eml", "header-dmarc-failed", 3, "Authentication-Results", "", 1),
    ],
)
def test_the_line_that_matters_is_found(
    file: str, entry: str, line: int, where: str, recipient: str, times: int
) -> None:
    answer = TEXTS.explain_file(SAMPLES / file, {})
    assert (answer.best.id, answer.best.confidence) == (entry, MatchConfidence.EXACT)
    deciding = answer.deciding
    assert deciding is not None
    assert (deciding.line, deciding.where, deciding.recipient, deciding.times) == (line, where, recipient, times)
    words = (SAMPLES / file).read_text(encoding="utf-8").splitlines()[line - 1]
    assert deciding.text.split()[-3 if where else 0] in words or deciding.text.split()[0] in words


@pytest.mark.parametrize(
    ("file", "others"),
    [
        ("postfix.log", ["concurrent-connections", "connect-timeout"]),
        ("msmtp.log", []),
        ("phpmailer.txt", []),
        ("exchange-report.eml", []),
        ("gmail-bounce.eml", []),
        ("postfix-bounce.eml", ["connect-timeout"]),
        ("junked.eml", ["header-compauth-failed", "header-spf-failed"]),
    ],
)
def test_what_else_is_in_it_is_told_and_nothing_twice(file: str, others: list[str]) -> None:
    assert [item.explanation.id for item in TEXTS.explain_file(SAMPLES / file, {}).others] == others


def test_the_values_of_a_profile_stand_in_the_command() -> None:
    answer = TEXTS.explain_file(SAMPLES / "phpmailer.txt", {"mailbox": "scan@contoso.example"})
    assert "'scan@contoso.example'" in answer.best.powershell


def test_every_recipient_of_a_report_has_its_own_line() -> None:
    block = "Final-Recipient: rfc822; {}@contoso.example\nAction: failed\nStatus: 5.1.10\n"
    block += "Diagnostic-Code: smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup\n\n"
    answer = explain("".join(block.format(name) for name in ("a", "b", "c")))
    assert [(item.recipient[0], item.line) for item in answer.found] == [("a", 4), ("b", 9), ("c", 14)]
    without_gaps = explain("".join(block.strip("\n").format(name) + "\n" for name in ("a", "b", "c")))
    assert [(item.recipient[0], item.line) for item in without_gaps.found] == [("a", 4), ("b", 8), ("c", 12)]


def test_a_delivered_recipient_and_the_returned_message_say_nothing() -> None:
    answer = TEXTS.explain_file(SAMPLES / "exchange-report.eml", {})
    assert [item.recipient for item in answer.found] == ["partner@fabrikam.example"]
    assert "basic-auth-disabled" not in {item.explanation.id for item in answer.found}


def test_a_status_completes_a_diagnostic_that_has_only_its_code() -> None:
    fields = (
        "Final-Recipient: rfc822; x@contoso.example\nAction: failed\nStatus: 5.7.68\nDiagnostic-Code: smtp; 550 No\n"
    )
    assert explain(fields).best.id == "direct-send-rejected"
    assert explain(fields.replace("Diagnostic-Code: smtp; 550 No\n", "")).best.id == "direct-send-rejected"


def test_an_encoded_report_is_read_too() -> None:
    import base64

    fields = "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; x@contoso.example\nAction: failed\nStatus: 5.7.68\n"
    body = base64.encodebytes(fields.encode()).decode()
    head = "From: a@contoso.example\nTo: b@contoso.example\nMIME-Version: 1.0\nContent-Type: multipart/report; "
    part = "--x\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64"
    answer = explain(f'{head}boundary="x"\n\n{part}\n\n{body}\n--x--\n')
    assert answer.best.id == "direct-send-rejected"
    assert answer.deciding is not None
    assert (answer.deciding.line, answer.deciding.recipient) == (None, "x@contoso.example")


def test_a_page_without_plain_text_is_read_by_its_words() -> None:
    head = "From: a@contoso.example\nSubject: x\nContent-Type: text/html\n\n"
    assert explain(f"{head}<p>Remote server returned <b>'{REFUSAL}'</b></p>").best.id == "basic-auth-disabled"


def test_exchange_report_pasted_as_words_names_the_recipient() -> None:
    text = "Diagnostic information for administrators:\n\nGenerating server: X.prod.outlook.com\n\nb@fabrikam.example\n"
    answer = explain(f"{text}Remote Server returned '550 5.7.68 Direct Send not allowed for this organization'")
    assert answer.deciding is not None
    assert (answer.deciding.line, answer.deciding.recipient) == (6, "b@fabrikam.example")


def test_results_that_decide_nothing_are_not_named() -> None:
    head = "From: a@contoso.example\nTo: b@contoso.example\n"
    head += "Authentication-Results: spf=fail x; dkim=pass; dmarc={} y\n\nHi\n"
    assert explain(head.format("fail")).best.id == "header-dmarc-failed"
    assert explain(head.format("pass")).best.confidence is MatchConfidence.UNKNOWN


def test_a_reply_in_a_mail_beats_the_results_in_its_head() -> None:
    text = (SAMPLES / "junked.eml").read_text(encoding="utf-8")
    assert explain(f"{text}\n{REFUSAL}").best.id == "basic-auth-disabled"


def test_an_error_of_the_sign_in_is_found_with_its_line() -> None:
    answer = explain("start\nAADSTS7000222: The provided client secret keys are expired.\nAADSTS50126: wrong\nend")
    assert [item.line for item in answer.found] == [2, 3]
    assert answer.deciding is not None


def test_what_was_said_to_sign_in_is_not_shown() -> None:
    answer = explain(f"AUTH PLAIN AGFAY29udG9zby5leGFtcGxlAHB3 -> {REFUSAL} password=hunter2")
    assert answer.deciding is not None
    assert "AGFAY29" not in answer.deciding.text
    assert "hunter2" not in answer.deciding.text


def test_a_reply_behind_the_word_password_stays() -> None:
    deciding = explain(f"Wrong password: {REFUSAL}").deciding
    assert deciding is not None
    assert deciding.text == f"Wrong password: {REFUSAL}"


def test_a_devices_report_that_looks_like_a_message_is_read_by_its_lines() -> None:
    report = (
        f"Date: 2026-11-23\nFrom: scan@contoso.example\nTo: it@contoso.example\nResult: {REFUSAL}\n\n550 5.9.9 odd\n"
    )
    answer = explain(report)
    assert (answer.best.id, answer.deciding and answer.deciding.line) == ("basic-auth-disabled", 4)


def test_a_port_is_no_code() -> None:
    assert explain("connect to smtp.office365.com[192.0.2.1]:587: Connection timed out").best.id == "connect-timeout"


# large and hostile


def test_a_middle_that_was_left_out_keeps_the_numbers_right() -> None:
    filler = "all is well, nothing to see in this line\n"
    answer = explain(f"{filler * 30_000}{REFUSAL}\nend\n")
    assert answer.deciding is not None
    assert answer.deciding.line == 30_001


def test_fifty_megabytes_are_read_only_at_their_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "huge.log"
    with path.open("wb") as file:
        file.write(f"first\n{REFUSAL}\n".encode())
        file.write(b"all is well, nothing to see in this line\n" * 1_250_000)
        file.write(b"\n550 5.7.68 Direct Send not allowed for this organization\nlast\n")
    sizes: list[int] = []
    opened = Path.open

    def counting(self: Path, *arguments: str) -> object:
        file = opened(self, *arguments)  # type: ignore[call-overload]
        read = file.read

        class Counted:
            def __enter__(self) -> Self:
                return self

            def __exit__(self, *_: object) -> None:
                file.close()

            def seek(self, *to: int) -> None:
                file.seek(*to)

            def read(self, size: int) -> bytes:
                data = bytes(read(size))
                sizes.append(len(data))
                return data

        return Counted()

    monkeypatch.setattr(Path, "open", counting)
    assert path.stat().st_size > 50_000_000
    pasted = read_file(path)
    assert sum(sizes) <= 3 * END_BYTES
    answer = TEXTS.explain(pasted, {})
    assert [(item.explanation.id, item.line) for item in answer.found] == [
        ("basic-auth-disabled", 2),
        ("direct-send-rejected", -2),
    ]


def test_the_numbers_of_kept_lines() -> None:
    assert [Kept.of("a\nb\nc", "").number(index) for index in range(3)] == [1, 2, 3]
    kept = Kept.of("a\nb\n", "y\nz\n")
    assert kept.text.splitlines() == ["a", "b", "", "y", "z"]
    assert [kept.number(index) for index in (0, 1, 3, 4)] == [1, 2, -2, -1]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "outlook-message"),
        (bytes(range(256)) * 20, "not-text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "not-text"),
    ],
)
def test_a_file_that_is_no_text_says_so(tmp_path: Path, content: bytes, error: str) -> None:
    path = tmp_path / "file.msg"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_file(path)
    assert caught.value.id == error
    assert caught.value.hint


@pytest.mark.parametrize("name", ["missing.log", ".", "nul\x00.log"])
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as caught:
        read_file(tmp_path / name)
    assert caught.value.id == "unreadable-file"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_texts_as_windows_and_printers_write_them(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(f"Ger\u00e4t 4: Fehler\r\n{REFUSAL}\r\n".encode(encoding))
    answer = TEXTS.explain_file(path, {})
    assert (answer.best.id, answer.deciding and answer.deciding.line) == ("basic-auth-disabled", 2)


def test_a_message_of_ten_thousand_parts_is_not_taken_apart() -> None:
    from relaywright.catalog import bounce

    deep = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(2_000))
    head = "From: a@contoso.example\nTo: b@contoso.example\n"
    mail = bounce.read_mail(f"{head}{deep}{REFUSAL}\n")
    assert mail is not None
    assert mail.bodies == ()
    assert explain(f"{head}{deep}{REFUSAL}\n").best.id == "basic-auth-disabled"
    semicolons = f"{head}Content-Type: multipart/mixed{';' * 1_000_000}\n{' ;;;;' * 300_000}\n\n{REFUSAL}"
    assert explain(semicolons).best.id == "basic-auth-disabled"


def test_many_parts_are_not_taken_apart_and_long_fields_are_cut() -> None:
    from relaywright.catalog import bounce

    head = "From: a@contoso.example\nContent-Type: multipart/mixed; boundary=x\n\n"
    part = "--x\nContent-Type: text/plain\n\nwords\n"
    few, many = (bounce.read_mail(head + part * count) for count in (3, 3_000))
    assert few is not None
    assert many is not None
    assert (len(few.bodies), len(many.bodies)) == (3, 0)
    folded = ["Content-Type: x" + ";" * 1_000, *[" ;" * 400] * 1_000, "Subject: x"]
    kept = list(bounce._with_short_types(folded))
    assert sum(map(len, kept)) < 4_000
    assert kept[-1] == "Subject: x"


def test_only_so_many_different_replies_are_looked_up_and_so_many_lines_listed() -> None:
    class Counting(Catalog):
        asked = 0

        def explain_reply(self, *arguments: Any) -> Explanation:
            self.asked += 1
            return super().explain_reply(*arguments)

    catalog = Counting.load(ROOT / "resources")
    assert isinstance(catalog, Counting)
    letters = "abcdefghijklmnopqrstuvwxyz"
    many = "\n".join(f"550 5.7.1 {one}{two}" for one in letters for two in letters)
    PastedTexts(catalog).explain(Pasted(many), {})
    assert 100 < catalog.asked <= MAX_EXPLAINED
    block = "Final-Recipient: rfc822; {}@contoso.example\nAction: failed\nStatus: 5.7.68\n\n"
    assert len(explain("".join(map(block.format, range(80)))).found) == MAX_FOUND


def test_both_ends_of_a_pipe_in_utf_16() -> None:
    text = f"start\n{REFUSAL}\n".encode("utf-16-le")
    assert Pasted.of(b"\xff\xfe" + text, b"\n" + text).text.startswith("start")
    assert REFUSAL in Pasted.of(b"\xff\xfe" + text, b"\n" + text).tail


FIELDS = (
    "From: a@contoso.example\n",
    "To: b@contoso.example\n",
    "Content-Type: multipart/report; boundary=x\n",
    "Content-Type: message/delivery-status\n",
    "Content-Type: text/plain; charset=utf-7\n",
    "Content-Type: text/html; charset=\x00\n",
    "Content-Type: message/rfc822\n",
    "Content-Transfer-Encoding: base64\n",
    "Content-Transfer-Encoding: uuencode\n",
    "Content-Disposition: attachment; filename*0*=utf-8'x'%\n",
    "--x\n",
    "--x--\n",
    "\n",
    "Final-Recipient: rfc822; b@contoso.example\n",
    "Action: failed\n",
    "Status: 5.7.68\n",
    "Status: 9.9.9\n",
    "Diagnostic-Code: smtp; 550 5.7.68 Direct Send not allowed\n",
    " folded 535 5.7.139 ;\n",
    "Authentication-Results: spf=fail; dmarc = fail\n",
    "Subject: =?utf-8?b?/////?= =?x?q?=?=\n",
    "AADSTS50126: x\n",
    f"{REFUSAL}\n",
    "\x00\r\u2028",
)


def bounded(answer: PastedExplanation) -> None:
    assert answer.best.title
    assert len(answer.found) <= MAX_FOUND
    for item in answer.found:
        assert len(item.text) <= MAX_SHOWN_CHARACTERS + 1
        assert "\n" not in item.text
        assert item.line != 0
        assert item.times >= 1


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(FIELDS), st.text(max_size=20)), max_size=40).map("".join))
@example("".join(FIELDS))
@example("".join(FIELDS[:3]) + "\n" + "".join(FIELDS))
def test_any_message_is_answered(text: str) -> None:
    bounded(explain(text))
    mail = read_mail(text)
    for passage in (*mail.statuses, *mail.results) if mail is not None else ():
        assert passage.line is None or 1 <= passage.line <= text.count("\n") + 1


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_answered(text: str, tail: str) -> None:
    answer = TEXTS.explain(Pasted(text, tail), {})
    bounded(answer)
    assert (answer.best.confidence is MatchConfidence.UNKNOWN) == (not answer.best.sources)


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=600))
@example(content=b"\xff\xfe\x00")
@example(content=b"\xfe\xff\xd8")
def test_any_file_is_answered_or_refused_with_a_way_out(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-bytes"
    path.write_bytes(content)
    try:
        answer = TEXTS.explain_file(path, {})
    except InputError as error:
        answer, hint = None, error.hint
    if answer is not None:
        bounded(answer)
    else:
        assert hint


@pytest.mark.parametrize(
    "piece", [*FIELDS, "a: b\n\n", "--x\n\n", "<", "<p", "=?", '";', "550 5.7.1 ", "error ", ": ", "@", "AADSTS"]
)
def test_a_megabyte_of_anything_keeps_the_bounds(piece: str) -> None:
    for head in ("", "".join(FIELDS[:3]) + "\n"):
        bounded(explain(head + piece * (1_000_000 // len(piece))))
