"""What filled-in questionnaires amount to: scores, intervals, Cronbach's α (methods 12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from netgloss.errors import DataError, OptionError
from netgloss.evaluation.long_format import Floats, require_columns
from netgloss.evaluation.questionnaires import Questionnaire

__all__ = ["Missing", "Scores", "Summary", "cronbach_alpha", "score", "summarise"]

Missing = Literal["middle", "drop"]


@dataclass(frozen=True)
class Summary:
    """What many numbers amount to.

    Attributes:
        n: How many there are.
        mean: Their mean; NaN without any.
        sd: Their standard deviation (n - 1); NaN with fewer than two.
        low: Lower end of the t interval of the mean; NaN with fewer than two.
        high: Its upper end. Both may lie outside the scale where few people answered.
    """

    n: int
    mean: float
    sd: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Scores:
    """What a questionnaire says.

    Attributes:
        questionnaire: Which one.
        people: One row a person that counts: ``score``, and how many items were ``missing``.
        items: One row an item: n, mean, sd, low, high of the values as chosen, by those who chose.
        summary: Of the people's scores.
        cronbach_alpha: How well the items measure one thing, over the people who left nothing
            out; NaN where it is not defined.
        imputed: How many values were missing and counted as the middle of the scale.
        dropped: How many people were left out since they left items out.
    """

    questionnaire: Questionnaire
    people: pd.DataFrame
    items: pd.DataFrame
    summary: Summary
    cronbach_alpha: float
    imputed: int
    dropped: int


def score(
    questionnaire: Questionnaire,
    responses: pd.DataFrame,
    *,
    missing: Missing = "middle",
    confidence: float = 0.95,
) -> Scores:
    """Scores a questionnaire.

    Args:
        questionnaire: Which one; see :data:`~netgloss.evaluation.questionnaires.QUESTIONNAIRES`.
        responses: Columns person, item and value; an item without a row or a value was left out.
        missing: ``middle`` counts an item left out as the middle of the scale, ``drop`` leaves
            the person out.
        confidence: Of the intervals.

    Raises:
        DataError: The table lacks a column, names another item, answers one twice, or has a
            value that is not on the scale.
        OptionError: ``missing`` is another word, or the confidence is out of range.

    Source:
        Methods 12: SUS odd items x - 1, even items 5 - x, times 2.5; raw NASA-TLX mean times 10.

    Example:
        >>> from netgloss.evaluation.questionnaires import SUS
        >>> best = pd.DataFrame({"person": "al", "item": SUS.names, "value": [5, 1] * 5})
        >>> score(SUS, best).people["score"].to_dict()
        {'al': 100.0}
    """
    if missing not in get_args(Missing):
        raise OptionError(f"missing {missing!r} is not known; use middle or drop")
    chosen = _wide(questionnaire, responses)
    table = chosen.to_numpy(dtype=np.float64)
    gaps = np.isnan(table)
    kept = ~gaps.any(axis=1) if missing == "drop" else np.full(len(table), True)
    oriented = _oriented(questionnaire, np.where(gaps, questionnaire.middle, table))
    scores = questionnaire.bottom + oriented.mean(axis=1) * (
        questionnaire.top - questionnaire.bottom
    )
    people = pd.DataFrame({"score": scores, "missing": gaps.sum(axis=1)}, index=chosen.index)
    by_item = [
        vars(summarise(column[~gap], confidence))
        for column, gap in zip(table[kept].T, gaps[kept].T, strict=True)
    ]
    return Scores(
        questionnaire=questionnaire,
        people=people[kept],
        items=pd.DataFrame(by_item, index=pd.Index(questionnaire.names, name="item")),
        summary=summarise(scores[kept], confidence),
        cronbach_alpha=cronbach_alpha(oriented[~gaps.any(axis=1)]),
        imputed=int(gaps[kept].sum()),
        dropped=int((~kept).sum()),
    )


def summarise(values: Floats, confidence: float = 0.95) -> Summary:
    """How many there are, their mean, standard deviation and t interval.

    Args:
        values: Numbers, shape (person,).
        confidence: Of the interval.

    Raises:
        OptionError: The confidence is not between 0 and 1.

    Source:
        Methods 12: mean ± t(n - 1) sd / √n.

    Example:
        >>> found = summarise(np.array([70.0, 80.0, 90.0]))
        >>> found.mean, found.sd, round(found.low, 1), round(found.high, 1)
        (80.0, 10.0, 55.2, 104.8)
    """
    # scipy.stats has the interval, but takes a second to import.
    from scipy.special import stdtrit

    if not 0 < confidence < 1:
        raise OptionError(f"confidence {confidence}: give a number between 0 and 1")
    n = len(values)
    mean = float(values.mean()) if n else float("nan")
    if n < 2:
        return Summary(n, mean, *[float("nan")] * 3)
    sd = float(values.std(ddof=1))
    half = float(stdtrit(n - 1, (1 + confidence) / 2)) * sd / n**0.5
    return Summary(n, mean, sd, mean - half, mean + half)


def cronbach_alpha(items: Floats) -> float:
    """How well items measure one thing: 1 where all rise and fall together, about 0 where none do.

    Args:
        items: One column an item, all pointing the same way, shape (person, item).

    Returns:
        NaN with fewer than two people or items, or where all people have the same sum.

    Source:
        Cronbach (1951): k/(k-1) · (1 - Σ var(item) / var(sum)).

    Example:
        >>> round(cronbach_alpha(np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 4.0]])), 3)
        0.923
    """
    people, count = items.shape
    if people < 2 or count < 2:
        return float("nan")
    whole = float(items.sum(axis=1).var(ddof=1))
    # Rounding leaves a trace of a variance where all sums are the same.
    if whole <= 1e-12 * float((items**2).mean()):
        return float("nan")
    return float(count / (count - 1) * (1 - items.var(axis=0, ddof=1).sum() / whole))


def _wide(questionnaire: Questionnaire, responses: pd.DataFrame) -> pd.DataFrame:
    """One row a person, one column an item; NaN where it was left out."""
    require_columns(responses, ("person", "item", "value"), "the responses")
    for label, item in responses["item"].items():
        if item not in questionnaire.names:
            raise DataError(
                f"the responses: row {label} answers {item!r}, which is no item of "
                f"{questionnaire.name}; its items are {', '.join(questionnaire.names)}"
            )
    twice = responses.duplicated(["person", "item"])
    if twice.any():
        first = responses[twice].iloc[0]
        raise DataError(
            f"the responses: row {twice.idxmax()} is a second answer of person "
            f"{first['person']!r} to {first['item']!r}; keep one"
        )
    if responses["person"].isna().any():
        row = responses["person"].isna().idxmax()
        raise DataError(f"the responses: row {row} has no person; fill it in or leave it out")
    _check_values(questionnaire, responses)
    wide = responses.pivot(index="person", columns="item", values="value")
    return wide.reindex(columns=list(questionnaire.names)).astype("float64")


def _check_values(questionnaire: Questionnaire, responses: pd.DataFrame) -> None:
    allowed = set(questionnaire.values)
    for label, value in responses["value"].dropna().items():
        if isinstance(value, str) or float(value) not in allowed:
            raise DataError(
                f"the responses: row {label} has the value {value!r}; {questionnaire.name} takes "
                f"numbers from {questionnaire.lowest:g} to {questionnaire.highest:g} "
                f"in steps of {questionnaire.step:g}"
            )


def _oriented(questionnaire: Questionnaire, table: Floats) -> Floats:
    """Each value as the share of the scale that it adds to the score, in [0, 1]."""
    share = (table - questionnaire.lowest) / (questionnaire.highest - questionnaire.lowest)
    against = np.array([item.is_reversed for item in questionnaire.items])
    oriented: Floats = np.where(against, 1 - share, share)
    return oriented
