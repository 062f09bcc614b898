"""Does Deep Reveal name the planted cue? Cluster maps, simulated players, labels (methods 6, 7).

A network that relies on a planted cue is explained by cluster maps of its deepest layers; simulated
players, who know the classes from other pictures and nothing of the network, uncover the maps,
guess and say what they recognised; their words label the maps. The truth is known: what an image
has and its counterfactual, with the cue of another class, lacks. What players would say wherever
the network looked is known too: the heaviest map of each image is also played turned upside down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.experiments.kept import RunOptions, measured
from netgloss.experiments.reveal_cue import cue_words
from netgloss.experiments.reveal_page import figure, page
from netgloss.experiments.runs import SETS, Prepared, Run, begin
from netgloss.progress import Tracker, untracked
from netgloss.scenes.scene_set import SceneSet

if TYPE_CHECKING:
    import pandas as pd

    from netgloss.answers.games import Game
    from netgloss.answers.knowledge import Knowledge
    from netgloss.answers.playing import Riddle
    from netgloss.answers.populations import Population
    from netgloss.explanations.local import LocalExplanation, MergedMap
    from netgloss.study import Study

__all__ = [
    "COLUMNS",
    "NAME",
    "Options",
    "Verdict",
    "by_weight",
    "crowd",
    "explained",
    "figure",
    "learned",
    "page",
    "played",
    "riddles",
    "run",
    "verdicts_of",
]

NAME = "reveal"

COLUMNS = (
    "set",
    "network",
    "seed",
    "label",
    "shows_cue",
    "images",
    "found",
    "alone",
    "others",
    "others_found",
    "turned",
    "labels",
    "maps",
    "games",
    "won",
    "lost",
    "resigned",
    "hints",
    "tags",
    "accuracy",
    "flip_rate",
)

LAYERS = 3
"""The deepest layers that are looked at: a group of the thesis's global view (section 5.2.2)."""
GAMES = 5
"""Games a map (thesis, section 5.1.3)."""
LEARNED = 300
"""Pictures from which the players know the classes."""
_OTHERS = 3_000_000  # added to the seed, as for the pictures that a network learns from
_MOST_CLUSTERS = 8
_TURNED = "turned/"
_SHOWN = 3  # most frequent labels in the table


@dataclass(frozen=True)
class Options(RunOptions):
    """What is run: :class:`~netgloss.experiments.kept.RunOptions` with other defaults.

    The sets are those in which one thing tells the class and the network relies on it.
    """

    sets: tuple[str, ...] = ("D1", "D2", "D5.2", "BM1.2", "BM2.2")
    networks: tuple[str, ...] = ("vgg", "inception")
    seeds: int = 2
    images: int = 60
    keep: bool = False


def run(work: Path, options: Options | None = None, track: Tracker = untracked) -> pd.DataFrame:
    """One row a run and class; the same options give the same rows.

    Args:
        work: Where networks and finished runs are kept, so that the experiment can go on.
        options: What is run.
        track: Draws progress, one item a set and seed.

    Raises:
        OptionError: A set or a network is unknown.
    """
    return measured(_rows, options or Options(), work / NAME, track)[list(COLUMNS)]


def _rows(run: Run, work: Path, _options: Options) -> pd.DataFrame:
    """One row a class."""
    import pandas as pd

    prepared = explained(run, work)
    games = played(prepared, learned(run), crowd(), run.seed)
    prepared.study.add_games(games)
    prepared.study.words()
    verdicts = list(verdicts_of(run, prepared.study))
    labels = sorted({one.label for one in verdicts})
    return pd.DataFrame(
        [
            {
                **_summary(label, [one for one in verdicts if one.label == label]),
                **_played([one for one in games if one.target == label]),
                "accuracy": round(prepared.accuracy, 4),
                "flip_rate": round(prepared.flip_rate, 4),
            }
            for label in labels
        ]
    )


# ------------------------------------------------------------------------------- the pipeline


def explained(run: Run, work: Path) -> Prepared:
    """A study with the cluster maps of the deepest layers, for the images named rightly.

    Args:
        run: Which set, network and seed.
        work: Where the pictures, the network and the study are kept.
    """
    from netgloss.evidence.anv import ANV
    from netgloss.vision.flow import after_convolutions

    prepared = begin(run, work, f"{run.network}-{NAME}")
    layers = after_convolutions(prepared.study.classifier, LAYERS)
    prepared.study.extract(ANV(layers=layers, most=_MOST_CLUSTERS))
    return prepared


def crowd() -> Population:
    """The people of :data:`~netgloss.answers.populations.CROWD`, enough of them for five a map."""
    from netgloss.answers.populations import CROWD

    return replace(CROWD, size=GAMES, pool=GAMES * (LAYERS * _MOST_CLUSTERS + 1))


def learned(run: Run) -> Knowledge:
    """What all players know of the classes: what is in many other pictures of the same kind.

    Many, since in the 60 of a run a colour and a class may go together by chance.

    Args:
        run: Which set and seed.
    """
    from netgloss.answers.knowledge import Knowledge

    task, bias = SETS[run.set]
    scenes = SceneSet(task, bias, LEARNED, run.seed + _OTHERS).scenes()
    return Knowledge({f"{n}": (scene.label, scene.entities) for n, scene in enumerate(scenes)})


def played(prepared: Prepared, known: Knowledge, population: Population, seed: int) -> list[Game]:
    """The games of a population about all cluster maps of a study.

    Args:
        prepared: From :func:`explained`.
        known: What all of them know of the classes.
        population: Who plays.
        seed: Of everything random about them.
    """
    from netgloss.answers.playing import play

    return play(list(riddles(prepared)), known, population, seed=seed)


def riddles(prepared: Prepared) -> Iterator[Riddle]:
    """Every cluster map of a study as a game, and each image's heaviest one turned by 180 degrees.

    Args:
        prepared: A study with cluster maps, and what is on its pictures.
    """
    from netgloss.answers.playing import Riddle
    from netgloss.answers.seeing import uncover
    from netgloss.evidence.clusters.reading import read_cluster_maps
    from netgloss.evidence.items import HeatReader

    study, reader = prepared.study, HeatReader(prepared.study.folder, "anv")
    images = {one.image: one for one in study.usable_images()}
    model = study.settings.model
    maps = read_cluster_maps(study.folder)
    for key, own in maps[~maps["empty"]].groupby("image", sort=False):
        image, things = images[str(key)], prepared.truth[str(key)]
        pixels = image.pixels()
        place = model.placement(image.width, image.height) if model else None
        heats = [(str(item.evidence), reader.heat(item)) for item in own.itertuples()]
        weights, target = own["weight"].tolist(), str(own["target"].iloc[0])
        # Of equal ones the last, which is of the deepest layer.
        evidence, heat = heats[max(range(len(heats)), key=lambda at: (weights[at], at))]
        for name, seen in [*heats, (f"{_TURNED}{evidence}", heat[::-1, ::-1])]:
            sights = uncover(pixels, seen, things, place)
            yield Riddle(name, image.image, target, image.truth, sights, len(things))


# -------------------------------------------------------------------------------- the verdicts


@dataclass(frozen=True)
class Verdict:
    """What the heaviest merged map of one image is called, and what the cue is.

    Attributes:
        label: The image's class.
        called: The best labels of its heaviest merged map.
        cue: The words that name what was planted in it.
        others: The best labels of each of its other merged maps.
        turned: Those of its heaviest map turned by 180 degrees.
    """

    label: str
    called: tuple[str, ...]
    cue: frozenset[str]
    others: tuple[tuple[str, ...], ...]
    turned: frozenset[str]

    def is_cue(self, labels: Iterable[str]) -> bool:
        """Whether one of the labels names the cue."""
        return not self.cue.isdisjoint(labels)


def by_weight(explanation: LocalExplanation) -> list[MergedMap]:
    """The merged maps of the deepest layers, the heaviest first; of equal ones the deeper.

    Args:
        explanation: Of one image.
    """
    deepest = sorted(explanation.columns, key=lambda column: column.depth)[-LAYERS:]
    maps = [(one.weight, column.depth, one) for column in deepest for one in column.maps]
    return [one for *_, one in sorted(maps, key=lambda entry: entry[:2], reverse=True)]


def verdicts_of(run: Run, study: Study) -> Iterator[Verdict]:
    """What was found on each image that was explained.

    Args:
        run: The set that the study is made of.
        study: With cluster maps, games and a vocabulary.
    """
    from netgloss.explanations.labels import best_labels
    from netgloss.explanations.reading import explain_image, read_material

    material = read_material(study.folder, study.images())
    cues = cue_words(run)
    games = material.games[material.games["evidence"].str.startswith(_TURNED)]
    turned = dict(zip(games["image"], games["evidence"], strict=True))
    for image, target in material.explained():
        maps = by_weight(explain_image(material, image, target))
        called = [one.labels for one in maps] or [()]
        elsewhere = best_labels(material.scores.get(turned.get(image, ""), {}))
        yield Verdict(target, called[0], cues[image], tuple(called[1:]), elsewhere)


def _summary(label: str, verdicts: Sequence[Verdict]) -> Mapping[str, Any]:
    """How often the cue was found for the images of one class."""
    called = Counter(" / ".join(one.called) or "nothing" for one in verdicts)
    return {
        "label": label,
        "shows_cue": round(sum(bool(one.cue) for one in verdicts) / len(verdicts), 4),
        "images": len(verdicts),
        "found": sum(one.is_cue(one.called) for one in verdicts),
        "alone": sum(bool(one.called) and one.cue.issuperset(one.called) for one in verdicts),
        "others": sum(len(one.others) for one in verdicts),
        "others_found": sum(one.is_cue(other) for one in verdicts for other in one.others),
        "turned": sum(one.is_cue(one.turned) for one in verdicts),
        "labels": "; ".join(f"{name} ({count})" for name, count in called.most_common(_SHOWN)),
    }


def _played(games: Sequence[Game]) -> Mapping[str, Any]:
    """How the games about one class went, but for those about turned maps."""
    games = [game for game in games if not game.evidence.startswith(_TURNED)]
    outcomes = Counter(str(game.outcome) for game in games)
    guessed = [game for game in games if game.guess is not None]
    return {
        "maps": len({game.evidence for game in games}),
        "games": len(games),
        "won": outcomes["win"],
        "lost": outcomes["loss"],
        "resigned": outcomes["resign"],
        "hints": round(sum(game.hints for game in games) / max(len(games), 1), 3),
        "tags": round(sum(len(game.tags) for game in guessed) / max(len(guessed), 1), 3),
    }
