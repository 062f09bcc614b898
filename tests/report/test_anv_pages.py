"""The pages and pictures of what each layer saw: whole, self-contained, true to their numbers."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import netgloss.report
from netgloss.explanations.local import LocalExplanation, Part, Tally, column, merged
from netgloss.explanations.overall import GlobalExplanation, explain_together
from netgloss.report import ReportData, write_report
from netgloss.report import anv_figure as figure
from netgloss.report.anv_canvas import Canvas, fitted, text_width
from netgloss.report.anv_data import global_data, local_data
from netgloss.report.anv_page import global_view, local_view, page_of
from netgloss.report.anv_pictures import MapPictures
from netgloss.report.anv_view import chain_sentences, local_advice, score_text, word_rows
from netgloss.report.data import LayerViews
from netgloss.vision.geometry import Placement
from netgloss.vision.reveal import revealed, visibility

HOSTILE = "</title><script>alert(1)</script>"
SIZE = (60, 90)


def bump(place: float, size: int = 6) -> np.ndarray:
    """A map with one hot place along its diagonal."""
    rows, columns = np.mgrid[:size, :size]
    distance = (rows - place) ** 2 + (columns - place) ** 2
    heat: np.ndarray = np.exp(-distance / 2).astype(np.float32)
    return heat


def explained(
    words: bool = True, *, hostile: str = "fin", image: str = "a.png"
) -> LocalExplanation:
    """Two layers: one with two maps merged on one label and a tie, one without any map."""
    tally = Tally(2, 1, 1, 6) if words else Tally()

    def part(number: int, weight: float, scores: dict[str, float]) -> Part:
        return Part(
            f"anv/{number:06d}",
            weight,
            bump(number),
            tuple(range(number + 1)),
            scores if words else {},
            tally,
        )

    parts = [
        part(1, 0.3, {hostile: 2.0, "eye": 1.0}),
        part(2, 0.1, {hostile: 4.0}),
        part(3, 0.2, {"sea": 1.0, "lake_water": 1.0}),
    ]
    layers = (column("conv1", 0, parts, "all", {"channels": 64}), column("conv2", 1, []))
    return LocalExplanation(image, "tench", layers, "tench", "tench", 3, 1, words)


def overall(words: bool = True) -> GlobalExplanation:
    views = [explained(words, image=name) for name in ("a.png", "b.png")]
    return explain_together("tench", views)


@pytest.fixture
def pictures() -> MapPictures:
    generator = np.random.default_rng(1)
    pixels = generator.integers(0, 255, (*SIZE, 3), dtype=np.uint8)
    return MapPictures(lambda _: pixels, lambda w, h: Placement(w, h, 6, 6))


def pages(pictures: MapPictures) -> dict[str, str]:
    return {
        "local": page_of(local_view(explained(), pictures, "fish")),
        "local without words": page_of(local_view(explained(False), pictures, "fish")),
        "global": page_of(global_view(overall(), pictures, "fish")),
        "global without words": page_of(global_view(overall(False), pictures, "fish")),
    }


def test_pages_ask_for_nothing_and_run_nothing(pictures: MapPictures) -> None:
    for name, page in pages(pictures).items():
        assert "<script" not in page, name
        assert not re.findall(r'(?:src|href)="(?!data:|#)', page), name
        assert "url(http" not in page, name


def test_every_reference_on_a_page_leads_somewhere_and_keys_are_unique(
    pictures: MapPictures,
) -> None:
    for name, page in pages(pictures).items():
        keys = re.findall(r'\bid="([^"]+)"', page)
        assert len(keys) == len(set(keys)), name
        used = re.findall(r'(?:popovertarget="|<use href="#|aria-labelledby=")([^"]+)"', page)
        assert used, name
        assert set(used) <= set(keys), name


def test_every_map_opens_its_detail_by_a_button(pictures: MapPictures) -> None:
    page = page_of(local_view(explained(), pictures, "fish"))
    opened = re.findall(r'class="map[^"]*" popovertarget="([^"]+)"', page)
    details = re.findall(r'<div popover id="([^"]+)"', page)
    assert opened == details
    assert len(opened) == 2


def test_words_of_people_are_escaped_everywhere(pictures: MapPictures) -> None:
    shown = explained(hostile=HOSTILE)
    assert HOSTILE not in page_of(local_view(shown, pictures, HOSTILE))
    overview = explain_together("tench", [shown])
    assert HOSTILE not in page_of(global_view(overview, pictures, "fish"))
    drawn = figure.local_figure(shown, pictures, "fish").svg()
    assert HOSTILE not in drawn
    assert "alert(1)" in "".join(ElementTree.fromstring(drawn).itertext())


def test_bars_of_a_merged_map_stack_what_its_parts_add(pictures: MapPictures) -> None:
    view = local_view(explained(), pictures, "fish")
    found = view.columns[0].maps[0]
    assert found.words == "fin"
    bars = {bar.words: bar for bar in found.bars}
    # (0.3 * 2 + 0.1 * 4) / 0.4, of which 1.5 and 1
    assert bars["fin"].score == "2.5"
    assert bars["fin"].segments == (
        (1, 0.0, pytest.approx(0.6)),
        (2, pytest.approx(0.6), pytest.approx(0.4)),
    )
    assert bars["eye"].segments == ((1, 0.0, pytest.approx(0.75 / 2.5)),)
    assert [part.number for part in found.parts] == [1, 2]
    assert view.columns[0].maps[1].parts == ()


def test_the_strip_and_the_maps_share_one_scale(pictures: MapPictures) -> None:
    view = local_view(explained(), pictures, "fish")
    shares = {words: weights for words, _, weights in view.strip}
    assert shares["fin"][0] == ("40\N{NO-BREAK SPACE}%", 1.0)
    assert shares["sea"][0][1] == pytest.approx(0.5)
    assert shares["fin"][1] == ("", 0.0)
    assert [found.bar for found in view.columns[0].maps] == pytest.approx([1.0, 0.5])


def test_players_saw_the_mask_of_their_mean_number_of_hints(pictures: MapPictures) -> None:
    found = explained().columns[0].maps[0]
    assert found.tally.mean_hints == 1.5
    visible = visibility(found.heat, SIZE, 1.5, Placement(SIZE[1], SIZE[0], 6, 6))
    expected = revealed(pictures.bare("a.png"), visible)
    np.testing.assert_array_equal(pictures.masked("a.png", found), expected)


def test_a_view_without_words_says_how_to_get_them() -> None:
    assert "netgloss serve fish" in local_advice(explained(False), "fish")
    assert local_advice(explained(), "fish") == ""
    played = LocalExplanation(
        "a.png",
        "tench",
        (column("conv", 0, [Part("anv/1", 0.5, bump(1), (1,), {}, Tally(1))]),),
        spoken=False,
    )
    assert "netgloss words fish" in local_advice(played, "fish")


def test_a_chain_is_warned_of_with_its_tie() -> None:
    labels = [{"brass": 1.0}, {"brass": 1.0, "horn": 1.0}, {"horn": 1.0}]
    parts = [Part(str(n), 0.2, bump(1), (n,), scores) for n, scores in enumerate(labels)]
    (sentence,) = chain_sentences(column("conv", 0, parts))
    assert "3 cluster maps" in sentence
    assert "brass = horn" in sentence


def test_one_word_for_a_whole_layer_is_warned_of() -> None:
    parts = [Part(str(n), 0.2, bump(1), (n,), {"brass": 1.0}) for n in range(3)]
    (sentence,) = chain_sentences(column("conv", 0, parts))
    assert "“brass” of all 3 cluster maps" in sentence


def test_pictures_are_whole_files_of_the_size_they_say(pictures: MapPictures) -> None:
    for drawn in (
        figure.local_figure(explained(), pictures, "fish"),
        figure.local_figure(explained(False), pictures, "fish"),
        figure.global_figure(overall(), pictures, "fish"),
        figure.global_figure(overall(False), pictures, "fish"),
    ):
        root = ElementTree.fromstring(drawn.svg())
        assert float(root.attrib["width"]) == drawn.width
        links = [node.attrib["href"] for node in root.iter() if "href" in node.attrib]
        assert links
        assert all(link.startswith("data:image/webp;base64,") for link in links)
        picture = Image.open(io.BytesIO(drawn.png(1.0)))
        assert picture.size == (round(drawn.width), round(drawn.height))


def test_nothing_is_drawn_beyond_the_edge(pictures: MapPictures) -> None:
    many = [
        column(
            f"features.{depth}.a_long_name_of_a_block",
            depth,
            [
                Part(f"{depth}-{n}", 0.1, bump(n), (n,), {f"a_rather_long_word_{n}": 1.0})
                for n in range(3)
            ],
        )
        for depth in range(9)
    ]
    shown = LocalExplanation("a/rather/long/name/of/an/image.png", "tench", tuple(many))
    drawn = figure.local_figure(shown, pictures, "a-study-with-a-long-name")
    root = ElementTree.fromstring(drawn.svg())
    names = "{http://www.w3.org/2000/svg}"
    for text in root.iter(f"{names}text"):
        bold = "font-weight" in text.attrib
        width = text_width(text.text or "", float(text.attrib["font-size"]), bold=bold)
        start = float(text.attrib["x"]) - (width if text.attrib.get("text-anchor") == "end" else 0)
        assert start >= 0
        assert start + width <= drawn.width
        assert float(text.attrib["y"]) < drawn.height
    for image in root.iter(f"{names}image"):
        assert float(image.attrib["x"]) + float(image.attrib["width"]) <= drawn.width
        assert float(image.attrib["y"]) + float(image.attrib["height"]) <= drawn.height


def test_both_files_of_a_drawing_show_the_same_box() -> None:
    canvas = Canvas(20, 10, "a box")
    canvas.box(5, 2, 10, 4, "#ff0000", 0.5)
    pixels = np.array(Image.open(io.BytesIO(canvas.png(2.0))))
    painted = (pixels != 255).any(axis=2)
    rows, columns = np.nonzero(painted)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (4, 11, 10, 29)
    assert pixels[6, 12].tolist() == pytest.approx([255, 127, 127], abs=1)
    assert 'x="5" y="2" width="10" height="4" fill="#ff0000" fill-opacity="0.5"' in canvas.svg()


def test_a_text_that_does_not_fit_is_cut_with_an_ellipsis() -> None:
    for width in range(10, 120, 7):
        cut = fitted("a word of many letters", 13, width)
        assert cut == "…" or text_width(cut, 13) <= width
    assert fitted("fin", 13, 100) == "fin"


def test_the_drawings_have_the_colours_of_the_pages() -> None:
    folder = Path(netgloss.report.__file__).parent / "templates"
    light = (folder / "tokens.css").read_text("utf-8").partition("@media")[0]
    tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    assert [tokens[f"class-{n}"] for n in range(1, 9)] == list(figure.COLOURS)
    assert tokens["ink"] == figure.INK
    assert tokens["ink-quiet"] == figure.QUIET
    assert tokens["line"] == figure.LINE
    assert tokens["bar-track"] == figure.TRACK
    assert tokens["ground-raised"] == figure.RAISED
    assert tokens["accent"] == figure.ACCENT


def test_scores_are_printed_as_they_are_read() -> None:
    assert [score_text(value) for value in (0.0, 0.125, 0.999999, 12.34)] == [
        "0.00",
        "0.12",
        "1.0",
        "12.3",
    ]


def test_the_heaviest_words_have_a_colour_each() -> None:
    rows = word_rows(explained())
    assert [row.words for row in rows] == ["fin", "lake water", "sea"]
    assert [row.colour for row in rows] == [1, 2, 3]


def test_plain_data_are_valid_json_and_hold_the_merged_scores() -> None:
    data = json.loads(json.dumps(local_data(explained()), allow_nan=False))
    assert data["layers"][0]["maps"][0]["scores"] == pytest.approx({"fin": 2.5, "eye": 0.75})
    assert data["layers"][1]["maps"] == []
    assert json.loads(json.dumps(global_data(overall()), allow_nan=False))["games"] == 24


def test_merging_one_part_changes_nothing() -> None:
    (found,) = explained().columns[0].maps[1:]
    assert merged(found.parts).scores == {"lake_water": 1.0, "sea": 1.0}


def test_the_report_has_a_section_with_every_class_and_the_examples(
    drawn_study: Callable[..., ReportData], pictures: MapPictures, tmp_path: Path
) -> None:
    layers = LayerViews([overall()], [explained(), explained(image="b.png")], 3, pictures)
    page = write_report(drawn_study(layers=layers), tmp_path / "r.html").read_text("utf-8")
    section = page.partition('id="layers"')[2].partition('id="shared"')[0]
    assert "What the layers see in tench" in section
    assert section.count("<div popover ") == 4
    assert "3\N{NO-BREAK SPACE}classes left out" in section
    keys = re.findall(r'\bid="([^"]+)"', page)
    assert len(keys) == len(set(keys))


def test_a_report_without_cluster_maps_says_how_to_make_them(
    drawn_study: Callable[..., ReportData], tmp_path: Path
) -> None:
    page = write_report(drawn_study(), tmp_path / "r.html").read_text("utf-8")
    assert "netgloss extract cars anv" in page


def test_a_map_is_drawn_once_for_a_page_and_a_figure_and_then_let_go(
    pictures: MapPictures,
) -> None:
    heat = bump(1)
    with pictures.drawn_once():
        first = pictures.overlay("a.png", heat)
        assert pictures.overlay("a.png", heat) is first
        # Another map of the same values, and the same map on another image.
        assert pictures.overlay("a.png", heat.copy()) is not first
        assert pictures.overlay("b.png", heat) is not first
    again = pictures.overlay("a.png", heat)
    assert again is not first
    np.testing.assert_array_equal(again, first)
