"""Many people play Deep Reveal at once: Locust users in a process of their own.

``python -m benchmarks.gamers ADDRESS PEOPLE SECONDS FILE`` writes the requests as
``benchmarks.crowd`` does, and beside them ``FILE.games``: a line a game that was acknowledged,
whenever that was.
"""

from __future__ import annotations

import json
import random
import sys
import uuid
from pathlib import Path
from typing import Any

from locust import task

from benchmarks.crowd import Visitor, main

__all__ = ["Gamer", "ledger_of"]

_GAMES = 10
_HINTS = (0, 0, 1, 1, 2, 2, 3, 4)  # 1.6 a game (thesis, Table 5)
_WORDS = ("claw", "wheel", "red stripe", "window", "fin", "eye", "handle", "green leaf")
_AGAIN = 0.1  # share of the actions and answers that are sent twice
_ledger: Path | None = None


def ledger_of(file: Path) -> Path:
    """Where the acknowledged games are written.

    Args:
        file: Where the requests are.
    """
    return file.with_suffix(".games")


class Gamer(Visitor):
    """Comes as a guest, agrees, and plays game after game, as the pages would ask."""

    @task
    def take_part(self) -> None:
        """A whole visit; then somebody else comes in this one's place."""
        self.arrive("play")
        self.ask("GET", "/api/play")
        self.ask("GET", "/api/tasks/play/words")
        after = ""
        for _ in range(_GAMES):
            batch = self.ask("POST", f"/api/tasks/play/batch{after}", {}, "/api/tasks/play/batch")
            for assignment in batch["assignments"]:
                self.play(assignment)
            self.think()
            after = f"?after={batch['id']}"
        self.ask("POST", f"/api/batches/{batch['id']}/finish", {}, "/api/batches/finish")
        self.ask("GET", "/api/play/leaderboard")
        self.think()

    def play(self, assignment: dict[str, Any]) -> None:
        """Uncovers, guesses, says what was seen, and looks at how it ended."""
        place, name = f"/api/assignments/{assignment['id']}", "/api/assignments"
        shown = assignment["shown"]
        self.picture(shown["picture"], "reveal")
        hints = random.choice(_HINTS)
        for _ in range(hints):
            self.think()
            shown = self.act(place, "hint", {})["shown"]
            self.picture(shown["picture"], "reveal")
        self.think()
        option = random.randrange(len(shown["options"]))
        self.act(place, "guess", {"option": option})
        self.think()
        tags = random.sample(_WORDS, random.randint(1, 2))
        answer = {"key": str(uuid.uuid4()), "body": {"tags": tags}}
        over = self.ask("POST", f"{place}/answer", answer, f"{name}/answer")
        guess = shown["options"][option]
        note({"id": assignment["id"], "guess": guess, "hints": hints, "tags": tags})
        if random.random() < _AGAIN:
            self.ask("POST", f"{place}/answer", answer, f"{name}/answer")
        self.picture(over["shown"]["whole"], "whole")

    def act(self, place: str, action: str, body: dict[str, Any]) -> Any:
        """An action, now and then sent twice, as after a break of the connection."""
        sent = {"key": str(uuid.uuid4()), "action": action, "body": body}
        times = 2 if random.random() < _AGAIN else 1
        replies = [
            self.ask("POST", f"{place}/actions", sent, f"/api/assignments/actions ({action})")
            for _ in range(times)
        ]
        return replies[-1]

    def picture(self, address: str, kind: str) -> None:
        """What an address shows."""
        self.ask("GET", address, name=f"/pictures ({kind})")


def note(game: dict[str, Any]) -> None:
    """Puts down an acknowledged game.

    Args:
        game: What was acknowledged.
    """
    if _ledger is not None:
        with _ledger.open("a", encoding="utf-8") as out:
            out.write(json.dumps(game) + "\n")


if __name__ == "__main__":
    _ledger = ledger_of(Path(sys.argv[4]))
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]), Gamer)
