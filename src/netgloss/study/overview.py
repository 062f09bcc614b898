"""One line a stage: what is there, and what to do next."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from netgloss.errors import NetglossError
from netgloss.evidence.clusters.reading import METHOD

if TYPE_CHECKING:
    from pathlib import Path

    from netgloss.study.facade import Study

__all__ = ["overview"]


def overview(study: Study) -> list[str]:
    """What the study holds beyond its images, a line a stage, ending with the next step."""
    from netgloss.answers.format import read_answers
    from netgloss.answers.games import read_games
    from netgloss.evidence.items import methods_present, read_items
    from netgloss.study.results import reliance

    methods = methods_present(study.folder)
    known = reliance(study.folder)
    lines = [f"drawn pictures: {known}"] if known else []
    lines += [
        f"evidence: {len(read_items(study.folder, method))} heat maps by {method}"
        for method in methods
    ]
    answers, terms = read_answers(study.folder)
    if len(answers):
        people, images = answers["person"].nunique(), answers["image"].nunique()
        lines.append(
            f"answers: {len(answers)} by {people} people on {images} images, {len(terms)} boxes"
        )
    games = read_games(study.folder)
    if len(games):
        people, maps = games["person"].nunique(), games["evidence"].nunique()
        lines.append(f"games: {len(games)} by {people} people on {maps} heat maps")
    concepts = _concepts(study)
    if concepts:
        lines.append(concepts)
    following = _next_step(
        study, methods, boxes=len(answers) > 0, games=len(games) > 0, concepts=bool(concepts)
    )
    return [*lines, f"next: {following}"]


def _concepts(study: Study) -> str:
    if not (study.folder / "vocabulary.csv").is_file():
        return ""
    try:
        counts = study.concepts().concepts["kind"].value_counts()
    except NetglossError as error:
        return f"concepts: {error}"
    return "concepts: " + ", ".join(f"{count} {kind}s" for kind, count in counts.items())


def _next_step(
    study: Study, methods: Collection[str], *, boxes: bool, games: bool, concepts: bool
) -> str:
    if not methods and study.settings.model is not None:
        return f"netgloss extract {study.folder} smoothgrad --limit 300"
    if not boxes and not games:
        return _ask_people(study.folder, methods)
    if not concepts:
        return f"netgloss words {study.folder}"
    return _look(study.folder, methods, games=games)


def _ask_people(folder: Path, methods: Collection[str]) -> str:
    """How words come in: from the study's own server, or in a file."""
    if not methods:
        return f"netgloss import {folder} heatmaps DIR, or netgloss import {folder} csv FILE"
    kind = "games" if set(methods) == {METHOD} else "csv"
    return (
        f"netgloss serve {folder}, then netgloss export {folder} answers; "
        f"or netgloss import {folder} {kind} FILE"
    )


def _look(folder: Path, methods: Collection[str], *, games: bool) -> str:
    """What can be looked at once there are concepts; only games give words to cluster maps."""
    ways = [f"netgloss rank {folder}", f"netgloss report {folder}"]
    if METHOD in methods and games:
        ways.append(f"netgloss explain {folder} --all")
    elif METHOD in methods:
        ways.append(f"netgloss serve {folder} for words of its cluster maps")
    return ", or ".join(ways)
