"""From answers on the server to ranked concepts, and questions about them (SECA C3-C5)."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgloss.errors import QueryError
from netgloss.server.errors import RequestError
from netgloss.server.organise.items import pictures
from netgloss.server.organise.jobs import Job, read_state
from netgloss.store.tables import read_table
from netgloss.study import Study
from netgloss.study.results import keep, remember_query

if TYPE_CHECKING:
    import pandas as pd

    from netgloss.concepts.query import QueryResult
    from netgloss.concepts.table import ConceptTable

__all__ = ["analyse", "ask", "found"]

_EXAMPLES = 12


def analyse(job: Job) -> dict[str, Any]:
    """Hands the answers over, makes the vocabulary and the concept table, and ranks the concepts.

    What was typed may not tell the classes apart yet: then everything is kept all the same.

    Args:
        job: Is told how far it is.

    Raises:
        NetglossError: Nobody has answered yet, or a stage cannot do its work.
    """
    from netgloss.server.organise.handover import hand_over

    study = Study.open(job.folder)
    job.say("takes over the answers")
    hand_over(study)
    job.say("makes the vocabulary")
    study.words()
    job.say("ranks the concepts")
    table = study.concepts()
    ranked = table.rank()
    keep(study.folder, "findings", ranked)
    telling = int((ranked["status"] == "significant").sum())
    message = f"{telling} of {len(ranked)} concepts on {len(table.images)} images depend on "
    return {"message": message + "what the network says"}


def found(folder: Path, limit: int) -> dict[str, Any]:
    """How the analysis goes, and the concepts as the last one ranked them.

    Args:
        folder: The study folder.
        limit: How many concepts, from the first.

    Returns:
        ``state`` (never, running, done, failed), ``message``, ``at``; ``concepts``, the rows of
        :func:`netgloss.concepts.association.rank`, and ``total``, how many there are.
    """
    place = folder / "results" / "findings.parquet"
    state = read_state(folder, "analysis")
    ranked = read_table(place) if place.is_file() else None
    return {
        **{key: state[key] for key in ("state", "message", "at")},
        "concepts": [] if ranked is None else _rows(ranked.head(limit)),
        "total": 0 if ranked is None else len(ranked),
    }


def ask(folder: Path, expression: str) -> dict[str, Any]:
    """Tests an expression on the concept table of the last analysis; the report answers it too.

    Args:
        folder: The study folder.
        expression: Concepts with AND, OR, NOT and parentheses.

    Returns:
        The finding's numbers; ``counts``, a row a label; ``matching`` and ``contradicting``, some
        images with it whose label is the finding's, or another; ``pictures``, their addresses.

    Raises:
        RequestError: 409 ``not_analysed``; 422 ``query``: the expression cannot be read.
    """
    place = folder / "concepts.parquet"
    if not place.is_file():
        raise RequestError(409, "not_analysed", "Nothing was analysed yet; start an analysis.")
    status = place.stat()
    try:
        answer = _table(place, status.st_mtime_ns, status.st_size).query(expression)
    except QueryError as fault:
        raise RequestError(422, "query", str(fault)) from fault
    remember_query(folder, answer.expression)
    return _as_reply(answer)


@lru_cache(maxsize=1)
def _table(place: Path, _changed: int, _size: int) -> ConceptTable:
    from netgloss.concepts.table import ConceptTable

    return ConceptTable.load(place)


def _as_reply(answer: QueryResult) -> dict[str, Any]:
    import pandas as pd

    [finding] = _rows(pd.DataFrame([answer.finding]))
    matching, contradicting = answer.matching()[:_EXAMPLES], answer.contradicting()[:_EXAMPLES]
    return {
        **finding,
        "expression": answer.expression,
        "counts": _rows(answer.counts),
        "matching": matching,
        "contradicting": contradicting,
        "pictures": pictures([*matching, *contradicting]),
    }


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as JSON knows them: lists and structures inside, null for NaN."""
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", double_precision=15))
    return rows
