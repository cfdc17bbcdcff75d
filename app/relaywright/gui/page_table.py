"""Which pages there are, in which order, and how each is built when it is first shown."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from relaywright.gui.jobs import JobRunner
from relaywright.gui.pages.page import Page
from relaywright.gui.practice_switch import PracticeSwitch
from relaywright.gui.runs import Runs

if TYPE_CHECKING:
    from relaywright.bootstrap import Services

SETTINGS, SIGN_IN, TEST, EXPORT, HISTORY = "settings", "sign-in", "test", "export", "history"


def pages(
    services: "Services", jobs: JobRunner, runs: Runs, practice: PracticeSwitch
) -> list[tuple[str, str, Callable[[], Page]]]:
    """Return id, title and builder of each page. A builder imports its page, so that starting stays quick."""

    def settings() -> Page:
        from relaywright.gui.pages.settings_page import SettingsPage

        return SettingsPage(services=services, jobs=jobs)

    def sign_in() -> Page:
        from relaywright.gui.pages.sign_in_page import SignInPage

        page = SignInPage(services=services, jobs=jobs)
        for news in (page.signed_in, page.signed_out, page.secret_changed):
            news.connect(page.sign_in_changed)
        return page

    def test() -> Page:
        from relaywright.gui.pages.test_page import TestPage

        return TestPage(runs=runs, practice=practice)

    def export() -> Page:
        from relaywright.gui.pages.export_page import ExportPage

        return ExportPage(services=services, jobs=jobs)

    def history() -> Page:
        from relaywright.gui.pages.history_page import HistoryPage

        return HistoryPage(services=services, jobs=jobs)

    return [
        (SETTINGS, "Settings", settings),
        (SIGN_IN, "Sign-in", sign_in),
        (TEST, "Test", test),
        (EXPORT, "Export", export),
        (HISTORY, "History", history),
    ]
