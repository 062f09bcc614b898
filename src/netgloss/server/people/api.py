"""The part of the API about people: who is asking, signing in and up, and their own data."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from ninja import Field, Router, Schema, Status

from netgloss.server.people import accounts, data, invitations, panels, resets, throttle
from netgloss.server.people.auth import (
    AnyoneRequest,
    PersonRequest,
    anyone,
    issue_token,
    known,
)
from netgloss.server.people.me import Me, about
from netgloss.server.people.models import Invitation
from netgloss.server.tasks.visits import finished_on

__all__ = ["router"]

router = Router(tags=["people"])


class NewAccount(Schema):
    """What signing up asks for."""

    name: str = Field(max_length=200)
    password: str = Field(max_length=256)
    email: str = Field("", max_length=254)
    invitation: str = Field("", max_length=100)


class Credentials(Schema):
    """A name or an e-mail address, and the password."""

    login: str = Field(max_length=254)
    password: str = Field(max_length=256)


class Forgotten(Schema):
    """Whose password is forgotten."""

    email: str = Field(max_length=254)


class NewPassword(Schema):
    """What the link of a mail says, and the new password."""

    person: str = Field(max_length=64)
    token: str = Field(max_length=100)
    password: str = Field(max_length=256)


class PanelPerson(Schema):
    """Somebody in a panel's frame, as the frame's address names them."""

    panel: str = Field(max_length=40)
    person: str = Field(min_length=1, max_length=99)
    study: str = Field("", max_length=99)
    session: str = Field("", max_length=99)
    submit_to: str = Field("", max_length=2000, description="The frame's turkSubmitTo.")


class Invited(Schema):
    """What an invitation is for."""

    role: str
    note: str


class Token(Me):
    """A bearer token, what it signs in, and where its visit ends."""

    token: str
    hand_in: str = Field(description="Where the end is told; empty where that site is not known.")
    finished: str | None = Field(description="The batch that was finished on this visit before.")


@router.get("/me", auth=anyone, response=Me, summary="Who is asking, and the study's tasks")
def me(request: AnyoneRequest) -> dict[str, Any]:
    """The person, or null; the answer always sets the CSRF cookie."""
    get_token(request)
    return about(request.auth)


@router.get(
    "/me/data",
    auth=known,
    summary="Everything kept about the person who asks",
    openapi_extra={"responses": {200: {"content": {"application/json": {}}}}},
)
def my_data(request: PersonRequest) -> HttpResponse:
    """A JSON file."""
    response = JsonResponse(data.everything_about(request.auth), json_dumps_params={"indent": 1})
    response.headers["Content-Disposition"] = 'attachment; filename="my-netgloss-data.json"'
    return response


@router.delete("/me", auth=known, response={204: None}, summary="Deletes the person who asks")
def delete_me(request: PersonRequest) -> Status[None]:
    """The person and their answers go, and the slots they held are free."""
    data.delete_person(request, request.auth)
    return Status(204, None)


@router.post("/guests", auth=anyone, response={201: Me}, summary="Signs in a new guest")
def guest(request: HttpRequest) -> Status[dict[str, Any]]:
    """Somebody who is signed in already stays who they are."""
    return Status(201, about(accounts.sign_in_guest(request)))


@router.post("/accounts", auth=anyone, response={201: Me}, summary="Makes an account")
def sign_up(request: HttpRequest, payload: NewAccount) -> Status[dict[str, Any]]:
    """A guest becomes the account and keeps what they gave."""
    person = accounts.register(
        request, payload.name, payload.password, payload.email, payload.invitation
    )
    return Status(201, about(person))


@router.post("/session", auth=anyone, response=Me, summary="Signs in")
def sign_in(request: HttpRequest, payload: Credentials) -> dict[str, Any]:
    """A guest's work moves to the account where it does not collide."""
    return about(accounts.sign_in(request, payload.login, payload.password))


@router.delete("/session", auth=anyone, response={204: None}, summary="Signs out")
def sign_out(request: HttpRequest) -> Status[None]:
    """Ends the session."""
    logout(request)
    return Status(204, None)


@router.post("/password-resets", auth=anyone, response={202: None}, summary="Mails a link")
def forgotten(request: HttpRequest, payload: Forgotten) -> Status[None]:
    """The same answer whether or not there is an account."""
    resets.request_reset(request, payload.email)
    return Status(202, None)


@router.post(
    "/password-resets/confirm", auth=anyone, response={204: None}, summary="Sets a new password"
)
def reset(request: HttpRequest, payload: NewPassword) -> Status[None]:
    """The link works once and for an hour."""
    resets.confirm_reset(request, payload.person, payload.token, payload.password)
    return Status(204, None)


@router.get("/invitations/{token}", response=Invited, summary="What an invitation is for")
def invitation(request: HttpRequest, token: str) -> Invitation:  # noqa: ARG001 - ninja goes by it
    """404 once it is used up or has ended."""
    return invitations.find_invitation(token)


@router.post(
    "/invitations/{token}", auth=known, response=Me, summary="Takes the role of an invitation"
)
def accept(request: PersonRequest, token: str) -> dict[str, Any]:
    """For somebody who has an account already."""
    return about(accounts.accept_invitation(request.auth, token))


@router.post("/panel-tokens", auth=None, response={201: Token}, summary="Signs in without cookies")
def panel_token(request: HttpRequest, payload: PanelPerson) -> Status[dict[str, Any]]:
    """A bearer token for somebody in a panel's frame, and the address to hand in to."""
    throttle.spend("guest from an address", throttle.address_of(request))
    person, session = panels.arrive_in_frame(
        payload.panel, payload.person, payload.study, payload.session
    )
    had = finished_on(person, session)
    entered = {
        "token": issue_token(person, session),
        "hand_in": settings.MTURK.hand_in(payload.submit_to),
        "finished": str(had.pk) if had else None,
    }
    return Status(201, {**entered, **about(person)})
