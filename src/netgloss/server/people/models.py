"""Persons, and the invitations by which they come."""

from __future__ import annotations

import secrets
import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.utils import timezone

__all__ = ["ACCOUNT", "GUEST", "ORGANISER", "PANEL", "PARTICIPANT"]
__all__ += ["Attempts", "Invitation", "Panel", "Person", "Session"]

ACCOUNT, GUEST, PANEL = "account", "guest", "panel"
PARTICIPANT, ORGANISER = "participant", "organiser"


class Persons(BaseUserManager["Person"]):
    """Makes persons."""

    def guest(self) -> Person:
        """A new person without name or password."""
        person = self.model(kind=GUEST)
        person.set_unusable_password()
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Someone who takes part; what they gave stays theirs when a guest becomes an account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(
        max_length=8, choices=[(ACCOUNT, "account"), (GUEST, "guest"), (PANEL, "sent by a panel")]
    )
    role = models.CharField(
        max_length=11,
        choices=[(PARTICIPANT, "participant"), (ORGANISER, "organiser")],
        default=PARTICIPANT,
    )
    name = models.CharField(max_length=40, blank=True)
    name_key = models.CharField(
        max_length=160, blank=True, help_text="What two names that look alike have in common."
    )
    email = models.EmailField(blank=True, db_index=True, help_text="Lower case; may be shared.")
    panel = models.CharField(max_length=40, blank=True)
    panel_person = models.CharField(max_length=100, blank=True)
    joined_at = models.DateTimeField(default=timezone.now)
    excluded_at = models.DateTimeField(null=True, blank=True)
    excluded_why = models.CharField(max_length=200, blank=True)

    USERNAME_FIELD = "id"
    objects: ClassVar[Persons] = Persons()

    class Meta:
        """A name and a panel's person exist once.

        An e-mail address may be shared, so that signing up tells nobody who has an account.
        """

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name_key"], condition=~Q(name_key=""), name="one_name"
            ),
            models.UniqueConstraint(
                fields=["panel", "panel_person"], condition=~Q(panel=""), name="one_panel_person"
            ),
        ]

    def __str__(self) -> str:
        return self.pseudonym

    @property
    def is_organiser(self) -> bool:
        """Whether they may see and change the whole study."""
        return self.role == ORGANISER

    @property
    def pseudonym(self) -> str:
        """What exports call them; says nothing about who they are."""
        return f"person-{self.id.hex[:12]}"


class Panel(models.Model):
    """A service that sends people with an identifier in the address, such as Prolific."""

    name = models.SlugField(primary_key=True, max_length=40)
    person_parameter = models.CharField(max_length=40, default="PROLIFIC_PID")
    study_parameter = models.CharField(max_length=40, blank=True, default="STUDY_ID")
    session_parameter = models.CharField(max_length=40, blank=True, default="SESSION_ID")
    completion_url = models.CharField(
        max_length=300, blank=True, help_text="Where a person goes in the end; {code} is filled in."
    )
    completed_code = models.CharField(max_length=40, blank=True)
    screened_out_code = models.CharField(max_length=40, blank=True)
    failed_code = models.CharField(max_length=40, blank=True)


def _token() -> str:
    return secrets.token_urlsafe(24)


class Invitation(models.Model):
    """A link that makes whoever follows it an account with a role."""

    token = models.CharField(primary_key=True, max_length=40, default=_token)
    role = models.CharField(max_length=11, default=PARTICIPANT)
    note = models.CharField(max_length=100, blank=True)
    uses_left = models.PositiveIntegerField(default=1)
    expires_at = models.DateTimeField()
    made_at = models.DateTimeField(default=timezone.now)


class Attempts(models.Model):
    """How often something was tried lately, by a keyed hash of who tried it or on whom."""

    key = models.CharField(primary_key=True, max_length=64)
    count = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True, help_text="Then counting begins anew.")


class Session(AbstractBaseSession):
    """What a browser's cookie stands for, and who is signed in there: both are read at once."""

    # Without a constraint: a session that is written while its person goes stands for nobody.
    person = models.ForeignKey(
        Person, models.CASCADE, null=True, db_constraint=False, related_name="sessions"
    )
