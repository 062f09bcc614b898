"""A program's visit as a person: it sees a picture, knows it, and answers what it is told to say.

The server's pictures bear no names, so that whoever answers for somebody else, be they simulated
or published, has to tell by sight which image of the study a picture shows.
"""

from __future__ import annotations

import io
import re
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from netgloss.errors import DataError
from netgloss.server.client import Client, Refused

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from netgloss.answers.format import Box
    from netgloss.vision.images import Image

__all__ = ["Gallery", "Said", "Says", "Wait", "answer_batches", "send", "work_off"]

_SIDE = 16  # pixels of the small copies that are compared
# Of 255, on average. Encoding a picture for the page moves it by 2 at most, and the most alike of
# 24 drawn fish are 6 apart (other drawn pictures 15).
_ALIKE = 4.0
_FAULTY_BOX = re.compile(r"boxes\.(\d+)(\..*)?")
_FAULTS = ("incomplete", "malformed")

Kept = TypeVar("Kept")

Says = Callable[[str], "Sequence[Box]"]
"""What somebody says about an image; nothing where nothing is recognisable."""
Wait = Callable[[float], None]
"""Lets some seconds pass."""


@dataclass(frozen=True)
class Said:
    """One answer that the server has kept.

    Attributes:
        image: What it is about.
        left_out: The boxes that the server would not take, such as one without an adjective.
    """

    image: str
    left_out: tuple[Box, ...] = ()


class Gallery:
    """Knows the images of a study by sight, as the server's pictures bear no names.

    Args:
        images: The study's images.

    Raises:
        DataError: An image cannot be read, or there is none.
    """

    def __init__(self, images: Sequence[Image]) -> None:
        if not images:
            raise DataError("the study has no image that can be read, so there is nothing to show")
        self._names = [image.image for image in images]
        self._small = np.stack([_small(image.pixels()) for image in images])

    def recognise(self, picture: bytes) -> str:
        """The identifier of the image that a picture shows.

        Args:
            picture: The content of a picture file from the server.

        Raises:
            DataError: The study has no such image.
        """
        from PIL import Image as Pillow

        seen = _small(np.asarray(Pillow.open(io.BytesIO(picture)).convert("RGB")))
        apart = np.abs(self._small - seen).mean(axis=1)
        nearest = int(apart.argmin())
        if apart[nearest] > _ALIKE:
            raise DataError(
                "the server shows a picture that the study does not have; is it the server of "
                "another study?"
            )
        return self._names[nearest]


def answer_batches(
    client: Client,
    gallery: Gallery,
    says: Says,
    batches: int = 0,
    wait: Wait = time.sleep,
    rng: np.random.Generator | None = None,
) -> Iterator[Said]:
    """Yields what a person has said, once the server has kept it, until there is nothing to do.

    Args:
        client: Somebody who has arrived and consented.
        gallery: Knows the images.
        says: What the person says about an image; nothing where nothing is recognisable.
        batches: The most they do; 0 for as many as there are.
        wait: Called with the seconds to look at an image before it may be answered.
        rng: Fills in the forms after a batch; None leaves them out.

    Raises:
        DataError: The server shows an image that the gallery does not know.
        Refused: The server turned the person down.
        StudyError: The server does not answer.
    """
    return work_off(client, lambda one: _answer(client, gallery, says, one, wait), batches, rng=rng)


def work_off(
    client: Client,
    answer: Callable[[dict[str, Any]], Kept | None],
    batches: int = 0,
    task: str = "annotate",
    rng: np.random.Generator | None = None,
) -> Iterator[Kept]:
    """Yields what a person's answers led to, batch by batch, until there is nothing to do.

    Args:
        client: Somebody who has arrived and consented.
        answer: Answers an open assignment; None where it has gone to somebody else meanwhile.
        batches: The most they do; 0 for as many as there are.
        task: Its name.
        rng: Fills in the forms after a batch; None leaves them out.

    Raises:
        Refused: The server turned the person down.
        StudyError: The server does not answer.
    """
    done = 0
    while (not batches or done < batches) and (batch := client.take_batch(task)) is not None:
        while waiting := [one for one in batch["assignments"] if one["state"] == "open"]:
            for assignment in waiting:
                kept = answer(assignment)
                if kept is not None:
                    yield kept
            batch = client.ask("GET", f"/batches/{batch['id']}")
        forms = client.finish(batch["id"])["forms"]
        if rng is not None:
            for form in forms:
                page = client.ask("GET", f"/forms/{form}")
                client.fill_in(batch["id"], form, _by_chance(page, rng))
        done += 1


def _answer(
    client: Client, gallery: Gallery, says: Says, assignment: dict[str, Any], wait: Wait
) -> Said | None:
    """Answers one image; None where it has gone to somebody else meanwhile."""
    image = gallery.recognise(client.fetch(assignment["shown"]["image"]))
    boxes, left_out = list(says(image)), []
    try:
        wait(client.open(assignment["id"]))
        while (faulty := _submit(client, assignment["id"], boxes, wait)) is not None:
            left_out.append(boxes.pop(faulty))
    except Refused as fault:
        if fault.code == "gone":
            return None
        raise
    return Said(image, tuple(left_out))


def _submit(client: Client, assignment: str, boxes: Sequence[Box], wait: Wait) -> int | None:
    """Sends the boxes; returns the place of the one that is not taken, or None once all are."""
    body = {"boxes": [_drawn(box) for box in boxes], "nothing": not boxes}
    try:
        send(client, assignment, body, wait)
    except Refused as fault:
        where = _FAULTY_BOX.fullmatch(fault.details.get("where", ""))
        if fault.code not in _FAULTS or where is None:
            raise
        return int(where[1])
    return None


def send(client: Client, assignment: str, body: Any, wait: Wait) -> None:
    """Sends an answer, and again once the least time is over.

    Args:
        client: Whose assignment it is.
        assignment: Its ``id``.
        body: In the form of the task.
        wait: Called with the seconds until an answer is taken.

    Raises:
        Refused: The server turned it down.
    """
    key = uuid.uuid4()
    while True:
        try:
            client.answer(assignment, body, key)
        except Refused as fault:
            if fault.code != "too_soon":
                raise
            wait(float(fault.details["seconds_to_wait"]))
        else:
            return


def _drawn(box: Box) -> dict[str, Any]:
    corners = box.corners or (0.0, 0.0, 0.0, 0.0)
    return {
        "type": box.type,
        "attributes": list(box.attributes),
        **dict(zip(("x0", "y0", "x1", "y1"), corners, strict=True)),
    }


def _by_chance(form: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    """A value on the scale of every item."""
    chosen = {}
    for item in form["items"]:
        steps = round((item["high"] - item["low"]) / item["step"])
        chosen[item["key"]] = item["low"] + item["step"] * int(rng.integers(steps + 1))
    return chosen


def _small(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    from PIL import Image as Pillow

    small = Pillow.fromarray(pixels).resize((_SIDE, _SIDE), Pillow.Resampling.BOX)
    return np.asarray(small, np.float32).ravel()
