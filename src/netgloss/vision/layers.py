"""Finds a model's layers by one forward pass, and reads what they put out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from netgloss.errors import ModelError

__all__ = ["Layer", "first_tensor", "list_layers", "recorded"]


@dataclass(frozen=True)
class Layer:
    """One module that a forward pass runs.

    Args:
        name: As in ``model.named_modules()``.
        kind: Its class, for example ``Conv2d``.
        output_shape: Without the batch, for example (512, 14, 14).
        calls: How often one forward pass runs it. A module that runs more than once has no
            single activation.
        last_convolution: Whether it is the last convolution that still has a spatial extent.
        ends: Its place in the order in which the layers end.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    calls: int
    last_convolution: bool = False
    ends: int = field(default=0, compare=False)


def first_tensor(output: Any) -> Tensor | None:
    """The tensor in a module's output: itself, or the first of a tuple, list or dictionary."""
    if isinstance(output, Tensor):
        return output
    values = output.values() if isinstance(output, Mapping) else output
    if not isinstance(output, (tuple, list, Mapping)):
        return None
    return next((value for value in values if isinstance(value, Tensor)), None)


def list_layers(model: nn.Module, forward: Callable[[], object]) -> list[Layer]:
    """The modules that a forward pass runs, in the order in which they begin.

    Args:
        model: The model.
        forward: Runs it once.
    """
    found: dict[str, Layer] = {}
    ended: list[str] = []

    def begin(name: str) -> Callable[[nn.Module, Any], None]:
        def note(module: nn.Module, _inputs: Any) -> None:
            found.setdefault(name, Layer(name, type(module).__name__, (), 0))

        return note

    def end(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def note(_module: nn.Module, _inputs: Any, output: Any) -> None:
            tensor, layer = first_tensor(output), found[name]
            shape = () if tensor is None else tuple(tensor.shape[1:])
            found[name] = replace(layer, output_shape=shape, calls=layer.calls + 1, ends=len(ended))
            ended.append(name)

        return note

    with ExitStack() as hooks:
        for name, module in model.named_modules():
            if name:
                hooks.callback(module.register_forward_pre_hook(begin(name)).remove)
                hooks.callback(module.register_forward_hook(end(name)).remove)
        forward()
    last = _last_convolution(model, [found[name] for name in ended])
    return [replace(layer, last_convolution=layer.name == last) for layer in found.values()]


def _last_convolution(model: nn.Module, ended: list[Layer]) -> str | None:
    """A gate such as squeeze-and-excitation convolves a single point, which shows no place."""
    convolutions = [
        layer
        for layer in ended
        if isinstance(model.get_submodule(layer.name), nn.Conv2d) and layer.calls == 1
    ]
    spatial = [layer for layer in convolutions if layer.output_shape[-2:] != (1, 1)]
    best = spatial or convolutions
    return best[-1].name if best else None


@contextmanager
def recorded(modules: Mapping[str, nn.Module]) -> Iterator[dict[str, Tensor]]:
    """Yields a dictionary into which each forward pass puts the outputs of these modules.

    The model goes on with a copy, so that nothing later (``out += shortcut``) writes over what
    is recorded. Where no gradient is needed from below, the recorded output is where the
    graph begins, which saves the way down to the input.

    Raises:
        ModelError: From the forward pass, when a module puts out no single tensor.
    """
    seen: dict[str, Tensor] = {}

    def record(name: str) -> Callable[[nn.Module, Any, Any], Tensor]:
        def note(_module: nn.Module, _inputs: Any, output: Any) -> Tensor:
            if not isinstance(output, Tensor):
                raise ModelError(
                    f"layer '{name}' puts out a {type(output).__name__}, not a single tensor; "
                    "choose a layer inside or after it"
                )
            read: Tensor = output
            if torch.is_grad_enabled() and not read.requires_grad:
                read = read.detach().requires_grad_()
            seen[name] = read
            return read.clone()

        return note

    with ExitStack() as hooks:
        for name, module in modules.items():
            hooks.callback(module.register_forward_hook(record(name)).remove)
        yield seen
