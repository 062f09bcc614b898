"""Games from file to finding: import, words, rank, query, report, export."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from netgloss.answers.game_files import write_games
from netgloss.answers.games import Game, from_frame, read_games
from netgloss.cli import run
from netgloss.errors import DataError, OptionError, StudyError
from netgloss.study import Study
from netgloss.words.edits import read_vocabulary
from netgloss.words.tags import game_words

# What the fixtures' folder holds: the images, taking the labels in turn.
LABELS, COUNT = ("ambulance", "van"), 12
NAMES = [f"{LABELS[number % 2]}/{number:02d}.png" for number in range(COUNT)]

SAID = {"ambulance": ("orange stripes", "seems like a Stripe"), "van": ("blue door", "the door")}


def played(tags: Callable[[str, int], Sequence[str]] | None = None, people: int = 2) -> list[Game]:
    """Each person plays each image once and says what its class calls for."""
    say = tags or (lambda label, person: SAID[label][person : person + 1])
    return [
        Game(
            answer=f"{person}-{number}",
            person=f"player-{person}",
            image=name,
            evidence=f"anv/{number:06}",
            target=(label := name.partition("/")[0]),
            truth=label,
            guess=label,
            outcome="win",
            hints=person,
            points=300 - 50 * person,
            tags=tuple(say(label, person)),
            seconds=4.0 + person,
            source="played",
        )
        for number, name in enumerate(NAMES)
        for person in range(people)
    ]


@pytest.fixture
def plain(place: Path) -> Path:
    """A study that nobody has answered yet."""
    assert run(["new", "s", "--images", "photos", "--predictions", "predicted.csv"]) == 0
    return place / "s"


@pytest.fixture
def games(plain: Path) -> Path:
    """A study that holds nothing but games."""
    Study.open(plain).add_games(played())
    return plain


def test_a_study_of_games_alone_goes_from_file_to_report(
    plain: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_games("csv", played(), Path("games.csv"))
    assert run(["import", "s", "games", "games.csv"]) == 0
    assert f"{2 * COUNT} games new, 0 changed, 0 unchanged" in capsys.readouterr().out
    assert run(["status", "s"]) == 0
    told = capsys.readouterr().out
    assert f"games: {2 * COUNT} by 2 people on {COUNT} heat maps" in told
    assert "next: netgloss words s" in told
    assert run(["words", "s"]) == 0
    assert "Words of tags: 9; 2 are stop-words, 2 say nothing of a picture" in (
        capsys.readouterr().out
    )
    assert run(["rank", "s", "--format", "csv"]) == 0
    ranked = pd.read_csv(plain / "results" / "findings.csv")
    assert set(ranked["concept"]) == {"stripe", "orange", "door", "blue"}
    # Every image of a class got its words, none of the other did.
    assert ranked["cramers_v"].tolist() == [1.0] * 4
    assert run(["query", "s", "stripe AND NOT door"]) == 0
    assert "ambulance" in capsys.readouterr().out
    assert run(["rules", "s"]) == run(["tree", "s"]) == run(["report", "s"]) == 0
    page = (plain / "report.html").read_text(encoding="utf-8")
    assert re.search(r"player-\d", page) is None
    assert "stripe" in page
    assert "Words come from games" in page


def test_an_exported_file_brings_the_same_games_to_another_study(
    games: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = from_frame(read_games(games))
    assert run(["new", "t", "--images", "photos", "--predictions", "predicted.csv"]) == 0
    for ending in ("csv", "json", "parquet"):
        assert run(["export", "s", "games", f"games.{ending}"]) == 0
        assert run(["export", "s", "games", "anywhere", "--format", ending]) == 0
        assert Path("anywhere").read_bytes() == Path(f"games.{ending}").read_bytes()
        assert run(["import", "t", "games", f"games.{ending}"]) == 0
    assert from_frame(read_games(Path("t"))) == expected
    out = capsys.readouterr().out
    assert f"wrote {2 * COUNT} games to games.csv" in out
    assert f"0 games new, 0 changed, {2 * COUNT} unchanged" in out


def test_a_path_that_tells_no_kind_is_asked_about(
    games: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["export", "s", "games", "games.coco"]) == 2
    assert "say which: csv, json, parquet" in capsys.readouterr().err
    assert run(["export", "s", "games"]) == 2


def test_words_of_games_and_boxes_share_a_vocabulary_and_the_task_says_what_is_ranked(
    study: Path,
) -> None:
    opened = Study.open(study)
    opened.add_games(played(lambda label, _: ("wheels",) if label == "van" else ("door",)))
    assert set(opened.words().frame["concept"]) == {"stripe", "orange", "door", "blue", "wheels"}

    def ranked(task: str | None) -> set[str]:
        opened.words(task=task)
        return set(opened.rank(alpha=1)["concept"])

    boxes = {"stripe", "door", "orange", "blue", "orange-stripe", "blue-door"}
    assert ranked(None) == boxes
    assert ranked("play") == {"wheels", "door"}
    assert ranked("both") == boxes | {"wheels"}
    assert ranked("annotate") == boxes
    assert Study.open(study).settings.stage("words")["task"] == "annotate"
    with pytest.raises(OptionError, match="task 'boxes' is not known; use annotate, play, both"):
        opened.words(task="boxes")
    # One vocabulary covers both, whatever is ranked.
    found = game_words(opened.games(), read_vocabulary(study / "vocabulary.csv"))
    assert set(found["word"]) == {"wheels", "door"}


def test_both_tasks_unite_what_was_said_of_an_image(study: Path) -> None:
    opened = Study.open(study)
    opened.add_games(played(lambda *_: ("door",), people=1))
    opened.words(task="both")
    table = opened.concepts()
    assert table.column(table.position["type:door"]).all()
    opened.words(task="annotate")
    table = opened.concepts()
    assert (table.column(table.position["type:door"]) == (table.labels == "van")).all()


def test_the_table_follows_new_games(games: Path) -> None:
    opened = Study.open(games)
    opened.words()
    before = opened.concepts()
    more = played(lambda label, _: ("stripes",) if label == "van" else (), people=1)
    opened.add_games([Game(**{**vars(one), "answer": f"new-{n}"}) for n, one in enumerate(more)])
    after = opened.concepts()
    stripe = after.column(after.position["type:stripe"])
    assert stripe.all()
    assert not before.column(before.position["type:stripe"]).all()


def test_a_word_typed_since_asks_for_the_vocabulary_again(games: Path) -> None:
    opened = Study.open(games)
    opened.words()
    opened.add_games([Game(**{**vars(played()[0]), "answer": "new", "tags": ("siren",)})])
    with pytest.raises(DataError, match=r"'siren' is not in the vocabulary.*netgloss words"):
        opened.concepts()


def test_who_failed_a_control_game_is_not_heard(games: Path) -> None:
    opened = Study.open(games)
    cheat = {"person": "cheat", "tags": ("rubbish",)}
    lost = {"guess": "van", "outcome": "loss", "control": True, "passed": False}
    first, second = played()[0], played()[2]
    opened.add_games(
        [
            Game(**{**vars(first), **cheat, **lost, "answer": "c"}),
            Game(**{**vars(second), **cheat, "answer": "d"}),
        ]
    )
    made = opened.words()
    assert "rubbish" not in set(made.frame["raw"])
    assert made.notes[0] == (
        f"Games: {2 * COUNT} count; left out are 1 control games and 1 games of 1 people who "
        "failed one."
    )
    assert "rubbish" not in set(opened.rank(alpha=1)["concept"])


def italian(label: str, person: int) -> Sequence[str]:
    words = {"ambulance": ("striscia della Esso", "stripe"), "van": ("la porta", "door")}
    return words[label][person : person + 1]


def rows(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["raw"]: row for row in csv.DictReader(file)}


def test_people_fill_in_translations_and_theirs_beat_everything(
    plain: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Study.open(plain).add_games(played(italian))
    assert run(["words", "s", "--languages", "it"]) == 0
    assert "Words that wait for a translation: 3" in capsys.readouterr().out
    place = plain / "translations.csv"
    listed = rows(place)
    assert list(listed) == ["esso", "porta", "striscia"]
    assert {row["count"] for row in listed.values()} == {str(COUNT // 2)}
    assert {row["english"] for row in listed.values()} == {""}
    # English has a word one letter off, but nobody meant it.
    before = rows(plain / "vocabulary.csv")
    assert before["porta"]["concept"] == "porta"
    assert before["porta"]["step"] == "waits for a translation"
    assert before["della"]["step"] == "stop-word: della"
    place.write_text(
        "raw,english,checked\nesso,Esso,yes\nporta,door,yes\nstriscia,Stripe,yes\n", "utf-8"
    )
    assert run(["words", "s"]) == 0
    told = capsys.readouterr().out
    assert "3 are translated" in told
    assert "wait for a translation" not in told
    after = rows(plain / "vocabulary.csv")
    assert {raw: row["concept"] for raw, row in after.items()} == {
        "esso": "esso",
        "porta": "door",
        "door": "door",
        "striscia": "stripe",
        "stripe": "stripe",
        "della": "",
        "la": "",
    }
    assert rows(place)["esso"] == {
        "raw": "esso",
        "english": "Esso",
        "checked": "yes",
        "count": str(COUNT // 2),
    }
    ranked = Study.open(plain).rank(alpha=1)
    assert set(ranked.loc[ranked["cramers_v"] == 1, "concept"]) == {"stripe", "door", "esso"}


def test_an_edit_of_the_vocabulary_beats_a_checked_translation(plain: Path) -> None:
    opened = Study.open(plain)
    opened.add_games(played(italian))
    (plain / "translations.csv").write_text("raw,english,checked\nporta,door,yes\n")
    opened.words(languages="it")
    place = plain / "vocabulary.csv"
    place.write_text(place.read_text().replace("porta,type,door", "porta,type,gate"))
    made = opened.words().frame.set_index("raw")
    assert made.loc["porta", ["concept", "step"]].tolist() == ["gate", "edited by hand"]


def test_a_machine_fills_in_what_people_left_open_and_they_see_it(plain: Path) -> None:
    class Machine:
        """Gets the context wrong, as machines do."""

        def translate(self, words: Sequence[str], language: str) -> dict[str, str]:
            known = {"esso": "it", "striscia": "stripe", "porta": "gate"}
            return {word: known[word] for word in words if language == "it"}

    opened = Study.open(plain)
    opened.add_games(played(italian))
    (plain / "translations.csv").write_text("raw,english,checked\nporta,door,yes\n")
    made = opened.words(translator=Machine(), languages="it")
    concepts = made.frame.set_index("raw")["concept"]
    assert concepts[["esso", "striscia", "porta"]].tolist() == ["", "stripe", "door"]
    assert "Translations that nobody has checked: 2; look at translations.csv." in made.notes
    known = rows(plain / "translations.csv")
    assert [(raw, row["english"], row["checked"]) for raw, row in known.items()] == [
        ("esso", "it", ""),
        ("porta", "door", "yes"),
        ("striscia", "stripe", ""),
    ]
    # Without the machine the next run stands by what was written down.
    assert opened.words().frame.set_index("raw")["concept"].equals(concepts)


def test_lists_of_words_can_be_replaced(games: Path) -> None:
    Path("stop.txt").write_text("door  # of all things\n")
    Path("empty.txt").write_text("stripe stripes\n")
    opened = Study.open(games)
    made = opened.words(stop_words="stop.txt", irrelevant="empty.txt").frame.set_index("raw")
    assert made.loc["door", "step"] == "stop-word: door"
    assert made.loc["stripes", "step"] == "irrelevant: stripes"
    assert made.loc[["the", "seems"], "concept"].tolist() == ["the", "seems"]
    assert run(["words", "s", "--irrelevant", "nowhere.txt"]) == 1


def test_a_language_without_stop_words_is_refused(
    games: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["words", "s", "--languages", "klingon"]) == 2
    assert "no stop-words for the language 'klingon'" in capsys.readouterr().err
    assert "languages" not in (games / "study.toml").read_text()


def test_why_there_are_no_words_is_said(plain: Path) -> None:
    opened = Study.open(plain)
    with pytest.raises(StudyError, match="no answers yet"):
        opened.words()
    opened.add_games([Game(**{**vars(played()[0]), "control": True, "passed": True})])
    with pytest.raises(StudyError, match="only control games"):
        opened.words()
    opened.add_games(played())
    with pytest.raises(StudyError, match="every game took less than 60 seconds"):
        opened.words(min_seconds=60)
    opened.words()
    opened.words(task="annotate")
    with pytest.raises(StudyError, match="no answers yet"):
        opened.concepts()
