"""The form in which somebody says who they are: shows it, and reads who it is.

What the sign-in is for (an application's request, a device code) is for those who show it.
"""

from collections.abc import Mapping

from relaywright.practice.people import Person, PracticeTenant
from relaywright.practice.refusals import RefusalBook
from relaywright.practice.sign_in_refusals import SignInRefusal, SignInRefusalBook
from relaywright.practice.signin_pages import SignInPages
from relaywright.practice.web import Response

WRONG = "The name or the password is wrong. The practice passwords are written beside the names."


class SignInForm:
    """Knows the people of the practice, and everybody who is named like a refusal of the relay or of the sign-in."""

    def __init__(
        self, tenant: PracticeTenant, refusals: RefusalBook, sign_in_refusals: SignInRefusalBook, pages: SignInPages
    ) -> None:
        self._tenant = tenant
        self._refusals = refusals
        self._sign_in_refusals = sign_in_refusals
        self._pages = pages

    def show(self, action: str, ticket: str, name: str, fault: str, return_origin: str = "") -> Response:
        """Return the page; ``name`` is chosen, ``fault`` said. It may post to ``return_origin`` besides here."""
        listed = any(person.address == name.strip().lower() for person in self._tenant.people)
        return self._pages.sign_in(
            action=action,
            ticket=ticket,
            application=self._tenant.client_name,
            organisation=self._tenant.name,
            people=self._tenant.people,
            chosen=name.strip().lower() if listed else "other" if name or fault else "",
            other_name="" if listed else name[:254],
            fault=fault,
            return_origin=return_origin,
        )

    def name_in(self, fields: Mapping[str, str]) -> str:
        """Return the name that was chosen or typed."""
        account = fields.get("account", "")
        return fields.get("other_name", "") if account == "other" else account

    def signed_in(self, fields: Mapping[str, str]) -> Person | None:
        """Return who signs in; None when the name or the password is wrong."""
        person = self.who(self.name_in(fields))
        password = fields.get("password", "")
        if person is None:
            return None
        fits = person.knows(password) if person.password else bool(password)
        return person if fits else None

    def who(self, name: str) -> Person | None:
        """Return who that is: a person (a ``+tag`` is kept in the address), or somebody named like a refusal."""
        address = name.strip().lower()
        person = self._tenant.person(address)
        refused = self._sign_in_refusals.named_by(address)
        if person is not None and refused is None:
            return Person(address, person.name, person.password, person.id, person.note)
        refusal = refused or self._refusals.named_by(address)
        if refusal is None or not self._tenant.accepts(address):
            return None
        return Person(address, refusal.title, "", f"refusal-{refusal.id}")

    def refusal_of(self, person: Person) -> SignInRefusal | None:
        """Return what the sign-in answers instead of letting them in, when they are named like that."""
        return self._sign_in_refusals.named_by(person.address)
