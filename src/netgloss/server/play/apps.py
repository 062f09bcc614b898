"""Tells Django of these tables."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["PlayConfig"]


class PlayConfig(AppConfig):
    """The tables of ``netgloss.server.play``."""

    name = "netgloss.server.play"
    label = "play"
    default_auto_field = "django.db.models.BigAutoField"
