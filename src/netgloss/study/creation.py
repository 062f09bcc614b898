"""Makes a study: scans the images, checks the classifier on one of them, or takes predictions."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.errors import DataError, StudyError
from netgloss.progress import Tracker, untracked
from netgloss.store.atomic import describe_os_error
from netgloss.store.tables import read_csv_rows, write_table
from netgloss.study.settings import ModelSettings, Settings, relative_to_study

if TYPE_CHECKING:
    import pandas as pd

    from netgloss.vision.classifier import Classifier

__all__ = ["build_classifier", "create_study", "given_predictions"]

_PREDICTED = ("predicted_label", "prediction", "predicted", "predicted_class")
_TRUE = ("true_label", "truth", "true", "label")
_SCORE = ("score", "probability", "confidence")


def create_study(
    folder: Path,
    images: Path,
    model: ModelSettings | None,
    predictions: Path | None,
    track: Tracker = untracked,
) -> None:
    """Writes a new study folder, whole or not at all.

    Args:
        folder: Where; it must not exist yet, or be empty.
        images: A folder of images or a CSV manifest.
        model: The classifier, with paths as typed; it is built and tried on one image.
        predictions: A CSV of predicted labels, instead of a classifier.
        track: Draws the progress of the scan.

    Raises:
        NetglossError: The folder is taken, no image is usable, the classifier does not work or
            the predictions do not fit the images.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudyError(f"{folder}: already there and not empty; choose another name")
    if (model is None) == (predictions is None):
        raise StudyError(
            f"{folder}: a study needs either a classifier (--model) or predictions (--predictions)"
        )
    from netgloss.vision.sources import scan

    if model is not None:
        classifier = build_classifier(model, Path.cwd())
    table = scan(images, track=track)
    table["prediction"], table["score"] = None, float("nan")
    if model is not None:
        _try_one(classifier, table, images)
    if predictions is not None:
        table = given_predictions(table, predictions)
    settings = Settings(
        source=relative_to_study(images, folder),
        model=_portable(model, folder) if model else None,
        predictions=relative_to_study(predictions, folder) if predictions else None,
    )
    _write_whole(folder, settings, _typed(table))


def build_classifier(model: ModelSettings, base: Path) -> Classifier:
    """Builds the classifier that the settings describe.

    Args:
        model: The settings.
        base: The folder that relative paths start from.
    """
    from netgloss.vision.classifier import Classifier

    return Classifier.load(
        _located(model.factory, base),
        (base / model.weights) if model.weights else None,
        model.classes,
        model.input_size,
        resize=model.resize,
        crop_ratio=model.crop_ratio,
        mean=model.mean,
        std=model.std,
        device=model.device,
        precision=model.precision,
    )


def given_predictions(images: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Fills truth, prediction and score of ``images`` from a CSV that another program made.

    An image that the file does not name gets the status ``no prediction given``; rows about
    images that the study lacks are passed over, since such files cover whole data sets.

    Raises:
        DataError: A column is missing, a row has no label, or no row is about these images.
    """
    from netgloss.vision.images import resolve_names

    rows = read_csv_rows(path)
    names = list(rows[0]) if rows else []
    predicted, true, score = (_column(names, wanted) for wanted in (_PREDICTED, _TRUE, _SCORE))
    if not rows or "image" not in names or predicted is None:
        raise DataError(
            f"{path}: needs the columns image and predicted_label; it has {', '.join(names[:-1])}"
        )
    for row in rows:
        if not row[predicted].strip():
            raise DataError(f"{path}: line {row['#']}: no {predicted} for image '{row['image']}'")
    places = resolve_names([row["image"] for row in rows], list(images["image"]))
    found = {places[row["image"]]: row for row in rows if places[row["image"]] is not None}
    if not found:
        raise DataError(f"{path}: none of its {len(rows)} images is in the study's images")
    table = images.copy()
    at = table["image"].map(found)
    known = at.notna()
    table["prediction"] = at.map(lambda row: row[predicted].strip(), na_action="ignore")
    if true is not None:
        given = at.map(lambda row: row[true].strip() or None, na_action="ignore")
        table["truth"] = given.where(given.notna(), table["truth"])
    if score is not None:
        table["score"] = at.map(lambda row: _number(path, row, score), na_action="ignore")
    table.loc[(table["status"] == "ok") & ~known, "status"] = "no prediction given"
    return table


def _column(names: Sequence[str], wanted: Sequence[str]) -> str | None:
    lowered = {name.lower(): name for name in names}
    return next((lowered[name] for name in wanted if name in lowered), None)


def _number(path: Path, row: dict[str, str], column: str) -> float:
    try:
        return float(row[column]) if row[column].strip() else float("nan")
    except ValueError as error:
        raise DataError(
            f"{path}: line {row['#']}: {column} '{row[column]}' is not a number"
        ) from error


def _located(factory: str, base: Path) -> str:
    """Anchors ``path/to/file.py:name`` at ``base``; an import path stays as it is."""
    place, _, name = factory.rpartition(":")
    return f"{base / place}:{name}" if place.endswith(".py") else factory


def _portable(model: ModelSettings, folder: Path) -> ModelSettings:
    from dataclasses import replace

    place, _, name = model.factory.rpartition(":")
    factory = model.factory
    if place.endswith(".py"):
        factory = f"{relative_to_study(Path(place), folder)}:{name}"
    weights = relative_to_study(Path(model.weights), folder) if model.weights else None
    return replace(model, factory=factory, weights=weights)


def _try_one(classifier: Classifier, table: pd.DataFrame, source: Path) -> None:
    """Runs the classifier on the first usable image, so that its faults show before the wait."""
    from netgloss.vision.images import usable

    for _ in classifier.predict(usable(table, source)[:1]):
        pass


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    kinds: dict[str, Any] = {
        "image": "string",
        "path": "string",
        "width": "Int32",
        "height": "Int32",
        "truth": "string",
        "prediction": "string",
        "score": "float64",
        "status": "string",
    }
    return table[list(kinds)].astype(kinds)


def _write_whole(folder: Path, settings: Settings, table: pd.DataFrame) -> None:
    """Builds the folder beside its place, then renames it there."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    except OSError as error:
        raise StudyError(f"{folder}: cannot be made: {describe_os_error(error)}") from error
    try:
        settings.save(temporary)
        write_table(table, temporary / "images.parquet")
        temporary.chmod(0o755)
        os.replace(temporary, folder)  # noqa: PTH105 - an empty folder may stand there
    except OSError as error:
        raise StudyError(f"{folder}: cannot be made: {describe_os_error(error)}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
