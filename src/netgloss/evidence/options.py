"""Checks the options that methods share, and says what they may be."""

from __future__ import annotations

import math
from collections.abc import Sequence

from netgloss.errors import OptionError

__all__ = ["check_at_least_zero", "check_choice", "check_whole"]


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
