"""Dawid and Skene's model: what is true, and how each person errs, from answers alone (methods 13).

A person j says l of a unit whose truth is k with the chance π_jkl. Expectation-maximisation starts
from the votes and alternates: M, p_k = mean_i T_ik and π_jkl = (Σ_i T_ik N_ijl + s_kl) / (Σ_l …);
E, log T_ik = log p_k + Σ_jl N_ijl log π_jkl, normalised. People with few answers get a coin in
place of a table: one accuracy, and all errors alike. The answers s_kl that everybody is credited
with beforehand are mostly right ones; without them the model can do worse than the vote.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netgloss.errors import DataError, OptionError
from netgloss.evaluation.climbing import Climb, EMOptions, climb, log
from netgloss.evaluation.long_format import Coded, Floats, code, require_room, sums
from netgloss.progress import Tracker, untracked

__all__ = ["CREDIT", "FEW", "Consensus", "dawid_skene"]

CREDIT = (4.0, 2.0)
"""Right and wrong answers that everybody is credited with beforehand, to units of each truth.

Two of three as for control items (methods 13), but worth more answers: the model judges people by
its own guesses. Chosen on simulated crowds; see docs/evaluation.md.
"""

FEW = 20
"""Answers below which a person's table of errors would be guesswork (methods 13)."""


@dataclass(frozen=True, eq=False)
class Consensus:
    """What is likely true of each unit, and how each person answers.

    Attributes:
        posterior: The chance of each value; one row a unit, one column a value.
        people: One row a person: ``answers``, ``accuracy`` (the chance that the person says
            the truth of a unit drawn at random) and ``coin`` (whether one number describes the
            person's errors).
        prior: The share of each value among the units.
        log_likelihood: Of the answers under what was found.
        climb: How the search went.
        tables: The chance of what a person says (last axis) given the truth (second), shape
            (person with a table, value, value).
    """

    posterior: pd.DataFrame
    people: pd.DataFrame
    prior: pd.Series[float]
    log_likelihood: float
    climb: Climb
    tables: Floats

    def labels(self) -> pd.Series[Any]:
        """The likeliest value of each unit; of equally likely ones the first."""
        best = self.posterior.to_numpy().argmax(axis=1)
        values = pd.Series(self.posterior.columns)
        return pd.Series(values.iloc[best].to_numpy(), index=self.posterior.index, name="value")

    def table(self, person: Any) -> pd.DataFrame:
        """How often a person says each value (columns) where another is true (rows).

        Raises:
            DataError: The person gave no answer.
        """
        if person not in self.people.index:
            raise DataError(
                f"person {person!r} gave no answer, so nothing is known of their errors"
            )
        values = self.posterior.columns
        place = int(self.people.index.get_loc(person))
        if self.people["coin"].iloc[place]:
            chances = _coin_table(float(self.people["accuracy"].iloc[place]), len(values))
        else:
            chances = self.tables[int((~self.people["coin"]).iloc[:place].sum())]
        return pd.DataFrame(chances, index=values.rename("truth"), columns=values.rename("said"))


def dawid_skene(
    data: pd.DataFrame,
    *,
    choices: Collection[Any] | None = None,
    few: float = FEW,
    credit: tuple[float, float] = CREDIT,
    options: EMOptions | None = None,
    track: Tracker = untracked,
) -> Consensus:
    """What is likely true of each unit, and how reliable each person is.

    The search starts from the votes, so the values cannot swap their names, but where most people
    err in the same way it follows them. The same table gives the same result.

    Args:
        data: Columns person, unit and value; a person who is asked again counts again. A row
            without a value counts as not there.
        choices: All values that could be chosen; those that occur when None.
        few: People with fewer answers than this get a coin: 0 gives everybody a table,
            ``math.inf`` everybody a coin.
        credit: Right and wrong answers that everybody is credited with beforehand, on top of the
            smoothing. The published model has ``few=0``, ``credit=(0, 0)`` and no smoothing.
        options: Smoothing and when to stop.
        track: Tells how many rounds have gone by.

    Raises:
        DataError: The table lacks a column, has no answer, a value that is no choice, or people
            and values so many that their tables do not fit.
        OptionError: ``few`` or a credit is negative or no number.

    Source:
        Methods 13. Dawid and Skene (1979), equations 2.3 to 2.5 and 3.1.

    Example:
        >>> said = {"al": "xxyy", "bo": "xxyy", "cy": "yyxy"}
        >>> rows = [(who, n, v) for who, text in said.items() for n, v in enumerate(text)]
        >>> found = dawid_skene(pd.DataFrame(rows, columns=["person", "unit", "value"]))
        >>> "".join(found.labels()), found.people["accuracy"].round(2).tolist()
        ('xxyy', [0.76, 0.76, 0.52])
    """
    if not few >= 0:
        raise OptionError(f"few {few}: give a number of answers, 0 or more")
    if not (credit[0] >= 0 and credit[1] >= 0):
        raise OptionError(f"credit {credit}: give right and wrong answers, each 0 or more")
    coded = code(data, repeats=True, choices=choices)
    if not len(coded.unit):
        raise DataError("the answers: no row has a value; nothing can be learned from them")
    search = _Search(coded, few, credit, (options or EMOptions()).smoothing)
    went = climb(search.step, options or EMOptions(), track)
    return search.result(went)


class _Search:
    """The parameters and the posterior on their way.

    Args:
        coded: The answers.
        few: Answers below which a person gets a coin.
        credit: Right and wrong answers credited beforehand.
        smoothing: Answers of each kind credited on top of them.
    """

    def __init__(
        self, coded: Coded, few: float, credit: tuple[float, float], smoothing: float
    ) -> None:
        self.coded = coded
        self.units, self.values = len(coded.units), len(coded.values)
        # What each row of a table is credited with: the truth, and every other value.
        self.right = smoothing + credit[0]
        self.wrong = smoothing + credit[1] / max(1, self.values - 1)
        self.answers = np.bincount(coded.person, minlength=len(coded.people))
        # With one value there is nothing to confuse, and a coin's errors would have no place.
        self.coin = self.answers < few if self.values > 1 else np.zeros(len(self.answers), bool)
        tables = int((~self.coin).sum())
        require_room(
            tables * self.values**2,
            f"{tables} tables of {self.values} values",
            "pass few=math.inf for one accuracy a person",
        )
        # Coins and tables take their answers apart once.
        by_coin = self.coin[coded.person]
        number = np.where(self.coin, np.cumsum(self.coin), np.cumsum(~self.coin)) - 1
        self.of_coins = _Answers(coded, by_coin, number)
        self.of_tables = _Answers(coded, ~by_coin, number)
        self.accuracy = np.zeros(int(self.coin.sum()))
        self.tables = np.zeros((tables, self.values, self.values))
        self.prior = np.zeros(self.values)
        self.likelihood = 0.0
        votes = self._sum_by_unit(coded.unit, coded.value, np.ones(len(coded.unit)))
        self.posterior = votes / votes.sum(axis=1, keepdims=True)

    def step(self) -> float:
        """One round; the score of its parameters."""
        self.prior = self.posterior.mean(axis=0)
        self._learn_tables()
        self._learn_coins()
        scores = log(self.prior) + self._table_scores() + self._coin_scores()
        top = scores.max(axis=1, keepdims=True)
        chances = np.exp(scores - top)
        whole = chances.sum(axis=1, keepdims=True)
        self.posterior = chances / whole
        self.likelihood = float((np.log(whole) + top).sum())
        return self.likelihood + self._log_prior()

    def result(self, went: Climb) -> Consensus:
        """What was found."""
        columns = pd.Index(self.coded.values, name="value")
        right = np.zeros(len(self.answers))
        right[self.coin] = self.accuracy
        right[~self.coin] = np.einsum("jkk,k->j", self.tables, self.prior)
        return Consensus(
            posterior=pd.DataFrame(
                self.posterior, index=pd.Index(self.coded.units, name="unit"), columns=columns
            ),
            people=pd.DataFrame(
                {"answers": self.answers, "accuracy": right, "coin": self.coin},
                index=pd.Index(self.coded.people, name="person"),
            ),
            prior=pd.Series(self.prior, index=columns, name="share"),
            log_likelihood=self.likelihood,
            climb=went,
            tables=self.tables,
        )

    def _learn_tables(self) -> None:
        """π_jkl, one truth k after the other, so that memory stays that of the tables."""
        said, people = self.of_tables, len(self.tables)
        cell = said.person * self.values + said.value
        for truth in range(self.values):
            weights = self.posterior[said.unit, truth]
            counts = sums(cell, weights, people * self.values).reshape(people, self.values)
            counts += self.wrong
            counts[:, truth] += self.right - self.wrong
            total = counts.sum(axis=1, keepdims=True)
            # Nobody's answers to units of this truth: anything is as likely as anything else.
            self.tables[:, truth] = np.divide(
                counts, total, out=np.full(counts.shape, 1 / self.values), where=total > 0
            )

    def _learn_coins(self) -> None:
        """The accuracies, credited with as much as a row of a table."""
        said, people = self.of_coins, len(self.accuracy)
        sure = self.posterior[said.unit, said.value]
        right = sums(said.person, sure, people) + self.right
        credited = self.right + self.wrong * (self.values - 1)
        self.accuracy = right / (np.bincount(said.person, minlength=people) + credited)

    def _table_scores(self) -> Floats:
        """Σ_jl N_ijl log π_jkl, shape (unit, value)."""
        said, chances = self.of_tables, log(self.tables)
        scores = np.zeros((self.units, self.values))
        for truth in range(self.values):
            weights = chances[said.person, truth, said.value]
            scores[:, truth] = sums(said.unit, weights, self.units)
        return scores

    def _coin_scores(self) -> Floats:
        """The same for coins: each answer adds to its own value, and less to all others."""
        said = self.of_coins
        if not len(self.accuracy):
            return np.zeros((self.units, self.values))
        right, wrong = self._coin_chances()
        against = sums(said.unit, wrong[said.person], self.units)
        gain = (right - wrong)[said.person]
        return self._sum_by_unit(said.unit, said.value, gain) + against[:, None]

    def _coin_chances(self) -> tuple[Floats, Floats]:
        """The log chances of the truth and of one particular error, a coin each."""
        # A coin that never erred would make -inf - -inf of two of them that disagree.
        sure = np.clip(self.accuracy, _LEAST, 1 - _LEAST)
        return np.log(sure), np.log((1 - sure) / (self.values - 1))

    def _log_prior(self) -> float:
        """What the answers credited beforehand add to the score: Σ s_kl log π_jkl."""
        if not self.right + self.wrong:
            return 0.0
        chances = log(self.tables)
        own = np.einsum("jkk->", chances)
        total = self.wrong * (chances.sum() - own) + self.right * own
        if len(self.accuracy):
            right, wrong = self._coin_chances()
            total += (self.right * right + self.wrong * (self.values - 1) * wrong).sum()
        return float(total)

    def _sum_by_unit(
        self, unit: NDArray[np.intp], value: NDArray[np.intp], weights: Floats
    ) -> Floats:
        cells = sums(unit * self.values + value, weights, self.units * self.values)
        return cells.reshape(self.units, self.values)


# Below this a coin's chance counts as this: far below what answers could tell from 0.
_LEAST = 1e-12


class _Answers:
    """The answers of some of the people, who are numbered anew."""

    def __init__(self, coded: Coded, chosen: NDArray[np.bool_], number: NDArray[np.intp]) -> None:
        self.person = number[coded.person[chosen]]
        self.unit = coded.unit[chosen]
        self.value = coded.value[chosen]


def _coin_table(accuracy: float, values: int) -> Floats:
    chances = np.full((values, values), (1 - accuracy) / max(1, values - 1))
    np.fill_diagonal(chances, accuracy)
    return chances
