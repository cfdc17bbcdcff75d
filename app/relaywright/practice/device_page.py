"""The page where a person types a device code and signs in (RFC 8628 section 3.3). It lies on http://localhost.

Which codes are good is said by device_codes.py; who signs in, by sign_in_form.py.
"""

from collections.abc import Callable

from relaywright.practice.authorization import TICKET_LIFE_S, Kept, TokenRequestFault
from relaywright.practice.device_codes import DeviceCodes
from relaywright.practice.sign_in_form import WRONG, SignInForm
from relaywright.practice.signin_pages import SignInPages
from relaywright.practice.tokens import Grant
from relaywright.practice.web import Request, Response

PATH, SIGN_IN_PATH = "/device", "/device/sign-in"
_WRONG_CODE = "That code is not known, was used already, or its time is over. Look at the application for a new one."


class DevicePage:
    """Three steps: the code, who signs in, done."""

    def __init__(self, codes: DeviceCodes, form: SignInForm, pages: SignInPages, clock: Callable[[], float]) -> None:
        self._codes = codes
        self._form = form
        self._pages = pages
        self._tickets: Kept[str] = Kept(TICKET_LIFE_S, clock)

    def answer(self, request: Request) -> Response | None:
        """Answer a request for one of the two addresses; None for any other."""
        if request.path == PATH and request.method == "GET":
            return self._pages.device_code(PATH, request.fields.get("code", "")[:40], "")
        if request.path == PATH:
            return self._typed(request.fields.get("user_code", ""))
        if request.path == SIGN_IN_PATH and request.method == "POST":
            return self._sign_in(request)
        return None

    def _typed(self, user_code: str) -> Response:
        if not self._codes.is_typed_right(user_code):
            return self._pages.device_code(PATH, user_code[:40], _WRONG_CODE)
        return self._form.show(SIGN_IN_PATH, self._tickets.add(user_code), "", "")

    def _sign_in(self, request: Request) -> Response:
        fields = request.fields
        ticket = fields.get("ticket", "")
        kept = self._tickets.find(ticket)
        asked = None if kept is None or kept[1] else self._codes.scopes_of(kept[0])
        if kept is None or asked is None:
            text = "This page is too old or was used already. Start the sign-in again in the application."
            return self._pages.refusal("Start again", text, "AADSTS50089")
        user_code, (client_id, scopes) = kept[0], asked
        if fields.get("do") == "cancel":
            self._tickets.take(ticket)
            # Microsoft's word for RFC 8628's access_denied ("OAuth 2.0 device authorization grant").
            declined = TokenRequestFault("authorization_declined", "", "The end user denied the authorization request.")
            self._codes.refuse(user_code, declined)
            return self._pages.device_done("You said no", "Nothing was signed in. You can close this page.")
        person = self._form.signed_in(fields)
        if person is None:
            return self._form.show(SIGN_IN_PATH, ticket, self._form.name_in(fields), WRONG)
        self._tickets.take(ticket)
        refusal = self._form.refusal_of(person)
        if refusal is not None:
            self._codes.refuse(user_code, refusal.fault("invalid_grant"))
            return self._pages.refusal("The sign-in is refused", refusal.text, refusal.code)
        if not self._codes.approve(user_code, Grant(person, client_id, scopes)):
            return self._pages.device_code(PATH, "", _WRONG_CODE)
        text = f"The application on your other device goes on as {person.address}. You can close this page."
        return self._pages.device_done("You are signed in", text)
