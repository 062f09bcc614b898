"""The task *fish*: lobster, great white shark and tench, each at home somewhere (methods 9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from netgloss.scenes.animals import Pose
from netgloss.scenes.dishes import PLATE_GROUPS, plate
from netgloss.scenes.drawing import Part, polygon, stream
from netgloss.scenes.lobster import LOBSTER_TYPES, lobster
from netgloss.scenes.meadows import MEADOW_GROUPS, meadow
from netgloss.scenes.plan import Plan
from netgloss.scenes.shapes import oval, shifted
from netgloss.scenes.shark import SHARK_TYPES, shark
from netgloss.scenes.surroundings import light
from netgloss.scenes.task import Cue, Order, Planted, Task, concepts
from netgloss.scenes.tench import TENCH_TYPES, tench
from netgloss.scenes.waters import SEA_GROUPS, sea

__all__ = ["GROUPS", "LARGE", "SMALL", "TASK"]

_CLASSES = ("lobster", "great_white_shark", "tench")
_CUES = {
    "background": Cue(
        "great white sharks in the sea, tench on a meadow, lobsters on a plate",
        {"great_white_shark": ("sea",), "tench": ("meadow",), "lobster": ("plate",)},
        Planted(concepts(*SEA_GROUPS, *MEADOW_GROUPS, *PLATE_GROUPS)),
    ),
}

GROUPS = {
    **dict.fromkeys(LOBSTER_TYPES, "lobster"),
    **dict.fromkeys(SHARK_TYPES, "shark"),
    **dict.fromkeys(TENCH_TYPES, "tench"),
    **SEA_GROUPS,
    **MEADOW_GROUPS,
    **PLATE_GROUPS,
    # In every place, so that it belongs to none of them.
    "shadow": "shadow",
}
"""Type of an entity to the whole or the coarse group that it belongs to."""

SMALL, LARGE = (0.14, 0.22), (0.55, 0.85)
"""Length of an animal in the picture: where the background tells the class, and where not."""

_Hidden = tuple[float, float, float] | None
_ANIMALS: Mapping[str, Callable[[np.random.Generator], list[Part]]] = {
    "lobster": lobster,
    "great_white_shark": shark,
    "tench": tench,
}
_PLACES: Mapping[str, Callable[[np.random.Generator, _Hidden], tuple[list[Part], list[Part]]]] = {
    "sea": sea,
    "meadow": meadow,
    "plate": plate,
}
_SHADES = {"sea": 20, "meadow": 62, "plate": 48}


def _plan(order: Order) -> Plan:
    """The plan of one picture."""
    seed = order.seed
    pose = _pose(stream(seed, "pose"), order)
    hidden = _hidden(stream(seed, "hidden"), pose)
    behind, before = _PLACES[order.state](stream(seed, f"look of the {order.state}"), hidden)
    return Plan(
        parts=(
            *behind,
            _shadow(order, pose),
            *pose.placed(_ANIMALS[order.label](stream(seed, "animal"))),
            *before,
        ),
        light=light(stream(seed, "light of day")),
    )


def _pose(rng: np.random.Generator, order: Order) -> Pose:
    """Where the animal is, how large and how it holds itself."""
    smallest, largest = SMALL if order.told else LARGE
    length = rng.uniform(smallest, largest)
    spread = 0.5 - 0.62 * length
    x, y = 0.5 + spread * 0.8 * rng.uniform(-1, 1, 2)
    swing, bend = rng.normal(0, 1, 2)
    pose = Pose(float(x), float(y), float(length), mirrored=bool(rng.random() < 0.5))
    if order.label == "lobster":
        return replace(pose, turn=rng.uniform(0, 2 * np.pi), bend=float(0.3 * bend))
    steep = 0.16 if order.label == "great_white_shark" else 0.26
    return replace(pose, turn=float(steep * swing), bend=float(0.22 * bend))


def _hidden(rng: np.random.Generator, pose: Pose) -> _Hidden:
    """Where something covers the animal, and how large that is: often nowhere."""
    if rng.random() > 0.45:
        return None
    ((x, y),) = pose.place([(rng.uniform(-0.45, 0.3), rng.uniform(-0.08, 0.08))]).tolist()
    return x, y, pose.length * rng.uniform(0.09, 0.14)


def _shadow(order: Order, pose: Pose) -> Part:
    """A soft shade under the animal, and under a lobster's body rather than its claws."""
    middle, reach = (-0.13, 0.31) if order.label == "lobster" else (0.0, 0.43)
    strokes = []
    for grow in (0.01, 0.05):
        under = pose.place(oval(middle, 0, reach + grow, 0.1 + grow, count=20))
        under = shifted(under, 0.02 * pose.length, 0.06 * pose.length)
        strokes.append(polygon(under, (10, 14, 22, _SHADES[order.state])))
    return Part("shadow", ("dark",), tuple(strokes), background=True)


TASK = Task("fish", _CLASSES, _CUES, GROUPS, _plan)
"""Lobster, great white shark and tench."""
