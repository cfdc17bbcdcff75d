"""What fills the window: profile list, header, road, pages, status. It connects them and decides nothing.

Sessions are run by runs.py, profiles are fetched by profile_desk.py, every page minds its own business.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QMainWindow, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from relaywright.domain.errors import RelaywrightError
from relaywright.domain.profile import RelayProfile
from relaywright.gui import actions, keyboard, page_table, theme
from relaywright.gui.jobs import JobRunner
from relaywright.gui.models import profile_facts, road_facts, wording
from relaywright.gui.pages.deck import PageDeck
from relaywright.gui.pages.page import Page
from relaywright.gui.panels import Panels
from relaywright.gui.practice_switch import PracticeSwitch
from relaywright.gui.profile_desk import Listing, ProfileDesk
from relaywright.gui.runs import Runs
from relaywright.gui.theme import GRID_PX, Appearance
from relaywright.gui.widgets.columns import SCROLL_BAR_PX
from relaywright.gui.widgets.header import Header
from relaywright.gui.widgets.road import RoadView
from relaywright.gui.widgets.sidebar import Sidebar
from relaywright.gui.widgets.status_strip import StatusStrip
from relaywright.gui.widgets.toast import Toast
from relaywright.smtp.events import PhaseStarted

if TYPE_CHECKING:
    from relaywright.bootstrap import Services
    from relaywright.gui.pages.welcome_page import WelcomePage

EXPIRY_CHECK_MS = 3_600_000
"""A window may stand open for weeks; what ends meanwhile shows within the hour."""
EXPLAINED_SUFFIXES = frozenset({".eml", ".log", ".txt"})
KEYRING_DELAY_MS = 1_200
"""The keyring is asked when all is painted: loading its library would delay the window."""


class Workbench(QObject):
    """Everything in the window, once the services are there."""

    appearance_chosen = Signal(str)
    """An Appearance, from the menu."""

    def __init__(self, window: QMainWindow, services: "Services", jobs: JobRunner, first_profile: str = "") -> None:
        super().__init__(window)
        self._window = window
        self.jobs = jobs
        self._profile: RelayProfile | None = None
        self._welcome: WelcomePage | None = None
        self.runs = Runs(services, jobs, self)
        self.desk = ProfileDesk(services, jobs, self)
        self.practice = PracticeSwitch(services, jobs, self)
        self.panels = Panels(window, services, jobs)
        self.sidebar = Sidebar()
        self.header = Header()
        self.road = RoadView()
        self.deck = PageDeck(page_table.pages(services, jobs, self.runs, self.practice), page_table.TEST)
        self.strip = StatusStrip()
        self._stack = QStackedWidget()
        self.toast = Toast(window, self._stack)
        self._lay_out()
        self.actions_by_id = actions.build(window, self._handlers())
        self._menu = QMenu(window)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._connect_parts()
        self._connect_news()
        self._show_listing(self.desk.read(first_profile))
        QTimer.singleShot(0, self._focus_first)  # not before the parts are on the screen: it would be lost
        self._watch = QTimer(self, interval=EXPIRY_CHECK_MS)
        self._watch.timeout.connect(self.desk.reload)
        self._watch.start()
        QTimer.singleShot(KEYRING_DELAY_MS, self.desk.look_at_keyring)

    @property
    def profile(self) -> RelayProfile | None:
        """The profile that is shown."""
        return self._profile

    def show_appearance(self, appearance: Appearance) -> None:
        """Tick the choice in the menu."""
        for item in Appearance:
            self.actions_by_id[f"appearance-{item}"].setChecked(item is appearance)

    def keep_edits(self) -> bool:
        """Keep what was typed before it is tried. Returns False when that failed; the reason is shown then."""
        try:
            for page in self.deck.existing():
                page.flush()
        except RelaywrightError as error:
            self._tell(error)
            return False
        return True

    # building

    def _lay_out(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        theme.set_margins(column, 3 * GRID_PX, 2 * GRID_PX, GRID_PX // 2, 0)
        column.setSpacing(GRID_PX + 4)
        head = QVBoxLayout()
        theme.set_margins(head, 0, 0, SCROLL_BAR_PX + 2, 0)
        head.setSpacing(GRID_PX + 4)
        for part in (self.header, self.road):
            head.addWidget(part)
        column.addLayout(head)
        column.addWidget(self.deck, 1)
        self._stack.addWidget(middle)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.sidebar)
        splitter.addWidget(self._stack)
        splitter.setStretchFactor(1, 1)
        self._window.setCentralWidget(splitter)
        self._window.setStatusBar(self.strip)
        QWidget.setTabOrder(self.sidebar.bring, self.strip.attention)  # it stands below; pages are made later than it

    def _handlers(self) -> dict[str, Callable[[], object]]:
        deck, sidebar, panels = self.deck, self.sidebar, self.panels
        handlers: dict[str, Callable[[], object]] = {
            "new": panels.new_profile,
            "import": panels.import_profiles,
            "copy": self._copy,
            "share": self._share,
            "remove": self._remove,
            "undo": self.desk.undo,
            "check": self._check,
            "send": self._send,
            "export": self._export,
            "explain": self._explain,
            "practice": self.practice.toggle,
            "expiries": panels.expiries,
            "search": sidebar.focus_search,
            "next": partial(sidebar.step, 1),
            "previous": partial(sidebar.step, -1),
            "about": panels.about,
            "quit": self._window.close,
            "cancel": self._cancel,
            "menu": self._show_menu,
            "next-tab": partial(deck.turn_by, 1),
            "previous-tab": partial(deck.turn_by, -1),
        }
        handlers |= {f"tab-{number + 1}": partial(deck.turn_to_number, number) for number in range(5)}
        handlers |= {f"appearance-{item}": partial(self.appearance_chosen.emit, item.value) for item in Appearance}
        # Qt hands over whether an action is checked; no handler wants to know.
        return {name: partial(_without_argument, handler) for name, handler in handlers.items()}

    def _connect_parts(self) -> None:
        self.sidebar.profile_chosen.connect(self._on_chosen)
        self.sidebar.new_requested.connect(self.panels.new_profile)
        self.sidebar.import_requested.connect(self.panels.import_profiles)
        self.sidebar.menu_requested.connect(self._show_menu)
        self.sidebar.remove_requested.connect(self._remove)
        self.header.check_requested.connect(self._check)
        self.header.send_requested.connect(self._send)
        self.header.cancel_requested.connect(self._cancel)
        self.header.export_requested.connect(self._export)
        self.header.share_requested.connect(self._share)
        self.header.page_requested.connect(self.deck.turn_to)
        self.strip.attention_wanted.connect(self.panels.expiries)
        self.deck.built.connect(self._on_page_built)
        self.toast.action_requested.connect(self.desk.undo)
        self.panels.profiles_changed.connect(self.desk.reload)
        self.panels.sign_in_requested.connect(self._go_to_sign_in)
        self.panels.message_posted.connect(self.toast.say)

    def _connect_news(self) -> None:
        self.desk.listed.connect(self._show_listing)
        self.desk.removed.connect(self._on_removed)
        self.desk.undone.connect(self._on_undone)
        self.desk.facts_gathered.connect(self._on_facts)
        self.desk.keyring_seen.connect(self.strip.show_keyring)
        self.desk.failed.connect(self._tell)
        self.practice.starting.connect(self._on_practice)
        self.practice.started.connect(self._on_practice_started)
        self.practice.stopped.connect(self._on_practice)
        self.practice.failed.connect(self._on_practice_failed)
        self.runs.began.connect(self._on_session)
        self.runs.progressed.connect(self._on_progressed)
        self.runs.loaded.connect(self._on_session)
        self.runs.settled.connect(self._on_settled)

    def _on_page_built(self, page: Page) -> None:
        page.profile_changed.connect(self._on_profile_changed)
        page.sign_in_changed.connect(self._on_sign_in_changed)
        page.script_written.connect(self.panels.show_script)
        page.message_posted.connect(self.toast.say)
        page.page_requested.connect(self.deck.turn_to)

    def _focus_first(self) -> None:
        if self._profile is not None:
            self.sidebar.list.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._welcome is not None:
            self._welcome.focus_first()

    def _show_welcome(self) -> None:
        if self._welcome is None:
            from relaywright.gui.pages.welcome_page import WelcomePage

            self._welcome = WelcomePage()
            self._welcome.practice_requested.connect(self.practice.start)
            self._welcome.new_requested.connect(self.panels.new_profile)
            self._welcome.import_requested.connect(self.panels.import_profiles)
            self._stack.addWidget(self._welcome)
        self._stack.setCurrentWidget(self._welcome)

    def _leave_welcome(self) -> None:
        had_keyboard = keyboard.is_within(self._welcome)
        self._stack.setCurrentIndex(0)
        if had_keyboard:  # else it would land on whatever comes next
            self.header.send.setFocus(Qt.FocusReason.OtherFocusReason)

    # the profile that is shown

    def _show_listing(self, listing: Listing) -> None:
        wanted = listing.choose or (self._profile.id if self._profile else "")
        profiles = listing.profiles
        chosen = next((item for item in profiles if item.id == wanted), profiles[0] if profiles else None)
        self.sidebar.show_profiles(profiles, listing.last_runs, listing.expiries, chosen.id if chosen else "")
        self.strip.show_counts(len(profiles), self.sidebar.model.failed_count)
        self.strip.show_attention(self.sidebar.model.attention_count)
        if chosen is None:
            self._show_welcome()
        else:
            self._leave_welcome()
        if chosen != self._profile or chosen is None:
            self._show(chosen)
        else:
            self._show_head()  # what it signs in with may have ended, or been renewed

    def _on_chosen(self, profile_id: str) -> None:
        profile = self.sidebar.model.profile_at(self.sidebar.model.index_of(profile_id))
        if profile is not None and profile != self._profile:
            self._show(profile)

    def _show(self, profile: RelayProfile | None) -> None:
        self._profile = profile
        actions.enable(self.actions_by_id, has_profile=profile is not None)
        self._show_head()
        if profile is not None:
            self.runs.load(profile.id)
            self.deck.show_profile(profile)

    def _show_head(self) -> None:
        """Bring title, chips, road, buttons and foot up to date with what is known now."""
        profile = self._profile
        if profile is None:
            self._window.setWindowTitle("Relaywright")
            self.strip.show_last("")
            return
        facts = self.desk.facts(profile)
        active = self.runs.active(profile.id)
        last = self.runs.last(profile.id)
        self._window.setWindowTitle(f"{profile.name} – Relaywright")
        expiry = self.sidebar.model.expiry_of(profile.id)
        self.header.show_profile(profile.name, profile_facts.chips(profile, facts, expiry))
        self.header.set_busy(active is not None)
        cloud = facts.cloud_name if facts else profile.cloud
        self.road.show_road(road_facts.road(profile, last, cloud, active.phase if active else None))
        self.strip.show_last(wording.last_run(last.kind, last.started_at, ok=last.ok) if last else "Never tried")

    def _on_facts(self, profile: RelayProfile, _facts: object) -> None:
        if profile == self._profile:
            self._show_head()

    def _on_session(self, profile_id: str, _news: object = None) -> None:
        if self._profile is not None and self._profile.id == profile_id:
            self._show_head()

    def _on_progressed(self, profile_id: str, event: object) -> None:
        if isinstance(event, PhaseStarted):
            self._on_session(profile_id)

    def _on_settled(self, profile_id: str) -> None:
        self._on_session(profile_id)
        self.desk.reload()

    def _on_profile_changed(self, profile: RelayProfile) -> None:
        if self._profile is not None and profile.id == self._profile.id:
            self._profile = profile
            self._show_head()
        self.desk.reload()

    def _on_sign_in_changed(self, _profile: RelayProfile) -> None:
        self.desk.reload()

    # commands

    def _send(self) -> None:
        if self._profile is not None and self.keep_edits():
            self.deck.turn_to(page_table.TEST)
            self.deck.current().begin()

    def _check(self) -> None:
        if self._profile is not None and self.keep_edits():
            self.deck.turn_to(page_table.TEST)
            self.runs.check(self._profile)

    def _export(self) -> None:
        self.deck.turn_to(page_table.EXPORT)

    def take_file(self, path: Path) -> None:
        """Do with a file what it is for: explain a message or a log, import anything else."""
        if path.suffix.lower() in EXPLAINED_SUFFIXES:
            self.panels.explain(self._profile, path)
        else:
            self.panels.import_profiles(path)

    def _explain(self) -> None:
        self.panels.explain(self._profile)

    def _share(self) -> None:
        if self._profile is not None:
            self.panels.share(self._profile)

    def _copy(self) -> None:
        if self._profile is not None:
            self.desk.copy(self._profile)

    def _remove(self) -> None:
        if self._profile is not None:
            self.desk.remove(self._profile, self.sidebar.model.neighbour_of(self._profile.id))

    def _go_to_sign_in(self, profile_id: str) -> None:
        self.sidebar.go_to(profile_id)
        self.deck.turn_to(page_table.SIGN_IN)
        self.deck.tabs.setFocus(Qt.FocusReason.OtherFocusReason)

    def _cancel(self) -> None:
        if self._profile is not None:
            self.runs.cancel(self._profile.id)
            self.deck.current().cancel()

    def _fill_menu(self) -> None:
        if self._menu.isEmpty():
            actions.fill_menu(self._menu, self.actions_by_id)

    def _show_menu(self) -> None:
        self._fill_menu()
        self._menu.popup(self.sidebar.menu.mapToGlobal(QPoint(0, self.sidebar.menu.height() + 4)))

    # news

    def _on_removed(self, profile: RelayProfile) -> None:
        self.runs.forget(profile.id)
        self.sidebar.list.setFocus(Qt.FocusReason.OtherFocusReason)  # in a field, Ctrl+Z would be the field's own
        self.toast.say(f"Removed “{profile.name}”.", "info", "Undo")

    def _on_undone(self, what: str) -> None:
        self.toast.say(f"Took back {what}." if what else "Nothing to undo.", "info")

    def _on_practice(self) -> None:
        running = self.practice.info is not None
        self.strip.show_practice(self.practice.words)
        self.actions_by_id["practice"].setText("Stop the practice relay" if running else "Start the practice relay")
        if self._welcome is not None:
            self._welcome.show_starting(bool(self.practice.words) and not running)

    def _on_practice_started(self, profile_id: str) -> None:
        self._on_practice()
        self.desk.reload(profile_id)
        self.toast.say("The practice relay runs. Press Send test.", "ok")

    def _on_practice_failed(self, error: RelaywrightError) -> None:
        self._on_practice()
        self._tell(error)

    def _tell(self, error: RelaywrightError) -> None:
        self.toast.say(f"{error.message} {error.hint}".strip(), "error")


def _without_argument(handler: Callable[[], object], *_checked: object) -> None:
    handler()
