"""Puts the page together and writes it: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from netgloss.progress import Tracker, untracked
from netgloss.report.branches import nested
from netgloss.report.cards import CardMaker
from netgloss.report.cautions import cautions
from netgloss.report.data import ReportData
from netgloss.report.details import (
    facts_about_answers,
    facts_about_making,
    merged_concepts,
    planted_fact,
    rule_rows,
    table_rows,
)
from netgloss.report.palette import ClassMark, class_marks
from netgloss.report.phrasing import concept_words, counted, measure, percent
from netgloss.report.pictures import PictureBank
from netgloss.report.sections import (
    constant_queries,
    explored_section,
    label_sections,
    query_cards,
    shared_rows,
)
from netgloss.store.atomic import write_text
from netgloss.vision.overlays import colour

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["environment", "heat_stops", "write_report"]

TERMS_LISTED = 500
CONTENTS = (
    ("layers", "What each layer saw"),
    ("shared", "Named everywhere"),
    ("combinations", "Combinations and absences"),
    ("queries", "Queries"),
    ("rules", "Rules"),
    ("tree", "Decision tree"),
    ("words", "Words"),
    ("people", "People and answers"),
    ("careful", "What to be careful about"),
    ("made", "How this page was made"),
)


def write_report(
    data: ReportData,
    path: Path,
    *,
    examples: int = 3,
    concepts_per_label: int = 10,
    pictures: int = 400,
    track: Tracker = untracked,
) -> Path:
    """Writes the report as one self-contained HTML file and returns its path.

    Args:
        data: What the report shows.
        path: The file; it is replaced whole or not at all.
        examples: Pictures that carry a finding beside each; two that contradict it join them.
        concepts_per_label: Findings with pictures for each class; the next ones are a table.
        pictures: How many pictures the page may hold; where they run out, the findings of the
            highest ranks have them.
        track: Draws progress over the pictures.

    Raises:
        StudyError: The file cannot be written.
    """
    marks = class_marks(_labels(data))
    bank = PictureBank(data.pixels, data.heat, limit=pictures)
    maker = CardMaker(data, marks, bank, examples=examples)
    findings = {
        "sections": label_sections(maker, concepts_per_label),
        "queries": query_cards(maker),
        "constant_queries": constant_queries(maker),
        "explored": explored_section(maker),
        "shared": shared_rows(maker),
    }
    bank.fill(track)
    page = SimpleNamespace(
        **findings,
        **_head(data, marks, bank),
        **_rules_and_tree(data, marks),
        **_words(data),
        **_layers(data),
        answer_facts=facts_about_answers(data.answers),
        cautions=cautions(data, bank.unreadable | _unreadable(data)),
        making_facts=facts_about_making(data),
    )
    write_text(path, environment().get_template("page.html.j2").render(page=page))
    return path


def _labels(data: ReportData) -> list[str]:
    """Every class that is predicted for some image, in sorted order."""
    predicted = data.images["prediction"].dropna().astype(str)
    return sorted({*predicted, *(str(label) for label in data.table.labels)})


def _head(data: ReportData, marks: Mapping[str, ClassMark], bank: PictureBank) -> dict[str, Any]:
    predicted = int(data.images["prediction"].notna().sum())
    people = data.answers.get("people")
    looked = counted(len(data.table.images), "image")
    model = "; ".join(data.model.values()) or "not here: its predictions were given"
    names = ", ".join(mark.name for mark in marks.values())
    return {
        "name": data.name,
        "marks": list(marks.values()),
        "pictures": bank.stored,
        "has_heat": any(stored.heat for stored in bank.stored.values()),
        "heat_stops": heat_stops(),
        "how_it_was_asked": data.evidence and f"They saw what the classifier used: {data.evidence}",
        "facts": [
            ("Classifier", model),
            ("Images", f"{counted(predicted, 'image')} with a prediction: {names}"),
            ("Answers", f"{looked} annotated" + (f" by {_persons(people)}" if people else "")),
            *planted_fact(data),
        ],
        "contents": [*((mark.key, mark.name) for mark in marks.values()), *CONTENTS],
        "example_query": _example_query(data),
    }


def _rules_and_tree(data: ReportData, marks: Mapping[str, ClassMark]) -> dict[str, Any]:
    rules = rule_rows(data, marks)
    shown, total = len(rules), len(data.rules)
    caption = counted(total, "rule")
    if total > shown:
        caption = f"The first {shown:,} of {caption}; netgloss rules {data.name} lists all"
    tree = data.tree
    importances = [] if tree is None else tree.importances.to_dict("records")
    return {
        "rules": rules,
        "rules_caption": caption,
        "tree": None if tree is None else nested(tree, data.table, marks),
        "tree_accuracy": None if tree is None else tree.accuracy,
        "tree_held_out": None if tree is None else tree.cross_validated,
        "tree_folds": None if tree is None else tree.folds,
        "tree_warning": "" if tree is None else tree.warning,
        "importances": [
            (concept_words(row["concept"]), row["concept"], marks[row["label"]], row["importance"])
            for row in importances
        ],
    }


def _words(data: ReportData) -> dict[str, Any]:
    vocabulary = data.vocabulary
    header, rows = table_rows(vocabulary.sort_values("count", ascending=False), TERMS_LISTED)
    unsure_header, unsure = table_rows(data.unsure_merges, TERMS_LISTED)
    concepts = vocabulary.loc[vocabulary["concept"].fillna("") != "", ["kind", "concept"]]
    caption = counted(len(vocabulary), "term")
    if len(vocabulary) > len(rows):
        caption = f"The {len(rows):,} most frequent of {caption}; vocabulary.csv has all"
    return {
        "words_summary": (
            f"People typed {counted(len(vocabulary), 'different term')}, which became "
            f"{counted(len(concepts.drop_duplicates()), 'concept')}."
        ),
        "word_notes": list(data.word_notes),
        "merged": merged_concepts(vocabulary),
        "unsure_header": unsure_header,
        "unsure_rows": unsure,
        "unsure_count": len(data.unsure_merges),
        "vocabulary_header": header,
        "vocabulary_rows": rows,
        "vocabulary_caption": caption,
    }


def _layers(data: ReportData) -> dict[str, Any]:
    from netgloss.report.anv_page import global_view, local_view

    views = data.layers
    if views is None:
        return {"overall": [], "local": [], "classes_left_out": 0}
    return {
        "overall": [
            global_view(shown, views.pictures, data.name, f"overall-{number}", examples=1)
            for number, shown in enumerate(views.overall, start=1)
        ],
        "local": [
            local_view(shown, views.pictures, data.name, f"local-{number}")
            for number, shown in enumerate(views.examples, start=1)
        ],
        "classes_left_out": views.left_out,
    }


def _unreadable(data: ReportData) -> dict[str, str]:
    return data.layers.pictures.unreadable if data.layers else {}


def _persons(people: object) -> str:
    return counted(people, "person", "people") if isinstance(people, int) else str(people)


def _example_query(data: ReportData) -> str:
    """A query over the strongest concept, to copy."""
    rows = data.findings.to_dict("records")
    names = [str(row["concept"]) for row in rows if row["kind"] == "type"]
    return f"{names[0]} AND NOT {names[1]}" if len(names) > 1 else "claw AND NOT water"


def heat_stops() -> list[str]:
    """The colours of the heat scale, cold to hot, as CSS has them."""
    colours: list[list[int]] = colour(np.linspace(0, 1, 9)[None, :])[0].tolist()
    return [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in colours]


def _bar_width(share: float) -> str:
    """How long a bar is, as an SVG length; bars of negative numbers are empty."""
    return f"{100 * min(max(share, 0.0), 1.0):.1f}%"


def environment() -> Environment:
    """The templates of this room, with their filters."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("netgloss.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "bar_width": _bar_width,
        "counted": counted,
        "measure": measure,
        "percent": percent,
    }
    return environment
