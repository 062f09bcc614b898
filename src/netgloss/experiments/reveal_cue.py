"""What the planted cue of a picture is called: what it has and its counterfactual lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from netgloss.answers.synonyms import ATTRIBUTE_SYNONYMS, SYNONYMS
from netgloss.experiments.runs import SETS, Run, scene_set
from netgloss.scenes.world import counterfactual, draw, find_task

if TYPE_CHECKING:
    from netgloss.scenes.scene import Entity
    from netgloss.scenes.task import Planted

__all__ = ["cue_words", "telling_words"]


def cue_words(run: Run) -> dict[str, frozenset[str]]:
    """Image to the single words that name its cue; none where the cue is that something lacks.

    Each picture is drawn a second time with the cue of another class and all else kept. A thing,
    or a look of a thing, counts if the one picture has it and the other does not, and if it is
    among the concepts under which the cue should come out.

    Args:
        run: Which set, and how many pictures of which seed.
    """
    task, bias = SETS[run.set]
    planted = find_task(task).cue(bias.cue).planted
    pictures = scene_set(run)
    found = {}
    for number, seed in enumerate(pictures.seeds):
        label = pictures.label(number)
        own = draw(task, label, seed, bias).entities
        other = counterfactual(task, label, seed, bias).entities
        # The names under which truth.py writes them.
        found[f"{label}/{number:05d}.png"] = telling_words(own, other, planted)
    return found


def telling_words(
    own: Iterable[Entity], other: Iterable[Entity], planted: Planted
) -> frozenset[str]:
    """The words for what only the first picture has and for what was planted, synonyms included.

    Args:
        own: What is in a picture.
        other: What is in its counterfactual.
        planted: The concepts that are the cue.
    """
    only = {sign for one in own for sign in _signs(one)} - {
        sign for one in other for sign in _signs(one)
    }
    return frozenset(word for sign in only if _names(planted, sign) for word in _words(sign))


def _signs(entity: Entity) -> Iterator[tuple[str, str]]:
    """The thing, and each of its looks together with it."""
    yield "", entity.type
    for look in entity.attributes:
        yield look, entity.type


def _names(planted: Planted, sign: tuple[str, str]) -> bool:
    """Whether the thing by its name, or by its look, is one of the concepts."""
    look, kind = (part.replace(" ", "_") for part in sign)
    return planted.matches(look or kind) or f"{look}-{kind}" in planted.single


def _words(sign: tuple[str, str]) -> Iterator[str]:
    """The single words by which people call it, since labels are single words."""
    look, kind = sign
    if look:  # of "light yellow" the last word has the hue
        yield from (name.split()[-1] for name in (look, *ATTRIBUTE_SYNONYMS.get(look, ())))
        return
    for name in (kind, *SYNONYMS.get(kind, ())):
        yield from name.split()
