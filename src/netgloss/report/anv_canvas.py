"""A small drawing surface that gives one layout as SVG and as PNG.

matplotlib embeds pictures in SVG uncompressed, some megabytes for a page of heat maps; here they
are WebP, and one list of marks draws both files.
"""

from __future__ import annotations

import base64
import functools
import io
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from netgloss.vision.overlays import encode

__all__ = ["Canvas", "fitted", "text_width"]

Anchor = Literal["start", "middle", "end"]

_FAMILY = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', 'Noto Sans', sans-serif"
_GROUND = "#ffffff"
_ELLIPSIS = "…"


@dataclass(frozen=True)
class _Box:
    x: float
    y: float
    width: float
    height: float
    fill: str
    opacity: float

    def svg(self) -> str:
        pale = f' fill-opacity="{self.opacity:g}"' if self.opacity < 1 else ""
        return f'<rect {_place(self)} fill="{self.fill}"{pale}/>'

    def paint(self, picture: Image.Image, scale: float) -> None:
        corners = [round(side * scale) for side in _corners(self)]
        if corners[2] > corners[0] and corners[3] > corners[1]:
            size = (corners[2] - corners[0], corners[3] - corners[1])
            sheet = Image.new("RGB", size, self.fill)
            mask = Image.new("L", size, round(255 * self.opacity))
            picture.paste(sheet, (corners[0], corners[1]), mask)


@dataclass(frozen=True)
class _Text:
    x: float
    y: float
    words: str
    size: float
    bold: bool
    colour: str
    anchor: Anchor
    opacity: float

    def svg(self) -> str:
        weight = ' font-weight="650"' if self.bold else ""
        pale = f' fill-opacity="{self.opacity:g}"' if self.opacity < 1 else ""
        anchor = f' text-anchor="{self.anchor}"' if self.anchor != "start" else ""
        return (
            f'<text x="{self.x:g}" y="{self.y:g}" font-size="{self.size:g}" '
            f'fill="{self.colour}"{weight}{anchor}{pale}>{escape(self.words)}</text>'
        )

    def paint(self, picture: Image.Image, scale: float) -> None:
        ink = tuple(int(self.colour[place : place + 2], 16) for place in (1, 3, 5))
        # A paler text is mixed with the ground it stands on, which is the page's.
        mixed = tuple(round(one * self.opacity + 255 * (1 - self.opacity)) for one in ink)
        ImageDraw.Draw(picture).text(
            (self.x * scale, self.y * scale),
            self.words,
            fill=mixed,
            font=_font(self.size * scale, self.bold),
            anchor={"start": "ls", "middle": "ms", "end": "rs"}[self.anchor],
        )


@dataclass(frozen=True, eq=False)
class _Picture:
    x: float
    y: float
    width: float
    height: float
    pixels: NDArray[np.uint8]
    about: str

    def svg(self) -> str:
        data = base64.b64encode(encode(self.pixels, "webp", 72)).decode("ascii")
        return (
            f'<image {_place(self)} preserveAspectRatio="none" '
            f'href="data:image/webp;base64,{data}"><title>{escape(self.about)}</title></image>'
        )

    def paint(self, picture: Image.Image, scale: float) -> None:
        left, top, right, bottom = (round(side * scale) for side in _corners(self))
        size = (max(1, right - left), max(1, bottom - top))
        drawn = Image.fromarray(self.pixels).resize(size, Image.Resampling.LANCZOS)
        picture.paste(drawn, (left, top))


@dataclass
class Canvas:
    """Marks in the order in which they are drawn; lengths in pixels from the top left corner.

    Args:
        width: Of the whole.
        height: Of the whole.
        about: What it shows, in a sentence for a screen reader.
    """

    width: float
    height: float
    about: str
    _marks: list[_Box | _Text | _Picture] = field(default_factory=list, repr=False)

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, opacity: float = 1.0
    ) -> None:
        """Adds a filled rectangle; ``fill`` is a colour like ``#15181d``."""
        self._marks.append(_Box(x, y, max(0.0, width), max(0.0, height), fill, opacity))

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 13,
        bold: bool = False,
        colour: str = "#15181d",
        anchor: Anchor = "start",
        opacity: float = 1.0,
    ) -> None:
        """Adds a line of text; ``y`` is its base line."""
        self._marks.append(_Text(x, y, words, size, bold, colour, anchor, opacity))

    def picture(
        self, x: float, y: float, width: float, height: float, pixels: NDArray[np.uint8], about: str
    ) -> None:
        """Adds a picture, shape (height, width, 3), drawn at the given size."""
        self._marks.append(_Picture(x, y, width, height, pixels, about))

    def svg(self) -> str:
        """The drawing as one self-contained SVG file."""
        marks = "\n".join(mark.svg() for mark in self._marks)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width:g}" '
            f'height="{self.height:g}" viewBox="0 0 {self.width:g} {self.height:g}" role="img" '
            f'font-family="{_FAMILY}">\n<title>{escape(self.about)}</title>\n'
            f'<rect width="100%" height="100%" fill="{_GROUND}"/>\n{marks}\n</svg>\n'
        )

    def png(self, scale: float = 2.0) -> bytes:
        """The drawing as a PNG file's bytes.

        Letters are those of the font DejaVu, which comes with matplotlib; for scripts that it
        lacks, take the SVG.

        Args:
            scale: Pixels of the file for one of the drawing.
        """
        size = (round(self.width * scale), round(self.height * scale))
        picture = Image.new("RGB", size, _GROUND)
        for mark in self._marks:
            mark.paint(picture, scale)
        file = io.BytesIO()
        picture.save(file, "png", optimize=True)
        return file.getvalue()


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is in pixels, in a font that is wider than most."""
    return float(_font(size, bold).getlength(words))


def fitted(words: str, size: float, width: float, *, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it is wider than there is room.

    Args:
        words: The text.
        size: Of its letters, in pixels.
        width: The room, in pixels.
        bold: Whether it is set in bold.

    Example:
        >>> fitted("fin", 13, 100), fitted("a very long word indeed", 13, 60)
        ('fin', 'a very…')
    """
    if text_width(words, size, bold=bold) <= width:
        return words
    kept = words
    while kept and text_width(kept + _ELLIPSIS, size, bold=bold) > width:
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS


@functools.lru_cache(maxsize=32)
def _font(size: float, bold: bool) -> ImageFont.FreeTypeFont:
    import matplotlib as mpl

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(mpl.get_data_path()) / "fonts" / "ttf" / name), size)


def _place(mark: _Box | _Picture) -> str:
    return f'x="{mark.x:g}" y="{mark.y:g}" width="{mark.width:g}" height="{mark.height:g}"'


def _corners(mark: _Box | _Picture) -> tuple[float, float, float, float]:
    return mark.x, mark.y, mark.x + mark.width, mark.y + mark.height
