"""The experiment on Deep Reveal: what counts as the cue, and whether the label is it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from netgloss.evidence.items import read_items
from netgloss.experiments import reveal
from netgloss.experiments.reveal import COLUMNS, Options, by_weight, played, riddles, verdicts_of
from netgloss.experiments.reveal_cue import cue_words, telling_words
from netgloss.experiments.reveal_page import biased, figure, page, verdicts
from netgloss.experiments.runs import Prepared, Run, scene_set
from netgloss.explanations.local import LayerColumn, LocalExplanation, MergedMap, Part
from netgloss.scenes.head import HEAD_TYPES
from netgloss.scenes.scene import Entity
from netgloss.scenes.task import Bias, Planted, concepts
from netgloss.scenes.truth import read_truth, write_scenes
from netgloss.scenes.world import draw, find_task

STAMP = ("hour", "minute", "day", "month", "year")
MASK = np.ones((2, 2), bool)


# ------------------------------------------------------------------------------------ the cue


def test_a_picture_differs_from_itself_in_nothing() -> None:
    scene = draw("vehicles", "ambulance", 5, Bias("background"))
    planted = find_task("vehicles").cue("background").planted
    assert telling_words(scene.entities, scene.entities, planted) == frozenset()


def test_only_what_was_planted_counts_and_goes_by_all_its_names() -> None:
    hour, coat = Entity("hour", ("white",), MASK), Entity("coat", ("red",), MASK)
    planted = Planted(concepts("hour"))
    words = telling_words([hour, coat], [], planted)
    assert words == {"hour", "hours", "time", "clock"}
    assert telling_words([hour, coat], [hour], planted) == frozenset()


def test_a_look_that_was_planted_is_named_by_its_hue() -> None:
    white, yellow = (Entity("day", (colour,), MASK) for colour in ("white", "yellow"))
    planted = find_task("pedestrians").cue("colour").planted
    words = telling_words([white], [yellow], planted)
    assert "white" in words
    assert not words & {"day", "yellow", "off"}


def test_a_look_counts_for_a_thing_where_the_two_were_planted_together() -> None:
    blue, grey = (Entity("sky", (colour,), MASK) for colour in ("blue", "grey"))
    planted = find_task("vehicles").cue("background").planted
    assert "blue" in telling_words([blue], [grey], planted)
    assert telling_words([grey], [blue], planted) == frozenset()


@pytest.mark.parametrize(
    ("name", "has", "lacks"),
    [("D1", "tourist", "commuter"), ("D2", "tourist", ""), ("BM2.2", "ambulance", "")],
)
def test_classes_have_a_cue_to_name_where_one_is_drawn(name: str, has: str, lacks: str) -> None:
    words = cue_words(Run(name, images=8))
    assert list(words) == [
        f"{scene_set(Run(name, images=8)).label(n)}/{n:05d}.png" for n in range(8)
    ]
    for image, own in words.items():
        label = image.partition("/")[0]
        assert bool(own) is (label != lacks)
        if label == has and name == "D2":
            assert "yellow" in own
            assert "white" not in own


# ----------------------------------------------------------------------------- the heaviest map


def test_the_heaviest_map_is_sought_in_the_deepest_layers_after_merging() -> None:
    def layer(depth: int, *weights: float) -> LayerColumn:
        maps = [MergedMap((Part(f"{depth}/{w}", w, MASK),), {}) for w in weights]
        return LayerColumn(f"layer {depth}", depth, tuple(maps))

    columns = (layer(0, 0.9), layer(1, 0.4, 0.3), layer(2, 0.5, 0.1), layer(3, 0.5))
    found = by_weight(LocalExplanation("a.png", "van", columns))
    # Of equal ones the deepest; depth 0 is none of the last three.
    assert [one.key for one in found] == ["3/0.5", "2/0.5", "1/0.4", "1/0.3", "2/0.1"]
    assert by_weight(LocalExplanation("a.png", "van", (layer(0), layer(1)))) == []


# -------------------------------------------------------------------------------- the pipeline


def written(place: Path, stamp: float) -> tuple[Run, Prepared]:
    """Pedestrians with two maps each: of the planted stamp, of that weight, and of the head."""
    from netgloss.evidence.base import Detail, Evidence
    from netgloss.evidence.writer import ItemWriter
    from netgloss.study import Study

    run = Run("D1", images=12)
    write_scenes(scene_set(run), place / "world")
    truth = read_truth(place / "world" / "truth.json")
    rows = ["image,predicted_label", *(f"{name},{name.partition('/')[0]}" for name in truth)]
    (place / "said.csv").write_text("\n".join(rows) + "\n")
    study = Study.create(place / "s", place / "world/images", predictions=place / "said.csv")
    with ItemWriter(study.folder, "anv", covers="original") as writer:
        for name, things in sorted(truth.items()):
            target = name.partition("/")[0]
            writer.add(Detail(name, "layers", layer_of(target)))
            shares = sorted([(stamp, STAMP), (1 - stamp, HEAD_TYPES)], reverse=True)
            for unit, (weight, kinds) in enumerate(shares):
                masks = [one.mask for one in things if one.type in kinds]
                heat = np.any(masks, axis=0).reshape(16, 8, 16, 8).mean(axis=(1, 3))
                heat = heat.astype(np.float32)
                writer.add(Evidence(name, "anv", target, weight, heat, "deep", unit, (unit,)))
    return run, Prepared(study, truth, 1.0, 1.0)


def layer_of(target: str) -> dict[str, Any]:
    return {
        "target": target, "layer": "deep", "depth": 0, "channels": 8, "active": 8, "kept": 2,
        "flat": 0, "clusters": 2, "shown": 2, "leftover": 0.0, "silhouette": 0.5, "height": 16,
        "width": 16, "empty": False,
    }  # fmt: skip


@pytest.mark.parametrize("stamp", [0.7, 0.3])
def test_the_label_is_the_cue_exactly_where_the_heaviest_map_lies_on_it(
    stamp: float, tmp_path: Path
) -> None:
    run, prepared = written(tmp_path, stamp)
    maps = read_items(prepared.study.folder, "anv").set_index("evidence")
    turned = [one for one in riddles(prepared) if one.evidence not in maps.index]
    assert len(turned) == run.images
    assert {maps.loc[one.evidence.removeprefix("turned/"), "unit"] for one in turned} == {0}
    games = played(prepared, reveal.learned(run), reveal.crowd(), seed=0)
    assert len(games) == 3 * run.images * reveal.GAMES
    prepared.study.add_games(games)
    prepared.study.words()
    found = list(verdicts_of(run, prepared.study))
    assert len(found) == run.images
    tourists = [one for one in found if one.label == "tourist"]
    named = sum(bool(one.cue.intersection(one.called)) for one in tourists)
    assert named == (len(tourists) if stamp > 0.5 else 0)
    assert not any(one.cue for one in found if one.label == "commuter")
    beside = sum(bool(one.cue.intersection(*one.others)) for one in tourists)
    assert beside == len(tourists) - named
    if stamp > 0.5:  # turned, the map lies far from the stamp, where players say something else
        assert not any(one.is_cue(one.turned) for one in tourists)
        assert all(one.turned for one in tourists)


# ------------------------------------------------------------------------------------ the page


def row(found: int, shows: float = 1.0, **other: Any) -> dict[str, Any]:
    plain = {
        "set": "D1", "network": "vgg", "seed": 0, "label": "tourist", "shows_cue": shows,
        "images": 10, "found": found, "alone": found, "others": 20, "others_found": 5, "turned": 4,
        "labels": "hour (8); coat (2)",
        "maps": 90, "games": 450, "won": 400, "lost": 40, "resigned": 10, "hints": 1.5,
        "tags": 1.3, "accuracy": 1.0, "flip_rate": 0.98,
    }  # fmt: skip
    assert list(plain) == list(COLUMNS)
    return plain | other


def test_eight_of_ten_images_are_enough_and_seven_are_not() -> None:
    for found, met in ((8, True), (7, False)):
        assert all(verdict is met for _, _, verdict in verdicts(pd.DataFrame([row(found)])))


def test_nothing_is_promised_of_a_class_that_lacks_the_cue_and_the_page_says_so() -> None:
    frame = pd.DataFrame([row(9), row(0, shows=0.0, label="commuter")])
    assert biased(frame).tolist() == [True, False]
    told = [promise for promise, _, _ in verdicts(frame)]
    assert len(told) == 2
    assert not any("commuter" in promise for promise in told)
    text = page(frame)
    assert "D1, commuter: none (0% of 10 have something of it)" in text
    assert "| 90.0% of 10 | met |" in text
    assert "{" not in text


def test_all_runs_of_a_class_count_together_and_the_worst_is_told() -> None:
    frame = pd.DataFrame([row(10), row(6, seed=1)])
    assert {measured for _, measured, _ in verdicts(frame)} == {"80.0% of 20"}
    assert "60%–100%" in page(frame)


def test_the_figure_has_a_dot_for_every_run_of_a_biased_class() -> None:
    frame = pd.DataFrame([row(10), row(6, seed=1), row(3, shows=0.0, label="commuter")])
    dots = [line for line in figure(frame).axes[0].get_lines() if line.get_marker() == "o"]
    assert sorted(value for line in dots for value in line.get_xdata()) == [0.6, 1.0]
    crosses = [line for line in figure(frame).axes[0].get_lines() if line.get_marker() == "x"]
    assert [value for line in crosses for value in line.get_xdata()] == [0.4, 0.4]


@pytest.mark.slow
def test_a_trained_network_is_explained_by_its_cue(tmp_path: Path) -> None:
    small = Options(sets=("BM2.2",), networks=("vgg",), seeds=1, images=16)
    frame = reveal.run(tmp_path, small)
    assert frame["label"].tolist() == ["ambulance", "moving_van"]
    assert frame["found"].sum() >= 0.8 * frame["images"].sum()
    assert (frame["games"] == reveal.GAMES * frame["maps"]).all()
    again = reveal.run(tmp_path, small)
    pd.testing.assert_frame_equal(frame, again)
