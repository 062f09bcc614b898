"""SmoothGrad as evidence (SECA, section 4, step C1): one map an image, for one class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from netgloss.evidence.base import Evidence, Skipped
from netgloss.evidence.options import (
    check_at_least_zero,
    check_choice,
    check_score,
    check_whole,
    deciding,
)
from netgloss.evidence.reading import PREDICTED, one_map_an_image
from netgloss.progress import Tracker, untracked

if TYPE_CHECKING:
    from torch import Tensor

    from netgloss.attribution.gradients import Score
    from netgloss.attribution.smoothgrad import Mode
    from netgloss.vision.classifier import Classifier
    from netgloss.vision.images import Image

__all__ = ["SmoothGrad"]


@dataclass(frozen=True)
class SmoothGrad:
    """SmoothGrad heat maps, by default as in SECA's published code.

    Args:
        samples: Noisy copies an image (SECA: 10).
        noise: Standard deviation as a share of the preprocessed image's range (SECA: 0.05).
        mode: ``squared`` gradients averaged (SECA), signed ones (``mean``) or ``abs``.
        score: ``logit``, or ``probability`` as SECA's code has it.
        target: ``predicted``, or the name of the class to explain on every image.
        seed: Another seed draws other noise; an image's noise depends on it and on the image's
            identifier alone.
        batch_size: Images x samples in flight at once; changes speed and memory, not the maps.

    Raises:
        OptionError: An option is out of range.

    Source:
        SECA, section 4 (C1); Smilkov et al. (2017).

    Example:
        >>> SmoothGrad(samples=25).options()["samples"]
        25
        >>> SmoothGrad(noise=-1)
        Traceback (most recent call last):
        netgloss.errors.OptionError: smoothgrad: noise must be a number of 0 or more, not -1
    """

    samples: int = 10
    noise: float = 0.05
    mode: Mode = "squared"
    score: Score = "logit"
    target: str = PREDICTED
    seed: int = 0
    batch_size: int = 20
    name: ClassVar[str] = "smoothgrad"

    def __post_init__(self) -> None:
        """Refuses options out of range."""
        check_whole(self.name, "samples", self.samples, 1)
        check_at_least_zero(self.name, "noise", self.noise)
        check_choice(self.name, "mode", self.mode, ("squared", "mean", "abs"))
        check_score(self.name, self.score)
        check_whole(self.name, "seed", self.seed, 0)
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
        from netgloss.attribution.smoothgrad import picture_seed, smoothgrad

        def explain(inputs: Tensor, targets: Tensor, group: list[Image]) -> Tensor:
            return smoothgrad(
                classifier,
                inputs,
                targets,
                samples=self.samples,
                noise=self.noise,
                mode=self.mode,
                score=self.score,
                seeds=[picture_seed(self.seed, image.image) for image in group],
                batch_size=self.batch_size,
            )

        return one_map_an_image(self.name, classifier, images, self.target, explain, track)
