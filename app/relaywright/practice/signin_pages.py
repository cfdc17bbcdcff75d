"""The pages of the practice sign-in, filled from resources/practice/*.html. Every value is escaped here.

What happens on them is signin_provider.py's business.
"""

import html
import secrets
import string
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path

from relaywright.practice.people import Person
from relaywright.practice.web import Response


class SignInPages:
    """Reads the page templates from a folder, each when it is needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sign_in(
        self,
        *,
        action: str,
        ticket: str,
        application: str,
        organisation: str,
        people: Sequence[Person],
        chosen: str,
        other_name: str,
        fault: str,
        return_origin: str,
    ) -> Response:
        """Return the page with the accounts. ``chosen`` is an address, ``other``, or empty for the first."""
        chosen = chosen or people[0].address
        tiles = "".join(
            self._filled(
                "account-tile.html",
                {
                    "address": person.address,
                    "name": person.name,
                    "password": person.password,
                    "number": str(number),
                    "checked": "checked" if person.address == chosen else "",
                },
            )
            for number, person in enumerate(people)
        )
        values = {
            "action": action,
            "ticket": ticket,
            "application": application,
            "organisation": organisation,
            "other_name": other_name,
            "other_checked": "checked" if chosen == "other" else "",
            "fault": fault,
            "fault_hidden": "" if fault else "hidden",
            "invalid": "true" if fault else "false",
        }
        title = "Practice sign-in"
        return self._page(title, "sign-in.html", values, {"tiles": tiles}, return_origin)

    def device_code(self, action: str, code: str, fault: str) -> Response:
        """Return the page that asks for a device code; ``code`` is filled in already."""
        values = {
            "action": action,
            "code": code,
            "fault": fault,
            "fault_hidden": "" if fault else "hidden",
            "invalid": "true" if fault else "false",
        }
        return self._page("Practice sign-in: code", "device-code.html", values, {}, "")

    def device_done(self, title: str, text: str) -> Response:
        """Return the page that ends a sign-in for another device."""
        return self._page(title, "device-done.html", {"title": title, "text": text}, {}, "")

    def hand_back(self, redirect_uri: str, answer: Mapping[str, str], return_origin: str) -> Response:
        """Return the page that posts the answer to the application (OAuth 2.0 Form Post Response Mode)."""
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in answer.items()
        )
        return self._page(
            "Back to Relaywright", "hand-back.html", {"redirect_uri": redirect_uri}, {"hidden": hidden}, return_origin
        )

    def refusal(self, title: str, text: str, code: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Response:
        """Return a page that ends here: the request was wrong in a way the application may not be told."""
        return self._page(title, "refusal.html", {"title": title, "text": text, "code": code}, {}, "", status)

    def _page(
        self,
        title: str,
        name: str,
        values: Mapping[str, str],
        ready: Mapping[str, str],
        return_origin: str,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> Response:
        nonce = secrets.token_urlsafe(16)
        content = self._filled(name, {**values, "nonce": nonce}, ready)
        page = self._filled(
            "page.html", {"title": title, "nonce": nonce}, {"content": content, "style": self._text("page.css")}
        )
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src data:; "
            f"form-action 'self' {return_origin}; base-uri 'none'; frame-ancestors 'none'"
        )
        return Response(status, page.encode(), "text/html; charset=utf-8", headers={"Content-Security-Policy": policy})

    def _filled(self, name: str, values: Mapping[str, str], ready: Mapping[str, str] | None = None) -> str:
        """Fill a template; ``values`` are escaped, ``ready`` is markup of ours."""
        escaped = {key: html.escape(value) for key, value in values.items()}
        return string.Template(self._text(name)).substitute(escaped | dict(ready or {}))

    def _text(self, name: str) -> str:
        return (self._folder / name).read_text(encoding="utf-8")
