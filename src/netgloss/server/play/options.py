"""What the organiser can set in the game besides what every task has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from netgloss.answers.rules import STREAK_MOST, STREAK_STEP
from netgloss.server.tasks.models import Task
from netgloss.server.typed import malformed

__all__ = ["Options", "check_options", "options_of"]


class Options(BaseModel):
    """Settings of the game.

    Attributes:
        levels: Whether players choose how hard a game is, by the weight of its map.
        control: Which game is the first control: the ``third``, as in the thesis, or one of the
            second to fifth, drawn for each player (``random``), so that it cannot be foreseen.
        streak_step: Points that each win in a row adds.
        streak_most: How many wins in a row count.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    levels: bool = False
    control: Literal["third", "random"] = "third"
    streak_step: Annotated[int, Field(ge=0, le=1000)] = STREAK_STEP
    streak_most: Annotated[int, Field(ge=0, le=100)] = STREAK_MOST


def check_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """All settings as they are stored, those that are left out with what the thesis has.

    Args:
        options: What the organiser sent.

    Raises:
        RequestError: 422 ``malformed``, with ``where``.

    Example:
        >>> check_options({"levels": True})["control"]
        'third'
    """
    try:
        return Options.model_validate(dict(options)).model_dump()
    except ValidationError as fault:
        raise malformed(fault) from fault


def options_of(task: Task) -> Options:
    """The settings of a task."""
    return Options.model_validate(task.options)
