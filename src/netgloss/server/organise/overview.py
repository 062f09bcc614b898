"""How the study goes, in a handful of queries that add up in the database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber, TruncHour
from django.utils import timezone

from netgloss.evidence.items import methods_present
from netgloss.server.organise.figures import freshen, ingredients, known_figures
from netgloss.server.organise.finished import finished
from netgloss.server.organise.play import OUTCOMES, counting, left_out, summed
from netgloss.server.organise.settings import settings_of
from netgloss.server.play.players import TASK as PLAY
from netgloss.server.tasks.models import ANSWERED, Assignment, Batch, Item, Task

__all__ = ["overview", "quantiles"]

_DAYS = 14
_QUANTILES = {"p10": 0.1, "median": 0.5, "p90": 0.9}


def overview(folder: Path, task: Task) -> dict[str, Any]:
    """Progress, pace, controls, agreement and forms of a task.

    What needs more than counting is as old as ``figures_at`` says, and is computed anew beside the
    server while somebody looks.

    Args:
        folder: The study folder.
        task: The task.

    Returns:
        ``task`` (its settings); ``methods``, of the heat maps that the study has; ``items`` (total,
        retired, controls, by_answers: how many have 0, 1, ... answers); ``answers``, ``persons``,
        ``batches_finished``; ``by_hour`` of the last two weeks; ``seconds`` (p10, median, p90);
        ``controls`` (passed, failed); ``agreement``, ``difficulty``, ``sus``, ``tlx`` (None where
        nothing is known); ``figures_at``;
        ``shown_since``, when the first image was shown; ``game``, in the task ``play`` only (won,
        lost, resigned, hints_mean, left_out), where each hour is told with its outcomes as well.
    """
    made_of, known = ingredients(task), known_figures(folder, task.name)
    freshen(folder, known, made_of)
    totals = Assignment.objects.filter(task=task).aggregate(
        persons=Count("person", Q(state=ANSWERED), distinct=True), since=Min("opened_at")
    )
    forms = known.get("forms", {})
    return {
        "task": settings_of(task),
        "methods": list(methods_present(folder)),
        "items": _items(task),
        "answers": made_of["answers"],
        "persons": totals["persons"],
        "batches_finished": Batch.objects.filter(task=task, finished_at__isnull=False).count(),
        "by_hour": _by_hour(task),
        "seconds": quantiles(finished(task), made_of["answers"]),
        "controls": _controls(task),
        "agreement": known.get("agreement"),
        "difficulty": forms.get("difficulty"),
        "sus": forms.get("sus"),
        "tlx": forms.get("tlx"),
        "figures_at": known.get("at"),
        "shown_since": totals["since"],
        "game": _game(task) if task.name == PLAY else None,
    }


def quantiles(rows: QuerySet[Assignment], count: int) -> dict[str, float | None]:
    """The time per image that a tenth, half and nine tenths of the answers took at most.

    Args:
        rows: Answered assignments.
        count: How many they are.

    Returns:
        Seconds as ``p10``, ``median`` and ``p90``, each the value of an answer (the nearest rank);
        None without answers.
    """
    ranks = {name: max(1, -int(-count * share // 1)) for name, share in _QUANTILES.items()}
    # SQLite has no percentiles; numbering the sorted rows works everywhere, in one pass.
    numbered = rows.annotate(rank=Window(RowNumber(), order_by=F("seconds").asc()))
    found = dict(
        numbered.filter(rank__in=set(ranks.values())).order_by().values_list("rank", "seconds")
    )
    return {name: found.get(rank) for name, rank in ranks.items()}


def _items(task: Task) -> dict[str, Any]:
    counts = task.items.aggregate(
        asked=Count("pk", Q(retired=False)),
        gone=Count("pk", Q(retired=True)),
        checks=Count("pk", Q(retired=False, expected__isnull=False)),
    )
    answers = (
        finished(task)
        .filter(item=OuterRef("pk"))
        .order_by()
        .values("item")
        .annotate(number=Count("pk"))
        .values("number")
    )
    plain = Item.objects.filter(task=task, retired=False, expected__isnull=True)
    grouped = plain.annotate(had=Coalesce(Subquery(answers), 0)).order_by().values("had")
    had = dict(grouped.annotate(items=Count("pk")).values_list("had", "items"))
    by_answers = [had.get(number, 0) for number in range(max(had, default=-1) + 1)]
    return {
        "total": counts["asked"],
        "retired": counts["gone"],
        "controls": counts["checks"],
        "by_answers": by_answers,
    }


def _by_hour(task: Task) -> list[dict[str, Any]]:
    """Answers in each hour that had any, oldest first; games with how they ended."""
    since = timezone.now() - timedelta(days=_DAYS)
    rows = finished(task).filter(answered_at__gte=since).annotate(hour=TruncHour("answered_at"))
    outcomes = OUTCOMES if task.name == PLAY else {}
    counted = rows.order_by("hour").values("hour").annotate(answers=Count("pk"), **outcomes)
    return [dict(row) for row in counted]


def _game(task: Task) -> dict[str, Any]:
    """How the games ended that count, and how many do not."""
    return {**summed(counting(task)).told(), "left_out": left_out(task)}


def _controls(task: Task) -> dict[str, int]:
    rows = finished(task, controls=True).filter(control=True)
    counts = rows.aggregate(right=Count("pk", Q(passed=True)), wrong=Count("pk", Q(passed=False)))
    return {"passed": counts["right"], "failed": counts["wrong"]}
