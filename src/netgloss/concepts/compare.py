"""Two concept tables side by side: two models on one set of images, or two studies (SECA 5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from netgloss.concepts.association import rank
from netgloss.concepts.chi_square import adjust
from netgloss.concepts.counts import as_rows, encode
from netgloss.concepts.readiness import usable
from netgloss.concepts.table import KINDS, ConceptTable
from netgloss.errors import NetglossError
from netgloss.progress import Tracker, untracked

__all__ = ["COLUMNS", "compare", "same_images"]

COLUMNS = (
    "concept",
    "kind",
    "present_in",
    "cramers_v_a",
    "cramers_v_b",
    "difference",
    "p_value",
    "q_value",
    "label_a",
    "label_b",
    "count_a",
    "count_b",
)
_ROUNDS_AT_ONCE = 32


def compare(
    a: ConceptTable,
    b: ConceptTable,
    kinds: Sequence[str] = KINDS,
    *,
    rounds: int = 1000,
    seed: int = 0,
    track: Tracker = untracked,
) -> pd.DataFrame:
    """Compares how strongly each concept goes with the label in two tables.

    The p-value asks whether the two V differ by more than drawing other images would make them
    differ: the difference over its bootstrap standard deviation, read off the normal
    distribution. Images are drawn by name, so that two models on the same images are compared
    as a pair. The test is approximate, and careful where both V lie near the noise floor.

    Args:
        a: The one table.
        b: The other.
        kinds: Which concepts are compared.
        rounds: Bootstrap samples.
        seed: Of their draws.
        track: Tells how far the bootstrap is.

    Returns:
        A row a concept, the largest difference first: concept, kind, present_in (``both``,
        ``a``, ``b``), cramers_v_a and cramers_v_b, difference (a - b), p_value, q_value
        (Benjamini-Hochberg), label_a and label_b, count_a and count_b. Where one table lacks
        the concept its V and count are missing, and so is the p-value.
        ``frame.attrs["same_images"]`` says how many images are in both.

    Raises:
        NetglossError: A table is empty or has one label only.
    """
    if rounds < 2:
        raise NetglossError(f"rounds is {rounds}; a bootstrap needs 2 samples at least")
    first, second = usable(a).subset(kinds), usable(b).subset(kinds)
    frame = _side_by_side(first, second)
    both = (frame["present_in"] == "both").to_numpy()
    frame["difference"] = frame["cramers_v_a"] - frame["cramers_v_b"]
    frame["p_value"], frame["q_value"] = np.nan, np.nan
    if both.any():
        keys = [f"{row.kind}:{row.concept}" for row in frame[both].itertuples()]
        spread = _spread(first, second, keys, rounds, seed, track)
        p = _normal_p(frame.loc[both, "difference"].to_numpy(), spread)
        frame.loc[both, "p_value"] = p
        frame.loc[both, "q_value"] = adjust(p)
    by_size = (
        frame["difference"]
        .abs()
        .round(12)
        .sort_values(ascending=False, kind="stable", na_position="last")
    )
    frame = frame.loc[by_size.index, list(COLUMNS)].reset_index(drop=True)
    frame.attrs["same_images"] = same_images(a, b)
    return frame


def same_images(a: ConceptTable, b: ConceptTable) -> int:
    """How many images stand in both tables."""
    return len(set(a.images) & set(b.images))


def _side_by_side(a: ConceptTable, b: ConceptTable) -> pd.DataFrame:
    kept = ["concept", "kind", "cramers_v", "label", "count"]
    frame = (
        rank(a)[kept]
        .merge(rank(b)[kept], on=["concept", "kind"], how="outer", suffixes=("_a", "_b"),
               indicator="present_in")
    )  # fmt: skip
    names = {"left_only": "a", "right_only": "b", "both": "both"}
    return frame.assign(
        present_in=frame["present_in"].astype(str).map(names),
        count_a=frame["count_a"].astype("Int64"),
        count_b=frame["count_b"].astype("Int64"),
    )


def _normal_p(difference: NDArray[np.float64], spread: NDArray[np.float64]) -> NDArray[np.float64]:
    """Two-sided p-values; 1 where nothing differs, in the tables or in any sample."""
    still = np.where(difference == 0, 0.0, np.inf)
    z = np.divide(np.abs(difference), spread, out=still, where=spread > 0)
    p: NDArray[np.float64] = special.erfc(z / np.sqrt(2))
    return p


def _spread(
    a: ConceptTable, b: ConceptTable, keys: list[str], rounds: int, seed: int, track: Tracker
) -> NDArray[np.float64]:
    """Standard deviation of V_a - V_b over bootstrap samples of the images, shape (concept,)."""
    every = list(dict.fromkeys([*a.images, *b.images]))
    place = {image: number for number, image in enumerate(every)}
    sides = [_Side(table, keys, place) for table in (a, b)]
    generator = np.random.default_rng(seed)
    total = np.zeros(len(keys))
    squares = np.zeros(len(keys))
    for size in track(_portions(rounds), total=-(-rounds // _ROUNDS_AT_ONCE), what="samples"):
        weights = generator.multinomial(len(every), np.full(len(every), 1 / len(every)), size)
        off = sides[0].effects(weights) - sides[1].effects(weights)
        total += off.sum(axis=0)
        squares += (off * off).sum(axis=0)
    variance = (squares - total * total / rounds) / (rounds - 1)
    return np.sqrt(np.maximum(variance, 0.0))


def _portions(rounds: int) -> Iterator[int]:
    for start in range(0, rounds, _ROUNDS_AT_ONCE):
        yield min(_ROUNDS_AT_ONCE, rounds - start)


class _Side:
    """One table's V of the shared concepts under any weights of the images."""

    def __init__(self, table: ConceptTable, keys: list[str], place: dict[str, int]) -> None:
        columns = [table.position[key] for key in keys]
        self.concepts = as_rows(table.matrix[:, columns]).T
        self.classes, codes, _ = encode(table.labels)
        self.of_class = [np.flatnonzero(codes == code) for code in range(len(self.classes))]
        self.images = np.array([place[image] for image in table.images])

    def effects(self, weights: NDArray[np.int64]) -> NDArray[np.float64]:
        """Cramér's V, shape (sample, concept), for weights of shape (sample, image)."""
        mine = weights[:, self.images].T
        present, sizes = [], []
        for held in self.of_class:
            present.append((self.concepts[:, held] @ mine[held]).T)
            sizes.append(mine[held].sum(axis=0))
        return _effects(np.stack(present), np.stack(sizes))


def _effects(present: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """V where every sample has label sizes of its own; labels that a sample lacks drop out."""
    images = sizes.sum(axis=0)[:, None]
    count = present.sum(axis=0)
    off = (images * present - count * sizes[:, :, None]).astype(np.float64)
    size = sizes[:, :, None]
    parts = np.divide(off * off, size, out=np.zeros(off.shape), where=size > 0)
    spread = (count * (images - count)).astype(np.float64)
    chi2 = np.divide(parts.sum(axis=0), spread, out=np.zeros(spread.shape), where=spread > 0)
    v: NDArray[np.float64] = np.sqrt(chi2 / np.maximum(images, 1))
    return v
