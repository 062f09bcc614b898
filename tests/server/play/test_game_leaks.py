"""Nothing gives the answer away before the end: bodies, headers, pictures, sizes, queries.

The strongest of these tests compare worlds that differ in the secret alone: the same game, on the
same picture with the same options, in which another class is the right one, or which is a control.
Whatever a player can observe must be the same to the byte.
"""

from __future__ import annotations

import io
import json
import struct
import uuid
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from netgloss.vision.reveal import revealed, visibility

LEVELS = range(6)
SHOWN = {"phase", "picture", "hints", "most_hints", "points", "price", "tag_bonus", "options",
         "guess"}  # fmt: skip
"""What a page is told of a game that is not over."""
PICTURE_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "Content-Type": "image/webp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
PAGES = ("/play", "/play/game", "/play/leaderboard", "/play/instructions")
LOOKS = ("/me", "/me/data", "/play", "/play/leaderboard", "/tasks/play", "/tasks/play/words")
"""What a player may look at in the middle of a game."""


def get(path: str, **headers: str) -> Any:
    """What somebody without cookies gets."""
    from django.test import Client

    return Client().get(path, headers=headers)


def addresses(game: Any) -> dict[str, str]:
    """The address of every picture that the server could sign for a game."""
    from netgloss.server.pictures import Picture, address

    key = uuid.UUID(game["id"])
    found = {f"level {part}": address(Picture.REVEAL, key, part) for part in LEVELS}
    found |= {f"beyond {part}": address(Picture.REVEAL, key, part) for part in range(6, 10)}
    for kind in (Picture.WHOLE, Picture.IMAGE, Picture.HEAT, Picture.THUMBNAIL):
        found |= {f"{kind.name.lower()} {part}": address(kind, key, part) for part in range(3)}
    return found


def seen(game: Any) -> set[str]:
    """Which of them are served at this moment; each of the others is like one of nobody's."""
    nobodys = get("/pictures/nothing.webp")
    assert nobodys.status_code == 404
    served = set()
    for name, path in addresses(game).items():
        answer = get(path)
        if answer.status_code == 200:
            served.add(name)
        else:
            assert (answer.status_code, answer.content) == (404, nobodys.content), name
            assert dict(answer.headers) == dict(nobodys.headers), name
    return served


def chunks_of(content: bytes) -> list[bytes]:
    """The names of a WebP file's chunks; nothing may follow the last."""
    assert (content[:4], content[8:12]) == (b"RIFF", b"WEBP")
    assert struct.unpack("<I", content[4:8])[0] + 8 == len(content)
    names, place = [], 12
    while place < len(content):
        names.append(content[place : place + 4])
        (size,) = struct.unpack("<I", content[place + 4 : place + 8])
        place += 8 + size + size % 2
    return names


# ------------------------------------------------------------------------- what is served when


def test_a_level_is_served_once_it_is_reached_and_the_image_once_the_game_is_over(
    table: Any, task: Any
) -> None:
    player = table.guest()
    game = table.deal(player)
    reached = set()
    for level in LEVELS:
        if level:
            table.hint(player, game)
        reached.add(f"level {level}")
        assert seen(game) == reached
    table.guess(player, game)
    assert seen(game) == reached, "the guess shows nothing more"
    assert table.send(player, game, tags=["fin"]).status_code == 200
    assert seen(game) == reached | {"whole 0"}


def test_a_quick_guess_never_shows_the_levels_that_were_not_asked_for(
    table: Any, task: Any
) -> None:
    player = table.guest()
    game = table.play(player)
    assert seen(game) == {"level 0", "whole 0"}


def test_a_game_that_went_to_somebody_else_shows_nothing_any_more(table: Any, task: Any) -> None:
    from netgloss.server.tasks.models import GONE, Assignment

    game = table.deal(table.guest())
    assert seen(game) == {"level 0"}
    Assignment.objects.filter(pk=game["id"]).update(state=GONE, slot=None)
    assert seen(game) == set()


def test_no_address_can_be_made_from_another(table: Any, task: Any) -> None:
    mine, theirs = table.deal(table.guest()), table.deal(table.guest())
    paths = [game["shown"]["picture"] for game in (mine, theirs)]
    assert [get(path).status_code for path in paths] == [200, 200]
    (one, signature), (other, _) = (
        path.removeprefix("/pictures/").removesuffix(".webp").split(".") for path in paths
    )
    assert one[:3] == other[:3] == "ra0"
    tries = {f"ra{level}{one[3:]}.{signature}" for level in range(1, 10)}
    tries |= {f"{kind}a0{one[3:]}.{signature}" for kind in "wiht"}
    tries |= {f"{other}.{signature}", f"{one}.{signature[::-1]}", f"{one}.", one}
    for made_up in tries:
        assert get(f"/pictures/{made_up}.webp").status_code == 404, made_up


def test_an_address_says_nothing_but_the_game_and_the_level(table: Any, task: Any) -> None:
    import base64

    player = table.guest()
    game = table.deal(player)
    for level in range(3):
        path = table.hint(player, game, 0)["picture"] if not level else table.hint(player, game)[
            "picture"]  # fmt: skip
        named, _ = path.removeprefix("/pictures/").removesuffix(".webp").split(".")
        assert named[:3] == f"ra{level}"
        assert uuid.UUID(bytes=base64.urlsafe_b64decode(named[3:] + "==")) == uuid.UUID(game["id"])


# ------------------------------------------------------------------------- headers and bytes


def test_a_pictures_headers_name_nothing_and_let_nobody_keep_it(table: Any, task: Any) -> None:
    from django.test import Client

    player = table.guest()
    game = table.play(player, hints=1)
    shown = [path for name, path in addresses(game).items() if name in seen(game)]
    assert len(shown) == 3
    for path in shown:
        answer = get(path)
        assert dict(answer.headers) == PICTURE_HEADERS | {
            "Content-Length": str(len(answer.content))
        }
        # Neither a part of it nor whether it is still the same can be asked for.
        for name, value in (("Range", "bytes=0-9"), ("If-None-Match", "*"),
                            ("If-Modified-Since", "Sat, 21 Nov 2026 10:00:00 GMT")):  # fmt: skip
            again = get(path, **{name: value})
            assert (again.status_code, again.content) == (200, answer.content)
        head = Client().head(path)
        assert dict(head.headers) == dict(answer.headers)


def test_a_picture_holds_what_its_level_shows_and_black(table: Any, task: Any) -> None:
    from netgloss.server.tasks.evidence import stored_evidence

    player = table.guest()
    game = table.deal(player)
    row, hidden = table.row(game), []
    stored = stored_evidence("anv", table.folder)
    photograph = stored.image(row.item.evidence).pixels()
    for level in LEVELS:
        shown = table.hint(player, game, min(level, 1))
        if level == 0:
            shown = game["shown"]
        content = get(shown["picture"]).content
        assert chunks_of(content) == [b"VP8L"], "no alpha, no notes, no second picture"
        picture = Image.open(io.BytesIO(content))
        assert picture.mode == "RGB"
        pixels = np.asarray(picture)
        heat = stored.heat(row.item.evidence)
        visible = visibility(heat, photograph.shape[:2], level)
        assert not pixels[visible == 0].any()
        assert np.array_equal(pixels, revealed(photograph, visible))
        hidden.append((visible == 0).mean())
    assert hidden[0] > 0.3
    assert sorted(hidden, reverse=True) == hidden


def test_the_length_tells_nothing_of_what_is_hidden(table: Any, task: Any) -> None:
    """Two players' pictures of one map, between which everything hidden was painted over.

    The bytes, and so their number, follow from the pixels that are shown and from nothing else:
    not from the photograph's other parts, its file, its name, its class or the player.
    """
    from netgloss.server.tasks.evidence import stored_evidence
    from netgloss.server.tasks.models import Assignment

    stored = stored_evidence("anv", table.folder)
    first, second = table.guest(), table.guest()
    game = table.deal(first)
    table.hint(first, game, 2)
    row = table.row(game)
    image = stored.image(row.item.evidence)
    before = {level: get(addresses(game)[f"level {level}"]) for level in range(3)}
    original = image.path.read_bytes()
    pixels = image.pixels().copy()
    heat = stored.heat(row.item.evidence)
    hidden = visibility(heat, pixels.shape[:2], 2) == 0
    assert hidden.any()
    pixels[hidden] = 255 - pixels[hidden] // 2
    try:
        Image.fromarray(pixels).save(image.path, pnginfo=None)
        other = table.deal(second)
        table.hint(second, other, 2)
        Assignment.objects.filter(pk=other["id"]).update(
            item=row.item, slot=None, image="another name.png"
        )
        for level in range(3):
            again = get(addresses(other)[f"level {level}"])
            assert again.content == before[level].content
            assert dict(again.headers) == dict(before[level].headers)
    finally:
        image.path.write_bytes(original)


# --------------------------------------------------------------------- worlds that differ in one


def observed(table: Any, player: Any, game: Any, option: int) -> list[Any]:
    """All that a player can observe of a game up to its end, with the queries it took."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    told: list[Any] = []

    def note(answer: Any, queries: int) -> None:
        headers = {name: value for name, value in answer.headers.items() if name != "Set-Cookie"}
        told.append((answer.status_code, headers, answer.content, queries))

    def ask(verb: str, path: str, body: Any = None) -> None:
        with CaptureQueriesContext(connection) as queries:
            answer = player.ask(verb, path, body)
        note(answer, len(queries))

    def look() -> None:
        ask("GET", f"/batches/{game['batch']}")
        for path in LOOKS:
            ask("GET", path)
        with CaptureQueriesContext(connection) as queries:
            answer = get(game["shown"]["picture"])
        note(answer, len(queries))

    place = f"/assignments/{game['id']}"
    keys = (str(uuid.UUID(int=number)) for number in range(1, 99))

    def act(action: str, **body: Any) -> None:
        ask("POST", f"{place}/actions", {"key": next(keys), "action": action, "body": body})

    ask("POST", f"{place}/opened", {})
    look()
    act("hint")
    act("guess", option=len(game["shown"]["options"]))
    act("guess", option="first")
    act("peek")
    ask("POST", f"{place}/answer", {"key": next(keys), "body": {"tags": ["fin"]}})
    ask("POST", f"{place}/answer", {"key": next(keys), "body": {"resign": True}})
    look()
    act("guess", option=option)
    act("guess", option=option)
    act("hint")
    ask("PUT", f"{place}/draft", {"number": 1, "body": {"tags": ["fin"]}})
    ask("POST", f"{place}/answer", {"key": next(keys), "body": {"resign": True}})
    look()
    return told


def worlds(table: Any, player: Any, game: Any, changes: Iterator[dict[str, Any]]) -> list[Any]:
    """What is observed of one game in each of the worlds, from the same beginning."""
    from netgloss.server.people.models import Person
    from netgloss.server.tasks.models import Assignment

    row = Assignment.objects.filter(pk=game["id"])
    [start] = row.values()
    person = Person.objects.filter(pk=start["person_id"]).values()[0]
    observed(table, player, game, 0)  # the first time, caches fill
    found = []
    for change in changes:
        row.update(**(start | change))
        Person.objects.filter(pk=person["id"]).update(**person)
        found.append(observed(table, player, game, 0))
    return found


def without_clock(told: list[Any]) -> list[Any]:
    """What was observed but for when it happened."""
    timeless = []
    for status, headers, content, queries in told:
        body: Any = content
        if headers["Content-Type"].startswith("application/json") and content:
            body = json.loads(content)
            for row in body.get("answers", []):
                row.update(opened_at=None, seen_at=None, seconds=None)
        timeless.append((status, headers | {"Content-Length": None}, body, queries))
    return timeless


@pytest.fixture
def game(table: Any, task: Any) -> tuple[Any, dict[str, Any]]:
    """A player in the middle of things, with a game just dealt."""
    player = table.guest()
    table.play(player, tags=["red fin"])
    return player, table.deal(player)


def test_whichever_class_is_right_everything_looks_the_same_until_the_end(
    table: Any, game: tuple[Any, dict[str, Any]]
) -> None:
    player, dealt = game
    course, options = table.row(dealt).course, dealt["shown"]["options"]
    assert len(options) == 6
    found = worlds(
        table,
        player,
        dealt,
        ({"course": course | {"truth": one, "target": one}} for one in options),
    )
    first = without_clock(found[0])
    assert {status for status, *_ in first} == {200, 404, 409, 422}
    for other in found[1:]:
        for here, there in zip(first, without_clock(other), strict=True):
            assert here == there


def test_a_control_game_looks_like_any_other(table: Any, game: tuple[Any, dict[str, Any]]) -> None:
    player, dealt = game
    one, other = worlds(table, player, dealt, ({"control": yes} for yes in (False, True)))
    for here, there in zip(without_clock(one), without_clock(other), strict=True):
        assert here == there


def test_the_third_game_is_a_control_and_comes_in_the_same_form(table: Any, maps: Path) -> None:
    table.set_up(controls=1)
    player, forms, controls = table.guest(), [], []
    for _ in range(4):
        answer = player.post("/tasks/play/batch")
        [dealt] = answer.json()["assignments"]
        headers = {name: value for name, value in answer.headers.items()
                   if name not in ("Set-Cookie", "Content-Length")}  # fmt: skip
        forms.append((answer.status_code, headers, form_of(answer.json())))
        controls.append(table.row(dealt).control)
        table.play(player)
    assert controls == [False, False, True, False]
    assert all(one == forms[0] for one in forms)


def form_of(told: Any) -> Any:
    """The shape of an answer: its keys, how long its texts are, what kinds of values it has."""
    if isinstance(told, dict):
        return {
            key: "options" if key == "options" else form_of(value) for key, value in told.items()
        }
    if isinstance(told, list):
        return [form_of(one) for one in told]
    return len(told) if isinstance(told, str) else type(told).__name__


# --------------------------------------------------------------------------- what is written down


def secrets_of(table: Any, game: Any) -> set[str]:
    """Everything about the picture that would help to name it, but for the six options."""
    row = table.row(game)
    path = Path(row.image)
    others = set(map(str, _classes(table))) - set(row.course["options"])
    return {
        *path.parts, path.name, path.stem, str(row.item.evidence), row.item.layer,
        str(table.folder), "features.", "lobster_", "tench_", "n0198", "truth", "target", "control",
        "weight", *others,
    }  # fmt: skip


def _classes(table: Any) -> Any:
    from netgloss.server.tasks.evidence import stored_evidence

    return stored_evidence("anv", table.folder).classes


def told_apart_from_options(content: bytes) -> str:
    """The text of an answer without the classes that it offers."""
    try:
        body = json.loads(content)
    except ValueError:
        return content.decode("utf-8", "replace")
    return json.dumps(without_options(body), ensure_ascii=False)


def without_options(told: Any) -> Any:
    if isinstance(told, dict):
        return {key: without_options(value) for key, value in told.items() if key != "options"}
    return [without_options(one) for one in told] if isinstance(told, list) else told


def test_nothing_that_is_sent_in_a_game_names_the_picture_or_its_class(
    table: Any, task: Any
) -> None:
    player = table.guest()
    dealt = table.deal(player)
    secrets = secrets_of(table, dealt) | set(dealt["shown"]["options"])
    for status, headers, content, _ in observed(table, player, dealt, 0):
        text = told_apart_from_options(content) + repr(headers).replace("Cache-Control", "")
        found = [secret for secret in secrets if secret in text]
        assert found == [], (status, text)


def test_a_game_that_is_not_over_says_what_a_page_needs_and_nothing_else(
    table: Any, game: tuple[Any, dict[str, Any]]
) -> None:
    player, dealt = game
    assert set(dealt["shown"]) == SHOWN
    assert set(table.hint(player, dealt)) == SHOWN
    assert set(table.guess(player, dealt)) == SHOWN
    batch = player.get(f"/batches/{dealt['batch']}").json()
    [row] = batch["assignments"]
    assert set(row["shown"]) == SHOWN
    assert set(row) == {"id", "position", "state", "shown", "draft", "draft_number", "answer",
                        "seconds_to_wait"}  # fmt: skip
    assert set(batch) == {"id", "task", "size", "done", "finished", "assignments"}
    assert row["shown"]["options"] == dealt["shown"]["options"], "in the order first shown"


def test_the_pages_and_the_apis_document_name_no_class_and_no_file(
    table: Any, game: tuple[Any, dict[str, Any]]
) -> None:
    player, dealt = game
    words = secrets_of(table, dealt) | set(map(str, _classes(table)))
    words -= {"control", "target", "weight", "truth"}  # words of HTML, and of the organiser's part
    for path in (*PAGES, "/api/openapi.json", "/api/docs"):
        answer = player.client.get(path)
        assert answer.status_code == 200, path
        text = b"".join(answer).decode()
        assert [word for word in words if word in text] == [], path


def test_a_player_gets_no_figures_no_items_and_no_export(
    table: Any, game: tuple[Any, dict[str, Any]]
) -> None:
    from netgloss.server.api import api

    player, dealt = game
    closed = [path for path in api.get_openapi_schema()["paths"] if "/organise" in path]
    assert len(closed) > 10
    known = defaultdict(lambda: "games", task="play", person=str(uuid.uuid4()))
    known["item"] = str(table.row(dealt).item_id)
    for path in closed:
        filled = path.removeprefix("/api").format_map(known)
        answer = player.get(filled)
        assert answer.status_code in (404, 405), path
        assert dealt["id"] not in answer.content.decode()


def test_the_leaderboard_tells_scores_and_not_of_which_pictures(
    table: Any, game: tuple[Any, dict[str, Any]]
) -> None:
    player, _ = game
    told = player.get("/play/leaderboard").json()
    assert set(told) == {"rows", "you"}
    for row in (*told["rows"], told["you"]):
        assert set(row) == {"place", "nickname", "score", "games", "win_rate", "you"}


# --------------------------------------------------------------------------------- other tasks


def annotate(table: Any, **settings: Any) -> None:
    """Sets up annotation, all of it in one batch, and the game on the same photographs only."""
    from netgloss.server.tasks.items import set_up
    from netgloss.server.tasks.models import Item, Task
    from netgloss.study import Study

    set_up(Study.open(table.folder), "annotate")
    settings = {"controls": 0, "batch_size": 24, "consent": "", "min_seconds": 0} | settings
    Task.objects.filter(name="annotate").update(**settings)
    both = Item.objects.filter(task="annotate").values("image")
    Item.objects.filter(task="play").exclude(image__in=both).update(retired=True)


def images_of(player_batch: Any) -> set[str]:
    from netgloss.server.tasks.models import Assignment

    return set(Assignment.objects.filter(batch=player_batch["id"]).values_list("image", flat=True))


def test_annotation_hands_out_no_image_of_an_open_game(table: Any, task: Any) -> None:
    annotate(table)
    player = table.guest()
    dealt = table.deal(player)
    image = table.row(dealt).image
    batch = player.post("/tasks/annotate/batch").json()
    handed_out = images_of(batch)
    assert len(handed_out) == 23
    assert image not in handed_out
    # Somebody else may have it meanwhile.
    assert image in images_of(table.guest().post("/tasks/annotate/batch").json())


def test_the_game_hands_out_no_image_that_the_player_has_had_elsewhere(
    table: Any, task: Any
) -> None:
    annotate(table)
    player = table.guest()
    had = images_of(player.post("/tasks/annotate/batch").json())
    assert len(had) == 24
    answer = player.post("/tasks/play/batch")
    assert answer.status_code == 409, answer.content
    assert answer.json()["error"]["code"] == "nothing_left"
