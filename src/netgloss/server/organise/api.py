"""The organiser's part of the API; for anybody else none of its addresses exists."""

# ruff: noqa: ARG001 - ninja hands every view its request, by this name

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Field, Query, Router, Schema, Status
from pydantic import StringConstraints

from netgloss.errors import NetglossError
from netgloss.server.errors import RequestError
from netgloss.server.organise import analysis, explanations, jobs, links
from netgloss.server.organise.export import KINDS, export, export_forms
from netgloss.server.organise.handover import hand_over
from netgloss.server.organise.items import items, set_control
from netgloss.server.organise.overview import overview
from netgloss.server.organise.people import exclude, people, person_row
from netgloss.server.organise.play import play_figures
from netgloss.server.organise.settings import TaskChanges, change_task, settings_of
from netgloss.server.people.auth import organiser
from netgloss.server.play.players import TASK as PLAY
from netgloss.server.tasks.engine import task_of
from netgloss.server.tasks.models import Task
from netgloss.server.tasks.texts import as_html
from netgloss.study import Study

__all__ = ["router"]

router = Router(auth=organiser, tags=["organise"])

TaskName = Annotated[str, Query(max_length=20)]
After = Annotated[str, Query(max_length=100)]
Page = Annotated[int, Query(ge=1, le=200)]
Kind = Literal["csv", "json", "parquet", "coco", "label-studio"]
What = Literal["answers", "forms"]
_LONGEST_TEXT = 20_000


class Exclusion(Schema):
    """Whether somebody is to be left out, and why."""

    excluded: bool
    why: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = ""


class Control(Schema):
    """What is expected of a control item; null for an item like any other."""

    expected: dict[str, Any] | None


class Expression(Schema):
    """An expression over concepts."""

    expression: str = Field(max_length=10_000)


class Markdown(Schema):
    """A text to look at before it is kept."""

    markdown: str = Field(max_length=_LONGEST_TEXT)


@router.get("/overview", summary="How the study goes")
def see_overview(request: HttpRequest, task: TaskName = "") -> dict[str, Any]:
    """Counted anew at every call; agreement and forms are as old as ``figures_at``."""
    return overview(settings.STUDY, _task(task))


@router.get("/people", summary="One row a person")
def list_people(
    request: HttpRequest, task: TaskName = "", after: After = "", limit: Page = 50
) -> dict[str, Any]:
    """In the order in which they came."""
    return people(settings.STUDY, _task(task), after, limit)


@router.post("/people/{uuid:person}/exclusion", summary="Leaves somebody out, or takes them in")
def set_exclusion(
    request: HttpRequest, person: UUID, payload: Exclusion, task: TaskName = ""
) -> dict[str, Any]:
    """Nothing is deleted; the person's row."""
    found = exclude(person, payload.excluded, payload.why)
    return person_row(settings.STUDY, _task(task), found)


@router.get("/items", summary="One row an item")
def list_items(
    request: HttpRequest,
    task: TaskName = "",
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Page = 60,
    controls: bool = False,
) -> dict[str, Any]:
    """With a thumbnail, its answers, and what is expected of a control."""
    return items(_task(task), after, limit, controls=controls)


@router.put("/items/{int:item}/control", summary="Makes an item a control, or no control")
def make_control(request: HttpRequest, item: int, payload: Control) -> dict[str, Any]:
    """The item's row."""
    return set_control(item, payload.expected)


@router.get("/play", summary="What came of the games")
def see_games(
    request: HttpRequest, after: Annotated[int, Query(ge=0)] = 0, limit: Page = 60
) -> dict[str, Any]:
    """By layer, by player, by weight, and a page of maps."""
    with _said_plainly():
        return play_figures(task_of(PLAY), after, limit)


@router.patch("/tasks/{slug:task}", summary="Changes settings of a task")
def patch_task(request: HttpRequest, task: str, payload: TaskChanges) -> dict[str, Any]:
    """All settings as they are now."""
    with _said_plainly():
        return settings_of(change_task(_study(), task, payload))


@router.post("/preview", summary="What a Markdown text looks like")
def preview(request: HttpRequest, payload: Markdown) -> dict[str, str]:
    """As people will see it."""
    return {"html": as_html(payload.markdown)}


@router.get("/invitations", summary="Invitations that can still be used")
def list_invitations(request: HttpRequest) -> list[dict[str, Any]]:
    """The latest first."""
    return links.invitations()


@router.post("/invitations", response={201: dict[str, Any]}, summary="Makes an invitation")
def make_invitation(request: HttpRequest, payload: links.NewInvitation) -> Status[dict[str, Any]]:
    """With the link to hand out."""
    return Status(201, links.invite(payload))


@router.delete("/invitations/{token}", response={204: None}, summary="Revokes an invitation")
def revoke_invitation(request: HttpRequest, token: str) -> Status[None]:
    """Who came by it stays."""
    links.revoke(token)
    return Status(204, None)


@router.get("/panels", summary="Panels that send people")
def list_panels(request: HttpRequest) -> list[dict[str, Any]]:
    """Prolific, and those set up."""
    return links.panels()


@router.get("/panels/{slug:name}", summary="One panel")
def see_panel(request: HttpRequest, name: str) -> dict[str, Any]:
    """Its settings, and the address to give to it."""
    return links.panel(name)


@router.put("/panels/{slug:name}", summary="Sets a panel up")
def put_panel(request: HttpRequest, name: str, payload: links.PanelSettings) -> dict[str, Any]:
    """New or changed."""
    return links.set_panel(name, payload)


@router.get(
    "/export",
    summary="The answers, or the filled-in forms, as a file",
    openapi_extra={"responses": {200: {"content": {kind: {} for _, kind in KINDS.values()}}}},
)
def export_answers(
    request: HttpRequest,
    task: TaskName = "",
    what: What = "answers",
    format: Kind = "csv",  # noqa: A002 - as it stands in the address
    excluded: bool = False,
    controls: bool = False,
) -> StreamingHttpResponse:
    """Sent while it is made; without excluded people and control items unless asked for."""
    with _said_plainly():
        if what == "forms":
            return export_forms(_study(), _task(task), format, excluded=excluded)
        return export(_study(), _task(task), format, excluded=excluded, controls=controls)


@router.post("/handover", summary="Writes the answers into the study")
def hand_over_answers(request: HttpRequest) -> dict[str, int]:
    """How many are new, changed, unchanged, or taken out again."""
    with _said_plainly():
        return vars(hand_over(_study()))


@router.post("/analysis", response={202: dict[str, Any]}, summary="Starts an analysis")
def start_analysis(request: HttpRequest) -> Status[dict[str, Any]]:
    """In a process of its own, one at a time; asking again while it runs changes nothing."""
    jobs.start("analysis")
    return Status(202, analysis.found(settings.STUDY, 0))


@router.get("/analysis", summary="How the analysis goes, and what the last one found")
def see_analysis(
    request: HttpRequest, limit: Annotated[int, Query(ge=0, le=5000)] = 100
) -> dict[str, Any]:
    """The ranked concepts, the strongest first."""
    with _said_plainly():
        return analysis.found(settings.STUDY, limit)


@router.post("/explanations", response={202: dict[str, Any]}, summary="Explains the images")
def start_explanations(request: HttpRequest) -> Status[dict[str, Any]]:
    """In a process of its own, one at a time; asking again while it runs changes nothing."""
    jobs.start(explanations.JOB)
    with _said_plainly():
        return Status(202, explanations.found(settings.STUDY, 0, 0))


@router.get("/explanations", summary="How explaining goes, and what was explained")
def see_explanations(
    request: HttpRequest,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Page = 24,
    target: Annotated[str, Query(max_length=200)] = "",
) -> dict[str, Any]:
    """All classes, and a page of images."""
    with _said_plainly():
        return explanations.found(settings.STUDY, after, limit, target)


@router.get(
    "/explanations/{of}/{name}",
    summary="A page or a picture of what each layer saw",
    openapi_extra={"responses": {200: {"content": {"text/html": {}, "image/svg+xml": {}}}}},
)
def see_explanation(request: HttpRequest, of: str, name: str) -> HttpResponse:
    """A file that needs nothing else, and is let at nothing else."""
    return explanations.explanation_file(settings.STUDY, of, name)


@router.post("/query", summary="Tests an expression over concepts")
def query(request: HttpRequest, payload: Expression) -> dict[str, Any]:
    """The finding, and some images that speak for and against it."""
    with _said_plainly():
        return analysis.ask(settings.STUDY, payload.expression)


def _task(name: str) -> Task:
    """The task of this name; the study's first where none is named.

    Raises:
        RequestError: 404: there is none.
    """
    first = None if name else Task.objects.order_by("name").first()
    return first or task_of(name)


def _study() -> Study:
    return Study.open(settings.STUDY)


@contextmanager
def _said_plainly() -> Iterator[None]:
    """What is wrong with the study reaches the organiser in the study's own words."""
    try:
        yield
    except RequestError:
        raise
    except NetglossError as fault:
        raise RequestError(409, "study", str(fault)) from fault
