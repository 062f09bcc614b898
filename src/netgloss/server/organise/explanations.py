"""What each layer saw, as ``results/explanations`` has it: making it, listing it, its files."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from django.http import HttpResponse

from netgloss.answers.games import read_games
from netgloss.errors import StudyError
from netgloss.server.errors import RequestError
from netgloss.server.organise.jobs import Job, read_state
from netgloss.study import Study

__all__ = ["JOB", "explain", "explanation_file", "found"]

T = TypeVar("T")

JOB = "explanations"
"""What the work is called among the jobs."""

_FOLDER = Path("results", "explanations")
_COUNTS = ("games", "people", "left_out")
_KEYS = {"made", *_COUNTS, "images", "classes"}
_EVERY = 1.0  # seconds between two words of how far the job is
_KINDS = {".html": "text/html; charset=utf-8", ".svg": "image/svg+xml"}
_NAME = re.compile(r"[A-Za-z0-9-]{1,100}\.(html|svg)")
# The pages carry their own styles, scripts and pictures. Cut off from the server's origin, they
# could do nothing as the organiser even if a word in them were more than a word.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'unsafe-inline'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "sandbox allow-scripts",
    )
)


def explain(job: Job) -> dict[str, Any]:
    """Hands the games over, brings the vocabulary up to date, and explains every image and class.

    Without words of players the maps are explained without words.

    Args:
        job: Is told how far it is.

    Raises:
        NetglossError: There are no cluster maps, or a stage cannot do its work.
    """
    from netgloss.server.organise.handover import hand_over

    study = Study.open(job.folder)
    job.say("takes over the games")
    hand_over(study)
    if read_games(study.folder)["tags"].map(len).any():
        job.say("makes the vocabulary")
        study.words()

    def track(items: Iterable[T], total: int | None = None, what: str = "") -> Iterator[T]:
        said = 0.0
        for number, item in enumerate(items):
            if time.monotonic() - said > _EVERY:
                said = time.monotonic()
                job.say(f"is {what} ({number} of {total})")
            yield item

    done = study.explain_all(track=track)
    message = f"{done.images} images and {done.classes} classes are explained"
    left_out = f"; {len(done.skipped)} images cannot be drawn" if done.skipped else ""
    return {"message": message + left_out}


def found(folder: Path, after: int, limit: int, target: str = "") -> dict[str, Any]:
    """How the work goes, and what the last one made.

    Args:
        folder: The study folder.
        after: ``next`` of the page of images before; 0 for the first.
        limit: Images on the page, at most.
        target: Only the images that were explained toward this class; empty for all.

    Returns:
        ``state`` (never, running, done, failed), ``message``, ``at``; ``made`` (None where there
        is nothing), ``games``, ``people``, ``left_out``; ``classes``; ``images`` (``rows``, and
        ``next``, None on the last page) and ``total``. ``page`` and ``picture`` are addresses.

    Raises:
        StudyError: The list of the explanations is damaged.
    """
    state = read_state(folder, JOB)
    index = _index(folder)
    images = [one for one in index["images"] if target in ("", one["target"])]
    rows = images[after : after + limit]
    return {
        **{key: state[key] for key in ("state", "message", "at")},
        **{key: index[key] for key in ("made", *_COUNTS)},
        "classes": [{"target": one.pop("class"), **_addressed(one)} for one in index["classes"]],
        "images": {
            "rows": [_addressed(one) for one in rows],
            "next": after + limit if after + limit < len(images) else None,
        },
        "total": len(images),
    }


def explanation_file(folder: Path, of: str, name: str) -> HttpResponse:
    """A page or a picture, cut off from everything else on this server.

    Args:
        folder: The study folder.
        of: ``images`` or ``classes``.
        name: As the index names it.

    Raises:
        RequestError: 404: there is no such file.
    """
    unknown = RequestError(404, "unknown", "There is no such explanation; explain the images anew.")
    if of not in ("images", "classes") or not _NAME.fullmatch(name):
        raise unknown
    place = folder / _FOLDER / of / name
    try:
        content = place.read_bytes()
    except OSError as fault:
        raise unknown from fault
    response = HttpResponse(content, content_type=_KINDS[place.suffix])
    response.content_policy = _POLICY  # type: ignore[attr-defined]  # the middleware reads it
    return response


def _index(folder: Path) -> dict[str, Any]:
    """What was made, or that nothing was."""
    place = folder / _FOLDER / "index.json"
    if not place.is_file():
        return {"made": None, **dict.fromkeys(_COUNTS, 0), "images": [], "classes": []}
    try:
        index = json.loads(place.read_text(encoding="utf-8"))
    except ValueError:
        index = None
    if not isinstance(index, dict) or not index.keys() >= _KEYS:
        raise StudyError(f"{place}: cannot be read; explain the images again")
    return index


def _addressed(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with addresses in place of the places of its files."""
    there = "/api/organise/explanations"
    return entry | {key: f"{there}/{entry[key]}" for key in ("page", "picture")}
