"""Reads images in groups for a method that works on the classifier's input."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import DataError, ModelError
from netgloss.evidence.base import Evidence, Skipped
from netgloss.progress import Tracker
from netgloss.vision.reading import read_ahead

if TYPE_CHECKING:
    from torch import Tensor

    from netgloss.vision.classifier import Classifier
    from netgloss.vision.images import Image

__all__ = ["PREDICTED", "Group", "groups", "one_map_an_image", "target_names"]

PREDICTED = "predicted"

# Enough for full batches at any number of samples, little enough to wait for when interrupted.
_GROUP = 4


@dataclass(frozen=True, eq=False)
class Group:
    """Images read together.

    Attributes:
        images: The readable ones.
        inputs: Them, preprocessed, shape (batch, channel, height, width); None when none is.
        skipped: The others, and why.
    """

    images: list[Image]
    inputs: Tensor | None
    skipped: list[Skipped]


def one_map_an_image(
    name: str,
    classifier: Classifier,
    images: Sequence[Image],
    target: str,
    explain: Callable[[Tensor, Tensor, list[Image]], Tensor],
    track: Tracker,
) -> Iterator[Evidence | Skipped]:
    """Yields one map an image for one class, or why it has none.

    Args:
        name: The method's.
        classifier: The model.
        images: What to explain, in the order of the maps.
        target: A class's name, or ``predicted`` for each image's own.
        explain: From inputs (batch, channel, height, width), targets (batch,) and their images
            to maps ≥ 0, shape (batch, height, width).
        track: Shows how far it is.

    Raises:
        ModelError: The model cannot be explained, or lacks the target.
    """

    def maps() -> Iterator[Evidence | Skipped]:
        import torch

        for group in groups(classifier, images):
            yield from group.skipped
            if group.inputs is None:
                continue
            labels = target_names(classifier, group.images, group.inputs, target)
            targets = torch.tensor([classifier.classes.index(label) for label in labels])
            heat_maps = explain(group.inputs, targets, group.images).cpu().numpy()
            for image, label, heat in zip(group.images, labels, heat_maps, strict=True):
                yield Evidence(image.image, name, label, 1.0, heat)

    return track(maps(), total=len(images), what=name)


def groups(classifier: Classifier, images: Sequence[Image], size: int = _GROUP) -> Iterator[Group]:
    """Yields the images in their order, preprocessed, a few at a time, read ahead.

    An image that cannot be read now is reported in its group and stops nothing.
    """
    failed: dict[str, str] = {}

    def read(image: Image) -> NDArray[np.uint8]:
        try:
            return _unchanged(image)
        except DataError as error:
            failed[image.image] = str(error)
            return np.zeros((0, 0, 3), np.uint8)

    for batch, pictures in read_ahead(images, read, size):
        whole = [picture for picture in pictures if picture.size]
        yield Group(
            [image for image in batch if image.image not in failed],
            classifier.prepare(whole) if whole else None,
            [Skipped(image.image, failed[image.image]) for image in batch if image.image in failed],
        )


def _unchanged(image: Image) -> NDArray[np.uint8]:
    """The image's pixels, shape (height, width, 3).

    Raises:
        DataError: The file cannot be read, or shows a picture of another size than it did.
    """
    pixels = image.pixels()
    height, width, _ = pixels.shape
    if (height, width) != (image.height, image.width):
        raise DataError(
            f"{image.path}: has {width}x{height} pixels, {image.width}x{image.height} when the "
            "study was made; put the old file back or make the study anew"
        )
    return pixels


def target_names(
    classifier: Classifier, images: Sequence[Image], inputs: Tensor, target: str
) -> list[str]:
    """The class explained for each image.

    Args:
        classifier: Says the class of images whose prediction is not known yet.
        images: The images, shape (batch,).
        inputs: Them, preprocessed.
        target: A class's name, or ``predicted`` for each image's own.

    Raises:
        ModelError: A name is not one of the model's classes.
    """
    if target != PREDICTED:
        return [_known(classifier, target, "ask for one of them")] * len(images)
    names = [image.prediction for image in images]
    if any(name is None for name in names):
        with classifier.frozen():
            said = classifier.logits(inputs).argmax(dim=1).tolist()
        names = [name or classifier.classes[index] for name, index in zip(names, said, strict=True)]
    return [
        _known(classifier, str(name), f"correct the prediction of {image.image}")
        for name, image in zip(names, images, strict=True)
    ]


def _known(classifier: Classifier, name: str, remedy: str) -> str:
    if name not in classifier.classes:
        shown = ", ".join(classifier.classes[:10])
        more = ", ..." if len(classifier.classes) > 10 else ""
        raise ModelError(
            f"class {name!r} is not one of the model's {len(classifier.classes)} classes "
            f"({shown}{more}); {remedy}"
        )
    return name
