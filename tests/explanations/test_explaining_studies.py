"""From a study's tables to its explanations: what counts, what is refused, what is written."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from netgloss.errors import DataError, NetglossError
from netgloss.evidence.items import HeatReader
from netgloss.evidence.writer import remove_evidence
from netgloss.explanations.reading import nearest
from netgloss.study import Study
from netgloss.study.explaining import map_pictures, material_of, place_of, rendered
from netgloss.study.reporting import layer_views
from netgloss.vision.overlays import overlay

Play = Callable[..., None]


def test_before_anybody_plays_every_cluster_map_stands_alone(study: Study) -> None:
    found = study.explain("tench/1.png")
    assert [column.layer for column in found.columns] == ["conv1", "conv2"]
    assert [[one.weight for one in column.maps] for column in found.columns] == [
        [0.3, 0.2, 0.1]
    ] * 2
    assert all(not one.labels for one in found.maps)
    assert found.tally.games == 0
    assert not found.spoken


def test_the_maps_are_those_on_disk(study: Study) -> None:
    material = material_of(study)
    reader = HeatReader(study.folder, "anv")
    found = study.explain("tench/1.png")
    for item in material.maps[material.maps["image"] == "tench/1.png"].itertuples():
        part = next(p for one in found.maps for p in one.parts if p.evidence == item.evidence)
        np.testing.assert_array_equal(part.heat, reader.heat(item))
        assert part.channels == item.maps


def test_maps_named_alike_are_merged_with_their_games(study: Study, play: Play) -> None:
    play(
        (0, "tench", 1, "fin"),
        (1, "shark", 3, "fin; eye"),
        (2, None, 5, "water"),
        (3, "tench", 0, "fin"),
    )
    first, second = study.explain("tench/1.png").columns
    assert [one.labels for one in first.maps] == [("fin",), ("water",)]
    assert [one.weight for one in first.maps] == pytest.approx([0.5, 0.1])
    assert [part.evidence for part in first.maps[0].parts] == ["anv/000000", "anv/000001"]
    # .9 of weight .3, and a quarter of .7 of weight .2
    assert first.maps[0].score == pytest.approx((0.3 * 0.9 + 0.2 * 0.175) / 0.5)
    assert (first.maps[0].tally.won, first.maps[0].tally.lost) == (1, 1)
    assert first.maps[1].tally.resigned == 1
    assert [one.labels for one in second.maps] == [("fin",), (), ()]


def test_one_who_failed_a_control_game_is_left_out_and_counted(study: Study, play: Play) -> None:
    play((0, "tench", 0, "fin"))
    play((0, "tench", 0, "boot"), person="bob")
    play((6, "shark", 5, "boot"), person="bob", ok=False)
    found = study.explain("tench/1.png")
    assert found.left_out == 1
    assert found.people == 1
    assert list(found.columns[0].maps[0].scores) == ["fin"]


def test_a_word_that_a_person_merged_in_the_vocabulary_counts_as_one(
    study: Study, play: Play
) -> None:
    play((0, "tench", 0, "fin"), (1, "tench", 0, "flipper"))
    path = study.folder / "vocabulary.csv"
    table = pd.read_csv(path, keep_default_na=False)
    table.loc[table["raw"] == "flipper", "concept"] = "fin"
    table.to_csv(path, index=False)
    study.words(embedding="none")
    first = study.explain("tench/1.png").columns[0]
    assert [len(one.parts) for one in first.maps] == [2, 1]


def test_the_end_of_a_name_is_enough_where_only_one_image_has_it(study: Study) -> None:
    assert study.explain("2.png").image == "tench/2.png"
    with pytest.raises(NetglossError, match=r"did you mean shark/1\.png or tench/1\.png"):
        study.explain("1.png")


def test_an_unknown_image_is_told_its_nearest_names(study: Study) -> None:
    with pytest.raises(NetglossError, match=r"no image 'tensh/2.png'; did you mean tench/2.png"):
        study.explain("tensh/2.png")
    assert nearest("zzz", ["abc"]) == []


def test_an_image_without_cluster_maps_is_told_how_to_get_them(study: Study) -> None:
    with pytest.raises(NetglossError, match=r"has no cluster maps yet; .*extract .* anv"):
        study.explain("shark/9.png")


def test_a_wrongly_classified_image_says_why_and_how(study: Study) -> None:
    with pytest.raises(NetglossError, match=r"says tench, in truth it is shark.*--only all"):
        study.explain("shark/1.png")


def test_another_class_than_was_explained_is_refused(study: Study) -> None:
    with pytest.raises(NetglossError, match="made for tench, not for 'shark'"):
        study.explain("tench/1.png", "shark")
    with pytest.raises(NetglossError, match="toward class 'shark'; there are maps of tench"):
        study.explain_class("shark")


def test_an_image_is_explained_toward_each_class_it_was_asked_for(both_targets: Study) -> None:
    toward = {
        target: both_targets.explain("shark/1.png", target).maps[0].heat.argmax()
        for target in ("tench", "shark")
    }
    assert toward == {"tench": 0, "shark": 10}
    assert both_targets.explain("shark/1.png").target == "tench"
    assert both_targets.explain_class("shark").images == ("shark/1.png",)
    assert both_targets.explain_class("tench").images == (
        "shark/1.png",
        "tench/1.png",
        "tench/2.png",
    )
    assert both_targets.explain_all().images == 4


def test_a_study_without_cluster_maps_names_the_command(tmp_path: Path, study: Study) -> None:
    for path in (study.folder / "evidence" / "anv").glob("*.parquet"):
        path.unlink()
    with pytest.raises(NetglossError, match=r"netgloss extract .* anv"):
        study.explain("tench/1.png")


def test_everything_is_written_and_named_in_the_index(study: Study, play: Play) -> None:
    play((0, "tench", 0, "lake_water"), (9, "tench", 2, "eye"))
    done = study.explain_all()
    assert (done.images, done.classes, done.named, done.skipped) == (2, 1, 2, ())
    index = json.loads(done.index.read_text("utf-8"))
    assert [entry["image"] for entry in index["images"]] == ["tench/1.png", "tench/2.png"]
    assert index["images"][0]["labels"] == ["lake water"]
    assert index["classes"][0]["labels"] == ["lake water", "eye"]
    assert (index["games"], index["people"], index["left_out"]) == (2, 1, 0)
    for entry in [*index["images"], *index["classes"]]:
        for kind in ("page", "picture"):
            assert re.fullmatch(r"(images|classes)/[A-Za-z0-9.-]+", entry[kind])
            assert (done.index.parent / entry[kind]).stat().st_size > 1000


def test_an_image_that_cannot_be_read_is_left_out_and_named(study: Study) -> None:
    (study.source / "tench/2.png").write_bytes(b"no picture")
    done = study.explain_all()
    assert done.images == 1
    assert done.skipped[0].startswith("tench/2.png: left out: ")


def test_nothing_is_drawn_twice_until_something_changes(study: Study, play: Play) -> None:
    done = study.explain_all()
    drawn = done.index.parent / json.loads(done.index.read_text("utf-8"))["images"][0]["picture"]
    first = drawn.stat().st_mtime_ns
    again = study.explain_all()
    assert again.fresh
    assert (again.images, again.classes) == (done.images, done.classes)
    assert drawn.stat().st_mtime_ns == first
    play((0, "tench", 0, "fin"))
    assert not study.explain_all().fresh
    assert not study.explain_all(1).fresh
    drawn.unlink()
    assert not study.explain_all(1).fresh
    assert drawn.is_file()


def test_explaining_everything_draws_no_map_of_an_image_twice(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[bytes] = []

    def counted(pixels: Any, heat: Any) -> Any:
        drawn.append(heat.tobytes())
        return overlay(pixels, heat)

    monkeypatch.setattr("netgloss.report.anv_pictures.overlay", counted)
    study.explain_all()
    # Six maps an image, each once for its image, and once more where its class shows it.
    assert max(Counter(drawn).values()) == 2
    assert len(set(drawn)) == 12


def test_two_images_never_share_a_file(study: Study) -> None:
    one = study.explain("tench/1.png")
    other = type(one)("tench-1.png", one.target, one.columns)
    assert place_of(one, "svg") != place_of(other, "svg")


def test_plain_data_hold_every_number(study: Study, play: Play) -> None:
    play((0, "tench", 1, "fin"), (1, "shark", 3, "fin; eye"))
    pictures = map_pictures(study)
    data = json.loads(rendered(study.explain("tench/1.png"), pictures, "json", "fish"))
    layer = data["layers"][0]
    assert (layer["channels"], layer["leftover"]) == (64, 0.4)
    assert layer["maps"][0]["labels"] == ["fin"]
    assert [part["feature_maps"] for part in layer["maps"][0]["parts"]] == [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
    ]
    overall = json.loads(rendered(study.explain_class("tench"), pictures, "json", "fish"))
    assert overall["groups"][0]["labels"][0]["label"] == "fin"
    assert overall["images"] == ["tench/1.png", "tench/2.png"]


def test_a_report_of_a_study_shows_its_layers(study: Study, play: Play) -> None:
    play((0, "tench", 0, "fin"), (9, "tench", 2, "eye"))
    layers = layer_views(study)
    assert layers is not None
    assert [one.target for one in layers.overall] == ["tench"]
    assert [one.image for one in layers.examples] == ["tench/1.png", "tench/2.png"]
    assert layers.left_out == 0


def test_a_report_of_a_study_without_cluster_maps_has_no_layers(study: Study) -> None:
    remove_evidence(study.folder, "anv")
    assert layer_views(study) is None


def test_a_report_shows_grey_where_an_image_cannot_be_read(study: Study) -> None:
    (study.source / "tench/2.png").write_bytes(b"no picture")
    pictures = map_pictures(study, tolerant=True)
    assert (pictures.bare("tench/2.png") == 128).all()
    assert list(pictures.unreadable) == ["tench/2.png"]
    with pytest.raises(DataError):
        map_pictures(study).bare("tench/2.png")
