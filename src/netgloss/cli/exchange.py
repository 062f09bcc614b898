"""Verbs that bring data in and take it out: import, export."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from netgloss.cli.options import StudyFolder

if TYPE_CHECKING:
    from netgloss.study import Study

__all__ = ["register"]


class Source(StrEnum):
    """What can be brought in."""

    heatmaps = "heatmaps"
    mturk = "mturk"
    label_studio = "label-studio"
    coco = "coco"
    csv = "csv"
    json = "json"
    parquet = "parquet"


class Target(StrEnum):
    """What can be taken out: overlays, what people gave on the server, the study's answers."""

    overlays = "overlays"
    answers = "answers"
    forms = "forms"
    csv = "csv"
    json = "json"
    parquet = "parquet"
    coco = "coco"
    label_studio = "label-studio"


class FormFormat(StrEnum):
    """The kinds of file that hold forms."""

    csv = "csv"
    json = "json"
    parquet = "parquet"


def register(app: typer.Typer) -> None:
    """Adds the verbs to the command."""
    app.command("import")(import_)
    app.command("export")(export)


def import_(
    study: StudyFolder,
    kind: Annotated[Source, typer.Argument(help="What it is.")],
    path: Annotated[Path, typer.Argument(help="The file; for heatmaps the folder.")],
    skip_unknown: Annotated[
        bool, typer.Option("--skip-unknown", help="Leave out answers about unknown images.")
    ] = False,
    blend: Annotated[
        float, typer.Option(help="With heatmaps mixed into the photograph: the map's share.")
    ] = 0.5,
) -> None:
    """Bring in answers of people, or heat maps made elsewhere.

    A file of answers comes in whole or not at all.

    \b
    Examples:
      netgloss import fish mturk batch_results.csv
      netgloss import fish csv answers.csv
      netgloss import fish heatmaps overlays/
    """
    from netgloss.cli.show import note, say, track
    from netgloss.study import Study

    opened = Study.open(study)
    if kind is Source.heatmaps:
        _import_heatmaps(opened, path, blend)
        return
    merge, notes = opened.import_answers(kind.value, path, skip_unknown, track)
    say(f"{merge.new} answers new, {merge.changed} changed, {merge.unchanged} unchanged")
    for line in notes:
        note(line)
    note(f"next: netgloss words {study}")


def export(
    study: StudyFolder,
    kind: Annotated[Target, typer.Argument(help="What, or in which format.")],
    path: Annotated[
        Path | None,
        typer.Argument(help="The file to write; for overlays the folder; for answers nothing."),
    ] = None,
    database: Annotated[
        str,
        typer.Option(
            metavar="URL",
            envvar="NETGLOSS_DATABASE",
            help="With answers and forms: the server's, if it is not STUDY/answers.sqlite3.",
        ),
    ] = "",
    form_format: Annotated[
        FormFormat | None,
        typer.Option("--format", help="With forms: the kind of file; as PATH ends when missing."),
    ] = None,
) -> None:
    """Take out answers, forms, or overlays to annotate.

    Overlays are the heat maps over their photographs, a picture an image. What people answered on
    the server comes out of its database into the study with the kind answers, and what they said
    in forms into a file with the kind forms, also while the server runs. Every other kind writes
    the answers that the study has into a file.

    \b
    Examples:
      netgloss export cars overlays to-annotate/
      netgloss export cars answers
      netgloss export cars forms forms.csv
      netgloss export cars coco answers.json
    """
    if (path is None) != (kind is Target.answers):
        needed = "say where to write it" if path is None else "they go to the study, not to a path"
        raise typer.BadParameter(f"{kind.value}: {needed}", param_hint="PATH")
    if path is None:
        _hand_over(study, database)
        return
    if kind is Target.forms:
        _export_forms(study, path, form_format, database)
        return
    from netgloss.cli.show import say, track
    from netgloss.study import Study

    opened = Study.open(study)
    if kind is Target.overlays:
        say(f"wrote {opened.export_overlays(path, track=track)} overlays to {path}")
        return
    opened.export_answers(kind.value, path)
    say(f"wrote {path}")


def _hand_over(study: Path, database: str) -> None:
    from netgloss.cli.show import note, say
    from netgloss.server.organise.shell import hand_over_from

    merge = hand_over_from(study, database)
    say(
        f"{merge.new} answers new, {merge.changed} changed, {merge.unchanged} unchanged, "
        f"{merge.removed} taken out"
    )
    note(f"next: netgloss words {study}")


def _export_forms(study: Path, path: Path, kind: FormFormat | None, database: str) -> None:
    from netgloss.cli.show import say
    from netgloss.server.organise.shell import export_forms_from

    ending = path.suffix.lower().removeprefix(".")
    if kind is None and ending not in list(FormFormat):
        raise typer.BadParameter(
            f"{path} tells no kind of file; say which: {', '.join(FormFormat)}",
            param_hint="--format",
        )
    export_forms_from(study, kind.value if kind else ending, path, database)
    say(f"wrote {path}")


def _import_heatmaps(opened: Study, folder: Path, blend: float) -> None:
    from netgloss.cli.show import note, print_table, say, track

    report = opened.import_heatmaps(folder, blend, track)
    say(f"{report.imported} heat maps imported, {report.unchanged} were there")
    if report.refused:
        print_table(
            [{"file": name, "reason": reason} for name, reason in report.refused.items()],
            [("file", lambda row: row["file"]), ("left out because", lambda row: row["reason"])],
        )
    if report.without_map:
        note(f"{len(report.without_map)} images have no heat map")
