"""How people come in: invitations that the organiser hands out, and panels that send people."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from django.conf import settings
from django.utils import timezone
from ninja import Field, Schema
from pydantic import StringConstraints

from netgloss.server.errors import RequestError
from netgloss.server.people.models import Invitation, Panel
from netgloss.server.people.panels import find_panel

__all__ = [
    "NewInvitation",
    "PanelSettings",
    "invitations",
    "invite",
    "panel",
    "panels",
    "revoke",
    "set_panel",
]

_BUILT_IN = "prolific"
_CODE = "{code}"

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=40, pattern=r"^[^\s\x00]*$")
]


class NewInvitation(Schema):
    """Whom an invitation is for, and how often and how long it can be used."""

    role: Literal["participant", "organiser"] = "participant"
    note: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")] = ""
    uses: int = Field(1, ge=1, le=10_000)
    days: int = Field(14, ge=1, le=366)


class PanelSettings(Schema):
    """What a panel writes into addresses, and what it hears at the end."""

    person_parameter: Annotated[Line, StringConstraints(min_length=1)] = "PROLIFIC_PID"
    study_parameter: Line = "STUDY_ID"
    session_parameter: Line = "SESSION_ID"
    completion_url: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, max_length=300, pattern=r"^(https?://[^\s\x00]+)?$"
        ),
    ] = ""
    completed_code: Line = ""
    screened_out_code: Line = ""
    failed_code: Line = ""


def invitations() -> list[dict[str, Any]]:
    """The invitations that can still be used, the latest first."""
    usable = Invitation.objects.filter(uses_left__gt=0, expires_at__gt=timezone.now())
    return [_as_row(one) for one in usable.order_by("-made_at", "token")]


def invite(new: NewInvitation) -> dict[str, Any]:
    """A new invitation with its link.

    Args:
        new: Whom it is for.
    """
    end = timezone.now() + timedelta(days=new.days)
    made = Invitation.objects.create(
        role=new.role, note=new.note, uses_left=new.uses, expires_at=end
    )
    return _as_row(made)


def revoke(token: str) -> None:
    """Makes an invitation useless; who came by it stays.

    Raises:
        RequestError: 404: there is none.
    """
    if "\0" in token or not Invitation.objects.filter(token=token).delete()[0]:
        raise RequestError(404, "unknown", "There is no such invitation.")


def panels() -> list[dict[str, Any]]:
    """Every panel that was set up, and Prolific."""
    found = {one.name: one for one in Panel.objects.all()}
    if _BUILT_IN not in found:
        found[_BUILT_IN] = find_panel(_BUILT_IN)
    return [_as_panel(found[name]) for name in sorted(found)]


def panel(name: str) -> dict[str, Any]:
    """A panel's settings, and the address to give to it.

    Raises:
        RequestError: 404: there is none.
    """
    return _as_panel(find_panel(name))


def set_panel(name: str, given: PanelSettings) -> dict[str, Any]:
    """The panel with these settings, new or changed.

    Args:
        name: Letters, digits, hyphens and underscores; it stands in the address.
        given: Its settings.

    Raises:
        RequestError: 422: the address of the end does not carry the code.
    """
    if given.completion_url and _CODE not in given.completion_url:
        raise RequestError(
            422,
            "malformed",
            f"Put {_CODE} into the address where the panel expects its code.",
            where="completion_url",
        )
    made, _ = Panel.objects.update_or_create(name=name, defaults=given.dict())
    return _as_panel(made)


def _as_row(invitation: Invitation) -> dict[str, Any]:
    return {
        "token": invitation.token,
        "link": f"{settings.PUBLIC_ADDRESS}/join/{invitation.token}",
        "role": invitation.role,
        "note": invitation.note,
        "uses_left": invitation.uses_left,
        "expires_at": invitation.expires_at,
    }


def _as_panel(found: Panel) -> dict[str, Any]:
    return {
        "name": found.name,
        "link": f"{settings.PUBLIC_ADDRESS}/from/{found.name}",
        **{name: getattr(found, name) for name in PanelSettings.model_fields},
    }
