"""Players who come over HTTP do what the same players do directly, and leave the same labels."""

from __future__ import annotations

import importlib
import io
import shutil
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from netgloss.answers.knowledge import Knowledge
from netgloss.answers.players import Player
from netgloss.answers.playing import play_one
from netgloss.answers.populations import CROWD
from netgloss.answers.seeing import uncover
from netgloss.errors import DataError, OptionError
from netgloss.evidence.items import HeatReader, read_items
from netgloss.scenes.scene_set import SceneSet
from netgloss.scenes.task import Bias
from netgloss.scenes.truth import read_truth, write_scenes
from netgloss.server.client import Client
from netgloss.server.guessing import Album, Sent, play_games
from netgloss.study import Study
from netgloss.vision.reveal import revealed, visibility

PATIENCE = 120  # seconds, for a machine that does much else at the same time
PICTURES, PLAYERS = 12, 4
SEED = 8  # two of the four guess at random, so that games are lost whoever gets which
Serve = Callable[..., AbstractContextManager[Any]]
PEOPLE = replace(CROWD, size=PLAYERS, pool=0, bad_faith=0.3)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn fish with two cluster maps each: of the planted background, and of the animal."""
    from netgloss.evidence.base import Detail, Evidence
    from netgloss.evidence.writer import ItemWriter

    place = tmp_path_factory.mktemp("world")
    write_scenes(SceneSet("fish", Bias("background"), PICTURES, seed=3, size=64), place / "drawn")
    truth = read_truth(place / "drawn" / "truth.json")
    rows = [f"{name},{name.partition('/')[0]}" for name in sorted(truth)]
    (place / "said.csv").write_text("\n".join(["image,predicted_label", *rows]) + "\n")
    images = place / "drawn" / "images"
    study = Study.create(place / "study", images, predictions=place / "said.csv")
    with ItemWriter(study.folder, "anv", covers="original") as writer:
        for number, (name, things) in enumerate(sorted(truth.items())):
            label = name.partition("/")[0]
            writer.add(Detail(name, "layers", layer_of(label)))
            for unit, behind in enumerate((True, False)):
                heat = coarse([one.mask for one in things if one.background is behind], number)
                writer.add(
                    Evidence(name, "anv", label, 0.6 - 0.2 * unit, heat, "deep", unit, (unit,))
                )
    return place


def layer_of(target: str) -> dict[str, Any]:
    return {
        "target": target, "layer": "deep", "depth": 0, "channels": 8, "active": 8, "kept": 2,
        "flat": 0, "clusters": 2, "shown": 2, "leftover": 0.0, "silhouette": 0.5, "height": 8,
        "width": 8, "empty": False,
    }  # fmt: skip


def coarse(masks: list[Any], number: int) -> Any:
    """Where any of the masks is, in 8 x 8 cells of different heat."""
    anywhere = np.any(masks, axis=0).astype(np.float32)
    cells = anywhere.reshape(8, 8, 8, 8).mean(axis=(1, 3))
    dice = np.random.default_rng(number)
    return (cells * dice.uniform(0.8, 1.2, cells.shape)).astype(np.float32)


@pytest.fixture
def study(world: Path, tmp_path: Path) -> Path:
    """A copy of the study, beside it, so that its relative paths hold."""
    return Path(shutil.copytree(world / "study", world / tmp_path.name))


def known_of(study: Path) -> tuple[Study, dict[str, Any], Knowledge]:
    opened = Study.open(study)
    truth = read_truth(opened.source.parent / "truth.json")
    return opened, truth, Knowledge.of(opened.usable_images(), truth)


def everybody_plays(address: str, study: Path) -> dict[str, list[Sent]]:
    """What each player did, all at the same time, until nobody is left a game."""
    opened, truth, known = known_of(study)
    album = Album(opened.usable_images(), truth)

    def visit(name: str) -> list[Sent]:
        with Client(address, patience=PATIENCE) as client:
            client.arrive()
            client.consent("play")
            return list(play_games(client, album, Player(name, PEOPLE, known, SEED)))

    with ThreadPoolExecutor(PLAYERS) as pool:
        return dict(zip(PEOPLE.people(), pool.map(visit, PEOPLE.people()), strict=True))


def said(games: pd.DataFrame) -> set[tuple[Any, ...]]:
    rows = games[["image", "guess", "hints", "tags"]].astype(object)
    rows = rows.where(rows.notna(), None)
    return {(image, guess, hints, tuple(tags)) for image, guess, hints, tags in rows.values}


def played_directly(study: Path, games: pd.DataFrame, name: str) -> pd.DataFrame:
    """The same person's games about the same maps, without a server."""
    opened, truth, known = known_of(study)
    player, images = Player(name, PEOPLE, known, SEED), opened.usable_images()
    pixels = {one.image: one.pixels() for one in images}
    items, reader = read_items(study, "anv").set_index("evidence"), HeatReader(study, "anv")
    rows = []
    for game in games.itertuples():
        things = truth[game.image]
        heat = reader.heat(items.loc[game.evidence])
        sitting = player.sit(game.image, known.classes, len(things))
        done = play_one(sitting, uncover(pixels[game.image], heat, things))
        rows.append((done.guess, done.hints, list(done.tags)))
    direct = games.copy()
    direct[["guess", "hints", "tags"]] = pd.DataFrame(rows, index=games.index, dtype=object)
    return direct


def check_ledger(
    sent: dict[str, list[Sent]], study: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The benchmark's comparison finds all games, and finds out where one is told otherwise."""
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[2])
    game, server = (importlib.import_module(f"benchmarks.{name}") for name in ("game", "served"))
    told = [
        {"id": one.assignment, "guess": one.guess, "hints": one.hints, "tags": list(one.tags)}
        for own in sent.values()
        for one in own
    ]
    at = server.Server(study, database)
    kept = game.compare(told, at)
    assert (kept.acknowledged, kept.lost, kept.doubled) == (len(told), [], [])
    other = [{**told[0], "tags": ["never said"]}, {**told[1], "id": str(uuid.uuid4())}, *told[2:]]
    assert len(game.compare(other, at).lost) == 2


def labels(study: Path, games: pd.DataFrame) -> pd.DataFrame:
    from netgloss.explanations.labels import label_scores
    from netgloss.words.edits import read_vocabulary
    from netgloss.words.tags import game_words

    return label_scores(games, game_words(games, read_vocabulary(study / "vocabulary.csv")))


@pytest.mark.slow
def test_games_over_http_are_the_games_played_directly(
    study: Path, served: Serve, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(study, empty_database) as server:
        server.set_up("play", quota=2)
        sent = everybody_plays(server.address, study)
    check_ledger(sent, study, empty_database, monkeypatch)
    server.hand_over()
    games = Study.open(study).games()
    # Two maps an image for two players each.
    assert len(games) == PICTURES * PLAYERS == sum(map(len, sent.values()))
    assert set(games["evidence"].value_counts()) == {2}
    who = {
        person: next(name for name, own in sent.items() if said(rows) == as_rows(own))
        for person, rows in games.groupby("person")
    }
    assert sorted(who.values()) == sorted(PEOPLE.people())
    direct = pd.concat(
        [played_directly(study, rows, who[person]) for person, rows in games.groupby("person")]
    ).loc[games.index]
    assert said(direct) == said(games)
    assert {"win", "loss"} <= set(games["outcome"])
    assert games["hints"].nunique() > 1
    Study.open(study).words()
    table = labels(study, games)
    assert len(table) > PICTURES
    pd.testing.assert_frame_equal(table, labels(study, direct))


def as_rows(own: list[Sent]) -> set[tuple[Any, ...]]:
    return {(one.image, one.guess, one.hints, one.tags) for one in own}


@pytest.mark.slow
def test_a_rehearsal_plays_until_no_map_is_left(
    study: Path, served: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    from netgloss.cli import run

    with served(study) as server:
        server.set_up("play", quota=2)
        words = ["rehearse", str(study), server.address, "--task", "play", "--people", "3"]
        assert run([*words, "--batches", "4"]) == 0, capsys.readouterr().err
        assert "3 people played 12 games" in capsys.readouterr().out
    server.hand_over()
    assert len(Study.open(study).games()) == 12


def test_an_album_knows_a_picture_by_the_part_of_it_that_shows(world: Path) -> None:
    opened, truth, _ = known_of(world / "study")
    album, reader = Album(opened.usable_images(), truth), HeatReader(opened.folder, "anv")
    images = {one.image: one for one in opened.usable_images()}
    for item in read_items(opened.folder, "anv").itertuples():
        pixels = images[item.image].pixels()
        for step in range(6):
            known, seen = album.recognise(as_file(pixels, reader.heat(item), step))
            assert known.image == item.image
            assert (seen <= pixels).all()


def test_a_picture_that_the_album_lacks_is_refused_and_not_guessed(world: Path) -> None:
    opened, truth, _ = known_of(world / "study")
    first, *others = opened.usable_images()
    heat = HeatReader(opened.folder, "anv").heat(read_items(opened.folder, "anv").iloc[0])
    album, picture = Album(others, truth), as_file(first.pixels(), heat, 2)
    with pytest.raises(DataError, match="another study"):
        album.recognise(picture)
    with pytest.raises(DataError, match="another study"):
        album.recognise(as_file(np.zeros_like(first.pixels()), heat, 2))


def test_simulated_people_do_only_what_they_can(world: Path) -> None:
    from netgloss.server.rehearsal import rehearse

    with pytest.raises(OptionError, match="annotate or play"):
        rehearse(Study.open(world / "study"), "http://127.0.0.1:9", PEOPLE, task="sing")


def as_file(pixels: Any, heat: Any, step: int) -> bytes:
    """The lossless picture as the server makes it."""
    from PIL import Image

    shown = revealed(pixels, visibility(heat, pixels.shape[:2], step))
    out = io.BytesIO()
    Image.fromarray(shown).save(out, "WEBP", lossless=True)
    return out.getvalue()
