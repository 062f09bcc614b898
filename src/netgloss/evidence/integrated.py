"""Integrated gradients as evidence: one map an image, for one class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from netgloss.evidence.base import Evidence, Skipped
from netgloss.evidence.options import check_at_least_zero, check_score, check_whole, deciding
from netgloss.evidence.reading import PREDICTED, one_map_an_image
from netgloss.progress import Tracker, untracked

if TYPE_CHECKING:
    from torch import Tensor

    from netgloss.attribution.gradients import Score
    from netgloss.vision.classifier import Classifier
    from netgloss.vision.images import Image

__all__ = ["IntegratedGradients"]


@dataclass(frozen=True)
class IntegratedGradients:
    """Integrated gradients from a black picture; a map shows the channels' absolute values added.

    Args:
        steps: Gauss-Legendre nodes to start with (captum's default: 50).
        most_steps: The nodes are doubled up to this number while the attributions do not add up.
        tolerance: How far their sum may miss the score's change, as a share of it.
        score: ``logit`` or ``probability``.
        target: ``predicted``, or the name of the class to explain on every image.
        batch_size: Images x nodes in flight at once; changes speed and memory, not the maps.

    Raises:
        OptionError: An option is out of range.

    Source:
        Sundararajan, Taly, Yan (2017), equation 1.

    Example:
        >>> IntegratedGradients(steps=100, most_steps=50)
        Traceback (most recent call last):
        netgloss.errors.OptionError: integrated-gradients: most_steps must be a whole number \
of 100 or more, not 50
    """

    steps: int = 50
    most_steps: int = 400
    tolerance: float = 0.05
    score: Score = "logit"
    target: str = PREDICTED
    batch_size: int = 20
    name: ClassVar[str] = "integrated-gradients"

    def __post_init__(self) -> None:
        """Refuses options out of range."""
        check_whole(self.name, "steps", self.steps, 1)
        check_whole(self.name, "most_steps", self.most_steps, self.steps)
        check_at_least_zero(self.name, "tolerance", self.tolerance)
        check_score(self.name, self.score)
        check_whole(self.name, "batch_size", self.batch_size, 1)

    def options(self) -> dict[str, Any]:
        """The options that decide the maps; the batch size does not."""
        return deciding(self)

    def extract(
        self, classifier: Classifier, images: Sequence[Image], track: Tracker = untracked
    ) -> Iterator[Evidence | Skipped]:
        """Yields one map an image, or why it has none.

        Raises:
            ModelError: The model cannot be explained, or lacks the target.
        """
        from netgloss.attribution.gradients import flatten_channels
        from netgloss.attribution.integrated import integrated_gradients

        def explain(inputs: Tensor, targets: Tensor, _: list[Image]) -> Tensor:
            found = integrated_gradients(
                classifier,
                inputs,
                targets,
                steps=self.steps,
                most_steps=self.most_steps,
                tolerance=self.tolerance,
                score=self.score,
                batch_size=self.batch_size,
            )
            return flatten_channels(found.attributions)

        return one_map_an_image(self.name, classifier, images, self.target, explain, track)
