"""Long tables of answers (person, unit, value) checked and said in numbers (methods 13)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from netgloss.errors import DataError

__all__ = ["Coded", "Floats", "code", "require_columns", "require_room", "sums"]

Floats = NDArray[np.float64]

_KEY = ("person", "unit", "value")
# Numbers that one dense array may hold: 512 MB.
_MOST_CELLS = 1 << 26


@dataclass(frozen=True, eq=False)
class Coded:
    """A long table in numbers; rows without a value are gone.

    Attributes:
        people: Every person with a value, sorted.
        units: Every unit with a value, sorted.
        values: Every distinct value, or all choices that there were; sorted where they can be.
        person: The number of each row's person, shape (row,).
        unit: The number of each row's unit, shape (row,).
        value: The number of each row's value, shape (row,).
        row: Where the row stood in the table, shape (row,).
    """

    people: list[Any]
    units: list[Any]
    values: list[Any]
    person: NDArray[np.intp]
    unit: NDArray[np.intp]
    value: NDArray[np.intp]
    row: NDArray[np.intp]


def code(
    data: pd.DataFrame,
    *,
    sets: bool = False,
    repeats: bool = False,
    choices: Collection[Any] | None = None,
) -> Coded:
    """The table's people, units and values as numbers.

    Args:
        data: Columns person, unit and value; a row whose value is missing counts as not there.
        sets: Whether a value is a collection of things said; an empty one says "nothing".
        repeats: Whether a person may answer a unit more than once.
        choices: All values that could have been chosen, in the order to keep; the values that
            occur when None.

    Raises:
        DataError: A column is missing, a person or unit is empty, a value is not what it should
            be, or somebody answers a unit twice though ``repeats`` is False.

    Example:
        >>> table = pd.DataFrame({"person": ["bo", "al"], "unit": [1, 1], "value": ["x", None]})
        >>> code(table).people
        ['bo']
    """
    require_columns(data, _KEY, "the answers")
    for column in ("person", "unit"):
        empty = np.flatnonzero(data[column].isna())
        if len(empty):
            raise DataError(
                f"the answers: row {data.index[empty[0]]} has no {column}; "
                "fill it in or leave the row out"
            )
    row = np.flatnonzero(data["value"].notna())
    kept = data.iloc[row]
    people, person = _numbered(kept["person"])
    units, unit = _numbered(kept["unit"])
    if not repeats:
        _refuse_repeats(kept, person * max(1, len(units)) + unit)
    values, value = _value_numbers(kept, sets, choices)
    return Coded(people, units, values, person, unit, value, row)


def sums(number: NDArray[np.intp], weights: Floats, size: int) -> Floats:
    """The sum of the weights of each number from 0 to ``size`` - 1, shape (size,).

    Args:
        number: Whose each weight is, shape (row,).
        weights: What is summed, shape (row,).
        size: How many numbers there are.

    Example:
        >>> sums(np.array([0, 2, 2]), np.array([1.0, 0.5, 0.25]), 4).tolist()
        [1.0, 0.0, 0.75, 0.0]
    """
    # The stubs of NumPy promise integers, whatever the weights are.
    return np.bincount(number, weights=weights, minlength=size).astype(np.float64, copy=False)


def require_columns(data: pd.DataFrame, columns: Iterable[str], what: str) -> None:
    """Checks that the table has these columns.

    Args:
        data: The table.
        columns: Names of columns.
        what: What the table is, for the message.

    Raises:
        DataError: One is missing.
    """
    missing = [name for name in columns if name not in data.columns]
    if missing:
        raise DataError(
            f"{what}: column {missing[0]!r} is missing; "
            f"the columns are {', '.join(map(repr, data.columns)) or 'none'}"
        )


def require_room(cells: int, what: str, instead: str) -> None:
    """Checks that a dense array of this many numbers is sensible to make.

    Args:
        cells: How many numbers it would hold.
        what: What it is, for the message.
        instead: How to do with less.

    Raises:
        DataError: It would take more than 512 MB.
    """
    if cells > _MOST_CELLS:
        raise DataError(f"{what} would hold {cells:.2g} numbers, over 512 MB; {instead}")


def _numbered(column: pd.Series[Any]) -> tuple[list[Any], NDArray[np.intp]]:
    """The distinct entries in order, and the number of each row's."""
    codes, found = pd.factorize(column)
    order = _sorted(list(found))
    place = np.empty(len(found), dtype=np.intp)
    place[order] = np.arange(len(found))
    entries = found.tolist()
    return [entries[number] for number in order], place[codes]


def _sorted(entries: Sequence[Any]) -> list[int]:
    """The entries' numbers in rising order; of several kinds, one kind after the other."""
    numbers = list(range(len(entries)))
    try:
        return sorted(numbers, key=lambda number: entries[number])
    except TypeError:
        return sorted(numbers, key=lambda n: (type(entries[n]).__name__, repr(entries[n])))


def _value_numbers(
    kept: pd.DataFrame, sets: bool, choices: Collection[Any] | None
) -> tuple[list[Any], NDArray[np.intp]]:
    column = kept["value"]
    if sets:
        said = np.empty(len(column), dtype=object)
        said[:] = [_as_set(value, label) for label, value in column.items()]
        codes, found = pd.factorize(said)
        return list(found), codes
    if isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered and choices is None:
        choices = column.dtype.categories.tolist()
    if choices is None:
        _refuse_collections(column)
        return _numbered(column)
    place = {value: number for number, value in enumerate(choices)}
    for label, value in column.items():
        if value not in place:
            raise DataError(
                f"the answers: row {label} has the value {value!r}, which is not a choice; "
                f"the choices are {', '.join(map(repr, place))}"
            )
    return list(place), np.array([place[value] for value in column], dtype=np.intp)


def _as_set(value: Any, label: Any) -> frozenset[Any]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise DataError(
            f"the answers: row {label} has the value {value!r}; "
            "a collection of words was expected, empty where nothing was said"
        )
    return frozenset(value)


def _refuse_collections(column: pd.Series[Any]) -> None:
    for label, value in column.items():
        if isinstance(value, Iterable) and not isinstance(value, str | bytes):
            raise DataError(
                f"the answers: row {label} has the value {value!r}, a collection; "
                "a single value was expected (for sets choose the distance jaccard or masi)"
            )


def _refuse_repeats(kept: pd.DataFrame, cells: NDArray[np.intp]) -> None:
    again = np.flatnonzero(pd.Series(cells).duplicated())
    if len(again):
        first = kept.iloc[again[0]]
        raise DataError(
            f"the answers: row {kept.index[again[0]]} is a second answer of person "
            f"{first['person']!r} to unit {first['unit']!r}; keep one, or join both to one set"
        )
