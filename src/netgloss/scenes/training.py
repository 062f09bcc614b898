"""Trains a network on a drawn set, and checks whether it relies on the planted cue.

Methods 9: train until the accuracy is about 1, then verify the reliance by counterfactual
rendering.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from netgloss.errors import ModelError
from netgloss.progress import Tracker, untracked
from netgloss.scenes.architectures import MEAN, STD, SmallNetwork, find_architecture
from netgloss.scenes.scene_set import SceneSet
from netgloss.store.atomic import atomic_path
from netgloss.store.records import is_fresh, read_record, write_record

__all__ = ["Recipe", "TrainedNetwork", "flip_rate", "predict", "train", "trained"]

Pixels = NDArray[np.uint8]

# Added to the seed of the pictures that are explained: no set shares a picture with another.
_LEARNED, _HELD_OUT = 1_000_000, 2_000_000
_KEPT_SETS = 3
_OTHER_WEIGHTS = 10_000


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    Args:
        pictures: Pictures to train on.
        held_out: Pictures that decide when to stop, and on which reliance is measured.
        epochs: At most so many passes over the pictures a cycle.
        batch_size: Pictures a step.
        rate: Highest learning rate.
        noise: Standard deviation of the noise on each training picture, as a share of the grey
            scale; it keeps single pixels from deciding, which also makes heat maps quieter.
        cycles: How often the learning rate may rise and fall, each time for so many epochs and
            to a third of the height before.
        attempts: How often to begin anew with other weights while ``least`` is missed.
        target: Share of the held-out pictures that must be reached twice in a row, for one epoch
            may be lucky, to stop early.
        good: Share from which no further cycle is tried.
        least: Share that must be reached in the end.
    """

    pictures: int = 1000
    held_out: int = 200
    epochs: int = 12
    batch_size: int = 32
    rate: float = 1e-2
    noise: float = 0.05
    cycles: int = 2
    attempts: int = 3
    target: float = 0.995
    good: float = 0.98
    least: float = 0.97


@dataclass(frozen=True)
class TrainedNetwork:
    """A network on disk and how good it is.

    Args:
        architecture: ``vgg`` or ``inception``.
        weights: The file of its weights (safetensors).
        accuracy: Share of held-out pictures that it names rightly, in [0, 1].
        flip_rate: Share of them whose class changes once the cue is swapped, in [0, 1].
        epochs: Passes over the training pictures.
    """

    architecture: str
    weights: Path
    accuracy: float
    flip_rate: float
    epochs: int


def trained(
    like: SceneSet,
    architecture: str,
    folder: Path,
    recipe: Recipe | None = None,
    track: Tracker = untracked,
) -> TrainedNetwork:
    """A network for pictures like these, from the folder if it was trained before.

    It is trained on other pictures of the same task and bias; neither they nor the held-out
    ones are among the given ones.

    Args:
        like: The pictures that will be explained; its seed is the training's as well.
        architecture: ``vgg`` or ``inception``.
        folder: Gets the weights and a record of how they came about.
        recipe: How it is trained.
        track: Draws progress.

    Raises:
        ModelError: The network does not learn the task; nothing is left behind.
        OptionError: There is no such architecture.
    """
    layers = str(find_architecture(architecture).build(len(like.classes)))
    recipe = recipe or Recipe()
    weights = folder / f"{architecture}.safetensors"
    made_from = {**like.recipe(), "images": None, "architecture": layers, **vars(recipe)}
    stage = f"network-{architecture}"
    if not is_fresh(folder, stage, made_from, [weights], [weights]):
        network, ended = _train_on(like, architecture, recipe, track)
        _save(network, weights)
        write_record(folder, stage, made_from, [weights], **ended)
    record = read_record(folder, stage)
    return TrainedNetwork(
        architecture, weights, record["accuracy"], record["flip_rate"], record["epochs"]
    )


def _train_on(
    like: SceneSet, architecture: str, recipe: Recipe, track: Tracker
) -> tuple[SmallNetwork, dict[str, Any]]:
    learned = replace(like, count=recipe.pictures, seed=like.seed + _LEARNED)
    held_out = replace(like, count=recipe.held_out, seed=like.seed + _HELD_OUT)
    examples = _examples(learned, track, "drawing training pictures")
    tested = _examples(held_out, track, "drawing new pictures")
    network, accuracy, epochs = train(
        architecture, examples, tested, recipe, seed=like.seed, track=track
    )
    swapped = _drawn(held_out, True, track, "swapping the cue")
    flips = flip_rate(network, tested.pixels, swapped)
    return network, {"accuracy": accuracy, "epochs": epochs, "flip_rate": flips}


@dataclass(frozen=True)
class Examples:
    """Pictures with what is known of them.

    Args:
        pixels: uint8, shape (picture, height, width, 3).
        labels: Number of each picture's class.
        states: Number of the state in which each picture shows the cue; only an exclusive-or
            needs it.
    """

    pixels: Pixels
    labels: Sequence[int]
    states: Sequence[int] | None = None

    def __len__(self) -> int:
        return len(self.pixels)


def _examples(pictures: SceneSet, track: Tracker, what: str) -> Examples:
    numbers = {state: number for number, state in enumerate(pictures.cue.all_states)}
    return Examples(
        _drawn(pictures, False, track, what),
        pictures.labels(),
        [numbers[state] for state in pictures.states()] if pictures.cue.exclusive_or else None,
    )


_last_drawn: dict[tuple[SceneSet, bool], Pixels] = {}


def _drawn(pictures: SceneSet, swapped: bool, track: Tracker, what: str) -> Pixels:
    """The pictures, or their counterfactuals; those of the last network are still at hand.

    A second network is often trained on the same pictures, and drawing takes as long as training.
    """
    key = (pictures, swapped)
    if key not in _last_drawn:
        while len(_last_drawn) >= _KEPT_SETS:
            del _last_drawn[next(iter(_last_drawn))]
        _last_drawn[key] = pictures.pixels(swapped=swapped, track=track, what=what)
    return _last_drawn[key]


def train(
    architecture: str,
    examples: Examples,
    held_out: Examples,
    recipe: Recipe,
    *,
    seed: int = 0,
    track: Tracker = untracked,
) -> tuple[SmallNetwork, float, int]:
    """A trained network, its accuracy on held-out pictures, and how many epochs it took.

    Where the examples know the states of the cue, the network learns to tell them apart as well,
    by a head that is thrown away in the end. That stands in for the pre-training of the paper's
    networks: from scratch these seldom find an exclusive-or, neither half of which says
    anything about the class.

    Args:
        architecture: ``vgg`` or ``inception``.
        examples: What it learns from.
        held_out: What decides when to stop.
        recipe: How it is trained.
        seed: Of the weights and of the order.
        track: Draws progress, one item an epoch.

    Raises:
        ModelError: The accuracy stays below the recipe's least.
    """
    epochs = 0
    for attempt in range(recipe.attempts):
        network, accuracy, taken = _attempt(
            architecture, examples, held_out, recipe, seed + _OTHER_WEIGHTS * attempt, track
        )
        epochs += taken
        if accuracy >= recipe.least:
            return network, accuracy, epochs
    raise ModelError(
        f"training on {len(examples)} pictures ended at an accuracy of {accuracy:.3f} after "
        f"{epochs} epochs; {recipe.least:g} is needed: give it more pictures or more epochs"
    )


def _attempt(
    architecture: str,
    examples: Examples,
    held_out: Examples,
    recipe: Recipe,
    seed: int,
    track: Tracker,
) -> tuple[SmallNetwork, float, int]:
    """What :func:`train` gives, from one set of first weights, however good."""
    rng = np.random.default_rng(seed)
    classes, states = max(examples.labels) + 1, max(examples.states or [0]) + 1
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = find_architecture(architecture).build(classes)
        helper = nn.Linear(network.channels, states)
    accuracy, epochs = 0.0, 0
    for cycle in range(recipe.cycles):
        step = _stepper(network, helper, examples, recipe, seed, cycle)
        for _ in track(range(recipe.epochs), total=recipe.epochs, what="training"):
            epochs += 1
            network.train()
            order = rng.permutation(len(examples))
            for start in range(0, len(examples), recipe.batch_size):
                step(order[start : start + recipe.batch_size])
            said = predict(network, held_out.pixels)
            before, accuracy = accuracy, float((said == np.array(held_out.labels)).mean())
            if min(before, accuracy) >= recipe.target:
                break
        if accuracy >= recipe.good:
            break
    return network, accuracy, epochs


def predict(network: nn.Module, pixels: Pixels, batch_size: int = 64) -> NDArray[np.int64]:
    """Number of the class that the network says, shape (picture,)."""
    network.eval()
    with torch.inference_mode():
        parts = [network(_prepared(part)).argmax(1) for part in _split(pixels, batch_size)]
    return np.asarray(torch.cat(parts).numpy(), dtype=np.int64)


def flip_rate(network: nn.Module, pixels: Pixels, swapped: Pixels) -> float:
    """Share of the pictures that get another class once the cue is swapped, in [0, 1].

    Args:
        network: A trained network.
        pixels: uint8, shape (picture, height, width, 3).
        swapped: The counterfactuals of the same pictures, in the same order.

    Source:
        Methods 9: 0.95 or more shows that the network relies on the cue.
    """
    return float((predict(network, pixels) != predict(network, swapped)).mean())


def _stepper(
    network: SmallNetwork,
    helper: nn.Linear,
    examples: Examples,
    recipe: Recipe,
    seed: int,
    cycle: int,
) -> Callable[[NDArray[np.int64]], None]:
    """A function that learns from the chosen examples."""
    rate = recipe.rate / 3**cycle
    learned = [*network.parameters(), *helper.parameters()]
    optimiser = torch.optim.AdamW(learned, lr=rate / 2, weight_decay=1e-2)
    steps = recipe.epochs * math.ceil(len(examples) / recipe.batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    labels = torch.tensor(examples.labels)
    states = None if examples.states is None else torch.tensor(examples.states)

    noise = torch.Generator().manual_seed(seed + cycle)
    spread = recipe.noise / torch.tensor(STD)[:, None, None]

    def step(chosen: NDArray[np.int64]) -> None:
        clean = _prepared(examples.pixels[chosen])
        if torch.rand(1, generator=noise) < 0.5:
            clean = clean.flip(-1)  # mirrored pictures are further examples for nothing
        pooled = network.pooled(clean + spread * torch.randn(clean.shape, generator=noise))
        loss = nn.functional.cross_entropy(network.classifier(pooled), labels[chosen])
        if states is not None:
            loss = loss + nn.functional.cross_entropy(helper(pooled), states[chosen])
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
        schedule.step()

    return step


def _save(network: nn.Module, path: Path) -> None:
    """Writes the weights as safetensors, whole or not at all."""
    from safetensors.torch import save_file

    with atomic_path(path) as temporary:
        save_file(network.state_dict(), temporary)


def _split(pixels: Pixels, size: int) -> Iterator[Pixels]:
    for start in range(0, len(pixels), size):
        yield pixels[start : start + size]


def _prepared(pixels: Pixels) -> Tensor:
    """Scaled to [0, 1] and normalised, shape (picture, 3, height, width).

    The memory stays as it is, channels last, which a CPU convolves up to 1.7 times as fast.
    """
    scaled = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    return (scaled - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
