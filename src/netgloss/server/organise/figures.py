"""What is computed about answers and people beside the server: agreement, skill, forms.

Methods 12 and 13: Krippendorff's alpha with Jaccard's distance on the words of each image, the
sensitivity and specificity of people, what speaks against somebody, and what the forms amount to.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from django.db.models import Count, Max

from netgloss.errors import DataError
from netgloss.server.annotate.kind import Annotate
from netgloss.server.organise.finished import answers_of, finished
from netgloss.server.organise.jobs import Job, read_state, start
from netgloss.server.tasks.forms import FORMS
from netgloss.server.tasks.models import Form, Task
from netgloss.store.atomic import write_text
from netgloss.words.normalise import concept_name, tokens

if TYPE_CHECKING:
    import pandas as pd

    from netgloss.evaluation.questionnaires import Questionnaire

__all__ = ["MOST_ANSWERS", "figures", "freshen", "ingredients", "known_figures"]

MOST_ANSWERS = 6000
"""Of more answers, those about some of the images are taken, drawn at random."""

_REST_SECONDS = 20.0
_REST_AFTER_FAILURE = 300.0
# The job takes at most one part in so many of the machine's time.
_REST_SHARE = 10
_REMARKS = 20
_KINDS = ("type", "attribute")


def known_figures(folder: Path, task: str) -> dict[str, Any]:
    """The figures of a task as last computed; empty before that.

    Args:
        folder: The study folder.
        task: The task's name.

    Returns:
        ``at`` and ``took`` (seconds); ``made_of``; ``agreement`` (alpha, low, high, units, share
        of the images looked at; None where nothing can be said); ``forms`` by name; ``people`` by
        pseudonym (agreement, sensitivity, specificity, reasons).
    """
    try:
        kept = json.loads(_place(folder).read_text(encoding="utf-8"))
        found: dict[str, Any] = kept["tasks"][task]
        return {**found, "at": kept["at"], "took": kept["took"]}
    except (OSError, ValueError, KeyError):
        return {}


def ingredients(task: Task) -> dict[str, Any]:
    """What tells whether figures are up to date: how much they are made of, and up to when."""
    counted = finished(task).aggregate(answers=Count("pk"), latest=Max("seen_at"))
    latest = counted["latest"]
    return {
        "answers": counted["answers"],
        "latest": latest and latest.isoformat(),
        "forms": Form.objects.filter(task=task).count(),
    }


def freshen(folder: Path, known: Mapping[str, Any], made_of: Mapping[str, Any]) -> None:
    """Has the figures computed anew where something is new, but not without a rest.

    Args:
        folder: The study folder.
        known: From :func:`known_figures`.
        made_of: From :func:`ingredients`.
    """
    if made_of == known.get("made_of") or not (made_of["answers"] or made_of["forms"]):
        return
    job = read_state(folder, "figures")
    if job["state"] != "running" and _has_rested(job, known):
        start("figures")


def figures(job: Job) -> dict[str, Any]:
    """Computes the figures of every task and keeps them in the study.

    Args:
        job: Is told how far it is.
    """
    began = datetime.now(UTC)
    computed = {}
    for task in Task.objects.order_by("name"):
        job.say(f"computes the figures of {task.name}")
        computed[task.name] = _of_task(task)
    now = datetime.now(UTC)
    kept = {
        "at": now.isoformat(timespec="seconds"),
        "took": round((now - began).total_seconds(), 2),
        "tasks": computed,
    }
    write_text(_place(job.folder), json.dumps(kept, ensure_ascii=False) + "\n")
    return {}


def _of_task(task: Task) -> dict[str, Any]:
    """The task's figures; whether people agree is known only of words in boxes."""
    made_of = ingredients(task)
    agreement, people = None, {}
    if task.name == Annotate.name:
        share = min(1.0, MOST_ANSWERS / max(1, made_of["answers"]))
        said = _statements(task, share)
        agreement, people = _agreement(said, share), _people(said)
    return {
        "made_of": made_of,
        "agreement": agreement,
        "people": people,
        "forms": {name: summary for name in FORMS if (summary := _form(task, name))},
    }


def _statements(task: Task, share: float) -> pd.DataFrame:
    """What each person said of each image, a set of words in the words stage's normal form."""
    import pandas as pd

    from netgloss.evaluation.statements import statements

    answers, regions = [], []
    for answer in answers_of(task):
        if crc32(answer.image.encode()) >= share * 2**32:
            continue
        answers.append((answer.answer, answer.person, answer.image, answer.seconds))
        for box in answer.boxes:
            attributes = [_word(attribute) for attribute in box.attributes]
            regions.append((answer.answer, _word(box.type), [one for one in attributes if one]))
    return statements(
        pd.DataFrame(answers, columns=["answer", "person", "image", "seconds"]),
        pd.DataFrame(regions, columns=["answer", "type", "attributes"]),
        kinds=_KINDS,
    )


def _word(typed: str) -> str:
    return concept_name(tokens(typed))


def _agreement(said: pd.DataFrame, share: float) -> dict[str, Any] | None:
    from netgloss.evaluation.krippendorff import agreement

    found = agreement(said, "jaccard") if len(said) else None
    if found is None or math.isnan(found.alpha):
        return None
    numbers = {name: _number(getattr(found, name)) for name in ("alpha", "low", "high")}
    return {**numbers, "units": found.units, "share": round(share, 4)}


def _people(said: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """What the answers say about each person, by pseudonym."""
    from netgloss.evaluation.people import judge_people

    if said.empty:
        return {}
    skill = _skill(said)
    return {
        str(person): {
            "agreement": _number(row["agreement"]),
            "sensitivity": skill.get(person, (None, None))[0],
            "specificity": skill.get(person, (None, None))[1],
            "reasons": list(row["reasons"]),
        }
        for person, row in judge_people(said, distance="jaccard").iterrows()
    }


def _skill(said: pd.DataFrame) -> dict[Any, tuple[float | None, float | None]]:
    """Sensitivity and specificity by person; empty where they cannot be told."""
    from netgloss.evaluation.presence import presence

    try:
        found = presence(said)
    except DataError:  # nobody marked anything, or there are too many different words
        return {}
    rows = found.people[["sensitivity", "specificity"]].itertuples()
    return {row.Index: (_number(row.sensitivity), _number(row.specificity)) for row in rows}


def _form(task: Task, name: str) -> dict[str, Any] | None:
    """What a form amounts to; None while nobody has filled it in."""
    import pandas as pd

    from netgloss.evaluation.scores import score

    filled = Form.objects.filter(task=task, name=name, person__excluded_at__isnull=True)
    rows = [
        (form, item, value)
        for form, answers in filled.values_list("pk", "answers").iterator()
        for item, value in answers.items()
    ]
    if not rows:
        return None
    # A form a batch: somebody's second one counts like another person's.
    scored = score(FORMS[name], pd.DataFrame(rows, columns=["person", "item", "value"]))
    remarks = filled.exclude(remark="").order_by("-filled_at").values_list("remark", flat=True)
    return {
        **{key: _number(value) for key, value in vars(scored.summary).items()},
        "cronbach_alpha": _number(scored.cronbach_alpha),
        "items": list(_items(FORMS[name], scored.items)),
        "remarks": list(remarks[:_REMARKS]),
    }


def _items(questions: Questionnaire, items: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for question in questions.items:
        row = items.loc[question.name]
        yield {
            "key": question.name,
            "text": question.text,
            "n": int(row["n"]),
            "mean": _number(row["mean"]),
        }


def _number(value: float) -> float | None:
    """Four digits behind the point, and null for NaN, which JSON does not know."""
    return None if math.isnan(value) else round(float(value), 4)


def _has_rested(job: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    if job["at"] is None:
        return True
    rest = max(_REST_SECONDS, _REST_SHARE * known.get("took", 0.0))
    if job["state"] == "failed":
        rest = max(rest, _REST_AFTER_FAILURE)
    return datetime.now(UTC) - datetime.fromisoformat(job["at"]) > timedelta(seconds=rest)


def _place(folder: Path) -> Path:
    return folder / ".netgloss" / "server" / "agreement.json"
