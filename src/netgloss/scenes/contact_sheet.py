"""A contact sheet of a drawn set: a row a class, so that a person sees at once what is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from netgloss.scenes.scene_set import SceneSet
from netgloss.scenes.world import plan_of
from netgloss.store.atomic import atomic_path

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["contact_sheet", "write_contact_sheet"]

_GAP = 6
_CAPTION = 22
_GROUND, _INK = (255, 255, 255), (21, 24, 29)


def contact_sheet(pictures: SceneSet, columns: int = 10) -> Image:
    """The first pictures of each class under its name.

    Args:
        pictures: The set.
        columns: Pictures a class; fewer where the set has fewer.
    """
    from PIL import Image, ImageDraw, ImageFont

    classes, side = pictures.classes, pictures.size
    columns = min(columns, max(len(pictures) // len(classes), 1))
    step, row = side + _GAP, side + _GAP + _CAPTION
    sheet = Image.new("RGB", (columns * step + _GAP, len(classes) * row + _GAP), _GROUND)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for line, label in enumerate(classes):
        top = line * row + _GAP
        pen.text((_GAP, top), label.replace("_", " "), _INK, font)
        own = [number for number in range(len(pictures)) if pictures.label(number) == label]
        for place, number in enumerate(own[:columns]):
            plan = plan_of(pictures.task, label, pictures.seeds[number], pictures.bias)
            at = (place * step + _GAP, top + _CAPTION)
            sheet.paste(Image.fromarray(plan.image(side)), at)
    return sheet


def write_contact_sheet(pictures: SceneSet, path: Path, columns: int = 10) -> None:
    """Writes the contact sheet, whole or not at all; the suffix chooses the format."""
    sheet = contact_sheet(pictures, columns)
    with atomic_path(path) as temporary:
        sheet.save(temporary)
