"""What a study's classifier is asked: what it says of the images, and where on them it looks."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.progress import Tracker, untracked
from netgloss.store.locks import writing
from netgloss.store.records import fingerprint
from netgloss.store.tables import write_table

if TYPE_CHECKING:
    from netgloss.evidence.base import EvidenceMethod
    from netgloss.evidence.items import ExtractionReport
    from netgloss.study.facade import Study
    from netgloss.study.settings import ModelSettings

__all__ = ["extract", "predict"]

_SAVE_EVERY_SECONDS = 10.0


def predict(study: Study, batch_size: int = 32, track: Tracker = untracked) -> int:
    """Predicts the images that have no prediction yet; returns how many those were.

    What is done is saved every few seconds, so that an interrupted run goes on.

    Args:
        study: With a classifier.
        batch_size: Images in flight at once.
        track: Draws progress.

    Raises:
        ModelError: The study has no classifier, or it cannot be built.
        StudyError: Another process is predicting, or the disk refuses.
    """
    from netgloss.vision.images import usable

    place = study.folder / "images.parquet"
    with writing(study.folder, "predictions"):
        images = study.images()
        waiting = usable(images[images["prediction"].isna()], study.source)
        if not waiting:
            return 0
        rows = {image: row for row, image in enumerate(images["image"])}
        columns = [images.columns.get_loc(name) for name in ("prediction", "score")]
        saved = time.monotonic()
        results = study.classifier.predict(waiting, batch_size=batch_size)
        for image, label, score in track(results, total=len(waiting), what="predicting"):
            images.iloc[rows[image.image], columns] = [label, score]
            if time.monotonic() - saved > _SAVE_EVERY_SECONDS:
                write_table(images, place)
                saved = time.monotonic()
        write_table(images, place)
        return len(waiting)


def extract(
    study: Study,
    method: EvidenceMethod,
    *,
    limit: int = 0,
    seed: int = 0,
    restart: bool = False,
    track: Tracker = untracked,
) -> ExtractionReport:
    """Extracts heat maps for images drawn at random, balanced by predicted class.

    Args:
        study: With a classifier.
        method: For example ``SmoothGrad(samples=10, noise=0.05)``.
        limit: How many images; 0 for all. A larger limit later keeps what is there.
        seed: Of the draw.
        restart: Throw away maps made with other options.
        track: Draws progress.

    Raises:
        ModelError: The study has no classifier, or it cannot be explained.
        StudyError: The study's maps were made with other options; another process is writing
            them; the disk refuses.
    """
    from netgloss.evidence import items
    from netgloss.evidence.sampling import draw_balanced

    classifier = study.classifier
    predict(study, track=track)
    images = {image.image: image for image in study.usable_images()}
    table = study.images()
    drawn = draw_balanced(table[table["image"].isin(list(images))], limit, seed)
    chosen = [images[name] for name in drawn]
    made_from = _made_from(study.settings.model, study.folder)
    return items.extract(
        study.folder, method, classifier, chosen, track, restart=restart, made_from=made_from
    )


def _made_from(model: ModelSettings | None, folder: Path) -> dict[str, Any]:
    """What besides a method's options decides its maps: the network and its input."""
    if model is None:
        return {}
    weights = fingerprint(folder / model.weights) if model.weights else "from the factory"
    return {
        "factory": model.factory.rpartition("/")[2],
        "weights": weights,
        "input_size": list(model.input_size),
        "resize": model.resize,
        "crop_ratio": model.crop_ratio,
        "mean": list(model.mean),
        "std": list(model.std),
    }
