"""What a person has achieved in the game, as the sum of their games.

Everything but the nickname can be counted anew from the assignments
(:func:`netgloss.server.play.players.recount`).
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

__all__ = ["Player"]

_LONGEST = 24


class Player(models.Model):
    """One person's standing; there is none before their first game or nickname."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="player"
    )
    nickname = models.CharField(max_length=_LONGEST)
    nickname_key = models.CharField(
        max_length=4 * _LONGEST,
        unique=True,
        help_text="What two nicknames that look alike have in common.",
    )
    score = models.PositiveIntegerField(default=0)
    games = models.PositiveIntegerField(default=0)
    won = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0)
    resigned = models.PositiveIntegerField(default=0)
    hints = models.PositiveIntegerField(default=0)
    streak = models.PositiveIntegerField(default=0, help_text="Games won in a row up to now.")
    best_streak = models.PositiveIntegerField(default=0)

    class Meta:
        """The highest scores are found without looking at the others."""

        indexes: ClassVar = [models.Index(fields=["-score", "games", "person"])]
