"""A study to play on, and people at the game with browsers of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, expect

from netgloss.study import Study

# None of them is a word that nicknames are made of.
CLASSES = ("church", "lobster", "pump", "shark", "tench", "tractor", "violin")
SIZE = (240, 180)
MOST_HINTS = 5
HASTE = 600  # milliseconds; a click sooner than that was meant for the step before
_IMAGES_A_CLASS = 5


def draw_game_study(folder: Path, write_cluster_maps: Callable[..., None]) -> Path:
    """Pictures whose folders and names say what they show, with heat maps and cluster maps."""
    rows = ["image,predicted_label"]
    (folder / "maps").mkdir()
    for place, name in enumerate(CLASSES):
        (folder / "photos" / name).mkdir(parents=True)
        for number in range(_IMAGES_A_CLASS):
            dice = np.random.default_rng((place, number))
            coarse = Image.fromarray(dice.integers(40, 256, (6, 8, 3), dtype=np.uint8))
            coarse.resize(SIZE).save(folder / "photos" / name / f"{name}_{number}.png")
            np.save(folder / "maps" / f"{name}_{number}.npy", dice.random((6, 8)))
            rows.append(f"{name}/{name}_{number}.png,{name}")
    predictions = folder / "predictions.csv"
    predictions.write_text("\n".join(rows) + "\n")
    made = Study.create(folder / "study", folder / "photos", predictions=predictions)
    made.import_heatmaps(folder / "maps")
    write_cluster_maps(made.folder, len(rows), ("features.5", "features.10"), maps=2)
    return made.folder


class Player:
    """Somebody at the game, and what the server knows of it."""

    CLASSES, SIZE, MOST_HINTS, HASTE = CLASSES, SIZE, MOST_HINTS, HASTE

    def __init__(self, visitor: Any) -> None:
        self.visitor, self.served, self.page = visitor, visitor.served, visitor.page
        self.ask, self.press = visitor.ask, visitor.press

    def arrive(self, games: int = 0) -> None:
        """Becomes a guest who has agreed, and played some games without looking."""
        self.ask("GET", "/me")
        self.ask("POST", "/guests", {})
        self.agree(games)

    def agree(self, games: int = 0) -> None:
        """Agrees to the consent page, and plays some games without looking."""
        task = self.ask("GET", "/tasks/play")
        self.ask("POST", "/tasks/play/consent", {"version": task["consent_version"]})
        for _ in range(games):
            self.play_blindly()

    def play_blindly(self) -> None:
        """Wins a game through the API."""
        batch = self.ask("POST", "/tasks/play/batch", {})
        [game] = batch["assignments"]
        option = game["shown"]["options"].index(self.answer())
        path, key = f"/assignments/{game['id']}", "00000000-0000-4000-8000-{:012}"
        asked = {"key": key.format(1), "action": "guess", "body": {"option": option}}
        self.ask("POST", f"{path}/actions", asked)
        self.ask("POST", f"{path}/answer", {"key": key.format(2), "body": {"tags": ["fin"]}})
        self.ask("POST", f"/batches/{batch['id']}/finish", {})

    def begin(self) -> None:
        """To the game's page; whoever has an open game has read the instructions."""
        self.ask("POST", "/tasks/play/batch", {})
        self.visitor.open("/play/game")
        self.see()

    def see(self) -> None:
        """Waits until the picture of this step is on the screen."""
        picture = self.page.locator(".frame img").last
        expect(picture).to_have_class(re.compile("there"))
        expect(self.page.get_by_text("Loading the picture")).to_have_count(0)

    def at(self, level: int) -> None:
        expect(
            self.page.get_by_text(f"Level {level} of {MOST_HINTS + 1}", exact=True)
        ).to_be_visible()
        self.see()

    def more(self, level: int) -> None:
        """Asks for the next level, later than a second click of a double one would come."""
        self.page.wait_for_timeout(self.HASTE)
        self.page.get_by_role("button", name="Show more").click()
        self.at(level)

    def phase(self, name: str) -> None:
        expect(self.page.locator(".match")).to_have_attribute("data-phase", name)

    def over(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=2, name=heading)).to_be_visible()
        self.phase("over")
        self.see()

    def options(self) -> Locator:
        return self.page.locator(".ask li button")

    def option(self, right: bool) -> int:
        """The place of the class to name, or of another one."""
        names, answer = self.course()["options"], self.answer()
        return next(place for place, name in enumerate(names) if (name == answer) is right)

    def guess(self, right: bool = True) -> str:
        """Clicks a class; returns its name."""
        self.page.wait_for_timeout(self.HASTE)
        place = self.option(right)
        self.options().nth(place).click()
        self.phase("tag")
        return str(self.course()["options"][place])

    # ------------------------------------------------------------------ what the server has of it

    def row(self, column: str) -> Any:
        """Of the latest game."""
        person = self.ask("GET", "/me/data")["person"]["id"].replace("-", "")
        found = self.served.rows(
            f"SELECT a.{column} FROM tasks_assignment a JOIN tasks_batch b ON b.id = a.batch_id "
            "WHERE a.task_id = 'play' AND a.person_id = ? ORDER BY b.started_at DESC LIMIT 1",
            person,
        )
        return found[0][0]

    def course(self) -> dict[str, Any]:
        return dict(json.loads(self.row("course")))

    def kept(self) -> dict[str, Any]:
        return dict(json.loads(self.row("answer")))

    def answer(self) -> str:
        """The class to name, which no page is told."""
        course = self.course()
        return str(course["truth"] or course["target"])

    def score(self) -> int:
        return int(self.ask("GET", "/play")["score"])
