"""Addresses: the API, and the front end for everything else."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from netgloss.server.api import api

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern | URLResolver] = [path("api/", api.urls)]
