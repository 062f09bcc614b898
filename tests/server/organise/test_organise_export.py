"""Exported is what was answered, and what is handed over follows who counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netgloss.answers.format import Answer, from_tables, merge_answers, read_answers
from netgloss.answers.readers import read_file

KINDS = ("csv", "json", "parquet", "coco", "label-studio")


def content(response: Any) -> bytes:
    assert response.status_code == 200, response.content
    assert response.streaming
    return b"".join(response.streaming_content)


def said() -> set[Answer]:
    """What the database holds, told without the exporter."""
    from netgloss.answers.format import Box, answer_id
    from netgloss.server.tasks.models import Assignment

    rows = Assignment.objects.filter(state="answered").select_related("person")
    return {
        Answer(
            answer=answer_id("server", str(row.pk)),
            task="annotate",
            person=row.person.pseudonym,
            image=row.image,
            seconds=round(row.seconds, 1),
            source="server",
            boxes=tuple(
                Box(
                    one["type"],
                    tuple(one["attributes"]),
                    *(one[side] for side in ("x0", "y0", "x1", "y1")),
                )
                for one in row.answer["boxes"]
            ),
        )
        for row in rows
    }


def stored(folder: Path) -> set[Answer]:
    return set(from_tables(*read_answers(folder)))


@pytest.mark.parametrize("kind", KINDS)
def test_netgloss_reads_back_exactly_what_was_answered(
    kind: str, organiser: Any, answer: Callable[..., Any], study: Any, tmp_path: Path
) -> None:
    answer(batches=2)
    answer(lambda _: [])
    file = tmp_path / "answers"
    file.write_bytes(content(organiser.get(f"/organise/export?format={kind}")))
    assert set(read_file(kind, file, study.images()).answers) == said()


def test_a_file_names_nobody_and_no_formula_runs_in_it(
    organiser: Any, answer: Callable[..., Any], visitor: Any
) -> None:
    from netgloss.server.people.models import Person

    visitor().post("/accounts", {"name": "Erna Bat", "password": "seven green lobsters"})
    person = answer(who=Person.objects.get(name="Erna Bat"))
    text = content(organiser.get("/organise/export")).decode()
    assert person.pseudonym in text
    assert "Erna" not in text
    assert person.id.hex not in text
    assert "'=sea" in text
    assert ",=sea" not in text
    response = organiser.get("/organise/export?format=coco")
    assert response["Content-Disposition"].endswith("study-annotate.coco.json")


def test_excluded_people_and_controls_are_left_out_unless_asked_for(
    organiser: Any, answer: Callable[..., Any]
) -> None:
    from netgloss.server.tasks.models import Assignment

    kept, gone = answer(), answer()
    organiser.post(f"/organise/people/{gone.id}/exclusion", {"excluded": True, "why": "copies"})
    control = Assignment.objects.filter(person=kept).first()
    Assignment.objects.filter(pk=control.pk).update(control=True)

    def exported(options: str) -> list[tuple[str, str]]:
        records = json.loads(content(organiser.get(f"/organise/export?format=json{options}")))
        return [(record["person"], record["image"]) for record in records]

    plain = exported("")
    assert len(plain) == 7
    assert {person for person, _ in plain} == {kept.pseudonym}
    assert len(exported("&controls=true")) == 8
    assert set(exported("&controls=true")) - set(plain) == {(kept.pseudonym, control.image)}
    assert len(exported("&excluded=true")) == 15
    assert len(exported("&excluded=true&controls=true")) == 16


def test_an_unknown_format_or_task_is_refused(organiser: Any, task: Any) -> None:
    assert organiser.get("/organise/export?format=voc").status_code == 422
    assert organiser.get("/organise/export?task=name").status_code == 404
    assert json.loads(content(organiser.get("/organise/export?format=json"))) == []


def test_handing_over_again_changes_nothing(
    organiser: Any, answer: Callable[..., Any], study: Any
) -> None:
    answer()
    assert organiser.post("/organise/handover").json() == {
        "new": 8,
        "changed": 0,
        "unchanged": 0,
        "removed": 0,
    }
    assert stored(study.folder) == said()
    assert organiser.post("/organise/handover").json()["unchanged"] == 8


def test_who_is_excluded_or_gone_is_taken_out_of_the_study_again(
    organiser: Any, answer: Callable[..., Any], study: Any
) -> None:
    elsewhere = Answer("x", "annotate", "ann", "lobster/a.png", 3.0, "server", ())
    merge_answers(study.folder, [elsewhere])
    kept, excluded, deleted = answer(), answer(), answer()
    assert organiser.post("/organise/handover").json()["new"] == 24
    organiser.post(f"/organise/people/{excluded.id}/exclusion", {"excluded": True})
    deleted.delete()
    assert organiser.post("/organise/handover").json() == {
        "new": 0,
        "changed": 0,
        "unchanged": 8,
        "removed": 16,
    }
    assert {one.person for one in stored(study.folder)} == {kept.pseudonym, "ann"}
    organiser.post(f"/organise/people/{excluded.id}/exclusion", {"excluded": False})
    assert organiser.post("/organise/handover").json()["new"] == 8


def test_another_database_takes_nothing_out(
    organiser: Any, answer: Callable[..., Any], study: Any
) -> None:
    """Whoever starts anew with an empty database keeps what an earlier one handed over."""
    from netgloss.server.organise.handover import hand_over
    from netgloss.server.people.models import Person
    from netgloss.store.records import read_record, write_record

    answer()
    hand_over(study)
    record = read_record(study.folder, "handover")
    write_record(study.folder, "handover", {"database": "another"}, (), answers=record["answers"])
    Person.objects.filter(role="participant").delete()
    assert hand_over(study).removed == 0
    assert len(stored(study.folder)) == 8


def test_a_corrected_answer_replaces_the_old_one(
    organiser: Any, answer: Callable[..., Any], study: Any
) -> None:
    import uuid

    from netgloss.server.people.models import Person
    from netgloss.server.tasks import engine

    person = Person.objects.guest()
    batch = engine.open_batch("annotate", person)
    first = batch.assignments.order_by("position").first()
    for nothing in (True, False):
        claw = {"type": "claw", "attributes": ["red"], "x0": 0, "y0": 0, "x1": 9, "y1": 9}
        body = {"boxes": [] if nothing else [claw], "nothing": nothing}
        engine.submit(first.pk, person, uuid.uuid4(), body)
        handed = organiser.post("/organise/handover").json()
        assert (handed["new"], handed["changed"]) == ((1, 0) if nothing else (0, 1))
    assert [one.boxes[0].type for one in stored(study.folder)] == ["claw"]


def test_a_study_that_is_being_written_says_so(
    organiser: Any, answer: Callable[..., Any], study: Any
) -> None:
    from netgloss.store.locks import writing

    answer()
    with writing(study.folder, "answers"):
        refused = organiser.post("/organise/handover")
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "study"
    assert "another process is writing its answers" in refused.json()["error"]["message"]
