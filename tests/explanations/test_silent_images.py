"""Images on which no layer speaks for the class: every form of the explanation says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from netgloss.cli import run
from netgloss.errors import NetglossError
from netgloss.evidence.base import Detail, Evidence
from netgloss.evidence.clusters.reading import LAYERS, read_layers
from netgloss.evidence.writer import ItemWriter
from netgloss.study import Study
from netgloss.study.explaining import map_pictures, rendered
from netgloss.study.reporting import layer_views

SENTENCE = "No layer has a feature map that speaks for shark."
IMAGE = "shark/9.png"

Play = Callable[..., None]


def first_layer(study: Study, **changed: Any) -> Detail:
    """What is written down of some image's first layer, as if it were about this image."""
    row = read_layers(study.folder).iloc[0].to_dict()
    del row["image"]
    return Detail(IMAGE, LAYERS, row | changed)


def test_page_picture_and_data_say_that_no_layer_speaks_for_the_class(silent: Study) -> None:
    pictures = map_pictures(silent)
    for view in (silent.explain(IMAGE), silent.explain_class("shark")):
        page = rendered(view, pictures, "html", "fish").decode()
        assert page.count(SENTENCE) == 1
        assert "serve" not in page
        drawn = ElementTree.fromstring(rendered(view, pictures, "svg", "fish"))
        assert SENTENCE in list(drawn.itertext())
        assert json.loads(rendered(view, pictures, "json", "fish"))["remark"] == SENTENCE


def test_its_layers_stand_there_without_maps_or_numbers_of_players(silent: Study) -> None:
    found = silent.explain(IMAGE)
    assert [(one.layer, one.maps) for one in found.columns] == [("conv1", ()), ("conv2", ())]
    page = rendered(found, map_pictures(silent), "html", "fish").decode()
    assert page.count("nothing to show") == 2
    assert "no games yet" not in page


def test_a_view_with_maps_has_no_such_remark(silent: Study) -> None:
    pictures = map_pictures(silent)
    for view in (silent.explain("tench/1.png"), silent.explain_class("tench")):
        assert json.loads(rendered(view, pictures, "json", "fish"))["remark"] is None
        assert "speaks for tench" not in rendered(view, pictures, "svg", "fish").decode()


def test_the_index_names_it_and_nobody_is_asked_to_play_it(
    silent: Study, play: Play, capsys: pytest.CaptureFixture[str]
) -> None:
    play((0, "tench", 0, "fin"))
    assert run(["explain", str(silent.folder), "--all"]) == 0
    said = capsys.readouterr().err
    assert "images without a map, because no layer speaks for the class: 1" in said
    assert "1 images have no words yet; people give them by playing" in said
    index = silent.folder / "results" / "explanations" / "index.json"
    entries = json.loads(index.read_text("utf-8"))
    remarks = {entry["image"]: entry["remark"] for entry in entries["images"]}
    assert remarks == {IMAGE: SENTENCE, "tench/1.png": None, "tench/2.png": None}
    assert [(entry["class"], entry["remark"]) for entry in entries["classes"]] == [
        ("shark", SENTENCE),
        ("tench", None),
    ]


def test_on_screen_it_is_said_as_well(silent: Study, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", str(silent.folder), IMAGE, "--output", str(silent.folder / "p")]) == 0
    assert SENTENCE in capsys.readouterr().err


def test_one_class_may_speak_where_the_other_does_not(study: Study) -> None:
    heat = np.eye(8, dtype=np.float32)
    with ItemWriter(study.folder, "anv") as writer:
        writer.add(first_layer(study, target="shark"))
        writer.add(Evidence(IMAGE, "anv", "shark", 0.5, heat, "conv1", 0, (3,)))
        writer.add(first_layer(study, target="tench", empty=True))
    assert len(study.explain(IMAGE).maps) == 1
    assert study.explain(IMAGE, "tench").maps == ()


def test_maps_that_were_never_written_are_not_taken_for_silence(study: Study) -> None:
    """A process that was killed leaves rows of layers without the maps they tell of."""
    with ItemWriter(study.folder, "anv") as writer:
        writer.add(first_layer(study, target="shark"))
    with pytest.raises(NetglossError, match="has no cluster maps yet"):
        study.explain(IMAGE)
    assert study.explain_all().images == 2


def test_a_report_counts_it_among_the_images_of_its_class(silent: Study) -> None:
    layers = layer_views(silent)
    assert layers is not None
    assert [(one.target, one.images) for one in layers.overall] == [
        ("shark", (IMAGE,)),
        ("tench", ("tench/1.png", "tench/2.png")),
    ]
