"""A game that is over, in the answer format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from netgloss.answers.format import answer_id
from netgloss.answers.games import Game
from netgloss.server.play.game import Course

if TYPE_CHECKING:
    from netgloss.server.tasks.models import Assignment

__all__ = ["to_game"]


def to_game(assignment: Assignment) -> Game:
    """The game under the player's pseudonym; the study need not hold its map any more.

    Args:
        assignment: Answered, of the task ``play``, with its item and person at hand.
    """
    course = cast(Course, assignment.course)
    answer = cast("dict[str, Any]", assignment.answer)
    return Game(
        answer=answer_id("server", str(assignment.pk)),
        person=assignment.person.pseudonym,
        image=assignment.image,
        evidence=assignment.item.evidence,
        target=course["target"],
        truth=course["truth"],
        guess=answer["guess"],
        outcome=answer["outcome"],
        hints=answer["hints"],
        points=answer["points"] + answer["bonus"],
        tags=tuple(answer["tags"]),
        seconds=round(assignment.seconds, 1),
        control=assignment.control,
        passed=assignment.passed,
        source="server",
    )
