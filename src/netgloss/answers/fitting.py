"""From what a file says to answers: images found by name, boxes fitted to their image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from netgloss.answers.format import Answer, Box, answer_id
from netgloss.answers.reading import Findings, listed, quote
from netgloss.errors import DataError
from netgloss.vision.images import resolve_names

__all__ = [
    "OVERHANG",
    "PERCENT",
    "Corners",
    "Draft",
    "Imported",
    "Named",
    "Region",
    "Size",
    "find_images",
    "finish",
    "image_sizes",
]

OVERHANG = 2.0
"""Pixels a box may reach beyond its image: drawing tools round and count borders differently."""

PERCENT = (100.0, 100.0)
"""The frame of boxes given in percent of their image."""

_ASPECT = 0.02

Corners = tuple[float, float, float, float]
Size = tuple[float, float]


@dataclass(frozen=True)
class Imported:
    """What a file holds: its answers, and what a person should know about what was left out."""

    answers: tuple[Answer, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Region:
    """One thing a file says about an image, before its box is fitted to the image.

    Args:
        where: Its place in the file, for messages.
        type: The noun as typed.
        attributes: The adjectives as typed.
        corners: (x0, y0, x1, y1), or None where no box was drawn.
        frame: Width and height of the picture that ``corners`` count on; (100, 100) where they
            are percentages, None where they are pixels of the original image.
    """

    where: str
    type: str
    attributes: tuple[str, ...]
    corners: Corners | None
    frame: Size | None = None


@dataclass(frozen=True)
class Draft:
    """An answer before its image is known to the study.

    Args:
        where: Its place in the file, for messages.
        names: The names its image goes by, the likeliest first.
        person: Who said it.
        seconds: Time spent on the image.
        regions: What was said.
        key: What sets the answer apart in its file, but for its image.
        answer: The identifier that an export wrote down; made from ``key`` when empty.
        task: The task.
        source: Where it came from first; this file when empty.
    """

    where: str
    names: tuple[str, ...]
    person: str
    seconds: float | None
    regions: tuple[Region, ...]
    key: tuple[str, ...]
    answer: str = ""
    task: str = "annotate"
    source: str = ""


class Named(Protocol):
    """What stands in a file about an image that has yet to be found.

    Attributes:
        where: Its place in the file, for messages.
        names: The names its image goes by, the likeliest first.
    """

    @property
    def where(self) -> str: ...  # noqa: D102 - said above

    @property
    def names(self) -> tuple[str, ...]: ...  # noqa: D102 - said above


def finish(
    drafts: Sequence[Draft],
    images: pd.DataFrame,
    findings: Findings,
    *,
    skip_unknown: bool = False,
) -> Imported:
    """The answers of a file, with their images found and their boxes fitted; or its problems.

    Args:
        drafts: What the file says.
        images: The study's images: ``image``, ``width``, ``height`` (null where unknown).
        findings: What the reader found so far.
        skip_unknown: Leave out answers about images that the study does not have.

    Raises:
        DataError: Anything in the file is malformed; nothing of it may be imported then.
    """
    found = find_images(drafts, images, findings, skip_unknown=skip_unknown)
    sizes = image_sizes(images)
    answers: dict[str, tuple[Draft, Answer]] = {}
    for draft, image in zip(drafts, found, strict=True):
        if image is None:
            continue
        boxes = _fit_all(draft.regions, sizes.get(image), findings)
        answer = Answer(
            answer=draft.answer or answer_id(*draft.key, image),
            task=draft.task,
            person=draft.person,
            image=image,
            seconds=draft.seconds,
            source=draft.source or findings.path.name,
            boxes=boxes,
        )
        first, earlier = answers.setdefault(answer.answer, (draft, answer))
        with findings.at(draft.where):
            _check_repeat(answer, earlier, first.where)
        if first is not draft:
            findings.note("repeated answers left out")
    findings.check()
    return Imported(tuple(answer for _, answer in answers.values()), findings.notes)


def _check_repeat(answer: Answer, earlier: Answer, where: str) -> None:
    if answer != earlier:
        raise DataError(
            f"the answer of {quote(answer.person)} about {quote(answer.image)} stands already "
            f"at {where} and differs"
        )


def find_images(
    drafts: Sequence[Named], images: pd.DataFrame, findings: Findings, *, skip_unknown: bool
) -> list[str | None]:
    """The image of each draft; None where the study does not have it.

    Args:
        drafts: What the file says.
        images: The study's images: ``image``.
        findings: Takes what is wrong: a name that means two images, and, unless ``skip_unknown``,
            an image that is not there.
        skip_unknown: Count what is about unknown images in a note instead.

    Raises:
        DataError: A name means two images.
    """
    known = [str(image) for image in images["image"]]
    found: list[str | None] = [None] * len(drafts)
    for rank in range(max((len(draft.names) for draft in drafts), default=0)):
        # A second name is asked for only where the first is unknown: the address of an overlay
        # must not compete with that of the image itself.
        asked = {
            place: draft.names[rank]
            for place, draft in enumerate(drafts)
            if found[place] is None and rank < len(draft.names)
        }
        try:
            resolved = resolve_names(list(dict.fromkeys(asked.values())), known)
        except DataError as error:
            findings.problems.append(f"names of images: {error}")
            findings.check()
        for place, name in asked.items():
            found[place] = resolved[name]
    missing: dict[str, str] = {}  # name to the first place that it stands at
    for draft, image in zip(drafts, found, strict=True):
        if image is None:
            missing.setdefault(draft.names[0], draft.where)
    if missing and skip_unknown:
        findings.note("answers left out, their images are not in the study", found.count(None))
    elif missing:
        named = [f"{quote(name)} ({where})" for name, where in missing.items()]
        findings.problems.append(
            f"images that are not in the study: {listed(named, ', ')} "
            "(leave their answers out with --skip-unknown)"
        )
    return found


def image_sizes(images: pd.DataFrame) -> dict[str, Size]:
    """Width and height in pixels of each image whose size the study knows."""
    known = images.dropna(subset=["width", "height"])
    columns = (known[name] for name in ("image", "width", "height"))
    return {str(i): (float(w), float(h)) for i, w, h in zip(*columns, strict=True)}


def _fit_all(regions: Sequence[Region], size: Size | None, findings: Findings) -> tuple[Box, ...]:
    boxes = []
    for region in regions:
        with findings.at(region.where):
            box = _fit(region, size, findings)
            if box is not None:
                boxes.append(box)
    return tuple(boxes)


def _fit(region: Region, size: Size | None, findings: Findings) -> Box | None:
    """The region as a box in pixels of the original image; None when nothing of it is left."""
    corners = region.corners
    if corners is not None and region.frame is not None:
        corners = _scale(corners, region.frame, size)
    if corners is not None and size is not None:
        corners = _clip(corners, size, findings)
    if corners is not None and not _has_area(corners):
        findings.note("boxes without area: their words are kept, their place is not")
        corners = None
    if corners is None and not region.type and not region.attributes:
        return None
    return Box(region.type, region.attributes, *(corners or ()))


def _scale(corners: Corners, frame: Size, size: Size | None) -> Corners:
    """Moves a box from the picture that people saw to the original image."""
    if size is None:
        if frame == PERCENT:
            raise DataError("its box is in percent, and the size of its image is not known")
        return corners
    across, down = size[0] / frame[0], size[1] / frame[1]
    if frame != PERCENT and abs(across - down) > _ASPECT * max(across, down):
        raise DataError(
            f"the file says that its image has {frame[0]:g} x {frame[1]:g} pixels, "
            f"the study says {size[0]:g} x {size[1]:g}"
        )
    x0, y0, x1, y1 = corners
    return x0 * across, y0 * down, x1 * across, y1 * down


def _clip(corners: Corners, size: Size, findings: Findings) -> Corners:
    x0, y0, x1, y1 = (round(corner, 3) for corner in corners)
    width, height = size
    if min(x0, y0) < -OVERHANG or x1 > width + OVERHANG or y1 > height + OVERHANG:
        raise DataError(
            f"box ({x0:g}, {y0:g}) to ({x1:g}, {y1:g}) lies outside its image "
            f"of {width:g} x {height:g} pixels"
        )
    if min(x0, y0) < 0 or x1 > width or y1 > height:
        findings.note(f"boxes cut at the edge of their image, at most {OVERHANG:g} pixels")
    return max(x0, 0.0), max(y0, 0.0), min(x1, width), min(y1, height)


def _has_area(corners: Corners) -> bool:
    x0, y0, x1, y1 = (round(corner, 3) for corner in corners)
    return x1 > x0 and y1 > y0
