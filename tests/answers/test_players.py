"""What simulated players see, know, decide and say."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.answers.habits import FILLERS
from netgloss.answers.knowledge import FAINT, Knowledge
from netgloss.answers.players import MORE_TAGS, TWO_WORDS, Move, Player
from netgloss.answers.playing import play_one
from netgloss.answers.populations import CROWD, EXPERT, Population
from netgloss.answers.rules import MOST_HINTS
from netgloss.answers.seeing import Sight, as_shown, look, uncover
from netgloss.errors import DataError
from netgloss.scenes.scene import Entity
from netgloss.scenes.scene_set import SceneSet
from netgloss.scenes.task import Bias
from netgloss.vision.reveal import revealed, visibility

SHAPE = (24, 32)


def thing(name: str, where: tuple[slice, slice], *looks: str) -> Entity:
    mask = np.zeros(SHAPE, bool)
    mask[where] = True
    return Entity(name, looks, mask)


SKY = thing("sky", np.s_[:12, :], "blue")
GRASS = thing("grass", np.s_[12:, :], "green")
STRIPE = thing("stripe", np.s_[4:8, 4:12], "orange")
BIRD = thing("bird", np.s_[2:4, 20:24])
THINGS = (SKY, GRASS, STRIPE, BIRD)


def sight(entity: Entity, place: int = 0, shown: float = 1.0, among: float = 0.5) -> Sight:
    return Sight(place, entity, shown, among)


def learned(**counts: tuple[int, list[Entity]]) -> Knowledge:
    """So many pictures of each class with these things; a half of them has only the first."""
    pictures = {}
    for label, (count, things) in counts.items():
        for number in range(count):
            of = things if number % 2 else things[:1]
            pictures[f"{label}/{number}"] = (label, of)
    return Knowledge(pictures)


KNOWN = learned(ambulance=(40, [STRIPE, BIRD]), van=(40, [SKY, BIRD]))


# ------------------------------------------------------------------------------------ seeing


def whole_picture() -> Any:
    return np.random.default_rng(1).integers(40, 256, (*SHAPE, 3), dtype=np.uint8)


def test_in_the_whole_picture_all_things_show_wholly_and_share_it_by_their_areas() -> None:
    pixels = whole_picture()
    sights = look(pixels, pixels, THINGS)
    assert [one.entity for one in sights] == list(THINGS)
    assert [one.shown for one in sights] == pytest.approx([1.0] * len(THINGS))
    areas = [one.mask.mean() for one in THINGS]
    assert [one.among for one in sights] == pytest.approx(areas)


def test_nothing_can_be_made_out_in_the_dark() -> None:
    assert look(np.zeros((*SHAPE, 3), np.uint8), whole_picture(), THINGS) == ()


@given(st.integers(0, 10_000), st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_what_is_made_out_agrees_with_counting_pixel_by_pixel(seed: int, step: int) -> None:
    dice = np.random.default_rng(seed)
    pixels = dice.integers(0, 256, (*SHAPE, 3), dtype=np.uint8)
    shown = revealed(pixels, visibility(dice.random((6, 8)), SHAPE, step))
    found = {one.place: (one.shown, one.among) for one in look(shown, pixels, THINGS)}
    amounts = {
        (y, x): min(int(shown[y, x].sum()) / max(int(pixels[y, x].sum()), 1), 1.0)
        for y in range(SHAPE[0])
        for x in range(SHAPE[1])
    }
    for place, one in enumerate(THINGS):
        seen = sum(amount for at, amount in amounts.items() if one.mask[at])
        share, among = seen / one.mask.sum(), seen / sum(amounts.values())
        if (share >= 0.2 and among >= 0.05) or share >= 0.5 or among >= 1 / 3:
            assert found.pop(place) == pytest.approx((share, among), rel=1e-5)
    assert not found


def test_a_speck_of_a_thing_is_not_made_out_but_a_whole_small_thing_is() -> None:
    pixels = np.full((*SHAPE, 3), 200, np.uint8)
    shown = np.zeros_like(pixels)
    shown[:, :16] = 200
    assert BIRD not in [one.entity for one in look(shown, pixels, THINGS)]
    shown[BIRD.mask] = 200
    assert BIRD in [one.entity for one in look(shown, pixels, THINGS)]


def test_uncovering_looks_at_the_six_pictures_of_the_game() -> None:
    pixels, heat = whole_picture(), np.random.default_rng(2).random((6, 8))
    by_hand = [
        look(revealed(pixels, visibility(heat, SHAPE, step)), pixels, THINGS) for step in range(6)
    ]
    assert [
        [(one.place, one.shown, one.among) for one in sights]
        for sights in uncover(pixels, heat, THINGS)
    ] == [[(one.place, one.shown, one.among) for one in sights] for sights in by_hand]


def test_a_large_picture_is_seen_at_the_size_of_the_game_with_its_masks() -> None:
    pixels = np.full((600, 1024, 3), 90, np.uint8)
    mask = np.zeros((600, 1024), bool)
    mask[:300] = True
    shown, (half,) = as_shown(pixels, [Entity("sky", (), mask)])
    assert shown.shape[:2] == half.mask.shape == (300, 512)
    assert half.mask.mean() == 0.5
    same, things = as_shown(whole_picture(), THINGS)
    assert same.shape[:2] == SHAPE
    assert things == THINGS


def test_a_mask_of_another_size_is_refused() -> None:
    with pytest.raises(DataError, match="of one size"):
        look(whole_picture()[:10], whole_picture(), THINGS)


# ---------------------------------------------------------------------------------- knowing


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sets(st.sampled_from(range(len(THINGS))))),
        min_size=2,
        max_size=12,
    )
)
@settings(max_examples=60, deadline=None)
def test_leaving_a_picture_out_is_never_having_seen_it(seen: list[tuple[str, set[int]]]) -> None:
    pictures = {
        f"{n}.png": (label, [THINGS[place] for place in places])
        for n, (label, places) in enumerate(seen)
    }
    known = Knowledge(pictures)
    others = Knowledge({name: of for name, of in pictures.items() if name != "0.png"})
    for label in "ab":
        for sign in (("", "sky"), ("blue", "sky"), ("orange", "stripe"), ("", "bird")):
            without = known.likelihood(sign, label, without="0.png")
            assert without == others.likelihood(sign, label)
            having = [f for _, (c, f) in pictures.items() if c == label]
            count = sum(any(sign in signs_of(one) for one in of) for of in having)
            assert known.likelihood(sign, label) == (count + 3) / (len(having) + 6)


def signs_of(entity: Entity) -> list[tuple[str, str]]:
    return [("", entity.type), *((name, entity.type) for name in entity.attributes)]


def test_a_look_is_the_clue_only_where_it_says_more_than_the_thing() -> None:
    white, yellow = (thing("day", np.s_[:2, :2], colour) for colour in ("white", "yellow"))
    known = learned(commuter=(30, [white]), tourist=(30, [yellow]))
    assert known.clue(white, ("commuter", "tourist")).sign == ("white", "day")
    assert known.clue(white, ("commuter", "tourist")).gain("commuter") > FAINT
    assert known.clue(white, ("commuter", "tourist")).gain("tourist") < 0
    assert KNOWN.clue(STRIPE, ("ambulance", "van")).sign == ("", "stripe")


def test_nobody_learns_from_no_picture_or_from_one_without_a_class() -> None:
    from pathlib import Path

    from netgloss.vision.images import Image

    with pytest.raises(DataError, match="without a picture"):
        Knowledge({})
    with pytest.raises(DataError, match="its class is not known"):
        Knowledge.of([Image("a.png", Path("a.png"), 3, 3)], {"a.png": ()})


# --------------------------------------------------------------------------------- deciding


def sitting(population: Population = EXPERT, person: str = "ann", image: str = "x.png") -> Any:
    return Player(person, population, KNOWN, 7).sit(image, ("van", "ambulance"), len(THINGS))


def test_belief_is_the_product_of_the_likelihoods() -> None:
    seen = [sight(STRIPE, 2), sight(SKY, 0)]
    weights = {
        label: KNOWN.likelihood(("", "stripe"), label) * KNOWN.likelihood(("", "sky"), label)
        for label in ("ambulance", "van")
    }
    total = sum(weights.values())
    belief = sitting().belief(seen)
    assert belief == pytest.approx({name: value / total for name, value in weights.items()})
    assert math.isclose(sum(belief.values()), 1)


def test_a_sign_that_shows_twice_counts_once() -> None:
    once = sitting().belief([sight(STRIPE, 2)])
    other = replace(STRIPE, attributes=("red",))
    assert sitting().belief([sight(STRIPE, 2), sight(other, 2)]) == once


def test_what_goes_with_all_classes_alike_says_nothing() -> None:
    assert set(sitting().belief([sight(BIRD, 3), sight(GRASS, 1)]).values()) == {0.5}
    assert sitting().move([sight(BIRD, 3)], 0) == Move("hint")


def test_who_sees_the_sign_names_its_class_at_once_and_says_the_sign() -> None:
    game = sitting()
    assert game.move([sight(STRIPE, 2)], 0) == Move("guess", "ambulance")
    assert game.move([sight(SKY)], 0) == Move("guess", "van")
    tags = {sitting(image=f"{n}").tags([sight(STRIPE, 2)], "ambulance") for n in range(40)}
    assert tags == {("stripe",), ("orange stripe",)}


def test_who_can_never_tell_asks_for_all_there_is_and_then_resigns_or_tries() -> None:
    ends = set()
    for number in range(60):
        done = play_one(sitting(image=f"{number}.png"), [[sight(BIRD, 3)]] * 6)
        assert done.hints == MOST_HINTS
        ends.add(done.guess)
        assert done.tags == (() if done.guess is None else ("bird",))
    assert ends == {None, "ambulance", "van"}


def test_a_player_says_the_same_however_often_and_in_which_order_they_are_asked() -> None:
    one = Player("bob", CROWD, KNOWN, 3)
    seen = [sight(STRIPE, 2), sight(SKY, 0, among=0.3)]
    first = one.sit("x.png", ("van", "ambulance"), 4)
    again = one.sit("x.png", ("ambulance", "van"), 4)
    again.tags(seen, "van")
    assert [first.move(seen, n) for n in range(6)] == [again.move(seen, n) for n in range(6)]
    assert first.tags(seen, "ambulance") == again.tags(seen, "ambulance")


def test_who_passes_everything_over_sees_nothing() -> None:
    blind = sitting(replace(EXPERT, miss=1.0))
    assert blind.move([sight(STRIPE, 2)], 0) == Move("hint")
    assert blind.tags([sight(STRIPE, 2)], "ambulance") == ()


def told_by(*things: Entity) -> Knowledge:
    """Ambulances have these things, vans a sky."""
    ambulances = {f"a{n}": ("ambulance", list(things)) for n in range(40)}
    return Knowledge(ambulances | {f"v{n}": ("van", [SKY]) for n in range(40)})


LAMP = thing("lamp", np.s_[:2, :2], "blue")


def test_of_what_told_the_larger_is_said_first() -> None:
    known = told_by(STRIPE, LAMP)
    for large, small in ((STRIPE, LAMP), (LAMP, STRIPE)):
        seen = [sight(large, 0, among=0.6), sight(small, 1, among=0.1)]
        people = [Player("ann", EXPERT, known, seed) for seed in range(30)]
        said = [one.sit("x", known.classes, 2).tags(seen, "ambulance") for one in people]
        assert {tags[0].split()[-1] for tags in said} == {large.type}


def test_tags_are_as_many_and_as_long_as_the_thesis_counted() -> None:
    seen = [sight(STRIPE, 2, among=0.4), sight(LAMP, 1, among=0.3)]
    player = Player("ann", EXPERT, told_by(STRIPE, LAMP))
    games = [player.sit(f"{number}", ("ambulance", "van"), 4) for number in range(2000)]
    said = [game.tags(seen, "ambulance") for game in games]
    words = [len(tag.split()) for tags in said for tag in tags]
    assert np.mean([len(tags) for tags in said]) == pytest.approx(1 + MORE_TAGS, abs=0.03)
    assert np.mean(words) == pytest.approx(1 + TWO_WORDS, abs=0.03)


def test_coarse_speakers_name_the_whole_and_the_main_colour() -> None:
    claw = Entity("lobster claw", ("dark red",), STRIPE.mask, group="lobster")
    known = Knowledge(
        {f"l{n}": ("lobster", [claw]) for n in range(20)}
        | {f"s{n}": ("shark", [SKY]) for n in range(20)}
    )
    said = set()
    for number in range(30):
        player = Player("ann", replace(EXPERT, types="E1", attributes="A1a"), known, number)
        said.update(player.sit("x", ("lobster", "shark"), 1).tags([sight(claw)], "lobster"))
    assert said == {"lobster", "red lobster"}


@pytest.mark.parametrize("habit", ["random words", "copy-paste", "too fast"])
def test_who_is_not_serious_guesses_without_a_look(habit: str) -> None:
    careless = replace(EXPERT, bad_faith=1.0)
    seed = next(n for n in range(99) if careless.habit("eve", n) == habit)
    player, games = Player("eve", careless, KNOWN, seed), []
    for number in range(30):
        game = player.sit(f"{number}", ("van", "ambulance"), 4)
        games.append(play_one(game, [[sight(STRIPE, 2)]] * 6))
    assert {one.hints for one in games} == {0}
    tags = {one.tags for one in games}
    guesses = {one.guess for one in games}
    if habit == "too fast":
        assert tags == {()}
        assert guesses == {"ambulance", "van"}
    else:
        assert {tag for one in tags for tag in one} <= set(FILLERS)
        assert (len(tags) == len(guesses) == 1) is (habit == "copy-paste")
    serious = play_one(sitting(), [[sight(STRIPE, 2)]] * 6)
    assert np.median([one.seconds for one in games]) < serious.seconds


def test_a_negative_seed_and_a_game_without_options_are_refused() -> None:
    with pytest.raises(DataError, match="seed -1"):
        Player("ann", EXPERT, KNOWN, -1)
    with pytest.raises(DataError, match="at least one class"):
        Player("ann", EXPERT, KNOWN).sit("x.png", (), 1)


# -------------------------------------------------------------------------- on drawn pictures


def test_on_drawn_pictures_experts_find_the_stamp_that_tells_and_never_say_what_is_hidden() -> None:
    pictures = list(SceneSet("pedestrians", Bias("date"), 24, seed=1).scenes())
    known = Knowledge({f"{n}": (one.label, one.entities) for n, one in enumerate(pictures)})
    told = 0
    for number, scene in enumerate(pictures[:8]):
        stamp = np.any([one.mask for one in scene.entities if one.group == "text"], axis=0)
        steps = uncover(scene.image, stamp.astype(np.float32), scene.entities)
        game = Player("ann", EXPERT, known).sit(f"{number}", known.classes, len(scene.entities))
        done = play_one(game, steps)
        names = {word for one in steps[done.hints] for word in one.entity.name.split()}
        assert {word for tag in done.tags for word in tag.split()} <= names
        if scene.label == "tourist":  # only they have a time of day
            assert done.guess == "tourist"
            told += bool({"hour", "minute"}.intersection(" ".join(done.tags).split()))
    assert told == sum(scene.label == "tourist" for scene in pictures[:8]) == 4
