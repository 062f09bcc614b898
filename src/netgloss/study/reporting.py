"""Gathers what the report shows from the study folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from netgloss.answers.trust import summary
from netgloss.errors import QueryError
from netgloss.evidence.clusters.reading import METHOD
from netgloss.evidence.items import methods_present, read_items
from netgloss.explanations.local import LocalExplanation
from netgloss.explanations.overall import explain_together
from netgloss.explanations.reading import explain_image
from netgloss.report.data import LayerViews, ReportData
from netgloss.store.records import read_record
from netgloss.study.explaining import map_pictures, material_of
from netgloss.study.heat import chosen_method, heat_by_image
from netgloss.study.results import asked_queries, reliance
from netgloss.study.settings import ModelSettings
from netgloss.study.words import counting, regions
from netgloss.words.edits import read_vocabulary

if TYPE_CHECKING:
    from netgloss.concepts.query import QueryResult
    from netgloss.concepts.table import ConceptTable
    from netgloss.study.facade import Study

__all__ = ["layer_views", "report_data"]

_CLASSES = 10
_EXAMPLES = 2


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
        cautions=[*_of_games(study), *cautions],
        layers=layer_views(study),
    )


def layer_views(study: Study) -> LayerViews | None:
    """The views of the classes with the most games, and of two images; None without any maps.

    Raises:
        StudyError: The cluster maps or the games are damaged.
    """
    if METHOD not in methods_present(study.folder):
        return None
    material = material_of(study)
    views = [explain_image(material, image, target) for image, target in material.decisions()]
    groups = {name: [one for one in views if one.target == name] for name in material.classes}
    games = {name: sum(one.tally.games for one in group) for name, group in groups.items()}
    shown = sorted(sorted(groups, key=lambda name: -games[name])[:_CLASSES])
    return LayerViews(
        overall=[explain_together(name, groups[name]) for name in shown],
        examples=_examples([one for one in views if one.target in shown]),
        left_out=len(groups) - len(shown),
        pictures=map_pictures(study, tolerant=True),
    )


def _examples(views: Sequence[LocalExplanation]) -> list[LocalExplanation]:
    """Two images with the most games, of two classes where there are."""
    ordered = sorted(views, key=lambda one: -one.tally.games)
    firsts = {one.target: one for one in reversed(ordered)}
    leading = [one for one in ordered if firsts[one.target] is one]
    return [*leading, *(one for one in ordered if one not in leading)][:_EXAMPLES]


def _of_games(study: Study) -> list[str]:
    """What to keep in mind where words come from games."""
    if counting(study.folder, study.settings).games.empty:
        return []
    caution = (
        "Words come from games, in which people see of an image what one cluster map uncovers: a "
        "word that is missing says less than it does where people see the whole image."
    )
    return [caution]


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
    spoken = counting(study.folder, study.settings)
    return summary(spoken.answers, spoken.terms)


def _describe(model: ModelSettings) -> dict[str, str]:
    height, width = model.input_size
    how = "squashed" if model.resize == "squash" else "resized and cropped"
    return {
        "Network": model.factory,
        "Weights": model.weights or "as the factory makes them",
        "Classes": ", ".join(model.classes),
        "Input": f"{height} × {width} pixels, {how}",
    }
