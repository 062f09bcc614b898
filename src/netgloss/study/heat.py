"""The heat map of each image of a study, and overlays for people who annotate elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from netgloss.errors import StudyError
from netgloss.evidence.items import HeatReader, has_cluster_maps, methods_present, read_items
from netgloss.progress import Tracker, untracked
from netgloss.store.atomic import atomic_path

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from netgloss.study.facade import Study

__all__ = ["chosen_method", "heat_by_image", "shown_methods", "write_overlays"]

Heat = Callable[[str], "NDArray[np.float32] | None"]

# Maps that a person brought, or the first ones extracted, say what the annotators saw.
_PREFERRED = ("smoothgrad", "heatmaps")


def chosen_method(study: Path) -> str | None:
    """The evidence method whose maps are shown; None when the study has no such evidence."""
    return next(iter(shown_methods(study)), None)


def shown_methods(study: Path) -> list[str]:
    """The evidence methods whose maps can be shown on their images, the likeliest first.

    Cluster maps never are: each is a part of what one layer saw, not the heat map of an image.

    Args:
        study: The study folder.
    """
    present = [name for name in methods_present(study) if not has_cluster_maps(study, name)]
    return [name for name in dict.fromkeys((*_PREFERRED, *present)) if name in present]


def heat_by_image(study: Study, method: str | None) -> Heat:
    """A function from an image's identifier to its heat map at the image's own size, or None."""
    if method is None:
        return lambda _: None
    reader = HeatReader(study.folder, method)
    model = study.settings.model
    items = {item.image: item for item in read_items(study.folder, method).itertuples()}
    images = {image.image: image for image in study.usable_images()}

    def heat(name: str) -> NDArray[np.float32] | None:
        if name not in items:
            return None
        image = images[name]
        place = model.placement(image.width, image.height) if model else None
        return reader.on_original(items[name], image, place)

    return heat


def write_overlays(study: Study, folder: Path, track: Tracker = untracked) -> int:
    """Writes each heat map over its photograph as ``<image>_heatmap.jpg``; returns how many.

    Raises:
        StudyError: The study has no heat maps, or the disk refuses.
    """
    from netgloss.vision.overlays import encode, overlay

    method = chosen_method(study.folder)
    if method is None:
        raise StudyError(
            f"{study.folder}: no heat maps yet; make them with: "
            f"netgloss extract {study.folder} smoothgrad"
        )
    heat = heat_by_image(study, method)
    wanted = set(read_items(study.folder, method)["image"])
    images = [image for image in study.usable_images() if image.image in wanted]
    for image in track(images, total=len(images), what="drawing overlays"):
        warm = heat(image.image)
        if warm is None:
            continue
        place = folder / Path(image.image).with_suffix("")
        with atomic_path(place.with_name(f"{place.name}_heatmap.jpg")) as temporary:
            temporary.write_bytes(encode(overlay(image.pixels(), warm), "jpeg", 92))
    return len(images)
