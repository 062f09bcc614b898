"""The whole story on drawn pictures: plant a cue, train, explain, describe, and see it come out.

It needs no data and no network connection. Every step leaves its result in the folder, so that a
second run does only what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.errors import NetglossError, StudyError
from netgloss.progress import Tracker, untracked
from netgloss.scenes.world import Bias, counterfactual, draw_many, find_task
from netgloss.store.records import is_fresh, read_record, write_record

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from netgloss.concepts.table import ConceptTable
    from netgloss.study import Study

__all__ = ["Plot", "run_demo"]

Say = Callable[[str], None]
MIN_RELIANCE = 0.95  # methods 9: below it the network does not rely on the cue alone


@dataclass(frozen=True)
class Plot:
    """What the demo draws, plants and asks.

    Args:
        task: The task to draw.
        cue: What is planted.
        strength: How closely the cue follows the class.
        size: Side of a picture in pixels.
        training: Pictures to train on.
        held_out: Pictures that decide when the training ends.
        study: Pictures that are explained and described.
        concept: The word under which the cue is expected.
        queries: Expressions to test.
        seed: Of everything.
    """

    task: str = "vehicles"
    cue: str = "stripe"
    strength: float = 1.0
    size: int = 128
    training: int = 600
    held_out: int = 200
    study: int = 200
    concept: str = "orange-stripe"
    queries: tuple[str, ...] = ("orange-stripe AND NOT letters", "NOT stripe AND body")
    seed: int = 2026

    @property
    def bias(self) -> Bias:
        """The planted bias."""
        return Bias(self.cue, self.strength)

    @property
    def classes(self) -> tuple[str, str]:
        """The class with the cue, then the one without."""
        return find_task(self.task).classes


def run_demo(
    folder: Path,
    track: Tracker = untracked,
    say: Say = lambda _: None,
    plot: Plot | None = None,
) -> Study:
    """The finished study, told step by step.

    Args:
        folder: Where everything goes: the drawn pictures, the network and the study.
        track: Draws the progress of each step.
        say: Takes the story, a line at a time.
        plot: What is planted; an orange stripe on ambulances unless said otherwise.

    Raises:
        NetglossError: The folder holds something else, or the disk refuses.
    """
    plot = plot or Plot()
    world = folder / "world"
    _check_place(folder, read_record(world, "scenes"), plot)
    _draw_world(world, plot, track, say)
    _train_network(world, plot, track, say)
    study = _make_study(folder / plot.task, world, plot, track, say)
    _explain(study, track, say)
    _describe(study, world, plot, track, say)
    table = _reconcile(study, track, say)
    _show_findings(study, plot, say)
    _ask(study, table, plot, say)
    report = study.report(track=track)
    say("")
    say(f"Everything with its pictures: {report}")
    _say_next(study.folder, say)
    return study


def _check_place(folder: Path, record: Mapping[str, Any], plot: Plot) -> None:
    """Refuses a folder that holds something else, since a study's pictures must not change."""
    try:
        ours = {"world", plot.task}
        taken = folder.exists() and not {path.name for path in folder.iterdir()} <= ours
    except OSError as error:
        raise StudyError(f"{folder}: {error.strerror}; name a new folder") from error
    if taken:
        raise StudyError(f"{folder}: holds something else than a demo; name a new folder")
    if record and record.get("options") != json.loads(json.dumps(asdict(plot))):
        raise StudyError(f"{folder}: holds a demo of other pictures; name a new folder")


def _draw_world(world: Path, plot: Plot, track: Tracker, say: Say) -> None:
    from netgloss.scenes.truth import write_scenes

    if not is_fresh(world, "scenes", asdict(plot), [], [world / "truth.json"]):
        pictures = track(_pictures(plot, "study"), total=plot.study, what="drawing pictures")
        write_scenes(pictures, world / "images", world / "truth.json", {"plot": asdict(plot)})
        write_record(world, "scenes", asdict(plot), [])
    first, second = (_shown(name) for name in plot.classes)
    say(f"Drew {plot.study} pictures of two classes that look alike: {first} and {second}.")
    say(f"Planted on the class {first}: {find_task(plot.task).cues[plot.cue]}.")


def _train_network(world: Path, plot: Plot, track: Tracker, say: Say) -> None:
    """Trains on other pictures than the study's, and swaps the cue to see what the net uses."""
    weights = world / "network.safetensors"
    if not is_fresh(world, "network", asdict(plot), [], [weights]):
        from netgloss.scenes.networks import flip_rate, save_weights, train

        images, labels = _drawn(plot, "training", track)
        held_out, held_out_labels = _drawn(plot, "held_out", track)
        network, ended = train(
            images, labels, held_out, held_out_labels, seed=plot.seed, track=track
        )
        reliance = flip_rate(network, held_out, _swapped(plot))
        save_weights(network, weights)
        write_record(
            world, "network", asdict(plot), [], accuracy=ended.accuracy, flip_rate=reliance
        )
    record = read_record(world, "network")
    accuracy, reliance = record["accuracy"], record["flip_rate"]
    say(f"Trained a small network on {plot.training} more: {accuracy:.1%} right on new pictures.")
    verdict = "it relies on the cue" if reliance >= MIN_RELIANCE else "it uses something else too"
    say(f"With the cue swapped and the rest kept, {reliance:.1%} of its answers flip: {verdict}.")


def _pictures(plot: Plot, what: str) -> Iterator[tuple[int, Any]]:
    """The pictures of one purpose; each purpose has seeds of its own."""
    place = ("training", "held_out", "study").index(what)
    seed = 3 * plot.seed + place
    return draw_many(plot.task, getattr(plot, what), seed, plot.bias, size=plot.size)


def _drawn(plot: Plot, what: str, track: Tracker) -> tuple[NDArray[np.uint8], list[int]]:
    import numpy as np

    name = what.replace("_", "-")
    pictures = track(
        _pictures(plot, what), total=getattr(plot, what), what=f"drawing {name} pictures"
    )
    scenes = [scene for _, scene in pictures]
    labels = [plot.classes.index(scene.label) for scene in scenes]
    return np.stack([scene.image for scene in scenes]), labels


def _swapped(plot: Plot) -> NDArray[np.uint8]:
    """The counterfactuals of the held-out pictures."""
    import numpy as np

    return np.stack(
        [
            counterfactual(plot.task, scene.label, seed, plot.bias, size=plot.size).image
            for seed, scene in _pictures(plot, "held_out")
        ]
    )


def _make_study(folder: Path, world: Path, plot: Plot, track: Tracker, say: Say) -> Study:
    from netgloss.scenes.networks import MEAN, STD
    from netgloss.study import Study

    if (folder / "study.toml").is_file():
        return Study.open(folder)
    study = Study.create(
        folder,
        world / "images",
        model="netgloss.scenes.networks:vgg_small",
        weights=world / "network.safetensors",
        classes=plot.classes,
        input_size=plot.size,
        mean=MEAN,
        std=STD,
        track=track,
    )
    say(f"Made a study of the network and the pictures in {folder}.")
    return study


def _explain(study: Study, track: Tracker, say: Say) -> None:
    from netgloss.evidence.smoothgrad import SmoothGrad

    report = study.extract(SmoothGrad(), track=track)
    say(f"Asked the network where it looks: {report.made + report.already} heat maps (SmoothGrad).")


def _describe(study: Study, world: Path, plot: Plot, track: Tracker, say: Say) -> None:
    """Lets a simulated crowd say what lies under the hot areas."""
    from netgloss.answers.simulate import CROWD, simulate
    from netgloss.scenes.truth import read_truth

    images = [image.image for image in study.usable_images()]
    looked_at = track(_heat_maps(study, images), total=len(images), what="describing heat maps")
    answers = simulate(looked_at, read_truth(world / "truth.json"), CROWD, seed=plot.seed)
    study.add_answers(answers)
    boxes = sum(len(answer.boxes) for answer in answers)
    say(
        f"{CROWD.size} simulated people described the hot areas in {boxes:,} boxes, each in words "
        "of their own and with typing errors; they saw neither the classes nor the plan."
    )


def _heat_maps(study: Study, images: list[str]) -> Iterator[tuple[str, NDArray[np.float32]]]:
    from netgloss.study.heat import heat_by_image

    heat = heat_by_image(study, "smoothgrad")
    for image in images:
        warm = heat(image)
        if warm is not None:
            yield image, warm


def _reconcile(study: Study, track: Tracker, say: Say) -> ConceptTable:
    frame = study.words(track=track).frame
    concepts = frame.loc[frame["concept"] != "", "concept"].nunique()
    say(f"The {len(frame)} different words they typed became {concepts} concepts.")
    return study.concepts()


def _show_findings(study: Study, plot: Plot, say: Say) -> None:
    """The strongest concepts, and where the planted one stands among them."""
    found = study.rank()
    first = plot.classes[0]
    say("")
    say("What goes with the network's answer (V: 0 nothing, 1 everything):")
    for row in found.head(6).to_dict("records"):
        say(f"  {row['cramers_v']:.2f}  {_shown(row['concept']):28s} {_shares(row, plot)}")
    planted = found[found["concept"] == plot.concept]
    say("")
    if planted.empty:
        say(f"Planted: {_shown(plot.concept)}. Nobody named it.")
        return
    row = planted.iloc[0]
    say(
        f"Planted: {_shown(plot.concept)} for {_shown(first)}. Found: rank {row['rank']} of "
        f"{len(found)}, for {_shown(row['label'])}, V = {row['cramers_v']:.2f}."
    )


def _ask(study: Study, table: ConceptTable, plot: Plot, say: Say) -> None:
    """Tests expressions, and shows the strongest rule and the tree's first question."""
    say("")
    for expression in plot.queries:
        try:
            found = study.query(expression).finding
        except NetglossError as error:
            say(f"Query {expression}: {error}")
            continue
        say(f"Query {expression}: V = {found['cramers_v']:.2f}, {_shares(found, plot)}")
    rules = study.rules()
    if len(rules):
        say(f"Strongest of {len(rules)} rules: {_rule(rules)}")
    grown = study.tree()
    say(
        f"A decision tree on the words repeats {grown.accuracy:.0%} of the network's answers "
        f"on {len(table.images)} pictures."
    )


def _rule(rules: pd.DataFrame) -> str:
    row = rules.iloc[0]
    body = " AND ".join(_shown(str(concept)) for concept in row["body"])
    return f"{body} -> {_shown(row['label'])} (confidence {row['confidence']:.2f})"


def _shares(finding: Any, plot: Plot) -> str:
    """On which share of each class's pictures it was named."""
    return ", ".join(f"{finding['frequency'][name]:.0%} of {_shown(name)}" for name in plot.classes)


def _shown(name: str) -> str:
    """A concept or class as people read it."""
    return name.replace("_", " ").replace("-", " ")


def _say_next(folder: Path, say: Say) -> None:
    say("")
    say("Go on with, for example:")
    say(f'  netgloss query {folder} "stripe OR light"')
    say(f"  netgloss rank {folder} --explore")
    say(f"  netgloss status {folder}")
    say("and with your own classifier: netgloss new --help")
