"""Links that make an account with a role."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from netgloss.server.errors import RequestError
from netgloss.server.people.models import ORGANISER, Invitation, Person

__all__ = ["find_invitation", "first_organiser", "use_invitation"]

_FIRST = "The first organiser"
_FIRST_DAYS = 7


def find_invitation(token: str) -> Invitation:
    """The invitation that can still be used.

    Raises:
        RequestError: 404 ``invitation``: there is none, it has ended, or it was used up.
    """
    found = _open().filter(token=token).first() if "\0" not in token else None
    if found is None:
        raise _gone()
    return found


def use_invitation(token: str) -> str:
    """Uses the invitation once and returns its role; of two at the same moment only one gets it.

    Args:
        token: What stands in the link.

    Raises:
        RequestError: 404 ``invitation``.
    """
    invitation = find_invitation(token)
    # The condition stands in the statement itself, so that nobody comes between look and use.
    if not _open().filter(token=token).update(uses_left=F("uses_left") - 1):
        raise _gone()
    return invitation.role


def first_organiser() -> Invitation | None:
    """The invitation for a study's first organiser; None once there is an organiser.

    The one that was made at an earlier start is given again while it lasts.
    """
    if Person.objects.filter(role=ORGANISER).exists():
        return None
    made = _open().filter(role=ORGANISER, note=_FIRST).first()
    if made is not None:
        return made
    end = timezone.now() + timedelta(days=_FIRST_DAYS)
    return Invitation.objects.create(role=ORGANISER, note=_FIRST, expires_at=end)


def _open() -> QuerySet[Invitation]:
    return Invitation.objects.filter(uses_left__gt=0, expires_at__gt=timezone.now())


def _gone() -> RequestError:
    return RequestError(
        404, "invitation", "This invitation was used or has ended; ask the organiser for a new one."
    )
