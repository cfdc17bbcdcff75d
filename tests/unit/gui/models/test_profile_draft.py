"""Edits to a profile: nothing typed is lost, every step can be taken back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relaywright.domain.errors import FieldError
from relaywright.domain.finding import Level
from relaywright.domain.profile import FIELDS, Method, RelayProfile, Security
from relaywright.domain.profile_rules import faults
from relaywright.gui.models.profile_draft import MAX_STEPS, ProfileDraft


@pytest.fixture
def draft() -> ProfileDraft:
    return ProfileDraft(
        RelayProfile("Scanner", host="smtp.office365.com", username="scan@contoso.com", sender="scan@contoso.com")
    )


def test_a_text_that_holds_changes_the_profile(draft: ProfileDraft) -> None:
    assert draft.set_text("port", "2525")
    assert draft.profile.port == 2525
    assert draft.undo_label == "Port"


def test_a_text_that_does_not_hold_is_kept_beside_the_last_good_value(draft: ProfileDraft) -> None:
    assert not draft.set_text("port", "58a")
    assert draft.profile.port == 587
    assert draft.text("port") == "58a"
    assert draft.unread_fields == ("port",)
    remark = draft.remarks(faults(draft.profile))["port"]
    assert remark.level is Level.ERROR
    assert remark.title == "A port is a whole number from 1 to 65535"


def test_mending_the_text_takes_the_fault_away(draft: ProfileDraft) -> None:
    draft.set_text("port", "58a")
    assert draft.set_text("port", "25")
    assert draft.unread_fields == ()
    assert "port" not in draft.remarks(faults(draft.profile))


def test_what_was_typed_on_the_way_to_a_bad_text_is_taken_back(draft: ProfileDraft) -> None:
    assert draft.set_text("port", "5")
    assert draft.set_text("port", "5x"), "the profile changed back, and that has to be kept"
    assert draft.profile.port == 587
    assert draft.undo_label == ""


def test_typing_on_in_one_field_is_one_step(draft: ProfileDraft) -> None:
    for text in ("Scanner,", "Scanner, 2", "Scanner, 2nd floor"):
        draft.set_text("name", text)
    assert draft.undo()
    assert draft.profile.name == "Scanner"
    assert draft.redo()
    assert draft.profile.name == "Scanner, 2nd floor"


def test_a_left_field_begins_a_new_step(draft: ProfileDraft) -> None:
    draft.set_text("name", "One")
    draft.close_step()
    draft.set_text("name", "Two")
    draft.undo()
    assert draft.profile.name == "One"


def test_several_fields_change_and_return_as_one_step(draft: ProfileDraft) -> None:
    assert draft.set_texts({"method": "direct-send", "port": "25", "auth": "none"}, "Method")
    assert draft.profile.method is Method.DIRECT_SEND
    assert draft.undo_label == "Method"
    draft.undo()
    assert (draft.profile.method, draft.profile.port) == (Method.CLIENT_SUBMISSION, 587)


def test_a_bad_one_among_several_changes_nothing(draft: ProfileDraft) -> None:
    before = draft.profile
    with pytest.raises(FieldError):
        draft.set_texts({"method": "direct-send", "port": "no"}, "Method")
    assert draft.profile == before


def test_undo_also_takes_the_unreadable_text_of_the_changed_field_away(draft: ProfileDraft) -> None:
    draft.set_text("port", "25")
    draft.close_step()
    draft.set_text("port", "25x")
    draft.undo()
    assert draft.text("port") == "587"
    assert draft.unread_fields == ()


def test_the_worst_rule_speaks_at_the_field(draft: ProfileDraft) -> None:
    draft.set_text("security", Security.NONE)
    remark = draft.remarks(faults(draft.profile))["security"]
    assert (remark.id, remark.level) == ("credentials-in-clear", Level.ERROR)


def test_a_change_made_elsewhere_is_taken_over_and_can_still_be_stepped_behind(draft: ProfileDraft) -> None:
    draft.set_text("port", "25")
    draft.accept(RelayProfile("Renamed", id=draft.profile.id))
    assert draft.undo()
    assert (draft.profile.name, draft.profile.port) == ("Renamed", 587)


def test_the_steps_are_bounded(draft: ProfileDraft) -> None:
    for number in range(MAX_STEPS + 50):
        draft.set_text("folder", f"F{number}")
        draft.close_step()
    count = 0
    while draft.undo():
        count += 1
    assert count == MAX_STEPS


@given(
    st.lists(
        st.tuples(
            st.sampled_from([item.name for item in FIELDS]), st.sampled_from(["", "25", "a@b.example", "x", "\n"])
        )
    )
)
def test_undoing_everything_returns_the_first_profile(edits: list[tuple[str, str]]) -> None:
    first = RelayProfile("Scanner", host="smtp.office365.com")
    draft = ProfileDraft(first)
    for name, text in edits:
        draft.set_text(name, text)
    last = draft.profile
    while draft.undo():
        pass
    assert draft.profile == first
    while draft.redo():
        pass
    assert draft.profile == last
