"""Salient areas: what a person would circle on a heat map, and how well boxes cover it.

The papers show heat maps to people and never define an area; this is our definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from netgloss.vision.geometry import Box

__all__ = [
    "SalientArea",
    "Threshold",
    "coverage",
    "focus",
    "salient_areas",
    "salient_mask",
]

Threshold = Literal["top", "otsu"]
Mask = NDArray[np.bool_]

_CLIP_PERCENTILE = 99.0
_SMOOTHING = 0.01  # of the longer side: SmoothGrad maps are speckle
_SMALLEST = 0.001  # of the image's area
_GAP = 0.01  # of the longer side


@dataclass(frozen=True, eq=False)
class SalientArea:
    """One connected hot area of a heat map.

    Attributes:
        mask: Its pixels, shape (height, width).
        box: Smallest x0, y0, x1, y1 around it in pixels, x1 and y1 exclusive.
        mass: Share of the whole map's heat that lies in it, in [0, 1].
    """

    mask: Mask
    box: tuple[int, int, int, int]
    mass: float


def salient_areas(
    heat: NDArray[np.floating], share: float = 0.10, method: Threshold = "top"
) -> list[SalientArea]:
    """The map's hot areas, the heaviest first; none where the map is constant.

    Areas under 0.1 % of the image are dropped; areas whose boxes lie closer than 1 % of the
    longer side become one.

    Args:
        heat: Values ≥ 0, shape (height, width); take the original image's size, for the boxes
            are in the map's pixels.
        share: Share of the pixels that counts as hot, in (0, 1]; for ``top`` only.
        method: ``top`` takes exactly that share of the pixels; ``otsu`` separates two groups of
            values by Otsu's criterion.

    Example:
        >>> heat = np.zeros((100, 100))
        >>> heat[20:50, 60:90] = 1.0
        >>> [area.box for area in salient_areas(heat, share=0.09)]
        [(60, 20, 90, 50)]
    """
    labels, _ = ndimage.label(salient_mask(heat, share, method), structure=np.ones((3, 3)))
    counts = np.bincount(labels.ravel())
    groups = [
        ({number}, _slices_box(slices))
        for number, slices in enumerate(ndimage.find_objects(labels), start=1)
        if counts[number] >= _SMALLEST * heat.size
    ]
    total = heat.sum(dtype=np.float64)
    areas = []
    for numbers, box in _merge(groups, _GAP * max(heat.shape)):
        mask = np.isin(labels, list(numbers))
        areas.append(SalientArea(mask, box, float(heat[mask].sum(dtype=np.float64) / total)))
    return sorted(areas, key=lambda area: (-area.mass, area.box))


def salient_mask(
    heat: NDArray[np.floating], share: float = 0.10, method: Threshold = "top"
) -> Mask:
    """The hot pixels, shape (height, width); none where the map is constant.

    The map is clipped at its 99th percentile, scaled to [0, 1] and smoothed before the
    threshold. Ties at the threshold go to the first pixels, row by row.

    Args:
        heat: Values ≥ 0, shape (height, width).
        share: Share of the pixels, in (0, 1]; for ``top`` only. A larger share never loses a
            pixel.
        method: ``top`` or ``otsu``.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share must be in (0, 1], not {share}")
    smooth = _prepared(heat)
    above = smooth > smooth.min()
    if method == "otsu":
        return cast(Mask, above & (smooth > _otsu(smooth)))
    return cast(Mask, above & _top(smooth, round(share * smooth.size)))


def coverage(
    heat: NDArray[np.floating],
    boxes: Iterable[Box],
    share: float = 0.10,
    method: Threshold = "top",
) -> float:
    """Share of the hot pixels' heat that lies in the boxes' union, in [0, 1].

    Args:
        heat: Values ≥ 0 at the original image's size, shape (height, width).
        boxes: x0, y0, x1, y1 in pixels of the original image, x1 and y1 exclusive.
        share: As in :func:`salient_areas`.
        method: As in :func:`salient_areas`.

    Returns:
        0 for a constant map or no boxes.
    """
    hot = np.where(salient_mask(heat, share, method), heat, 0.0)
    total = hot.sum(dtype=np.float64)
    if total == 0:
        return 0.0
    return float(hot[_union(boxes, heat.shape)].sum(dtype=np.float64) / total)


def focus(
    heat: NDArray[np.floating],
    boxes: Sequence[Box],
    share: float = 0.10,
    method: Threshold = "top",
) -> float:
    """Coverage divided by the boxes' share of the image: 1 is what chance would give.

    Args:
        heat: As in :func:`coverage`.
        boxes: As in :func:`coverage`.
        share: As in :func:`salient_areas`.
        method: As in :func:`salient_areas`.

    Returns:
        ≥ 0; 0 for a constant map or boxes without area.
    """
    area = float(_union(boxes, heat.shape).mean())
    return coverage(heat, boxes, share, method) / area if area else 0.0


def _prepared(heat: NDArray[np.floating]) -> NDArray[np.float64]:
    """Clipped, scaled to [0, 1] and smoothed; zeros for a constant map."""
    clipped = np.minimum(heat, np.percentile(heat, _CLIP_PERCENTILE)).astype(np.float64)
    low, high = clipped.min(), clipped.max()
    if high == low:
        return np.zeros_like(clipped)
    scaled = (clipped - low) / (high - low)
    return cast(NDArray[np.float64], ndimage.gaussian_filter(scaled, _SMOOTHING * max(heat.shape)))


def _top(values: NDArray[np.float64], count: int) -> Mask:
    """The ``count`` largest values, ties broken by the lowest index, without a full sort."""
    flat = values.ravel()
    if count == 0:
        return np.zeros(values.shape, bool)
    edge = np.partition(flat, flat.size - count)[flat.size - count]
    chosen = flat > edge
    ties = np.flatnonzero(flat == edge)
    chosen[ties[: count - int(chosen.sum())]] = True
    return cast(Mask, chosen.reshape(values.shape))


def _otsu(values: NDArray[np.float64]) -> float:
    """The threshold that makes the variance between the two groups largest (Otsu, 1979)."""
    counts, edges = np.histogram(values, bins=256)
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = counts.sum() - below
    sums = np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = sums / below - (sums[-1] - sums) / above
    between = np.where((below > 0) & (above > 0), below * above * gap**2, 0.0)
    return float(edges[1:][np.argmax(between)])


def _slices_box(slices: tuple[slice, slice]) -> tuple[int, int, int, int]:
    rows, columns = slices
    return columns.start, rows.start, columns.stop, rows.stop


_Group = tuple[set[int], tuple[int, int, int, int]]


def _merge(groups: list[_Group], gap: float) -> list[_Group]:
    """Joins components whose boxes lie closer than ``gap``, until none do."""
    merged: list[_Group] = []
    for numbers, box in groups:
        # A grown box may reach one that it did not reach before: look again after each join.
        while near := [other for other in merged if _gap(box, other[1]) < gap]:
            merged = [other for other in merged if other not in near]
            for more, other_box in near:
                numbers, box = numbers | more, _hull(box, other_box)
        merged.append((numbers, box))
    return merged


def _gap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> int:
    """Free pixels between two boxes along the axis where they lie further apart."""
    across = max(a[0], b[0]) - min(a[2], b[2])
    down = max(a[1], b[1]) - min(a[3], b[3])
    return max(across, down, 0)


def _hull(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _union(boxes: Iterable[Box], shape: tuple[int, ...]) -> Mask:
    """The pixels whose centre lies in one of the boxes."""
    mask = np.zeros(shape, bool)
    for box in boxes:
        left, top, right, bottom = (max(0, int(np.ceil(edge - 0.5))) for edge in box)
        mask[top:bottom, left:right] = True
    return mask
