"""From answers to findings beside the server; what a crowd says comes out as it would anyhow."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from netgloss.answers.format import Answer, Merge, from_tables, read_answers

PICTURES = 24
BATCH = 10


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


# ------------------------------------------------------------------------------- a whole crowd


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    """A drawn study with heat on the planted cue and one other thing, with its truth."""
    from PIL import Image

    from netgloss.scenes.scene_set import SceneSet
    from netgloss.scenes.task import Bias
    from netgloss.study import Study

    place = tmp_path_factory.mktemp("drawn")
    pictures = SceneSet("vehicles", Bias("stripe"), PICTURES, seed=3, size=64)
    truth, heat, rows = {}, {}, ["image,predicted_label"]
    (place / "heat").mkdir()
    for number, scene in enumerate(pictures.scenes()):
        name = f"{scene.label}/{number:03}.png"
        file = place / "images" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(scene.image).save(file)
        things = [one for one in scene.entities if one.attributes and one.mask.any()]
        cue = [one.mask for one in things if one.type == "stripe"]
        lit = np.where(np.any([*cue, things[number % len(things)].mask], axis=0), 1.0, 0.0)
        heat[name] = lit.astype(np.float32)
        truth[name] = things
        np.save(place / "heat" / f"{number:03}.npy", heat[name])
        rows.append(f"{name},{scene.label}")
    (place / "predicted.csv").write_text("\n".join(rows) + "\n")
    study = Study.create(place / "s", place / "images", predictions=place / "predicted.csv")
    study.import_heatmaps(place / "heat")
    return study.folder, truth, heat


@pytest.fixture
def crowd_study(
    database: None, drawn: tuple[Path, dict[str, Any], dict[str, Any]]
) -> Iterator[Any]:
    """The drawn study, served."""
    from django.test import override_settings

    from netgloss.study import Study

    with override_settings(STUDY=drawn[0]):
        yield Study.open(drawn[0])


def test_a_crowd_that_answers_on_the_server_is_ranked_like_one_that_is_imported(
    crowd_study: Any, drawn: tuple[Path, dict[str, Any], dict[str, Any]], tmp_path: Path
) -> None:
    import shutil

    from netgloss.answers.populations import Population
    from netgloss.answers.simulate import simulate
    from netgloss.server.organise.handover import hand_over
    from netgloss.server.tasks import engine
    from netgloss.study import Study

    folder, truth, heat = drawn
    people = Population("crowd", size=3, miss=0.1, synonym=0.3, typo=0.05, sloppiness=0.05)
    said = [_drawable(one) for one in simulate(heat.items(), truth, people, seed=1)]
    direct = Study.open(shutil.copytree(folder, tmp_path / "direct"))
    direct.add_answers(said)
    task = engine.set_up(crowd_study)
    task.min_seconds, task.controls, task.consent, task.batch_size = 0, 0, "", BATCH
    task.save()
    by_person: dict[str, dict[str, Answer]] = {}
    for one in said:
        by_person.setdefault(one.person, {})[one.image] = one
    for answers in by_person.values():
        _answer_all(answers)
    assert hand_over(crowd_study) == Merge(3 * PICTURES, 0, 0)
    assert _words_of(crowd_study) == _words_of(direct)
    pd.testing.assert_frame_equal(_ranked(crowd_study), _ranked(direct))


def _drawable(answer: Answer) -> Answer:
    """Without what the page would not take: something named without any adjective, or a speck."""
    kept = [
        box
        for box in answer.boxes
        if box.attributes and box.corners is not None and _is_visible(*box.corners)
    ]
    return replace(answer, boxes=tuple(kept))


def _is_visible(x0: float, y0: float, x1: float, y1: float) -> bool:
    return x1 - x0 >= 1 and y1 - y0 >= 1


def _answer_all(answers: dict[str, Answer]) -> None:
    from netgloss.server.people.models import Person
    from netgloss.server.tasks import engine

    person = Person.objects.guest()
    for _ in range(math.ceil(PICTURES / BATCH)):
        batch = engine.open_batch("annotate", person)
        for assignment in batch.assignments.all():
            boxes = [
                {
                    "type": box.type,
                    "attributes": list(box.attributes),
                    **dict(zip(("x0", "y0", "x1", "y1"), box.corners or (), strict=True)),
                }
                for box in answers[assignment.image].boxes
            ]
            body = {"boxes": boxes, "nothing": not boxes}
            engine.submit(assignment.pk, person, uuid.uuid4(), body)
        engine.finish_batch(batch.pk, person)


def _words_of(study: Any) -> list[tuple[Any, ...]]:
    answers = from_tables(*read_answers(study.folder))
    return sorted(((one.image, one.boxes) for one in answers), key=repr)


def _ranked(study: Any) -> pd.DataFrame:
    study.words()
    ranked = study.concepts().rank()
    assert (ranked["status"] == "significant").any()
    return ranked
