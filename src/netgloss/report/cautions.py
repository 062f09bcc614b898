"""What a reader must be careful about, from the study's own numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from netgloss.concepts.chi_square import noise_floor
from netgloss.report.cards import ALPHA, FEW_IMAGES
from netgloss.report.data import ReportData
from netgloss.report.phrasing import counted, measure, percent, plain_label

__all__ = ["cautions"]

_NOT_A_CAUSE = (
    "An association is not a cause: it says that what people named goes with what the classifier "
    "says. Whether the classifier uses it shows only when the image is changed."
)


def cautions(data: ReportData, unreadable: Mapping[str, str]) -> list[str]:
    """What to be careful about, a sentence or two each, the general first.

    Args:
        data: What the report is made from.
        unreadable: Images whose picture could not be read, with the reason.
    """
    found = [
        _NOT_A_CAUSE,
        *_about_tests(data),
        *_about_images(data),
        *_about_people(data),
        *_about_words(data),
        *data.cautions,
    ]
    if unreadable:
        image, reason = next(iter(unreadable.items()))
        found.append(
            f"{counted(len(unreadable), 'picture')} could not be read, the first is {image}: "
            f"{reason}."
        )
    return found


def _about_tests(data: ReportData) -> list[str]:
    findings = data.findings
    if not len(findings):
        return []
    tested = int((findings["status"] != "constant").sum())
    images, classes = len(data.table.images), len(np.unique(data.table.labels))
    chance = (
        f"{counted(tested, 'concept')} were tested. By p alone about {tested * ALPHA:.0f} of them "
        "would pass for a finding by chance; q accounts for that, so go by q."
    )
    found = [chance]
    if classes > 1:
        found.append(
            f"With {counted(images, 'image')} and {counted(classes, 'class', 'classes')}, "
            f"words without meaning reach a V of {measure(noise_floor(images, classes))} in one "
            "of twenty cases. Below that, V says nothing."
        )
    few = findings[(findings["status"] == "significant") & (findings["count"] < FEW_IMAGES)]
    if len(few):
        found.append(
            f"{counted(len(few), 'finding')} rest on fewer than {FEW_IMAGES} images; "
            "their bars are pale."
        )
    return found


def _about_images(data: ReportData) -> list[str]:
    found = []
    images = data.images
    left_out = images[images["status"] != "ok"]
    if len(left_out):
        found.append(
            f"{counted(len(left_out), 'file')} of {len(images):,} could not be used, most often: "
            f"{left_out['status'].value_counts().index[0]}."
        )
    known = images[images["truth"].notna() & images["prediction"].notna()]
    if len(known):
        right = float((known["truth"] == known["prediction"]).mean())
        found.append(
            "The classes here are what the classifier says, right or wrong; it is right on "
            f"{percent(right)} of the images whose class is known."
        )
    names, sizes = np.unique(data.table.labels, return_counts=True)
    small = [plain_label(str(n)) for n, size in zip(names, sizes, strict=True) if size < 20]
    if small:
        found.append(
            f"Fewer than 20 annotated images are predicted {', '.join(small[:10])}; "
            "what is said of them may change with a few images more."
        )
    return found


def _about_people(data: ReportData) -> list[str]:
    regions = data.regions
    found = []
    if len(regions):
        persons = regions.groupby("image")["person"].nunique()
        if int(persons.max()) == 1:
            found.append(
                "One person looked at each image, so nothing shows whether others would agree."
            )
    if not data.evidence:
        found.append(
            "There are no heat maps: the words say what people saw in the images, which need not "
            "be what the classifier used."
        )
    return found


def _about_words(data: ReportData) -> list[str]:
    if not len(data.unsure_merges):
        return []
    pairs = counted(len(data.unsure_merges), "pair")
    advice = (
        f"Look at the {pairs} of words listed under Words, of which nothing tells for certain "
        "whether they mean the same; edit vocabulary.csv where the choice is wrong."
    )
    return [advice]
