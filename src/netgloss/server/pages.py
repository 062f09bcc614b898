"""Pages: the built front end at every page's address, and plain ones where it has no say."""

from __future__ import annotations

import sys
from html import escape
from pathlib import PurePosixPath

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET, require_safe

from netgloss.server.errors import RequestError
from netgloss.server.outage import RETRY_SECONDS, is_away

__all__ = [
    "framed_page",
    "from_panel",
    "no_such_page",
    "page",
    "plain_page",
    "refused_page",
    "server_fault",
    "style",
]

_NOT_PAGES = ("api", "static", "pictures")
_NOTHING_HERE = "There is nothing at this address."
_PLAIN = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="stylesheet" href="/plain.css">
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""
_STYLE = """:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; background: #fff; color: #1a1a1a; }
a { color: #0b57d0; }
@media (prefers-color-scheme: dark) {
  body { background: #121212; color: #e8e8e8; }
  a { color: #a8c7fa; }
}
main { max-width: 44rem; margin: 0 auto; padding: 32px 16px; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1rem; margin: 32px 0 4px; overflow-wrap: anywhere; }
p, dl { margin: 4px 0; }
code { font-family: ui-monospace, monospace; }
dt { float: left; clear: left; min-width: 12rem; }
dd { margin-left: 13rem; }
"""


def page(request: HttpRequest, path: str = "") -> HttpResponse:
    """The front end, which finds out itself which page is meant; 404 for what looks like a file.

    Args:
        request: Any; pages answer a GET or HEAD, and what does not exist does so for no verb.
        path: What stands after the host's name.
    """
    parts = PurePosixPath(path).parts
    if parts and (parts[0] in _NOT_PAGES or "." in parts[-1]):
        return no_such_page(request)
    return _front_end(request)


@require_safe
def _front_end(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's views take it
    index = settings.FRONT_END / "index.html"
    try:
        text = index.read_text(encoding="utf-8")
    except OSError:
        return plain_page(
            503,
            "The pages are not built yet",
            "Whoever runs this server can build them with: make web. Then it is to be started "
            "again.",
        )
    # Asked for anew each time: it names the files of the newest build.
    return HttpResponse(text, headers={"Cache-Control": "no-cache"})


@xframe_options_exempt
def framed_page(request: HttpRequest) -> HttpResponse:
    """The front end for Amazon Mechanical Turk's frame: the only page that may be framed.

    Args:
        request: A GET or HEAD.
    """
    response = page(request)
    ancestors = " ".join(settings.MTURK.frames)
    response.frame_ancestors = ancestors  # type: ignore[attr-defined]  # the middleware reads it
    response.form_targets = settings.MTURK.form_targets  # type: ignore[attr-defined]  # and this
    return response


@require_GET
def from_panel(request: HttpRequest, panel: str) -> HttpResponse:
    """Signs in whom a panel sent; the address names a task, and never where to go next.

    They see the task, or the code again where this visit is over.

    Args:
        request: Its address names the person, and with ``task=`` one of several tasks.
        panel: The panel's name.
    """
    from netgloss.server.people.auth import panel_session
    from netgloss.server.people.panels import arrive
    from netgloss.server.tasks.visits import finished_on, task_to_do

    try:
        task = task_to_do(request.GET.get("task", ""))
        person = arrive(request, panel)
    except RequestError as fault:
        if fault.code == "sign_in":
            return HttpResponseRedirect("/sign-in")
        return plain_page(fault.status, "This link does not work", str(fault))
    had = finished_on(person, panel_session(request), task)
    return HttpResponseRedirect(f"/{task}/finished/{had.pk}" if had else f"/{task}")


@require_safe
def style(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's views take it
    """The style sheet of the plain pages."""
    return HttpResponse(
        _STYLE, content_type="text/css", headers={"Cache-Control": "public, max-age=3600"}
    )


def plain_page(status: int, title: str, sentence: str) -> HttpResponse:
    """A page without the front end.

    Args:
        status: HTTP status.
        title: What it is about.
        sentence: What is wrong and what to do.
    """
    body = f'<p>{escape(sentence)}</p>\n<p><a href="/">To the first page</a></p>'
    return HttpResponse(document(title, body), status=status)


def document(title: str, body: str) -> str:
    """A whole HTML document in the plain style.

    Args:
        title: As text.
        body: As HTML.
    """
    return _PLAIN.format(title=escape(title), body=body)


def no_such_page(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """404, for a program as JSON and for a person as a page."""
    return _fault(request, 404, "not_found", _NOTHING_HERE)


def refused_page(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """400, for requests that are no use to anybody, such as those to another host's name."""
    return _fault(request, 400, "refused", "This server does not answer such requests.")


def server_fault(request: HttpRequest) -> HttpResponse:
    """500, or 503 while the database is away: the log says why, the person that it was not them."""
    if is_away(sys.exc_info()[1]):
        sentence = "The server cannot reach its database at the moment; please try again."
        response = _fault(request, 503, "away", sentence)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response
    sentence = "Something went wrong on the server; what was saved before is safe. Try again."
    return _fault(request, 500, "fault", sentence)


def _fault(request: HttpRequest, status: int, code: str, sentence: str) -> HttpResponse:
    if request.path_info.startswith("/api"):
        return JsonResponse({"error": {"code": code, "message": sentence}}, status=status)
    title = "Nothing here" if status == 404 else "This did not work"
    return plain_page(status, title, sentence)
