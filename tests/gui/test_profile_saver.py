"""Keeping changed profiles: the newest version last, nothing lost when the store says no or the window closes."""

import dataclasses
import threading

import pytest
from pytestqt.qtbot import QtBot

from relaywright.domain.errors import RelaywrightError
from relaywright.domain.profile import RelayProfile
from relaywright.gui.jobs import JobRunner
from relaywright.gui.pages.profile_saver import ProfileSaver

FIRST = RelayProfile("First")


class SlowDisk:
    """Takes profiles when it is let; remembers what landed, in order."""

    def __init__(self) -> None:
        self.kept: list[RelayProfile] = []
        self.may_write = threading.Event()
        self.may_write.set()
        self.is_asked = threading.Event()
        self.fault: RelaywrightError | None = None

    def save(self, profile: RelayProfile) -> None:
        self.is_asked.set()
        assert self.may_write.wait(20)
        if self.fault is not None:
            raise self.fault
        self.kept.append(profile)


@pytest.fixture
def disk() -> SlowDisk:
    return SlowDisk()


@pytest.fixture
def saver(disk: SlowDisk, jobs: JobRunner, qtbot: QtBot) -> ProfileSaver:
    return ProfileSaver(disk.save, jobs)


def test_versions_that_come_quickly_are_written_once(saver: ProfileSaver, disk: SlowDisk, qtbot: QtBot) -> None:
    with qtbot.waitSignal(saver.saved, timeout=5000):
        for number in range(5):
            saver.take(dataclasses.replace(FIRST, port=number + 1))
    assert [profile.port for profile in disk.kept] == [5]
    qtbot.waitUntil(lambda: saver.is_idle)


def test_what_comes_while_writing_is_written_after_it(saver: ProfileSaver, disk: SlowDisk, qtbot: QtBot) -> None:
    disk.may_write.clear()
    saver.take(FIRST)
    saver.start()
    assert disk.is_asked.wait(5)
    newer = dataclasses.replace(FIRST, name="Newer")
    saver.take(newer)
    saver.start()
    disk.may_write.set()
    qtbot.waitUntil(lambda: disk.kept == [FIRST, newer], timeout=5000)
    qtbot.waitUntil(lambda: saver.is_idle)


def test_flush_returns_when_the_newest_is_kept(saver: ProfileSaver, disk: SlowDisk) -> None:
    saver.take(FIRST)
    assert saver.flush() == {}
    assert disk.kept == [FIRST]
    assert not saver.is_waiting(FIRST.id)


def test_a_version_the_store_refuses_waits_and_can_be_tried_again(
    saver: ProfileSaver, disk: SlowDisk, qtbot: QtBot
) -> None:
    disk.fault = RelaywrightError("The disk is full.")
    saver.take(FIRST)
    with qtbot.waitSignal(saver.failed, timeout=5000) as told:
        saver.start()
    assert told.args == [FIRST, disk.fault]
    assert saver.is_waiting(FIRST.id)
    assert saver.flush() == {FIRST.id: disk.fault}
    disk.fault = None
    with qtbot.waitSignal(saver.saved, timeout=5000):
        saver.start()
    assert disk.kept == [FIRST]


def test_what_was_dropped_is_not_written(saver: ProfileSaver, disk: SlowDisk) -> None:
    saver.take(FIRST)
    saver.drop(FIRST.id)
    saver.flush()
    assert disk.kept == []
