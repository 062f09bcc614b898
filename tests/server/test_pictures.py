"""What the pictures show and hide, who gets them, and that each is made once."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from netgloss.errors import DataError

METHOD = "heatmaps"


@pytest.fixture
def study(served_study: Path, tmp_path: Path) -> Path:
    """The small study without any picture made yet, beside the same photographs."""
    folder = tmp_path / "study"
    hidden = shutil.ignore_patterns(".netgloss", "answers.sqlite3*")
    shutil.copytree(served_study, folder, ignore=hidden)
    photos = served_study.parent / "photos"
    shutil.copytree(photos, tmp_path / "photos")
    return folder


def evidence_of(folder: Path, number: int) -> str:
    """The heat map of the photograph with this number."""
    from netgloss.server.tasks.evidence import stored_evidence

    stored = stored_evidence(METHOD, folder)
    return next(one for one in stored if stored.image(one).image.endswith(f"_{number:02}.png"))


def drawn(folder: Path, kind: str, number: int) -> Image.Image:
    from netgloss.server.drawing import Picture, picture_file

    file = picture_file(Picture(kind), METHOD, evidence_of(folder, number), folder)
    return Image.open(io.BytesIO(file.read_bytes()))


def test_the_image_is_the_photograph_without_anything_that_came_with_it(study: Path) -> None:
    path = study.parent / "photos" / "lobster" / "n0198_lobster_06.png"
    photograph = Image.open(path)
    notes = Image.Exif()
    notes[0x010E] = "American lobster"
    photograph.save(path, exif=notes, icc_profile=b"lobster", dpi=(72, 72))
    picture = drawn(study, "i", 6)
    assert (picture.format, picture.mode, picture.size) == ("WEBP", "RGB", (96, 72))
    assert not {"exif", "icc_profile", "xmp"} & picture.info.keys()
    difference = np.abs(np.asarray(picture, float) - np.asarray(photograph.convert("RGB"), float))
    assert difference.mean() < 8


def test_a_large_image_is_sent_smaller_and_its_heat_map_at_the_same_size(study: Path) -> None:
    sizes = {drawn(study, kind, 4).size for kind in "ih"}
    assert sizes == {(614, 1024)}
    assert max(drawn(study, "t", 4).size) == 256


def test_the_heat_map_is_as_opaque_as_it_is_hot_and_hides_nothing_where_it_is_cold(
    study: Path,
) -> None:
    from netgloss.server.tasks.evidence import stored_evidence
    from netgloss.vision.overlays import colour, display_scale

    picture = drawn(study, "h", 7)
    assert (picture.format, picture.mode) == ("WEBP", "RGBA")
    layer = np.asarray(picture)
    heat = stored_evidence(METHOD, study).heat_on_image(evidence_of(study, 7))
    scaled = np.rint(display_scale(heat) * 63) / 63
    alpha = layer[:, :, 3]
    assert not layer[alpha == 0].any()
    # The line is drawn in pure white and black; everything else is the map itself, exactly.
    colours, line = colour(scaled), np.zeros(alpha.shape, bool)
    for grey in (0, 255):
        line |= (layer[:, :, :3] == grey).all(axis=2) & (alpha == 255)
    map_alone = ~line
    assert np.array_equal(alpha[map_alone], np.rint(scaled * 255).astype(np.uint8)[map_alone])
    warm = map_alone & (alpha > 0)
    assert np.array_equal(layer[warm][:, :3], colours[warm])
    assert (alpha == 0).mean() > 0.7
    assert 0 < line.mean() < 0.15
    rows, columns = np.nonzero(line)
    hot_rows, hot_columns = np.nonzero(scaled > 0.5)
    assert abs(rows.mean() - hot_rows.mean()) < 3
    assert abs(columns.mean() - hot_columns.mean()) < 3


def test_a_map_of_the_classifiers_input_lies_where_the_classifier_looked(study: Path) -> None:
    from netgloss.evidence.base import Evidence
    from netgloss.evidence.writer import ItemWriter
    from netgloss.server.drawing import Picture, picture_file, salient_boxes
    from netgloss.server.tasks.evidence import stored_evidence
    from netgloss.study import ModelSettings, Settings

    model = ModelSettings(
        factory="x:y", classes=("lobster",), input_size=(36, 36), resize="crop", crop_ratio=0.75
    )
    Settings(source="../photos", model=model).save(study)
    heat = np.zeros((9, 9), np.float32)
    heat[0, 0] = 1
    with ItemWriter(study, "smoothgrad", covers="input") as writer:
        writer.add(Evidence("lobster/n0198_lobster_06.png", "smoothgrad", "lobster", 1.0, heat))
    (name,) = stored_evidence("smoothgrad", study)
    layer = Image.open(picture_file(Picture.HEAT, "smoothgrad", name, study))
    rows, columns = np.nonzero(np.asarray(layer)[:, :, 3])
    # 96x72 is shrunk to 64x48; the middle 36x36 of it begins at (21, 9) of the original.
    assert rows.min() >= 7
    assert columns.min() >= 19
    ((x0, y0, x1, y1),) = salient_boxes("smoothgrad", name, study)
    assert (x0 + x1) / 2 == pytest.approx(21 + 3, abs=3)
    assert (y0 + y1) / 2 == pytest.approx(9 + 3, abs=3)


def test_pictures_are_made_once_even_when_many_ask_at_once(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server import drawing

    made: Counter[str] = Counter()
    really = drawing._DRAW[drawing.Picture.HEAT]

    def counted(stored: Any, evidence: str, part: int) -> bytes:
        made[evidence] += 1
        return really(stored, evidence, part)

    monkeypatch.setitem(drawing._DRAW, drawing.Picture.HEAT, counted)
    name, barrier, files = evidence_of(study, 3), threading.Barrier(20), []

    def ask() -> None:
        barrier.wait()
        files.append(drawing.picture_file(drawing.Picture.HEAT, METHOD, name, study))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == {name: 1}
    assert len(files) == 20
    assert len(set(files)) == 1


def test_a_changed_heat_map_or_photograph_makes_a_new_picture(study: Path) -> None:
    from netgloss.server.drawing import Picture, picture_file
    from netgloss.study import Study

    before = {
        kind: picture_file(kind, METHOD, evidence_of(study, 5), study)
        for kind in (Picture.IMAGE, Picture.HEAT)
    }
    maps = study.parent / "maps"
    maps.mkdir()
    np.save(maps / "n0198_tench_05.npy", np.eye(36, 48, dtype=np.float32))
    Study.open(study).import_heatmaps(maps)
    name = evidence_of(study, 5)
    assert picture_file(Picture.IMAGE, METHOD, name, study) == before[Picture.IMAGE]
    assert picture_file(Picture.HEAT, METHOD, name, study) != before[Picture.HEAT]
    photograph = study.parent / "photos" / "tench" / "n0198_tench_05.png"
    Image.new("RGB", (96, 72), "teal").save(photograph)
    changed = picture_file(Picture.IMAGE, METHOD, name, study)
    assert changed != before[Picture.IMAGE]
    teal = np.asarray(Image.open(changed).convert("RGB"), float)
    assert np.abs(teal - (0, 128, 128)).max() < 6


def test_a_photograph_of_another_size_than_before_is_not_shown(study: Path) -> None:
    photograph = study.parent / "photos" / "tench" / "n0198_tench_05.png"
    Image.new("RGB", (50, 50)).save(photograph)
    with pytest.raises(DataError, match="has 50x50 pixels, 96x72 when the study was made"):
        drawn(study, "i", 5)
    assert not list((study / ".netgloss" / "pictures").rglob("*.*"))


def test_warming_makes_everything_that_people_will_ask_for(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from netgloss.server import drawing
    from netgloss.server.annotate.kind import Annotate

    drawing.warm(METHOD, Annotate.ahead, study).join()
    monkeypatch.setattr(drawing, "_DRAW", {})
    monkeypatch.delattr(drawing, "_find_boxes")
    for number in range(24):
        for kind in "ih":
            drawn(study, kind, number)
        assert drawing.salient_boxes(METHOD, evidence_of(study, number), study)


def test_warming_passes_over_what_cannot_be_shown(study: Path) -> None:
    from netgloss.server import drawing
    from netgloss.server.annotate.kind import Annotate

    (study.parent / "photos" / "lobster" / "n0198_lobster_00.png").unlink()
    drawing.warm(METHOD, Annotate.ahead, study).join()
    assert len(list((study / ".netgloss" / "pictures").rglob("*.webp"))) == 2 * 24 - 2


def test_drawing_never_loads_the_tensor_library(study: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from netgloss.server.environment import Environment\n"
        "Environment(study=sys.argv[1]).apply()\n"
        "import django; django.setup()\n"
        "import netgloss.server.urls\n"
        "from netgloss.server.annotate.kind import Annotate\n"
        "from netgloss.server.drawing import make_all\n"
        "from netgloss.study import Study\n"
        "assert list(Annotate().items(Study.open(sys.argv[1]), 'heatmaps'))\n"
        "assert make_all('heatmaps', Annotate.ahead) == 24\n"
        "sys.exit('torch' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(study)], check=False)
    assert done.returncode == 0


# ------------------------------------------------------------------------------- addresses


@pytest.fixture
def shown(database: None, served_study: Path) -> dict[str, str]:
    """What a participant's page is told of one image, and the organiser's thumbnail of it."""
    from netgloss.server.annotate.kind import Annotate
    from netgloss.server.people.models import Person
    from netgloss.server.pictures import Picture, item_address
    from netgloss.server.tasks import engine
    from netgloss.server.tasks.models import Task
    from netgloss.study import Study

    task = engine.set_up(Study.open(served_study))
    Task.objects.update(consent="")
    assignment = engine.open_batch(task.name, Person.objects.guest()).assignments.all()[0]
    told = Annotate().shown(assignment)
    thumbnail = item_address(Picture.THUMBNAIL, assignment.item_id)
    return {"image": told["image"], "heat": told["heat"], "thumbnail": thumbnail}


def get(path: str) -> Any:
    from django.test import Client

    return Client().get(path)


def test_an_address_gives_the_picture_to_whoever_has_it(shown: dict[str, str]) -> None:
    for kind, path in shown.items():
        response = get(path)
        assert (response.status_code, response.headers["Content-Type"]) == (200, "image/webp")
        assert response.headers["Cache-Control"] == "private, max-age=86400, immutable"
        assert not {"ETag", "Last-Modified", "Set-Cookie"} & set(response.headers)
        mode = Image.open(io.BytesIO(response.content)).mode
        assert mode == ("RGBA" if kind == "heat" else "RGB")
        assert len(path) < 120


def test_an_address_cannot_be_made_up_or_changed(shown: dict[str, str]) -> None:
    from django.core import signing

    from netgloss.server.pictures import _signer

    path = shown["image"]
    body = path.removeprefix("/pictures/").removesuffix(".webp")
    named, _, signature = body.rpartition(".")
    stranger = signing.Signer(key="another key", salt="netgloss.pictures", sep=".")
    elsewhere = signing.Signer(salt="another purpose", sep=".")
    tries = [
        f"h{named[1:]}.{signature}",
        f"{named}.{signature[:-1]}",
        f"{named}.",
        named,
        "x",
        stranger.sign(named),
        elsewhere.sign(named),
        # Signed by ourselves, yet nothing that we would say.
        *map(
            _signer().sign,
            (
                "",
                "i",
                "z" + named[1:],
                "ia",
                "ia0",
                "in0!!",
                "ia0_-_-",
                "iax" + named[3:],
                "ia1" + named[3:],
                "in0" + "A" * 40,
            ),
        ),
    ]
    for made_up in tries:
        assert get(f"/pictures/{made_up}.webp").status_code == 404, made_up
    assert get(path).status_code == 200


def test_an_address_ends_with_its_assignment(shown: dict[str, str]) -> None:
    from netgloss.server.tasks.models import Assignment

    Assignment.objects.all().delete()
    assert get(shown["image"]).status_code == 404
    assert get(shown["thumbnail"]).status_code == 200


def test_two_people_get_different_addresses_of_one_image(
    shown: dict[str, str], served_study: Path
) -> None:
    from netgloss.server.people.models import Person
    from netgloss.server.pictures import Picture, address
    from netgloss.server.tasks import engine

    for _ in range(4):
        engine.open_batch("annotate", Person.objects.guest())
    from netgloss.server.tasks.models import Assignment

    by_image: dict[str, set[str]] = {}
    for one in Assignment.objects.all():
        by_image.setdefault(one.image, set()).add(address(Picture.IMAGE, one.pk))
    assert max(map(len, by_image.values())) >= 2
    assert sum(map(len, by_image.values())) == Assignment.objects.count()
