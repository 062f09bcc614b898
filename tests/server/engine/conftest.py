"""What people do at the engine's desk, in one word each; every test runs on both databases."""

from __future__ import annotations

import sys
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, TypeVar

import pytest

from netgloss.errors import StudyError
from netgloss.server.errors import RequestError
from netgloss.server.tasks.kinds import KINDS, Candidate, KindBase

T = TypeVar("T")


class Clock:
    """The server's clock, which a test turns on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from django.utils import timezone

        self.now = timezone.now()
        monkeypatch.setattr(timezone, "now", lambda: self.now)

    def pass_by(self, seconds: float) -> None:
        """Lets so many seconds pass."""
        self.now += timedelta(seconds=seconds)


class Desk:
    """Guests who come, take batches and answer, and what must hold whatever they do."""

    CLAW: ClassVar[dict[str, Any]] = {
        "boxes": [{"type": "claw", "attributes": ["red"], "x0": 1, "y0": 2, "x1": 30, "y1": 40}],
        "nothing": False,
    }
    NOTHING: ClassVar[dict[str, Any]] = {"boxes": [], "nothing": True}

    def __init__(self, folder: Path, together: Callable[..., list[Any]]) -> None:
        self.folder = folder
        self._together = together

    def make_task(self, **settings: Any) -> Any:
        """A task without waiting, controls or consent, but for what is given."""
        from netgloss.server.tasks import engine
        from netgloss.server.tasks.models import Task
        from netgloss.study import Study

        settings = {"min_seconds": 0, "controls": 0, "quota": 2, "batch_size": 10, **settings}
        task = Task.objects.create(name="annotate", title="t", method="heatmaps", **settings)
        engine.sync_items(Study.open(self.folder), task)
        return task

    def guest(self) -> Any:
        """Somebody new."""
        from netgloss.server.people.models import Person

        return Person.objects.guest()

    def open_batch(self, person: Any) -> Any:
        """Their open batch, or a new one."""
        from netgloss.server.tasks import engine

        return engine.open_batch("annotate", person)

    def live(self, batch: Any) -> list[Any]:
        """The batch's assignments that have not gone to others."""
        return list(batch.assignments.exclude(state="gone").order_by("position"))

    def submit(
        self, assignment: Any, person: Any, body: Any = CLAW, key: uuid.UUID | None = None
    ) -> Any:
        """The receipt of an answer."""
        from netgloss.server.tasks import engine

        return engine.submit(assignment.pk, person, key or uuid.uuid4(), body)

    def answer_all(self, person: Any) -> Any:
        """A batch, answered and finished."""
        from netgloss.server.tasks import engine

        batch = self.open_batch(person)
        for assignment in self.live(batch):
            if assignment.state == "open":
                self.submit(assignment, person)
        return engine.finish_batch(batch.pk, person)

    def refused(self, work: Callable[[], Any], code: str, status: int = 409) -> RequestError:
        """The refusal that the work must end with."""
        with pytest.raises(RequestError) as caught:
            work()
        assert (caught.value.code, caught.value.status) == (code, status)
        return caught.value

    def at_once(self, works: list[Callable[[], T]]) -> list[T | RequestError]:
        """What each returned or was refused with; all begin at the same moment."""
        results = self._together(works)
        crashed = [one for one in results if isinstance(one, Exception)]
        assert [one for one in crashed if not isinstance(one, RequestError)] == []
        return results

    def check_counts(self) -> None:
        """No item over its quota, no slot miscounted, nobody with an image twice."""
        from netgloss.server.tasks.models import Assignment, Item

        held = Counter(
            Assignment.objects.filter(slot__isnull=False).values_list("item_id", flat=True)
        )
        for item in Item.objects.all():
            assert item.taken == held[item.pk] <= item.quota
        had = Counter(Assignment.objects.values_list("task_id", "person_id", "image"))
        assert not had or max(had.values()) == 1
        assert not Assignment.objects.filter(control=True, slot__isnull=False).exists()


class Guess(KindBase):
    """A small guessing game: up to five hints, then a word that stands."""

    name: ClassVar[str] = "guess"
    title: ClassVar[str] = "Guess"
    defaults: ClassVar[Mapping[str, Any]] = {"batch_size": 1, "min_seconds": 0.0, "quota": 5}
    corrects: ClassVar[bool] = False
    hides_images: ClassVar[bool] = True
    consent = ""
    instructions = "Guess."
    MOST: ClassVar[int] = 5
    settled: ClassVar[list[Any]] = []
    unreadable: ClassVar[bool] = False
    unsettled: ClassVar[bool] = False
    due: ClassVar[int] = 0

    def methods(self, *_: Any) -> list[str]:
        return ["heatmaps"]

    def items(self, study: Any, method: str) -> list[Candidate]:
        from netgloss.server.tasks.evidence import stored_evidence

        stored = stored_evidence(method, study.folder)
        return [Candidate(name, stored.image(name).image, weight=0.5) for name in stored]

    def check_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        return dict(options)

    def check_wishes(self, _task: Any, wishes: Mapping[str, Any]) -> dict[str, Any]:
        return {"label": str(wishes["label"])} if wishes else {}

    def eligible(self, batch: Any, items: Any) -> Any:
        return items.filter(image__contains=batch.wishes.get("label", ""))

    def controls_due(self, *_: Any) -> int:
        return self.due

    def deal(self, assignment: Any) -> dict[str, Any]:
        if self.unreadable:
            raise StudyError("the heat map is not there")
        return {"hints": 0, "dealt": assignment.item.evidence, "to": str(assignment.batch.pk)}

    def shown(self, assignment: Any) -> dict[str, Any]:
        return {"hints": assignment.course["hints"], "over": assignment.state == "answered"}

    def act(self, assignment: Any, action: str, body: Mapping[str, Any]) -> None:
        if action != "hint":
            return super().act(assignment, action, body)
        hints = assignment.course["hints"]
        if hints >= self.MOST:
            raise RequestError(409, "no_hints", "There are no more hints.")
        assignment.course = {**assignment.course, "hints": hints + 1}
        return None

    def check(self, assignment: Any, body: Any, *_: bool) -> dict[str, Any]:
        return {"word": body["word"], "hints": assignment.course["hints"]}

    def settle(self, assignment: Any) -> None:
        self.settled.append(assignment.pk)
        if self.unsettled:
            raise RequestError(409, "unsettled", "It cannot be counted.")

    def words(self, *_: Any) -> dict[str, Any]:
        return {}

    def passes(self, body: dict[str, Any], expected: dict[str, Any]) -> bool:
        return bool(body["word"] == expected["word"])

    def expectation(self, expected: Any) -> dict[str, Any]:
        return dict(expected)


class Game:
    """People who play the guessing game."""

    MOST = Guess.MOST

    def __init__(self, desk: Desk) -> None:
        from netgloss.server.tasks import engine
        from netgloss.study import Study

        self.task = engine.set_up(Study.open(desk.folder), "guess")

    def begin(self, person: Any, **wishes: str) -> Any:
        """The assignment of their open game, or of a new one."""
        from netgloss.server.tasks import engine

        batch = engine.open_batch("guess", person, wishes=wishes)
        return batch.assignments.exclude(state="gone").get()

    def hint(
        self, assignment: Any, person: Any, key: uuid.UUID | None = None, action: str = "hint"
    ) -> Any:
        """The reply to an action."""
        from netgloss.server.tasks import engine

        return engine.act(assignment.pk, person, key or uuid.uuid4(), action, {})

    def say(
        self, assignment: Any, person: Any, key: uuid.UUID | None = None, word: str = "claw"
    ) -> Any:
        """The receipt of an answer."""
        from netgloss.server.tasks import engine

        return engine.submit(assignment.pk, person, key or uuid.uuid4(), {"word": word})

    def play(self, person: Any, **wishes: str) -> Any:
        """The assignment of a game that is over."""
        from netgloss.server.tasks import engine

        assignment = self.begin(person, **wishes)
        self.say(assignment, person)
        engine.finish_batch(assignment.batch_id, person)
        return assignment


@pytest.fixture
def clock(database: None, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The server's clock, standing still until the test turns it on."""
    return Clock(monkeypatch)


@pytest.fixture
def desk(database: None, served_study: Path, together: Callable[..., list[Any]]) -> Desk:
    """The desk of the served study."""
    return Desk(served_study, together)


@pytest.fixture
def task(desk: Desk) -> Any:
    """A task without waiting, controls or consent."""
    return desk.make_task()


@pytest.fixture
def guess(monkeypatch: pytest.MonkeyPatch) -> type[Guess]:
    """The guessing game's kind, known to the engine while the test lasts."""
    module, kind = ModuleType("guessing_game"), type("Kind", (Guess,), {"settled": []})
    vars(module)["Kind"] = kind
    monkeypatch.setitem(sys.modules, "guessing_game", module)
    monkeypatch.setitem(KINDS, "guess", "guessing_game:Kind")
    return kind


@pytest.fixture
def game(guess: type[Guess], desk: Desk) -> Game:
    """The guessing game, set up."""
    return Game(desk)
