"""The whole story on drawn pictures: plant a cue, train, explain, describe, and see it come out.

It needs no data and no network connection. Every step leaves its result in the folder, so that a
second run does only what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.errors import NetglossError, StudyError
from netgloss.experiments.runs import RELIES, answer, make_study
from netgloss.experiments.scoring import score
from netgloss.progress import Tracker, untracked
from netgloss.scenes.scene_set import SceneSet
from netgloss.scenes.task import Bias

if TYPE_CHECKING:
    import pandas as pd

    from netgloss.concepts.table import ConceptTable
    from netgloss.scenes.training import TrainedNetwork
    from netgloss.study import Study

__all__ = ["Plot", "run_demo"]

Say = Callable[[str], None]


@dataclass(frozen=True)
class Plot:
    """What the demo draws, plants and asks.

    Args:
        task: The task to draw.
        cue: What is planted.
        network: The kind of network that is trained.
        size: Side of a picture in pixels.
        images: Pictures that are explained and described.
        queries: Expressions to test.
        next_query: An expression that the reader is invited to test.
        seed: Of everything.
    """

    task: str = "vehicles"
    cue: str = "background"
    network: str = "vgg"
    size: int = 128
    images: int = 200
    queries: tuple[str, ...] = ("NOT stripe AND NOT light", "road OR grey-road", "road AND stripe")
    next_query: str = "sky AND NOT forest"
    seed: int = 2026

    @property
    def pictures(self) -> SceneSet:
        """The pictures that are explained; the network never saw them."""
        return SceneSet(self.task, Bias(self.cue), self.images, self.seed, self.size)


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
        plot: What is planted; a background for each class unless said otherwise.

    Raises:
        NetglossError: The folder holds something else, or the disk refuses.
    """
    from netgloss.evidence.smoothgrad import SmoothGrad
    from netgloss.scenes.truth import write_scenes

    plot = plot or Plot()
    world = folder / "world"
    _check_place(folder, plot)
    write_scenes(plot.pictures, world, track)
    say(f"Drew {plot.images} pictures in {world / 'images'}.")
    network = _train(folder, plot, track, say)
    study = make_study(folder / plot.task, world, plot.pictures, network, track)
    maps = study.extract(SmoothGrad(), track=track)
    say(f"Asked the network where it looks: {maps.made + maps.already} heat maps (SmoothGrad).")
    _describe(study, world, plot, track, say)
    table = _reconcile(study, track, say)
    _show_findings(study, table, plot, say)
    _ask(study, table, plot, say)
    report = study.report(track=track)
    say("")
    say(f"Everything with its pictures: {report}")
    _say_next(study.folder, plot, say)
    return study


def _check_place(folder: Path, plot: Plot) -> None:
    """Refuses a folder that holds something else."""
    try:
        ours = {"world", "network", plot.task}
        taken = folder.exists() and not {path.name for path in folder.iterdir()} <= ours
    except OSError as error:
        raise StudyError(f"{folder}: {error.strerror}; name a new folder") from error
    if taken:
        raise StudyError(f"{folder}: holds something else than a demo; name a new folder")


def _train(folder: Path, plot: Plot, track: Tracker, say: Say) -> TrainedNetwork:
    from netgloss.scenes.training import trained

    network = trained(plot.pictures, plot.network, folder / "network", track=track)
    say(f"Planted: {plot.pictures.cue.about}.")
    say(f"Trained a small network on such pictures: {network.accuracy:.1%} right on new ones.")
    verdict = "relies on it" if network.flip_rate >= RELIES else "uses something else too"
    say(
        f"With the {_shown(plot.cue)} swapped and all else kept, {network.flip_rate:.1%} of its "
        f"answers flip: it {verdict}."
    )
    return network


def _describe(study: Study, world: Path, plot: Plot, track: Tracker, say: Say) -> None:
    """Lets a simulated crowd say what lies under the hot areas."""
    from netgloss.answers.populations import CROWD
    from netgloss.scenes.truth import read_truth

    truth = read_truth(world / "truth.json")
    boxes = answer(study, truth, CROWD, seed=plot.seed, track=track)
    say(
        f"Simulated people, {CROWD.size} a picture, described the hot areas in {boxes:,} boxes, in "
        "words of their own and with typing errors; they saw neither the classes nor the plan."
    )


def _reconcile(study: Study, track: Tracker, say: Say) -> ConceptTable:
    frame = study.words(track=track).frame
    concepts = frame.loc[frame["concept"] != "", "concept"].nunique()
    say(f"The {len(frame)} different words they typed became {concepts} concepts.")
    return study.concepts()


def _show_findings(study: Study, table: ConceptTable, plot: Plot, say: Say) -> None:
    """The strongest concepts, and where the planted ones stand among them."""
    found, classes = study.rank(), plot.pictures.classes
    say("")
    say("What goes with the network's answer (V: 0 nothing, 1 everything):")
    for row in found.head(6).to_dict("records"):
        say(f"  {row['cramers_v']:.2f}  {_shown(row['concept']):28s} {_shares(row, classes)}")
    say("")
    cue = plot.pictures.cue
    outcome = score(table, cue)
    if not outcome["planted"]:
        say(f"Planted: {cue.about}. Nobody named it.")
        return
    say(
        f"Planted: {cue.about}. Found: {_shown(outcome['planted'])} at rank "
        f"{outcome['rank_of_planted']:.0f} of {len(found)}, V = {outcome['cramers_v']:.2f}; "
        f"{round(10 * outcome['precision_at_10'])} of the ten strongest concepts belong to it."
    )


def _ask(study: Study, table: ConceptTable, plot: Plot, say: Say) -> None:
    """Tests expressions, and shows the strongest rule and the tree's first question."""
    say("")
    classes = plot.pictures.classes
    for expression in plot.queries:
        try:
            found = study.query(expression).finding
        except NetglossError as error:
            what = str(error).splitlines()[0]  # without the marks below the expression
            say(f"Query {expression}: {what}")
            continue
        say(f"Query {expression}: V = {found['cramers_v']:.2f}, {_shares(found, classes)}")
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


def _shares(finding: Any, classes: Sequence[str]) -> str:
    """On which share of each class's pictures it was named."""
    return ", ".join(f"{finding['frequency'][name]:.0%} of {_shown(name)}" for name in classes)


def _shown(name: str) -> str:
    """A concept or class as people read it."""
    return name.replace("_", " ").replace("-", " ")


def _say_next(folder: Path, plot: Plot, say: Say) -> None:
    say("")
    say("Go on with, for example:")
    say(f'  netgloss query {folder} "{plot.next_query}"')
    say(f"  netgloss rank {folder} --explore")
    say(f"  netgloss serve {folder}    (describe the heat maps yourself)")
    say("and with your own classifier: netgloss new --help")
