"""The organiser's thumbnails of a study that has cluster maps, beside other heat maps or alone."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image

from netgloss.vision.overlays import overlay


def test_a_cluster_maps_thumbnail_lays_it_over_the_photograph(table: Any, task: Any) -> None:
    from django.test import Client

    from netgloss.server.pictures import Picture, item_address
    from netgloss.server.tasks.evidence import stored_evidence

    stored = stored_evidence("anv", table.folder)
    maps = list(task.items.filter(image__endswith="_02.png").order_by("pk"))
    assert len(maps) == 6
    shown = []
    for item in maps:
        answer = Client().get(item_address(Picture.THUMBNAIL, item.pk))
        assert answer.status_code == 200
        found = np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB"), float)
        pixels = stored.image(item.evidence).pixels()
        wanted = overlay(pixels, stored.heat_on_image(item.evidence))
        others = [overlay(pixels, stored.heat_on_image(one.evidence)) for one in maps]
        nearest = np.argmin([np.abs(found - other).mean() for other in others])
        assert maps[nearest] == item
        assert np.abs(found - wanted).mean() < 20
        shown.append(answer.content)
    assert len(set(shown)) == len(shown)


def test_an_images_thumbnail_shows_what_is_annotated_or_else_its_heaviest_map(
    table: Any, task: Any
) -> None:
    from netgloss.server.organise.items import pictures
    from netgloss.server.pictures import Picture, item_address
    from netgloss.server.tasks.items import set_up
    from netgloss.study import Study

    images = set(task.items.values_list("image", flat=True))
    for image, path in pictures(images).items():
        heaviest = task.items.filter(image=image).order_by("-weight")[0]
        assert path == item_address(Picture.THUMBNAIL, heaviest.pk)
    annotation = set_up(Study.open(table.folder), "annotate")
    annotated = dict(annotation.items.values_list("image", "pk"))
    found = pictures(images)
    assert set(found) == images
    both = images & set(annotated)
    assert len(both) > 10
    for image in both:
        assert found[image] == item_address(Picture.THUMBNAIL, annotated[image])
