"""A task's settings: what they are, and changing them while people work."""

from __future__ import annotations

from typing import Annotated, Any

from django.db import transaction
from django.forms.models import model_to_dict
from ninja import Field, Schema
from pydantic import ConfigDict, StringConstraints

from netgloss.server.errors import RequestError
from netgloss.server.tasks.engine import set_quota, sync_items, task_of
from netgloss.server.tasks.forms import FORMS
from netgloss.server.tasks.kinds import kind_of
from netgloss.server.tasks.models import Assignment, Task
from netgloss.study import Study

__all__ = ["TaskChanges", "change_task", "settings_of"]

_LONGEST_TEXT = 20_000
# Asked after every batch by ``feedback``; the others once.
_EACH_TIME = "difficulty"

Title = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00\r\n]*$"
    ),
]
Text = Annotated[str, StringConstraints(max_length=_LONGEST_TEXT, pattern=r"^[^\x00]*$")]


class TaskChanges(Schema):
    """Settings to change; those that are left out stay."""

    model_config = ConfigDict(extra="forbid")

    title: Title = ""
    method: str = ""
    paused: bool = False
    quota: int = Field(1, ge=1, le=1000)
    batch_size: int = Field(1, ge=1, le=100)
    max_batches: int = Field(0, ge=0, le=10_000)
    controls: int = Field(0, ge=0, le=20)
    min_seconds: float = Field(0, ge=0, le=600)
    lease_minutes: int = Field(1, ge=1, le=7 * 24 * 60 // 2)
    suggestions: bool = False
    consent: Text = ""
    instructions: Text = ""
    feedback: bool = False
    forms: list[str] = Field(default_factory=list, max_length=10)
    options: dict[str, Any] = Field(default_factory=dict, description="By the kind of task.")


def settings_of(task: Task) -> dict[str, Any]:
    """Everything that the organiser can set, by its name.

    Args:
        task: The task.
    """
    return model_to_dict(task)


def change_task(study: Study, name: str, changes: TaskChanges) -> Task:
    """The task with its settings changed; whoever is at work goes on undisturbed.

    A quota that shrinks leaves everybody the slots they hold; one that grows opens new ones. The
    heat maps of another method can be shown only while nobody was shown any. A game without
    controls gives the map that was chosen as one back to those that are played.

    Args:
        study: The study.
        name: The task's name.
        changes: What to change.

    Raises:
        RequestError: 404; 409 ``in_use``: people have seen heat maps of the method; 422: settings
            do not fit together, with ``where``.
        StudyError: The heat maps that the change needs cannot be looked at.
    """
    given = changes.model_dump(exclude_unset=True)
    with transaction.atomic():
        task = task_of(name, locked=True)
        _check(study, task, given)
        if "options" in given:
            given["options"] = kind_of(name).check_options({**task.options, **given["options"]})
        quota = given.pop("quota", task.quota)
        other_method = given.get("method", task.method) != task.method
        other_controls = given.get("controls", task.controls) != task.controls
        for field, value in given.items():
            setattr(task, field, value)
        task.save(update_fields=list(given))
        if quota != task.quota:
            set_quota(task, quota)
        if other_method:
            sync_items(study, task)
        elif other_controls:
            kind_of(name).synced(task)
    return task


def _check(study: Study, task: Task, given: dict[str, Any]) -> None:
    """Refuses what cannot be checked setting by setting."""
    _check_size(task, given)
    unknown = [form for form in given.get("forms", ()) if form not in FORMS or form == _EACH_TIME]
    if unknown:
        known = " and ".join(form for form in FORMS if form != _EACH_TIME)
        raise _unfit("forms", f"There is no form '{unknown[0]}'; there are {known}.")
    if given.get("method", task.method) != task.method:
        _check_method(study, task, given["method"])


def _check_size(task: Task, given: dict[str, Any]) -> None:
    size = given.get("batch_size", task.batch_size)
    if kind_of(task.name).one_by_one:
        if size != 1:
            raise _unfit("batch_size", "This task is done one by one; its batches hold one image.")
    elif given.get("controls", task.controls) >= size:
        raise _unfit("controls", f"A batch of {size} needs fewer than {size} control images.")


def _check_method(study: Study, task: Task, method: str) -> None:
    present = kind_of(task.name).methods(study)
    if method not in present:
        fit = f" than {', '.join(present)}" if present else ""
        raise _unfit("method", f"The study has no other heat maps{fit} that fit this task.")
    if Assignment.objects.filter(task=task).exists():
        raise RequestError(
            409,
            "in_use",
            "People have seen heat maps of this method already; make another study for another.",
        )


def _unfit(where: str, message: str) -> RequestError:
    return RequestError(422, "malformed", message, where=where)
