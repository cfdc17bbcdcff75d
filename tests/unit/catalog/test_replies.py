"""Which entry explains a reply: variants of text, inner replies, the way of signing in, and the code alone."""

from pathlib import Path

import pytest

from relaywright.catalog.catalog import Catalog
from relaywright.catalog.reading import read_replies
from relaywright.domain.errors import DamagedFile
from relaywright.domain.explanation import MatchConfidence, Sureness
from relaywright.domain.reply import Failure, FailureKind, Reply, Stage

RESOURCES = Path(__file__).parents[3] / "resources"
CATALOG = Catalog.load(RESOURCES)
TAIL = " [AM0PR01CA0001.eurprd01.prod.exchangelabs.com 2023-09-12T20:59:57.214Z 08DBB276B7E699C4]"


def explained(code: int, text: str, stage: Stage = Stage.AUTH, **values: str) -> str:
    return CATALOG.explain_reply(Reply(code, text), stage, values).id


@pytest.mark.parametrize(
    ("words", "entry"),
    [
        ("SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/x", "smtp-auth-disabled-tenant"),
        ("SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/x", "smtp-auth-disabled-mailbox"),
        ("basic authentication is disabled.", "basic-auth-disabled"),
        ("user is locked by your organization's security defaults policy. Contact", "security-defaults"),
        ("the request did not meet the criteria to be authenticated successfully.", "conditional-access"),
        ("the user credentials were incorrect.", "credentials-incorrect"),
        ("the organization configuration doesn't allow this authentication request.", "organization-configuration"),
        ("federated STS service was unreachable.", "federation-server-unreachable"),
        ("the federated STS URL does not support HTTPS.", "federation-server-without-https"),
        ("account locked.", "account-locked"),
    ],
)
def test_the_same_code_is_told_apart_by_its_words(words: str, entry: str) -> None:
    assert explained(535, f"5.7.139 Authentication unsuccessful, {words}{TAIL}") == entry
    assert explained(535, f"5.7.139 AUTHENTICATION UNSUCCESSFUL,\n5.7.139  {words.upper()}{TAIL}") == entry


def test_the_reason_inside_a_530_explains_it() -> None:
    text = (
        "5.7.57 Client not authenticated to send mail. Error: 535 5.7.139 Authentication unsuccessful, "
        f"SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled{TAIL}"
    )
    assert explained(530, text, Stage.MAIL) == "smtp-auth-disabled-tenant"


def test_an_unknown_reason_inside_a_530_leaves_the_530_to_be_explained() -> None:
    text = "5.7.57 Client not authenticated to send mail. Error: 535 5.7.139 Authentication unsuccessful, news."
    assert explained(530, text, Stage.MAIL) == "client-not-authenticated"


@pytest.mark.parametrize(
    ("auth", "entry"),
    [
        ("password", "authentication-unsuccessful-password"),
        ("oauth", "authentication-unsuccessful-oauth"),
        ("oauth-app", "authentication-unsuccessful-app"),
        ("", "authentication-unsuccessful"),
    ],
)
def test_the_shortest_refusal_is_explained_by_the_way_of_signing_in(auth: str, entry: str) -> None:
    assert explained(535, f"5.7.3 Authentication unsuccessful{TAIL}", auth=auth) == entry


def test_two_relay_refusals_with_one_code_are_told_apart() -> None:
    assert explained(550, "5.7.64 TenantAttribution; Relay Access Denied", Stage.RCPT) == "relay-access-denied"
    attr36 = "5.7.64 TenantAttribution; Relay Access Denied ATTR36. See KB 3169958"
    assert explained(550, attr36, Stage.RCPT) == "relay-domain-not-registered"
    assert explained(550, "5.4.1 Relay Access Denied", Stage.RCPT) == "recipient-domain-not-accepted"


def test_an_enhanced_code_of_its_own_needs_no_words() -> None:
    assert explained(550, "5.7.60 in words nobody has seen", Stage.DATA) == "send-as-not-permitted"


def test_words_of_one_code_do_not_explain_another() -> None:
    assert explained(550, "5.6.0 Authentication unsuccessful") == "unlisted-reply"


@pytest.mark.parametrize(
    ("enhanced", "entry"),
    [("5.7.605", "unlisted-reply"), ("5.7.606", "ip-address-block-list"), ("5.7.649", "ip-address-block-list")],
)
def test_a_range_of_codes_has_both_its_ends(enhanced: str, entry: str) -> None:
    assert explained(550, f"{enhanced} Refused", Stage.MAIL) == entry


def test_the_longer_words_win_inside_a_range() -> None:
    text = "4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation."
    assert explained(451, text, Stage.MAIL) == "ip-reputation-rate-limit"


def test_an_unlisted_reply_is_explained_by_its_code_and_says_so() -> None:
    explanation = CATALOG.explain_reply(Reply(450, "4.2.1 Try later"), Stage.RCPT, {})
    assert explanation.confidence is MatchConfidence.CODE
    assert explanation.temporary
    assert "450 4.2.1" in explanation.title
    assert "not in the catalogue" in explanation.cause
    assert any("RFC 5321" in source for source in explanation.sources)


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        (554, "5.6.5 Odd", "could not be converted"),
        (550, "5.7.2 Odd", "may not write to this mailing list"),
        (451, "4.4.5 Odd", "congested"),
        (525, "Odd", "switched off"),
        (556, "Odd", "takes no mail at all"),
    ],
)
def test_the_standards_say_what_an_unlisted_code_means(code: int, text: str, said: str) -> None:
    explanation = CATALOG.explain_reply(Reply(code, text), Stage.RCPT, {})
    assert (explanation.id, explanation.confidence) == ("unlisted-reply", MatchConfidence.CODE)
    assert said in explanation.cause
    assert "not in the catalogue" in explanation.cause


def test_an_unlisted_code_without_an_enhanced_one_is_explained_by_its_class() -> None:
    explanation = CATALOG.explain_reply(Reply(599, "odd"), Stage.RCPT, {})
    assert (explanation.temporary, explanation.confidence) == (False, MatchConfidence.CODE)
    assert "permanent" in explanation.cause


def test_words_without_any_code_are_unknown_not_explained_by_a_class() -> None:
    explanation = CATALOG.explain_reply(Reply(0, "It ended without a word."), Stage.DATA, {})
    assert explanation.confidence is MatchConfidence.UNKNOWN


@pytest.mark.parametrize("kind", FailureKind)
def test_every_failure_has_an_explanation_with_a_way_out(kind: FailureKind) -> None:
    explanation = CATALOG.explain_failure(Failure(kind, Stage.CONNECT, "some words"), {})
    assert explanation.confidence is MatchConfidence.EXACT
    assert explanation.steps
    assert explanation.sureness in Sureness


def test_values_are_filled_into_commands_and_steps() -> None:
    values = {"mailbox": "o’neil@contoso.com", "host": "smtp.office365.com", "port": "587"}
    command = CATALOG.explain_reply(
        Reply(535, "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox."),
        Stage.AUTH,
        values,
    ).powershell
    assert "Set-CASMailbox -Identity 'o’’neil@contoso.com' -SmtpClientAuthenticationDisabled $false" in command
    steps = CATALOG.explain_failure(Failure(FailureKind.CONNECT_TIMEOUT, Stage.CONNECT), values).steps
    assert any("smtp.office365.com" in step and "587" in step for step in steps)
    assert not any("{{" in step for step in steps)


def test_a_value_that_is_missing_stays_visible_in_the_command() -> None:
    reply = Reply(554, "5.2.252 SendAsDenied; a not allowed to send as b")
    command = CATALOG.explain_reply(reply, Stage.DATA, {"mailbox": "a@contoso.com"}).powershell
    assert command == "Add-RecipientPermission '<From address>' -Trustee 'a@contoso.com' -AccessRights SendAs"


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ('program = true\ncodes = [550]\nphrases = ["said so"]', "codes: only a reply has one"),
        ('program = true\nenhanced = ["5.7.1"]\nphrases = ["said so"]', "enhanced: only a reply has one"),
        ('failure = "no-reply"\ncodes = [550]', "codes: only a reply has one"),
        ("program = true", "phrases: a program's words are recognised by"),
        ('program = true\nfailure = "no-reply"\nphrases = ["said so"]', "program: an entry is about a failure or"),
        ("", "phrases: an entry is recognised by"),
        ('phrases = ["said so"]\nexample = "said so"', "example: it is the reply as the service gives it"),
    ],
)
def test_an_entry_that_cannot_be_recognised_is_refused(tmp_path: Path, lines: str, fault: str) -> None:
    entry = (
        '[[reply]]\nid = "new"\ntitle = "New"\ncause = "New."\nwho = "Profile"\nstages = ["data"]\nsteps = ["Look."]\n'
        f'sources = ["USERS"]\nsureness = "reported"\nchecked = 2026-11-24\n{lines}\n\n'
    )
    text = (RESOURCES / "facts" / "replies.toml").read_text(encoding="utf-8")
    file = tmp_path / "replies.toml"
    file.write_text(text.replace("[standard]\n", f"{entry}[standard]\n", 1), encoding="utf-8")
    with pytest.raises(DamagedFile, match=r"reply new") as caught:
        read_replies(file)
    assert fault in str(caught.value)


def test_a_host_of_a_service_is_asked_for_only_where_the_profile_names_it() -> None:
    assert explained(535, "5.7.3 Authentication unsuccessful", host="smtp.azurecomm.net") == (
        "authentication-unsuccessful-acs"
    )
    assert explained(535, "5.7.3 Authentication unsuccessful", host="smtp.contoso.com") == "authentication-unsuccessful"


def test_the_librarys_words_choose_among_entries_of_one_kind() -> None:
    weak = Failure(FailureKind.TLS_FAILED, Stage.TLS, "[SSL: DH_KEY_TOO_SMALL] dh key too small (_ssl.c:1006)")
    assert CATALOG.explain_failure(weak, {}).id == "tls-weak-keys"
    assert CATALOG.explain_failure(Failure(FailureKind.TLS_FAILED, Stage.TLS, "odd"), {}).id == "tls-failed"
