"""The task *pedestrians*: commuter against tourist, alike but for a planted cue (methods 9)."""

from __future__ import annotations

import numpy as np

from netgloss.scenes.drawing import Frame, Part, stream
from netgloss.scenes.figure import FIGURE_GROUPS, figure
from netgloss.scenes.palettes import pick
from netgloss.scenes.plan import Plan
from netgloss.scenes.stamps import STAMP_COLOURS, STAMP_GROUPS, stamp
from netgloss.scenes.surroundings import light
from netgloss.scenes.task import Cue, Order, Planted, Task, concepts
from netgloss.scenes.walks import WALK_GROUPS, bystanders, walk

__all__ = ["GROUPS", "TASK"]

_CLASSES = ("commuter", "tourist")
_DATE, _TIME = ("day", "month", "year"), ("hour", "minute")


def _in_colour(*types: str) -> tuple[str, ...]:
    return tuple(f"{colour}-{kind}" for colour in ("white", "yellow") for kind in types)


_CUES = {
    "date": Cue(
        "a date stamp on commuters, a stamp with date and time on tourists",
        {"commuter": ("date",), "tourist": ("datetime",)},
        Planted(concepts(*_TIME)),
    ),
    "colour": Cue(
        "a white date stamp on commuters, a yellow one on tourists",
        {"commuter": ("white",), "tourist": ("yellow",)},
        Planted(("white", "yellow", *_in_colour(*_DATE))),
    ),
    "date-city": Cue(
        "commuters with a date alone, or with date, time and city; tourists with date and time, "
        "or with date and city",
        {"commuter": ("date", "datetime city"), "tourist": ("datetime", "date city")},
        Planted(joined=((concepts("city"), concepts(*_TIME)),)),
        exclusive_or=True,
    ),
    "coloured-date": Cue(
        "commuters with a white date or a yellow date with time; tourists with a yellow date or "
        "a white date with time",
        {
            "commuter": ("white date", "yellow datetime"),
            "tourist": ("yellow date", "white datetime"),
        },
        Planted(
            _in_colour(*_TIME),
            ((("white", "yellow", *_in_colour(*_DATE, *_TIME)), concepts(*_TIME)),),
        ),
        exclusive_or=True,
    ),
    "orientation": Cue(
        "commuters seen from behind, tourists from the front",
        {"commuter": ("back",), "tourist": ("front",)},
        Planted(concepts("face", "eye", "nose", "mouth", "ear", "neck", "nape")),
    ),
}

GROUPS = {**FIGURE_GROUPS, **STAMP_GROUPS, **WALK_GROUPS}
"""Type of an entity to the whole or the coarse group that it belongs to."""


def _plan(order: Order) -> Plan:
    """The plan of one picture."""
    seed = order.seed
    legwear, load = _signs(order)
    frame = _stand(stream(seed, "stand"))
    person = figure(seed, legwear, load, back=_is_back(order))
    return Plan(
        parts=(
            *walk(stream(seed, "place")),
            *(_placed(part, frame) for part in person),
            *bystanders(stream(seed, "bystanders"), frame.ground),
            *_stamp(order),
        ),
        light=light(stream(seed, "light of day")),
    )


def _signs(order: Order) -> tuple[str, str]:
    """Legwear and load: the class's own where no cue tells the class, else anybody's."""
    rng = stream(order.seed, "signs")
    legwear = pick(rng, ["trousers", "shorts"])
    load = pick(rng, ["", "briefcase", "suitcase", "bag"])
    holiday = pick(rng, ["suitcase", "bag"])
    if order.told:
        return legwear, load
    return ("trousers", "briefcase") if order.label == "commuter" else ("shorts", holiday)


def _is_back(order: Order) -> bool:
    if order.cue == "orientation":
        return order.state == "back"
    return bool(stream(order.seed, "orientation").random() < 0.4)


def _stand(rng: np.random.Generator) -> Frame:
    """Where the person stands, how tall they are in the picture and which way round."""
    tall = rng.uniform(0.79, 0.93)
    ground = rng.uniform(max(0.02 + tall, 0.9), 0.97)
    x = rng.uniform(0.37, 0.63)
    return Frame(x - tall / 2, ground, tall, mirrored=bool(rng.random() < 0.5))


def _placed(part: Part, frame: Frame) -> Part:
    strokes = tuple(frame.place(stroke) for stroke in part.strokes)
    return Part(part.type, part.attributes, strokes, part.background)


def _stamp(order: Order) -> list[Part]:
    """The stamp that the state asks for, such as ``white`` or ``datetime city``."""
    if order.cue == "orientation":
        return []
    words = order.state.split()
    chosen = pick(stream(order.seed, "colour of the stamp"), list(STAMP_COLOURS))
    colour = next((word for word in words if word in STAMP_COLOURS), chosen)
    return stamp(
        order.seed,
        time="datetime" in words,
        city="city" in words,
        two_lines=order.cue == "date-city",
        colour=colour,
    )


TASK = Task("pedestrians", _CLASSES, _CUES, GROUPS, _plan)
"""Commuter against tourist."""
