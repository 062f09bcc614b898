"""Gathers what the report shows from the study folder."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from netgloss.answers.format import read_answers
from netgloss.answers.trust import filter_answers, summary
from netgloss.errors import QueryError
from netgloss.evidence.items import read_items
from netgloss.report.data import ReportData
from netgloss.store.records import read_record
from netgloss.study.heat import chosen_method, heat_by_image
from netgloss.study.results import asked_queries, reliance
from netgloss.study.settings import ModelSettings
from netgloss.study.words import regions, word_options
from netgloss.words.edits import read_vocabulary

if TYPE_CHECKING:
    from netgloss.concepts.query import QueryResult
    from netgloss.concepts.table import ConceptTable
    from netgloss.study.facade import Study

__all__ = ["report_data"]


def report_data(study: Study) -> ReportData:
    """Everything the report of a study shows.

    Raises:
        NetglossError: The study has no answers or no vocabulary yet, or only one class.
    """
    table = study.concepts()
    _, areas = regions(study.folder, study.settings)
    queries, cautions = _asked(study.folder, table)
    words = read_record(study.folder, "words")
    method = chosen_method(study.folder)
    images = {image.image: image for image in study.usable_images()}
    return ReportData(
        name=study.folder.resolve().name,
        made=datetime.now().astimezone(),
        model=_describe(study.settings.model) if study.settings.model else {},
        planted=reliance(study.folder),
        images=study.images(),
        pixels=lambda name: images[name].pixels(),
        heat=heat_by_image(study, method),
        evidence=_evidence_sentence(study.folder, method),
        answers=_answer_summary(study),
        regions=areas,
        vocabulary=read_vocabulary(study.folder / "vocabulary.csv"),
        word_notes=tuple(words.get("notes", ())),
        unsure_merges=pd.DataFrame(words.get("unsure", [])),
        table=table,
        findings=table.rank(),
        explored=_explored(table),
        queries=queries,
        rules=table.rules(),
        tree=table.tree(),
        cautions=cautions,
    )


def _asked(folder: Path, table: ConceptTable) -> tuple[list[QueryResult], list[str]]:
    """The remembered queries answered anew; one whose words are gone becomes a caution."""
    results, cautions = [], []
    for expression in asked_queries(folder):
        try:
            results.append(table.query(expression))
        except QueryError:
            cautions.append(
                f"The query {expression} was asked earlier, but the vocabulary no longer has "
                "all of its concepts."
            )
    return results, cautions


def _explored(table: ConceptTable) -> pd.DataFrame:
    found = table.rank(explore=True)
    return found[found["kind"].isin(["not", "and"])]


def _evidence_sentence(folder: Path, method: str | None) -> str:
    if method is None:
        return ""
    count = len(read_items(folder, method))
    if method == "heatmaps":
        return f"{count} heat maps made elsewhere and imported."
    options = read_record(folder, f"evidence-{method}").get("options", {})
    # What the maps were made from stands beside them in the record; here it would drown the rest.
    network = {field.name for field in fields(ModelSettings)}
    chosen = ", ".join(f"{key} {value}" for key, value in options.items() if key not in network)
    return f"{count} heat maps by {method} ({chosen})."


def _answer_summary(study: Study) -> dict[str, Any]:
    answers, terms = read_answers(study.folder)
    options = word_options(study.folder, study.settings.stage("words"))
    answers, terms, _ = filter_answers(answers, terms, min_seconds=options.min_seconds)
    return summary(answers, terms)


def _describe(model: ModelSettings) -> dict[str, str]:
    height, width = model.input_size
    how = "squashed" if model.resize == "squash" else "resized and cropped"
    return {
        "Network": model.factory,
        "Weights": model.weights or "as the factory makes them",
        "Classes": ", ".join(model.classes),
        "Input": f"{height} × {width} pixels, {how}",
    }
