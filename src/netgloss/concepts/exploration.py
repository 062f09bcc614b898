"""NOT x and x AND y among the findings: which are looked at, and which are kept (SECA C5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netgloss.concepts.chi_square import (
    adjust,
    chi_square,
    p_value,
    p_value_within,
    residuals,
)
from netgloss.concepts.counts import (
    Matrix,
    as_rows,
    block_number,
    encode,
    label_counts,
    pair_blocks,
)
from netgloss.concepts.expression import column_texts
from netgloss.concepts.findings import SPEAKS, Testing, findings
from netgloss.concepts.pairs import Variant, variants
from netgloss.concepts.readiness import same_columns
from netgloss.concepts.table import ConceptTable
from netgloss.errors import NetglossError
from netgloss.progress import Tracker, untracked

__all__ = ["Search", "explored"]

# Their p-values are kept for the correction: 0.8 GB.
_MOST_COMBINATIONS = 100_000_000


@dataclass(frozen=True)
class Search:
    """Which combinations are looked at and which are kept; see :func:`rank` for the fields."""

    pairs: Literal["all", "significant"] = "all"
    min_support: float = 0.03
    min_images: int = 5
    top: int = 1000
    keep_redundant: bool = False
    label: str | None = None

    def __post_init__(self) -> None:
        if self.pairs not in ("all", "significant"):
            raise NetglossError(f"pairs {self.pairs!r} is not known; use all or significant")
        if not 0 <= self.min_support <= 0.5:
            raise NetglossError(
                f"min_support is {self.min_support}; it is a share of the images, at most 0.5"
            )

    def least(self, images: int) -> int:
        """The number of images that a combination must hold on."""
        return max(1, self.min_images, int(np.ceil(self.min_support * images - 1e-9)))


@dataclass
class _Kept:
    """The strongest combinations so far."""

    top: int
    place: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    strength: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    sides: NDArray[np.int64] = field(default_factory=lambda: np.empty((4, 0), dtype=np.int64))
    present: NDArray[np.int64] | None = None

    def add(
        self,
        place: NDArray[np.int64],
        strength: NDArray[np.float64],
        sides: NDArray[np.int64],
        present: NDArray[np.int64],
    ) -> None:
        """Takes a block's combinations in and lets the weakest beyond ``top`` go."""
        before = present[:, :0] if self.present is None else self.present
        place = np.concatenate([self.place, place])
        strength = np.concatenate([self.strength, strength])
        sides = np.concatenate([self.sides, sides], axis=1)
        present = np.concatenate([before, present], axis=1)
        # Of equally strong ones the fewest NOTs, then the order of the columns.
        order = np.lexsort((sides[1], sides[0], sides[2:].sum(axis=0), -strength.round(9)))
        best = order[: self.top]
        self.place, self.strength = place[best], strength[best]
        self.sides, self.present = sides[:, best], present[:, best]


def explored(
    base: pd.DataFrame,
    table: ConceptTable,
    search: Search,
    how: Testing,
    track: Tracker = untracked,
) -> pd.DataFrame:
    """The base findings, then NOT x of the significant ones, then the combinations kept.

    NOT x is the same test as x and takes its q-value; the combinations are a family of their own.
    Left out are combinations on too few images, those equal to one of their sides (one concept
    implies the other), those that say no more than one of their sides, and those on the same images
    as a simpler finding, which lists them among its aliases. To say more, each side must go with
    the label among the images of the other one, by a χ² test at ``alpha`` over the number of
    partners that a concept has (Bonferroni).

    Args:
        base: The findings of the table's columns, in their order.
        table: The concept table.
        search: Which combinations are looked at.
        how: How they are tested.
        track: Tells how far the work is.

    Raises:
        NetglossError: So many concepts are common that their combinations do not fit in memory.
    """
    texts = column_texts(table)
    classes, codes, sizes = encode(table.labels)
    rows = as_rows(table.matrix)
    singles = label_counts(rows, codes, len(classes))
    significant = (base["status"] == "significant").to_numpy()
    representative = np.array(
        [number == min(same) for number, same in enumerate(same_columns(table))]
    )
    negated = np.flatnonzero(significant & representative)
    frames = [base]
    if len(negated):
        frames.append(_not_rows(base, negated, texts, singles, classes, sizes, how))
    pool = np.flatnonzero(
        representative
        & _common(singles.sum(axis=0), search.least(len(codes)), len(codes))
        & (significant | (search.pairs == "all"))
    )
    kept, p = _best(rows[:, pool], codes, classes, sizes, search, how, track)
    if kept.present is not None and len(kept.place):
        kept.sides[:2] = pool[kept.sides[:2]]
        frames.append(_and_rows(kept, p, texts, classes, sizes, how))
    return _without_repeats(frames, table, negated, kept)


def _common(count: NDArray[np.int64], least: int, images: int) -> NDArray[np.bool_]:
    common: NDArray[np.bool_] = (count >= least) & (count <= images - least)
    return common


def _best(
    rows: Matrix,
    codes: NDArray[np.intp],
    classes: list[str],
    sizes: NDArray[np.int64],
    search: Search,
    how: Testing,
    track: Tracker,
) -> tuple[_Kept, NDArray[np.float64]]:
    """Tests every combination; keeps the strongest, and the p-values of all of them."""
    concepts, least = rows.shape[1], search.least(len(codes))
    if 2 * concepts * (concepts - 1) > _MOST_COMBINATIONS:
        raise NetglossError(
            f"{concepts} concepts hold on {least} images or more, which makes "
            f"{2.0 * concepts * (concepts - 1):.1e} combinations; raise min_support above "
            f"{search.min_support}, choose fewer kinds or combine significant concepts only"
        )
    singles = label_counts(rows, codes, len(classes))
    kept, tested, number = _Kept(search.top), [np.empty(0)], 0
    blocks = pair_blocks(rows, codes, len(classes))
    total = block_number(concepts, len(classes))
    for first, second, both in track(blocks, total=total, what="combinations"):
        for variant in variants(singles, sizes, first, second, both, negations=True):
            worth = _worth_testing(variant, least)
            present = variant.present[:, worth]
            chi2 = chi_square(present, sizes, yates=how.yates)
            tested.append(how.decisive_p(present, sizes, p_value(chi2, len(classes))))
            place = np.arange(number, number + len(chi2))
            number += len(chi2)
            strength, fits = _strength(present, chi2, sizes, classes, search.label)
            if not search.keep_redundant:
                fits &= _says_more(variant, worth, how.alpha / (2 * (concepts - 1)))
            x, y = np.int64(variant.negated[0]), np.int64(variant.negated[1])
            ones = np.ones(len(chi2), dtype=np.int64)
            sides = np.stack([first[worth], second[worth], x * ones, y * ones])
            kept.add(place[fits], strength[fits], sides[:, fits], present[:, fits])
    return kept, np.concatenate(tested)


def _worth_testing(variant: Variant, least: int) -> NDArray[np.bool_]:
    """Combinations on enough images, and on fewer than either side holds on."""
    count = variant.present.sum(axis=0)
    x, y = (side.sum(axis=0) for side in variant.sides)
    worth: NDArray[np.bool_] = (count >= least) & (count != x) & (count != y)
    return worth


def _says_more(variant: Variant, worth: NDArray[np.bool_], alpha: float) -> NDArray[np.bool_]:
    """Combinations in which each side tells something where the other one holds.

    Otherwise a strong concept drags a crowd of others along: x AND NOT y is as strong as x for
    every y that is rare, and by chance a little stronger for some of them.
    """
    both = variant.present[:, worth]
    more = np.ones(both.shape[1], dtype=bool)
    for side in variant.sides:
        more &= p_value_within(both, side[:, worth]) <= alpha
    return more


def _strength(
    present: NDArray[np.int64],
    chi2: NDArray[np.float64],
    sizes: NDArray[np.int64],
    classes: list[str],
    label: str | None,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """What the combinations are kept by, and which of them may be kept at all."""
    if label is None:
        return chi2, np.ones(len(chi2), dtype=bool)
    d = residuals(present, sizes)[classes.index(label)]
    return d, d > SPEAKS


def _not_rows(
    base: pd.DataFrame,
    negated: NDArray[np.intp],
    texts: list[str],
    singles: NDArray[np.int64],
    classes: list[str],
    sizes: NDArray[np.int64],
    how: Testing,
) -> pd.DataFrame:
    names = [f"NOT {texts[number]}" for number in negated]
    present = sizes[:, None] - singles[:, negated]
    q = base["q_value"].to_numpy()[negated]
    return findings(names, ["not"] * len(names), present, classes, sizes, how, q)


def _and_rows(
    kept: _Kept,
    p: NDArray[np.float64],
    texts: list[str],
    classes: list[str],
    sizes: NDArray[np.int64],
    how: Testing,
) -> pd.DataFrame:
    assert kept.present is not None
    names = [
        " AND ".join(
            f"NOT {texts[number]}" if under else texts[number]
            for number, under in ((first, not_first), (second, not_second))
        )
        for first, second, not_first, not_second in kept.sides.T.tolist()
    ]
    q = adjust(p, how.correction)[kept.place]
    return findings(names, ["and"] * len(names), kept.present, classes, sizes, how, q)


def _without_repeats(
    frames: list[pd.DataFrame], table: ConceptTable, negated: NDArray[np.intp], kept: _Kept
) -> pd.DataFrame:
    """Keeps one of the findings that hold on the same images; it names the others as aliases."""
    frame = pd.concat(frames, ignore_index=True)
    aliases = frame["aliases"].tolist()
    seen: dict[bytes, int] = {}
    for row in range(len(frames[0])):
        seen.setdefault(_digest(table.column(row)), row)
    repeats = []
    for row, held in enumerate(_derived(table, negated, kept), start=len(frames[0])):
        simpler = seen.setdefault(_digest(held), row)
        if simpler != row:
            aliases[simpler] = [*aliases[simpler], frame["concept"].iloc[row]]
            repeats.append(row)
    return frame.assign(aliases=aliases).drop(index=repeats).reset_index(drop=True)


def _derived(
    table: ConceptTable, negated: NDArray[np.intp], kept: _Kept
) -> Iterator[NDArray[np.bool_]]:
    """Lays the NOT findings and the kept combinations out one by one, in their order."""
    for number in negated.tolist():
        yield ~table.column(number)
    for first, second, not_first, not_second in kept.sides.T.tolist():
        yield (table.column(first) ^ bool(not_first)) & (table.column(second) ^ bool(not_second))


def _digest(held: NDArray[np.bool_]) -> bytes:
    return blake2b(np.packbits(held).tobytes(), digest_size=16).digest()
