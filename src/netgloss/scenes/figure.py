"""A person, seen from the front or from behind, in units of the person's height, y up."""

from __future__ import annotations

from netgloss.scenes.baggage import BAGGAGE, baggage
from netgloss.scenes.body import arms, bare_legs, draw_build, hands, shadow
from netgloss.scenes.clothes import CLOTHES, draw_top, legwear, shoes, top
from netgloss.scenes.drawing import Part, stream
from netgloss.scenes.head import HEAD_TYPES, head, neck, skin

__all__ = ["FIGURE_GROUPS", "figure"]

FIGURE_GROUPS = dict.fromkeys(
    (*HEAD_TYPES, "arm", "hand", "leg", "shadow", *CLOTHES, *BAGGAGE), "person"
)
"""Type of a person's part to its coarse group."""


def figure(seed: int, wear: str, load: str, *, back: bool) -> list[Part]:
    """The parts of one person, from the back to the front; feet on y = 0, the middle at x = .5.

    Args:
        seed: Draws build, pose, skin, hair and clothes.
        wear: ``trousers`` or ``shorts``.
        load: What the hand on the right holds, one of :data:`BAGGAGE`, or an empty word.
        back: Whether the person is seen from behind.
    """
    # Only what each person has may share these dice; legwear and load have their own.
    rng = stream(seed, "person")
    build, tone, worn = draw_build(rng), skin(rng), draw_top(rng)
    carried = [baggage(load, stream(seed, load), build.hand(1))] if load else []
    return [
        shadow(rng, build),
        *([bare_legs(build, tone)] if wear == "shorts" else []),
        shoes(rng, build, back=back),
        legwear(stream(seed, wear), build, wear),
        neck(build.head, tone, back=back),
        *carried,
        *([arms(build, tone)] if worn.short else []),
        hands(build, tone),
        top(worn, build, back=back),
        *head(seed, build.head, tone, back=back),
    ]
