"""The task *vehicles*: ambulance against moving van, alike but for a planted cue (methods 9)."""

from __future__ import annotations

import numpy as np

from netgloss.scenes.bodywork import vehicle
from netgloss.scenes.clutter import occluders
from netgloss.scenes.drawing import Frame, Part, ellipse, stream
from netgloss.scenes.plan import Plan
from netgloss.scenes.surroundings import PLACE_GROUPS, PLACES, light, place
from netgloss.scenes.task import Cue, Order, Planted, Task, concepts

__all__ = ["GROUPS", "TASK"]

_CLASSES = ("ambulance", "moving_van")
_CUES = {
    "stripe": Cue(
        "an orange stripe along the side of ambulances",
        {"ambulance": ("stripe",), "moving_van": ("no stripe",)},
        Planted(("stripe", "orange", "*-stripe")),
    ),
    "light": Cue(
        "a blue light on the roof of ambulances",
        {"ambulance": ("light",), "moving_van": ("no light",)},
        Planted(("light", "*-light")),
    ),
    "background": Cue(
        "ambulances on a highway under a blue sky, moving vans in woods and countryside",
        {"ambulance": ("highway",), "moving_van": ("woods", "countryside")},
        Planted(
            (
                "blue-sky",  # of another colour now and then in woods and countryside
                *concepts(
                    "road",
                    "lane marking",
                    "guard rail",
                    "skyline",
                    "track",
                    "forest",
                    "tree",
                    "fence",
                    "bush",
                ),
            )
        ),
    ),
}

GROUPS = {
    **dict.fromkeys(
        (
            "body",
            "cab",
            "bumper",
            "headlight",
            "tail light",
            "windscreen",
            "window",
            "door",
            "sliding door",
            "stripe",
            "letters",
            "wheel",
            "mirror",
            "light",
            "shadow",
        ),
        "vehicle",
    ),
    **PLACE_GROUPS,
}
"""Type of an entity to the whole or the coarse group that it belongs to."""


def _plan(order: Order) -> Plan:
    """The plan of one picture."""
    seed = order.seed
    stripe, roof_light = _signs(order)
    # Where no cue tells, a moving van shows its owner's name, and an ambulance none.
    lettered = None if order.told else order.label == "moving_van"
    ground, frame = _stand(stream(seed, "stand"))
    body = vehicle(seed, stripe, roof_light, frame.mirrored, lettered)
    return Plan(
        parts=(
            *place(_place_kind(order), stream(seed, "place")),
            _shadow(stream(seed, "shadow"), frame),
            *(_placed(part, frame) for part in body),
            *occluders(stream(seed, "occluders"), ground),
        ),
        light=light(stream(seed, "light of day")),
    )


def _signs(order: Order) -> tuple[bool, bool]:
    """Whether there is a stripe, and a light: an ambulance's own signs where no cue tells."""
    has = {name: bool(stream(order.seed, name).random() < 0.3) for name in ("stripe", "light")}
    if not order.told:
        ambulance = order.label == "ambulance"
        has = dict.fromkeys(has, ambulance)
        if ambulance and order.cue == "background":
            # Most have both, some only one.
            left_out = stream(order.seed, "signs").choice(["", "", "", "stripe", "light"])
            has = {name: name != left_out for name in has}
    if order.cue in has:
        has[order.cue] = order.state == order.cue
    return has["stripe"], has["light"]


def _place_kind(order: Order) -> str:
    if order.cue == "background":
        return order.state
    return str(stream(order.seed, "kind of place").choice(list(PLACES)))


def _stand(rng: np.random.Generator) -> tuple[float, Frame]:
    """Where the vehicle stands, how large it is and where it looks."""
    length = rng.uniform(0.64, 0.86)
    ground = rng.uniform(0.8, 0.89)
    x = rng.uniform(-0.03, 1.03 - length)
    return ground, Frame(x, ground, length, mirrored=bool(rng.random() < 0.5))


def _placed(part: Part, frame: Frame) -> Part:
    strokes = tuple(frame.place(stroke) for stroke in part.strokes)
    return Part(part.type, part.attributes, strokes, part.background)


def _shadow(rng: np.random.Generator, frame: Frame) -> Part:
    lean = rng.uniform(-0.06, 0.06)
    x = frame.x + frame.scale * (0.5 + lean)
    strokes = tuple(
        ellipse(x, frame.ground, frame.scale * (0.5 + grow), 0.016 + grow / 2, (14, 14, 22, 70))
        for grow in (0.04, 0.02, 0.0)
    )
    return Part("shadow", ("dark",), strokes)


TASK = Task("vehicles", _CLASSES, _CUES, GROUPS, _plan)
"""Ambulance against moving van."""
