"""Tells Django of these tables."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["PeopleConfig"]


class PeopleConfig(AppConfig):
    """The tables of ``netgloss.server.people``."""

    name = "netgloss.server.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
