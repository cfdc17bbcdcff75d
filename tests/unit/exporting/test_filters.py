"""Quoting: whatever a value holds, it stays in its place, as the real readers of each format see it."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from relaywright.domain.errors import InputError
from relaywright.exporting import filters

ONE_LINE = st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), max_size=60)


@given(ONE_LINE)
def test_markdown_shows_the_value_as_it_is_in_a_table_cell(value: str) -> None:
    shown = " ".join(value.split())
    tokens = MarkdownIt("commonmark").enable("table").parse(f"| a | b |\n|---|---|\n| x{filters.markdown(value)} | y |")
    cells = [token for token in tokens if token.type == "inline"]
    assert len(cells) == 4
    children = cells[2].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    assert " ".join("".join(child.content for child in children).split()) in {f"x{shown}", f"x {shown}".rstrip()}


@given(ONE_LINE.filter(str.strip) | st.text("`|\\\\ a", min_size=1).filter(str.strip))
def test_markdown_code_shows_every_letter_in_a_table_cell(value: str) -> None:
    table = f"| a | b |\n|---|---|\n| {filters.markdown_code(value)} | y |"
    tokens = MarkdownIt("commonmark").enable("table").parse(table)
    cells = [token for token in tokens if token.type == "inline"]
    assert len(cells) == 4
    children = cells[2].children or []
    assert [(child.type, child.content) for child in children] == [("code_inline", value)]


@given(ONE_LINE.filter(str.strip))
def test_markdown_makes_no_block_of_a_value_that_begins_a_line(value: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(filters.markdown(value))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]


@pytest.mark.parametrize("value", ["- a", "+ a", "1. a", "12) a", "===", "---", "> a", "# a", "* a", "~~~", "```"])
def test_block_marks_are_taken_as_letters(value: str) -> None:
    tokens = MarkdownIt("commonmark").parse(filters.markdown(value))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert "".join(child.content for child in tokens[1].children or []) == value


def test_ordinary_values_stay_readable_in_markdown() -> None:
    assert filters.markdown("smtp.office365.com") == "smtp.office365.com"
    assert filters.markdown("2026-11-23") == "2026-11-23"


def test_lines_of_a_note_stay_lines() -> None:
    assert filters.markdown_lines("one\n- two\n") == "one\\\n\\- two"


@given(ONE_LINE)
def test_a_shell_word_is_read_back_as_one_word(value: str) -> None:
    assert shlex.split(filters.shell(value)) == [value]


def test_postfix_doubles_the_dollar_that_begins_a_parameter() -> None:
    assert filters.postfix("$mydomain@contoso.com") == "$$mydomain@contoso.com"


def test_a_postfix_table_keeps_the_dollar() -> None:
    assert filters.postfix_table("user:pa$$word") == "user:pa$$word"


def test_a_regexp_tables_result_keeps_its_dollar() -> None:
    assert filters.postfix_regexp_result("a$1@contoso.com") == "a$$1@contoso.com"


def test_msmtp_takes_a_double_quote_inside_as_it_is() -> None:
    assert filters.msmtp('we"ird # x') == '"we"ird # x"'


@pytest.mark.parametrize(
    "quote", [filters.postfix, filters.postfix_regexp_result, filters.postfix_table, filters.msmtp]
)
@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b", "a\u2028b", "a\x85b"])
def test_a_line_break_is_refused_where_a_line_is_a_setting(quote: type, value: str) -> None:
    with pytest.raises(InputError) as caught:
        quote(value)
    assert caught.value.id == "value-not-exportable"
    assert value not in caught.value.message


@pytest.mark.parametrize(
    ("quote", "value"),
    [
        (filters.postfix, " a"),
        (filters.postfix_table, "user:secret "),
        (filters.msmtp, "x" * 441),
        (filters.msmtp, "ü" * 221),
    ],
)
def test_what_the_format_would_change_or_cut_is_refused(quote: type, value: str) -> None:
    with pytest.raises(InputError):
        quote(value)


def test_a_comment_has_no_second_line() -> None:
    assert filters.comment("name\npassword x") == "name password x"


@given(st.text(max_size=200))
def test_a_slug_is_a_safe_file_and_account_name(text: str) -> None:
    name = filters.slug(text)
    assert 1 <= len(name) <= filters.SLUG_LENGTH + len("-profile")
    assert name.isascii()
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not name.startswith("-")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Scanner, Zürich 2", "scanner-zurich-2"),
        ("Straße", "strasse"),
        ("東京", "profile"),
        ("../..", "profile"),
        ("CON", "con-profile"),
        ("", "profile"),
    ],
)
def test_slugs_of_hard_names(text: str, name: str) -> None:
    assert filters.slug(text) == name
