"""Reads a study's heat maps, and runs a method over the images that lack them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import StudyError
from netgloss.evidence.base import IMPORTED, EvidenceMethod, Skipped
from netgloss.evidence.writer import (
    ItemWriter,
    evidence_folder,
    read_item_table,
    remove_evidence,
)
from netgloss.progress import Tracker, untracked
from netgloss.store.arrays import MapStore
from netgloss.store.locks import writing
from netgloss.store.records import read_record, write_record
from netgloss.vision.geometry import Placement

if TYPE_CHECKING:
    import pandas as pd

    from netgloss.vision.classifier import Classifier
    from netgloss.vision.images import Image

__all__ = [
    "ExtractionReport",
    "HeatReader",
    "Item",
    "extract",
    "has_cluster_maps",
    "heat_on_original",
    "methods_present",
    "read_heat",
    "read_items",
]


class Item(Protocol):
    """One row of :func:`read_items`, as ``itertuples`` or ``iloc`` give it."""

    evidence: str
    height: int
    width: int
    row: int
    peak: float
    covers: str


@dataclass(frozen=True)
class ExtractionReport:
    """What one run over the images did.

    Attributes:
        made: Heat maps made now.
        already: Images that had theirs before.
        empty: How many of the maps made now have nothing in them.
        skipped: Images that could not be worked on, and why; the next run tries them again.
    """

    made: int
    already: int
    empty: int
    skipped: tuple[Skipped, ...] = ()


def methods_present(study_folder: Path) -> list[str]:
    """The methods whose heat maps the study holds, sorted."""
    return sorted(path.parent.name for path in study_folder.glob("evidence/*/items.parquet"))


def read_items(study_folder: Path, method: str) -> pd.DataFrame:
    """One method's table of heat maps; its columns stand in docs/architecture.md.

    Raises:
        StudyError: There are none yet, or the file is damaged.
    """
    path = evidence_folder(study_folder, method) / "items.parquet"
    if not path.exists():
        present = ", ".join(methods_present(study_folder)) or "none"
        verb = f"import {study_folder} {method} DIR"
        if method != IMPORTED:
            verb = f"extract {study_folder} {method}"
        raise StudyError(
            f"{study_folder}: holds no heat maps of method {method!r} (it holds: {present}); "
            f"run `netgloss {verb}` first"
        )
    return read_item_table(path)


def has_cluster_maps(study_folder: Path, method: str) -> bool:
    """Whether a method's maps are parts of what a layer saw, several an image.

    Such maps are looked at one by one; none of them is the heat map of its image.

    Raises:
        StudyError: The method has no maps, or the file is damaged.
    """
    return bool(read_items(study_folder, method)["maps"].notna().any())


class HeatReader:
    """Reads many heat maps of one method; each file is opened once."""

    def __init__(self, study_folder: Path, method: str) -> None:
        self._store = MapStore(evidence_folder(study_folder, method))

    def heat(self, item: Item) -> NDArray[np.float32]:
        """One map in its own scale and resolution, shape (height, width).

        Args:
            item: A row of :func:`read_items`.

        Raises:
            StudyError: The maps are missing or damaged.
        """
        return self._store.get(int(item.height), int(item.width), int(item.row), float(item.peak))

    def on_original(
        self, item: Item, image: Image, placement: Placement | None = None
    ) -> NDArray[np.float32]:
        """One map laid on its original image, shape (image.height, image.width).

        Args:
            item: A row of :func:`read_items`.
            image: The image of that row.
            placement: Where the classifier's input lies on the image,
                ``classifier.placement(image.width, image.height)``; only maps that cover the
                input need it.

        Raises:
            StudyError: The map covers the classifier's input and no placement is given.
        """
        heat = self.heat(item)
        if item.covers == "original":
            placement = Placement(image.width, image.height, *heat.shape)
        if placement is None:
            raise StudyError(
                f"{item.evidence}: covers the classifier's input; "
                "give the classifier's placement to lay it on the original image"
            )
        return placement.to_original(heat)


def read_heat(study_folder: Path, item: Item) -> NDArray[np.float32]:
    """One map in its own scale and resolution; a :class:`HeatReader` is faster for many.

    Raises:
        StudyError: The maps are missing or damaged.
    """
    return HeatReader(study_folder, _method_of(item)).heat(item)


def heat_on_original(
    study_folder: Path, item: Item, image: Image, placement: Placement | None = None
) -> NDArray[np.float32]:
    """One map laid on its original image, shape (image.height, image.width).

    Whoever shows a map or compares it with boxes takes it from here, or from
    :meth:`HeatReader.on_original` for many.

    Raises:
        StudyError: As :meth:`HeatReader.on_original`.
    """
    return HeatReader(study_folder, _method_of(item)).on_original(item, image, placement)


def _method_of(item: Item) -> str:
    return item.evidence.rpartition("/")[0]


def extract(
    study_folder: Path,
    method: EvidenceMethod,
    classifier: Classifier,
    images: Sequence[Image],
    track: Tracker = untracked,
    *,
    restart: bool = False,
    made_from: Mapping[str, Any] | None = None,
) -> ExtractionReport:
    """Runs a method over the images that have no heat map of it yet.

    An interrupted run, even a killed one, leaves a valid study and loses a few seconds of work;
    the same call goes on where it stopped.

    Args:
        study_folder: The study.
        method: The method with its options.
        classifier: The model.
        images: The images to have maps of; images done before stay, whether listed or not.
        track: Shows how far it is.
        restart: Throws away the method's maps first.
        made_from: What else decides the maps, for JSON, such as the weights' fingerprint; it is
            compared like an option.

    Raises:
        StudyError: The study's maps were made with other options; another process is writing
            them; the disk refuses.
        ModelError: The model cannot be explained.
    """
    stage = f"evidence-{method.name}"
    with writing(study_folder, stage):
        if restart:
            remove_evidence(study_folder, method.name)
        writer = ItemWriter(study_folder, method.name)
        _settle(study_folder, method, dict(made_from or {}), has_items=len(writer.items) > 0)
        done = set(writer.items["image"])
        todo = [image for image in images if image.image not in done]
        skipped = []
        with writer:
            for found in method.extract(classifier, todo, track) if todo else ():
                if isinstance(found, Skipped):
                    skipped.append(found)
                else:
                    writer.add(found)
    return ExtractionReport(writer.added, len(images) - len(todo), writer.empty, tuple(skipped))


def _settle(
    study_folder: Path, method: EvidenceMethod, made_from: dict[str, Any], *, has_items: bool
) -> None:
    """Checks that earlier maps were made alike, or writes down how the first are made."""
    stage = f"evidence-{method.name}"
    asked = {**made_from, **method.options()}
    if not has_items:
        write_record(study_folder, stage, asked, inputs=())
        return
    recorded = read_record(study_folder, stage).get("options", {})
    if recorded != json.loads(json.dumps(asked)):
        raise StudyError(
            f"{evidence_folder(study_folder, method.name)}: {_difference(recorded, asked)}; "
            f"run the same command with --restart to replace its maps, or with the old options "
            "to add to them"
        )


def _difference(recorded: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    if not recorded:
        return "nothing says with which options its maps were made"
    names = [name for name in sorted({*recorded, *asked}) if recorded.get(name) != asked.get(name)]
    before = ", ".join(f"{name}={recorded.get(name)!r}" for name in names)
    now = ", ".join(f"{name}={asked.get(name)!r}" for name in names)
    return f"made with {before}, asked for {now}"
