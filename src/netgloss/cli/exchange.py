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
    games = "games"


class Target(StrEnum):
    """What can be taken out: overlays, what people gave on the server, what the study has."""

    overlays = "overlays"
    answers = "answers"
    forms = "forms"
    games = "games"
    csv = "csv"
    json = "json"
    parquet = "parquet"
    coco = "coco"
    label_studio = "label-studio"


class TableFormat(StrEnum):
    """The kinds of file that hold forms or games."""

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
        bool, typer.Option("--skip-unknown", help="Leave out what is about unknown images.")
    ] = False,
    blend: Annotated[
        float, typer.Option(help="With heatmaps mixed into the photograph: the map's share.")
    ] = 0.5,
) -> None:
    """Bring in answers of people, games of Deep Reveal, or heat maps made elsewhere.

    A file of answers or games comes in whole or not at all.

    \b
    Examples:
      netgloss import fish mturk batch_results.csv
      netgloss import fish csv answers.csv
      netgloss import fish games games.csv
      netgloss import fish heatmaps overlays/
    """
    from netgloss.cli.show import note, say, track
    from netgloss.study import Study

    opened = Study.open(study)
    if kind is Source.heatmaps:
        _import_heatmaps(opened, path, blend)
        return
    if kind is Source.games:
        merge, notes = opened.import_games(path, skip_unknown, track)
    else:
        merge, notes = opened.import_answers(kind.value, path, skip_unknown, track)
    what = "games" if kind is Source.games else "answers"
    say(f"{merge.new} {what} new, {merge.changed} changed, {merge.unchanged} unchanged")
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
    table_format: Annotated[
        TableFormat | None,
        typer.Option(
            "--format", help="With forms and games: the kind of file; as PATH ends when missing."
        ),
    ] = None,
) -> None:
    """Take out answers, games, forms, or overlays to annotate.

    Overlays are the heat maps over their photographs, a picture an image. What people answered and
    played on the server comes out of its database into the study with the kind answers, and what
    they said in forms into a file with the kind forms, also while the server runs. The kind games
    writes the games that the study has into a file, every other kind its answers.

    \b
    Examples:
      netgloss export cars overlays to-annotate/
      netgloss export cars answers
      netgloss export cars forms forms.csv
      netgloss export cars games games.csv
      netgloss export cars coco answers.json
    """
    if (path is None) != (kind is Target.answers):
        needed = "say where to write it" if path is None else "they go to the study, not to a path"
        raise typer.BadParameter(f"{kind.value}: {needed}", param_hint="PATH")
    if path is None:
        _hand_over(study, database)
        return
    if kind is Target.forms:
        _export_forms(study, path, _table_kind(path, table_format), database)
        return
    from netgloss.cli.show import say, track
    from netgloss.study import Study

    opened = Study.open(study)
    if kind is Target.overlays:
        say(f"wrote {opened.export_overlays(path, track=track)} overlays to {path}")
        return
    if kind is Target.games:
        count = opened.export_games(path, _table_kind(path, table_format))
        say(f"wrote {count} games to {path}")
        return
    opened.export_answers(kind.value, path)
    say(f"wrote {path}")


def _hand_over(study: Path, database: str) -> None:
    from netgloss.cli.show import note, say
    from netgloss.server.organise.shell import hand_over_from

    for what, merge in hand_over_from(study, database).items():
        if what == "answers" or any(vars(merge).values()):
            say(
                f"{merge.new} {what} new, {merge.changed} changed, {merge.unchanged} unchanged, "
                f"{merge.removed} taken out"
            )
    note(f"next: netgloss words {study}")


def _export_forms(study: Path, path: Path, kind: str, database: str) -> None:
    from netgloss.cli.show import say
    from netgloss.server.organise.shell import export_forms_from

    export_forms_from(study, kind, path, database)
    say(f"wrote {path}")


def _table_kind(path: Path, given: TableFormat | None) -> str:
    """The kind of file that is asked for, or that the path's ending tells."""
    ending = path.suffix.lower().removeprefix(".")
    if given is None and ending not in list(TableFormat):
        raise typer.BadParameter(
            f"{path} tells no kind of file; say which: {', '.join(TableFormat)}",
            param_hint="--format",
        )
    return given.value if given else ending


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
