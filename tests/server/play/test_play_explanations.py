"""The organiser has the images explained and looks at them; no other file can be fetched."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netgloss.explanations.reading import read_material
from netgloss.study import Study

MADE = ("results", "answers", "vocabulary.csv", ".netgloss/vocabulary.csv")
STATES = ("handover", "words", "server/explanations")


@pytest.fixture
def folder(maps: Path) -> Iterator[Path]:
    """The served study, without anything that was made before."""
    _clear(maps)
    yield maps
    _clear(maps)


def _clear(folder: Path) -> None:
    for name in (*MADE, *(f".netgloss/{state}.json" for state in STATES)):
        place = folder / name
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)


def explained(organiser: Any) -> dict[str, Any]:
    """What is there once the work that was started has ended."""
    assert organiser.post("/organise/explanations").status_code == 202
    while (found := seen(organiser))["state"] == "running":
        time.sleep(0.2)
    return found


def seen(organiser: Any, query: str = "") -> dict[str, Any]:
    answer = organiser.get(f"/organise/explanations{query}")
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def pages(organiser: Any, query: str) -> list[dict[str, Any]]:
    """The images of all pages, one after the other."""
    rows: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = seen(organiser, f"?after={after}{query}")["images"]
        rows, after = rows + page["rows"], page["next"]
    return rows


def test_words_of_players_reach_the_explanations_and_their_files_are_handed_out(
    table: Any, task: Any, organiser: Any, folder: Path
) -> None:
    assert (seen(organiser)["state"], seen(organiser)["made"]) == ("never", None)
    guest = table.guest()
    had = [table.play(guest, tags=["lobster claw"]) for _ in range(3)]
    found = explained(organiser)
    assert found["state"] == "done", found["message"]
    assert (found["games"], found["people"], found["left_out"]) == (3, 1, 0)
    played = {table.row(game).image for game in had}
    named = {one["image"] for one in pages(organiser, "") if one["labels"]}
    assert named == played, "the words stand at the images that were played, and nowhere else"
    [first] = [one for one in pages(organiser, "") if one["image"] == min(played)]
    for address, kind in ((first["page"], "text/html"), (first["picture"], "image/svg+xml")):
        file = organiser.get(address.removeprefix("/api"))
        assert file["Content-Type"].startswith(kind)
        place = folder / "results" / "explanations" / address.partition("explanations/")[2]
        assert file.content == place.read_bytes()
        # Even a word that were a script could do nothing in the organiser's name.
        assert "sandbox allow-scripts" in file["Content-Security-Policy"]
        assert "default-src 'none'" in file["Content-Security-Policy"]


def test_pages_of_images_lose_none_and_a_class_has_its_own(
    table: Any, task: Any, organiser: Any, folder: Path
) -> None:
    found = explained(organiser)
    assert found["state"] == "done", found["message"]
    study = Study.open(folder)
    expected = set(read_material(folder, study.images()).explained())
    rows = pages(organiser, "&limit=4")
    assert {(one["image"], one["target"]) for one in rows} == expected
    assert len(rows) == len(expected) == found["total"]
    assert [one["labels"] for one in rows] == [[]] * len(rows), "nobody has played"
    for one in found["classes"]:
        theirs = pages(organiser, f"&limit=3&target={one['target']}")
        assert {row["image"] for row in theirs} == {
            image for image, target in expected if target == one["target"]
        }
        assert one["images"] == len(theirs) > 0


def test_no_other_file_of_the_study_can_be_fetched(
    table: Any, task: Any, organiser: Any, folder: Path
) -> None:
    place = folder / "results" / "explanations"
    (place / "images").mkdir(parents=True)
    (place / "index.json").write_text("{}")
    (place / "images" / "one-0a.html").write_text("<p>one</p>")
    assert organiser.get("/organise/explanations/images/one-0a.html").status_code == 200
    for path in (
        "images/two-0a.html",
        "classes/one-0a.html",
        "images/..%2findex.json",
        "images/%2e%2e",
        "../index.json",
        "images/one-0a.html%00.svg",
        "..%2f..%2f..%2fstudy.toml/one-0a.html",
    ):
        assert organiser.get(f"/organise/explanations/{path}").status_code == 404, path


def test_a_damaged_list_is_told_in_one_sentence(
    table: Any, task: Any, organiser: Any, folder: Path
) -> None:
    place = folder / "results" / "explanations" / "index.json"
    place.parent.mkdir(parents=True)
    place.write_text('{"images": [')
    error = table.refused(organiser.get("/organise/explanations"), 409, "study")
    assert "explain the images again" in error["message"]
    place.write_text(json.dumps({"images": []}))
    table.refused(organiser.get("/organise/explanations"), 409, "study")
