"""Finds the activations after a network's convolutions by following the graph of its score.

A function that is no module, such as ``F.relu`` or the sum at the end of a residual block, shows in
the graph that PyTorch keeps for the gradient, and only there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import Node

from netgloss.errors import ModelError
from netgloss.vision.layers import first_tensor
from netgloss.vision.probing import random_inputs

if TYPE_CHECKING:
    from netgloss.vision.classifier import Classifier

__all__ = ["after_convolutions", "in_order"]

_CONVOLUTION = "Convolution"
_ACTIVATIONS = {
    "Relu",
    "Hardtanh",
    "Silu",
    "Hardswish",
    "Gelu",
    "Elu",
    "Celu",
    "LeakyRelu",
    "PreluKernel",
    "Mish",
    "Softplus",
    "Threshold",
    "RreluWithNoise",
    "Clamp",
    "Tanh",
}
# What may stand between a convolution and its activation without ending what it saw. View belongs
# to instance normalisation; a mean over all places, or a product with a matrix, ends it.
_ALONG = {
    "NativeBatchNorm",
    "CudnnBatchNorm",
    "MiopenBatchNorm",
    "NativeGroupNorm",
    "Mul",
    "Div",
    "Clone",
    "ToCopy",
    "View",
    "MaxPool2DWithIndices",
    "AvgPool2D",
    "ConstantPadNd",
}
_TOGETHER = {"Add", "Sub", "Cat", "Slice", "Split"}  # here it meets what others saw


def after_convolutions(classifier: Classifier, most: int = 9) -> list[str]:
    """The last layers that hold a convolution's activation, shallowest first.

    Of each convolution it is what the activation function after it puts out: a module of its own,
    or the block that ends with it, so that a residual block counts with its sum. Where the function
    is no module, or there is none before the next convolution, it is the convolution's normalised
    output, of which only the positive part is shown. Gates that look at the whole picture at once
    have no place and are passed over.

    Args:
        classifier: The model.
        most: How many at most (thesis: 9 of VGG-16's 13); a network with fewer gives all it has.

    Raises:
        ModelError: The model has no convolution that is run once and has a place.

    Source:
        Abstract Network Visualizations (2023), sections 3.2 and 5.1.1.

    Example:
        >>> from netgloss.vision.classifier import Classifier
        >>> net = nn.Sequential(
        ...     nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.BatchNorm2d(4),
        ...     nn.Flatten(), nn.Linear(64, 2))
        >>> after_convolutions(Classifier(net, ["cat", "dog"], 8, device="cpu"))
        ['1', '3']
    """
    graph = _graph(classifier)
    found = {graph.activation_after(node) for node in graph.convolutions()}
    names = sorted(found - {None}, key=lambda name: graph.ended[str(name)])
    if not names:
        raise ModelError(
            "the model has no convolution whose output has a place and leads to the score; name "
            "the layers to explain"
        )
    return [str(name) for name in names[-most:]]


def in_order(classifier: Classifier, names: Sequence[str]) -> list[str]:
    """The same layers in the order in which a forward pass ends them, shallowest first.

    Raises:
        ModelError: A layer is not in the model, is not run, or is run more than once.
    """
    with classifier.activations(*names):  # refuses what has no single activation
        ends = {id(classifier.layer(layer.name)): layer.ends for layer in classifier.layers()}
    return sorted(names, key=lambda name: ends[id(classifier.layer(name))])


@dataclass(frozen=True, eq=False)
class _Graph:
    """What follows what on the way to the score.

    Attributes:
        after: The steps that use each step's result.
        names: The layer that puts out each step's result, where it has a place; the innermost.
        ended: The layers in the order in which they end.
    """

    after: Mapping[Node, list[Node]]
    names: Mapping[Node, str]
    ended: Mapping[str, int]

    def convolutions(self) -> list[Node]:
        return [node for node in self.after if _kind(node) == _CONVOLUTION]

    def activation_after(self, convolution: Node) -> str | None:
        """The layer that holds it; None where what comes out has no place."""
        functions = [
            node
            for node in self._reached(convolution, _ALONG | _TOGETHER)
            if _kind(node) in _ACTIVATIONS
        ]
        # Several follow where blocks are stacked without one at their end; the first is its own.
        first = min(functions, key=_sequence, default=convolution)
        if first in self.names and first is not convolution:
            return self.names[first]
        named = [
            node
            for node in self._reached(convolution, _ALONG)
            if node in self.names and (node is convolution or _kind(node) in _ALONG)
        ]
        return self.names[max(named, key=_sequence)] if named else None

    def _reached(self, start: Node, through: set[str]) -> Iterator[Node]:
        """The start, and every step that its result comes to through steps of these kinds."""
        waiting, seen = [start], {start}
        while waiting:
            node = waiting.pop()
            yield node
            if node is start or _kind(node) in through:
                new = [each for each in self.after.get(node, []) if each not in seen]
                seen.update(new)
                waiting += new


def _graph(classifier: Classifier) -> _Graph:
    names: dict[Node, str] = {}
    ended: dict[str, int] = {}
    once = [layer.name for layer in classifier.layers() if layer.calls == 1]
    with classifier.frozen(), torch.enable_grad(), _noting(classifier, once, names, ended):
        scores = classifier.logits(_noise(classifier).requires_grad_())
    return _Graph(_followers(scores.grad_fn), names, ended)


def _followers(last: Node | None) -> dict[Node, list[Node]]:
    """For each step on the way to the last one, the steps that use its result."""
    after: dict[Node, list[Node]] = {} if last is None else {last: []}
    waiting = list(after)
    while waiting:
        node = waiting.pop()
        for before, _ in node.next_functions:
            if before is None:
                continue
            if before not in after:
                after[before] = []
                waiting.append(before)
            after[before].append(node)
    return after


@contextmanager
def _noting(
    classifier: Classifier, layers: Sequence[str], names: dict[Node, str], ended: dict[str, int]
) -> Iterator[None]:
    """Notes which step of the graph each layer's output is."""

    def note(name: str) -> Any:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
            tensor = first_tensor(output)
            if tensor is not None and tensor.grad_fn is not None and _has_place(tensor):
                ended[name] = len(ended)
                names.setdefault(tensor.grad_fn, name)

        return hook

    with ExitStack() as hooks:
        for name in layers:
            hooks.callback(classifier.layer(name).register_forward_hook(note(name)).remove)
        yield


def _noise(classifier: Classifier) -> Tensor:
    return random_inputs(classifier.input_size, classifier.device, torch.float32)[:1]


def _has_place(output: Tensor) -> bool:
    return output.ndim == 4 and tuple(output.shape[-2:]) != (1, 1)


def _kind(node: Node) -> str:
    """The function's name: ``Relu`` of ``ReluBackward0``."""
    return node.name().partition("Backward")[0]


def _sequence(node: Node) -> int:
    """When the forward pass came to it."""
    return node._sequence_nr()
