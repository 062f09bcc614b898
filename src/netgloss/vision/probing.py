"""Tries a model on random inputs, so that what would spoil every explanation shows at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from netgloss.errors import ModelError
from netgloss.vision.freezing import bypassed
from netgloss.vision.layers import first_tensor

__all__ = [
    "DTYPES",
    "checked_channels",
    "checked_classes",
    "checked_size",
    "choose_device",
    "find_softmax",
    "logits_of",
    "random_inputs",
    "run",
    "writes",
]

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}

_SOFTMAX = (nn.Softmax, nn.LogSoftmax, nn.Softmax2d)


def choose_device(name: str) -> torch.device:
    """The device of that name; ``auto`` takes a CUDA GPU, then Apple's, then the processor.

    Raises:
        ModelError: The name is unknown, or PyTorch sees no such device.
    """
    counts = {
        "cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "mps": int(torch.backends.mps.is_available()),
        "cpu": 1,
    }
    if name == "auto":
        return torch.device(next(kind for kind, count in counts.items() if count))
    try:
        device = torch.device(name)
    except RuntimeError:
        device = torch.device("meta")
    if device.type not in counts:
        raise ModelError(f"device '{name}' is unknown; use auto, cpu, cuda, cuda:1 or mps")
    if (device.index or 0) >= counts[device.type]:
        raise ModelError(
            f"device '{name}' was asked for, but PyTorch sees {counts[device.type]} of that kind; "
            "use auto or cpu"
        )
    return device


def checked_classes(classes: Sequence[str]) -> tuple[str, ...]:
    """The class names as a tuple.

    Raises:
        ModelError: One is given twice, or there are fewer than two.
    """
    if isinstance(classes, str):
        raise ModelError(f"classes '{classes}' is one text; give a list of names")
    names = tuple(classes)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ModelError(f"class '{twice}' is given twice; each output needs a name of its own")
    if len(names) < 2:
        raise ModelError(f"{len(names)} classes were given; a classifier tells at least 2 apart")
    return names


def checked_size(size: int | tuple[int, int]) -> tuple[int, int]:
    """Height and width, in pixels.

    Raises:
        ModelError: One is not above 0.
    """
    height, width = (size, size) if isinstance(size, int) else size
    if min(height, width) < 1:
        raise ModelError(f"input size {height}x{width} is not above 0")
    return height, width


def checked_channels(name: str, values: Sequence[float]) -> tuple[float, float, float]:
    """One number a colour channel.

    Raises:
        ModelError: There are not three.
    """
    if len(values) != 3:
        raise ModelError(f"{name} has {len(values)} numbers; 3 are needed, for red, green and blue")
    red, green, blue = (float(value) for value in values)
    return red, green, blue


def random_inputs(size: tuple[int, int], device: torch.device, dtype: torch.dtype) -> Tensor:
    """Two different pictures of noise, always the same, shape (2, 3, height, width)."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(2, 3, *size, generator=generator)
    noise[1] *= 4
    return noise.to(device, dtype)


def logits_of(output: Any) -> Tensor:
    """The tensor of logits in what a model returns: itself, or its member ``logits``.

    Raises:
        ModelError: There is none, or it is no table of (image, class).
    """
    named = output.get("logits") if isinstance(output, Mapping) else getattr(output, "logits", None)
    logits = output if isinstance(output, Tensor) else named
    if not isinstance(logits, Tensor):
        raise ModelError(
            f"the model returns a {type(output).__name__}, a tensor of logits was expected; "
            "wrap it in a module that returns the logits alone"
        )
    if logits.ndim != 2:
        shape = ", ".join(str(side) for side in logits.shape)
        raise ModelError(
            f"the model returns the shape ({shape}), (image, class) was expected; "
            "it does not classify whole images"
        )
    return logits


def run(forward: Callable[[Tensor], Tensor], inputs: Tensor, class_count: int) -> Tensor:
    """The logits of a first forward pass, shape (batch, class), checked for every usual fault.

    Raises:
        ModelError: The model fails, returns something else than a score a class, gives values
            that are not finite, or differs between two passes.
    """
    first = _attempt(forward, inputs)
    if first.shape != (len(inputs), class_count):
        raise ModelError(
            f"the model has {first.shape[1]} outputs but {class_count} classes were given; "
            "name one class an output, in the outputs' order"
        )
    if not torch.isfinite(first).all():
        raise ModelError("the model's outputs are not finite numbers; check its weights")
    difference = float((_attempt(forward, inputs) - first).abs().max())
    if difference > 1e-3 * max(1.0, float(first.abs().max())):
        raise ModelError(
            f"the model answers differently (by up to {difference:.2g}) when asked twice; it uses "
            "chance in evaluation mode, such as a dropout that ignores it: switch that off"
        )
    return first


def _attempt(forward: Callable[[Tensor], Tensor], inputs: Tensor) -> Tensor:
    try:
        with torch.no_grad():
            return forward(inputs.clone())
    except ModelError:
        raise
    except Exception as error:  # somebody else's code may raise anything
        said = " ".join(str(error).split())
        size = "x".join(str(side) for side in inputs.shape[1:])
        raise ModelError(
            f"the model fails on an input of {size}: {type(error).__name__}: {said}; "
            "check the input size"
        ) from error


def writes(forward: Callable[[Tensor], Tensor], inputs: Tensor) -> bool:
    """Whether a forward pass changes its input in place."""
    given = inputs.clone()
    before = given._version
    with torch.no_grad():
        forward(given)
    return given._version != before


def find_softmax(
    model: nn.Module, forward: Callable[[Tensor], Tensor], inputs: Tensor
) -> nn.Module | None:
    """The final softmax inside the model, which must be passed by; None when there is none.

    Explaining a probability mixes all classes and vanishes where the model is sure (methods,
    section 1.1), so scores must be logits.

    Raises:
        ModelError: The outputs are probabilities, and no module can be passed by.
    """
    outputs = _attempt(forward, inputs)
    kind = _probability_kind(outputs)
    if kind is None:
        return None
    last = _last_softmax(model, forward, inputs)
    if last is not None:
        with bypassed([last]):
            if _probability_kind(_attempt(forward, inputs)) is None:
                return last
    raise ModelError(
        f"the model returns {kind}, logits are needed; take the softmax out of its forward "
        "function, or make it a torch.nn.Softmax module at its end"
    )


def _probability_kind(outputs: Tensor) -> str | None:
    sums, logarithms = outputs.sum(dim=1), outputs.logsumexp(dim=1)
    if bool((outputs >= 0).all()) and torch.allclose(sums, torch.ones_like(sums), atol=1e-4):
        return "probabilities"
    if torch.allclose(logarithms, torch.zeros_like(logarithms), atol=1e-4):
        return "logarithms of probabilities"
    return None


def _last_softmax(
    model: nn.Module, forward: Callable[[Tensor], Tensor], inputs: Tensor
) -> nn.Module | None:
    """The softmax whose output is the model's, run once; attention has others before it."""
    ran: list[tuple[nn.Module, Tensor | None]] = []

    def note(module: nn.Module, _inputs: Any, output: Any) -> None:
        ran.append((module, first_tensor(output)))

    modules = [module for module in model.modules() if isinstance(module, _SOFTMAX)]
    handles = [module.register_forward_hook(note) for module in modules]
    try:
        outputs = _attempt(forward, inputs)
    finally:
        for handle in handles:
            handle.remove()
    if not ran or sum(module is ran[-1][0] for module, _ in ran) > 1:
        return None
    module, output = ran[-1]
    # Whatever follows may reshape it, and the logits come as float32.
    is_last = output is not None and torch.equal(output.flatten().float(), outputs.flatten())
    return module if is_last else None
