"""One game, from the first picture to its end: pure functions from (course, action) to course.

Thesis, section 4.4.1 (Gameplay), with the decisions of methods 7. A course is what the server
keeps of a game while it is played. Nobody else writes to it: what a page sends is an action, and
whatever else stands in its body is not looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from random import Random
from typing import Any, Literal, TypedDict

from pydantic import Field, ValidationError

from netgloss.answers.rules import MOST_HINTS, OPTIONS, draw_options, outcome, points
from netgloss.server.errors import RequestError
from netgloss.server.typed import Strict, Word, distinct, malformed
from netgloss.words.tags import split

__all__ = ["MOST_TAGS", "Course", "Ended", "Phase", "begin", "check_tags", "class_of", "end"]
__all__ += ["phase", "take"]

MOST_TAGS = 20
"""Tags of a game."""

Phase = Literal["guess", "tag", "over"]


class Course(TypedDict):
    """How a game went so far.

    Attributes:
        options: The classes to choose from, in the order shown.
        hints: Asked for so far.
        guess: The class that the player named; None before.
        target: The class that the map was made for.
        truth: The image's true class; None where nobody knows it.
    """

    options: list[str]
    hints: int
    guess: str | None
    target: str
    truth: str | None


class Ended(TypedDict):
    """What is kept of a game that is over, but for the streak that it belongs to."""

    tags: list[str]
    resigned: bool
    guess: str | None
    right: bool
    outcome: str
    hints: int
    points: int


class _Choice(Strict):
    option: int


class _Said(Strict):
    tags: list[Word] = Field(default_factory=list, max_length=MOST_TAGS)
    resign: bool = False


def begin(target: str, truth: str | None, classes: Collection[str], rng: Random) -> Course:
    """A new game about a map.

    Where the network took the image for something else, both classes are among the options.

    Args:
        target: The class that the map was made for.
        truth: The image's true class; None where nobody knows it.
        classes: All classes of the study.
        rng: The dice.
    """
    answer = target if truth is None else truth
    options = draw_options(answer, target, classes, OPTIONS, rng)
    return Course(options=options, hints=0, guess=None, target=target, truth=truth)


def class_of(course: Course) -> str:
    """The class to name: what the image shows where that is known, else what it was taken for."""
    return course["target"] if course["truth"] is None else course["truth"]


def phase(course: Course, is_over: bool) -> Phase:
    """What there is to do: ``guess``, then ``tag``, then nothing any more.

    Args:
        course: The game.
        is_over: Whether its answer is kept.
    """
    if is_over:
        return "over"
    return "guess" if course["guess"] is None else "tag"


def take(course: Course, action: str, body: Mapping[str, Any]) -> Course:
    """The course after an action.

    Args:
        course: Before it; not changed.
        action: ``hint``, or ``guess`` with the number of an option.
        body: What the page sent along.

    Raises:
        RequestError: 404 ``unknown`` action; 409 ``too_late`` after the guess, ``no_hints`` after
            the last; 422 ``malformed``, with ``where``.

    Example:
        >>> game = begin("tench", None, ["tench", "lobster"], Random(1))
        >>> take(game, "hint", {})["hints"]
        1
    """
    if action not in ("hint", "guess"):
        raise RequestError(404, "unknown", f"There is no action {action!r} in this game.")
    if course["guess"] is not None:
        raise RequestError(409, "too_late", "You have made your guess in this game; it stands.")
    return _shown_more(course) if action == "hint" else _named(course, body)


def check_tags(body: Any) -> dict[str, Any]:
    """Tags that are being typed, as they are kept until they are sent.

    Args:
        body: What the page sent.

    Raises:
        RequestError: 422 ``malformed``, with ``where``.

    Example:
        >>> check_tags({"tags": ["red  stripe", "Red stripe", "..."], "points": 9000})
        {'tags': ['red stripe']}
    """
    return {"tags": _tags(_read(body))}


def end(course: Course, body: Any) -> Ended:
    """The game as it is kept once it is over.

    Args:
        course: The game.
        body: ``{"tags": [...]}`` after a guess, or ``{"resign": true}`` before one.

    Raises:
        RequestError: 409 ``guess_first``; 409 ``too_late`` to resign after the guess, or
            ``hints_left`` before the last hint; 422 ``malformed``, with ``where``.
    """
    said = _read(body)
    if said.resign:
        _require_resignable(course, said)
    elif course["guess"] is None:
        raise RequestError(409, "guess_first", "Please guess first what the picture shows.")
    tags, answer = _tags(said), class_of(course)
    right = course["guess"] == answer
    return Ended(
        tags=tags,
        resigned=said.resign,
        guess=course["guess"],
        right=right,
        outcome=outcome(course["guess"], answer).value,
        hints=course["hints"],
        points=points(right, course["hints"], tagged=bool(tags)),
    )


def _shown_more(course: Course) -> Course:
    if course["hints"] >= MOST_HINTS:
        raise RequestError(409, "no_hints", "There is nothing more to show: please guess.")
    return Course({**course, "hints": course["hints"] + 1})


def _named(course: Course, body: Mapping[str, Any]) -> Course:
    try:
        option = _Choice.model_validate(body).option
    except ValidationError as fault:
        raise malformed(fault) from fault
    if not 0 <= option < len(course["options"]):
        last = len(course["options"]) - 1
        raise RequestError(
            422, "malformed", f"option: there are 0 to {last} to choose from.", where="option"
        )
    return Course({**course, "guess": course["options"][option]})


def _require_resignable(course: Course, said: _Said) -> None:
    if course["guess"] is not None:
        raise RequestError(409, "too_late", "You have made your guess in this game; it stands.")
    if course["hints"] < MOST_HINTS:
        raise RequestError(
            409, "hints_left", f"You can resign once you have seen all {MOST_HINTS} hints."
        )
    if said.tags:
        raise RequestError(
            422, "malformed", "tags: there are none in a game that is given up.", where="tags"
        )


def _read(body: Any) -> _Said:
    try:
        return _Said.model_validate(body)
    except ValidationError as fault:
        raise malformed(fault) from fault


def _tags(said: _Said) -> list[str]:
    """The tags with a word in them, each once: one of mere dots says nothing and earns nothing."""
    return distinct(tag for tag in said.tags if split(tag))
