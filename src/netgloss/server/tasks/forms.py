"""The forms after a batch: SECA's difficulty questions each time, SUS and NASA-TLX once."""

from __future__ import annotations

import math
import unicodedata
from typing import Any

from django.db.models import CharField, Count, QuerySet, UUIDField

from netgloss.evaluation.questionnaires import NASA_TLX, SECA_DIFFICULTY, SUS, Questionnaire
from netgloss.server.errors import RequestError
from netgloss.server.prepared import Given, Prepared
from netgloss.server.tasks.kinds import kind_of
from netgloss.server.tasks.models import Batch, Form
from netgloss.server.tasks.visits import done

__all__ = ["FORMS", "describe", "due", "fill_in", "form"]

FORMS = {"difficulty": SECA_DIFFICULTY, "sus": SUS, "tlx": NASA_TLX}
"""The forms by their names in addresses."""

_LONGEST_REMARK = 2000


def form(name: str) -> Questionnaire:
    """The form of this name.

    Raises:
        RequestError: 404: there is none.
    """
    if name not in FORMS:
        raise RequestError(404, "unknown", "There is no such form.")
    return FORMS[name]


def describe(name: str) -> dict[str, Any]:
    """The form as the page shows it.

    Example:
        >>> describe("difficulty")["items"][1]["text"]
        'To draw boxes around them was'
    """
    questions = form(name)
    return {
        "name": name,
        "title": questions.title,
        "items": [
            {
                "key": item.name,
                "text": item.text,
                "low": questions.lowest,
                "high": questions.highest,
                "step": questions.step,
                "low_label": item.low,
                "high_label": item.high,
            }
            for item in questions.items
        ],
    }


def due(batch: Batch) -> list[str]:
    """The forms still to fill in after this batch.

    Args:
        batch: With its task at hand; finished, or all of it answered.
    """
    each = ["difficulty"] if batch.task.feedback else []
    once = [name for name in _once(batch) if name not in each]
    if not (each or once):
        return []
    filled = Form.objects.filter(person=batch.person_id, task=batch.task_id)
    here, ever = set(), set()
    for name, where in filled.values_list("name", "batch_id"):
        ever.add(name)
        if where == batch.pk:
            here.add(name)
    return [name for name in each if name not in here] + [name for name in once if name not in ever]


def _once(batch: Batch) -> list[str]:
    """The forms that are asked for once, as soon as the person has done enough to tell."""
    wanted = [name for name in batch.task.forms if name in FORMS]
    enough = kind_of(batch.task_id).forms_after
    if not wanted or enough <= 1:
        return wanted
    (had,) = _had.first(task=batch.task_id, person=batch.person_id, batch=batch.pk) or (0,)
    return wanted if had >= enough else []


def _done() -> QuerySet[Batch, tuple[int]]:
    """How many batches of a task somebody has done, this one included."""
    theirs = Batch.objects.filter(
        task=Given("task", CharField()), person=Given("person", UUIDField())
    )
    counted = done(theirs, Given("batch", UUIDField())).order_by().values("task")
    return counted.annotate(number=Count("pk")).values_list("number")


_had: Prepared[tuple[int]] = Prepared(_done)


def fill_in(batch: Batch, name: str, answers: Any, remark: str = "") -> None:
    """Keeps a filled-in form; filled in again, the later one counts.

    Args:
        batch: After which it was filled in.
        name: The form's.
        answers: A value an item, by its key or in the items' order; None for one left out.
        remark: In the person's own words.

    Raises:
        RequestError: 404: there is no such form; 422 ``malformed`` (with ``where``).
    """
    questions = form(name)
    values = _by_key(questions, answers)
    kept = {key: _checked(questions, key, value) for key, value in values.items()}
    if len(remark) > _LONGEST_REMARK:
        raise _malformed("remark", f"Please keep the remark under {_LONGEST_REMARK} characters.")
    Form.objects.update_or_create(
        person_id=batch.person_id,
        task_id=batch.task_id,
        batch=batch,
        name=name,
        defaults={"answers": kept, "remark": _storable(remark)},
    )


def _by_key(questions: Questionnaire, answers: Any) -> dict[str, Any]:
    if isinstance(answers, list) and len(answers) == len(questions.items):
        return dict(zip(questions.names, answers, strict=True))
    if not isinstance(answers, dict) or not set(answers) <= set(questions.names):
        raise _malformed("answers", "These answers belong to another form.")
    return answers


def _checked(questions: Questionnaire, key: str, value: Any) -> float | None:
    """The value, if it is on the scale; None for an item left out."""
    if value is None:
        return None
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or float(value) not in questions.values
    ):
        raise _malformed(
            f"answers.{key}",
            f"Please choose a value from {questions.lowest:g} to {questions.highest:g}.",
        )
    return float(value)


def _storable(text: str) -> str:
    """The text without the characters that a database refuses; line breaks stay."""
    kept = "\t\n"
    return "".join(
        letter
        for letter in text
        if letter in kept or unicodedata.category(letter) not in {"Cc", "Cs"}
    ).strip()


def _malformed(where: str, message: str) -> RequestError:
    return RequestError(422, "malformed", message, where=where)
