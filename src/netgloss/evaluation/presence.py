"""Which things are really there, when people mark what they see: a binary model (methods 13).

The truth z_ic says whether unit i shows thing c. A person j who saw unit i marks c with the chance
a_j (sensitivity) where z is 1 and 1 - b_j (b the specificity) where it is 0; both are shared by all
things, since few people mark any one thing often. Not marking a thing is an answer too, but only of
those who saw the unit: units that somebody never saw are left out of the sums. With
w_j = log(a_j / (1 - a_j)) + log(b_j / (1 - b_j)) the log odds of z_ic are

    logit p_c + Σ_{j saw i} log((1 - a_j) / b_j) + Σ_{j marked c on i} w_j.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netgloss.errors import DataError
from netgloss.evaluation.climbing import Climb, EMOptions, climb
from netgloss.evaluation.long_format import Coded, Floats, code, require_room, sums
from netgloss.progress import Tracker, untracked

__all__ = ["Presence", "presence"]

# A chance is never closer to 0 or 1 than this, so that no weight of evidence is infinite.
_LEAST = 1e-12


@dataclass(frozen=True, eq=False)
class Presence:
    """What is likely there, and how each person marks.

    Attributes:
        posterior: The chance that a unit (row) shows a thing (column).
        people: One row a person: ``answers`` (units seen), ``marks``, ``sensitivity`` (the
            share of what is there that the person marks) and ``specificity`` (the share of what
            is not there that the person leaves unmarked).
        prior: The share of the units that show each thing.
        marks: One row a unit and thing that anybody marked: ``unit``, ``value``, ``marked``
            and ``seen`` (by how many people), ``probability``.
        log_likelihood: Of the marks under what was found.
        climb: How the search went.
    """

    posterior: pd.DataFrame
    people: pd.DataFrame
    prior: pd.Series[float]
    marks: pd.DataFrame
    log_likelihood: float
    climb: Climb


def presence(
    data: pd.DataFrame, *, options: EMOptions | None = None, track: Tracker = untracked
) -> Presence:
    """What is likely there on each unit, and how reliably each person marks it.

    The search starts from the share of those who saw a unit and marked the thing on it.

    Args:
        data: Columns person, unit and value, the collection of things that the person marked
            on the unit; a row with an empty one says that the person saw it and marked nothing.
        options: Smoothing and when to stop.
        track: Tells how many rounds have gone by.

    Raises:
        DataError: The table lacks a column, has a second answer or no mark at all, or units and
            things are so many that their table does not fit.

    Source:
        Methods 13: binary Dawid-Skene, sensitivity and specificity shared over concepts.

    Example:
        >>> rows = [("al", 1, ["fur"]), ("bo", 1, ["fur"]), ("cy", 1, ["sky"]),
        ...         ("al", 2, ["sky"]), ("bo", 2, ["sky"]), ("cy", 2, ["fur"])]
        >>> found = presence(pd.DataFrame(rows, columns=["person", "unit", "value"]))
        >>> found.posterior.round(2).to_dict("index")
        {1: {'fur': 1.0, 'sky': 0.0}, 2: {'fur': 0.0, 'sky': 1.0}}
    """
    coded = code(data, sets=True)
    if not any(coded.values):
        raise DataError("the answers: nobody marked anything; there is nothing to weigh")
    search = _Search(coded, (options or EMOptions()).smoothing)
    went = climb(search.step, options or EMOptions(), track)
    return search.result(went)


class _Search:
    """The parameters and the posterior on their way.

    Args:
        coded: The answers, their values being sets.
        smoothing: Marks and non-marks credited beforehand, where it is there and where not.
    """

    def __init__(self, coded: Coded, smoothing: float) -> None:
        self.coded = coded
        self.smoothing = smoothing
        self.things, self.answer, self.thing = _marks(coded)
        self.people, self.units = len(coded.people), len(coded.units)
        require_room(
            self.units * len(self.things),
            f"a table of {self.units} units and {len(self.things)} things",
            "leave out the things that were marked only once",
        )
        self.person = coded.person[self.answer]
        self.cell = coded.unit[self.answer] * len(self.things) + self.thing
        self.marked = self._sum_by_cell(np.ones(len(self.cell)))
        self.seen = np.bincount(coded.unit, minlength=self.units)
        self.posterior = self.marked / self.seen[:, None]
        self.prior = self.sensitivity = self.specificity = np.empty(0)
        self.likelihood = 0.0

    def step(self) -> float:
        """One round; the score of its parameters."""
        self._learn()
        self._weigh()
        known = np.concatenate([self.sensitivity, self.specificity])
        return self.likelihood + self.smoothing * float((np.log(known) + np.log1p(-known)).sum())

    def _learn(self) -> None:
        """The parameters that suit the posterior best."""
        s, coded = self.smoothing, self.coded
        there = self.posterior.sum(axis=1)
        seen_there = self._by_person(coded.person, there[coded.unit])
        seen_not = self._by_person(coded.person, (len(self.things) - there)[coded.unit])
        certain = self.posterior.ravel()[self.cell]
        right = self._by_person(self.person, certain)
        wrong = self._by_person(self.person, 1 - certain)
        self.sensitivity = _share(right + s, seen_there + 2 * s)
        self.specificity = 1 - _share(wrong + s, seen_not + 2 * s)
        self.prior = np.clip(self.posterior.mean(axis=0), _LEAST, 1 - _LEAST)

    def _weigh(self) -> None:
        """The posterior under the parameters, and their log-likelihood."""
        coded, a, b = self.coded, self.sensitivity, self.specificity
        unmarked = np.log1p(-a) - np.log(b)
        marked = np.log(a) - np.log1p(-a) + np.log(b) - np.log1p(-b)
        odds = self._sum_by_cell(marked[self.person])
        odds += sums(coded.unit, unmarked[coded.person], self.units)[:, None]
        odds += np.log(self.prior) - np.log1p(-self.prior)
        # Each cell: log(chance with z = 0) + log(1 + odds).
        absent = self.units * np.log1p(-self.prior).sum()
        absent += len(self.things) * np.log(b)[coded.person].sum()
        absent += (np.log1p(-b) - np.log(b))[self.person].sum()
        self.likelihood = float(absent + np.logaddexp(0, odds).sum())
        self.posterior = (1 + np.tanh(odds / 2)) / 2

    def result(self, went: Climb) -> Presence:
        """What was found."""
        coded = self.coded
        things = pd.Index(self.things, name="value")
        people = {
            "answers": np.bincount(coded.person, minlength=self.people),
            "marks": np.bincount(self.person, minlength=self.people),
            "sensitivity": self.sensitivity,
            "specificity": self.specificity,
        }
        return Presence(
            posterior=pd.DataFrame(
                self.posterior, index=pd.Index(coded.units, name="unit"), columns=things
            ),
            people=pd.DataFrame(people, index=pd.Index(coded.people, name="person")),
            prior=pd.Series(self.prior, index=things, name="share"),
            marks=self._marks(),
            log_likelihood=self.likelihood,
            climb=went,
        )

    def _marks(self) -> pd.DataFrame:
        unit, thing = np.nonzero(self.marked)
        return pd.DataFrame(
            {
                "unit": [self.coded.units[number] for number in unit.tolist()],
                "value": [self.things[number] for number in thing.tolist()],
                "marked": self.marked[unit, thing].astype(int),
                "seen": self.seen[unit],
                "probability": self.posterior[unit, thing],
            }
        )

    def _by_person(self, person: NDArray[np.intp], weights: Floats) -> Floats:
        return sums(person, weights, self.people)

    def _sum_by_cell(self, weights: Floats) -> Floats:
        cells = sums(self.cell, weights, self.units * len(self.things))
        return cells.reshape(self.units, len(self.things))


def _marks(coded: Coded) -> tuple[list[Any], NDArray[np.intp], NDArray[np.intp]]:
    """All things in order, and for each mark the number of its answer and of its thing."""
    things = sorted({thing for said in coded.values for thing in said}, key=str)
    place = {thing: number for number, thing in enumerate(things)}
    said = [sorted(place[thing] for thing in value) for value in coded.values]
    lengths = np.array([len(one) for one in said], dtype=np.intp)[coded.value]
    marks = [number for value in coded.value.tolist() for number in said[value]]
    return things, np.repeat(np.arange(len(lengths)), lengths), np.array(marks, dtype=np.intp)


def _share(part: Floats, whole: Floats) -> Floats:
    """The shares within what is not quite impossible; a half where there is nothing to share."""
    shares: Floats = np.divide(part, whole, out=np.full(part.shape, 0.5), where=whole > 0)
    return shares.clip(_LEAST, 1 - _LEAST)
