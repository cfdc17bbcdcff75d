"""Addresses and names: what is taken, what is normalised, and what could break a line is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywright.domain.address import AddressFault, domain_of, has_control, parse_domain, parse_host, parse_mailbox


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("scan@contoso.com", "scan@contoso.com"),
        (" Scan.2@Contoso.COM ", "Scan.2@contoso.com"),
        ("müller@bücher.example", "müller@xn--bcher-kva.example"),
        ("a+b@localhost", "a+b@localhost"),
        ("o'brien@contoso.com", "o'brien@contoso.com"),
    ],
)
def test_mailboxes_are_taken_and_their_domain_normalised(text: str, parsed: str) -> None:
    assert parse_mailbox(text) == parsed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "contoso.com",
        "@contoso.com",
        "scan@",
        "scan@contoso",
        "a b@contoso.com",
        ".a@contoso.com",
        "a..b@contoso.com",
        "a@b@contoso.com",
        "a@con_toso.com",
        "a@-contoso.com",
        "a@contoso..com",
        "a@contoso.com\r\nRCPT TO:<b@evil.example>",
        "a\x00@contoso.com",
        "a\u202e@contoso.com",
        "<a@contoso.com>",
        '"a b"@contoso.com',
        "a@[192.0.2.1]",
        "x" * 65 + "@contoso.com",
        "a@" + "b" * 64 + ".com",
        "a@" + ".".join(["b" * 60] * 5) + ".com",
    ],
)
def test_what_is_no_mailbox_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(AddressFault) as refused:
        parse_mailbox(text)
    assert len(str(refused.value)) > 10


@given(st.text(max_size=300))
def test_whatever_is_taken_can_stand_in_a_command_line_of_smtp(text: str) -> None:
    try:
        mailbox = parse_mailbox(text)
    except AddressFault:
        return
    assert not has_control(mailbox)
    assert not set(mailbox) & set(' <>,;:\\"()[]\r\n')
    assert mailbox.count("@") == 1
    assert parse_mailbox(mailbox) == mailbox


@given(st.text(max_size=300))
def test_domains_come_out_as_plain_labels(text: str) -> None:
    try:
        domain = parse_domain(text)
    except AddressFault:
        return
    assert domain.isascii()
    assert parse_domain(domain) == domain


@pytest.mark.parametrize(
    ("text", "host"),
    [("192.0.2.1", "192.0.2.1"), ("[2001:DB8::1]", "2001:db8::1"), ("SMTP.Office365.com.", "smtp.office365.com")],
)
def test_hosts_are_names_or_addresses(text: str, host: str) -> None:
    assert parse_host(text) == host


def test_the_domain_of_an_address() -> None:
    assert domain_of("a@Contoso.com") == "contoso.com"
    assert domain_of("nobody") == ""
