"""What is kept about a person: to look at, and to delete."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest

from netgloss.server.errors import RequestError
from netgloss.server.people.models import ORGANISER, Person
from netgloss.server.tasks.kinds import kinds
from netgloss.server.tasks.models import Assignment, Batch, Consent, Form
from netgloss.server.tasks.slots import free_slots
from netgloss.server.tasks.transactions import in_transaction

__all__ = ["delete_person", "everything_about"]


def everything_about(person: Person) -> dict[str, Any]:
    """Everything kept about a person, ready for JSON.

    Which file an image came from, which were control items and how an assignment went before its
    answer stays out: the next person is still to be asked about them, and the answer says the rest.

    Args:
        person: Whom.
    """
    return {
        "person": {
            "id": person.id,
            "pseudonym": person.pseudonym,
            "kind": person.kind,
            "role": person.role,
            "name": person.name,
            "email": person.email,
            "panel": person.panel,
            "panel_person": person.panel_person,
            "joined_at": person.joined_at,
            "last_login": person.last_login,
            "excluded_at": person.excluded_at,
            "excluded_why": person.excluded_why,
            "password": "only a hash of it" if person.has_usable_password() else "none",
        },
        "consents": _rows(Consent, person, "task_id", "text", "given_at"),
        "batches": _rows(
            Batch, person, "id", "task_id", "started_at", "finished_at", "panel_session", "wishes"
        ),
        "answers": _rows(
            Assignment,
            person,
            "id",
            "task_id",
            "batch_id",
            "position",
            "state",
            "opened_at",
            "seen_at",
            "seconds",
            "draft",
            "answer",
            "answered_at",
            "earlier",
        ),
        "forms": _rows(
            Form, person, "task_id", "batch_id", "name", "answers", "remark", "filled_at"
        ),
        "kept_by_tasks": {kind.name: kept for kind in kinds() if (kept := kind.kept_about(person))},
    }


def delete_person(request: HttpRequest, person: Person) -> None:
    """Deletes the person and all they gave, and frees the slots they held.

    Args:
        request: Its session ends; their other sessions have nobody left to stand for.
        person: Whom.

    Raises:
        RequestError: 409 ``last_organiser``: the study would have nobody to run it.
    """

    def work(_patient: bool) -> None:
        if person.is_organiser:
            _require_another(person)
        free_slots(person)
        Person.objects.filter(pk=person.pk).delete()

    # Tried again where the person is given a batch at the same moment in another window.
    in_transaction(work)
    logout(request)


def _require_another(organiser: Person) -> None:
    """Checks that somebody else can run the study; two who go at once wait for each other.

    Raises:
        RequestError: 409 ``last_organiser``.
    """
    all_of_them = Person.objects.filter(role=ORGANISER).order_by("pk")
    locked = all_of_them.select_for_update(no_key=True)
    if all(one.pk == organiser.pk for one in locked):
        raise RequestError(
            409,
            "last_organiser",
            "You are the study's only organiser; invite another one before you go.",
        )


def _rows(model: Any, person: Person, *columns: str) -> list[dict[str, Any]]:
    return list(model.objects.filter(person=person).order_by("pk").values(*columns))
