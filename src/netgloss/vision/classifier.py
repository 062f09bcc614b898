"""The classifier under study: pictures in, logits out, and a look at its layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netgloss.errors import ModelError
from netgloss.progress import Tracker, untracked
from netgloss.vision import freezing, layers, loading, probing
from netgloss.vision.geometry import Placement, Resize
from netgloss.vision.images import Image
from netgloss.vision.layers import Layer
from netgloss.vision.reading import read_ahead

__all__ = ["Classifier", "Layer"]

# A fifth faster than channels first for convolutions, on processors and GPUs alike.
_LAYOUT = torch.channels_last


class Classifier:
    """A PyTorch image classifier with the preprocessing it was trained with.

    The model is tried on noise when it is wrapped, so that a wrong number of classes, a softmax
    inside or chance in evaluation mode show before any explanation is made. It is moved to the
    device, channels last; nothing else of it is changed for longer than one call.

    >>> net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))
    >>> classifier = Classifier(net, ["cat", "dog"], input_size=8, device="cpu")
    >>> classifier.logits(classifier.prepare([np.zeros((30, 20, 3), np.uint8)])).shape
    torch.Size([1, 2])
    >>> classifier.last_convolution()
    '0'

    Args:
        model: Images (batch, 3, height, width) to logits (batch, class). A final softmax
            module is passed by, so that logits come out all the same.
        classes: One name an output, in the outputs' order.
        input_size: Height and width in pixels; one number for both.
        resize: ``squash`` or ``crop``, see :class:`~netgloss.vision.geometry.Placement`.
        crop_ratio: As for ``Placement``.
        mean: Of each channel, after scaling to [0, 1].
        std: Of each channel, after scaling to [0, 1].
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:1`` or ``mps``.
        precision: ``float32``, or ``bfloat16`` or ``float16`` for the costly operations.

    Raises:
        ModelError: The model cannot be explained as it is, or an option does not fit it.
    """

    def __init__(
        self,
        model: nn.Module,
        classes: Sequence[str],
        input_size: int | tuple[int, int],
        *,
        resize: Resize = "squash",
        crop_ratio: float = 1.0,
        mean: Sequence[float] = (0.0, 0.0, 0.0),
        std: Sequence[float] = (1.0, 1.0, 1.0),
        device: str = "auto",
        precision: str = "float32",
    ) -> None:
        self.classes = probing.checked_classes(classes)
        self.input_size = probing.checked_size(input_size)
        self.resize, self.crop_ratio = resize, crop_ratio
        self.placement(*self.input_size)  # refuses an unknown resize before the model is tried
        self.mean, self.std = (
            probing.checked_channels("mean", mean),
            probing.checked_channels("std", std),
        )
        if min(self.std) <= 0:
            raise ModelError(f"std {self.std} divides the pixels; each must be above 0")
        if precision not in probing.DTYPES:
            raise ModelError(f"precision '{precision}' is unknown; use {', '.join(probing.DTYPES)}")
        self.device = probing.choose_device(device)
        self.precision = precision
        moved = model.to(self.device)
        self.model: nn.Module = moved.to(memory_format=_LAYOUT)  # type: ignore[call-overload] # not in torch's stub
        self._dtype = next((p.dtype for p in model.parameters() if p.is_floating_point()), None)
        self._freezes = 0
        self._bypass: tuple[nn.Module, ...] = ()
        self._writes_input = False
        self._half = False
        self._try_out()

    @classmethod
    def load(
        cls,
        factory: str,
        weights: Path | None,
        classes: Sequence[str],
        input_size: int | tuple[int, int],
        *,
        resize: Resize = "squash",
        crop_ratio: float = 1.0,
        mean: Sequence[float] = (0.0, 0.0, 0.0),
        std: Sequence[float] = (1.0, 1.0, 1.0),
        device: str = "auto",
        precision: str = "float32",
    ) -> Classifier:
        """A classifier from a factory's name and a file of weights.

        Args:
            factory: ``package.module:name`` or ``path/to/file.py:name``; called with
                ``num_classes`` where it takes that, else without arguments.
            weights: ``.safetensors`` or a saved state dictionary; None where the factory brings
                its own. Nothing in the file is executed.
            classes: As for the class.
            input_size: As for the class.
            resize: As for the class.
            crop_ratio: As for the class.
            mean: As for the class.
            std: As for the class.
            device: As for the class.
            precision: As for the class.

        Raises:
            ModelError: The factory or the weights cannot be used, or as for the class.
        """
        model = loading.build_model(factory, len(probing.checked_classes(classes)))
        if weights is not None:
            loading.load_weights(model, weights)
        return cls(
            model,
            classes,
            input_size,
            resize=resize,
            crop_ratio=crop_ratio,
            mean=mean,
            std=std,
            device=device,
            precision=precision,
        )

    def _try_out(self) -> None:
        """Runs the model on noise and refuses what would spoil every explanation."""
        noise = probing.random_inputs(self.input_size, self.device, self._dtype or torch.float32)
        probing.run(self.logits, noise, len(self.classes))
        with self.frozen():
            self._writes_input = probing.writes(self._output, noise)
        softmax = probing.find_softmax(self.model, self.logits, noise)
        self._bypass = () if softmax is None else (softmax,)
        if self.precision != "float32":
            self._half = True
            self._try_precision(noise)

    def _try_precision(self, noise: Tensor) -> None:
        try:
            probing.run(self.logits, noise, len(self.classes))
        except ModelError as error:
            raise ModelError(
                f"precision '{self.precision}' does not work for this model on {self.device}: "
                f"{error}; use float32"
            ) from error

    def placement(self, width: int, height: int) -> Placement:
        """Where the input lies on an image of this size, in pixels."""
        return Placement(width, height, *self.input_size, self.resize, self.crop_ratio)

    def prepare(self, pixels: Sequence[NDArray[np.uint8]]) -> Tensor:
        """The model's input for these pictures, shape (batch, 3, height, width), normalised.

        Args:
            pixels: Original pictures of any sizes, each (height, width, 3).
        """
        return self._tensor([self._place(picture) for picture in pixels])

    def _place(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = pixels.shape[:2]
        return self.placement(width, height).prepare(pixels)

    def _read(self, image: Image) -> NDArray[np.uint8]:
        return self._place(image.pixels())

    def _tensor(self, placed: Sequence[NDArray[np.uint8]]) -> Tensor:
        stacked = np.stack(placed) if placed else np.zeros((0, *self.input_size, 3), np.uint8)
        raw = torch.from_numpy(stacked).to(self.device).permute(0, 3, 1, 2).to(torch.float32)
        mean, std = (
            torch.tensor(values, device=self.device).view(1, 3, 1, 1)
            for values in (self.mean, self.std)
        )
        normalised = (raw / 255 - mean) / std
        return normalised.contiguous(memory_format=_LAYOUT)

    def logits(self, inputs: Tensor) -> Tensor:
        """The score of each class before any softmax, shape (batch, class), float32.

        Differentiable with respect to the inputs; the model is frozen meanwhile.

        Args:
            inputs: Shape (batch, 3, height, width), as :meth:`prepare` makes them.

        Raises:
            ModelError: The batch does not fit the device's memory.
        """
        given = inputs.to(self.device, self._dtype)
        if self._writes_input and given is inputs:
            given = inputs.clone()
        try:
            with self.frozen():
                return self._output(given)
        except torch.OutOfMemoryError as error:
            raise ModelError(
                f"a batch of {len(inputs)} images does not fit the memory of {self.device}; "
                "use a smaller batch size"
            ) from error

    def _output(self, inputs: Tensor) -> Tensor:
        with self._autocast():
            output = self.model(inputs)
        return probing.logits_of(output).float()

    def _autocast(self) -> AbstractContextManager[object]:
        if not self._half:
            return nullcontext()
        return torch.autocast(self.device.type, probing.DTYPES[self.precision])

    def predict(
        self, images: Iterable[Image], batch_size: int = 32, track: Tracker = untracked
    ) -> Iterator[tuple[Image, str, float]]:
        """Yields each image with the class the model says and its softmax probability.

        Args:
            images: Usable images of a study.
            batch_size: Images in flight at once.
            track: Draws the progress.

        Raises:
            DataError: An image cannot be read any more.
        """
        if batch_size < 1:
            raise ModelError(f"batch_size {batch_size} is below 1")
        listed = list(images)
        said = self._said(listed, batch_size)
        yield from track(said, total=len(listed), what="asking the classifier")

    def _said(self, images: Sequence[Image], batch_size: int) -> Iterator[tuple[Image, str, float]]:
        for batch, placed in read_ahead(images, self._read, batch_size):
            # The block ends before the yield: a generator would leave its caller without
            # gradients.
            with torch.no_grad():
                scores, indices = self.logits(self._tensor(placed)).softmax(dim=1).max(dim=1)
            for image, index, score in zip(batch, indices.tolist(), scores.tolist(), strict=True):
                yield image, self.classes[index], score

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Evaluation mode, no parameter gradients, nothing in place; restored at the end.

        Take it round a loop: each :meth:`logits` does it otherwise.
        """
        if self._freezes:
            yield
            return
        self._freezes += 1
        try:
            with freezing.frozen(self.model, self._bypass):
                yield
        finally:
            self._freezes -= 1

    @contextmanager
    def activations(self, *names: str) -> Iterator[dict[str, Tensor]]:
        """Yields a dictionary that each :meth:`logits` fills with the outputs of these layers.

        They belong to the graph of the logits, so ``torch.autograd.grad`` reaches them; what the
        model does in place later does not touch them.

        Args:
            names: Layers as :meth:`layers` names them.

        Raises:
            ModelError: A layer is not in the model, is not run, or is run more than once.
        """
        modules = {name: self.layer(name) for name in names}
        calls = {id(self.layer(each.name)): each.calls for each in self._layers}
        for name, module in modules.items():
            count = calls.get(id(module), 0)
            if count != 1:
                reason = f"is run {count} times" if count else "is not run"
                raise ModelError(
                    f"layer '{name}' {reason} in a forward pass, so it has no single activation; "
                    "choose a layer that is run once"
                )
        with layers.recorded(modules) as seen:
            yield seen

    def layers(self) -> list[Layer]:
        """The layers that a forward pass runs, in the order in which they begin."""
        return list(self._layers)

    @cached_property
    def _layers(self) -> tuple[Layer, ...]:
        noise = probing.random_inputs(self.input_size, self.device, self._dtype or torch.float32)
        with torch.no_grad():
            return tuple(layers.list_layers(self.model, lambda: self.logits(noise)))

    def layer(self, name: str) -> nn.Module:
        """The module of that name.

        Raises:
            ModelError: It is not in the model.
        """
        modules: dict[str, nn.Module] = dict(self.model.named_modules(remove_duplicate=False))
        if name and name in modules:
            return modules[name]
        from rapidfuzz import process

        near = [repr(each) for each, _, _ in process.extract(name, filter(None, modules), limit=3)]
        last = next((each.name for each in self._layers if each.last_convolution), None)
        hint = f"the last convolution is '{last}'" if last else "it has no convolution"
        raise ModelError(
            f"layer '{name}' is not in the model; {hint}"
            + (f"; similar names are {', '.join(near)}" if near else "")
        )

    def last_convolution(self) -> str:
        """The name of the last convolution, where class evidence still has a place.

        Raises:
            ModelError: The model has no convolution that is run once.
        """
        for layer in self._layers:
            if layer.last_convolution:
                return layer.name
        raise ModelError("the model has no convolution that is run once; name a layer")
