"""Addresses: the API, and the front end for everything else."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from netgloss.server import pages
from netgloss.server.api import api
from netgloss.server.pictures import serve
from netgloss.server.reference import reference

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/docs", reference),
    path("api/", api.urls),
    path("pictures/<str:capability>.webp", serve),
    path("from/<str:panel>", pages.from_panel),
    path("mturk", pages.framed_page),
    path("plain.css", pages.style),
    re_path(r"^(?P<path>.*)$", pages.page),
]
handler400 = "netgloss.server.pages.refused_page"
handler404 = "netgloss.server.pages.no_such_page"
handler500 = "netgloss.server.pages.server_fault"
