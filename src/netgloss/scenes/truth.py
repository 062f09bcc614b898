"""A set of drawn pictures on disk: PNG by class, masks, and the truth as COCO JSON.

The masks in the JSON are COCO's run lengths, so that any tool of that format reads them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import DataError, StudyError
from netgloss.progress import Tracker, untracked
from netgloss.scenes.scene import Entity, Scene
from netgloss.scenes.scene_set import SceneSet
from netgloss.store.atomic import atomic_path, write_text
from netgloss.store.records import is_fresh, read_record, write_record

__all__ = ["decode_mask", "encode_mask", "read_truth", "write_scenes"]

_STAGE = "scenes"


def write_scenes(pictures: SceneSet, folder: Path, track: Tracker = untracked) -> bool:
    """Writes every picture and its masks, then the truth about all of them.

    Args:
        pictures: What to draw.
        folder: Gets ``images/<class>/<number>.png``, ``masks/<class>/<number>.png`` (each pixel
            holds the place in the picture's annotations, from 1, of the frontmost thing there)
            and ``truth.json``, which is written last, so that it stands for a whole set.
        track: Draws progress.

    Returns:
        Whether anything was drawn; a folder that holds this very set stays as it is, and one in
        which drawing was interrupted is drawn anew.

    Raises:
        DataError: The folder holds something else.
        StudyError: The disk refuses.
    """
    if is_fresh(folder, _STAGE, pictures.recipe(), [], [folder / "truth.json"]):
        return False
    _claim(folder, pictures)
    _draw(pictures, folder, track)
    return True


def _claim(folder: Path, pictures: SceneSet) -> None:
    """Makes sure that nothing but an unfinished drawing of this set is there, and clears it."""
    try:
        holds = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    except OSError as error:
        raise StudyError(f"{folder}: {error.strerror}; name a new folder") from error
    begun = read_record(folder, _STAGE).get("options")
    if holds and begun != pictures.recipe():
        what = f"other drawn pictures ({_told(begun)})" if begun else f"'{holds[0]}'"
        raise DataError(f"{folder}: holds {what}; name a new folder")
    write_record(folder, _STAGE, pictures.recipe(), [])
    for part in ("images", "masks"):
        shutil.rmtree(folder / part, ignore_errors=True)


def _told(recipe: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in recipe.items())


def _draw(pictures: SceneSet, folder: Path, track: Tracker) -> None:
    from PIL import Image

    rows: list[dict[str, Any]] = []
    things: list[dict[str, Any]] = []
    scenes = track(pictures.scenes(), total=len(pictures), what="drawing pictures")
    for number, (seed, scene) in enumerate(zip(pictures.seeds, scenes, strict=True)):
        name = f"{scene.label}/{number:05d}.png"
        with atomic_path(folder / "images" / name) as temporary:
            Image.fromarray(scene.image).save(temporary, "PNG", compress_level=3)
        with atomic_path(folder / "masks" / name) as temporary:
            Image.fromarray(_frontmost(scene)).save(temporary, "PNG")
        height, width = scene.image.shape[:2]
        rows.append(
            {
                "id": number,
                "file_name": name,
                "height": height,
                "width": width,
                "label": scene.label,
                "state": scene.state,
                "seed": seed,
            }
        )
        things += (_annotation(number, entity) for entity in scene.entities)
    kinds = {row["type"]: row["group"] for row in things}
    places = {kind: place for place, kind in enumerate(sorted(kinds))}
    annotations = [
        {"id": place, "category_id": places[row.pop("type")], **_without_group(row)}
        for place, row in enumerate(things)
    ]
    document = {
        "info": {"description": "Drawn pictures with known truth", **pictures.recipe()},
        "images": rows,
        "categories": [
            {"id": place, "name": kind, "supercategory": kinds[kind]}
            for kind, place in places.items()
        ],
        "annotations": annotations,
    }
    write_text(folder / "truth.json", json.dumps(document, separators=(",", ":")) + "\n")


def read_truth(path: Path) -> dict[str, tuple[Entity, ...]]:
    """What can be seen on each picture, by its file name.

    Raises:
        DataError: The file is missing or not what :func:`write_scenes` wrote.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        kinds = {row["id"]: (row["name"], row["supercategory"]) for row in document["categories"]}
        names = {row["id"]: row["file_name"] for row in document["images"]}
        found: dict[str, list[Entity]] = {name: [] for name in names.values()}
        for row in document["annotations"]:
            found[names[row["image_id"]]].append(_entity(*kinds[row["category_id"]], row))
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path}: not the truth of a set of drawn pictures ({error!r}); draw the set again"
        ) from error
    return {name: tuple(entities) for name, entities in found.items()}


def encode_mask(mask: NDArray[np.bool_]) -> dict[str, list[int]]:
    """A mask as COCO's run lengths: down the columns, beginning with what is outside.

    Example:
        >>> encode_mask(np.array([[False, True], [False, True]]))
        {'size': [2, 2], 'counts': [2, 2]}
    """
    flat = mask.ravel(order="F")
    turns = np.flatnonzero(np.diff(flat)) + 1
    edges = np.concatenate([[0], turns, [flat.size]])
    outside_first = [0] if flat[0] else []
    return {"size": list(mask.shape), "counts": outside_first + np.diff(edges).tolist()}


def decode_mask(runs: Mapping[str, Sequence[int]]) -> NDArray[np.bool_]:
    """The mask of COCO's run lengths, shape (height, width).

    Raises:
        ValueError: The runs do not cover the mask.
    """
    counts = np.asarray(runs["counts"], dtype=np.int64)
    height, width = runs["size"]
    if counts.sum() != height * width or (counts < 0).any():
        raise ValueError(f"run lengths cover {counts.sum()} of {height * width} pixels")
    flat = np.repeat(np.arange(counts.size) % 2 == 1, counts)
    return np.ascontiguousarray(flat.reshape((height, width), order="F"))


def _annotation(image: int, entity: Entity) -> dict[str, Any]:
    rows, columns = np.nonzero(entity.mask)
    x0, y0 = int(columns.min()), int(rows.min())
    x1, y1 = int(columns.max()) + 1, int(rows.max()) + 1
    return {
        "type": entity.type,
        "group": entity.group,
        "image_id": image,
        "attributes": list(entity.attributes),
        "background": entity.background,
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "area": int(entity.mask.sum()),
        "iscrowd": 1,  # COCO's word for a mask in run lengths
        "segmentation": encode_mask(entity.mask),
    }


def _entity(kind: str, group: str, row: Mapping[str, Any]) -> Entity:
    mask = decode_mask(row["segmentation"])
    return Entity(kind, tuple(row["attributes"]), mask, bool(row["background"]), group)


def _frontmost(scene: Scene) -> NDArray[np.uint8]:
    """Number of the frontmost entity a pixel, from 1."""
    numbers = np.zeros(scene.image.shape[:2], np.uint8)
    for number, entity in enumerate(scene.entities, start=1):
        numbers[entity.mask] = number
    return numbers


def _without_group(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "group"}
