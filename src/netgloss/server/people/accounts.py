"""Accounts: signing up, signing in by name or e-mail, and guests who become accounts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate, login, update_session_auth_hash
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import UUIDField
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from netgloss.server.errors import RequestError
from netgloss.server.people import throttle
from netgloss.server.people.auth import BACKEND
from netgloss.server.people.invitations import use_invitation
from netgloss.server.people.merging import merge
from netgloss.server.people.models import ACCOUNT, PARTICIPANT, Person
from netgloss.server.people.names import clean_email, clean_name, name_key
from netgloss.server.prepared import Given, Prepared

__all__ = [
    "NameOrEmail",
    "accept_invitation",
    "check_new_password",
    "register",
    "sign_in",
    "sign_in_guest",
]

# Several accounts may share an address. At least two passwords are compared, so that the time
# taken does not tell whether anybody besides the one who asks has signed up with it.
_FEWEST_CHECKS, _MOST_CHECKS = 2, 10
_OF_AN_ACCOUNT = ("name", "name_key", "email", "kind", "password", "role")


_by_id: Prepared[Person] = Prepared(lambda: Person.objects.filter(pk=Given("id", UUIDField())))


class NameOrEmail(BaseBackend):
    """Finds the account by its name or its e-mail address."""

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002 - Django hands it to every backend
        login: str | None = None,
        password: str | None = None,
        **_others: Any,
    ) -> Person | None:
        """The account whose password this is; as much work is done where there is no account.

        Args:
            request: Not looked at.
            login: A name or an e-mail address.
            password: As typed.
        """
        if login is None or password is None:
            return None
        fewest = _FEWEST_CHECKS if "@" in login else 1
        found = None
        candidates = _accounts(login)
        for person in candidates:
            if person.check_password(password) and found is None:
                found = person
        for _ in range(fewest - len(candidates)):
            make_password(password)
        return found

    def get_user(self, user_id: Any) -> Person | None:
        """The person with this id."""
        return _by_id.first(id=user_id)


def sign_in_guest(request: HttpRequest) -> Person:
    """The person who is signed in already, or a new guest."""
    if isinstance(request.user, Person):
        return request.user
    throttle.spend("guest from an address", throttle.address_of(request))
    person = Person.objects.guest()
    login(request, person, backend=BACKEND)
    return person


def register(
    request: HttpRequest, name: str, password: str, email: str = "", invitation: str = ""
) -> Person:
    """Makes an account and signs it in; a guest or panel person becomes the account.

    Args:
        request: Who asks. What a guest gave stays with them: it is the same row.
        name: As typed; must be free.
        password: As typed.
        email: Optional; only for signing in and for a forgotten password.
        invitation: Token of a link that gives a role.

    Raises:
        RequestError: 409 ``name_taken`` or ``signed_in``, 422 ``name``, ``email`` or
            ``password``, 404 ``invitation``, 429 ``too_often``.
    """
    throttle.spend("account from an address", throttle.address_of(request))
    known = request.user if isinstance(request.user, Person) else None
    if known is not None and known.kind == ACCOUNT:
        raise RequestError(409, "signed_in", "You have an account already and are signed in.")
    person = known or Person()
    person.name = clean_name(name)
    person.name_key = name_key(person.name)
    person.email = clean_email(email)
    check_new_password(password, person)
    person.kind = ACCOUNT
    person.password = make_password(password)
    _save(person, invitation)
    if known is None:
        login(request, person, backend=BACKEND)
    else:
        # A new session key, so that whoever knew the guest's does not know the account's.
        update_session_auth_hash(request, person)
        rotate_token(request)
    return person


def sign_in(request: HttpRequest, login_name: str, password: str) -> Person:
    """Signs an account in; what a guest gave before moves to it where it does not collide.

    Args:
        request: Who asks.
        login_name: Name or e-mail address.
        password: As typed.

    Raises:
        RequestError: 401 ``wrong``, whether or not there is such an account; 429 ``too_often``.
    """
    address, name = throttle.address_of(request), name_key(login_name)
    brakes = (
        ("sign-in from an address", address),
        ("sign-in to a name from an address", name, address),
        ("sign-in to a name", name),
    )
    for brake in brakes:
        throttle.spend(*brake)
    person = authenticate(request, login=login_name, password=password)
    if not isinstance(person, Person):
        raise RequestError(401, "wrong", "The name or the password is not right.")
    for brake in brakes:
        throttle.give_back(*brake)
    if isinstance(request.user, Person) and request.user.kind != ACCOUNT:
        merge(request.user, person)
    session = request.session.get("panel_session", "")
    login(request, person, backend=BACKEND)
    if session:
        # Of the browser, not of the guest: the next batch still belongs to the panel's session.
        request.session["panel_session"] = session
    return person


def accept_invitation(person: Person, token: str) -> Person:
    """Gives an account the role of an invitation.

    Args:
        person: Whom; an organiser stays one.
        token: Of the invitation's link.

    Raises:
        RequestError: 409 ``account_needed`` for a guest; 404 ``invitation``.
    """
    if person.kind != ACCOUNT:
        raise RequestError(409, "account_needed", "Please make an account first, or sign in.")
    with transaction.atomic():
        role = use_invitation(token)
        if not person.is_organiser:
            person.role = role
            person.save(update_fields=["role"])
    return person


def check_new_password(password: str, person: Person) -> None:
    """Refuses a password that is easy to guess.

    Raises:
        RequestError: 422 ``password`` with what is wrong with it.
    """
    try:
        validate_password(password, person)
    except ValidationError as fault:
        raise RequestError(422, "password", " ".join(fault.messages)) from fault


def _save(person: Person, invitation: str) -> None:
    """Saves the account; the invitation counts as used only if that goes well."""
    try:
        with transaction.atomic():
            person.role = use_invitation(invitation) if invitation else PARTICIPANT
            # Of a guest nothing else: while the password was hashed they may have been excluded.
            person.save(update_fields=None if person._state.adding else _OF_AN_ACCOUNT)
    except IntegrityError as fault:
        raise RequestError(
            409, "name_taken", "This name is taken; please choose another one."
        ) from fault


def _accounts(login_name: str) -> list[Person]:
    """The accounts that may be meant; the oldest first."""
    if "@" in login_name:
        email = login_name.strip().lower()
        found = Person.objects.filter(kind=ACCOUNT, email=email) if "\0" not in email else []
        return sorted(found, key=lambda person: person.joined_at)[:_MOST_CHECKS]
    key = name_key(login_name)
    return list(Person.objects.filter(kind=ACCOUNT, name_key=key)) if key else []
