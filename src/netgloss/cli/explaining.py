"""The verb that explains: what each layer saw, of one image, a class, or everything."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netgloss.cli.options import StudyFolder

if TYPE_CHECKING:
    from netgloss.explanations.local import LocalExplanation
    from netgloss.explanations.overall import GlobalExplanation
    from netgloss.study import Study

__all__ = ["register"]


class Form(StrEnum):
    """What an explanation is written as."""

    html = "html"
    png = "png"
    svg = "svg"
    json = "json"


class Over(StrEnum):
    """Over which of the merged maps a word's score is averaged."""

    all = "all"
    having = "having"


def register(app: typer.Typer) -> None:
    """Adds the verb to the command."""
    app.command()(explain)


def explain(
    study: StudyFolder,
    image: Annotated[
        str | None,
        typer.Argument(metavar="[IMAGE]", help="The image, or the end of its name."),
    ] = None,
    label: Annotated[
        str | None, typer.Option("--class", help="Explain a class over all its images instead.")
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Explain every image and class: results/explanations/.")
    ] = False,
    target: Annotated[
        str | None,
        typer.Option(help="Class the image is explained toward; the predicted one by default."),
    ] = None,
    group: Annotated[
        str, typer.Option(help="With --class or --all: layers taken together, a number or all.")
    ] = "3",
    average: Annotated[
        Over,
        typer.Option(help="Scores of merged maps: over all of them, or those with the word."),
    ] = Over.all,
    form: Annotated[Form, typer.Option("--format", help="What to write.")] = Form.html,
    output: Annotated[
        Path | None, typer.Option(help="The file; '-' prints it. JSON is printed by default.")
    ] = None,
) -> None:
    """Show what each layer saw, in the words that players gave.

    Cluster maps come from `netgloss extract STUDY anv`, words from the game that
    `netgloss serve STUDY` offers.

    \b
    Examples:
      netgloss explain cars photos/0042.jpg
      netgloss explain cars --class ambulance --group all --format png --output ambulance.png
      netgloss explain cars --all
    """
    from netgloss.study import Study

    _only_one(image=image is not None, label=label is not None, all_=all_)
    opened, layers = Study.open(study), _group(group)
    if all_:
        _write_all(opened, layers)
    elif label is not None:
        _write(opened, opened.explain_class(label, layers), form, output)
    elif image is not None:
        _write(opened, opened.explain(image, target, average.value), form, output)


def _write(
    study: Study,
    view: LocalExplanation | GlobalExplanation,
    form: Form,
    output: Path | None,
) -> None:
    from netgloss.cli.show import note, say
    from netgloss.study.explaining import map_pictures, place_of, rendered, write_view

    data = rendered(view, map_pictures(study), form.value, str(study.folder))
    if str(output) == "-" or (output is None and form is Form.json):
        typer.echo(data, nl=False)
    else:
        kept = study.folder / "results" / "explanations" / place_of(view, form.value)
        write_view(data, output or kept)
        say(f"wrote {output or kept}")
    if advice := _advice(study, view):
        note(advice)


def _write_all(study: Study, group: int | None) -> None:
    from netgloss.cli.show import note, say, track

    done = study.explain_all(group, track=track)
    what = f"{done.images} images and {done.classes} classes"
    if done.fresh:
        say(f"nothing to do: {what} are explained in {done.index.parent}")
    else:
        say(f"explained {what}: {done.index.parent}")
    for line in done.skipped:
        note(line)
    if done.silent:
        note(f"images without a map, because no layer speaks for the class: {done.silent}")
    if waiting := done.images - done.named - done.silent:
        note(
            f"{waiting} images have no words yet; people give them by playing: "
            f"netgloss serve {study.folder}"
        )


def _advice(study: Study, view: LocalExplanation | GlobalExplanation) -> str:
    from netgloss.explanations.local import LocalExplanation
    from netgloss.report.anv_view import global_advice, local_advice

    if isinstance(view, LocalExplanation):
        return local_advice(view, str(study.folder))
    return global_advice(view, str(study.folder))


def _only_one(*, image: bool, label: bool, all_: bool) -> None:
    if image + label + all_ != 1:
        raise typer.BadParameter("give an image, or --class, or --all", param_hint="IMAGE")


def _group(text: str) -> int | None:
    if text == "all":
        return None
    if not text.isdecimal() or not int(text):
        raise typer.BadParameter(f"'{text}' is not a number of layers or all", param_hint="--group")
    return int(text)
