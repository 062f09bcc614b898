"""An annotation as the page sends it, checked and brought into the form in which it is kept."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationError

from netgloss.server.errors import RequestError
from netgloss.server.typed import LONGEST_WORD, Strict, Word, distinct, malformed

__all__ = ["LONGEST_WORD", "MOST_ATTRIBUTES", "MOST_BOXES", "Annotation", "check_body"]

MOST_BOXES = 100
MOST_ATTRIBUTES = 20

_SMALLEST = 1.0  # pixel along either side

Pixels = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]


class DrawnBox(Strict):
    """A box in pixels of the original image, with its noun and its adjectives."""

    type: Word = ""
    attributes: list[Word] = Field(default_factory=list, max_length=MOST_ATTRIBUTES)
    x0: Pixels
    y0: Pixels
    x1: Pixels
    y1: Pixels

    def within(self, width: int, height: int) -> DrawnBox:
        """The box clipped to the image, its corners in order, its attributes each once."""
        x0, x1 = sorted(_clip(x, width) for x in (self.x0, self.x1))
        y0, y1 = sorted(_clip(y, height) for y in (self.y0, self.y1))
        corners = {"x0": x0, "y0": y0, "x1": x1, "y1": y1}
        return self.model_copy(update={**corners, "attributes": distinct(self.attributes)})

    @property
    def has_area(self) -> bool:
        """Whether it is large enough to be meant."""
        return self.x1 - self.x0 >= _SMALLEST and self.y1 - self.y0 >= _SMALLEST


class Annotation(Strict):
    """What a person says about one image."""

    boxes: list[DrawnBox] = Field(default_factory=list, max_length=MOST_BOXES)
    nothing: bool = False


def check_body(body: Any, width: int, height: int, draft: bool = False) -> dict[str, Any]:
    """The annotation as it is kept.

    Args:
        body: What the page sent.
        width: Of the original image, in pixels.
        height: Of the original image, in pixels.
        draft: It need not be complete yet.

    Raises:
        RequestError: 422 ``malformed`` or ``incomplete``; ``where`` says which part.

    Example:
        >>> claw = {"type": "claw", "attributes": ["orange"], "x0": -4, "y0": 2, "x1": 9, "y1": 8}
        >>> check_body({"boxes": [claw]}, 100, 50)["boxes"][0]["x0"]
        0.0
    """
    try:
        annotation = Annotation.model_validate(body)
    except ValidationError as fault:
        raise malformed(fault) from fault
    annotation.boxes = [box.within(width, height) for box in annotation.boxes]
    if not draft:
        _require_complete(annotation)
    return annotation.model_dump()


def _clip(value: float, limit: int) -> float:
    return round(min(max(value, 0.0), float(limit)), 3)


def _require_complete(annotation: Annotation) -> None:
    """SECA's automatic checks: a box at least, and a type and an attribute in each."""
    if annotation.nothing and annotation.boxes:
        raise _incomplete(
            "nothing", "Either nothing is recognisable or there are boxes; please choose one."
        )
    if not annotation.nothing and not annotation.boxes:
        raise _incomplete(
            "boxes", "Please draw a box round a bright area, or say that nothing is recognisable."
        )
    for number, box in enumerate(annotation.boxes):
        _require_complete_box(number, box)


def _require_complete_box(number: int, box: DrawnBox) -> None:
    name, where = f"Box {number + 1}", f"boxes.{number}"
    if not box.has_area:
        raise _incomplete(where, f"{name} is too small or outside the image; please draw it again.")
    if not box.type:
        raise _incomplete(f"{where}.type", f"{name} has no name yet: what is in it, in one noun?")
    if not box.attributes:
        raise _incomplete(
            f"{where}.attributes",
            f"{name} has no description yet: what does it look like, in an adjective or more?",
        )


def _incomplete(where: str, message: str) -> RequestError:
    return RequestError(422, "incomplete", message, where=where)
