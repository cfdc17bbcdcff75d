"""The frame: profile list, header, road, pages, status. It connects them and decides nothing.

Sessions are run by runs.py, profiles are fetched by profile_desk.py, every page minds its own business.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from relaywright.domain.errors import RelaywrightError
from relaywright.domain.profile import RelayProfile
from relaywright.gui import actions, page_table, theme
from relaywright.gui.jobs import JobRunner
from relaywright.gui.models import profile_facts, road_facts, wording
from relaywright.gui.pages.deck import PageDeck
from relaywright.gui.pages.page import Page
from relaywright.gui.pages.welcome_page import WelcomePage
from relaywright.gui.panels import Panels
from relaywright.gui.profile_desk import Listing, ProfileDesk
from relaywright.gui.runs import Runs
from relaywright.gui.theme import GRID_PX, Appearance
from relaywright.gui.widgets.columns import SCROLL_BAR_PX
from relaywright.gui.widgets.header import Header
from relaywright.gui.widgets.road import RoadView
from relaywright.gui.widgets.sidebar import Sidebar
from relaywright.gui.widgets.status_strip import StatusStrip
from relaywright.gui.widgets.toast import Toast

if TYPE_CHECKING:
    from relaywright.bootstrap import Services
    from relaywright.services.practice_relay import PracticeInfo
    from relaywright.vault.vault import KeyringState

KEYRING_DELAY_MS = 1_200
"""The keyring is asked after the first paint, so that loading its library never delays the window."""


class MainWindow(QMainWindow):
    """The one window of the program."""

    appearance_chosen = Signal(str)
    """An Appearance, from the menu."""

    def __init__(self, *, services: "Services", jobs: JobRunner) -> None:
        super().__init__()
        self.setWindowTitle("Relaywright")
        self.setAcceptDrops(True)
        self._services = services
        self._profile: RelayProfile | None = None
        self._is_practising = False
        self.runs = Runs(services, jobs, self)
        self.desk = ProfileDesk(services, jobs, self)
        self.panels = Panels(self, services, jobs)
        self.sidebar = Sidebar()
        self.header = Header()
        self.road = RoadView()
        self.deck = PageDeck(page_table.pages(services, jobs, self.runs), page_table.TEST)
        self.welcome = WelcomePage()
        self.strip = StatusStrip()
        self.toast: Toast
        self._lay_out()
        self.actions_by_id = actions.build(self, self._handlers())
        self._menu = QMenu(self)
        actions.fill_menu(self._menu, self.actions_by_id)
        self._connect()
        self._show_listing(self.desk.read(services.store.preference("window.profile") or ""))
        self._restore()

    # what the panels and the program call

    def start_practice(self) -> None:
        """Start the practice relay, or end it when it runs."""
        if self._is_practising:
            self.desk.stop_practice()
            return
        self.welcome.show_starting(True)
        self.strip.show_practice("Practice relay: starting…")
        self.desk.start_practice()

    def show_appearance(self, appearance: Appearance) -> None:
        """Tick the choice in the menu."""
        for item in Appearance:
            self.actions_by_id[f"appearance-{item}"].setChecked(item is appearance)

    def import_file(self, path: Path) -> None:
        """Open a bundle that was dropped on the window or handed over by the system."""
        self.panels.import_profiles(path)

    # building

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        theme.set_margins(column, 3 * GRID_PX, 2 * GRID_PX, GRID_PX // 2, 0)
        column.setSpacing(GRID_PX + 4)
        head = QVBoxLayout()
        theme.set_margins(head, 0, 0, SCROLL_BAR_PX + 2, 0)
        head.setSpacing(GRID_PX + 4)
        for part in (self.header, self.road):
            head.addWidget(part)
        column.addLayout(head)
        column.addWidget(self.deck, 1)
        outside = QWidget()
        margin = QVBoxLayout(outside)
        theme.set_margins(margin, 3 * GRID_PX, 0, GRID_PX // 2, 0)
        margin.addWidget(self.welcome)
        self._stack = QStackedWidget()
        self._stack.addWidget(inside)
        self._stack.addWidget(outside)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self.sidebar)
        self._splitter.addWidget(self._stack)
        self._splitter.setStretchFactor(1, 1)
        self.setCentralWidget(self._splitter)
        self.setStatusBar(self.strip)
        self.toast = Toast(self._stack)
        self.setMinimumSize(820, 560)

    def _handlers(self) -> dict[str, Callable[[], object]]:
        deck, sidebar = self.deck, self.sidebar
        handlers: dict[str, Callable[[], object]] = {
            "new": self.panels.new_profile,
            "import": self.panels.import_profiles,
            "copy": self._copy,
            "share": self._share,
            "remove": self._remove,
            "undo": self._undo,
            "check": self._check,
            "send": self._send,
            "export": partial(deck.turn_to, page_table.EXPORT),
            "practice": self.start_practice,
            "search": sidebar.focus_search,
            "next": partial(sidebar.step, 1),
            "previous": partial(sidebar.step, -1),
            "about": self.panels.about,
            "quit": self.close,
            "cancel": self._cancel,
            "next-tab": partial(deck.turn_by, 1),
            "previous-tab": partial(deck.turn_by, -1),
        }
        handlers |= {f"tab-{number + 1}": partial(deck.turn_to_number, number) for number in range(5)}
        handlers |= {f"appearance-{item}": partial(self.appearance_chosen.emit, item.value) for item in Appearance}
        # Qt hands over whether an action is checked; no handler wants to know.
        return {name: partial(_without_argument, handler) for name, handler in handlers.items()}

    def _connect(self) -> None:
        self.sidebar.profile_chosen.connect(self._on_chosen)
        self.sidebar.new_requested.connect(self.panels.new_profile)
        self.sidebar.import_requested.connect(self.panels.import_profiles)
        self.sidebar.menu_requested.connect(self._show_menu)
        self.header.check_requested.connect(self._check)
        self.header.send_requested.connect(self._send)
        self.header.cancel_requested.connect(self._cancel)
        self.header.export_requested.connect(self._export)
        self.header.share_requested.connect(self._share)
        self.welcome.practice_requested.connect(self.start_practice)
        self.welcome.new_requested.connect(self.panels.new_profile)
        self.welcome.import_requested.connect(self.panels.import_profiles)
        self.deck.built.connect(self._on_page_built)
        self.toast.action_requested.connect(self._undo)
        self.panels.profiles_changed.connect(self.desk.reload)
        self.panels.message_posted.connect(self.toast.say)
        desk, runs = self.desk, self.runs
        desk.listed.connect(self._show_listing)
        desk.removed.connect(self._on_removed)
        desk.undone.connect(self._on_undone)
        desk.facts_gathered.connect(self._on_facts)
        desk.keyring_seen.connect(self._on_keyring)
        desk.practice_started.connect(self._on_practice_started)
        desk.practice_stopped.connect(self._on_practice_stopped)
        desk.practice_failed.connect(self._on_practice_failed)
        desk.failed.connect(self._tell)
        runs.began.connect(self._on_session)
        runs.progressed.connect(self._on_session)
        runs.loaded.connect(self._on_session)
        runs.settled.connect(self._on_settled)

    def _on_page_built(self, page: Page) -> None:
        page.profile_changed.connect(self._on_profile_changed)
        page.message_posted.connect(self.toast.say)
        page.page_requested.connect(self.deck.turn_to)

    # the profile that is shown

    def _show_listing(self, listing: Listing) -> None:
        wanted = listing.choose or (self._profile.id if self._profile else "")
        profiles = listing.profiles
        chosen = next((item for item in profiles if item.id == wanted), profiles[0] if profiles else None)
        self.sidebar.show_profiles(profiles, listing.last_runs, chosen.id if chosen else "")
        self.strip.show_counts(len(profiles), self.sidebar.model.failed_count)
        self._stack.setCurrentIndex(0 if chosen else 1)
        if chosen != self._profile or chosen is None:
            self._show(chosen)

    def _on_chosen(self, profile_id: str) -> None:
        profile = self.sidebar.model.profile_at(self.sidebar.model.index_of(profile_id))
        if profile is not None and profile != self._profile:
            self._show(profile)

    def _show(self, profile: RelayProfile | None) -> None:
        self._profile = profile
        actions.enable(self.actions_by_id, has_profile=profile is not None)
        self._show_head()
        if profile is None:
            self.strip.show_last("")
            return
        self.runs.load(profile.id)
        self.deck.show_profile(profile)

    def _show_head(self) -> None:
        """Bring title, chips, road and buttons up to date with what is known now."""
        profile = self._profile
        if profile is None:
            self.setWindowTitle("Relaywright")
            return
        facts = self.desk.facts(profile)
        active = self.runs.active(profile.id)
        last = self.runs.last(profile.id)
        self.setWindowTitle(f"{profile.name} – Relaywright")
        self.header.show_profile(profile.name, profile_facts.chips(profile, facts))
        self.header.set_busy(active is not None)
        cloud = facts.cloud_name if facts else profile.cloud
        self.road.show_road(road_facts.road(profile, last, cloud, active.phase if active else None))
        if last is not None:
            what = "test" if last.kind == "send" else "check"
            how = "worked" if last.ok else "failed"
            self.strip.show_last(f"Last {what} {wording.moment(last.started_at)} · {how}")
        else:
            self.strip.show_last("" if active else "Never tried")

    def _on_facts(self, profile: RelayProfile, _facts: object) -> None:
        if profile == self._profile:
            self._show_head()

    def _on_session(self, profile_id: str, _news: object = None) -> None:
        if self._profile is not None and self._profile.id == profile_id:
            self._show_head()

    def _on_settled(self, profile_id: str) -> None:
        self._on_session(profile_id)
        self.desk.reload()

    def _on_profile_changed(self, profile: RelayProfile) -> None:
        if self._profile is not None and profile.id == self._profile.id:
            self._profile = profile
            self._show_head()
        self.desk.reload()

    # commands

    def _send(self) -> None:
        if self._profile is not None and self._keep_edits():
            from relaywright.gui.pages.test_page import TestPage

            self.deck.turn_to(page_table.TEST)
            page = self.deck.current()
            if isinstance(page, TestPage):
                page.send()

    def _check(self) -> None:
        if self._profile is not None and self._keep_edits():
            self.deck.turn_to(page_table.TEST)
            self.runs.check(self._profile)

    def _keep_edits(self) -> bool:
        """Keep what was typed before it is tried. Returns False when that failed; the reason is shown then."""
        try:
            for page in self.deck.existing():
                page.flush()
        except RelaywrightError as error:
            self._tell(error)
            return False
        return True

    def _export(self) -> None:
        self.deck.turn_to(page_table.EXPORT)

    def _share(self) -> None:
        if self._profile is not None:
            self.panels.share([self._profile])

    def _copy(self) -> None:
        if self._profile is not None:
            self.desk.copy(self._profile)

    def _remove(self) -> None:
        if self._profile is None:
            return
        model = self.sidebar.model
        row = model.index_of(self._profile.id).row()
        beside = model.next_profile_row(row, 1)
        beside = model.next_profile_row(row, -1) if beside is None else beside
        neighbour = model.profile_at(model.index(beside)) if beside is not None else None
        self.desk.remove(self._profile, neighbour.id if neighbour else "")

    def _undo(self) -> None:
        self.desk.undo()

    def _cancel(self) -> None:
        if self._profile is not None:
            self.runs.cancel(self._profile.id)
            self.deck.current().cancel()

    def _show_menu(self) -> None:
        corner = self.sidebar.menu.mapToGlobal(QPoint(0, self.sidebar.menu.height() + 4))
        self._menu.popup(corner)

    # news

    def _on_removed(self, profile: RelayProfile) -> None:
        self.runs.forget(profile.id)
        self.toast.say(f"Removed “{profile.name}”.", "info", "Undo")

    def _on_undone(self, what: str) -> None:
        self.toast.say(f"Took back {what}." if what else "Nothing to undo.", "info")

    def _on_keyring(self, state: "KeyringState") -> None:
        from relaywright.vault.vault import KeyringStateKind

        words = {KeyringStateKind.READY: "ready", KeyringStateKind.LOCKED: "locked", KeyringStateKind.ABSENT: "none"}
        backend = f"{state.backend}, " if state.backend else ""
        tip = "\n".join(filter(None, (state.detail, state.hint)))
        trouble = state.kind is not KeyringStateKind.READY
        self.strip.show_keyring(f"Keyring: {backend}{words[state.kind]}", tip, trouble=trouble)

    def _on_practice_started(self, info: "PracticeInfo") -> None:
        self._is_practising = True
        host, port = info.endpoint("submission")
        self.welcome.show_starting(False)
        self.strip.show_practice(f"Practice relay: {host}, port {port}")
        self.actions_by_id["practice"].setText("Stop the practice relay")
        self.toast.say("The practice relay runs. Press Send test.", "ok")

    def _on_practice_stopped(self) -> None:
        self._is_practising = False
        self.strip.show_practice("")
        self.actions_by_id["practice"].setText("Start the practice relay")

    def _on_practice_failed(self, error: RelaywrightError) -> None:
        self.welcome.show_starting(False)
        self.strip.show_practice("")
        self._tell(error)

    def _tell(self, error: RelaywrightError) -> None:
        self.toast.say(f"{error.message} {error.hint}".strip(), "error")

    # the window itself

    def _restore(self) -> None:
        geometry = self._services.store.preference("window.geometry")
        if not geometry or not self.restoreGeometry(QByteArray.fromBase64(geometry.encode("ascii", "replace"))):
            self.resize(1280, 860)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            if self._profile is None:
                self.welcome.focus_first()
            else:
                self.sidebar.list.setFocus(Qt.FocusReason.OtherFocusReason)
            QTimer.singleShot(KEYRING_DELAY_MS, self.desk.look_at_keyring)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._keep_edits()
        store = self._services.store
        store.prefer("window.geometry", self.saveGeometry().toBase64().toStdString())
        store.prefer("window.profile", self._profile.id if self._profile else "")
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.import_file(paths[0])


def _without_argument(handler: Callable[[], object], *_checked: object) -> None:
    handler()
