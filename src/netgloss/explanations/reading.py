"""What explanations are made from: a study's cluster maps, its games, and the games' words."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.errors import NetglossError
from netgloss.evidence.clusters.reading import METHOD, read_cluster_maps, read_layers
from netgloss.evidence.items import HeatReader
from netgloss.explanations.labels import label_scores
from netgloss.explanations.local import LayerColumn, LocalExplanation, Part, Tally, column
from netgloss.explanations.merging import Average

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Material", "explain_image", "nearest", "read_material"]

_TEXTS = frozenset({"image", "target", "layer", "depth"})


@dataclass(frozen=True, eq=False)
class Material:
    """What the explanations of a study are made from; see :func:`read_material`.

    Attributes:
        folder: The study.
        images: ``images.parquet``, by image.
        maps: The cluster maps, as ``evidence.clusters.reading.read_cluster_maps`` gives them.
        layers: A row an image, target and layer, as ``read_layers`` gives them.
        games: The games that count.
        left_out: How many people are left out, because they failed a control game.
        scores: Evidence -> label -> score (equation 3.2).
        tallies: Evidence -> how its games went.
        spoken: Whether words were made of the games' tags.
    """

    folder: Path
    images: pd.DataFrame
    maps: pd.DataFrame
    layers: pd.DataFrame
    games: pd.DataFrame
    left_out: int
    scores: Mapping[str, Mapping[str, float]]
    tallies: Mapping[str, Tally]
    spoken: bool

    def targets(self, image: str) -> list[str]:
        """The classes that an image was explained toward, its prediction first."""
        found = [target for name, target in self.decisions() if name == image]
        says = self.images["prediction"].get(image)
        return sorted(found, key=lambda target: (target != says, target))

    def explained(self, target: str | None = None) -> list[tuple[str, str]]:
        """Each image with cluster maps and the class they were made for, sorted.

        Args:
            target: Only those made for this class.
        """
        pairs = self.maps[["image", "target"]].drop_duplicates().astype(str)
        chosen = pairs if target is None else pairs[pairs["target"] == target]
        return sorted(chosen.itertuples(index=False, name=None))

    def decisions(self, target: str | None = None) -> list[tuple[str, str]]:
        """Each image that was looked at and the class, sorted; also where no layer has a map.

        Args:
            target: Only those of this class.
        """
        return [pair for pair in self._decisions if target in (None, pair[1])]

    @property
    def classes(self) -> list[str]:
        """The classes that images were explained toward, sorted."""
        return sorted({target for _, target in self._decisions})

    @cached_property
    def _decisions(self) -> list[tuple[str, str]]:
        # An image whose maps were being written when the process was killed has rows of layers
        # too; it says nothing only if every layer was found empty.
        empty = self.layers.groupby(["image", "target"])["empty"].all()
        silent = [(str(image), str(name)) for image, name in empty[empty].index]
        return sorted({*self.explained(), *silent})


def read_material(folder: Path, images: pd.DataFrame, *, min_seconds: float = 0.0) -> Material:
    """What the explanations of a study are made from.

    Args:
        folder: The study.
        images: ``images.parquet``.
        min_seconds: Least time of a game in seconds.

    Raises:
        StudyError: There are no cluster maps yet, or a file is damaged.
    """
    from netgloss.answers.games import filter_games, read_games

    maps = read_cluster_maps(folder)
    games, filtering = filter_games(read_games(folder), min_seconds)
    words = _words(folder, games)
    scores: dict[str, dict[str, float]] = {}
    if words is not None:
        for row in label_scores(games, words).itertuples():
            scores.setdefault(str(row.evidence), {})[str(row.label)] = float(row.score)
    return Material(
        folder=folder,
        images=images.set_index("image"),
        maps=maps,
        layers=read_layers(folder),
        games=games,
        left_out=filtering.inattentive,
        scores=scores,
        tallies=_tallies(games),
        spoken=words is not None,
    )


def explain_image(
    material: Material, name: str, target: str | None = None, average: Average = "all"
) -> LocalExplanation:
    """What every layer saw on one image.

    Args:
        material: From :func:`read_material`.
        name: The image's identifier, or the end of it that no other image shares.
        target: The class explained; the predicted one when None, or the only one there is.
        average: As in :func:`~netgloss.explanations.merging.contributions`.

    Raises:
        NetglossError: The study has no such image, or it was not explained toward that class; the
            message says toward which it was, or how cluster maps are made.
        StudyError: The maps are damaged.
    """
    image = _identifier(material, name)
    known = material.targets(image)
    if not known or (target is not None and target not in known):
        raise NetglossError(_why_not(material, image, target, known))
    chosen = target if target is not None else known[0]
    here = material.maps[(material.maps["image"] == image) & (material.maps["target"] == chosen)]
    row = material.images.loc[image]
    return LocalExplanation(
        image=image,
        target=chosen,
        columns=_columns(material, here, image, chosen, average),
        truth=_text(row.get("truth")),
        prediction=_text(row.get("prediction")),
        people=_people(material.games, here["evidence"].astype(str).tolist()),
        left_out=material.left_out,
        spoken=material.spoken,
    )


def nearest(name: str, known: Sequence[str], most: int = 3) -> list[str]:
    """The known names that come closest to one that is not known, best first.

    Example:
        >>> nearest("leopard/3.jpg", ["leopards/3.jpg", "leopards/4.jpg", "watch/1.jpg"], 1)
        ['leopards/3.jpg']
    """
    inside = [one for one in known if name and name in one]
    close = difflib.get_close_matches(name, known, most, cutoff=0.5)
    return list(dict.fromkeys([*inside[:most], *close]))[:most]


def _identifier(material: Material, name: str) -> str:
    """The image that is meant: the one of this name, or the only one whose name ends with it."""
    known = [str(image) for image in material.images.index]
    if name in material.images.index:
        return name
    ending = [image for image in known if f"/{image}".endswith(f"/{name.strip('/')}")]
    if len(ending) == 1:
        return ending[0]
    close = ending[:3] or nearest(name, known)
    meant = f"did you mean {' or '.join(close)}" if close else "give its path within the source"
    raise NetglossError(f"{material.folder}: has no image {name!r}; {meant}")


def _columns(
    material: Material, here: pd.DataFrame, image: str, target: str, average: Average
) -> tuple[LayerColumn, ...]:
    """A column a layer that was looked at, also where it has no map to show."""
    reader = HeatReader(material.folder, METHOD)
    layers = material.layers
    rows = layers[(layers["image"] == image) & (layers["target"] == target)]
    found = []
    for row in rows.sort_values("depth").to_dict("records"):
        items = here[here["layer"] == row["layer"]]
        parts = [_part(material, reader, item) for item in items.itertuples() if not item.empty]
        numbers = {str(name): value for name, value in row.items() if name not in _TEXTS}
        found.append(column(str(row["layer"]), int(row["depth"]), parts, average, numbers))
    return tuple(found)


def _part(material: Material, reader: HeatReader, item: Any) -> Part:
    evidence = str(item.evidence)
    return Part(
        evidence=evidence,
        weight=float(item.weight),
        heat=reader.heat(item),
        channels=_channels(item.maps),
        scores=material.scores.get(evidence, {}),
        tally=material.tallies.get(evidence, Tally()),
    )


def _words(folder: Path, games: pd.DataFrame) -> pd.DataFrame | None:
    """The words of the games; None while nobody played or no vocabulary covers them."""
    from netgloss.words.edits import read_vocabulary
    from netgloss.words.tags import game_words

    vocabulary = folder / "vocabulary.csv"
    if games.empty or not vocabulary.is_file():
        return None
    words = game_words(games, read_vocabulary(vocabulary))
    return None if words.empty else words


def _tallies(games: pd.DataFrame) -> dict[str, Tally]:
    """Evidence -> how its games went; a right guess names the class of the map."""
    found: dict[str, Tally] = {}
    for game in games[["evidence", "target", "guess", "hints"]].itertuples():
        guess = _text(game.guess)
        one = Tally(
            won=int(guess == game.target),
            lost=int(guess is not None and guess != game.target),
            resigned=int(guess is None),
            hints=int(game.hints),
        )
        found[str(game.evidence)] = found.get(str(game.evidence), Tally()) + one
    return found


def _people(games: pd.DataFrame, evidence: Sequence[str]) -> int:
    return int(games.loc[games["evidence"].isin(list(evidence)), "person"].nunique())


def _why_not(material: Material, image: str, target: str | None, known: Sequence[str]) -> str:
    folder = material.folder
    if known:
        return (
            f"{image}: its cluster maps were made for {' and '.join(known)}, not for {target!r}; "
            f"see more classes with: netgloss extract {folder} {METHOD} --target both --restart"
        )
    row = material.images.loc[image]
    truth, says = _text(row.get("truth")), _text(row.get("prediction"))
    if str(row["status"]) != "ok":
        return f"{image}: is left out of the study ({row['status']}); explain another image"
    if truth is not None and says != truth and _only_right(folder):
        return (
            f"{image}: the classifier says {says}, in truth it is {truth}, and only rightly "
            f"classified images were explained; explain it too with: "
            f"netgloss extract {folder} {METHOD} --only all --restart"
        )
    return (
        f"{image}: has no cluster maps yet; explain more images with: "
        f"netgloss extract {folder} {METHOD} --limit 0"
    )


def _only_right(folder: Path) -> bool:
    """Whether the cluster maps were made of rightly classified images only."""
    from netgloss.store.records import read_record

    options = read_record(folder, f"evidence-{METHOD}").get("options", {})
    return bool(options.get("only", "right") == "right")


def _channels(value: Any) -> tuple[int, ...]:
    """The feature maps of a cluster map; none where the table does not say."""
    return tuple(int(one) for one in value) if hasattr(value, "__len__") else ()


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
