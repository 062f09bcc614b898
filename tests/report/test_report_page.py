"""The page: whole, self-contained, escaped, true to its numbers, and useful where parts lack."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from netgloss.concepts.table import ConceptTable
from netgloss.errors import DataError, StudyError
from netgloss.report import ReportData, write_report
from netgloss.report.phrasing import measure

Study = Callable[..., ReportData]

VOID = {"meta", "input", "use", "rect", "stop", "circle", "path", "image"}


class Page(HTMLParser):
    """The elements of a page, and whether every one that opens also closes."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.source = path.read_text(encoding="utf-8")
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(self.source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.said.append(data)

    @property
    def text(self) -> str:
        """What can be read, with single spaces."""
        return re.sub(r"\s+", " ", "".join(self.said))

    def values(self, attribute: str, tag: str | None = None) -> list[str]:
        """The values of an attribute, of elements of one kind."""
        return [
            attrs[attribute]
            for name, attrs in self.elements
            if attribute in attrs and tag in (None, name)
        ]

    def card(self, key: str) -> str:
        """What can be read in one card."""
        part = self.source.partition(f'id="{key}"')[2].partition("</article>")[0]
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", part)).replace("\N{NO-BREAK SPACE}", " ")


def _write(data: ReportData, tmp_path: Path, **options: int) -> Page:
    return Page(write_report(data, tmp_path / "report.html", **options))


def test_the_page_asks_nothing_of_the_network(drawn_study: Study, tmp_path: Path) -> None:
    page = _write(drawn_study(), tmp_path)
    addresses = page.values("href") + page.values("src") + page.values("action")
    assert addresses
    assert all(address.startswith(("#", "data:image/webp;base64,")) for address in addresses)
    assert "url(http" not in page.source
    assert "@import" not in page.source
    assert "script" not in {tag for tag, _ in page.elements}
    policy = page.values("content")[0]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_every_link_and_reference_leads_somewhere(drawn_study: Study, tmp_path: Path) -> None:
    page = _write(drawn_study(), tmp_path)
    known = Counter(page.values("id"))
    assert max(known.values()) == 1
    wanted = {address[1:] for address in page.values("href") if address.startswith("#")}
    wanted |= {key for keys in page.values("aria-labelledby") for key in keys.split()}
    wanted |= set(re.findall(r"url\(#([^)]+)\)", page.source))
    assert wanted <= set(known)


def test_each_picture_is_embedded_once_and_described_everywhere(
    drawn_study: Study, tmp_path: Path
) -> None:
    page = _write(drawn_study(), tmp_path)
    embedded = page.values("href", "image")
    assert len(embedded) == len(set(embedded)) > 20
    pictures = [attrs for tag, attrs in page.elements if attrs.get("role") == "img"]
    assert len(pictures) > len(embedded) / 2
    for attrs in pictures:
        assert re.fullmatch(
            r"\w+/\d{3}\.png, predicted .*; with its heat map; .*\.", attrs["aria-label"]
        )


def test_headings_go_down_one_step_at_a_time(drawn_study: Study, tmp_path: Path) -> None:
    page = _write(drawn_study(), tmp_path)
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_card_has_the_numbers_of_its_finding(drawn_study: Study, tmp_path: Path) -> None:
    data = drawn_study()
    page = _write(data, tmp_path)
    first = data.table.rank(label="ambulance").iloc[0]
    card = page.card("class-1-1")
    sizes = Counter(data.table.labels.tolist())
    carried = round(first["frequency"]["ambulance"] * sizes["ambulance"])
    assert first["concept"].replace("-", " ").replace("_", " ") in card
    assert f"on {carried} of 12 images predicted ambulance" in card
    assert f"Cramér’s V{measure(first['cramers_v'])}" in card.replace(" ", "", 0)
    for label, share in first["frequency"].items():
        assert f"{share:.0%}".replace("%", " %") in card, label
        assert f"{round(share * sizes[label])} of {sizes[label]}" in card


def test_the_ranking_is_that_of_the_label(drawn_study: Study, tmp_path: Path) -> None:
    data = drawn_study()
    page = _write(data, tmp_path, concepts_per_label=50)
    for number, label in enumerate(["ambulance", "taxi_cab", "van"], start=1):
        ranked = data.table.rank(label=label)["concept"].tolist()
        prefix = f'id="class-{number}-'
        shown = re.findall(prefix + r'\d+-name">.*?title="\w+:([^"]+)"', page.source)
        assert shown == ranked


def test_doubtful_findings_are_pale_and_say_why(drawn_study: Study, tmp_path: Path) -> None:
    data = drawn_study(each=6, noise=0.5)
    page = _write(data, tmp_path)
    for key in re.findall(r'class="card doubtful" id="([^"]+)"', page.source):
        assert re.search(r"Uncertain: (may be chance|only \d+ image|small counts)", page.card(key))
    assert page.source.count('class="card doubtful"') > 0


def test_what_people_typed_is_never_markup(drawn_study: Study, tmp_path: Path) -> None:
    evil = '<script>alert("1")</script>'
    data = drawn_study()
    regions = data.regions.assign(
        type=[evil if word == "stripe" else word for word in data.regions["type"]],
        image=[
            image.replace("van/001", "van/<img src=x onerror='1'>")
            for image in data.regions["image"]
        ],
    )
    images = data.images.assign(
        image=[
            image.replace("van/001", "van/<img src=x onerror='1'>")
            for image in data.images["image"]
        ]
    )
    labels = dict(zip(images["image"], images["prediction"], strict=True))
    table = ConceptTable.build(regions, labels, images["image"])
    plain = data.pixels
    changed = dataclasses.replace(
        data,
        name="<b>cars",
        images=images,
        regions=regions,
        table=table,
        pixels=lambda image: plain("van/001.png" if "<" in image else image),
        heat=lambda _: None,
        findings=table.rank(),
        explored=table.rank(explore=True).query("kind in ('not', 'and')"),
        queries=[table.query(f'"{evil.replace(chr(34), chr(34) * 2)}"')],
        rules=table.rules(),
        tree=table.tree(),
        vocabulary=data.vocabulary.assign(raw=evil),
        cautions=(evil,),
        answers={"people": evil},
    )
    page = _write(changed, tmp_path)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "b"}
    assert not any(name.startswith("on") for _, attrs in page.elements for name in attrs)
    assert evil in page.text
    assert "<b>cars" in page.text


def test_the_same_study_gives_the_same_bytes(drawn_study: Study, tmp_path: Path) -> None:
    first = _write(drawn_study(), tmp_path).source
    assert _write(drawn_study(), tmp_path).source == first


def test_a_page_that_cannot_be_written_says_so_and_leaves_the_old_one(
    drawn_study: Study, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("old")
    with pytest.raises(StudyError, match="cannot be written"):
        write_report(drawn_study(), blocked / "report.html")
    assert blocked.read_text() == "old"


def test_progress_counts_the_pictures(drawn_study: Study, tmp_path: Path) -> None:
    seen: list[tuple[int, str]] = []

    def track(items, *, total, what):
        seen.append((total, what))
        return iter(items)

    page = Page(write_report(drawn_study(), tmp_path / "report.html", track=track))
    pictures = [key for key in page.values("id", "image") if not key.endswith("-heat")]
    assert seen == [(len(pictures), "drawing pictures")]


@pytest.mark.parametrize(
    ("replaced", "sentence"),
    [
        ({"model": {}}, "its predictions were given"),
        ({"heat": lambda _: None, "evidence": ""}, "There are no heat maps"),
        ({"rules": pd.DataFrame()}, "No rule reaches the support"),
        ({"tree": None}, "No tree was grown"),
        ({"queries": []}, "No query was asked; try netgloss query cars"),
        ({"explored": pd.DataFrame()}, "No combination of two words says more"),
        ({"answers": {}}, "Nothing is known of the people"),
    ],
)
def test_what_lacks_says_what_to_do(
    drawn_study: Study, tmp_path: Path, replaced: dict[str, object], sentence: str
) -> None:
    assert sentence in _write(drawn_study(**replaced), tmp_path).text


def test_what_was_planted_stands_at_the_head_and_beside_how_it_was_made(
    drawn_study: Study, tmp_path: Path
) -> None:
    planted = "vehicles, bias stripe at strength 1"
    page = _write(drawn_study(planted=planted), tmp_path)
    head, _, rest = page.source.partition("</header>")
    for part in (head, rest):
        assert part.count(f"<dt>Planted</dt><dd>{planted}</dd>") == 1
    assert "Planted" not in _write(drawn_study(), tmp_path).source


def test_a_study_without_boxes_still_shows_its_images(drawn_study: Study, tmp_path: Path) -> None:
    data = drawn_study()
    regions = data.regions.assign(x0=np.nan, y0=np.nan, x1=np.nan, y1=np.nan)
    page = _write(dataclasses.replace(data, regions=regions), tmp_path)
    assert "named without a box" in page.text
    assert page.values("id", "image")
    assert 'class="edge' not in page.source


def test_a_class_without_annotated_images_asks_for_some(drawn_study: Study, tmp_path: Path) -> None:
    data = drawn_study()
    extra = data.images.head(2).assign(image=["x.png", "y.png"], prediction="tram")
    images = pd.concat([data.images, extra], ignore_index=True)
    page = _write(dataclasses.replace(data, images=images), tmp_path)
    assert "Nobody has annotated an image that is predicted tram" in page.text


def test_a_class_without_a_finding_says_so(drawn_study: Study, tmp_path: Path) -> None:
    page = _write(drawn_study(labels=("bus", "tram"), noise=0.0), tmp_path)
    assert "No concept goes with bus beyond chance" in page.text


def test_pictures_that_cannot_be_read_leave_a_note(drawn_study: Study, tmp_path: Path) -> None:
    def unreadable(image: str) -> None:
        raise DataError(f"{image}: truncated")

    page = _write(drawn_study(pixels=unreadable), tmp_path)
    assert "This picture could not be read." in page.text
    assert "truncated" in page.text
    assert not page.values("id", "image")


def test_where_room_for_pictures_ends_the_first_ranks_have_them(
    drawn_study: Study, tmp_path: Path
) -> None:
    page = _write(drawn_study(), tmp_path, pictures=15)
    assert len([key for key in page.values("id", "image") if "-heat" not in key]) == 15
    for number in (1, 2, 3):
        assert "left out" not in page.card(f"class-{number}-1")
    assert "left out to keep the page small" in page.text


def test_many_classes_fit_on_one_page(drawn_study: Study, tmp_path: Path) -> None:
    labels = ("ambulance", *(f"class_{number}" for number in range(29)))
    page = _write(drawn_study(each=4, labels=labels), tmp_path, pictures=20)
    assert "24 classes more, less often" in page.text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_page_warns_of_what_the_numbers_cannot_carry(
    drawn_study: Study, tmp_path: Path
) -> None:
    data = drawn_study()
    text = _write(data, tmp_path).text.replace("\N{NO-BREAK SPACE}", " ")
    tested = (data.findings["status"] != "constant").sum()
    assert "An association is not a cause" in text
    assert f"{tested} concepts were tested" in text
    assert "One person looked at each image" in text
    assert "it is right on 94 % of the images" in text
    # √(χ²(.95; 2 degrees of freedom) / 36) = √(5.991 / 36)
    assert "reach a V of .41 in one of twenty cases" in text
    assert "The drawn world is no photograph." in text
