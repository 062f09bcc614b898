from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import torch
from PIL import Image as Picture
from torch import Tensor, nn

from netgloss.errors import DataError, ModelError
from netgloss.vision.classifier import Classifier
from netgloss.vision.geometry import Placement
from netgloss.vision.images import Image

T = TypeVar("T")
CLASSES = ["cat", "dog", "bird"]


def small(*end: nn.Module) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace=True),
        nn.Dropout(0.5),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(16, 3),
        *end,
    )


def wrap(model: nn.Module, **options: Any) -> Classifier:
    return Classifier(model, CLASSES, 16, device="cpu", **options)


class Residual(nn.Module):
    """One in-place ReLU for two places, and a shortcut added in place, as in many networks."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.head = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        shortcut = self.relu(self.first(x))
        out = self.second(shortcut)
        out += shortcut
        return self.head(self.relu(out).mean(dim=(2, 3)))


class Wrapped(nn.Module):
    """A network whose output goes through a function, written as a user would write it."""

    def __init__(self, end: Any) -> None:
        super().__init__()
        self.body, self.end = small(), end

    def forward(self, x: Tensor) -> Any:
        return self.end(self.body(x))


def state(model: nn.Module) -> dict[str, Any]:
    return {
        "modes": [module.training for module in model.modules()],
        "in_place": [getattr(module, "inplace", None) for module in model.modules()],
        "needed": [parameter.requires_grad for parameter in model.parameters()],
        "gradients": [parameter.grad for parameter in model.parameters()],
        "hooks": [
            (len(module._forward_hooks), len(module._forward_pre_hooks))
            for module in model.modules()
        ],
        "values": [value.clone() for value in model.state_dict().values()],
    }


def same(before: dict[str, Any], after: dict[str, Any]) -> bool:
    values = all(map(torch.equal, before["values"], after["values"]))
    return values and all(before[key] == after[key] for key in before if key != "values")


def mixed() -> nn.Sequential:
    """Half in training mode, one parameter held fixed: no uniform state could be restored."""
    model = small()
    model.train()
    model[1].eval()
    model[0].weight.requires_grad_(False)
    return model


def test_everything_is_put_back_after_every_call() -> None:
    model = mixed()
    before = state(model)
    classifier = wrap(model)
    inputs = torch.randn(2, 3, 16, 16, requires_grad=True)
    torch.autograd.grad(classifier.logits(inputs).sum(), inputs)
    classifier.layers()
    with classifier.activations("0"):
        classifier.logits(inputs)
    assert same(before, state(model))


def test_everything_is_put_back_after_an_exception() -> None:
    model = mixed()
    classifier = wrap(model)
    before = state(model)
    meanwhile = []

    def fail() -> None:
        with classifier.frozen(), classifier.activations("0", "2"):
            meanwhile.append(state(model))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not any(meanwhile[0]["modes"] + meanwhile[0]["needed"])
    assert True not in meanwhile[0]["in_place"]
    assert same(before, state(model))
    with pytest.raises(RuntimeError):
        classifier.logits(torch.randn(1, 5, 16, 16))
    assert same(before, state(model))


def test_frozen_holds_through_the_calls_inside() -> None:
    model = mixed()
    classifier = wrap(model)
    with classifier.frozen():
        classifier.logits(torch.randn(1, 3, 16, 16))
        assert not model.training
        with classifier.frozen():
            pass
        assert not any(parameter.requires_grad for parameter in model.parameters())
    assert model.training


def test_logits_are_those_of_the_model_in_evaluation_mode() -> None:
    model = small()
    inputs = torch.randn(3, 3, 16, 16)
    wanted = small().eval()(inputs)
    assert torch.allclose(wrap(model.train()).logits(inputs), wanted, atol=1e-6)


def test_a_gradient_agrees_with_finite_differences() -> None:
    torch.manual_seed(0)
    smooth = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Softplus(), nn.Flatten(), nn.Linear(784, 3))
    classifier = wrap(smooth)
    inputs = torch.randn(1, 3, 16, 16, requires_grad=True)
    (gradient,) = torch.autograd.grad(classifier.logits(inputs)[0, 1], inputs)
    direction = torch.randn_like(inputs)
    with torch.no_grad():
        ahead = classifier.logits(inputs + 0.01 * direction)[0, 1]
        behind = classifier.logits(inputs - 0.01 * direction)[0, 1]
    assert float(ahead - behind) / 0.02 == pytest.approx(float((gradient * direction).sum()), 1e-3)


def test_a_model_in_double_precision_takes_single_precision_inputs() -> None:
    logits = wrap(small().double()).logits(torch.randn(2, 3, 16, 16))
    assert logits.dtype == torch.float32


def test_no_gradient_of_the_users_is_written_or_wiped() -> None:
    model = small()
    classifier = wrap(model)
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 7.0)
    inputs = torch.randn(1, 3, 16, 16, requires_grad=True)
    torch.autograd.grad(classifier.logits(inputs).sum(), inputs)
    assert inputs.grad is None
    assert all((parameter.grad == 7.0).all() for parameter in model.parameters())


def test_memory_does_not_grow_over_a_hundred_rounds() -> None:
    classifier = wrap(small())

    def once() -> None:
        inputs = torch.randn(2, 3, 16, 16, requires_grad=True)
        with classifier.activations("0", "6") as seen:
            logits = classifier.logits(inputs)
            torch.autograd.grad(logits[:, 0].sum(), [inputs, seen["0"]])

    def live() -> int:
        return sum(issubclass(type(each), Tensor) for each in gc.get_objects())

    gc.collect()
    gc.disable()  # what only the collector could free is a leak, too
    try:
        once()
        before = live()
        for _ in range(100):
            once()
        assert live() == before
    finally:
        gc.enable()


def test_a_model_that_writes_on_its_input_gets_a_copy() -> None:
    class Writes(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = small()

        def forward(self, x: Tensor) -> Tensor:
            x.sub_(0.5).relu_()
            return self.body(x)

    classifier = wrap(Writes())
    inputs = torch.randn(2, 3, 16, 16)
    before = inputs.clone()
    first = classifier.logits(inputs)
    assert torch.equal(inputs, before)
    assert torch.equal(classifier.logits(inputs), first)
    inputs.requires_grad_()
    assert torch.autograd.grad(classifier.logits(inputs).sum(), inputs)[0].abs().sum() > 0


def test_an_activation_is_not_overwritten_by_what_follows() -> None:
    """An in-place ReLU and an in-place sum come after these two; both would show."""
    model = Residual()
    inputs = torch.randn(2, 3, 16, 16)
    with torch.no_grad():
        first = model.first(inputs)
        second = model.second(first.relu())
    classifier = wrap(model)
    with classifier.activations("first", "second") as seen:
        logits = classifier.logits(inputs)
    assert torch.allclose(seen["first"], first, atol=1e-6)
    assert torch.allclose(seen["second"], second, atol=1e-6)
    assert (seen["first"] < 0).any()
    assert torch.equal(logits, classifier.logits(inputs))


def test_a_gradient_reaches_activations_without_one_for_the_input() -> None:
    model = nn.Sequential(nn.Conv2d(3, 2, 1), nn.Flatten(), nn.Linear(512, 3))
    classifier = wrap(model)
    with classifier.activations("0") as seen:
        logits = classifier.logits(torch.randn(1, 3, 16, 16))
        (gradient,) = torch.autograd.grad(logits[0, 2], seen["0"])
    assert torch.allclose(gradient.flatten(), model[2].weight[2])
    with classifier.activations("0") as seen, torch.no_grad():
        classifier.logits(torch.randn(1, 3, 16, 16))
    assert not seen["0"].requires_grad


@pytest.mark.parametrize("kind", [nn.Softmax, nn.LogSoftmax])
def test_a_final_softmax_module_is_passed_by(kind: type[nn.Module]) -> None:
    inputs = torch.randn(4, 3, 16, 16)
    model = small(kind(dim=1))
    classifier = wrap(model)
    assert torch.allclose(classifier.logits(inputs), small().eval()(inputs), atol=1e-6)
    # The user's model still ends in its softmax.
    assert torch.allclose(model.eval()(inputs), small(kind(dim=1)).eval()(inputs), atol=1e-6)


def test_only_the_final_softmax_is_passed_by() -> None:
    class Attends(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.gate, self.end = small(), nn.Softmax(dim=1), nn.Softmax(dim=1)

        def scores(self, x: Tensor) -> Tensor:
            y = self.body(x)
            return 5 * y * self.gate(y)

        def forward(self, x: Tensor) -> Tensor:
            return self.end(self.scores(x))

    model = Attends()
    inputs = torch.randn(2, 3, 16, 16)
    assert torch.allclose(wrap(model).logits(inputs), model.eval().scores(inputs), atol=1e-6)


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (lambda y: y.softmax(dim=1), "probabilities"),
        (lambda y: y.log_softmax(dim=1), "logarithms of probabilities"),
        (nn.Sequential(nn.Softmax(dim=1), nn.Softmax(dim=1)), "probabilities"),
    ],
)
def test_a_softmax_that_cannot_be_passed_by_is_refused(end: Any, kind: str) -> None:
    with pytest.raises(ModelError, match=f"returns {kind}, logits are needed"):
        wrap(Wrapped(end))


def test_scores_that_only_look_like_probabilities_are_logits() -> None:
    """Positive scores, or rows that sum to one, are not enough."""
    inputs = torch.randn(2, 3, 16, 16)
    for end in (torch.exp, lambda y: y - y.mean(dim=1, keepdim=True) + 1 / 3):
        model = Wrapped(end)
        assert torch.allclose(wrap(model).logits(inputs), model.eval()(inputs))


def test_an_object_or_dictionary_with_logits_will_do() -> None:
    class Output:
        def __init__(self, logits: Tensor) -> None:
            self.logits = logits

    inputs = torch.randn(2, 3, 16, 16)
    wanted = small().eval()(inputs)
    for end in (Output, lambda y: {"loss": 0, "logits": y}):
        assert torch.allclose(wrap(Wrapped(end)).logits(inputs), wanted, atol=1e-6)


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (lambda y: (y, y), "returns a tuple"),
        (lambda y: {"out": y}, "returns a dict"),
        (lambda y: y[:, :, None], r"returns the shape \(2, 3, 1\)"),
        (lambda y: y[:, :2], "has 2 outputs but 3 classes were given"),
        (lambda y: y / 0, "not finite"),
        (lambda y: y + torch.rand_like(y), "answers differently"),
        (lambda y: nn.functional.dropout(y, 0.9, training=True), "answers differently"),
        (lambda y: y.nonsense, "fails on an input of 3x16x16: AttributeError"),
    ],
)
def test_a_model_that_cannot_be_explained_is_refused(end: Any, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        wrap(Wrapped(end))


def test_a_wrong_input_size_is_named() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 3))
    with pytest.raises(ModelError, match=r"fails on an input of 3x16x16.*check the input size"):
        wrap(model)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ["a", "b", "a"]}, "class 'a' is given twice"),
        ({"classes": ["a"]}, "1 classes were given"),
        ({"classes": "a,b,c"}, "classes 'a,b,c' is one text"),
        ({"input_size": 0}, "input size 0x0"),
        ({"resize": "pad"}, "resize 'pad' is unknown"),
        ({"crop_ratio": 2.0, "resize": "crop"}, "crop_ratio 2.0"),
        ({"mean": (0.5,)}, "mean has 1 numbers"),
        ({"std": (1, 0, 1)}, "must be above 0"),
        ({"precision": "int8"}, "precision 'int8' is unknown"),
        ({"device": "tpu"}, "device 'tpu' is unknown"),
        ({"device": "meta"}, "device 'meta' is unknown"),
        ({"device": "cpu:1"}, "device 'cpu:1' was asked for, but PyTorch sees 1"),
    ],
)
def test_an_option_that_does_not_fit_is_named(options: dict[str, Any], message: str) -> None:
    given = {"classes": CLASSES, "input_size": 16, "device": "cpu", **options}
    with pytest.raises(ModelError, match=message):
        Classifier(small(), given.pop("classes"), given.pop("input_size"), **given)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_auto_takes_another_and_cuda_is_refused() -> None:
    assert Classifier(small(), CLASSES, 16).device.type in ("cpu", "mps")
    with pytest.raises(ModelError, match="'cuda' was asked for, but PyTorch sees 0"):
        Classifier(small(), CLASSES, 16, device="cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_on_a_gpu_the_logits_agree_and_memory_does_not_grow() -> None:
    inputs = torch.randn(2, 3, 16, 16)
    wanted = wrap(small()).logits(inputs)
    classifier = Classifier(small(), CLASSES, 16)
    assert classifier.device.type == "cuda"
    assert torch.allclose(classifier.logits(inputs).cpu(), wanted, atol=1e-3)
    used = []
    for _ in range(100):
        given = inputs.to("cuda").requires_grad_()
        with classifier.activations("0") as seen:
            torch.autograd.grad(classifier.logits(given)[:, 0].sum(), seen["0"])
        used.append(torch.cuda.memory_allocated())
    assert used[-1] == used[5]


def test_half_precision_gives_single_precision_logits() -> None:
    inputs = torch.randn(2, 3, 16, 16, requires_grad=True)
    model = small()
    exact = wrap(model).logits(inputs)
    classifier = wrap(model, precision="bfloat16")
    logits = classifier.logits(inputs)
    assert logits.dtype == torch.float32
    assert not torch.equal(logits, exact)
    assert torch.allclose(logits, exact, atol=0.02)
    (gradient,) = torch.autograd.grad(logits.sum(), inputs)
    assert gradient.dtype == torch.float32
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())


def test_a_precision_the_model_cannot_bear_is_refused() -> None:
    class Large(nn.Module):
        """Its numbers are beyond the largest of float16, 65504."""

        def __init__(self) -> None:
            super().__init__()
            self.body, self.head = small(), nn.Linear(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(1e6 * self.body(x)) / 1e6

    wrap(Large())
    with pytest.raises(ModelError, match=r"precision 'float16' does not work.*use float32"):
        wrap(Large(), precision="float16")


def test_prepared_pixels_are_placed_and_normalised() -> None:
    mean, std = (0.5, 0.25, 0.0), (0.5, 1.0, 2.0)
    classifier = Classifier(
        small(), CLASSES, (16, 16), resize="crop", mean=mean, std=std, device="cpu"
    )
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (30, 50, 3), np.uint8), np.full((9, 7, 3), 255, np.uint8)]
    inputs = classifier.prepare(pictures)
    assert inputs.shape == (2, 3, 16, 16)
    assert inputs.is_contiguous(memory_format=torch.channels_last)
    placed = Placement(50, 30, 16, 16, "crop").prepare(pictures[0])
    wanted = (placed / 255 - np.array(mean)) / np.array(std)
    assert np.allclose(inputs[0].numpy(), wanted.transpose(2, 0, 1), atol=1e-6)
    assert torch.allclose(inputs[1, :, 0, 0], torch.tensor([1.0, 0.75, 0.5]))
    assert classifier.placement(50, 30) == Placement(50, 30, 16, 16, "crop", 1.0)
    assert classifier.prepare([]).shape == (0, 3, 16, 16)


def test_height_and_width_are_not_swapped() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 20, 3))
    classifier = Classifier(model, CLASSES, (8, 20), device="cpu")
    picture = np.zeros((40, 100, 3), np.uint8)
    picture[:20] = 255
    inputs = classifier.prepare([picture])
    assert inputs.shape == (1, 3, 8, 20)
    assert (inputs[0, :, :3] == 1).all()
    assert (inputs[0, :, 5:] == 0).all()


@pytest.fixture
def images(tmp_path: Path) -> list[Image]:
    rng = np.random.default_rng(0)
    found = []
    for number in range(11):
        width, height = int(rng.integers(5, 40)), int(rng.integers(5, 40))
        path = tmp_path / f"{number}.png"
        Picture.fromarray(rng.integers(0, 256, (height, width, 3), np.uint8)).save(path)
        found.append(Image(path.name, path, width, height))
    return found


def test_predictions_do_not_depend_on_the_batch_size(images: list[Image]) -> None:
    classifier = wrap(small())
    one_by_one = []
    for image in images:
        with torch.no_grad():
            chances = classifier.logits(classifier.prepare([image.pixels()])).softmax(dim=1)[0]
        one_by_one.append((image, CLASSES[int(chances.argmax())], float(chances.max())))
    for batch_size in (1, 3, 4, 11, 64):
        found = list(classifier.predict(iter(images), batch_size))
        assert [each[:2] for each in found] == [each[:2] for each in one_by_one]
        assert [e[2] for e in found] == pytest.approx([e[2] for e in one_by_one], abs=1e-6)
    assert list(classifier.predict([])) == []
    with pytest.raises(ModelError, match="batch_size 0 is below 1"):
        list(classifier.predict(images, 0))


def test_a_caller_between_predictions_keeps_its_gradients(images: list[Image]) -> None:
    for _ in wrap(small()).predict(images, 4):
        assert torch.is_grad_enabled()


def test_the_tracker_sees_every_prediction(images: list[Image]) -> None:
    seen = []

    def track(items: Iterable[T], *, total: int, what: str) -> Iterator[T]:
        for item in items:
            seen.append(total)
            yield item

    list(wrap(small()).predict(images, 4, track))
    assert seen == [11] * 11


def test_an_image_that_has_gone_is_named(images: list[Image]) -> None:
    images[5].path.unlink()
    with pytest.raises(DataError, match=r"5\.png: not there"):
        list(wrap(small()).predict(images, 3))


def test_randomness_elsewhere_is_not_disturbed() -> None:
    model = small()
    torch.manual_seed(3)
    wanted = torch.rand(4)
    torch.manual_seed(3)
    wrap(model).layers()
    assert torch.equal(torch.rand(4), wanted)
