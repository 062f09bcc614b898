"""Crowds that answer on a real server, over HTTP, are ranked like crowds that are imported."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netgloss.answers.format import Answer, Box, from_tables, read_answers
from netgloss.answers.populations import CROWD
from netgloss.cli import run
from netgloss.server.client import Client

PATIENCE = 120  # seconds, for a machine that does much else at the same time
PICTURES, PEOPLE, SEED = 24, 5, 4
Serve = Callable[..., AbstractContextManager[Any]]
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("own_shell")]


# ------------------------------------------------------------------------- what is compared


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert run(words) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def ranked(study: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[str, ...]:
    """Everything that words and rank print and write."""
    spoken = listed(capsys, "words", str(study), *options)
    table = listed(capsys, "rank", str(study), "--format", "csv")
    files = ("vocabulary.csv", "results/findings.csv")
    return spoken, table, *((study / name).read_text() for name in files)


def said_in(study: Path) -> list[tuple[str, tuple[Box, ...]]]:
    answers = from_tables(*read_answers(study))
    return sorted(((one.image, one.boxes) for one in answers), key=repr)


def with_answers(study: Path, place: Path, answers: Sequence[Answer]) -> Path:
    """A copy of the study to which the answers were added without any server."""
    from netgloss.study import Study

    direct = Path(shutil.copytree(study, place, ignore=shutil.ignore_patterns("answers*")))
    Study.open(direct).add_answers(answers)
    return direct


# --------------------------------------------------------------------------- simulated people


@dataclass(frozen=True)
class Drawn:
    """A study of drawn fish, what can be seen on them, and where the heat lies."""

    study: Path
    truth: dict[str, Any]
    heat: dict[str, Any]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """Each heat map covers the planted background and one more thing, in turn."""
    from netgloss.scenes.scene_set import SceneSet
    from netgloss.scenes.task import Bias
    from netgloss.scenes.truth import read_truth, write_scenes
    from netgloss.study import Study

    place = tmp_path_factory.mktemp("fish")
    write_scenes(SceneSet("fish", Bias("background"), PICTURES, seed=3, size=64), place / "world")
    truth = read_truth(place / "world" / "truth.json")
    heat, rows = {}, ["image,predicted_label"]
    (place / "maps").mkdir()
    for number, (name, entities) in enumerate(sorted(truth.items())):
        things = [one for one in entities if one.background]
        things.append(entities[number % len(entities)])
        heat[name] = np.any([one.mask for one in things], axis=0).astype(np.float32)
        np.save(place / "maps" / f"{Path(name).stem}.npy", heat[name])
        rows.append(f"{name},{name.partition('/')[0]}")
    (place / "predicted.csv").write_text("\n".join(rows) + "\n")
    images, predictions = place / "world" / "images", place / "predicted.csv"
    study = Study.create(place / "fish", images, predictions=predictions)
    study.import_heatmaps(place / "maps")
    return Drawn(study.folder, truth, heat)


def is_taken(box: Box) -> bool:
    """Whether the page would let somebody send this box: with an adjective, and not a speck."""
    assert box.corners is not None
    x0, y0, x1, y1 = box.corners
    return bool(box.attributes) and x1 - x0 >= 1 and y1 - y0 >= 1


def test_a_crowd_at_work_is_ranked_like_the_same_crowd_simulated_without_a_server(
    drawn: Drawn,
    served: Serve,
    empty_database: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    from netgloss.answers.simulate import simulate
    from netgloss.server.rehearsal import rehearse
    from netgloss.study import Study

    # Beside the study that it is a copy of, so that its relative paths hold.
    study = Path(shutil.copytree(drawn.study, drawn.study.parent / tmp_path.name))
    people = replace(CROWD, size=PEOPLE, pool=0, bad_faith=0.3)
    said = simulate(drawn.heat.items(), drawn.truth, people, seed=SEED)
    boxes = [box for one in said for box in one.boxes]
    takes = [replace(one, boxes=tuple(filter(is_taken, one.boxes))) for one in said]
    assert not all(map(is_taken, boxes)), "nothing to refuse would test no refusal"

    with served(study, empty_database) as server, ThreadPoolExecutor(1) as beside:
        boss = server.set_up("annotate", quota=PEOPLE, batch_size=10)
        crowd = beside.submit(
            rehearse, Study.open(study), server.address, people, batches=9, seed=SEED
        )
        while not crowd.done() and boss.ask("GET", "/organise/overview")["answers"] < 2 * PEOPLE:
            time.sleep(0.05)
        server.hand_over()
        some = len(said_in(study))
        done = crowd.result(PATIENCE)
        assert (done.people, done.answers) == (PEOPLE, PEOPLE * PICTURES)
        assert done.left_out == sum(not is_taken(box) for box in boxes)
        new, changed = PEOPLE * PICTURES - some, 0
        assert server.hand_over() == (
            f"{new} answers new, {changed} changed, {some} unchanged, 0 taken out"
        )
        assert boss.ask("POST", "/organise/handover") == {
            "new": 0,
            "changed": 0,
            "unchanged": PEOPLE * PICTURES,
            "removed": 0,
        }
        listed(capsys, "export", str(study), "csv", str(tmp_path / "answers.csv"))
        downloaded = boss.fetch("/api/organise/export?format=csv").decode().splitlines()
        assert sorted(downloaded) == sorted((tmp_path / "answers.csv").read_text().splitlines())
        overview = boss.ask("GET", "/organise/overview")
        assert overview["items"]["by_answers"] == PEOPLE * [0] + [PICTURES]
        assert overview["batches_finished"] == PEOPLE * 3

    direct = with_answers(study, study.with_name(f"{study.name}-direct"), takes)
    assert said_in(study) == said_in(direct)
    assert ranked(study, capsys) == ranked(direct, capsys)


# ----------------------------------------------------------------------------- published people


@pytest.fixture
def published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, Path]:
    """The published study with a heat map each, without answers; and with them, imported."""
    shared = Path(__file__).resolve().parents[2].parent / "shared"
    data = shared / "data" / "seca-fish"
    if not data.is_dir():
        pytest.skip(f"the published data is not here: {data}")
    predictions = str(data / "labels_predictions.csv")
    listed(capsys, "new", str(tmp_path / "fish"), "--images", str(data / "images"),
           "--predictions", predictions)  # fmt: skip
    direct = shutil.copytree(tmp_path / "fish", tmp_path / "direct")
    listed(capsys, "import", str(direct), "mturk", str(data / "annotations_output.csv"))
    maps = tmp_path / "maps"
    maps.mkdir()
    for place in (data / "images").rglob("*.*"):
        # Where the heat lies plays no part: the people who saw it have answered already.
        np.save(maps / f"{place.stem}.npy", np.eye(4, dtype=np.float32))
    listed(capsys, "import", str(tmp_path / "fish"), "heatmaps", str(maps))
    return tmp_path / "fish", direct


def test_the_published_answers_given_over_http_are_ranked_like_those_imported(
    published: tuple[Path, Path], served: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    """All 1,616 boxes are taken as they are: each has words, and lies within its photograph."""
    from netgloss.server.visiting import Gallery, Said, answer_batches
    from netgloss.study import Study

    study, direct = published
    given = {one.image: [one.boxes] for one in from_tables(*read_answers(direct))}
    assert Counter(map(len, given.values())) == {1: 300}
    gallery = Gallery(Study.open(study).usable_images())

    def work(address: str) -> list[Said]:
        with Client(address) as worker:
            worker.arrive()
            worker.consent()
            return list(answer_batches(worker, gallery, lambda image: given[image].pop()))

    with served(study) as server, ThreadPoolExecutor(4) as pool:
        server.set_up("annotate", quota=1, batch_size=10)
        said = [one for part in pool.map(work, 4 * [server.address]) for one in part]
        assert server.hand_over().startswith("300 answers new")
    assert (len(said), {one.left_out for one in said}) == (300, {()})
    assert said_in(study) == said_in(direct)
    assert sum(len(boxes) for _, boxes in said_in(study)) == 1616
    data = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "seca-fish"
    options = ("--map", str(data / "word_map.json"), "--preset", "seca-2021")
    assert ranked(study, capsys, *options) == ranked(direct, capsys, *options)
    rows = json.loads(listed(capsys, "rank", str(study), "--format", "json", "--limit", "1"))
    assert (rows[0]["concept"], rows[0]["count"], round(rows[0]["chi2"], 4)) == (
        *("lobster_claw", 81, 221.9178),
    )


# ------------------------------------------------------------------------------- the rehearsal


def complaint(capsys: pytest.CaptureFixture[str], *words: str, status: int = 1) -> str:
    """The one line in which a rehearsal says why it cannot be."""
    capsys.readouterr()
    assert run(["rehearse", *words]) == status
    heard = capsys.readouterr()
    assert heard.out == ""
    *bars, line = heard.err.strip().splitlines()
    assert not [one for one in bars if "netgloss:" in one]
    return line


@pytest.fixture
def others(drawn: Drawn, tmp_path: Path) -> Path:
    """A study with the same heat maps over photographs: nobody knows what is on those."""
    from PIL import Image

    from netgloss.study import Study

    rows = ["image,predicted_label"]
    for number, name in enumerate(sorted(drawn.truth)):
        place = tmp_path / "photos" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (64, 64), (10 * number, 90, 200)).save(place)
        rows.append(f"{name},{name.partition('/')[0]}")
    (tmp_path / "predicted.csv").write_text("\n".join(rows) + "\n")
    study = Study.create(
        tmp_path / "others", tmp_path / "photos", predictions=tmp_path / "predicted.csv"
    )
    study.import_heatmaps(drawn.study.parent / "maps")
    return study.folder


def test_a_rehearsal_that_cannot_be_says_why_in_one_line(
    drawn: Drawn, others: Path, served: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, few = str(drawn.study), ("--people", "2")
    with served(others, workers=1) as server:
        at = server.address
        line = complaint(capsys, str(others), at)
        assert line.startswith(f"netgloss: {others}: its pictures are not drawn ones")
        line = complaint(capsys, ours, at, *few)
        assert line.startswith(f"netgloss: {at}: the server shows a picture that the study does no")
        server.set_up("annotate", paused=True)
        assert "task is paused" in complaint(capsys, ours, at, *few)
    assert f"{at}: does not answer (Connection refused)" in complaint(capsys, ours, at)
    assert "--people 0" in complaint(capsys, ours, at, "--people", "0", status=2)
    assert "batches 0" in complaint(capsys, ours, at, "--batches", "0", status=2)
    assert "seed -1" in complaint(capsys, ours, at, "--seed", "-1", status=2)


def test_a_rehearsal_waits_as_long_as_the_task_demands_and_takes_what_is_there(
    drawn: Drawn, served: Serve, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    study = str(shutil.copytree(drawn.study, drawn.study.parent / tmp_path.name))
    with served(Path(study), workers=1) as server:
        boss = server.set_up("annotate", quota=1, batch_size=4, min_seconds=0.3, forms=["sus"])
        words = ("rehearse", study, server.address, "--expert", "--people", "3")
        assert listed(capsys, *words, "--batches", "1") == "3 people gave 12 answers\n"
        seen = boss.ask("GET", "/organise/overview")
        assert (seen["answers"], seen["persons"], seen["batches_finished"]) == (12, 3, 3)
        assert seen["seconds"]["median"] >= 0.3
        assert listed(capsys, *words, "--batches", "9") == "3 people gave 12 answers\n"
        assert listed(capsys, *words) == "3 people gave 0 answers\n"
        assert boss.ask("GET", "/organise/overview")["items"]["by_answers"] == [0, PICTURES]
