"""Games leave the server as files and into the study, without those who do not count."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from netgloss.answers.game_import import read_game_file
from netgloss.answers.games import Game, filter_games, from_frame, merge_games, read_games


@pytest.fixture
def study(maps: Path) -> Iterator[Any]:
    """The served study, without anything that was handed over."""
    from netgloss.study import Study

    _clear(maps)
    yield Study.open(maps)
    _clear(maps)


@pytest.fixture
def organiser(visitor: Any) -> Any:
    """A browser in which an organiser is signed in."""
    from django.utils import timezone

    from netgloss.server.people.models import Invitation

    end = timezone.now() + timedelta(days=1)
    made = Invitation.objects.create(role="organiser", expires_at=end)
    browser = visitor()
    account = {"name": "Olga", "password": "seven green lobsters", "invitation": made.token}
    assert browser.post("/accounts", account).status_code == 201
    return browser


def content(response: Any) -> bytes:
    assert response.status_code == 200, response.content
    assert response.streaming
    return b"".join(response.streaming_content)


def said() -> set[Game]:
    """What the database holds, told without the exporter."""
    from netgloss.answers.format import answer_id
    from netgloss.server.tasks.models import Assignment

    rows = Assignment.objects.filter(state="answered").select_related("person", "item")
    return {
        Game(
            answer=answer_id("server", str(row.pk)),
            person=row.person.pseudonym,
            image=row.image,
            evidence=row.item.evidence,
            target=row.course["target"],
            truth=row.course["truth"],
            guess=row.answer["guess"],
            outcome=row.answer["outcome"],
            hints=row.answer["hints"],
            points=row.answer["points"] + row.answer["bonus"],
            tags=tuple(row.answer["tags"]),
            seconds=round(row.seconds, 1),
            control=row.control,
            passed=row.passed,
            source="server",
        )
        for row in rows
    }


def stored(folder: Path) -> set[Game]:
    return set(from_frame(read_games(folder)))


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_netgloss_reads_back_exactly_what_was_played(
    kind: str, table: Any, study: Any, organiser: Any, tmp_path: Path
) -> None:
    table.set_up(controls=0)
    ann = table.guest()
    table.play(ann, hints=2, tags=["=1+1", "a; b", "鳍", "🚗", "red stripe"])
    table.play(ann, right=False, tags=[])
    table.resign(ann)
    file = tmp_path / f"games.{kind}"
    file.write_bytes(content(organiser.get(f"/organise/export?task=play&format={kind}")))
    items = {game.evidence: game.image for game in said()}
    assert set(read_game_file(file, study.images(), items).games) == said()
    assert {game.outcome for game in said()} == {"win", "loss", "resign"}
    assert {"=1+1", "a; b", "鳍", "🚗"} < {tag for game in said() for tag in game.tags}


def test_a_file_names_nobody_and_holds_no_boxes(table: Any, study: Any, organiser: Any) -> None:
    table.set_up(controls=0)
    erna = table.account("Erna Bat")
    table.play(erna, tags=["=sea"])
    response = organiser.get("/organise/export?task=play")
    assert response["Content-Disposition"].endswith("study-play.csv")
    text = content(response).decode()
    assert table.person(erna).pseudonym in text
    assert "Erna" not in text
    assert "'=sea" in text
    for kind in ("coco", "label-studio"):
        refused = organiser.get(f"/organise/export?task=play&format={kind}")
        table.refused(refused, 422, "malformed")


def test_control_games_come_along_only_where_they_are_asked_for_or_tell_who_counts(
    table: Any, study: Any, organiser: Any
) -> None:
    table.set_up(controls=1)
    attentive, careless = table.guest(), table.guest()
    for game in range(4):
        table.play(attentive, tags=["fin"])
        table.play(careless, right=game != 2, tags=["noise"])
    games = json.loads(content(organiser.get("/organise/export?task=play&format=json")))
    with_controls = content(
        organiser.get("/organise/export?task=play&format=parquet&controls=true")
    )
    rows = pq.read_table(io.BytesIO(with_controls)).to_pylist()
    assert [one["control"] for one in games] == [False] * 6
    assert sorted(str(one["passed"]) for one in rows if one["control"]) == ["False", "True"]
    organiser.post("/organise/handover")
    assert stored(study.folder) == said()
    kept, report = filter_games(read_games(study.folder))
    assert set(kept["person"]) == {table.person(attentive).pseudonym}
    assert (report.kept, report.controls, report.inattentive, report.theirs) == (3, 2, 1, 3)


def test_who_is_excluded_or_gone_is_taken_out_of_the_study_again(
    table: Any, study: Any, organiser: Any
) -> None:
    elsewhere = Game("x", "eve", "a.png", "anv/000000", "tench", None, None, "resign", 5, 0)
    merge_games(study.folder, [elsewhere])
    table.set_up(controls=0)
    kept, excluded, deleted = table.guest(), table.guest(), table.guest()
    for somebody in (kept, excluded, deleted):
        table.play(somebody)
        table.play(somebody)
    handed = organiser.post("/organise/handover").json()
    assert handed == {"new": 6, "changed": 0, "unchanged": 0, "removed": 0}
    assert organiser.post("/organise/handover").json()["unchanged"] == 6
    person = table.person(excluded)
    organiser.post(f"/organise/people/{person.id}/exclusion", {"excluded": True})
    assert deleted.delete("/me").status_code == 204
    handed = organiser.post("/organise/handover").json()
    assert handed == {"new": 0, "changed": 0, "unchanged": 2, "removed": 4}
    names = {game.person for game in stored(study.folder)}
    assert names == {table.person(kept).pseudonym, "eve"}
    organiser.post(f"/organise/people/{person.id}/exclusion", {"excluded": False})
    assert organiser.post("/organise/handover").json()["new"] == 2


def test_answers_and_games_are_handed_over_side_by_side(table: Any, study: Any) -> None:
    from netgloss.answers.format import read_answers
    from netgloss.server.organise.handover import hand_over_each
    from netgloss.server.people.models import Person
    from netgloss.server.tasks import engine
    from netgloss.server.tasks.items import set_up
    from netgloss.server.tasks.models import Task

    table.set_up(controls=0)
    set_up(study, "annotate")
    Task.objects.filter(name="annotate").update(min_seconds=0, controls=0, consent="", batch_size=1)
    table.play(table.guest())
    person = Person.objects.guest()
    [assignment] = engine.open_batch("annotate", person).assignments.all()
    engine.submit(assignment.pk, person, assignment.pk, {"boxes": [], "nothing": True})
    merges = hand_over_each(study)
    assert {what: merge.new for what, merge in merges.items()} == {"answers": 1, "games": 1}
    assert len(read_answers(study.folder)[0]) == len(read_games(study.folder)) == 1


def test_the_organisers_analysis_ranks_the_words_of_games(table: Any, study: Any) -> None:
    from netgloss.server.organise.analysis import analyse, found
    from netgloss.server.organise.jobs import Job

    table.set_up(controls=0)
    for _ in range(2):
        somebody = table.guest()
        for _ in range(8):
            game = table.deal(somebody)
            table.guess(somebody, game)
            seen = "red claws" if "lobster" in table.row(game).image else "like a green fin"
            assert table.send(somebody, game, tags=[seen]).status_code == 200
            table.end(somebody, game)
    said = analyse(Job(study.folder, "analysis"))["message"]
    assert said.startswith("4 of 4 concepts on ")
    ranked = found(study.folder, 100)["concepts"]
    assert {one["concept"] for one in ranked} == {"red", "claws", "green", "fin"}
    assert {one["cramers_v"] for one in ranked} == {1.0}


def _clear(folder: Path) -> None:
    for name in ("answers", "results"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("vocabulary.csv", "concepts.parquet", ".netgloss/vocabulary.csv"):
        (folder / name).unlink(missing_ok=True)
    for name in ("handover", "words", "concepts", "server/analysis"):
        (folder / ".netgloss" / f"{name}.json").unlink(missing_ok=True)
