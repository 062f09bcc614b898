"""What a person does with an image before they answer: a hint, a guess.

An action is acknowledged only after it is committed. It carries a key; sent again, it gets the
same reply and has no second effect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast
from uuid import UUID

from netgloss.server.errors import RequestError
from netgloss.server.people.models import Person
from netgloss.server.prepared import save_fields
from netgloss.server.tasks.evidence import or_try_later
from netgloss.server.tasks.holding import Held, hold, seconds_to_wait, spend, start_clock
from netgloss.server.tasks.kinds import kind_of
from netgloss.server.tasks.models import ANSWERED, Assignment
from netgloss.server.tasks.transactions import in_transaction

__all__ = ["Acted", "act"]

# All are remembered, so that none has a second effect however late it comes again.
_ACTIONS = 50


class Acted(TypedDict):
    """What an action led to."""

    shown: dict[str, Any]
    seconds_to_wait: float


def act(
    assignment_id: UUID, person: Person, key: UUID, action: str, body: Mapping[str, Any]
) -> Acted:
    """Does something with an image that is not answered yet; returns what is shown from then on.

    Args:
        assignment_id: The assignment.
        person: Whose it is.
        key: Made by the page, one for each action; a retry carries the same.
        action: What they do, by the kind of task.
        body: What the page sent with it.

    Raises:
        RequestError: 404; 403 ``excluded``; 409 ``gone``, ``finished``, ``answered``,
            ``too_many`` actions, or what the kind of task says; 422 ``malformed``; 503
            ``renewed``: the heat map is not there at this moment.
    """

    def work(patient: bool) -> Acted | RequestError:
        held = hold(assignment_id, person, patient, lambda one: _reply_to(one, key))
        if isinstance(held, RequestError):
            return held
        known = _reply_to(held.assignment, key)
        if known is not None:
            return known
        refusal = _refusal(held.assignment)
        if refusal is not None:
            return refusal
        return _done(held, key, action, body)

    return in_transaction(work)


def _reply_to(assignment: Assignment, key: UUID) -> Acted | None:
    """What an action with this key was told."""
    for one in assignment.acted:
        if one["key"] == str(key):
            return cast(Acted, one["reply"])
    return None


def _refusal(assignment: Assignment) -> RequestError | None:
    if assignment.state == ANSWERED:
        return RequestError(409, "answered", "This is answered already; the answer stands.")
    if len(assignment.acted) >= _ACTIONS:
        return RequestError(409, "too_many", "You have done all that can be done here.")
    return None


def _done(held: Held, key: UUID, action: str, body: Mapping[str, Any]) -> Acted:
    """Writes what the action changes and what it is told."""
    assignment, kind = held.assignment, kind_of(held.assignment.task_id)
    start_clock(held)
    spend(held)
    with or_try_later():
        kind.act(assignment, action, body)
        shown = kind.shown(assignment)
    reply = Acted(shown=shown, seconds_to_wait=seconds_to_wait(assignment, held.now))
    assignment.acted = [*assignment.acted, {"key": str(key), "action": action, "reply": reply}]
    save_fields(assignment, "course", "acted", "opened_at", "seen_at", "seconds")
    return reply
