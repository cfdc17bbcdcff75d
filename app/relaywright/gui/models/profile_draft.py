"""One profile being edited: the texts as typed, what they say, and every step back. No Qt here.

Saving is the page's, meaning is domain.profile's. A text that does not hold stays in the draft beside the last value
that did, so nothing that was typed is ever lost.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from relaywright.domain.errors import FieldError
from relaywright.domain.finding import Finding, Level
from relaywright.domain.profile import FIELD_BY_NAME, FIELDS, RelayProfile, with_fields

MAX_STEPS = 200


@dataclass(frozen=True)
class _Step:
    label: str
    field: str
    """The one field it changed; empty when it changed several."""
    before: Mapping[str, Any]
    """The values it replaced, by attribute: taking it back leaves every other field alone."""


class ProfileDraft:
    """A profile and the edits on it. ``profile`` is always whole and valid field by field."""

    def __init__(self, profile: RelayProfile) -> None:
        self._profile = profile
        self._unread: dict[str, str] = {}
        self._undo: list[_Step] = []
        self._redo: list[_Step] = []
        self._open_field = ""

    @property
    def profile(self) -> RelayProfile:
        """The profile as far as its texts can be read."""
        return self._profile

    @property
    def unread_fields(self) -> tuple[str, ...]:
        """The fields whose text does not hold, in the order of the form."""
        return tuple(item.name for item in FIELDS if item.name in self._unread)

    @property
    def undo_label(self) -> str:
        """What the next step back takes back, or an empty text."""
        return self._undo[-1].label if self._undo else ""

    @property
    def redo_label(self) -> str:
        """What the next step forward does again, or an empty text."""
        return self._redo[-1].label if self._redo else ""

    def text(self, name: str) -> str:
        """Return a field's text as it was typed last."""
        return self._unread.get(name, FIELD_BY_NAME[name].text_of(self._profile))

    def set_text(self, name: str, text: str) -> bool:
        """Take a field's text. Returns whether the profile changed.

        A text that does not hold is only remembered, and what was typed on the way to it (the 5 of 5x) is taken back.
        """
        try:
            changed = with_fields(self._profile, {name: text})
        except FieldError:
            self._unread[name] = text
            return self._take_running_step_back(name)
        self._unread.pop(name, None)
        if changed == self._profile:
            return False
        if not self._runs(name):
            self._push(_Step(FIELD_BY_NAME[name].label, name, _replaced(self._profile, changed)))
        self._redo.clear()
        self._open_field = name
        self._profile = changed
        return True

    def set_texts(self, texts: Mapping[str, str], label: str) -> bool:
        """Change several fields as one step. Raises FieldError and changes nothing when one does not hold."""
        changed = with_fields(self._profile, texts)
        for name in texts:
            self._unread.pop(name, None)
        if changed == self._profile:
            return False
        self._push(_Step(label, "", _replaced(self._profile, changed)))
        self._redo.clear()
        self.close_step()
        self._profile = changed
        return True

    def close_step(self) -> None:
        """End the running step: what is typed into the same field from now on is a step of its own."""
        self._open_field = ""

    def undo(self) -> bool:
        """Take the last step back. Returns whether there was one."""
        return self._travel(self._undo, self._redo)

    def redo(self) -> bool:
        """Do the last step that was taken back again. Returns whether there was one."""
        return self._travel(self._redo, self._undo)

    def drop_unread(self) -> None:
        """Forget the texts that do not hold."""
        self._unread.clear()

    def accept(self, profile: RelayProfile) -> None:
        """Take over what was changed elsewhere (a rename in the list, the terminal): the steps stay usable."""
        self._profile = profile
        self.close_step()

    def remarks(self, findings: Iterable[Finding]) -> dict[str, Finding]:
        """Return what is to be said at each field: its unreadable text first, else the worst of the findings."""
        found: dict[str, Finding] = {}
        for finding in findings:
            known = found.get(finding.field)
            if known is None or _WEIGHT[finding.level] > _WEIGHT[known.level]:
                found[finding.field] = finding
        for name, text in self._unread.items():
            found[name] = _unreadable(name, text)
        return found

    def _runs(self, name: str) -> bool:
        return bool(self._undo) and self._open_field == name and self._undo[-1].field == name

    def _take_running_step_back(self, name: str) -> bool:
        if not self._runs(name):
            return False
        before = dataclasses.replace(self._profile, **self._undo.pop().before)
        self.close_step()
        changed = before != self._profile
        self._profile = before
        return changed

    def _push(self, step: _Step) -> None:
        self._undo.append(step)
        del self._undo[:-MAX_STEPS]

    def _travel(self, source: list[_Step], target: list[_Step]) -> bool:
        if not source:
            return False
        step = source.pop()
        target.append(_Step(step.label, step.field, {key: getattr(self._profile, key) for key in step.before}))
        self._profile = dataclasses.replace(self._profile, **step.before)
        for item in FIELDS:
            if item.attribute in step.before:
                self._unread.pop(item.name, None)
        self.close_step()
        return True


def _replaced(before: RelayProfile, after: RelayProfile) -> dict[str, Any]:
    return {item.attribute: item.value_of(before) for item in FIELDS if item.value_of(before) != item.value_of(after)}


_WEIGHT = {Level.OK: 0, Level.INFO: 1, Level.WARNING: 2, Level.ERROR: 3}


def _unreadable(name: str, text: str) -> Finding:
    try:
        FIELD_BY_NAME[name].parse(text)
    except ValueError as fault:
        return Finding("unreadable", Level.ERROR, _sentence(str(fault)), FIELD_BY_NAME[name].help, field=name)
    raise AssertionError(f"{name} holds, so it is no unreadable text")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
