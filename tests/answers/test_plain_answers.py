from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netgloss.answers.fitting import Imported
from netgloss.answers.format import Box
from netgloss.answers.plain import read_plain
from netgloss.errors import DataError

IMAGES = pd.DataFrame({"image": ["sea/cat.png", "dog.png"]}).assign(width=200, height=100)


def read(tmp_path: Path, content: str, encoding: str = "utf-8", **options: bool) -> Imported:
    path = tmp_path / "answers.csv"
    path.write_bytes(content.encode(encoding))
    return read_plain(path, IMAGES, **options)


def test_rows_of_one_person_about_one_image_are_one_answer(tmp_path: Path) -> None:
    imported = read(
        tmp_path,
        "image,person,type,attributes,box,seconds\n"
        'cat.png,ann,ear,"pink, soft",10 20 30.5 40,12\n'
        "dog.png,ann,tail,,,\n"
        "cat.png,bob,ear,,,\n"
        "cat.png,ann,fur,grey;soft,,\n",
    )
    first, second, third = imported.answers
    assert (first.image, first.person, first.seconds) == ("sea/cat.png", "ann", 12.0)
    assert first.boxes == (
        Box("ear", ("pink", "soft"), 10, 20, 30.5, 40),
        Box("fur", ("grey", "soft")),
    )
    assert (second.image, second.seconds) == ("dog.png", None)
    assert third.person == "bob"


def test_three_columns_in_any_order_and_case_are_enough(tmp_path: Path) -> None:
    (answer,) = read(tmp_path, "Type,Person,IMAGE\near,ann,cat\n").answers
    assert (answer.task, answer.source, answer.boxes) == ("annotate", "answers.csv", (Box("ear"),))


def test_a_row_without_words_and_box_says_that_nothing_was_recognisable(tmp_path: Path) -> None:
    (answer,) = read(tmp_path, "image,person,type\ncat.png,ann,\n").answers
    assert answer.boxes == ()


@pytest.mark.parametrize(
    "content",
    [
        "image,person,type,box\ncat.png,ann,ear,1 2 3 4\n",
        'image,person,type,box\ncat.png,ann,ear,"1, 2, 3, 4"\n',
        "image,person,type,x0,y0,x1,y1\ncat.png,ann,ear,1,2,3,4\n",
        "image;person;type;x0;y0;x1;y1\r\ncat.png;ann;ear;1;2;3;4\r\n",
        "image\tperson\ttype\tbox\r\ncat.png\tann\tear\t1 2 3 4",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_boxes_and_separators(tmp_path: Path, content: str, encoding: str) -> None:
    assert read(tmp_path, content, encoding).answers[0].boxes == (Box("ear", (), 1, 2, 3, 4),)


def test_words_may_span_lines(tmp_path: Path) -> None:
    content = 'image,person,type\ncat.png,ann,"left\near"\ncat.png,ann,"a\u2028b"\n'
    (answer,) = read(tmp_path, content).answers
    assert [box.type for box in answer.boxes] == ["left\near", "a\u2028b"]


def test_the_same_answers_in_another_file_are_the_same(tmp_path: Path) -> None:
    content = "image,person,type\ncat.png,ann,ear\n"
    (first,) = read(tmp_path, content).answers
    (tmp_path / "copy.csv").write_text("person,image,type\nann,sea/cat.png,ear\n", "utf-8")
    (second,) = read_plain(tmp_path / "copy.csv", IMAGES).answers
    assert first.answer == second.answer


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("image,who,type\na,b,c\n", "the header lacks 'person'; its columns are image, who, type"),
        ("image,person,type,x0,y0\na,b,c,1,2\n", "the header has x0, y0; a box needs"),
        ("image,person,type\ncat.png,,ear\n", "line 2: person is empty"),
        ("image,person,type\n  ,ann,ear\n", "line 2: image is empty"),
        ("image,person,type\nfox.png,ann,ear\n", r"not in the study: 'fox\.png'"),
        ("image,person,type,box\ncat,ann,ear,1 2 3\n", "box '1 2 3' needs four numbers"),
        ("image,person,type,box\ncat,ann,ear,1 2 x 4\n", "x1 'x' is not a number"),
        ("image,person,type,box\ncat,ann,ear,1 2 inf 4\n", "x1 'inf' is not a finite number"),
        ("image,person,type,box\ncat,ann,ear,9 2 3 4\n", "box '9 2 3 4' ends before it begins"),
        ("image,person,type,box\ncat,ann,ear,9 2 300 4\n", "line 2: box .* lies outside"),
        ("image,person,type,seconds\ncat,ann,ear,soon\n", "seconds 'soon' is not a number"),
        (
            "image,person,type,seconds\ncat,ann,ear,1\ncat,ann,fur,2\n",
            "line 2: one answer gives two seconds, 1.0 and 2.0",
        ),
        (
            "image,person,type,answer\ncat,ann,ear,1\ncat,bob,fur,1\n",
            "one answer gives two person, 'ann' and 'bob'",
        ),
        (
            "image,person,type\ncat,ann,ear\ncat.png,ann,fur\n",
            "line 3: the answer of 'ann' about 'sea/cat.png' stands already at line 2",
        ),
    ],
)
def test_malformed_files_are_refused_with_their_place(
    tmp_path: Path, content: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read(tmp_path, content)


def test_every_fault_of_a_file_is_told(tmp_path: Path) -> None:
    content = "image,person,type,seconds\ncat,,ear,1\ncat,ann,ear,x\nfox,ann,ear,1\n"
    with pytest.raises(DataError) as refused:
        read(tmp_path, content)
    message = str(refused.value)
    assert all(part in message for part in ("line 2: person", "line 3: seconds", "'fox'"))


def test_an_ambiguous_name_is_refused(tmp_path: Path) -> None:
    images = pd.DataFrame({"image": ["a/1.png", "b/1.png"]}).assign(width=9, height=9)
    (tmp_path / "answers.csv").write_text("image,person,type\n1.png,ann,ear\n", "utf-8")
    with pytest.raises(DataError, match=r"names of images: '1\.png' could be"):
        read_plain(tmp_path / "answers.csv", images)


def test_an_image_of_unknown_size_takes_any_box(tmp_path: Path) -> None:
    images = IMAGES.assign(width=pd.array([None, 1], dtype="Int32"))
    (tmp_path / "answers.csv").write_text("image,person,type,box\ncat,ann,ear,0 0 999 999\n")
    assert read_plain(tmp_path / "answers.csv", images).answers[0].boxes[0].x1 == 999


def test_a_file_without_rows_is_said_to_be_empty(tmp_path: Path) -> None:
    assert read(tmp_path, "image,person,type\n").notes == ("the file holds no answer",)


CELLS = st.text(st.sampled_from("cat.png,ann; \"'\n\r1 2=[]\\x00-é\u2028"), max_size=60)


def outcome(path: Path) -> str:
    try:
        return str(read_plain(path, IMAGES))
    except DataError as error:
        return str(error)


@settings(deadline=None)
@given(CELLS)
def test_any_file_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, body: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "fuzzed.csv"
    path.write_text(f"image,person,type,box,attributes\n{body}", encoding="utf-8", newline="")
    assert outcome(path).startswith(("Imported(", str(path)))
