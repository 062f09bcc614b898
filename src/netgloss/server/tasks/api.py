"""The addresses under which tasks are done; everything is looked up among the person's own."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Body, Router, Status

from netgloss.server.errors import RequestError
from netgloss.server.people.auth import panel_session, signed_in
from netgloss.server.people.models import Person
from netgloss.server.tasks import acting, batches, forms, submitting
from netgloss.server.tasks.finishing import after
from netgloss.server.tasks.items import task_of
from netgloss.server.tasks.kinds import kind_of
from netgloss.server.tasks.models import Consent
from netgloss.server.tasks.schemas import (
    ActedOut,
    ActionIn,
    BatchOut,
    ConsentIn,
    DraftIn,
    DraftOut,
    FilledIn,
    FinishedOut,
    FormOut,
    OpenedOut,
    ReceiptOut,
    SubmitIn,
    TaskOut,
)
from netgloss.server.tasks.texts import version
from netgloss.server.tasks.views import batch_view, task_view
from netgloss.server.tasks.visits import finished_on

__all__ = ["router"]

router = Router(auth=signed_in, tags=["tasks"])


@router.get("/tasks/{slug:task}", response=TaskOut, summary="A task and its texts")
def task_page(request: HttpRequest, task: str) -> dict[str, Any]:
    """What its page shows, with how far the person is."""
    return task_view(task_of(task), _person(request))


@router.post("/tasks/{slug:task}/consent", response={204: None}, summary="Agrees to the text")
def consent(request: HttpRequest, task: str, payload: ConsentIn) -> Status[None]:
    """Agreeing twice changes nothing; a text that has changed since must be read again."""
    found = task_of(task)
    if payload.version != version(found.consent):
        raise RequestError(409, "changed", "The text has changed; please read it again.")
    if found.consent:
        Consent.objects.get_or_create(person=_person(request), task=found, text=payload.version)
    return Status(204, None)


@router.post("/tasks/{slug:task}/batch", response=BatchOut, summary="The open batch, or a new one")
def open_batch(
    request: HttpRequest,
    task: str,
    wishes: Body[dict[str, Any] | None] = None,
    after: UUID | None = None,
) -> dict[str, Any]:
    """Asking twice gives the same batch; a new one is as the kind of task lets the person wish.

    A batch ``after`` which the new one comes is finished first.
    """
    session = panel_session(request)
    return batch_view(batches.open_batch(task, _person(request), session, wishes, after))


@router.get("/tasks/{slug:task}/words", summary="Words to offer while the person types")
def words(request: HttpRequest, task: str) -> dict[str, Any]:
    """The person's own, and those of others where the organiser allows it."""
    found = task_of(task)
    return kind_of(found.name).words(found, _person(request))


@router.get("/batches/{uuid:batch}", response=BatchOut, summary="A batch")
def get_batch(request: HttpRequest, batch: UUID) -> dict[str, Any]:
    """The person's own, its lapsed images held again or replaced."""
    return batch_view(batches.resume_batch(batch, _person(request)))


@router.post("/batches/{uuid:batch}/finish", response=FinishedOut, summary="Ends a batch")
def finish(request: HttpRequest, batch: UUID) -> dict[str, Any]:
    """Ending it again says the same."""
    person = _person(request)
    done = batches.finish_batch(batch, person)
    # Of this visit, which an old batch is not part of.
    had = finished_on(person, panel_session(request), done.task_id)
    return {"finished": True, **after(done), "more": had is None}


@router.post(
    "/batches/{uuid:batch}/forms/{slug:name}", response={204: None}, summary="Fills in a form"
)
def fill_in(request: HttpRequest, batch: UUID, name: str, payload: FilledIn) -> Status[None]:
    """Filled in again, the later one counts."""
    done = batches.find_batch(batch, _person(request))
    forms.fill_in(done, name, payload.answers, payload.remark)
    return Status(204, None)


@router.get("/forms/{slug:name}", response=FormOut, summary="A form's questions")
def get_form(request: HttpRequest, name: str) -> dict[str, Any]:  # noqa: ARG001 - ninja goes by its name
    """With the ends of their scales."""
    return forms.describe(name)


@router.post(
    "/assignments/{uuid:assignment}/opened", response=OpenedOut, summary="The image is shown"
)
def opened(request: HttpRequest, assignment: UUID) -> dict[str, float]:
    """The clock starts the first time."""
    return {"seconds_to_wait": submitting.mark_opened(assignment, _person(request))}


@router.post(
    "/assignments/{uuid:assignment}/actions", response=ActedOut, summary="Does something with it"
)
def action(request: HttpRequest, assignment: UUID, payload: ActionIn) -> acting.Acted:
    """Acknowledged once it is committed; the same key again gets the same reply."""
    return acting.act(assignment, _person(request), payload.key, payload.action, payload.body)


@router.put("/assignments/{uuid:assignment}/draft", response=DraftOut, summary="Keeps a draft")
def draft(request: HttpRequest, assignment: UUID, payload: DraftIn) -> dict[str, int]:
    """A draft with a lower number than the kept one is turned down, with the kept one."""
    number = submitting.save_draft(assignment, _person(request), payload.number, payload.body)
    return {"number": number}


@router.post(
    "/assignments/{uuid:assignment}/answer", response=ReceiptOut, summary="Answers, or corrects"
)
def answer(request: HttpRequest, assignment: UUID, payload: SubmitIn) -> submitting.Receipt:
    """Acknowledged once it is committed; the same key again gets the same receipt."""
    return submitting.submit(assignment, _person(request), payload.key, payload.body)


def _person(request: HttpRequest) -> Person:
    """Who asks, as :func:`signed_in` found."""
    return cast(Person, request.auth)  # type: ignore[attr-defined] # ninja puts it there
