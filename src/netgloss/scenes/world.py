"""Draws labelled pictures in which a class and a planted cue go together as often as asked.

Methods 9, controlled biases: the cue tells the class in a share of the pictures (the strength),
and the counterfactual is the same picture with the cue swapped.
"""

from __future__ import annotations

from netgloss.errors import DataError, OptionError
from netgloss.scenes import fish, pedestrians, vehicles
from netgloss.scenes.drawing import stream
from netgloss.scenes.plan import Plan
from netgloss.scenes.scene import Scene
from netgloss.scenes.task import Bias, Order, Task

__all__ = [
    "MIN_SIZE",
    "TASKS",
    "check",
    "counterfactual",
    "draw",
    "find_task",
    "order_of",
    "plan_of",
]

MIN_SIZE = 64  # below it the digits of a date stamp run into one another

TASKS = {task.name: task for task in (pedestrians.TASK, fish.TASK, vehicles.TASK)}


def find_task(name: str) -> Task:
    """The task of that name.

    Raises:
        OptionError: There is none.
    """
    if name not in TASKS:
        raise OptionError(f"task '{name}' is not known; choose one of: {', '.join(TASKS)}")
    return TASKS[name]


def check(task: str, bias: Bias, size: int) -> None:
    """Refuses what cannot be drawn, before anything is.

    Raises:
        OptionError: The task or the cue is unknown, or the picture too small.
    """
    find_task(task).cue(bias.cue)
    if size < MIN_SIZE:
        raise OptionError(
            f"size {size}: too small to draw in; {MIN_SIZE} pixels or more are needed"
        )


def order_of(task: str, label: str, seed: int, bias: Bias, *, swapped: bool = False) -> Order:
    """What :func:`draw` draws, or :func:`counterfactual` if swapped; see there."""
    known = find_task(task)
    cue = known.cue(bias.cue)
    if label not in known.classes:
        raise DataError(
            f"task '{task}': class '{label}' is not known; choose one of: "
            f"{', '.join(known.classes)}"
        )
    rng = stream(seed, "cue")
    told = bool(rng.random() < bias.strength)
    owner = label if told else str(rng.choice(known.classes))
    state = str(rng.choice(cue.states[owner]))
    if swapped:
        others = [name for name in known.classes if name != owner]
        owner = others[int(rng.integers(len(others)))]
        state = str(rng.choice(cue.states[owner]))
    return Order(seed, label, bias.cue, state, told)


def plan_of(task: str, label: str, seed: int, bias: Bias, *, swapped: bool = False) -> Plan:
    """The plan that :func:`draw` paints; see there for the arguments."""
    return find_task(task).plan(order_of(task, label, seed, bias, swapped=swapped))


def draw(task: str, label: str, seed: int, bias: Bias, *, size: int = 128) -> Scene:
    """One picture with its truth; the same arguments give the same picture.

    Args:
        task: A name of :data:`TASKS`.
        label: One of the task's classes.
        seed: Draws everything that varies.
        bias: The planted cue and its strength.
        size: Side in pixels; 128 unless asked for.

    Raises:
        OptionError: The task or the cue is unknown, or the picture is too small.
        DataError: The task has no such class.

    Example:
        >>> scene = draw("vehicles", "ambulance", 7, Bias("stripe"))
        >>> scene.image.shape, "orange stripe" in [entity.name for entity in scene.entities]
        ((128, 128, 3), True)
    """
    return _painted(task, label, seed, bias, size, swapped=False)


def counterfactual(task: str, label: str, seed: int, bias: Bias, *, size: int = 128) -> Scene:
    """The picture that :func:`draw` gives, with the cue as another class has it, and no more."""
    return _painted(task, label, seed, bias, size, swapped=True)


def _painted(task: str, label: str, seed: int, bias: Bias, size: int, *, swapped: bool) -> Scene:
    check(task, bias, size)
    order = order_of(task, label, seed, bias, swapped=swapped)
    known = find_task(task)
    return known.plan(order).scene(label, order.state, size, known.groups)
