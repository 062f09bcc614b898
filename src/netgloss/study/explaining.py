"""Explains images and classes of a study by layers, and writes the explanations as files."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from netgloss.errors import DataError, NetglossError, OptionError
from netgloss.evidence.clusters.reading import LAYERS, METHOD
from netgloss.evidence.writer import evidence_folder
from netgloss.explanations.local import LocalExplanation
from netgloss.explanations.overall import GlobalExplanation, explain_together
from netgloss.explanations.reading import Material, explain_image, nearest, read_material
from netgloss.progress import Tracker, untracked
from netgloss.store.atomic import atomic_path, write_text
from netgloss.store.locks import writing
from netgloss.store.records import is_fresh, write_record

if TYPE_CHECKING:
    from netgloss.report.anv_pictures import MapPictures
    from netgloss.study.facade import Study

__all__ = [
    "FORMATS",
    "Format",
    "Written",
    "explain_class",
    "map_pictures",
    "material_of",
    "place_of",
    "rendered",
    "write_all",
    "write_view",
]

Format = Literal["html", "png", "svg", "json"]
FORMATS = get_args(Format)

View = LocalExplanation | GlobalExplanation

_STAGE = "explanations"
_WORDS = 6
_SLUG = 60


@dataclass(frozen=True)
class Written:
    """What :func:`write_all` wrote.

    Attributes:
        index: The file that names all others.
        images: How many images it explains.
        classes: How many classes.
        named: How many of the images have words.
        silent: How many have no map in any layer, so that nobody can give them words.
        skipped: Images whose pictures cannot be drawn, and why.
        fresh: Whether all of it was there already.
    """

    index: Path
    images: int
    classes: int
    named: int
    silent: int
    skipped: tuple[str, ...] = ()
    fresh: bool = False


def material_of(study: Study) -> Material:
    """What the explanations of a study are made from.

    Raises:
        StudyError: There are no cluster maps yet, or a file is damaged.
    """
    from netgloss.study.words import word_options

    options = word_options(study.folder, study.settings.stage("words"))
    return read_material(study.folder, study.images(), min_seconds=options.min_seconds)


def explain_class(material: Material, name: str, group: int | None = 3) -> GlobalExplanation:
    """What the layers saw over all explained images of a class.

    Args:
        material: From :func:`material_of`.
        name: The class that the cluster maps were made for.
        group: How many consecutive layers make a group; None for all.

    Raises:
        NetglossError: No image was explained toward that class.
    """
    if name not in material.classes:
        close = nearest(name, material.classes) or material.classes
        raise NetglossError(
            f"{material.folder}: no image was explained toward class {name!r}; "
            f"there are maps of {', '.join(close)}"
        )
    explained = [explain_image(material, image, name) for image, _ in material.decisions(name)]
    return explain_together(name, explained, group)


def map_pictures(study: Study, *, tolerant: bool = False) -> MapPictures:
    """Draws cluster maps on the study's images.

    Args:
        study: The study.
        tolerant: Whether an image that cannot be read is grey instead of an error.
    """
    from netgloss.report.anv_pictures import MapPictures
    from netgloss.vision.geometry import Placement

    model = study.settings.model
    images = {image.image: image for image in study.usable_images()}

    def placement(width: int, height: int) -> Placement:
        # Cluster maps come from a network, so that a study which holds some has a model.
        return model.placement(width, height) if model else Placement(width, height, 1, 1)

    return MapPictures(lambda name: images[name].pixels(), placement, tolerant=tolerant)


def rendered(view: View, pictures: MapPictures, form: str, study: str) -> bytes:
    """A view as a file's bytes.

    Args:
        view: The view.
        pictures: From :func:`map_pictures`.
        form: One of :data:`FORMATS`.
        study: The study folder as a person names it, for advice.

    Raises:
        OptionError: The format is another.
        DataError: An image cannot be read.
    """
    if form == "json":
        return _as_json(view)
    if form == "html":
        return _as_page(view, pictures, study).encode("utf-8")
    if form not in FORMATS:
        raise OptionError(f"format {form!r} is unknown; use {', '.join(FORMATS)}")
    from netgloss.report.anv_figure import global_figure, local_figure

    if isinstance(view, LocalExplanation):
        drawn = local_figure(view, pictures, study)
    else:
        drawn = global_figure(view, pictures, study)
    return drawn.png() if form == "png" else drawn.svg().encode("utf-8")


def place_of(view: View, form: str) -> Path:
    """Where a view is kept, relative to ``results/explanations``; plain characters only."""
    if isinstance(view, LocalExplanation):
        return Path("images") / f"{_slug(view.image, view.target)}.{form}"
    return Path("classes") / f"{_slug(view.target)}.{form}"


def write_view(data: bytes, path: Path) -> None:
    """Writes a file whole or not at all.

    Raises:
        StudyError: The disk refuses.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def write_all(study: Study, group: int | None = 3, track: Tracker = untracked) -> Written:
    """Writes a page and a picture of every explained image and class, and the index of them.

    Nothing is drawn again while the cluster maps, the games and the vocabulary stay as they were.

    Args:
        study: The study.
        group: As for :func:`explain_class`.
        track: Draws progress.

    Raises:
        StudyError: There are no cluster maps yet, another process is writing explanations, or
            the disk refuses.
    """
    material = material_of(study)
    folder = study.folder / "results" / "explanations"
    options = {"group": group, "words": study.settings.stage("words")}
    with writing(study.folder, _STAGE):
        known = _standing(folder)
        if known and is_fresh(study.folder, _STAGE, options, _inputs(study.folder), known):
            return _counted(folder / "index.json", (), fresh=True)
        skipped = _draw_all(study, material, folder, group, track)
        # What could not be read this time is tried again the next time.
        if not skipped:
            write_record(study.folder, _STAGE, options, _inputs(study.folder))
    return _counted(folder / "index.json", tuple(skipped))


def _draw_all(
    study: Study, material: Material, folder: Path, group: int | None, track: Tracker
) -> list[str]:
    """Writes everything; returns what had to be left out and why."""
    pictures, pairs = map_pictures(study), material.decisions()
    views: list[LocalExplanation] = []
    images, classes, skipped = [], [], []
    for image, target in track(pairs, total=len(pairs), what="drawing explanations"):
        view = explain_image(material, image, target)
        try:
            images.append(_image_entry(view) | _kept(view, pictures, folder, study))
            views.append(view)
        except DataError as error:
            skipped.append(f"{image}: left out: {error}")
    for name in material.classes:
        overall = explain_together(name, [one for one in views if one.target == name], group)
        classes.append(_class_entry(overall) | _kept(overall, pictures, folder, study))
    write_text(folder / "index.json", _index(material, images, classes))
    return skipped


def _inputs(folder: Path) -> list[Path]:
    """The files that explanations are made from; one that is not there counts as missing."""
    evidence = evidence_folder(folder, METHOD)
    return [
        folder / "images.parquet",
        evidence / "items.parquet",
        evidence / f"{LAYERS}.parquet",
        folder / "answers" / "games.parquet",
        folder / "vocabulary.csv",
    ]


def _standing(folder: Path) -> list[Path]:
    """The index and the files that it names; none where there is no whole index."""
    index = folder / "index.json"
    try:
        known = json.loads(index.read_text(encoding="utf-8"))
        entries = [*known["images"], *known["classes"]]
        named = [folder / entry[kind] for entry in entries for kind in ("page", "picture")]
    except (OSError, ValueError, LookupError, TypeError):
        return []
    return [index, *named]


def _counted(index: Path, skipped: tuple[str, ...], *, fresh: bool = False) -> Written:
    known = json.loads(index.read_text(encoding="utf-8"))
    images, classes = known["images"], known["classes"]
    named = sum(bool(entry["labels"]) for entry in images)
    # An index written before there were remarks tells none.
    silent = sum(bool(entry.get("remark")) for entry in images)
    return Written(index, len(images), len(classes), named, silent, skipped, fresh)


def _kept(view: View, pictures: MapPictures, folder: Path, study: Study) -> dict[str, str]:
    """Writes a view's page and picture; returns their places for the index."""
    places = {}
    with pictures.drawn_once():
        for name, form in (("page", "html"), ("picture", "svg")):
            place = place_of(view, form)
            write_view(rendered(view, pictures, form, str(study.folder)), folder / place)
            places[name] = place.as_posix()
    return places


def _image_entry(view: LocalExplanation) -> dict[str, Any]:
    return {
        "image": view.image,
        "target": view.target,
        "truth": view.truth,
        "prediction": view.prediction,
        "labels": _spoken(list(view.weights())),
        "games": view.tally.games,
        "remark": _remark(view),
    }


def _class_entry(view: GlobalExplanation) -> dict[str, Any]:
    return {
        "class": view.target,
        "images": len(view.images),
        "games": view.games,
        "labels": _spoken(view.labels()),
        "remark": _remark(view),
    }


def _index(
    material: Material, images: Sequence[dict[str, Any]], classes: Sequence[dict[str, Any]]
) -> str:
    entries = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "games": len(material.games),
        "people": int(material.games["person"].nunique()),
        "left_out": material.left_out,
        "images": images,
        "classes": classes,
    }
    return json.dumps(entries, ensure_ascii=False, indent=1) + "\n"


def _spoken(labels: Sequence[str]) -> list[str]:
    from netgloss.report.phrasing import concept_words

    return [concept_words(label) for label in labels[:_WORDS]]


def _remark(view: View) -> str | None:
    from netgloss.report.anv_view import silence

    return silence(view) or None


def _as_json(view: View) -> bytes:
    from netgloss.report.anv_data import global_data, local_data

    data = local_data(view) if isinstance(view, LocalExplanation) else global_data(view)
    return (json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8")


def _as_page(view: View, pictures: MapPictures, study: str) -> str:
    from netgloss.report.anv_page import global_view, local_view, page_of

    if isinstance(view, LocalExplanation):
        return page_of(local_view(view, pictures, study))
    return page_of(global_view(view, pictures, study))


def _slug(*names: str) -> str:
    """Plain characters for a file's name, with a digest so that no two names share one."""
    digest = hashlib.blake2b("\0".join(names).encode("utf-8"), digest_size=4).hexdigest()
    plain = re.sub(r"[^A-Za-z0-9]+", "-", names[0]).strip("-")[:_SLUG]
    return f"{plain or 'image'}-{digest}"
