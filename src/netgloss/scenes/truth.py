"""A set of drawn pictures on disk: PNG by class, and the truth as COCO JSON with masks.

The masks are COCO's run lengths, so that any tool of that format reads them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netgloss.errors import DataError
from netgloss.scenes.scene import Entity, Scene
from netgloss.store.atomic import atomic_path, write_text

__all__ = ["decode_mask", "encode_mask", "read_truth", "write_scenes"]


def write_scenes(
    scenes: Iterable[tuple[int, Scene]],
    images: Path,
    truth: Path,
    about: Mapping[str, Any] | None = None,
) -> int:
    """Writes every picture, then the truth about all of them; returns how many there are.

    Args:
        scenes: Each picture with its seed.
        images: The folder; a picture goes to ``<class>/<running number>.png`` in it.
        truth: The COCO file; it is written last, so that it stands for a whole set.
        about: What the set was made from, for the file's ``info``.

    Raises:
        StudyError: The disk refuses.
    """
    from PIL import Image

    rows: list[dict[str, Any]] = []
    things: list[dict[str, Any]] = []
    for number, (seed, scene) in enumerate(scenes):
        name = f"{scene.label}/{number:05d}.png"
        with atomic_path(images / name) as temporary:
            Image.fromarray(scene.image).save(temporary, "PNG")
        height, width = scene.image.shape[:2]
        rows.append(
            {
                "id": number,
                "file_name": name,
                "height": height,
                "width": width,
                "label": scene.label,
                "cue": scene.cue,
                "seed": seed,
            }
        )
        things += (_annotation(number, entity) for entity in scene.entities)
    kinds = {kind: place for place, kind in enumerate(sorted({row["type"] for row in things}))}
    annotations = [
        {"id": place, "category_id": kinds[row.pop("type")], **row}
        for place, row in enumerate(things)
    ]
    document = {
        "info": {"description": "Drawn pictures with known truth", **(about or {})},
        "images": rows,
        "categories": [{"id": place, "name": kind} for kind, place in kinds.items()],
        "annotations": annotations,
    }
    write_text(truth, json.dumps(document, separators=(",", ":")) + "\n")
    return len(rows)


def read_truth(path: Path) -> dict[str, tuple[Entity, ...]]:
    """What can be seen on each picture, by its file name.

    Raises:
        DataError: The file is missing or not what :func:`write_scenes` wrote.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        kinds = {row["id"]: row["name"] for row in document["categories"]}
        names = {row["id"]: row["file_name"] for row in document["images"]}
        found: dict[str, list[Entity]] = {name: [] for name in names.values()}
        for row in document["annotations"]:
            found[names[row["image_id"]]].append(_entity(kinds[row["category_id"]], row))
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
        "image_id": image,
        "attributes": list(entity.attributes),
        "background": entity.background,
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "area": int(entity.mask.sum()),
        "iscrowd": 1,  # COCO's word for a mask in run lengths
        "segmentation": encode_mask(entity.mask),
    }


def _entity(kind: str, row: Mapping[str, Any]) -> Entity:
    mask = decode_mask(row["segmentation"])
    return Entity(kind, tuple(row["attributes"]), mask, bool(row["background"]))
