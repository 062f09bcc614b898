"""From answers to findings beside the server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from netgloss.answers.format import from_tables, read_answers


def ended(organiser: Any) -> dict[str, Any]:
    while (found := organiser.get("/organise/analysis").json())["state"] == "running":
        time.sleep(0.2)
    return dict(found)


def test_an_analysis_ranks_what_was_answered_and_answers_questions(
    organiser: Any, answer: Callable[..., Any], study: Any
) -> None:
    assert organiser.get("/organise/analysis").json() == {
        "state": "never",
        "message": "",
        "at": None,
        "concepts": [],
        "total": 0,
    }
    refused = organiser.post("/organise/query", {"expression": "claw"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_analysed")
    answer(batches=3)
    answer(batches=3)
    assert organiser.post("/organise/analysis").status_code == 202
    found = ended(organiser)
    assert found["state"] == "done", found["message"]
    ranked = pd.read_parquet(study.folder / "results" / "findings.parquet")
    assert [row["concept"] for row in found["concepts"]] == ranked["concept"].tolist()
    assert found["total"] == len(ranked)
    first = found["concepts"][0]
    assert (first["cramers_v"], first["count"], first["p_exact"]) == (1.0, 12, first["p_exact"])
    assert first["frequency"] == {"lobster": 1.0, "tench": 0.0}
    assert len(organiser.get("/organise/analysis?limit=2").json()["concepts"]) == 2
    said = organiser.post("/organise/query", {"expression": "CLAW and not fin"}).json()
    assert said["expression"] == "claw AND NOT fin"
    assert (said["label"], said["cramers_v"], said["count"]) == ("lobster", 1.0, 12)
    assert [row["holds"] for row in said["counts"]] == [12, 0]
    assert all("lobster" in image for image in said["matching"])
    assert said["contradicting"] == []
    assert set(said["pictures"]) == set(said["matching"])
    rows = {row["image"]: row for row in organiser.get("/organise/items").json()["rows"]}
    for image, address in said["pictures"].items():
        assert address == rows[image]["picture"], "the picture of this very image"
    wrong = organiser.post("/organise/query", {"expression": "claw AND"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "query")
    assert json.loads((study.folder / "results" / "queries.json").read_text()) == [
        "claw AND NOT fin"
    ]


def test_without_answers_the_analysis_says_what_is_missing(organiser: Any, task: Any) -> None:
    organiser.post("/organise/analysis")
    found = ended(organiser)
    assert found["state"] == "failed"
    assert "no answers yet" in found["message"]


def test_two_analyses_do_not_run_at_a_time(study: Any) -> None:
    from netgloss.server.organise import jobs
    from netgloss.store.locks import writing

    with writing(study.folder, "server-analysis"):
        jobs.write_state(study.folder, "analysis", "running", "ranks")
        assert not jobs.start("analysis")
        assert jobs.read_state(study.folder, "analysis")["message"] == "ranks"


def test_an_analysis_that_died_is_no_longer_called_running(study: Any) -> None:
    """A process that is killed at work leaves its file behind, but not its lock."""
    from netgloss.server.organise import jobs

    work = (
        "import time; from pathlib import Path; from netgloss.server.organise.jobs import hold;"
        f"hold(Path({str(study.folder)!r}), 'analysis', lambda job: time.sleep(60))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", work], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        assert jobs.read_state(study.folder, "analysis")["state"] == "running"
        os.kill(process.pid, signal.SIGKILL)
    state = jobs.read_state(study.folder, "analysis")
    assert state["state"] == "failed"
    assert "start it again" in state["message"]


def test_there_is_no_other_job(study: Any) -> None:
    from netgloss.server.organise.work import main

    assert main(["dance"]) == main([]) == 2


def test_a_fault_of_ours_ends_the_job_with_a_word(study: Any) -> None:
    from netgloss.server.organise import jobs

    def broken(_job: Any) -> dict[str, Any]:
        raise ZeroDivisionError("nothing to share")

    with pytest.raises(ZeroDivisionError):
        jobs.hold(study.folder, "analysis", broken)
    state = jobs.read_state(study.folder, "analysis")
    assert (state["state"], state["message"]) == (
        "failed",
        "unexpected ZeroDivisionError: nothing to share",
    )
    assert not jobs.is_running(study.folder, "analysis")


def test_the_organisers_side_never_loads_torch(study: Any) -> None:
    code = (
        "import sys, django; django.setup();"
        "import netgloss.server.organise.api, netgloss.server.organise.figures;"
        "from netgloss.server.organise.analysis import found;"
        "from django.conf import settings; found(settings.STUDY, 1);"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_shell_hands_over_while_the_server_may_write(
    answer: Callable[..., Any], study: Any, database_url: str
) -> None:
    from netgloss.server.people.models import Person

    person = answer()
    assert exported(study.folder, database_url) == "8 answers new, 0 changed, 0 unchanged"
    assert {one.person for one in from_tables(*read_answers(study.folder))} == {person.pseudonym}
    answer()
    Person.objects.filter(pk=person.pk).delete()
    assert exported(study.folder, database_url) == "8 answers new, 0 changed, 0 unchanged"
    assert len(read_answers(study.folder)[0]) == 8


def exported(folder: Path, database_url: str) -> str:
    command = [sys.executable, "-m", "netgloss", "export", str(folder), "answers"]
    command += ["--database", database_url] if database_url else []
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    return said.stdout.rpartition(", ")[0]


def test_the_shell_says_where_it_looked_for_answers(study: Any, tmp_path: Path) -> None:
    from netgloss.cli import run
    from netgloss.errors import StudyError
    from netgloss.server.organise.shell import hand_over_from

    with pytest.raises(StudyError, match=r"none\.sqlite3: not there, so nobody has answered"):
        hand_over_from(study.folder, f"sqlite:///{tmp_path}/none.sqlite3")
    assert not (tmp_path / "none.sqlite3").exists()
    assert run(["export", str(study.folder), "answers", "a.csv"]) == 2
    assert run(["export", str(study.folder), "csv"]) == 2
