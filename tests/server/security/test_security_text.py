"""What people type comes out as text: never as markup, never as a spreadsheet's formula."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

SCRIPT = "<img src=x onerror=alert(1)><script>alert(1)</script>"
MARKDOWN = (
    SCRIPT,
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)' style='position:fixed' onclick=alert(1)>x</a>",
    "<form action=https://evil.example><button>x</button></form>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](//evil.example 'title\" onmouseover=alert(1)')",
    "![x](https://evil.example/pixel.png)",
    "![x\" onerror=\"alert(1)](x)",
    "<https://evil.example/\"onclick=alert(1)>",
    "<javascript:alert(1)>",
    "`<script>alert(1)</script>`",
    "```<script>\nalert(1)\n```",
    "| <b onclick=x> | y |\n|---|---|\n| <script>alert(1)</script> | z |",
    "a <!--> <script>alert(1)</script> -->",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<base href=https://evil.example/><meta http-equiv=refresh content=0>",
    "# <img src=x onerror=alert(1)>\n\n> <s onclick=alert(1)>x</s> ~~<s>~~",
    "[x]: javascript:alert(1)\n[x]",
)  # fmt: skip
FORMULAS = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "＝HYPERLINK(1)",
    "＋1",
    "－1",
    "＠x",
    "'=1+1",
    "''=x",
)
RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
ADDRESSES = (
    "/from/{}?PROLIFIC_PID=1",
    "/from/prolific?PROLIFIC_PID={}&x={}",
    "/no.such.{}",
    "/api/{}",
    "/static/{}",
    "/pictures/{}.webp",
    "/reset/{}/{}",
    "/{}?q={}",
    "/api/docs?{}",
)
ALLOWED = {
    *("h2", "h3", "h4", "p", "br", "hr", "ul", "ol", "li", "blockquote", "strong", "em", "del"),
    *("code", "pre", "a", "table", "thead", "tbody", "tr", "th", "td"),
}


class Harmless(HTMLParser):
    """Reads HTML and refuses whatever could run, load or look like part of the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        for name, value in attrs:
            assert tag == "a"
            assert name in {"href", "title", "rel"}
            if name == "href" and value and ":" in value:
                assert value.startswith(("http://", "https://", "mailto:")), value

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def test_stored_markdown_comes_out_without_anything_that_runs_or_loads(cast: Any) -> None:
    organiser, guest = cast.people["organiser"], cast.people["guest"]
    for text in (*MARKDOWN, "\n\n".join(MARKDOWN)):
        for field in ("consent", "instructions"):
            assert (
                organiser.ask("PATCH", "/organise/tasks/annotate", {field: text}).status_code == 200
            )
        seen = guest.ask("GET", "/tasks/annotate").json()
        shown = organiser.ask("POST", "/organise/preview", {"markdown": text}).json()["html"]
        assert seen["consent"] == seen["instructions"] == shown
        assert Harmless(shown).text.strip() or "](" in text or "]:" in text


def test_the_markup_people_may_use_stays(cast: Any) -> None:
    text = "Draw a **box**, see [this](https://example.org/a?b=1&c=2).\n\n- one\n- two"
    shown = cast.people["organiser"].ask("POST", "/organise/preview", {"markdown": text}).json()
    assert "<strong>box</strong>" in shown["html"]
    assert 'href="https://example.org/a?b=1&amp;c=2"' in shown["html"]
    assert 'rel="noopener noreferrer"' in shown["html"]
    assert "<li>one</li>" in shown["html"]


def test_whatever_people_type_is_sent_as_json_and_as_it_was_typed(cast: Any, submit: Any) -> None:
    """Pages show JSON's texts as text; nothing of it could be taken for a page."""
    organiser, guest = cast.people["organiser"], cast.people["guest"]
    title, note = f"Title {SCRIPT}"[:100], f"Note {SCRIPT}"[:100]
    organiser.ask("PATCH", "/organise/tasks/annotate", {"title": title, "suggestions": True})
    organiser.ask("POST", "/organise/invitations", {"note": note})
    submit(guest, SCRIPT[:60], SCRIPT[:50])
    why = {"excluded": True, "why": SCRIPT}
    organiser.ask("POST", cast.path("/organise/people/{person}/exclusion"), why)
    account = {"name": "<script>alert(1)</script>", "password": "nine purple whales"}
    assert cast.people["other"].ask("POST", "/accounts", account).status_code == 201
    for who, path, said in (
        (guest, "/me/data", SCRIPT[:60]),
        (cast.people["other"], "/me", account["name"]),
        (organiser, "/me", title),
        (organiser, "/organise/overview", title),
        (organiser, "/organise/people", SCRIPT),
        (organiser, "/organise/invitations", note),
        (organiser, "/organise/export?format=json&excluded=true", SCRIPT[:60]),
        (organiser, "/organise/export?format=coco&excluded=true", SCRIPT[:60]),
        (organiser, "/organise/export?format=label-studio&excluded=true", SCRIPT[:60]),
    ):
        answer = who.ask("GET", path)
        content = b"".join(answer).decode()
        assert answer.headers["Content-Type"].startswith("application/json"), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert json_holds(content, said), (path, content[:300])


def json_holds(content: str, text: str) -> bool:
    """Whether the text stands somewhere in a JSON document, letter by letter."""
    import json

    waiting = [json.loads(content)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and text in one:
            return True
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        if isinstance(one, list):
            waiting += one
    return False


def test_no_page_repeats_what_stands_in_its_address(database: None) -> None:
    from django.test import Client

    for path in ADDRESSES:
        answer = Client().get(path.replace("{}", quote(SCRIPT, safe="")))
        assert b"alert(1)" not in b"".join(answer), path
        assert "alert(1)" not in str(answer.headers)


def test_no_cell_of_an_exported_table_is_a_formula(cast: Any, submit: Any) -> None:
    for who in ("guest", "other"):
        for formula in FORMULAS[:3] if who == "guest" else FORMULAS[3:6]:
            submit(cast.people[who], formula, formula)
    for formula in FORMULAS[6:]:
        submit(cast.people["account"], formula, "and " + formula, formula)
    exported = cast.people["organiser"].ask("GET", "/organise/export")
    rows = list(csv.reader(io.StringIO(b"".join(exported).decode())))
    assert len(rows) == 1 + len(FORMULAS)
    assert all(not cell.startswith(RUNS) for row in rows for cell in row)
    types = rows[0].index("type")
    assert {row[types].removeprefix("'") for row in rows[1:]} == set(FORMULAS)


def test_no_remark_in_an_exported_table_is_a_formula(cast: Any) -> None:
    remarks = dict(zip(("guest", "other", "account"), FORMULAS, strict=False))
    for who, remark in remarks.items():
        batch = cast.people[who].ask("POST", "/tasks/annotate/batch", {}).json()["id"]
        filled = {"answers": {}, "remark": remark}
        sent = cast.people[who].ask("POST", f"/batches/{batch}/forms/difficulty", filled)
        assert sent.status_code == 204
    exported = cast.people["organiser"].ask("GET", "/organise/export?what=forms")
    rows = list(csv.reader(io.StringIO(b"".join(exported).decode())))
    assert all(not cell.startswith(RUNS) for row in rows for cell in row)
    assert {"'" + remark for remark in remarks.values()} <= {cell for row in rows for cell in row}


def test_no_cell_of_a_table_in_the_study_is_a_formula(
    cast: Any, submit: Any, served_study: Path
) -> None:
    """Everything that becomes a CSV file in the study on the way from the answers to findings."""
    from netgloss.store.tables import read_csv_rows
    from netgloss.study import Study
    from netgloss.study.results import keep

    for formula in FORMULAS[:6]:  # two batches: images of both labels
        submit(cast.people["guest"], formula, formula)
    assert cast.people["organiser"].ask("POST", "/organise/handover").status_code == 200
    study = Study.open(served_study)
    study.words()
    keep(study.folder, "findings", study.concepts().rank())
    files = [study.folder / "vocabulary.csv", *(study.folder / "results").glob("*.csv")]
    assert len(files) > 1
    for file in files:
        rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8"))))
        assert all(not cell.startswith(RUNS) for row in rows for cell in row), file.name
    raw = {row["raw"] for row in read_csv_rows(study.folder / "vocabulary.csv")}
    assert set(FORMULAS[:6]) <= raw, "and a program reads what was typed"
