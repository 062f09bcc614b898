"""Draws labelled pictures in which a class and a planted cue go together as often as asked.

Methods 9, controlled biases: two classes that look alike, an injected cue, a strength, and the
counterfactual (the same picture with the cue swapped).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from netgloss.errors import DataError
from netgloss.scenes import vehicles
from netgloss.scenes.drawing import stream
from netgloss.scenes.plan import Plan
from netgloss.scenes.scene import Scene

__all__ = [
    "MIN_SIZE",
    "TASKS",
    "Bias",
    "Task",
    "counterfactual",
    "draw",
    "draw_many",
    "find_task",
    "plan_of",
]

MIN_SIZE = 32  # below it a stripe is thinner than a pixel


@dataclass(frozen=True)
class Task:
    """Two classes and the cues that can tell them apart.

    Args:
        name: What the user types.
        classes: The class that the cue belongs to, then the other.
        cues: Cue name to what it is.
        plan: Plans a picture from a seed, a cue and whether the cue is there.
    """

    name: str
    classes: tuple[str, str]
    cues: Mapping[str, str]
    plan: Callable[[int, str, bool], Plan]


TASKS = {"vehicles": Task("vehicles", vehicles.CLASSES, vehicles.CUES, vehicles.plan)}


@dataclass(frozen=True)
class Bias:
    """Which cue is planted, and how closely it follows the class.

    Args:
        cue: A cue of the task.
        strength: Share of the pictures, from 0 to 1, in which the cue tells the class; in the
            others a coin decides whether it is there.

    Raises:
        DataError: The strength is outside 0 to 1.

    Example:
        >>> Bias("stripe", 1.5)
        Traceback (most recent call last):
        netgloss.errors.DataError: bias 'stripe': strength 1.5 is not possible; give one from 0 to 1
    """

    cue: str
    strength: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise DataError(
                f"bias '{self.cue}': strength {self.strength:g} is not possible; "
                "give one from 0 to 1"
            )


def find_task(name: str) -> Task:
    """The task of that name.

    Raises:
        DataError: There is none.
    """
    if name not in TASKS:
        raise DataError(f"task '{name}' is not known; choose one of: {', '.join(TASKS)}")
    return TASKS[name]


def plan_of(task: str, label: str, seed: int, bias: Bias, *, swapped: bool = False) -> Plan:
    """The plan that :func:`draw` paints; see there for the arguments."""
    return find_task(task).plan(seed, bias.cue, _has_cue(task, label, seed, bias) != swapped)


def draw(task: str, label: str, seed: int, bias: Bias, *, size: int = 128) -> Scene:
    """One picture with its truth; the same arguments give the same picture.

    Args:
        task: A name of :data:`TASKS`.
        label: One of the task's classes.
        seed: Draws everything that varies. One seed gives the same picture for either label,
            up to the cue: nothing else tells the classes apart.
        bias: The planted cue and its strength.
        size: Side in pixels; 128 unless asked for.

    Raises:
        DataError: The task, the label or the cue is unknown, or the picture is too small.

    Example:
        >>> scene = draw("vehicles", "ambulance", 7, Bias("stripe"))
        >>> scene.image.shape, "orange stripe" in [entity.name for entity in scene.entities]
        ((128, 128, 3), True)
    """
    return _painted(task, label, seed, bias, size, swapped=False)


def counterfactual(task: str, label: str, seed: int, bias: Bias, *, size: int = 128) -> Scene:
    """The picture that :func:`draw` gives, with the cue swapped and the rest kept."""
    return _painted(task, label, seed, bias, size, swapped=True)


def draw_many(
    task: str, count: int, seed: int, bias: Bias, *, size: int = 128
) -> Iterator[tuple[int, Scene]]:
    """Pictures with their seeds, the classes in turn.

    Args:
        task: A name of :data:`TASKS`.
        count: How many, of all classes together.
        seed: Draws the seeds of the pictures; two sets with different seeds share none but by
            a chance of one in millions.
        bias: The planted cue and its strength.
        size: Side in pixels.
    """
    classes = find_task(task).classes
    seeds = stream(seed, "pictures").integers(2**62, size=count)
    for number, own in enumerate(seeds.tolist()):
        yield own, draw(task, classes[number % len(classes)], own, bias, size=size)


def _painted(task: str, label: str, seed: int, bias: Bias, size: int, *, swapped: bool) -> Scene:
    if size < MIN_SIZE:
        raise DataError(f"size {size}: too small to draw in; {MIN_SIZE} pixels or more are needed")
    cue = _has_cue(task, label, seed, bias) != swapped
    return find_task(task).plan(seed, bias.cue, cue).scene(label, cue, size)


def _has_cue(task: str, label: str, seed: int, bias: Bias) -> bool:
    """Whether the cue is there: as the class has it, or as a coin falls."""
    known = find_task(task)
    if label not in known.classes:
        raise DataError(
            f"task '{task}': class '{label}' is not known; choose one of: "
            f"{', '.join(known.classes)}"
        )
    if bias.cue not in known.cues:
        raise DataError(
            f"task '{task}': bias '{bias.cue}' is not known; choose one of: {', '.join(known.cues)}"
        )
    rng = stream(seed, "cue")
    follows, coin = rng.random() < bias.strength, rng.random() < 0.5
    return bool(label == known.classes[0] if follows else coin)
