"""One row a person: pace, controls, agreement, variety, repetitions and reasons (methods 13).

``answers.trust`` leaves answers out by a least time before anything is analysed; here nothing is
left out. What speaks against a person is said in words, and a person decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from netgloss.errors import DataError, OptionError
from netgloss.evaluation.controls import control_accuracy, vote_weight
from netgloss.evaluation.distances import SET_DISTANCES, Distance
from netgloss.evaluation.long_format import Coded, Floats, code, sums
from netgloss.evaluation.votes import agreement_with_others
from netgloss.words.normalise import normalise

__all__ = ["Limits", "judge_people", "robust_z"]

# Clicks closer together than this are told apart by the computer, not by the person (seconds).
_LEAST_SECONDS = 0.1
# People among whom one can be held against the others.
_FEWEST = 3


@dataclass(frozen=True)
class Limits:
    """From where on something speaks against a person.

    Args:
        answers: People with fewer answers are not held against the others.
        pace: A pace below this, in robust standard deviations.
        accuracy: An accuracy on controls that is very likely below this.
        share: An agreement, a variety or a share of fresh texts below this share of what half of
            the people reach.

    Raises:
        OptionError: A number is out of range.
    """

    answers: int = 5
    pace: float = -3.0
    accuracy: float = 0.5
    share: float = 0.5

    def __post_init__(self) -> None:
        if self.answers < 1 or not (0 <= self.accuracy <= 1 and 0 <= self.share <= 1):
            raise OptionError(
                f"{self}: give at least one answer, and accuracy and share between 0 and 1"
            )


def judge_people(
    data: pd.DataFrame,
    controls: Mapping[Any, Any] | pd.Series[Any] | None = None,
    *,
    distance: Distance = "nominal",
    chance: float | None = None,
    limits: Limits | None = None,
) -> pd.DataFrame:
    """What every person's answers look like beside those of the others.

    Args:
        data: Columns person, unit and value, a row a person and unit; if there, ``seconds`` (time
            on the unit, missing where nobody took it) and ``text`` (what was typed).
        controls: Unit to its true value, of the units whose truth is known; none when None.
        distance: ``nominal`` for single values, ``jaccard`` or ``masi`` for sets of words.
        chance: Share of right answers that guessing reaches; 1 over the number of different
            values when None, and 0 for sets.
        limits: From where on something speaks against a person.

    Returns:
        One row a person, in order:

        - ``answers``; ``seconds``, their median; ``pace``, the robust z of its logarithm among
          all people (below 0 is faster).
        - ``controls`` answered, how many were ``right``, ``accuracy`` with ``low`` and ``high``
          (see :func:`~netgloss.evaluation.controls.control_accuracy`), and ``weight``, what the
          vote weighs by it.
        - ``agreement`` with the others on the units ``compared`` (see
          :func:`~netgloss.evaluation.votes.agreement_with_others`); the others are those against
          whom nothing else speaks.
        - ``variety``: entropy of the answers over the most it could be; 0 is always the same.
        - ``fresh``: share of the texts that the person had not written of a unit before.
        - ``reasons``: a tuple of sentences that speak against the person; mostly empty.

        NaN where nothing can be said.

    Raises:
        DataError: The table lacks a column, has a second answer, values of another kind, or a
            time that is negative or no number.
        OptionError: A number is out of range, or there is no such distance.

    Source:
        Methods 13: worker trust.

    Example:
        >>> said = [("al", 1, "fur", 9.0), ("bo", 1, "fur", 8.0), ("cy", 1, "sky", 9.5)]
        >>> table = pd.DataFrame(said, columns=["person", "unit", "value", "seconds"])
        >>> judge_people(table)[["pace", "agreement", "compared"]].round(2).values.tolist()
        [[0.0, 0.5, 1.0], [-1.47, 0.5, 1.0], [0.67, 0.0, 1.0]]
    """
    coded = code(data, sets=distance in SET_DISTANCES)
    if chance is None:
        chance = (
            0.0 if distance in SET_DISTANCES or len(coded.values) < 2 else 1 / len(coded.values)
        )
    seconds = _median_seconds(data, coded)
    frame = pd.DataFrame(
        {
            "answers": np.bincount(coded.person, minlength=len(coded.people)),
            "seconds": seconds,
            "pace": robust_z(np.log(np.maximum(seconds, _LEAST_SECONDS))),
        },
        index=pd.Index(coded.people, name="person"),
    )
    known = control_accuracy(data, {} if controls is None else controls, distance)
    frame = frame.join(known).assign(weight=vote_weight(known["accuracy"], chance))
    frame["variety"] = _variety(coded)
    frame["fresh"] = _fresh(data, coded)
    limits = limits or Limits()
    own = _reasons(frame, limits)
    agreed = _agreement(data, distance, own, limits)
    for place, column in enumerate(agreed, start=list(frame).index("variety")):
        frame.insert(place, column, agreed[column])
    low, usual = _disagrees(agreed, limits), agreed["agreement"].median()
    frame["reasons"] = [
        reasons + ((_below("agreement with the others", value, usual),) if is_low else ())
        for reasons, value, is_low in zip(own, agreed["agreement"], low, strict=True)
    ]
    return frame


def robust_z(values: Floats) -> Floats:
    """How far each value lies from the median, in robust standard deviations.

    Args:
        values: Numbers, shape (person,); NaN where one is not known.

    Returns:
        (value - median) / (1.4826 MAD), where MAD is the median distance from the median; where
        over half of the values are the same, the mean distance times 1.2533 in its place. 0 where
        all values are the same.

    Source:
        Methods 13. Both factors make the divisor the standard deviation of normal values.

    Example:
        >>> robust_z(np.array([1.0, 2.0, 3.0, 4.0, 50.0])).round(2).tolist()
        [-1.35, -0.67, 0.0, 0.67, 31.7]
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return values.copy()
    off = values - np.median(known)
    distances = np.abs(off[~np.isnan(off)])
    spread = 1.4826 * np.median(distances) or 1.2533 * distances.mean()
    return off / spread if spread else off


def _median_seconds(data: pd.DataFrame, coded: Coded) -> Floats:
    people = range(len(coded.people))
    if "seconds" not in data.columns:
        return np.full(len(people), np.nan)
    times = data["seconds"].iloc[coded.row]
    seconds = pd.to_numeric(times, errors="coerce").astype("float64")
    wrong = np.flatnonzero((times.notna() & seconds.isna()) | (seconds < 0) | np.isinf(seconds))
    if len(wrong):
        raise DataError(
            f"the answers: row {times.index[wrong[0]]} has the time {times.iloc[wrong[0]]!r}; "
            "give seconds, 0 or more, or leave it empty"
        )
    medians: Floats = seconds.groupby(coded.person).median().reindex(people).to_numpy()
    return medians


def _variety(coded: Coded) -> Floats:
    """The entropy of each person's answers over the most it could be, shape (person,)."""
    people = len(coded.people)
    cells = coded.person * max(1, len(coded.values)) + coded.value
    found, times = np.unique(cells, return_counts=True)
    person = found // max(1, len(coded.values))
    answers = np.bincount(coded.person, minlength=people)
    share = times / answers[person]
    entropy = sums(person, -share * np.log(share), people)
    most = np.log(np.minimum(answers, max(1, len(np.unique(coded.value)))))
    variety: Floats = np.divide(entropy, most, out=np.full(people, np.nan), where=most > 0)
    return variety


def _fresh(data: pd.DataFrame, coded: Coded) -> Floats:
    """The share of each person's texts that are not one of their earlier ones, shape (person,)."""
    people = range(len(coded.people))
    if "text" not in data.columns:
        return np.full(len(people), np.nan)
    typed = [normalise(text) if isinstance(text, str) else "" for text in data["text"]]
    rows = pd.DataFrame({"person": coded.person, "text": np.array(typed, dtype=object)[coded.row]})
    rows = rows[rows["text"] != ""]
    fresh = ~rows.duplicated()
    shares: Floats = fresh.groupby(rows["person"]).mean().reindex(people).to_numpy(dtype=float)
    return shares


def _agreement(
    data: pd.DataFrame, distance: Distance, reasons: pd.Series[Any], limits: Limits
) -> pd.DataFrame:
    """Each person's agreement with those others who are themselves in no doubt.

    Who happens to share images with people who are not serious would seem to disagree. So those
    against whom something speaks do not count; and of those who disagree the half that does so
    most is taken out first, which may put the others right.
    """
    counted = reasons.index[reasons.map(len) == 0].tolist()
    if len(counted) < _FEWEST:
        counted = reasons.index.tolist()
    while True:
        agreed = agreement_with_others(data, distance, counted)
        doubtful = agreed.loc[counted, "agreement"][_disagrees(agreed, limits)[counted]]
        if doubtful.empty or len(counted) - len(doubtful) < _FEWEST:
            return agreed
        worst = doubtful.nsmallest(max(1, len(doubtful) // 2)).index
        counted = [person for person in counted if person not in worst]


def _disagrees(agreed: pd.DataFrame, limits: Limits) -> pd.Series[bool]:
    """Whether each person agrees much less with the others than most do."""
    least = limits.share * agreed["agreement"].median()
    return (agreed["agreement"] < least) & (agreed["compared"] >= limits.answers)


def _reasons(frame: pd.DataFrame, limits: Limits) -> pd.Series[Any]:
    """What each person's own answers say against them, in sentences."""
    usual = frame.median(numeric_only=True)
    found = [tuple(_against(row, usual, limits)) for _, row in frame.iterrows()]
    return pd.Series(found, index=frame.index, dtype=object)


def _against(row: pd.Series[Any], usual: pd.Series[float], limits: Limits) -> Iterator[str]:
    if row["high"] < limits.accuracy:
        yield f"{row['right']:.0f} of {row['controls']:.0f} controls right"
    if row["answers"] < limits.answers:
        return
    if row["pace"] < limits.pace:
        yield f"{row['seconds']:.1f} s an answer; half of the people take {usual['seconds']:.1f} s"
    for column, said in (("variety", "variety of the answers"), ("fresh", "texts not used before")):
        if row[column] < limits.share * usual[column]:
            yield _below(said, row[column], usual[column])


def _below(said: str, value: float, usual: float) -> str:
    return f"{said} {value:.0%}; half of the people reach {usual:.0%}"
