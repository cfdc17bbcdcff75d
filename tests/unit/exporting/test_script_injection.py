"""Whatever stands in a profile, a script stays the script it is: values are literals or comments, and nothing else."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from powershell_tree import Node, ancestors, commands, faults, nodes, parse, plain_quotes
from relaywright.catalog.catalog import Catalog
from relaywright.domain.errors import InputError
from relaywright.domain.profile import Auth, Method, RelayProfile
from relaywright.exporting.filters import powershell, powershell_comment, powershell_paragraph
from relaywright.exporting.scripts import Scripts

RESOURCES = Path(__file__).parents[3] / "resources"
SCRIPTS = Scripts(RESOURCES / "scripts")
CLOUD = Catalog.load(RESOURCES).cloud("gcc-high")
MARK = "Canary7Q"
CASES = [
    ("app-registration", Method.CLIENT_SUBMISSION, Auth.OAUTH),
    ("app-registration", Method.CLIENT_SUBMISSION, Auth.OAUTH_APP),
    ("app-registration", Method.HVE, Auth.OAUTH_APP),
    ("send-as", Method.CLIENT_SUBMISSION, Auth.PASSWORD),
    ("send-as", Method.CLIENT_SUBMISSION, Auth.OAUTH_APP),
]
HOSTILE = (
    "'; Remove-Mailbox x; '",
    "‘; Remove-Mailbox x; ’",
    "‚; Remove-Mailbox x; ‛",
    "O’Brien",
    '"; Remove-Mailbox x; "',
    "“; Remove-Mailbox x; ”",
    "„x",
    "$(Remove-Mailbox x)",
    "`$x `n `\u0027",
    "#> Remove-Mailbox x <#",
    "# > ##>> <##>",
    "@' x '@",
    "{{ secret }}{% raw %}",
    "--% & calc | x; y",
    "''''",
    "a\\",
)
ODD = "'\"‘’‚‛“”„`$(){}[]@#<>;|&%\\ -"
texts = st.one_of(
    st.sampled_from(HOSTILE), st.text(alphabet=ODD + "aZ0", min_size=1, max_size=30), st.text(min_size=1, max_size=30)
)
every_case = pytest.mark.parametrize(("kind", "method", "auth"), CASES)


def profile_for(method: Method, auth: Auth, **values: Any) -> RelayProfile:
    benign = RelayProfile(
        name="Scanner",
        method=method,
        auth=auth,
        username="scan@contoso.com",
        sender="news@contoso.com",
        tenant="contoso.com",
        client_id="00000000-0000-0000-0000-000000000001",
    )
    # Not read by with_fields: a bundle or a database of another making must be harmless here too.
    return dataclasses.replace(benign, **values)


def script(kind: str, profile: RelayProfile) -> bytes:
    return SCRIPTS.text(SCRIPTS.kind(kind), profile, CLOUD).encode()


@every_case
@given(name=texts, username=texts, sender=texts, tenant=texts, client_id=texts)
def test_a_hostile_profile_gives_the_same_script_with_other_literals(
    kind: str, method: Method, auth: Auth, name: str, username: str, sender: str, tenant: str, client_id: str
) -> None:
    hostile = profile_for(method, auth, name=name, username=username, sender=sender, tenant=tenant, client_id=client_id)
    try:
        found = script(kind, hostile)
    except InputError:
        return  # a line break or another control is refused; so is a profile where nothing has to be granted
    expected = script(kind, profile_for(method, auth))
    if sender.casefold() == username.casefold():
        expected = script(kind, profile_for(method, auth, sender="scan@contoso.com"))
    # As the grammar reads it, and as PowerShell does, which takes typographic quotes for quotes.
    for text in (found.decode(), plain_quotes(found.decode())):
        tree = parse(text.encode())
        assert faults(tree) == []
        assert shape_without_comments(tree.root_node) == shape_without_comments(parse(expected).root_node)
        assert not [word for word, _ in commands(tree) if word == "Remove-Mailbox"]


def shape_without_comments(node: Node) -> object:
    """Return the shape; a wrapped comment may have any number of lines, and they are one node."""
    kept = [child for child in node.children if child.type != "comment"]
    return node.type, tuple(shape_without_comments(child) for child in kept)


@pytest.mark.parametrize("kind", ["app-registration", "send-as"])
@pytest.mark.parametrize("account", HOSTILE)
def test_a_hostile_account_is_a_literal_too(kind: str, account: str) -> None:
    found, expected = (
        script(kind, RelayProfile("x", auth=Auth.OAUTH, username="shared@contoso.com", account=value))
        for value in (account, "ann@contoso.com")
    )
    for text in (found, plain_quotes(found.decode()).encode()):
        assert faults(parse(text)) == []
        assert shape_without_comments(parse(text).root_node) == shape_without_comments(parse(expected).root_node)


@every_case
@pytest.mark.parametrize("field", ["name", "username", "sender", "tenant", "client_id"])
def test_a_value_stands_in_literals_and_comments_only(kind: str, method: Method, auth: Auth, field: str) -> None:
    tree = parse(script(kind, profile_for(method, auth, **{field: MARK})))
    for node in nodes(tree):
        if node.child_count == 0 and MARK.encode() in (node.text or b""):
            literal = node.type == "verbatim_string_characters"
            assert literal or node.type == "comment", (node.type, node.text)
            assert not literal or any(parent.type == "string_literal" for parent in ancestors(node))


@pytest.mark.parametrize("quote", "'‘’‚‛")
def test_every_single_quote_that_powershell_knows_is_doubled(quote: str) -> None:
    assert powershell(f"a{quote}b") == f"'a{quote}{quote}b'"


@pytest.mark.parametrize("other", ['"', "“", "”", "„", "`", "$(x)", "#>", "@", "--%"])
def test_nothing_else_has_a_meaning_in_a_single_quoted_string(other: str) -> None:
    assert powershell(other) == f"'{other}'"


def test_a_string_that_is_shown_quoted_is_quoted_twice() -> None:
    assert powershell(powershell("O’Brien's")) == "'''O’’’’Brien''''s'''"


@pytest.mark.parametrize("control", ["\n", "\r", "\x00", "\u2028", "\x85", "\u202e"])
def test_a_line_break_is_refused_in_a_value_and_a_space_in_a_comment(control: str) -> None:
    with pytest.raises(InputError, match="PowerShell"):
        powershell(f"a{control}b")
    assert powershell_comment(f"a{control}b") == "a b"


@pytest.mark.parametrize("value", ["#>", "a #> b", "##>>", "<##>", "#\n>", "x" * 99 + "#>" + "y" * 99, "# > #> #"])
def test_a_comment_cannot_be_ended_by_what_stands_in_it(value: str) -> None:
    for text in (powershell_comment(value), powershell_paragraph(value), powershell_paragraph(value, 6)):
        assert "#>" not in text
        assert faults(parse(f"<# {text} #>\nWrite-Host 'x'\n".encode())) == []
        assert [word for word, _ in commands(parse(f"<# {text} #>\nWrite-Host 'x'\n".encode()))] == ["Write-Host"]
