"""The shipped facts: whole, sourced, unique, and every example explains back to its own entry."""

import datetime
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from relaywright.catalog import reading
from relaywright.catalog.catalog import Catalog
from relaywright.catalog.facts import CLOUD_VALUES, ReplyRule, SignInRule
from relaywright.catalog.templates import VARIABLES, fill_command
from relaywright.domain.explanation import MatchConfidence, Sureness
from relaywright.domain.profile import Method
from relaywright.domain.reply import Failure, FailureKind, Stage

RESOURCES = Path(__file__).parents[2] / "resources"
FACTS = RESOURCES / "facts"
CATALOG = Catalog.load(RESOURCES)
RULES = CATALOG.replies
SIGN_IN = CATALOG.sign_in_errors
BY_ID = pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
BY_SIGN_IN_ID = pytest.mark.parametrize("entry", SIGN_IN, ids=[entry.id for entry in SIGN_IN])
# Sections 3 and 7 of the facts page, each of them in Microsoft's reference.
DOCUMENTED_CMDLETS = {
    "Set-CASMailbox", "Get-CASMailbox", "Set-TransportConfig", "Get-TransportConfig", "New-InboundConnector",
    "Set-OrganizationConfig", "New-AuthenticationPolicy", "Set-AuthenticationPolicy", "Set-User", "New-MailUser",
    "Add-HVEAppAccess", "New-ServicePrincipal", "Add-MailboxPermission", "Add-RecipientPermission", "Format-List",
    "Read-Host",
}  # fmt: skip


def values_for(rule: ReplyRule) -> dict[str, str]:
    values = {"auth": str(rule.auth[0])} if rule.auth else {}
    return values | ({"host": rule.hosts[0]} if rule.hosts else {})


def test_the_catalogue_has_what_was_asked_of_it_and_more() -> None:
    assert len(RULES) >= 178
    assert sum(rule.is_reply for rule in RULES) >= 131
    assert len({rule.id for rule in RULES}) == len(RULES)


@BY_ID
def test_an_example_is_explained_by_its_own_entry(rule: ReplyRule) -> None:
    reply = rule.example_reply
    if reply is not None:
        for stage in rule.stages:
            explanation = CATALOG.explain_reply(reply, stage, values_for(rule))
            assert (explanation.id, explanation.confidence) == (rule.id, MatchConfidence.EXACT)
    if rule.example:
        assert CATALOG.explain_text(rule.example, values_for(rule)).id == rule.id


@BY_ID
def test_an_entry_says_who_does_what(rule: ReplyRule) -> None:
    assert len(rule.id) <= 60
    assert rule.steps
    assert rule.title[-1] not in ".:"
    assert rule.cause.endswith(".")
    assert rule.who[0].isupper()
    assert rule.sources
    assert rule.checked >= datetime.date(2026, 11, 23)
    assert all(len(phrase) >= 6 for phrase in (*rule.phrases, *rule.any_phrases))


@BY_ID
def test_a_temporary_entry_has_a_temporary_example(rule: ReplyRule) -> None:
    reply = rule.example_reply
    if rule.temporary and reply is not None and not rule.id.startswith("hve-token"):
        assert 400 <= reply.code < 500


@BY_ID
def test_a_command_is_made_of_documented_cmdlets_and_holds_its_values(rule: ReplyRule) -> None:
    assert set(re.findall(r"\b[A-Z][a-z]+-[A-Z]\w+", rule.powershell)) <= DOCUMENTED_CMDLETS
    hostile = dict.fromkeys(VARIABLES, "a'‘’‚‛$(x)`\"; Remove-Mailbox")
    command = fill_command(rule.powershell, hostile)
    assert "{{" not in command
    for line in command.splitlines():
        outside = re.sub(r"'(?:[^'‘’‚‛]|['‘’‚‛]{2})*'", "", line)
        assert not set(outside) & set("'‘’‚‛\";`")
        assert "Remove-Mailbox" not in outside


def test_every_kind_of_failure_has_an_entry() -> None:
    assert {rule.failure for rule in RULES if rule.failure} == set(FailureKind)


def test_the_general_entry_of_a_failure_stands_above_those_chosen_by_their_words() -> None:
    for kind in FailureKind:
        first = next(rule for rule in RULES if rule.failure is kind)
        assert CATALOG.explain_failure(Failure(kind, Stage.TLS, ""), {}).id == first.id


@pytest.mark.parametrize("rule", [rule for rule in RULES if not rule.is_reply], ids=lambda rule: rule.id)
def test_the_words_of_a_library_or_program_are_explained_by_their_own_entry(rule: ReplyRule) -> None:
    for words in rule.any_phrases:
        text = " ".join((*rule.phrases, words))
        assert CATALOG.explain_text(text, {}).id == rule.id, words


def test_what_was_read_lately_says_in_its_sources_when_or_which_standard() -> None:
    dated = re.compile(r"20\d\d|RFC \d{4}|undated|a mirror|Users")
    for rule in RULES:
        if rule.checked >= datetime.date(2026, 11, 24):
            assert all(dated.search(source) for source in rule.sources), rule.id


def test_an_example_fits_into_a_reply_of_the_protocol() -> None:
    for rule in RULES:
        assert rule.example.isascii()
        assert len(rule.example) <= 510  # RFC 5321 section 4.5.3.1.5
        assert "\n" not in rule.example


def test_entries_for_replies_name_a_stage_that_has_replies() -> None:
    silent = {Stage.RESOLVE, Stage.CONNECT, Stage.TLS, Stage.QUIT}
    assert not [rule.id for rule in RULES if rule.is_reply and set(rule.stages) & silent]


def test_the_sign_in_errors_are_many_and_each_mark_means_one_thing() -> None:
    assert len(SIGN_IN) >= 60
    assert not {entry.id for entry in SIGN_IN} & {rule.id for rule in RULES}
    marks = [f"{code} {entry.phrases}" for entry in SIGN_IN for code in entry.codes]
    marks += [f"error {name}" for entry in SIGN_IN for name in entry.errors]
    marks += [f"suberror {name}" for entry in SIGN_IN for name in entry.suberrors]
    assert sorted(marks) == sorted(set(marks))


@BY_SIGN_IN_ID
def test_a_sign_in_error_is_explained_by_its_own_entry(entry: SignInRule) -> None:
    words = " ".join(entry.phrases)
    texts = [f"AADSTS{code}: {words}" for code in entry.codes]
    texts += [f'{{"error":"{name}"}}' for name in entry.errors] + list(entry.errors)
    texts += [f'{{"error":"invalid_grant","suberror":"{name}"}}' for name in entry.suberrors]
    for text in [*texts, *filter(None, (entry.example,))]:
        explanation = CATALOG.explain_sign_in(text, {})
        assert (explanation.id, explanation.confidence) == (entry.id, MatchConfidence.EXACT)
        assert CATALOG.explain_text(text, {}).id == entry.id


@BY_SIGN_IN_ID
def test_a_sign_in_error_says_who_does_what(entry: SignInRule) -> None:
    assert entry.steps
    assert entry.title[-1] not in ".:"
    assert entry.cause.endswith(".")
    assert entry.who[0].isupper()
    assert entry.sources
    assert entry.checked >= datetime.date(2026, 11, 23)
    assert not {"'", '"'} & set(entry.title + entry.cause)


def test_a_sign_in_error_that_only_users_told_of_is_not_called_documented() -> None:
    for entry in SIGN_IN:
        if entry.sureness is Sureness.DOCUMENTED:
            assert any(re.match(r"Microsoft", source) for source in entry.sources), entry.id


def test_every_source_of_sign_in_errors_has_a_day_and_a_place() -> None:
    for source in {source for entry in SIGN_IN for source in entry.sources}:
        assert re.search(r"\b20\d\d-\d\d-\d\d\b|undated", source), source
        assert re.search(r"https://|github\.com/|SupportArticles-docs|AzureAD/", source), source


@pytest.mark.parametrize(
    "name", ["clouds", "lifetimes", "methods", "old_devices", "ports", "replies", "retirements", "sign_in_errors"]
)
def test_every_source_is_cited_and_dated_or_undated_in_words(name: str) -> None:
    top: dict[str, Any] = tomllib.loads((FACTS / f"{name}.toml").read_text(encoding="utf-8"))
    text = (FACTS / f"{name}.toml").read_text(encoding="utf-8").split("\n\n", 2)[2]
    unused = [key for key in top["source"] if f'"{key}"' not in text]
    assert unused == []


def test_clouds_say_for_each_value_how_well_it_is_known() -> None:
    for cloud in CATALOG.clouds.values():
        for value in ("smtp_host", "authority", "scope_delegated", "scope_app", "mx_suffixes"):
            assert cloud.known[value].sources, (cloud.id, value)
        assert {value for value in CLOUD_VALUES if getattr(cloud, value)} == set(cloud.known)
        assert cloud.checked


def test_every_method_has_its_facts() -> None:
    assert set(CATALOG.methods) == set(Method)
    assert all(facts.sources and facts.summary.endswith(".") for facts in CATALOG.methods.values())


def test_a_retirement_without_a_day_says_so_and_every_other_has_a_year() -> None:
    retirements = reading.read_retirements(FACTS / "retirements.toml")
    assert len({item.id for item in retirements}) == len(retirements)
    for item in retirements:
        for phase in item.phases[1:]:
            assert phase.begins is not None
            assert re.search(r"20\d\d", phase.title + phase.detail)
        assert item.methods or item.hosts


def test_a_lifetime_says_what_to_do_in_every_case_and_a_choice_of_ours_is_called_one() -> None:
    for lifetime in CATALOG.lifetimes.by_kind.values():
        assert lifetime.why.endswith(".")
        assert lifetime.who[0].isupper()
        assert all(step.endswith(".") for step in (*lifetime.soon, *lifetime.ended, *lifetime.unknown))
        assert lifetime.sources
        assert lifetime.checked >= datetime.date(2026, 11, 23)
        limit = lifetime.days_unused or lifetime.longest_months
        assert limit is None or lifetime.sureness is Sureness.DOCUMENTED
    top: dict[str, Any] = tomllib.loads((FACTS / "lifetimes.toml").read_text(encoding="utf-8"))
    ours = [top["source"][key] for key in top["warning"]["sources"]]
    assert all("choice of Relaywright" in source for source in ours)
