"""Holds a model still while it is explained, and puts every switch back afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

__all__ = ["bypassed", "frozen"]


@contextmanager
def frozen(model: nn.Module, bypass: Sequence[nn.Module] = ()) -> Iterator[None]:
    """Evaluation mode, no parameter gradients, nothing in place; each restored at the end.

    An in-place ReLU writes over the activation that another reads; while frozen it does not.

    Args:
        model: The model.
        bypass: Modules whose output is their input meanwhile, such as a final softmax.
    """
    modes = [(module, module.training) for module in model.modules()]
    # Any, since not every module has the flag.
    in_place: list[Any] = [
        module for module in model.modules() if getattr(module, "inplace", None) is True
    ]
    gradients = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
    try:
        model.eval()
        for module in in_place:
            module.inplace = False
        for parameter, _ in gradients:
            parameter.requires_grad_(False)
        with bypassed(bypass):
            yield
    finally:
        for module, training in modes:
            module.training = training
        for module in in_place:
            module.inplace = True
        for parameter, needed in gradients:
            parameter.requires_grad_(needed)


@contextmanager
def bypassed(modules: Sequence[nn.Module]) -> Iterator[None]:
    """Makes each module's output its input until the block ends."""

    def pass_on(_module: nn.Module, inputs: tuple[Any, ...], _output: Any) -> Tensor:
        passed: Tensor = inputs[0]
        return passed

    handles = [module.register_forward_hook(pass_on) for module in modules]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
