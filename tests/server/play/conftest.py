"""Games on a small real study: cluster maps of photographs, several an image, in two layers."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

T = TypeVar("T")

CLASSES = ("tench", "lobster", "shark", "finch", "church", "pump", "horn")
LAYERS = ("features.5", "features.10")
MAPS_A_LAYER = 3
IMAGES = 14


@pytest.fixture(scope="session")
def cluster_maps(served_study: Path) -> Path:
    """What an extraction would write; laid into the served study by ``maps`` only."""
    import numpy as np

    from netgloss.evidence.base import Detail, Evidence
    from netgloss.evidence.clusters.reading import LAYERS as TABLE
    from netgloss.evidence.clusters.reading import METHOD
    from netgloss.evidence.writer import ItemWriter
    from netgloss.study import Study

    folder = served_study.parent / "with-cluster-maps"
    images = Study.open(served_study).usable_images()[:IMAGES]
    with ItemWriter(folder, METHOD, covers="original") as writer:
        for number, image in enumerate(images):
            dice = np.random.default_rng(number)
            # Every third image was taken for something else, each for another thing.
            target = CLASSES[2 + number // 3] if number % 3 == 0 else image.truth
            for depth, layer in enumerate(LAYERS):
                writer.add(Detail(image.image, TABLE, _layer(target, layer, depth)))
                for unit in range(MAPS_A_LAYER):
                    heat = dice.random((12, 16)).astype(np.float32)
                    weight = 0.5 / (1 + unit) + 0.001 * number + 0.01 * depth
                    writer.add(
                        Evidence(image.image, METHOD, target, weight, heat, layer, unit, (unit,))
                    )
    return folder / "evidence" / METHOD


def _layer(target: Any, layer: str, depth: int) -> dict[str, Any]:
    return {
        "target": target, "layer": layer, "depth": depth, "channels": 64, "active": 9, "kept": 3,
        "flat": 0, "clusters": 3, "shown": 3, "leftover": 0.1, "silhouette": 0.5, "height": 12,
        "width": 16, "empty": False,
    }  # fmt: skip


@pytest.fixture
def maps(served_study: Path, cluster_maps: Path) -> Iterator[Path]:
    """The served study with cluster maps, which are gone again afterwards."""
    place = served_study / "evidence" / cluster_maps.name
    shutil.copytree(cluster_maps, place)
    yield served_study
    shutil.rmtree(place)


class Table:
    """People at the game, who speak to the server as their pages do."""

    def __init__(
        self, folder: Path, visitor: Callable[[], Any], together: Callable[..., list[Any]]
    ) -> None:
        self.folder = folder
        self.visitor = visitor
        self._together = together

    def set_up(self, **settings: Any) -> Any:
        """The game with its items; without waiting or consent, but for what is given."""
        from netgloss.server.tasks.items import set_up
        from netgloss.server.tasks.models import Task
        from netgloss.study import Study

        set_up(Study.open(self.folder), "play")
        settings = {"min_seconds": 0, "consent": "", **settings}
        Task.objects.filter(name="play").update(**settings)
        return Task.objects.get(name="play")

    def guest(self) -> Any:
        """Somebody new, signed in as a guest."""
        somebody = self.visitor()
        assert somebody.post("/guests").status_code == 201
        return somebody

    def account(self, name: str) -> Any:
        """Somebody new with an account."""
        somebody = self.visitor()
        made = somebody.post("/accounts", {"name": name, "password": "seven green lobsters"})
        assert made.status_code == 201, made.content
        return somebody

    def person(self, somebody: Any) -> Any:
        """The row of whoever is signed in there."""
        from netgloss.server.people.models import Person

        return Person.objects.get(id=somebody.client.session["_auth_user_id"])

    def next_one(self, somebody: Any, game: Any) -> Any:
        """The answer to somebody who wants the game after this one."""
        return somebody.post(f"/tasks/play/batch?after={game['batch']}")

    def deal(self, somebody: Any, **wishes: Any) -> dict[str, Any]:
        """Their open game, or a new one, as the page gets it, with the ``batch`` it is."""
        answer = somebody.post("/tasks/play/batch", wishes)
        assert answer.status_code == 200, answer.content
        batch = answer.json()
        [game] = batch["assignments"]
        return {**game, "batch": batch["id"]}

    def act(self, somebody: Any, game: Any, action: str, key: Any = None, **body: Any) -> Any:
        """The answer to an action."""
        sent = {"key": str(key or uuid.uuid4()), "action": action, "body": body}
        return somebody.post(f"/assignments/{game['id']}/actions", sent)

    def hint(self, somebody: Any, game: Any, times: int = 1) -> dict[str, Any]:
        """What is shown after so many more hints."""
        shown: dict[str, Any] = game["shown"]
        for _ in range(times):
            answer = self.act(somebody, game, "hint")
            assert answer.status_code == 200, answer.content
            shown = answer.json()["shown"]
        return shown

    def guess(self, somebody: Any, game: Any, right: bool = True) -> dict[str, Any]:
        """What is shown after a guess that is right, or wrong."""
        names, wanted = game["shown"]["options"], self.answer(game)
        option = next(n for n, name in enumerate(names) if (name == wanted) is right)
        answer = self.act(somebody, game, "guess", option=option)
        assert answer.status_code == 200, answer.content
        shown: dict[str, Any] = answer.json()["shown"]
        return shown

    def answer(self, game: Any) -> str:
        """The class to name, which no page is told."""
        course = self.row(game).course
        return str(course["truth"] or course["target"])

    def row(self, game: Any) -> Any:
        """The assignment's row."""
        from netgloss.server.tasks.models import Assignment

        return Assignment.objects.select_related("item", "task").get(pk=game["id"])

    def send(self, somebody: Any, game: Any, key: Any = None, **body: Any) -> Any:
        """The answer to a submit."""
        sent = {"key": str(key or uuid.uuid4()), "body": body}
        return somebody.post(f"/assignments/{game['id']}/answer", sent)

    def end(self, somebody: Any, game: Any) -> dict[str, Any]:
        """What the finished game is followed by."""
        answer = somebody.post(f"/batches/{game['batch']}/finish")
        assert answer.status_code == 200, answer.content
        told: dict[str, Any] = answer.json()
        return told

    def play(
        self,
        somebody: Any,
        *,
        right: bool = True,
        hints: int = 0,
        tags: Any = ("fin",),
        **wishes: Any,
    ) -> dict[str, Any]:
        """A whole game; returns it with what was shown at the end."""
        game = self.deal(somebody, **wishes)
        self.hint(somebody, game, hints)
        self.guess(somebody, game, right)
        sent = self.send(somebody, game, tags=list(tags))
        assert sent.status_code == 200, sent.content
        return self.over(somebody, game)

    def resign(self, somebody: Any) -> dict[str, Any]:
        """A game given up after the last hint."""
        game = self.deal(somebody)
        self.hint(somebody, game, 5)
        sent = self.send(somebody, game, resign=True)
        assert sent.status_code == 200, sent.content
        return self.over(somebody, game)

    def over(self, somebody: Any, game: Any) -> dict[str, Any]:
        """The game as its outcome page shows it, finished."""
        [shown] = somebody.get(f"/batches/{game['batch']}").json()["assignments"]
        forms = self.end(somebody, game)["forms"]
        return {**game, **shown, "forms": forms}

    def home(self, somebody: Any) -> dict[str, Any]:
        """What the home page shows."""
        answer = somebody.get("/play")
        assert answer.status_code == 200, answer.content
        told: dict[str, Any] = answer.json()
        return told

    def refused(self, answer: Any, status: int, code: str) -> dict[str, Any]:
        """The refusal that the answer must be."""
        assert answer.status_code == status, answer.content
        error: dict[str, Any] = answer.json()["error"]
        assert error["code"] == code
        return error

    def at_once(self, works: list[Callable[[], T]]) -> list[T]:
        """What each returned; all begin at the same moment."""
        results = self._together(works)
        assert [one for one in results if isinstance(one, Exception)] == []
        return results

    def check_counts(self) -> None:
        """Standings are the sums of games, slots are counted rightly, no image was had twice."""
        from netgloss.server.play.models import Player
        from netgloss.server.play.players import standing_of
        from netgloss.server.play.standing import Standing
        from netgloss.server.tasks.models import Assignment, Item

        for player in Player.objects.all():
            counted = Standing()
            games = Assignment.objects.filter(person=player.person, task="play", state="answered")
            for game in games.order_by("answered_at", "pk"):
                counted.add(game.answer)
            assert standing_of(player) == counted
        for item in Item.objects.all():
            assert item.taken == item.assignments.filter(slot__isnull=False).count() <= item.quota
        had = list(Assignment.objects.filter(task="play").values_list("person", "image"))
        assert len(had) == len(set(had))


@pytest.fixture
def table(visitor: Callable[[], Any], maps: Path, together: Callable[..., list[Any]]) -> Table:
    """The game's table, not yet set up."""
    return Table(maps, visitor, together)


@pytest.fixture
def task(table: Table) -> Any:
    """The game without waiting, consent or control games."""
    return table.set_up(controls=0)


@pytest.fixture
def organiser(table: Table) -> Any:
    """A browser in which an organiser is signed in."""
    from netgloss.server.people.models import Person

    browser = table.account("Olga")
    Person.objects.filter(name="Olga").update(role="organiser")
    return browser
