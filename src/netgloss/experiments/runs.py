"""One drawn set walked through the stages: draw, train, explain, describe, count.

Every experiment on the drawn world starts here. What was made is kept, so that an interrupted
experiment goes on where it stopped.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.errors import OptionError
from netgloss.progress import Tracker, untracked
from netgloss.scenes.scene_set import SceneSet
from netgloss.scenes.task import Bias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from netgloss.answers.populations import Population
    from netgloss.concepts.table import ConceptTable
    from netgloss.scenes.scene import Entity
    from netgloss.scenes.training import TrainedNetwork
    from netgloss.study import Study

__all__ = [
    "RELIES",
    "SETS",
    "Prepared",
    "Run",
    "annotate",
    "answer",
    "begin",
    "heat_maps",
    "make_study",
    "prepare",
    "scene_set",
]

SETS: dict[str, tuple[str, Bias]] = {
    "D1": ("pedestrians", Bias("date")),
    "D2": ("pedestrians", Bias("colour")),
    "D3": ("pedestrians", Bias("date-city")),
    "D4": ("pedestrians", Bias("coloured-date")),
    "D5.1": ("pedestrians", Bias("orientation", 0.0)),
    "D5.2": ("pedestrians", Bias("orientation")),
    "BM1.1": ("fish", Bias("background", 0.0)),
    "BM1.2": ("fish", Bias("background")),
    "BM2.1": ("vehicles", Bias("background", 0.0)),
    "BM2.2": ("vehicles", Bias("background")),
}
"""SECA's interpretation scenarios (Table 1) as drawn sets."""

RELIES = 0.95
"""The flip rate from which a network relies on the cue (methods 9)."""


@dataclass(frozen=True)
class Run:
    """One set, one network, one seed.

    Args:
        set: A name of :data:`SETS`.
        network: ``vgg`` or ``inception``.
        seed: Of the pictures, the network and the people.
        images: How many pictures are explained and described.

    Raises:
        OptionError: The set or the network is unknown.
    """

    set: str
    network: str = "vgg"
    seed: int = 0
    images: int = 200

    def __post_init__(self) -> None:
        from netgloss.scenes.architectures import find_architecture

        if self.set not in SETS:
            raise OptionError(f"set '{self.set}' is not known; choose from: {', '.join(SETS)}")
        find_architecture(self.network)

    @property
    def name(self) -> str:
        """What it is called among the finished runs."""
        return f"{self.set}-{self.network}-{self.seed}-{self.images}"

    def place(self, work: Path) -> Path:
        """Where its pictures and studies are kept; all networks look at the same pictures."""
        return work / f"{self.set}-{self.seed}-{self.images}"


@dataclass(frozen=True)
class Prepared:
    """A study and the truth about its pictures.

    Args:
        study: The study.
        truth: What can be seen on each image.
        accuracy: Share of new pictures that the network names rightly, in [0, 1].
        flip_rate: Share of new pictures whose class changes once the cue is swapped, in [0, 1].
    """

    study: Study
    truth: Mapping[str, Sequence[Entity]]
    accuracy: float
    flip_rate: float


def scene_set(run: Run) -> SceneSet:
    """The pictures that are explained; the network never saw them."""
    task, bias = SETS[run.set]
    return SceneSet(task, bias, run.images, run.seed)


def prepare(run: Run, work: Path, track: Tracker = untracked) -> Prepared:
    """Draws the pictures, trains the network and extracts its SmoothGrad maps.

    Args:
        run: Which set, network and seed.
        work: Where the pictures, the network and the study are kept.
        track: Draws progress.

    Raises:
        NetglossError: The network does not learn the task, or the disk refuses.
    """
    from netgloss.evidence.smoothgrad import SmoothGrad

    prepared = begin(run, work, run.network, track)
    # Averaged gradients (Smilkov et al.) rather than squared ones: squares let the hottest digits
    # of a stamp take so much of the heat that the rest of the cue counts as cold.
    prepared.study.extract(SmoothGrad(mode="mean"), track=track)
    return prepared


def begin(run: Run, work: Path, folder: str, track: Tracker = untracked) -> Prepared:
    """Draws the pictures and trains the network; the study has no evidence yet.

    Args:
        run: Which set, network and seed.
        work: Where the pictures, the network and the study are kept.
        folder: The study's folder, beside those of other experiments with the same pictures.
        track: Draws progress.

    Raises:
        NetglossError: The network does not learn the task, or the disk refuses.
    """
    from netgloss.scenes.training import trained
    from netgloss.scenes.truth import read_truth

    pictures = scene_set(run)
    weights = work / "networks" / f"{run.set}-{run.seed}"
    network = trained(pictures, run.network, weights, track=track)
    place = run.place(work)
    world = place / "world"
    study = make_study(place / folder, world, pictures, network, track)
    truth = read_truth(world / "truth.json")
    return Prepared(study, truth, network.accuracy, network.flip_rate)


def make_study(
    place: Path,
    world: Path,
    pictures: SceneSet,
    network: TrainedNetwork,
    track: Tracker = untracked,
) -> Study:
    """The study of a drawn set, made or opened, with what is known about its network in it.

    Args:
        place: The study's folder.
        world: Where the pictures are, or go.
        pictures: What to draw.
        network: What was trained on such pictures.
        track: Draws progress.
    """
    from netgloss.scenes.architectures import ARCHITECTURES, MEAN, STD
    from netgloss.scenes.truth import write_scenes
    from netgloss.study import Study

    write_scenes(pictures, world, track)
    if (place / "study.toml").is_file():
        study = Study.open(place)
    else:
        study = Study.create(
            place,
            world / "images",
            model=ARCHITECTURES[network.architecture].path,
            weights=network.weights,
            classes=pictures.classes,
            input_size=pictures.size,
            mean=MEAN,
            std=STD,
            track=track,
        )
    _keep_reliance(study, pictures, network)
    return study


def annotate(
    prepared: Prepared,
    population: Population,
    *,
    seed: int = 0,
    track: Tracker = untracked,
    **word_options: Any,
) -> ConceptTable:
    """What a population says about the heat maps, as a concept table.

    The people get a copy of the study of their own, named after them, so that several
    populations can look at the same evidence.

    Args:
        prepared: From :func:`prepare`.
        population: Who looks.
        seed: Of everything random about them.
        track: Draws progress.
        **word_options: As :meth:`netgloss.study.Study.words` takes them.
    """
    study = _copy_for(prepared.study, population.name)
    answer(study, prepared.truth, population, seed=seed, track=track)
    study.words(track=track, **word_options)
    return study.concepts()


def answer(
    study: Study,
    truth: Mapping[str, Sequence[Entity]],
    population: Population,
    *,
    seed: int = 0,
    track: Tracker = untracked,
) -> int:
    """Lets a population annotate every heat map of a study; returns how many boxes it drew."""
    from netgloss.answers.simulate import simulate

    answers = simulate(heat_maps(study, track), truth, population, seed=seed)
    study.add_answers(answers)
    return sum(len(one.boxes) for one in answers)


def heat_maps(
    study: Study, track: Tracker = untracked
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Each image that has a SmoothGrad map, and the map at the image's size.

    Args:
        study: The study.
        track: Draws progress, one item an image, as people describe the maps.
    """
    from netgloss.study.heat import heat_by_image

    heat = heat_by_image(study, "smoothgrad")
    images = study.usable_images()
    for image in track(images, total=len(images), what="describing heat maps"):
        warm = heat(image.image)
        if warm is not None:
            yield image.image, warm


def _copy_for(study: Study, name: str) -> Study:
    """A copy of the study without its answers, in a folder beside it; replaces an older one."""
    from netgloss.study import Study

    place = study.folder.with_name(f"{study.folder.name}-{name}")
    shutil.rmtree(place, ignore_errors=True)
    kept_out = shutil.ignore_patterns(
        "answers", "vocabulary.csv", "concepts.parquet", "words.json", "concepts.json"
    )
    shutil.copytree(study.folder, place, ignore=kept_out)
    return Study.open(place)


def _keep_reliance(study: Study, pictures: SceneSet, network: TrainedNetwork) -> None:
    """Writes down in the study's results what was planted and whether the network relies on it."""
    import pandas as pd

    from netgloss.study.results import keep

    row = {
        "task": pictures.task,
        "bias": pictures.bias.cue,
        "strength": pictures.bias.strength,
        "cue": pictures.cue.about,
        "accuracy": network.accuracy,
        "flip_rate": network.flip_rate,
        "relies_on_it": network.flip_rate >= RELIES,
    }
    keep(study.folder, "reliance", pd.DataFrame([row]))
