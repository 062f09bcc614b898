"""One line a stage: what is there, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netgloss.errors import NetglossError

if TYPE_CHECKING:
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
    some = bool(len(answers) or len(games))
    return [*lines, f"next: {_next_step(study, bool(methods), some, bool(concepts))}"]


def _concepts(study: Study) -> str:
    if not (study.folder / "vocabulary.csv").is_file():
        return ""
    try:
        counts = study.concepts().concepts["kind"].value_counts()
    except NetglossError as error:
        return f"concepts: {error}"
    return "concepts: " + ", ".join(f"{count} {kind}s" for kind, count in counts.items())


def _next_step(study: Study, evidence: bool, answers: bool, concepts: bool) -> str:
    if not evidence and study.settings.model is not None:
        return f"netgloss extract {study.folder} smoothgrad --limit 300"
    if not answers:
        return f"netgloss serve {study.folder}, or netgloss import {study.folder} csv FILE"
    if not concepts:
        return f"netgloss words {study.folder}"
    return f"netgloss rank {study.folder}, or netgloss report {study.folder}"
