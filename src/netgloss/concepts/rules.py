"""Association rules from concepts to a predicted label (SECA C5, rule extraction)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netgloss.concepts.bodies import BodySearch, Chunk
from netgloss.concepts.counts import as_rows, encode
from netgloss.concepts.expression import column_texts
from netgloss.concepts.readiness import require_label, same_columns, usable
from netgloss.concepts.table import KINDS, ConceptTable
from netgloss.errors import NetglossError
from netgloss.progress import Tracker, untracked

__all__ = ["COLUMNS", "estimate", "rules"]

COLUMNS = (
    "body", "label", "support", "confidence", "lift", "leverage", "conviction", "count", "coverage",
)  # fmt: skip
MAX_CANDIDATES = 10_000_000
MAX_RULES = 1_000_000


@dataclass(frozen=True)
class _Found:
    """Rules of one length and label: columns of the bodies, and the counts of both sides."""

    bodies: NDArray[np.int32]
    code: int
    both: NDArray[np.int64]
    count: NDArray[np.int64]


def rules(
    table: ConceptTable,
    *,
    kinds: Sequence[str] = KINDS,
    label: str | None = None,
    min_support: float = 0.1,
    min_confidence: float = 0.3,
    min_lift: float | None = 1.0,
    max_body: int = 4,
    keep_redundant: bool = False,
    productive: float | None = None,
    limit: int | None = None,
    max_candidates: int = MAX_CANDIDATES,
    track: Tracker = untracked,
) -> pd.DataFrame:
    """Finds the rules ``concept, concept, ... -> label``, the strongest lift first.

    Args:
        table: The concept table.
        kinds: Which concepts may stand in a body.
        label: Only rules with this head.
        min_support: Share of all images with body and head, the authors' 0.1 by default. Rare
            but strong rules need less.
        min_confidence: Share of the body's images that have the head, the authors' 0.3.
        min_lift: Only rules with a lift above this; the label is no likelier under a rule of
            lift 1. None keeps all.
        max_body: Most concepts in a body; 0 for no bound.
        keep_redundant: Keep bodies with a concept that another one in them implies (``hair``
            beside ``black-hair``), which say nothing more than the shorter body, and every one
            of several concepts on the same images, not only the first.
        productive: Only rules whose lift is above that of every shorter body, and above 1, by
            at least this much.
        limit: Only this many, the first of the order.
        max_candidates: The search stops before a level with more bodies than this.
        track: Tells how far each level is.

    Returns:
        A row a rule: body (as written in queries), label, support, confidence, lift, leverage,
        conviction (infinite at confidence 1), count (images with body and head) and coverage
        (images with the body).

    Raises:
        NetglossError: The search or its result would be too large, with advice; the table is
            empty or has one label only.

    Source:
        SECA, section 4 (C5): Apriori on the original columns, heads are labels.
        support = n(B, c)/n, confidence = n(B, c)/n(B), lift = confidence/(n_c/n),
        leverage = support - n(B)/n · n_c/n, conviction = (1 - n_c/n)/(1 - confidence).
    """
    chosen, texts = _columns(table, kinds, keep_redundant)
    classes, codes, sizes = encode(chosen.labels)
    search = _search(chosen, label, min_support, keep_redundant)
    least_lift = -np.inf if min_lift is None else min_lift
    found: list[_Found] = []
    number = 0
    while _goes_on(search, max_body):
        _refuse_if_large(search, len(codes), max_candidates)
        for chunk in search.advance(track):
            for rule in _strong(chunk, search, sizes, min_confidence, least_lift):
                found.append(rule)
                number += len(rule.both)
            _refuse_if_many(number, min_support)
    if productive is not None:
        found = _productive(found, chosen, productive)
    return _frame(found, texts, classes, sizes, limit)


def estimate(
    table: ConceptTable,
    *,
    kinds: Sequence[str] = KINDS,
    label: str | None = None,
    min_support: float = 0.1,
    max_body: int = 4,
    keep_redundant: bool = False,
    budget: int = 1_000_000,
) -> pd.DataFrame:
    """How large the search of :func:`rules` with these options is, level by level.

    Args:
        table: The concept table.
        kinds: As for :func:`rules`.
        label: As for :func:`rules`.
        min_support: As for :func:`rules`.
        max_body: As for :func:`rules`.
        keep_redundant: As for :func:`rules`.
        budget: The first level with more candidates than this is not counted any more.

    Returns:
        A row a level: length, candidates (bodies it tests, exact) and frequent (bodies that
        pass; missing for a level not counted, which is then the last row).
    """
    chosen, _ = _columns(table, kinds, keep_redundant)
    search = _search(chosen, label, min_support, keep_redundant)
    levels: list[dict[str, Any]] = []
    while _goes_on(search, max_body):
        candidates = search.candidates()
        level = {"length": search.length + 1, "candidates": candidates, "frequent": pd.NA}
        levels.append(level)
        if candidates > budget:
            break
        level["frequent"] = sum(len(chunk.bodies) for chunk in search.advance())
    frame = pd.DataFrame(levels, columns=["length", "candidates", "frequent"])
    return frame.astype({"length": int, "candidates": int, "frequent": "Int64"})


def _columns(
    table: ConceptTable, kinds: Sequence[str], keep_redundant: bool
) -> tuple[ConceptTable, list[str]]:
    """The columns that bodies are made of, and how each is written."""
    chosen = usable(table).subset(kinds)
    texts = column_texts(chosen)
    if keep_redundant:
        return chosen, texts
    kept = [number for number, same in enumerate(same_columns(chosen)) if number == same[0]]
    merged = replace(
        chosen,
        concepts=chosen.concepts.iloc[kept].reset_index(drop=True),
        matrix=chosen.matrix[:, kept],
    )
    return merged, [texts[number] for number in kept]


def _search(
    table: ConceptTable, label: str | None, min_support: float, keep_redundant: bool
) -> BodySearch:
    if not 0 < min_support <= 1:
        raise NetglossError(
            f"min_support is {min_support}; it is a share of the images, above 0 and at most 1"
        )
    classes, codes, sizes = encode(table.labels)
    if label is not None:
        require_label(table, label)
    wanted = list(range(len(classes))) if label is None else [classes.index(label)]
    least = _least_count(min_support, len(codes))
    rows = as_rows(table.matrix)
    return BodySearch(rows, codes, sizes, wanted, least, keep_redundant=keep_redundant)


def _least_count(share: float, images: int) -> int:
    """The smallest number of images that is at least this share of them."""
    least = max(1, int(share * images) - 1)
    while least / images < share:
        least += 1
    return least


def _goes_on(search: BodySearch, max_body: int) -> bool:
    if max_body < 0:
        raise NetglossError(f"max_body is {max_body}; give the most concepts in a body, or 0")
    return (not max_body or search.length < max_body) and search.candidates() > 0


def _refuse_if_large(search: BodySearch, images: int, most: int) -> None:
    candidates = search.candidates()
    if candidates <= most:
        return
    low, high = search.least, images + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if search.candidates(middle) <= most else (middle, high)
    raise NetglossError(
        f"level {search.length + 1} would test {candidates:.1e} bodies, {most:.1e} at most are "
        f"tested; raise min_support from {search.least / images:.3g} to about "
        f"{high / images:.3g} or set max_body to {search.length}"
    )


def _refuse_if_many(number: int, min_support: float) -> None:
    if number > MAX_RULES:
        raise NetglossError(
            f"more than {MAX_RULES} rules pass; raise min_support ({min_support}), "
            "min_confidence or min_lift, or lower max_body"
        )


def _strong(
    chunk: Chunk,
    search: BodySearch,
    sizes: NDArray[np.int64],
    min_confidence: float,
    min_lift: float,
) -> list[_Found]:
    """The rules of a chunk that pass all thresholds, label by label."""
    found = []
    images = int(sizes.sum())
    for code in search.wanted:
        both = chunk.present[code]
        confidence = both / chunk.count
        lift = (both * images) / (chunk.count * sizes[code])
        good = (both >= search.least) & (confidence >= min_confidence) & (lift > min_lift)
        if good.any():
            found.append(_Found(chunk.bodies[good], code, both[good], chunk.count[good]))
    return found


def _productive(found: list[_Found], table: ConceptTable, margin: float) -> list[_Found]:
    """Keeps the rules whose lift no shorter body comes within ``margin`` of."""
    lift = _lifts(table)
    kept = []
    for rule in found:
        good = np.array([_adds(tuple(body), rule.code, lift, margin) for body in rule.bodies])
        kept.append(_Found(rule.bodies[good], rule.code, rule.both[good], rule.count[good]))
    return kept


def _adds(
    body: tuple[int, ...],
    code: int,
    lift: Callable[[tuple[int, ...]], NDArray[np.float64]],
    margin: float,
) -> bool:
    # A little slack, so that a margin of 0.5 is met by lifts 2.0 and 1.5.
    mine = lift(body)[code] + 1e-12
    shorter = (part for size in range(len(body)) for part in combinations(body, size))
    best = max(float(lift(part)[code]) for part in shorter)
    return bool(mine >= best + margin and mine > best + 2e-12)


def _lifts(table: ConceptTable) -> Callable[[tuple[int, ...]], NDArray[np.float64]]:
    """A function from a body to its lift a label, which remembers what it was asked."""
    classes, codes, sizes = encode(table.labels)

    @cache
    def lift(body: tuple[int, ...]) -> NDArray[np.float64]:
        held = np.ones(len(codes), dtype=bool)
        for column in body:
            held &= table.column(column)
        present = np.bincount(codes[held], minlength=len(classes))
        lifts: NDArray[np.float64] = present * len(codes) / (held.sum() * sizes)
        return lifts

    return lift


def _frame(
    found: list[_Found],
    texts: list[str],
    classes: list[str],
    sizes: NDArray[np.int64],
    limit: int | None,
) -> pd.DataFrame:
    if not found:
        return pd.DataFrame(columns=list(COLUMNS))
    images = int(sizes.sum())
    code = np.concatenate([np.full(len(rule.both), rule.code) for rule in found])
    both = np.concatenate([rule.both for rule in found])
    count = np.concatenate([rule.count for rule in found])
    length = np.concatenate([np.full(len(rule.both), rule.bodies.shape[1]) for rule in found])
    prior = sizes[code] / images
    confidence = both / count
    lift = (both * images) / (count * sizes[code])
    order = np.lexsort((code, length, -both, -confidence, -lift))[:limit]
    bodies = [body for rule in found for body in rule.bodies]
    missed = 1 - confidence
    conviction = np.divide(1 - prior, missed, out=np.full(len(both), np.inf), where=missed > 0)
    frame = pd.DataFrame(
        {
            "body": [[texts[column] for column in bodies[rule]] for rule in order],
            "label": [classes[code[rule]] for rule in order],
            "support": (both / images)[order],
            "confidence": confidence[order],
            "lift": lift[order],
            "leverage": (both / images - count / images * prior)[order],
            "conviction": conviction[order],
            "count": both[order],
            "coverage": count[order],
        }
    )
    return frame[list(COLUMNS)]
