from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from netgloss.errors import ModelError, OptionError
from netgloss.scenes.architectures import ARCHITECTURES, MEAN, STD, find_architecture
from netgloss.scenes.scene_set import SceneSet
from netgloss.scenes.task import Bias
from netgloss.scenes.training import (
    Examples,
    Recipe,
    TrainedNetwork,
    flip_rate,
    predict,
    train,
    trained,
)

LIKE = SceneSet("vehicles", Bias("background"), 60, seed=4, size=64)
ONCE = {"cycles": 1, "attempts": 1}
TINY = Recipe(pictures=200, held_out=60, epochs=10, target=0.98, least=0.95, **ONCE)
HOPELESS = Recipe(pictures=8, held_out=40, epochs=1, least=1.0, **ONCE)


class Seen:
    """A tracker that remembers what was going on."""

    def __init__(self) -> None:
        self.work: list[tuple[str, int]] = []

    def __call__(self, items: Iterable[Any], *, total: int, what: str) -> Iterator[Any]:
        for item in items:
            self.work.append((what, total))
            yield item


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("networks")


@pytest.fixture(scope="module", params=ARCHITECTURES)
def learned(request: pytest.FixtureRequest, folder: Path) -> TrainedNetwork:
    return trained(LIKE, request.param, folder, TINY)


def _loaded(network: TrainedNetwork) -> nn.Module:
    built = find_architecture(network.architecture).build(2)
    built.load_state_dict(load_file(network.weights), strict=True)
    return built


def _noise(count: int, seed: int = 0) -> Examples:
    rng = np.random.default_rng(seed)
    return Examples(
        rng.integers(0, 256, (count, 32, 32, 3), np.uint8), [n % 2 for n in range(count)]
    )


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.parametrize("size", [64, 97, 128])
def test_a_picture_of_any_size_gets_a_logit_for_each_class(name: str, size: int) -> None:
    network = find_architecture(name).build(3).eval()
    images = torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(1))
    logits = network(images)
    assert logits.shape == (2, 3)
    torch.testing.assert_close(logits, network.classifier(network.pooled(images)))
    assert not torch.equal(logits[0], logits[1])


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_study_finds_the_architecture_by_its_import_path(name: str) -> None:
    module, _, factory = ARCHITECTURES[name].path.partition(":")
    build = getattr(import_module(module), factory)
    assert build(num_classes=5)(torch.zeros(1, 3, 64, 64)).shape == (1, 5)
    same = ARCHITECTURES[name].build(5).state_dict()
    assert {key: value.shape for key, value in build(5).state_dict().items()} == {
        key: value.shape for key, value in same.items()
    }


def test_an_unknown_architecture_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    seen = Seen()
    with pytest.raises(OptionError, match="network 'resnet' is not known; choose one of: vgg, inc"):
        trained(LIKE, "resnet", tmp_path, track=seen)
    assert not seen.work
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_it_learns_the_planted_cue_and_relies_on_it(learned: TrainedNetwork) -> None:
    assert learned.accuracy >= 0.95
    assert learned.flip_rate >= 0.95
    assert 2 <= learned.epochs <= TINY.epochs


@pytest.mark.slow
def test_the_weights_on_disk_are_those_of_the_network(learned: TrainedNetwork) -> None:
    network = _loaded(learned)
    pixels = LIKE.pixels()
    said = predict(network, pixels)
    assert (said == np.array(LIKE.labels())).mean() >= 0.9
    assert flip_rate(network, pixels, LIKE.pixels(swapped=True)) >= 0.9
    normalised = (torch.from_numpy(pixels) / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    with torch.no_grad():
        slowly = network(normalised.permute(0, 3, 1, 2)).argmax(1)
    np.testing.assert_array_equal(said, slowly.numpy())


@pytest.mark.slow
def test_a_second_call_loads_what_the_first_one_made(learned: TrainedNetwork) -> None:
    seen = Seen()
    before = learned.weights.stat().st_mtime_ns
    folder = learned.weights.parent
    assert trained(replace(LIKE, count=7), learned.architecture, folder, TINY, seen) == learned
    assert not seen.work
    assert learned.weights.stat().st_mtime_ns == before


EASY = replace(TINY, pictures=16, held_out=8, epochs=2, target=0.0, least=0.0)


@pytest.mark.parametrize("damage", ["record", "weights", "recipe", "pictures"])
def test_what_does_not_belong_together_is_trained_anew(damage: str, tmp_path: Path) -> None:
    like, recipe = LIKE, EASY
    first = trained(like, "vgg", tmp_path, recipe)
    weights = load_file(first.weights)
    if damage == "record":
        next((tmp_path / ".netgloss").iterdir()).write_text('{"options":')
    elif damage == "weights":
        first.weights.unlink()
    elif damage == "recipe":
        recipe = replace(recipe, rate=1e-3)
    else:
        like = replace(like, seed=5)
    seen = Seen()
    again = load_file(trained(like, "vgg", tmp_path, recipe, seen).weights)
    assert ("training", recipe.epochs) in seen.work
    same = all(torch.equal(again[name], value) for name, value in weights.items())
    assert same == (damage in {"record", "weights"})


def test_two_architectures_share_a_folder(tmp_path: Path) -> None:
    networks = [trained(LIKE, name, tmp_path, EASY) for name in ARCHITECTURES]
    assert len({network.weights for network in networks}) == len(ARCHITECTURES)
    for network in networks:
        seen = Seen()
        assert trained(LIKE, network.architecture, tmp_path, EASY, seen) == network
        assert not seen.work


def test_a_training_that_does_not_get_there_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^training on 8 pictures ended at an accuracy of 0\.\d+"):
        trained(LIKE, "vgg", tmp_path, HOPELESS)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_record_holds_what_was_measured(tmp_path: Path) -> None:
    network = trained(LIKE, "inception", tmp_path, EASY)
    (record,) = (json.loads(path.read_text()) for path in (tmp_path / ".netgloss").iterdir())
    kept = [record[name] for name in ("accuracy", "flip_rate", "epochs")]
    assert kept == [network.accuracy, network.flip_rate, network.epochs]
    assert record["options"]["rate"] == EASY.rate
    assert record["options"]["strength"] == LIKE.bias.strength


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_one_seed_gives_one_network_and_leaves_torch_alone(name: str) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    examples = _noise(16)
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    try:
        runs = [train(name, examples, examples, EASY, seed=seed)[0] for seed in (3, 3, 4)]
    finally:
        torch.set_num_threads(threads)
    torch.testing.assert_close(torch.random.get_rng_state(), before, rtol=0, atol=0)
    first, same, other = (dict(run.state_dict()) for run in runs)
    torch.testing.assert_close(first, same, rtol=0, atol=0)
    assert not torch.equal(first["classifier.2.weight"], other["classifier.2.weight"])


def test_it_stops_at_the_second_good_epoch_in_a_row() -> None:
    seen = Seen()
    recipe = replace(EASY, epochs=7, target=0.01)
    _, accuracy, epochs = train("vgg", _noise(16), _noise(16, 1), recipe, track=seen)
    assert epochs == 2
    assert seen.work == [("training", 7)] * 2
    assert 0 <= accuracy <= 1
    _, _, epochs = train("vgg", _noise(16), _noise(16, 1), replace(recipe, target=1.01))
    assert epochs == 7


def _squares(count: int, seed: int) -> Examples:
    """A red square, a green one, both or none on grey noise; the class is an exclusive-or."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(90, 130, (count, 64, 64, 3), np.uint8)
    states = rng.permutation(np.arange(count) % 4)
    for picture, state in zip(pixels, states, strict=True):
        for channel, bit in enumerate((1, 2)):
            y, x = rng.integers(0, 50, 2)
            if state & bit:
                picture[y : y + 12, x : x + 12, channel] = 230
    return Examples(pixels, [int(state in (1, 2)) for state in states], states.tolist())


@pytest.mark.slow
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_an_exclusive_or_is_learnt(name: str) -> None:
    examples, held_out = _squares(320, 1), _squares(80, 2)
    network, accuracy, _ = train(name, examples, held_out, replace(TINY, epochs=12))
    assert accuracy == (predict(network, held_out.pixels) == np.array(held_out.labels)).mean()
    assert accuracy >= 0.95
    fresh = find_architecture(name).build(2).state_dict()
    assert set(network.state_dict()) == set(fresh), "the head for the states is thrown away"


class OneLook(nn.Module):
    """Says class 1 where one pixel of the picture is bright."""

    def __init__(self, row: int, column: int) -> None:
        super().__init__()
        self.row, self.column = row, column

    def forward(self, images: Tensor) -> Tensor:
        bright = images[:, 0, self.row, self.column]
        return torch.stack([-bright, bright], dim=1)


def test_the_flip_rate_is_one_for_the_cue_alone_and_nought_without_it() -> None:
    pixels = np.random.default_rng(7).integers(0, 256, (40, 8, 8, 3), np.uint8)
    swapped = pixels.copy()
    pixels[:, 0, 0], swapped[:, 0, 0] = 0, 255
    assert flip_rate(OneLook(0, 0), pixels, swapped) == 1
    assert flip_rate(OneLook(5, 5), pixels, swapped) == 0
    swapped[:10, 0, 0] = 0
    assert flip_rate(OneLook(0, 0), pixels, swapped) == 0.75


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_prediction_does_not_depend_on_the_batch(name: str) -> None:
    pixels = _noise(9).pixels
    network = find_architecture(name).build(3)
    np.testing.assert_array_equal(predict(network, pixels, 2), predict(network, pixels, 9))


def test_a_poor_network_learns_on_and_then_begins_anew_with_other_weights() -> None:
    seen = Seen()
    recipe = replace(EASY, epochs=3, target=1.01, good=1.01, least=1.01, cycles=2, attempts=2)
    with pytest.raises(ModelError, match=r"after 12 epochs; 1\.01 is needed"):
        train("vgg", _noise(16), _noise(16, 1), recipe, track=seen)
    once = train("vgg", _noise(16), _noise(16, 1), replace(recipe, least=0.0))
    assert once[2] == 6
    good = train("vgg", _noise(16), _noise(16, 1), replace(recipe, least=0.0, good=0.0))
    assert good[2] == 3
