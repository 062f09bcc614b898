"""Tells Django of these tables."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["TasksConfig"]


class TasksConfig(AppConfig):
    """The tables of ``netgloss.server.tasks``."""

    name = "netgloss.server.tasks"
    label = "tasks"
    default_auto_field = "django.db.models.BigAutoField"
