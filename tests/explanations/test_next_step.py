"""What `netgloss status` names as the next step, from cluster maps to words of what layers saw."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from netgloss.answers.format import Answer, Box
from netgloss.evidence.base import Evidence
from netgloss.evidence.writer import ItemWriter
from netgloss.study import Study
from netgloss.study.overview import overview

Play = Callable[..., None]


def next_step(study: Study) -> str:
    """What stands behind ``next:`` on the last line, the study being called fish."""
    *_, last = overview(study)
    assert last.startswith("next: ")
    return last.removeprefix("next: ").replace(str(study.folder), "fish")


def describe(study: Study) -> None:
    """One person describes one image, and words are made of it."""
    with ItemWriter(study.folder, "smoothgrad") as writer:
        heat = np.eye(4, dtype=np.float32)
        writer.add(Evidence("tench/1.png", "smoothgrad", "tench", 1.0, heat))
    boxes = (Box("fin", ("green",), 0, 0, 9, 9),)
    study.add_answers([Answer("1", "annotate", "ann", "tench/1.png", 9.0, "typed", boxes)])
    study.words(embedding="none")


def test_cluster_maps_alone_are_put_before_players(study: Study) -> None:
    assert next_step(study) == (
        "netgloss serve fish, then netgloss export fish answers; or netgloss import fish games FILE"
    )


def test_a_study_that_can_make_no_heat_maps_is_given_some(study: Study) -> None:
    for file in (study.folder / "evidence" / "anv").iterdir():
        file.unlink()
    assert next_step(study) == "netgloss import fish heatmaps DIR, or netgloss import fish csv FILE"


def test_games_without_a_vocabulary_are_made_words_of(study: Study, play: Play) -> None:
    play((0, "tench", 1, "fin"))
    (study.folder / "vocabulary.csv").unlink()
    assert next_step(study) == "netgloss words fish"


def test_named_cluster_maps_are_explained(study: Study, play: Play) -> None:
    play((0, "tench", 1, "fin"))
    assert next_step(study) == (
        "netgloss rank fish, or netgloss report fish, or netgloss explain fish --all"
    )


def test_words_of_boxes_leave_cluster_maps_to_be_played(study: Study) -> None:
    describe(study)
    assert next_step(study) == (
        "netgloss rank fish, or netgloss report fish, "
        "or netgloss serve fish for words of its cluster maps"
    )


def test_a_study_without_cluster_maps_hears_nothing_of_them(study: Study) -> None:
    describe(study)
    for file in (study.folder / "evidence" / "anv").iterdir():
        file.unlink()
    assert next_step(study) == "netgloss rank fish, or netgloss report fish"
