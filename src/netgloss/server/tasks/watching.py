"""Notices that heat maps changed while they are served, and brings the items up to date."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from django.db import DatabaseError, connections

from netgloss.errors import NetglossError, StudyError
from netgloss.server.tasks.evidence import version_of
from netgloss.server.tasks.items import set_up, sync_items
from netgloss.server.tasks.kinds import kinds
from netgloss.server.tasks.models import Task
from netgloss.store.locks import writing
from netgloss.study import Study

__all__ = ["EvidenceWatch", "watch"]

_LOOK_SECONDS = 3.0
_LOG = logging.getLogger("netgloss.server.tasks")


class EvidenceWatch:
    """Brings the tasks' items up to date where the study's tables have changed.

    While another process writes heat maps, nothing is done: an extraction that starts anew passes
    through states in which most of them are missing.

    Args:
        folder: The study folder. What changes from here on is noticed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = self._tables()

    def look(self) -> list[Task]:
        """The tasks whose items were brought up to date; without a change it asks the disk only.

        A task that the study has heat maps for now, and had none before, is set up.
        A task whose heat maps cannot be read stays as it is, and the log says why. It is tried
        again once something has changed again.
        """
        tables = self._tables()
        if tables == self._seen:
            return []
        methods = dict(Task.objects.values_list("name", "method"))
        methods = {**self._possible(), **methods}
        if any(self._is_written(method) for method in methods.values()):
            return []
        done = [task for name in sorted(methods) if (task := self._synced(name))]
        # Not before: where the database did not answer, it is asked again.
        self._seen = tables
        return done

    def _tables(self) -> dict[Path, tuple[int, int]]:
        """The tables that items are made of, each with what changes when it does."""
        tables = [self._folder / "study.toml", self._folder / "images.parquet"]
        tables += self._folder.glob("evidence/*/items.parquet")
        return {path: version_of(path) for path in tables}

    def _is_written(self, method: str) -> bool:
        """Whether another process is at work on the method's heat maps."""
        try:
            with writing(self._folder, f"evidence-{method}", seconds=0):
                return False
        except StudyError:
            return True

    def _possible(self) -> dict[str, str]:
        """Each task that the study has heat maps for, and their method."""
        try:
            study = Study.open(self._folder)
            possible = {kind.name: kind.methods(study) for kind in kinds()}
        except NetglossError as fault:
            _LOG.warning("no new tasks can be set up: %s", fault)
            return {}
        return {name: methods[0] for name, methods in possible.items() if methods}

    def _synced(self, name: str) -> Task | None:
        try:
            task = Task.objects.filter(name=name).first()
            study = Study.open(self._folder)
            if task is None:
                task = set_up(study, name)
                _LOG.info("%s is set up: it has heat maps now", name)
                return task
            synced = sync_items(study, task)
        except NetglossError as fault:
            _LOG.warning("the items of %s stay as they are: %s", name, fault)
            return None
        counts = (synced.new, synced.retired, synced.returned)
        _LOG.info("items of %s: %d new, %d retired, %d returned", name, *counts)
        return task


def watch(
    seen: EvidenceWatch, changed: Callable[[Task], object], ended: threading.Event | None = None
) -> threading.Thread:
    """Starts looking at the study every few seconds.

    Args:
        seen: Made before the items were, so that no change in between is missed.
        changed: Called with each task whose items were brought up to date.
        ended: Once it is set nobody looks any more; None for as long as the process lives.

    Returns:
        The thread; it does not keep the process alive.
    """
    work = (seen, changed, ended or threading.Event())
    thread = threading.Thread(target=_watch, args=work, name="heat maps", daemon=True)
    thread.start()
    return thread


def _watch(seen: EvidenceWatch, changed: Callable[[Task], object], ended: threading.Event) -> None:
    while not ended.wait(_LOOK_SECONDS):
        try:
            for task in seen.look():
                changed(task)
        except (DatabaseError, OSError):
            _LOG.exception("the items cannot be brought up to date; it is tried again")
        finally:
            connections.close_all()
