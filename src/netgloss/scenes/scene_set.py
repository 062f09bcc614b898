"""A set of drawn pictures: one task, one bias, one seed (methods 9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import OptionError
from netgloss.progress import Tracker, untracked
from netgloss.scenes.drawing import stream
from netgloss.scenes.scene import Scene
from netgloss.scenes.task import Bias, Cue
from netgloss.scenes.world import check, draw, find_task, order_of, plan_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SceneSet"]


@dataclass(frozen=True)
class SceneSet:
    """Drawn pictures, the classes in turn; nothing is drawn before it is asked for.

    Args:
        task: ``pedestrians``, ``fish`` or ``vehicles``.
        bias: The planted cue and its strength.
        count: How many pictures, of all classes together.
        seed: Draws the seeds of the pictures; two sets with different seeds share none but by
            a chance of one in millions.
        size: Side in pixels.

    Raises:
        OptionError: The task or the cue is unknown, or a number is out of range.

    Example:
        >>> pictures = SceneSet("vehicles", Bias("stripe"), count=4, seed=1)
        >>> [scene.label for scene in pictures.scenes()]
        ['ambulance', 'moving_van', 'ambulance', 'moving_van']
    """

    task: str
    bias: Bias
    count: int
    seed: int = 0
    size: int = 128

    def __post_init__(self) -> None:
        check(self.task, self.bias, self.size)
        if self.count < 1:
            raise OptionError(f"images {self.count}: at least one picture is needed")
        if self.seed < 0:
            raise OptionError(f"seed {self.seed}: give a number of 0 or more")

    def __len__(self) -> int:
        return self.count

    @property
    def classes(self) -> tuple[str, ...]:
        """The task's classes."""
        return find_task(self.task).classes

    @property
    def cue(self) -> Cue:
        """The planted cue."""
        return find_task(self.task).cue(self.bias.cue)

    @cached_property
    def seeds(self) -> list[int]:
        """The seed of every picture."""
        drawn: list[int] = stream(self.seed, "pictures").integers(2**62, size=self.count).tolist()
        return drawn

    def recipe(self) -> dict[str, Any]:
        """What draws the same set again, in plain values."""
        return {
            "task": self.task,
            "bias": self.bias.cue,
            "strength": self.bias.strength,
            "images": self.count,
            "seed": self.seed,
            "size": self.size,
        }

    def label(self, number: int) -> str:
        """The class of a picture, by its number from 0."""
        return self.classes[number % len(self.classes)]

    def labels(self) -> list[int]:
        """The number of every picture's class."""
        return [number % len(self.classes) for number in range(self.count)]

    def states(self) -> list[str]:
        """The state of the cue in every picture."""
        return [
            order_of(self.task, self.label(number), seed, self.bias).state
            for number, seed in enumerate(self.seeds)
        ]

    def scenes(self) -> Iterator[Scene]:
        """Every picture with its truth."""
        for number, seed in enumerate(self.seeds):
            yield draw(self.task, self.label(number), seed, self.bias, size=self.size)

    def pixels(
        self, *, swapped: bool = False, track: Tracker = untracked, what: str = "drawing"
    ) -> NDArray[np.uint8]:
        """Every picture without its truth, shape (picture, size, size, 3).

        Args:
            swapped: The counterfactuals instead: the same pictures with the cue swapped.
            track: Draws progress.
            what: What the progress is called.
        """
        painted = np.empty((self.count, self.size, self.size, 3), np.uint8)
        for number, seed in track(enumerate(self.seeds), total=self.count, what=what):
            plan = plan_of(self.task, self.label(number), seed, self.bias, swapped=swapped)
            painted[number] = plan.image(self.size)
        return painted

    def truth(self) -> pd.DataFrame:
        """One row an entity of every picture: what it is, and how much of the picture it takes.

        Returns:
            The columns picture (number from 0), label, state, type, attributes (list), group,
            background, and area (share of the picture's pixels).
        """
        import pandas as pd

        rows = [
            {
                "picture": number,
                "label": scene.label,
                "state": scene.state,
                "type": entity.type,
                "attributes": list(entity.attributes),
                "group": entity.group,
                "background": entity.background,
                "area": float(entity.mask.mean()),
            }
            for number, scene in enumerate(self.scenes())
            for entity in scene.entities
        ]
        return pd.DataFrame(rows)
