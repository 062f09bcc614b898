"""The task *vehicles*: ambulance against moving van, alike but for a planted cue (methods 9)."""

from __future__ import annotations

import numpy as np

from netgloss.scenes.bodywork import vehicle
from netgloss.scenes.clutter import occluders
from netgloss.scenes.drawing import Frame, Part, ellipse, stream
from netgloss.scenes.plan import Plan
from netgloss.scenes.surroundings import light, place

__all__ = ["CLASSES", "CUES", "plan"]

CLASSES = ("ambulance", "moving_van")
CUES = {
    "stripe": "an orange stripe along the side",
    "light": "a blue light on the roof",
    "background": "a highway under a blue sky, against woods and countryside",
}


def plan(seed: int, cue: str, present: bool) -> Plan:
    """The plan of one picture.

    Args:
        seed: Draws everything but the cue.
        cue: One of :data:`CUES`; the other two vary at random.
        present: Whether the cue is in the state that belongs to the ambulance.
    """
    has = {name: bool(stream(seed, name).random() < 0.3) for name in ("stripe", "light")}
    has |= {cue: present}
    ground, frame = _stand(stream(seed, "stand"))
    body = vehicle(seed, has["stripe"], has["light"], frame.mirrored)
    return Plan(
        parts=(
            *place(_place_kind(seed, cue, present), stream(seed, "place")),
            _shadow(stream(seed, "shadow"), frame),
            *(_placed(part, frame) for part in body),
            *occluders(stream(seed, "occluders"), ground),
        ),
        light=light(stream(seed, "light of day")),
    )


def _place_kind(seed: int, cue: str, present: bool) -> str:
    rng = stream(seed, "kind of place")
    kinds = ["highway", "street", "woods", "countryside"]
    if cue == "background":
        kinds = ["highway"] if present else ["woods", "countryside"]
    return str(rng.choice(kinds))


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
