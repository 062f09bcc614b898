"""Cluster maps as evidence: what every layer saw of an image (thesis, chapter 3; methods 6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from netgloss.evidence.base import Detail, Evidence, Skipped
from netgloss.evidence.clusters.layer import Clustering, LayerClusters, MergeOn, cluster_layers
from netgloss.evidence.clusters.merging import RELATIVE_THRESHOLD
from netgloss.evidence.clusters.partition import Embedding
from netgloss.evidence.clusters.reading import LAYERS
from netgloss.evidence.options import (
    check_at_least_zero,
    check_choice,
    check_names,
    check_whole,
    deciding,
)
from netgloss.evidence.reading import PREDICTED, groups, target_names
from netgloss.progress import Tracker, untracked

if TYPE_CHECKING:
    from torch import Tensor

    from netgloss.attribution.cam import Weighting
    from netgloss.attribution.scoring import Scoring
    from netgloss.vision.classifier import Classifier
    from netgloss.vision.images import Image

__all__ = ["ANV", "feature_maps"]

_TRUTH, _BOTH = "truth", "both"
_GRADIENTS = ("guided-relu", "grad-cam", "grad-cam-positive", "grad-cam++")
_SCORINGS = ("score-cam", "score-cam-probability", "ablation-cam")


@dataclass(frozen=True)
class ANV:
    """Cluster maps of several layers, by default as in the thesis but for the embedding.

    One forward and one backward pass serve all layers; weightings that ask the model about each
    feature map take a pass for each. An image is explained by itself, so that its clusters depend
    on no other.

    Args:
        layers: Names as in ``classifier.layers()``; None takes the last nine activations after
            convolutions (thesis, section 5.1.1).
        weighting: How much a feature map counts for the class (thesis: ``guided-relu``); a name
            in :data:`netgloss.attribution.cam.WEIGHTINGS`, which take gradients, or in
            :data:`netgloss.attribution.scoring.SCORINGS`, which mask or take away each map.
        threshold: The least share of the weight that a feature map needs, in units of the mean
            share (thesis, Table 1: 0.896).
        embed: ``pca`` clusters principal components, which is stable; ``tsne`` their embedding in
            the plane, as the thesis does. docs/cluster-maps.md compares them.
        fewest: Smallest number of clusters tried a layer (thesis: 3).
        most: Largest number of clusters tried a layer (thesis: 8).
        merge_on: ``raw`` adds activations, so that the cluster maps add up to the class
            activation map (equation 3.1); ``norm`` adds maps scaled to [0, 1].
        target: ``predicted``, ``truth``, ``both`` (once where they agree), or a class's name.
        only: ``right`` leaves out images that are known to be named wrongly, ``all`` takes them
            too. None is ``right``, and ``all`` where the target is ``truth`` or ``both``.
        seed: Of t-SNE.
        batch_size: Feature maps in flight at once where the model is asked about each; changes
            speed and memory, not the maps.

    Raises:
        OptionError: An option is out of range.

    Source:
        Abstract Network Visualizations (2023), chapter 3 and section 4.2.

    Example:
        >>> ANV(embed="tsne").options()["embed"]
        'tsne'
        >>> ANV(fewest=5, most=4)
        Traceback (most recent call last):
        netgloss.errors.OptionError: anv: most must be a whole number of 5 or more, not 4
    """

    layers: Sequence[str] | None = None
    weighting: Weighting | Scoring = "guided-relu"
    threshold: float = RELATIVE_THRESHOLD
    embed: Embedding = "pca"
    fewest: int = 3
    most: int = 8
    merge_on: MergeOn = "raw"
    target: str = PREDICTED
    only: str | None = None
    seed: int = 0
    batch_size: int = 20
    name: ClassVar[str] = "anv"

    def __post_init__(self) -> None:
        """Refuses options out of range, and settles the default of ``only``."""
        if self.layers is not None:
            check_names(self.name, "layers", self.layers)
            object.__setattr__(self, "layers", tuple(self.layers))
        check_choice(self.name, "weighting", self.weighting, _GRADIENTS + _SCORINGS)
        check_at_least_zero(self.name, "threshold", self.threshold)
        check_choice(self.name, "embed", self.embed, ("pca", "tsne"))
        check_whole(self.name, "fewest", self.fewest, 2)
        check_whole(self.name, "most", self.most, self.fewest)
        check_choice(self.name, "merge_on", self.merge_on, ("raw", "norm"))
        if self.only is None:
            wrong_ones_too = self.target in (_TRUTH, _BOTH)
            object.__setattr__(self, "only", "all" if wrong_ones_too else "right")
        check_choice(self.name, "only", self.only, ("right", "all"))
        check_whole(self.name, "seed", self.seed, 0)
        check_whole(self.name, "batch_size", self.batch_size, 1)

    def options(self) -> dict[str, Any]:
        """The options that decide the maps; the batch size does not."""
        return {**deciding(self), "layers": None if self.layers is None else list(self.layers)}

    def extract(
        self, classifier: Classifier, images: Sequence[Image], track: Tracker = untracked
    ) -> Iterator[Evidence | Detail | Skipped]:
        """Yields each image's cluster maps, shallow layers first and heaviest first in each.

        Before the maps of a layer comes its row of ``layers.parquet``.

        Raises:
            ModelError: The model cannot be explained, or lacks a layer or the target.
        """
        from netgloss.vision.flow import after_convolutions, in_order

        layers = in_order(classifier, self.layers or after_convolutions(classifier))
        for found in track(self._images(classifier, images, layers), total=len(images), what="anv"):
            yield from found

    def clustering(self) -> Clustering:
        """The options of the clustering of one layer."""
        return Clustering(
            self.threshold, self.embed, self.fewest, self.most, self.merge_on, self.seed
        )

    def _images(
        self, classifier: Classifier, images: Sequence[Image], layers: Sequence[str]
    ) -> Iterator[list[Evidence | Detail | Skipped]]:
        for group in groups(classifier, images):
            for skipped in group.skipped:
                yield [skipped]
            for place, image in enumerate(group.images):
                assert group.inputs is not None
                yield self._image(classifier, image, group.inputs[place : place + 1], layers)

    def _image(
        self, classifier: Classifier, image: Image, inputs: Tensor, layers: Sequence[str]
    ) -> list[Evidence | Detail | Skipped]:
        (said,) = target_names(classifier, [image], inputs, PREDICTED)
        if why := self._passed_over(classifier, image, said):
            return [Skipped(image.image, why)]
        found: list[Evidence | Detail | Skipped] = []
        targets = self._targets(classifier, image, inputs, said)
        for target in targets:
            found += self._decision(classifier, image, inputs, target, layers)
        if not any(isinstance(one, Evidence) for one in found):
            named = " or ".join(repr(target) for target in targets)
            found.append(
                Skipped(image.image, f"no layer has a feature map that speaks for {named}")
            )
        return found

    def _passed_over(self, classifier: Classifier, image: Image, said: str) -> str | None:
        """Why an image is not explained; None where it is."""
        if self.only == "right" and image.truth not in (None, said):
            return f"the model says {said!r}, the truth is {image.truth!r}; --only all takes it too"
        if self.target == _TRUTH and image.truth not in classifier.classes:
            if image.truth is None:
                return "its true class is not known"
            return f"its true class {image.truth!r} is not one of the model's"
        return None

    def _targets(
        self, classifier: Classifier, image: Image, inputs: Tensor, said: str
    ) -> list[str]:
        """The classes explained on this image, the predicted one first."""
        if self.target == PREDICTED:
            return [said]
        if self.target == _TRUTH:
            return [str(image.truth)]
        if self.target == _BOTH:
            known = [image.truth] if image.truth in classifier.classes else []
            return list(dict.fromkeys([said, *(str(name) for name in known)]))
        return target_names(classifier, [image], inputs, self.target)

    def _decision(
        self,
        classifier: Classifier,
        image: Image,
        inputs: Tensor,
        target: str,
        layers: Sequence[str],
    ) -> Iterator[Evidence | Detail]:
        """The rows and maps of all layers for one class."""
        seen = list(
            feature_maps(classifier, inputs, target, layers, self.weighting, self.batch_size)
        )
        clusters = cluster_layers([(maps, weights) for _, maps, weights in seen], self.clustering())
        for depth, ((layer, maps, _), found) in enumerate(zip(seen, clusters, strict=True)):
            values = {"target": target, "layer": layer, "depth": depth, **_row(found)}
            height, width = maps.shape[1:]
            yield Detail(image.image, LAYERS, {**values, "height": height, "width": width})
            for unit, one in enumerate(found.shown):
                heat = one.heat.astype(np.float32)
                yield Evidence(
                    image.image, self.name, target, one.weight, heat, layer, unit, one.members
                )


def feature_maps(
    classifier: Classifier,
    inputs: Tensor,
    target: str,
    layers: Sequence[str],
    weighting: Weighting | Scoring = "guided-relu",
    batch_size: int = 20,
) -> Iterator[tuple[str, NDArray[np.float32], NDArray[np.float64]]]:
    """Yields each layer's name, activations (channel, height, width) and weights (channel,).

    Args:
        classifier: The model; one forward and one backward pass are made, or one forward pass for
            all layers and one more for each feature map with something in it.
        inputs: One preprocessed picture, shape (1, channel, height, width).
        target: One of its classes.
        layers: Names as in ``classifier.layers()``.
        weighting: As for :class:`ANV`.
        batch_size: As for :class:`ANV`.

    Raises:
        ModelError: A layer has no activation with a place, or a weighting by gradients finds that
            the score does not depend on it.
    """
    import torch

    index = torch.tensor([classifier.classes.index(target)])
    found = _weighted(classifier, inputs, index, layers, weighting, batch_size)
    for layer, activations, weights in found:
        maps = activations[0].float().contiguous().cpu().numpy()
        yield layer, maps, weights[0].double().cpu().numpy()


def _weighted(
    classifier: Classifier,
    inputs: Tensor,
    targets: Tensor,
    layers: Sequence[str],
    weighting: Weighting | Scoring,
    batch_size: int,
) -> Iterator[tuple[str, Tensor, Tensor]]:
    """Yields each layer's name, activations and weights, for a batch of pictures."""
    from netgloss.attribution.cam import channel_weights, layer_activations, layer_maps
    from netgloss.attribution.scoring import scored_weights

    match weighting:
        case "score-cam" | "score-cam-probability" | "ablation-cam":
            for layer, shown in layer_activations(classifier, inputs, layers).items():
                weights = scored_weights(
                    classifier, inputs, targets, layer, shown, weighting, batch_size
                )
                yield layer, shown, weights
        case _:
            for layer, maps in layer_maps(classifier, inputs, targets, layers).items():
                yield layer, maps.activations, channel_weights(maps, weighting)


def _row(found: LayerClusters) -> dict[str, Any]:
    """What is written down about a layer."""
    return {
        "channels": found.channels,
        "active": found.active,
        "kept": found.kept,
        "flat": found.flat,
        "clusters": found.clusters,
        "shown": len(found.shown),
        "leftover": found.leftover,
        "silhouette": found.silhouette,
        "empty": not found.shown,
    }
