"""Several tasks on one study: each is there if there are heat maps for it, and minds its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from netgloss.store.locks import writing

LAYERS = ("features.5", "features.10")
IMAGES = 14  # in the order of their names: two classes


@pytest.fixture
def write(write_cluster_maps: Callable[..., None], served_study: Path) -> Callable[..., None]:
    """Writes cluster maps beside the served study's heat maps."""
    return lambda images=IMAGES: write_cluster_maps(served_study, images, LAYERS)


@pytest.fixture
def evidence(database: None, served_study: Path, tmp_path: Path) -> Iterator[Path]:
    """The served study's evidence, put back afterwards."""
    folder, kept = served_study / "evidence", tmp_path / "kept"
    shutil.copytree(folder, kept)
    yield folder
    shutil.rmtree(folder)
    shutil.copytree(kept, folder)


def set_up(evidence: Path) -> list[str]:
    from netgloss.server.tasks import engine
    from netgloss.study import Study

    return [task.name for task in engine.set_up_all(Study.open(evidence.parent))]


def listed(visitor: Callable[[], Any]) -> list[str]:
    return [task["name"] for task in visitor().get("/me").json()["tasks"]]


def test_heat_maps_alone_make_the_annotation(visitor: Callable[[], Any], evidence: Path) -> None:
    assert set_up(evidence) == ["annotate"] == listed(visitor)


def test_cluster_maps_alone_make_the_game(
    visitor: Callable[[], Any], evidence: Path, write: Any
) -> None:
    shutil.rmtree(evidence / "heatmaps")
    write()
    assert set_up(evidence) == ["play"] == listed(visitor)


def test_both_make_both_each_with_its_own_items_and_settings(
    visitor: Callable[[], Any], evidence: Path, write: Any
) -> None:
    from netgloss.server.tasks.models import Task

    write()
    assert set_up(evidence) == ["annotate", "play"] == listed(visitor)
    annotate, play = Task.objects.order_by("name")
    assert (annotate.method, annotate.batch_size, annotate.items.count()) == ("heatmaps", 10, 24)
    assert (play.method, play.batch_size, play.items.count()) == ("anv", 1, 2 * IMAGES)
    assert set(play.items.values_list("layer", "weight")) == {(name, 1.0) for name in LAYERS}
    assert set(annotate.items.values_list("layer", "weight")) == {("", 1.0)}
    # Again changes nothing.
    items = set(play.items.values_list("pk", "retired"))
    set_up(evidence)
    assert set(play.items.values_list("pk", "retired")) == items


def test_a_study_that_asks_nothing_says_how_to_make_heat_maps(evidence: Path) -> None:
    from netgloss.errors import StudyError

    shutil.rmtree(evidence / "heatmaps")
    with pytest.raises(StudyError, match="no heat maps yet; make them with: netgloss extract"):
        set_up(evidence)


def test_a_task_without_heat_maps_rests_until_they_are_there_again(
    visitor: Callable[[], Any], evidence: Path, write: Any
) -> None:
    from netgloss.server.tasks.models import Item

    def asked() -> dict[str, int]:
        rows = Item.objects.filter(retired=False).values_list("task", flat=True)
        return {name: list(rows).count(name) for name in ("annotate", "play")}

    write()
    set_up(evidence)
    shutil.rmtree(evidence / "anv")
    assert set_up(evidence) == ["annotate"]
    assert asked() == {"annotate": 24, "play": 0}
    write()
    assert set_up(evidence) == ["annotate", "play"]
    assert asked() == {"annotate": 24, "play": 2 * IMAGES}


def test_cluster_maps_that_come_while_the_study_is_served_make_the_game(
    visitor: Callable[[], Any], evidence: Path, write: Any
) -> None:
    from netgloss.server.tasks.models import Task
    from netgloss.server.tasks.watching import EvidenceWatch

    set_up(evidence)
    watch = EvidenceWatch(evidence.parent)
    with writing(evidence.parent, "evidence-anv"):
        write(15)
        # Half of them: whoever makes them is not done.
        assert watch.look() == []
    assert [task.name for task in watch.look()] == ["annotate", "play"]
    assert listed(visitor) == ["annotate", "play"]
    assert Task.objects.get(name="play").items.count() == 15 * len(LAYERS)
    assert watch.look() == []


def test_each_task_follows_its_own_method(evidence: Path, write: Any) -> None:
    from netgloss.server.tasks.models import Task
    from netgloss.server.tasks.watching import EvidenceWatch

    write()
    set_up(evidence)
    watch = EvidenceWatch(evidence.parent)
    shutil.rmtree(evidence / "anv")
    write(IMAGES + 2)
    watch.look()
    annotate, play = Task.objects.order_by("name")
    assert play.items.filter(retired=False).count() == 2 * (IMAGES + 2)
    assert annotate.items.filter(retired=False).count() == 24


@pytest.mark.parametrize(("query", "where"), [("", "/annotate"), ("&task=play", "/play")])
def test_a_panels_link_says_which_of_two_tasks(
    visitor: Callable[[], Any], evidence: Path, write: Any, query: str, where: str
) -> None:
    write()
    set_up(evidence)
    answer = visitor().client.get(f"/from/prolific?PROLIFIC_PID=1{query}")
    assert answer.headers["Location"] == where


def test_a_panels_link_leads_to_the_only_task(
    visitor: Callable[[], Any], evidence: Path, write: Any
) -> None:
    from netgloss.server.people.models import Person

    shutil.rmtree(evidence / "heatmaps")
    write()
    set_up(evidence)
    answer = visitor().client.get("/from/prolific?PROLIFIC_PID=1")
    assert answer.headers["Location"] == "/play"
    assert visitor().client.get("/from/prolific?PROLIFIC_PID=2&task=annotate").status_code == 404
    assert Person.objects.count() == 1
