"""SECA's experiment on the number of images (section 6.2, methods 9): how many must be described?

Half of a pool is the reference; samples of growing size come from the other half.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netgloss.errors import OptionError
from netgloss.experiments.agreement import compare, significant
from netgloss.experiments.kept import RunOptions, measured
from netgloss.experiments.number_of_images_page import figure, landmarks, page
from netgloss.experiments.runs import Run, annotate, prepare
from netgloss.progress import Tracker, untracked

if TYPE_CHECKING:
    import pandas as pd

    from netgloss.concepts.table import ConceptTable

__all__ = ["NAME", "Options", "figure", "landmarks", "learning_curve", "page", "run"]

NAME = "number-of-images"

_SMALLEST, _STEP = 20, 10


@dataclass(frozen=True)
class Options(RunOptions):
    """What is run: :class:`~netgloss.experiments.kept.RunOptions` with other defaults.

    ``images`` is the size of the pool; half of it is the reference. The paper has the sets D5.1,
    BM1.1, BM1.2, BM2.1 and BM2.2.

    Args:
        repeats: Divisions of the pool into reference and rest.
        nested: Whether a larger sample holds the smaller ones of its repeat, which makes the
            curves smoother; else each is drawn anew.
    """

    sets: tuple[str, ...] = ("BM1.1", "BM1.2", "BM2.1", "BM2.2", "D5.1")
    images: int = 800
    repeats: int = 10
    nested: bool = True


def run(work: Path, options: Options | None = None, track: Tracker = untracked) -> pd.DataFrame:
    """One row a sample: set, network, seed, pool, repeat, images and :func:`compare`'s measures.

    Args:
        work: Where pictures, networks and finished runs are kept.
        options: What is run.
        track: Draws progress, one item a set and seed.

    Raises:
        OptionError: A set or a network is unknown, or the pool is too small.
    """
    options = options or Options()
    _check_pool(options.images)
    drawn = "nested" if options.nested else "independent"
    folder = work / f"{NAME}-{options.repeats}-{drawn}"
    return measured(_measure, options, folder, track)


def learning_curve(
    table: ConceptTable, *, repeats: int = 10, nested: bool = True, seed: int = 0
) -> pd.DataFrame:
    """Agreement of samples of growing size with a reference of half of the images.

    Args:
        table: The concepts of the whole pool.
        repeats: Divisions of the pool.
        nested: Whether a larger sample holds the smaller ones.
        seed: Of every draw.

    Returns:
        One row a sample: pool, repeat, images, and the measures of
        :func:`netgloss.experiments.agreement.compare`.

    Raises:
        OptionError: The pool is too small.

    Source:
        SECA, section 6.1.2; methods 9.
    """
    import pandas as pd

    return pd.DataFrame(_samples(table, repeats, nested, seed))


def _measure(run: Run, work: Path, options: Options) -> pd.DataFrame:
    from netgloss.answers.populations import EXPERT

    prepared = prepare(run, work)
    # Experts agree on their words: nothing has to be reconciled.
    table = annotate(prepared, EXPERT, seed=run.seed, embedding="none")
    return learning_curve(table, repeats=options.repeats, nested=options.nested, seed=run.seed)


def _samples(
    table: ConceptTable, repeats: int, nested: bool, seed: int
) -> Iterator[dict[str, Any]]:
    pool = len(table.images)
    _check_pool(pool)
    half = pool // 2
    for repeat in range(repeats):
        dice = np.random.default_rng([seed, repeat])
        order = dice.permutation(pool)
        reference, rest = significant(table, images=order[:half]), order[half:]
        for size in range(_SMALLEST, half + 1, _STEP):
            drawn = rest[:size] if nested else dice.choice(rest, size, replace=False)
            agreement = compare(significant(table, images=drawn), reference)
            yield {"pool": pool, "repeat": repeat, "images": size, **agreement}


def _check_pool(images: int) -> None:
    if images < 2 * _SMALLEST:
        raise OptionError(
            f"images {images}: half of them are the reference and the smallest sample has "
            f"{_SMALLEST}; give {2 * _SMALLEST} or more"
        )
