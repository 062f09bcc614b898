"""Simulated people at a running server: a study of drawn pictures is answered as by a crowd.

They come over HTTP like anybody else: they see a picture, or the part of one that the game shows,
tell which one of the study it is by looking at it, and say what methods 9's people say about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from queue import SimpleQueue
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from netgloss.answers.knowledge import Knowledge
from netgloss.answers.players import Player
from netgloss.answers.populations import CROWD, dice
from netgloss.answers.simulate import simulate
from netgloss.errors import DataError, OptionError, StudyError
from netgloss.progress import Tracker, untracked
from netgloss.server.client import PATIENCE, Client
from netgloss.server.guessing import PLAY, Album, play_games
from netgloss.server.visiting import Gallery, Says, Wait, answer_batches

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from netgloss.answers.format import Box
    from netgloss.answers.populations import Population
    from netgloss.study import Study

__all__ = ["MOST_PEOPLE", "Rehearsed", "rehearse"]

MOST_PEOPLE = 200
"""Each has a thread and a connection."""
_KNOCK = 2.0  # seconds until it is said that nobody answers
_ANNOTATE = "annotate"

_WHAT = {_ANNOTATE: "simulated people answer", PLAY: "simulated people play"}

Visit = Callable[[Client, str, Wait], Iterator[int]]
"""What a person does who has arrived: yields, an answer kept, what was left out of it."""


@dataclass(frozen=True)
class Rehearsed:
    """What a rehearsal has done.

    Attributes:
        people: How many came.
        answers: How many answers, or games, the server has kept.
        left_out: How many boxes it would not take.
    """

    people: int
    answers: int
    left_out: int


def rehearse(
    study: Study,
    address: str,
    population: Population = CROWD,
    *,
    task: str = _ANNOTATE,
    batches: int = 2,
    seed: int = 0,
    track: Tracker = untracked,
) -> Rehearsed:
    """Lets simulated people answer a study of drawn pictures on the server that serves it.

    They all work at the same time, each as slowly as the task's minimum time demands. Which image
    goes to whom is up to the server; what somebody says about it depends on the seed, the person
    and the image alone.

    Args:
        study: The study that is served, with the truth about its pictures beside them.
        address: Where people reach the server.
        population: Who comes: all its people, each as a guest.
        task: ``annotate``, or ``play`` for Deep Reveal.
        batches: How many batches each does, as far as there are any.
        seed: Of everything they do.
        track: Draws progress.

    Raises:
        DataError: Nothing is known of what can be seen on the pictures, or the server serves
            another study.
        StudyError: The study has no heat maps, or the address does not answer.
        OptionError: A number is out of range, or the address is none.
        Refused: The server turned somebody down, since the task is paused for example.
    """
    names = population.people()
    for what, value, most in (("people", len(names), MOST_PEOPLE), ("batches", batches, 10_000)):
        if not 1 <= value <= most:
            raise OptionError(f"{what} {value}: give a number from 1 to {most}")
    if seed < 0:
        raise OptionError(f"seed {seed}: give a number of 0 or more")
    visit = _visit(study, population, task, batches, seed)
    answers, left_out = 0, 0
    with ExitStack() as doors:
        clients = [doors.enter_context(Client(address, patience=_KNOCK)) for _ in names]
        for client in clients:
            _arrive(client, task)
        size = int(clients[0].ask("GET", f"/tasks/{task}")["batch_size"])
        visits = [_Visit(client, name, visit) for client, name in zip(clients, names, strict=True)]
        try:
            kept = _together(visits)
            for without in track(kept, total=len(names) * batches * size, what=_WHAT[task]):
                answers += 1
                left_out += without
        except DataError as fault:
            raise DataError(f"{address}: {fault}") from fault
    return Rehearsed(len(names), answers, left_out)


def _visit(study: Study, population: Population, task: str, batches: int, seed: int) -> Visit:
    """What each of the people does.

    Raises:
        OptionError: Nobody is simulated at such a task.
    """
    if task == PLAY:
        return _playing(study, population, batches, seed)
    if task == _ANNOTATE:
        return _annotating(study, population, batches, seed)
    raise OptionError(f"task '{task}': simulated people can do {' or '.join(_WHAT)}")


def _annotating(study: Study, population: Population, batches: int, seed: int) -> Visit:
    crowd, gallery = _Crowd(study, population, seed), Gallery(study.usable_images())

    def visit(client: Client, name: str, wait: Wait) -> Iterator[int]:
        forms = dice(seed, name, "forms")
        said = answer_batches(client, gallery, crowd.says_of(name), batches, wait, forms)
        return (len(one.left_out) for one in said)

    return visit


def _playing(study: Study, population: Population, batches: int, seed: int) -> Visit:
    truth, images = _truth(study), study.usable_images()
    album, known = Album(images, truth), Knowledge.of(images, truth)

    def visit(client: Client, name: str, wait: Wait) -> Iterator[int]:
        player = Player(name, population, known, seed)
        games = play_games(client, album, player, batches, wait, dice(seed, name, "forms"))
        return (0 for _ in games)

    return visit


class _Crowd:
    """What each simulated person says about an image, worked out when the image first comes up."""

    def __init__(self, study: Study, population: Population, seed: int) -> None:
        from netgloss.study.heat import chosen_method, heat_by_image

        self._truth, self._seed = _truth(study), seed
        # Which image goes to whom is up to the server, so that everybody may be asked about it.
        self._population = replace(population, size=len(population.people()), pool=0)
        method = chosen_method(study.folder)
        if method is None:
            raise StudyError(
                f"{study.folder}: no heat maps yet; make them with: "
                f"netgloss extract {study.folder} smoothgrad"
            )
        self._heat = heat_by_image(study, method)
        self._said: dict[str, dict[str, tuple[Box, ...]]] = {}
        self._one_at_a_time = Lock()

    def says_of(self, person: str) -> Says:
        """What this person says about an image."""
        return lambda image: self._about(image)[person]

    def _about(self, image: str) -> dict[str, tuple[Box, ...]]:
        with self._one_at_a_time:
            if image not in self._said:
                seen = [(image, self._map(image))]
                answers = simulate(seen, self._truth, self._population, seed=self._seed)
                self._said[image] = {one.person: one.boxes for one in answers}
            return self._said[image]

    def _map(self, image: str) -> NDArray[np.float32]:
        heat = self._heat(image)
        if heat is None:
            raise DataError(f"the server asks about '{image}', which has no heat map in the study")
        return heat


def _truth(study: Study) -> dict[str, Any]:
    """What can be seen on each picture.

    Raises:
        DataError: The pictures are not drawn ones.
    """
    from netgloss.scenes.truth import read_truth

    place = study.source.parent / "truth.json"
    if not place.is_file():
        raise DataError(
            f"{study.folder}: its pictures are not drawn ones, and simulated people know what is "
            "on those alone; make such a study with: netgloss demo"
        )
    truth = read_truth(place)
    unknown = sorted({image.image for image in study.usable_images()} - truth.keys())
    if unknown:
        raise DataError(
            f"{place}: does not say what is on '{unknown[0]}'; draw the pictures again, or make "
            "the study from drawn pictures only"
        )
    return truth


@dataclass(frozen=True, eq=False)
class _Visit:
    """Somebody who has arrived, and what they came for."""

    client: Client
    name: str
    visit: Visit


class _StoppedError(Exception):
    """Somebody else's visit has failed, or the person who waits has had enough."""


def _together(visits: Sequence[_Visit]) -> Iterator[int]:
    """Yields what all their visits do, as it comes; the first fault ends them all."""
    come: SimpleQueue[int | BaseException | None] = SimpleQueue()
    stop = Event()
    with ThreadPoolExecutor(len(visits)) as pool:
        for visit in visits:
            pool.submit(_make, visit, come, stop)
        working = len(visits)
        try:
            while working:
                one = come.get()
                if one is None:
                    working -= 1
                elif isinstance(one, BaseException):
                    raise one
                else:
                    yield one
        finally:
            stop.set()


def _make(visit: _Visit, come: SimpleQueue[int | BaseException | None], stop: Event) -> None:
    def wait(seconds: float) -> None:
        if stop.wait(seconds):
            raise _StoppedError

    try:
        for kept in visit.visit(visit.client, visit.name, wait):
            come.put(kept)
    except _StoppedError:
        pass
    except BaseException as fault:  # raised again where it is waited for
        come.put(fault)
    finally:
        come.put(None)


def _arrive(client: Client, task: str) -> None:
    """Comes as a new guest and agrees to the task's text.

    Raises:
        DataError: What answers there serves no study.
    """
    here = client.ask("GET", "/me")
    if not isinstance(here, dict) or not {"study", "tasks"} <= here.keys():
        raise DataError(
            f"{client.address}: what answers there is no server of a study; "
            "give the address that netgloss serve printed"
        )
    client.patience = PATIENCE
    client.arrive()
    client.consent(task)
