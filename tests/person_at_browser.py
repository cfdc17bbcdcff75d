"""A person at a browser, as far as the practice sign-in needs one: opens the page, types a code, signs in."""

import html
import re
import threading
from collections.abc import Callable
from urllib.parse import urljoin

import requests

_FORM = re.compile(r'<form method="post" action="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class PersonAtBrowser:
    """Signs in on a thread of its own when :meth:`open` is called with the address, as a real browser does."""

    def __init__(self, account: str, password: str, *, button: str = "sign-in", other_name: str = "") -> None:
        self._account = account
        self._password = password
        self._button = button
        self._other_name = other_name
        self._thread: threading.Thread | None = None
        self.address = ""
        self.last_page = ""
        self.before_going_back: Callable[[], None] = lambda: None

    def open(self, address: str) -> None:
        """Begin; returns at once."""
        self.address = address
        self._thread = threading.Thread(target=self._sign_in, name="person at browser")
        self._thread.start()

    def type_code(self, address: str, user_code: str) -> None:
        """Begin at the page for device codes, and type this one; returns at once."""
        self.address = address
        self._thread = threading.Thread(target=self._sign_in, args=(user_code,), name="person at browser")
        self._thread.start()

    def done(self) -> str:
        """Wait for the person and return the page they saw last."""
        if self._thread is not None:
            self._thread.join(30)
        return self.last_page

    def _sign_in(self, user_code: str = "") -> None:
        with requests.Session() as session:
            session.trust_env = False
            page = session.get(self.address, timeout=20)
            if user_code:
                page = self._submit(session, page, {"user_code": user_code})
                if 'name="ticket"' not in page.text:  # the code was not taken
                    self.last_page = page.text
                    return
            filled_in = {"account": self._account, "password": self._password, "do": self._button}
            filled_in["other_name"] = self._other_name
            page = self._submit(session, page, filled_in)
            if 'action="http://localhost:' in page.text and "login" not in _FORM.findall(page.text)[0]:
                self.before_going_back()
                page = self._submit(session, page, {})
            self.last_page = page.text

    @staticmethod
    def _submit(session: requests.Session, page: requests.Response, filled_in: dict[str, str]) -> requests.Response:
        action = html.unescape(_FORM.findall(page.text)[0])
        hidden = {html.unescape(name): html.unescape(value) for name, value in _HIDDEN.findall(page.text)}
        return session.post(urljoin(page.url, action), data=hidden | filled_in, timeout=20)
