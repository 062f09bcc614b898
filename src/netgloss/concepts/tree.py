"""A decision tree over concepts, its branches as rules and how far to trust it (SECA C5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from netgloss.concepts.chi_square import residuals
from netgloss.concepts.counts import as_rows, encode, label_counts
from netgloss.concepts.expression import column_texts
from netgloss.concepts.readiness import same_columns
from netgloss.concepts.table import KINDS, ConceptTable
from netgloss.errors import NetglossError

if TYPE_CHECKING:
    from sklearn.tree import DecisionTreeClassifier

__all__ = ["ConceptTree", "tree"]

# Training accuracy this far above the cross-validated one is called overfitting.
_GAP = 0.05


@dataclass(frozen=True)
class ConceptTree:
    """A tree that tells the predicted labels apart by the words people used.

    Attributes:
        rules: A row a leaf, the most images first: ``rule`` (an expression; empty where the
            tree is one leaf), ``label``, ``accuracy`` (share of the leaf's images with that
            label), ``frequency`` (share of all images) and ``count``. Every image falls under
            exactly one.
        importances: A row a concept in the tree: ``concept``, ``importance`` (they sum to 1),
            ``label`` (the one it speaks for), ``aliases`` (concepts on the same images).
        accuracy: Share of the images the tree labels rightly, on which it was grown.
        cross_validated: The same on images held out; None where a label has one image only.
        folds: Parts in the cross-validation; 0 where there was none.
        warning: What to be careful about; empty where nothing is.
        text: The tree, drawn in text.
    """

    rules: pd.DataFrame
    importances: pd.DataFrame
    accuracy: float
    cross_validated: float | None
    folds: int
    warning: str
    text: str


def tree(
    table: ConceptTable,
    *,
    kinds: Sequence[str] = KINDS,
    max_depth: int | None = 5,
    min_samples_leaf: int = 5,
    folds: int = 10,
    seed: int = 0,
) -> ConceptTree:
    """Grows a CART tree (Gini) that predicts the predicted label from the concepts.

    Args:
        table: The concept table; concepts on the same images are merged first.
        kinds: Which concepts may be asked for.
        max_depth: Most questions on a branch; 5, since deep trees overfit. None for no bound.
        min_samples_leaf: Fewest images in a leaf.
        folds: Parts in the cross-validation; fewer where a label has fewer images.
        seed: Of scikit-learn's order among equal splits, and of the folds.

    Raises:
        NetglossError: The table has no image or no concept, or an option is out of range.

    Source:
        SECA, section 4 (C5): rules with accuracy and frequency as their scores.
    """
    from sklearn.tree import DecisionTreeClassifier

    chosen = table.subset(kinds)
    _check(chosen, max_depth, min_samples_leaf)
    columns = np.array([n for n, same in enumerate(same_columns(chosen)) if n == min(same)])
    matrix = sparse.csc_array(chosen.matrix[:, columns], dtype=np.float32)
    classes, codes, sizes = encode(chosen.labels)
    model = DecisionTreeClassifier(
        max_depth=max_depth, min_samples_leaf=min_samples_leaf, random_state=seed
    )
    held_out, parts = _cross_validated(model, matrix, codes, sizes, folds, seed)
    model.fit(matrix, codes)
    accuracy = float(model.score(matrix, codes))
    texts = np.array(column_texts(chosen), dtype=object)[columns]
    return ConceptTree(
        rules=_rules(model, texts, classes),
        importances=_importances(model, chosen, columns, texts),
        accuracy=accuracy,
        cross_validated=held_out,
        folds=parts,
        warning=_warning(classes, sizes, accuracy, held_out, parts),
        text=_drawn(model, texts, classes),
    )


def _check(table: ConceptTable, max_depth: int | None, min_samples_leaf: int) -> None:
    if not len(table.images) or not len(table.concepts):
        raise NetglossError(
            f"a tree needs images and concepts; the table has {len(table.images)} images with a "
            f"predicted label and {len(table.concepts)} concepts of these kinds"
        )
    if max_depth is not None and max_depth < 1:
        raise NetglossError(f"max_depth is {max_depth}; a tree asks one question at least")
    if min_samples_leaf < 1:
        raise NetglossError(f"min_samples_leaf is {min_samples_leaf}; a leaf has an image at least")


def _cross_validated(
    model: DecisionTreeClassifier,
    matrix: sparse.csc_array,
    codes: NDArray[np.intp],
    sizes: NDArray[np.int64],
    folds: int,
    seed: int,
) -> tuple[float | None, int]:
    """Accuracy on held-out images, each image once, and the number of folds."""
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    parts = min(folds, int(sizes.min()))
    if parts < 2:
        return None, 0
    split = StratifiedKFold(parts, shuffle=True, random_state=seed)
    said = cross_val_predict(model, sparse.csr_array(matrix), codes, cv=split)
    return float((said == codes).mean()), parts


def _rules(
    model: DecisionTreeClassifier, texts: NDArray[np.object_], classes: list[str]
) -> pd.DataFrame:
    """Reads a rule off each branch."""
    grown = model.tree_
    images = int(grown.n_node_samples[0])
    rows = []
    branches: list[tuple[int, list[str]]] = [(0, [])]
    while branches:
        node, path = branches.pop()
        if grown.children_left[node] == -1:
            count = int(grown.n_node_samples[node])
            shares = grown.value[node, 0] / grown.value[node, 0].sum()
            rows.append(
                {
                    "rule": " AND ".join(path),
                    "label": classes[int(model.classes_[shares.argmax()])],
                    "accuracy": float(shares.max()),
                    "frequency": count / images,
                    "count": count,
                }
            )
            continue
        concept = str(texts[grown.feature[node]])
        branches.append((int(grown.children_left[node]), [*path, f"NOT {concept}"]))
        branches.append((int(grown.children_right[node]), [*path, concept]))
    frame = pd.DataFrame(rows)
    return frame.sort_values("count", ascending=False, kind="stable").reset_index(drop=True)


def _importances(
    model: DecisionTreeClassifier,
    table: ConceptTable,
    columns: NDArray[np.intp],
    texts: NDArray[np.object_],
) -> pd.DataFrame:
    """Normalised Gini decreases, each given to the label with the largest residual."""
    classes, codes, sizes = encode(table.labels)
    weights = model.feature_importances_
    used = np.flatnonzero(weights > 0)
    used = used[np.argsort(-weights[used], kind="stable")]
    rows = as_rows(table.matrix[:, columns[used]])
    speaks = residuals(label_counts(rows, codes, len(classes)), sizes).argmax(axis=0)
    groups, names = same_columns(table), column_texts(table)
    return pd.DataFrame(
        {
            "concept": [str(texts[number]) for number in used],
            "importance": weights[used],
            "label": [classes[int(code)] for code in speaks],
            "aliases": [
                [names[other] for other in groups[columns[number]] if other != columns[number]]
                for number in used
            ],
        }
    )


def _warning(
    classes: list[str],
    sizes: NDArray[np.int64],
    accuracy: float,
    held_out: float | None,
    parts: int,
) -> str:
    if len(classes) == 1:
        return f"every image is predicted {classes[0]!r}; there is nothing to tell apart"
    if held_out is None:
        rare = classes[int(sizes.argmin())]
        return (
            f"label {rare!r} has one image, so the tree cannot be tested on images held out; "
            "its accuracy may be overfitting"
        )
    if accuracy - held_out > _GAP:
        return (
            f"accuracy {accuracy:.2f} on the images it was grown on falls to {held_out:.2f} on "
            f"images held out ({parts} folds): the tree overfits; annotate more images or lower "
            "max_depth"
        )
    return ""


def _drawn(model: DecisionTreeClassifier, texts: NDArray[np.object_], classes: list[str]) -> str:
    """The tree in box-drawing characters, "yes" before "no"."""
    grown = model.tree_
    lines: list[str] = []

    def leaf(node: int) -> str:
        shares = grown.value[node, 0] / grown.value[node, 0].sum()
        label = classes[int(model.classes_[shares.argmax()])]
        return f"{label} ({shares.max():.0%} of {grown.n_node_samples[node]})"

    def draw(node: int, lead: str) -> None:
        if grown.children_left[node] == -1:
            return
        concept = str(texts[grown.feature[node]])
        yes, no = int(grown.children_right[node]), int(grown.children_left[node])
        for child, mark, words in ((yes, "├─ ", concept), (no, "└─ ", f"NOT {concept}")):
            end = f": {leaf(child)}" if grown.children_left[child] == -1 else ""
            lines.append(f"{lead}{mark}{words}{end}")
            draw(child, lead + ("│  " if child == yes else "   "))

    draw(0, "")
    return "\n".join(lines) if lines else leaf(0)
