"""What a report is made from: one frozen record that the study fills and the page reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from netgloss.concepts.query import QueryResult
    from netgloss.concepts.table import ConceptTable
    from netgloss.concepts.tree import ConceptTree
    from netgloss.explanations.local import LocalExplanation
    from netgloss.explanations.overall import GlobalExplanation
    from netgloss.report.anv_pictures import MapPictures

__all__ = ["LayerViews", "ReportData"]


@dataclass(frozen=True)
class LayerViews:
    """What each layer saw, as a report shows it.

    Attributes:
        overall: The global view of each class.
        examples: Local views of a few images.
        left_out: How many classes are left out to keep the page small.
        pictures: Draws the maps.
    """

    overall: Sequence[GlobalExplanation]
    examples: Sequence[LocalExplanation]
    left_out: int
    pictures: MapPictures


@dataclass(frozen=True)
class ReportData:
    """Everything a report shows; the columns are those of the study folder's tables.

    Attributes:
        name: The study folder's name.
        made: When the report is written.
        model: What to print about the classifier, label -> text; empty when predictions
            were given instead of a classifier.
        planted: One sentence: what was planted in drawn pictures, and whether the network relies on
            it; empty for all other pictures.
        images: ``images.parquet``.
        pixels: Image identifier -> pixels, shape (height, width, 3), uint8.
        heat: Image identifier -> heat map at the image's size, shape (height, width), in its
            own scale; None where the image has no heat map.
        evidence: One sentence: where the heat maps come from, method and options; empty when
            there are none.
        answers: ``netgloss.answers.trust.summary``: people, images, boxes and so on.
        regions: image, person, answer, box, type, attributes (list), x0, y0, x1, y1 in pixels
            of the original image; words are concepts.
        vocabulary: ``vocabulary.csv``.
        word_notes: What the reconciliation of words can and cannot do, a sentence each.
        unsure_merges: Words that were merged without certainty, one a row; empty when none.
        table: Images × concepts, with the predicted label of each image.
        findings: ``ConceptTable.rank()``: every single concept.
        explored: NOT and AND findings, same columns.
        queries: The queries that were asked of this study.
        rules: body (list), label, support, confidence, lift, leverage, conviction, count.
        tree: The decision tree of ``netgloss.concepts.tree``; None when none was grown.
        cautions: What else to be careful about, a sentence each.
        layers: What each layer saw; None where the study has no cluster maps.
    """

    name: str
    made: datetime
    model: Mapping[str, str]
    planted: str
    images: pd.DataFrame
    pixels: Callable[[str], NDArray[np.uint8]]
    heat: Callable[[str], NDArray[np.float32] | None]
    evidence: str
    answers: Mapping[str, Any]
    regions: pd.DataFrame
    vocabulary: pd.DataFrame
    word_notes: Sequence[str]
    unsure_merges: pd.DataFrame
    table: ConceptTable
    findings: pd.DataFrame
    explored: pd.DataFrame
    queries: Sequence[QueryResult]
    rules: pd.DataFrame
    tree: ConceptTree | None
    cautions: Sequence[str]
    layers: LayerViews | None = None
