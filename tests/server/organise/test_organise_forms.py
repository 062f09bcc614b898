"""Exported forms say what everybody said to each question, under pseudonyms."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

SAID = {"mental_demand": 3.5, "physical_demand": 0.5, "temporal_demand": None, "effort": 6.0}
REMARK = '=cmd|"/c calc"!A1\nand a second line'


def content(response: Any) -> bytes:
    assert response.status_code == 200, response.content
    assert response.streaming
    return b"".join(response.streaming_content)


@pytest.fixture
def filled(answer: Callable[..., Any], task: Any) -> list[Any]:
    """Two people's forms: the first fills in two after their second batch."""
    from netgloss.server.tasks import forms
    from netgloss.server.tasks.models import Batch

    people = [answer(batches=2), answer()]
    for person in people:
        last = Batch.objects.filter(person=person).order_by("-started_at").first()
        forms.fill_in(last, "tlx", SAID)
    late = Batch.objects.filter(person=people[0]).order_by("-started_at").first()
    forms.fill_in(late, "difficulty", [3] * len(questions("difficulty")), REMARK)
    return people


def questions(form: str) -> list[str]:
    from netgloss.server.tasks.forms import FORMS

    return [item.name for item in FORMS[form].items]


def test_each_question_of_each_form_has_a_row_in_the_forms_own_order(
    organiser: Any, filled: list[Any]
) -> None:
    rows = json.loads(content(organiser.get("/organise/export?what=forms&format=json")))
    told = [(row["person"], row["batch"], row["form"], row["question"]) for row in rows]
    first, second = (person.pseudonym for person in filled)
    assert told == [
        *((first, 2, "tlx", question) for question in questions("tlx")),
        *((second, 1, "tlx", question) for question in questions("tlx")),
        *((first, 2, "difficulty", question) for question in questions("difficulty")),
        (first, 2, "difficulty", "remark"),
    ]
    values = {row["question"]: row["value"] for row in rows if row["form"] == "tlx"}
    assert values == dict.fromkeys(questions("tlx")) | SAID
    assert (rows[-1]["words"], rows[-1]["value"]) == (REMARK, None)
    assert all(row["asked"] and not row["words"] for row in rows[:-1])


def test_all_kinds_of_file_hold_the_same(organiser: Any, filled: list[Any]) -> None:
    address = "/organise/export?what=forms&format="
    plain = json.loads(content(organiser.get(f"{address}json")))
    columns = list(plain[0])
    table = pq.read_table(io.BytesIO(content(organiser.get(f"{address}parquet"))))
    assert table.column_names == columns
    told = [
        {**row, "filled_at": row["filled_at"].isoformat(timespec="seconds")}
        for row in table.to_pylist()
    ]
    assert told == plain
    text = content(organiser.get(f"{address}csv")).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(rows[0]) == columns
    as_text = [
        {name: "" if value is None else str(value) for name, value in row.items()} for row in plain
    ]
    # What a spreadsheet would run as a formula has an apostrophe in front.
    as_text[-1]["words"] = "'" + REMARK
    assert rows == as_text


def test_a_form_of_an_excluded_person_is_left_out_unless_asked_for(
    organiser: Any, filled: list[Any]
) -> None:
    gone, kept = filled
    organiser.post(f"/organise/people/{gone.id}/exclusion", {"excluded": True, "why": "copies"})

    def people(options: str = "") -> set[str]:
        address = f"/organise/export?what=forms&format=json{options}"
        return {row["person"] for row in json.loads(content(organiser.get(address)))}

    assert people() == {kept.pseudonym}
    assert people("&excluded=true") == {kept.pseudonym, gone.pseudonym}


def test_without_forms_a_file_has_its_header_and_forms_go_into_no_box_format(
    organiser: Any, task: Any
) -> None:
    response = organiser.get("/organise/export?what=forms")
    assert response["Content-Disposition"].endswith("study-annotate-forms.csv")
    assert content(response).decode().splitlines() == [
        "person,task,batch,form,question,asked,value,words,filled_at"
    ]
    refused = organiser.get("/organise/export?what=forms&format=coco")
    assert (refused.status_code, refused.json()["error"]["where"]) == (422, "format")


def test_forms_come_in_pieces_with_one_query(filled: list[Any], task: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from netgloss.server.organise.filled import forms_of

    with CaptureQueriesContext(connection) as queries:
        rows = list(forms_of(task))
    assert len(rows) == 2 * len(questions("tlx")) + len(questions("difficulty")) + 1
    selects = [one["sql"] for one in queries if "SELECT" in one["sql"]]
    assert len(selects) == 1


def test_the_shell_exports_forms_also_while_the_server_runs(
    filled: list[Any], study: Any, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "forms.json"
    command = [sys.executable, "-m", "netgloss", "export", str(study.folder), "forms", str(file)]
    command += ["--database", database_url] if database_url else []
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert said.stdout.strip() == f"wrote {file}"
    rows = json.loads(file.read_text())
    assert {row["person"] for row in rows} == {person.pseudonym for person in filled}


def test_the_shell_says_what_it_needs(
    study: Any, task: Any, database_url: str, tmp_path: Path
) -> None:
    from netgloss.cli import run
    from netgloss.errors import StudyError
    from netgloss.server.organise.shell import export_forms_from

    place = tmp_path / f"{uuid.uuid4().hex}.csv"
    with pytest.raises(StudyError, match="nobody has filled in a form"):
        export_forms_from(study.folder, "csv", place, database_url)
    assert not place.exists()
    assert run(["export", str(study.folder), "forms"]) == 2
    assert run(["export", str(study.folder), "forms", str(tmp_path / "forms.txt")]) == 2
