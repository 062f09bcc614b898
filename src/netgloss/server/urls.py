"""Addresses: the API, and the front end for everything else."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt

from netgloss.server import pages
from netgloss.server.api import api
from netgloss.server.pictures import serve
from netgloss.server.reference import reference

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]

# Views beside the API take no verb that changes anything; a forged request is refused for its
# verb, as at an address that does not exist, and not for its missing token.
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/docs", csrf_exempt(reference)),
    path("api/", api.urls),
    path("pictures/<str:capability>.webp", csrf_exempt(serve)),
    path("from/<str:panel>", csrf_exempt(pages.from_panel)),
    path("mturk", csrf_exempt(pages.framed_page)),
    path("plain.css", csrf_exempt(pages.style)),
    re_path(r"^(?P<path>.*)$", csrf_exempt(pages.page)),
]
handler400 = "netgloss.server.pages.refused_page"
handler404 = "netgloss.server.pages.no_such_page"
handler500 = "netgloss.server.pages.server_fault"
