"""Checks the options that methods share, and tells those that decide the maps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from netgloss.errors import OptionError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = [
    "check_at_least_zero",
    "check_choice",
    "check_names",
    "check_score",
    "check_whole",
    "deciding",
]

_SCORES = ("logit", "probability")
_SPEED_ALONE = ("batch_size",)


def deciding(method: DataclassInstance) -> dict[str, Any]:
    """The options of a method that decide its maps, for JSON; what only affects speed is left out.

    Args:
        method: A dataclass whose fields are its options.
    """
    return {key: value for key, value in asdict(method).items() if key not in _SPEED_ALONE}


def check_whole(method: str, option: str, value: object, least: int) -> None:
    """Passes when the value is a whole number of ``least`` or more.

    Raises:
        OptionError: It is not.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise OptionError(
            f"{method}: {option} must be a whole number of {least} or more, not {value!r}"
        )


def check_at_least_zero(method: str, option: str, value: object) -> None:
    """Passes when the value is a finite number of 0 or more.

    Raises:
        OptionError: It is not.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not (math.isfinite(value) and value >= 0)
    ):
        raise OptionError(f"{method}: {option} must be a number of 0 or more, not {value!r}")


def check_choice(method: str, option: str, value: object, choices: Sequence[str]) -> None:
    """Passes when the value is one of the choices.

    Raises:
        OptionError: It is not.
    """
    if value not in choices:
        raise OptionError(f"{method}: {option} must be one of {', '.join(choices)}, not {value!r}")


def check_names(method: str, option: str, value: object) -> None:
    """Passes when the value is a list of names, none twice.

    Raises:
        OptionError: It is not.
    """
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    names = list(value) if isinstance(value, Sequence) and listed else []
    if not names or not all(isinstance(name, str) and name for name in names):
        raise OptionError(f"{method}: {option} must be a list of names, not {value!r}")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise OptionError(f"{method}: {option} names {twice!r} twice")


def check_score(method: str, value: object) -> None:
    """Passes when the value names a score that gradients can be taken of.

    Raises:
        OptionError: It does not.
    """
    check_choice(method, "score", value, _SCORES)
