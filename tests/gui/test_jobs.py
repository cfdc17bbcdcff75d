"""The bridge between threads and widgets: order, ends, cancelling, and receivers that have gone."""

import threading

import shiboken6
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from relaywright.domain.cancel import CancelToken
from relaywright.domain.errors import Cancelled, InputError, RelaywrightError
from relaywright.gui.jobs import Emit, Job, JobRunner


class Listener(QObject):
    """Notes what a job says and in which thread."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.said: list[object] = []
        self.threads: set[int] = set()
        job.progressed.connect(self.on_progressed)
        job.succeeded.connect(self.on_succeeded)
        job.failed.connect(self.on_failed)
        job.cancelled.connect(self.on_cancelled)
        job.finished.connect(self.on_finished)

    @Slot(object)
    def on_progressed(self, news: object) -> None:
        self.threads.add(threading.get_ident())
        self.said.append(news)

    @Slot(object)
    def on_succeeded(self, result: object) -> None:
        self.said.append(("succeeded", result))

    @Slot(object)
    def on_failed(self, error: RelaywrightError) -> None:
        self.said.append(("failed", error.id))

    @Slot()
    def on_cancelled(self) -> None:
        self.said.append("cancelled")

    @Slot()
    def on_finished(self) -> None:
        self.said.append("finished")


def test_news_arrives_in_order_on_the_gui_thread(qtbot: QtBot, jobs: JobRunner) -> None:
    def work(emit: Emit, _cancel: CancelToken) -> str:
        for number in range(2_000):
            emit(number)
        return "done"

    job = jobs.start(work)
    listener = Listener(job)
    with qtbot.waitSignal(job.finished, timeout=10_000):
        pass
    assert listener.said == [*range(2_000), ("succeeded", "done"), "finished"]
    assert listener.threads == {threading.get_ident()}
    assert jobs.running == 0


def test_cancel_wakes_work_that_waits(qtbot: QtBot, jobs: JobRunner) -> None:
    def work(_emit: Emit, cancel: CancelToken) -> None:
        woken = threading.Event()
        cancel.on_cancel(woken.set)
        woken.wait(30)
        cancel.raise_if_cancelled()

    job = jobs.start(work)
    listener = Listener(job)
    with qtbot.waitSignal(job.finished, timeout=5_000):
        job.cancel()
    assert listener.said == ["cancelled", "finished"]


def test_the_echo_of_a_cancel_is_not_told_as_a_failure(qtbot: QtBot, jobs: JobRunner) -> None:
    def work(_emit: Emit, cancel: CancelToken) -> None:
        closed = threading.Event()
        cancel.on_cancel(closed.set)
        closed.wait(30)
        raise RelaywrightError("The connection was closed.")

    job = jobs.start(work)
    listener = Listener(job)
    with qtbot.waitSignal(job.finished, timeout=5_000):
        job.cancel()
    assert listener.said == ["cancelled", "finished"]


def test_expected_trouble_arrives_as_it_was_raised(qtbot: QtBot, jobs: JobRunner) -> None:
    def work(_emit: Emit, _cancel: CancelToken) -> None:
        raise InputError("It is wrong.", id="wrong")

    job = jobs.start(work)
    listener = Listener(job)
    with qtbot.waitSignal(job.finished):
        pass
    assert listener.said == [("failed", "wrong"), "finished"]


def test_a_bug_is_reported_and_told_in_words(qtbot: QtBot, jobs: JobRunner) -> None:
    def work(_emit: Emit, _cancel: CancelToken) -> None:
        raise ZeroDivisionError("a bug")

    with qtbot.waitSignal(jobs.broke) as broken:
        listener = Listener(jobs.start(work))
    qtbot.waitUntil(lambda: "finished" in listener.said)
    assert isinstance(broken.args[0], ZeroDivisionError)
    assert listener.said == [("failed", "internal"), "finished"]


def test_a_receiver_deleted_meanwhile_does_no_harm(qtbot: QtBot, jobs: JobRunner) -> None:
    go = threading.Event()

    def work(emit: Emit, _cancel: CancelToken) -> str:
        go.wait(30)
        emit("news")
        return "result"

    label = QLabel()
    job = jobs.start(work)
    job.progressed.connect(label.setText)
    job.succeeded.connect(label.setText)
    shiboken6.delete(label)
    with qtbot.waitSignal(job.finished):
        go.set()


def test_work_ends_with_its_owner(qtbot: QtBot, jobs: JobRunner) -> None:
    def work(_emit: Emit, cancel: CancelToken) -> None:
        gone = threading.Event()
        cancel.on_cancel(gone.set)
        gone.wait(30)
        raise Cancelled

    owner = QWidget()
    job = jobs.start(work, owner=owner)
    with qtbot.waitSignal(job.cancelled, timeout=5_000):
        shiboken6.delete(owner)


def test_shutting_down_ends_everything_and_takes_no_more() -> None:
    runner = JobRunner()

    def work(_emit: Emit, cancel: CancelToken) -> None:
        gone = threading.Event()
        cancel.on_cancel(gone.set)
        gone.wait(30)

    for _ in range(5):
        runner.start(work)
    assert runner.shut_down(5)
    begun: list[object] = []
    late = runner.start(lambda emit, _cancel: begun.append(emit))
    assert not late.is_running
    assert runner.shut_down(5)
    assert begun == []


def test_a_thread_that_does_not_end_is_not_waited_for_forever() -> None:
    runner = JobRunner()
    go = threading.Event()
    runner.start(lambda _emit, _cancel: go.wait(30))
    assert not runner.shut_down(0.05)
    go.set()
    assert runner.shut_down(5)
