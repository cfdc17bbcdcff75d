"""The MX endpoint: Direct Send inside, relay outside only with a connector."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from raw_smtp import RawSmtp
from relaywright.catalog.catalog import Catalog
from relaywright.practice.practice import Practice, PracticeAddresses

INSIDE = "RCPT TO:<alex@practice.example>"
OUTSIDE = "RCPT TO:<someone@contoso.com>"


def test_there_is_no_sign_in_here(endpoint: RawSmtp, addresses: PracticeAddresses) -> None:
    endpoint.starttls(addresses.ca_file)
    assert not any(line.startswith("AUTH") for line in endpoint.ehlo())
    assert endpoint.ask("AUTH LOGIN").startswith("504 5.7.4")


def test_direct_send_reaches_people_inside_without_tls(endpoint: RawSmtp, practice: Practice) -> None:
    assert endpoint.ask("MAIL FROM:<printer@practice.example>").startswith("250 2.1.0 Sender OK")
    assert endpoint.ask(INSIDE).startswith("250 2.1.5 Recipient OK")
    endpoint.ask("DATA")
    assert endpoint.ask("From: printer@practice.example\r\n\r\nx\r\n.").startswith("250 2.0.0 OK")
    (message,) = practice.received
    assert (message.endpoint, message.signed_in_as, message.tls_version) == ("mx", "", "")


def test_direct_send_does_not_reach_people_outside(endpoint: RawSmtp) -> None:
    endpoint.ask("MAIL FROM:<printer@practice.example>")
    assert endpoint.ask(OUTSIDE).startswith("550 5.7.64 TenantAttribution; Relay Access Denied [")
    assert endpoint.ask(INSIDE).startswith("250")


def test_the_connectors_domain_and_address_open_the_way_outside(endpoint: RawSmtp) -> None:
    endpoint.ask("MAIL FROM:<printer@branch.practice.example>")
    assert endpoint.ask(OUTSIDE).startswith("250 2.1.5")


def test_the_connectors_certificate_opens_the_way_outside(endpoint: RawSmtp, addresses: PracticeAddresses) -> None:
    endpoint.starttls(addresses.ca_file, addresses.connector_file)
    endpoint.ehlo()
    endpoint.ask("MAIL FROM:<printer@practice.example>")
    assert endpoint.ask(OUTSIDE).startswith("250 2.1.5")


def test_a_bounce_or_strangers_mail_comes_in_but_not_through(endpoint: RawSmtp) -> None:
    for sender in ("", "stranger@contoso.com"):
        assert endpoint.ask(f"MAIL FROM:<{sender}>").startswith("250")
        assert endpoint.ask(INSIDE).startswith("250")
        assert endpoint.ask(OUTSIDE).startswith("550 5.7.64")
        endpoint.ask("RSET")


@pytest.fixture
def no_direct_send(tmp_path: Path, catalog: Catalog) -> Iterator[RawSmtp]:
    with (
        Practice(tmp_path, catalog, reject_direct_send=True) as practice,
        RawSmtp(practice.start().mx_port) as client,
    ):
        client.ehlo()
        yield client


def test_direct_send_can_be_switched_off(no_direct_send: RawSmtp) -> None:
    refusal = (
        "550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources"
    )
    assert no_direct_send.ask("MAIL FROM:<printer@practice.example>").startswith(refusal)


def test_switching_direct_send_off_leaves_others_alone(no_direct_send: RawSmtp) -> None:
    for sender in ("printer@branch.practice.example", "stranger@contoso.com", ""):
        assert no_direct_send.ask(f"MAIL FROM:<{sender}>").startswith("250")
        no_direct_send.ask("RSET")
