"""What is asked, who was given it, and what they answered.

An assignment is one image for one person. While it is leased or answered it holds one of its
item's slots, numbered from 1 to the quota. That no item is answered more often than its quota, and
that nobody gets an image twice, are therefore constraints of the database.

A lease that runs out loses its slot once somebody else needs it. Whoever comes back then gets a
free slot, or the assignment is gone: it stays as a record that this person had the image, and the
batch carries another one in its place.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

__all__ = ["Assignment", "Batch", "Consent", "Form", "Item", "Task"]

OPEN, ANSWERED, GONE = "open", "answered", "gone"


class Task(models.Model):
    """One kind of question put to people, and how the organiser has set it up."""

    name = models.SlugField(primary_key=True, max_length=20)
    title = models.CharField(max_length=100)
    method = models.CharField(max_length=60, help_text="Evidence method whose maps are shown.")
    paused = models.BooleanField(default=False)
    quota = models.PositiveSmallIntegerField(default=3, help_text="Answers an item.")
    batch_size = models.PositiveSmallIntegerField(default=10)
    max_batches = models.PositiveSmallIntegerField(default=0, help_text="A person; 0: no limit.")
    controls = models.PositiveSmallIntegerField(default=1, help_text="Control items a batch.")
    min_seconds = models.FloatField(default=3.0, help_text="An item; sooner is not taken.")
    lease_minutes = models.PositiveSmallIntegerField(default=60)
    suggestions = models.BooleanField(default=False, help_text="Offer words of other people.")
    consent = models.TextField(blank=True, help_text="Markdown; empty: no consent page.")
    instructions = models.TextField(blank=True, help_text="Markdown.")
    feedback = models.BooleanField(default=True, help_text="SECA's questions after a batch.")
    forms = models.JSONField(default=list, help_text="Of sus, tlx: asked once, when due.")
    options = models.JSONField(default=dict, help_text="Settings of the kind of task.")


class Item(models.Model):
    """One heat map to ask about."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="items")
    evidence = models.CharField(max_length=80)
    image = models.CharField(max_length=500, help_text="The image's identifier in the study.")
    layer = models.CharField(max_length=200, blank=True, help_text="Of the map, if it is of one.")
    weight = models.FloatField(default=1.0, help_text="Share of the positive evidence.")
    quota = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0, help_text="Slots held at the moment.")
    order = models.PositiveIntegerField(help_text="Breaks ties; a shuffle, so that no class leads.")
    expected = models.JSONField(null=True, blank=True, help_text="Of a control item.")
    retired = models.BooleanField(default=False)

    class Meta:
        """An item exists once a task, and no more slots are taken than there are."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task", "evidence"], name="one_item_a_heat_map"),
            models.CheckConstraint(condition=Q(taken__lte=F("quota")), name="taken_within_quota"),
        ]
        indexes: ClassVar = [models.Index(fields=["task", "retired", "taken", "order"])]


class Batch(models.Model):
    """A handful of items that one person answers in a row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey(Task, models.CASCADE)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="batches")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    panel_session = models.CharField(max_length=200, blank=True)
    wishes = models.JSONField(default=dict, help_text="What the person asked of it.")

    class Meta:
        """A person works on one batch of a task at a time."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["task", "person"],
                condition=Q(finished_at__isnull=True),
                name="one_open_batch",
            )
        ]


class Assignment(models.Model):
    """One image for one person: leased, then answered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.ForeignKey(Task, models.CASCADE)
    item = models.ForeignKey(Item, models.CASCADE, related_name="assignments")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="assignments")
    image = models.CharField(max_length=500)
    position = models.PositiveSmallIntegerField(help_text="In the batch, from 0.")
    control = models.BooleanField(default=False)
    slot = models.PositiveSmallIntegerField(null=True, blank=True, help_text="From 1 to quota.")
    quota = models.PositiveSmallIntegerField(help_text="The item's when the slot was taken.")
    state = models.CharField(
        max_length=8,
        choices=[(OPEN, "open"), (ANSWERED, "answered"), (GONE, "gone to somebody else")],
        default=OPEN,
    )
    leased_until = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True, help_text="First shown.")
    seen_at = models.DateTimeField(null=True, blank=True, help_text="Last action.")
    seconds = models.FloatField(default=0.0, help_text="Active time by the server's clock.")
    course = models.JSONField(default=dict, help_text="How it went so far, by the kind of task.")
    acted = models.JSONField(
        default=list, help_text="Actions that changed the course, with their keys and replies."
    )
    draft = models.JSONField(null=True, blank=True)
    draft_number = models.PositiveIntegerField(default=0)
    answer = models.JSONField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    key = models.UUIDField(null=True, blank=True, help_text="Of the last submit.")
    receipt = models.JSONField(null=True, blank=True, help_text="What the last submit was told.")
    earlier = models.JSONField(
        default=list, help_text="Answers that were corrected, with their keys and receipts."
    )
    passed = models.BooleanField(null=True, blank=True, help_text="A control item's result.")

    class Meta:
        """Nobody has an image twice, and no slot has two holders."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task", "person", "image"], name="no_image_twice"),
            models.UniqueConstraint(fields=["item", "slot"], name="one_holder_a_slot"),
            models.UniqueConstraint(
                fields=["batch", "position"],
                condition=~Q(state=GONE),
                name="one_item_a_position",
            ),
            models.CheckConstraint(
                condition=Q(slot__isnull=True) | Q(slot__gte=1, slot__lte=F("quota")),
                name="slot_within_quota",
            ),
        ]
        # By what has no value yet and not by the state: SQLite would take an index of states for
        # every question about what somebody answered, and read what everybody did.
        indexes: ClassVar = [
            models.Index(
                fields=["leased_until"],
                condition=Q(answered_at__isnull=True),
                name="leases_that_may_end",
            )
        ]


class Consent(models.Model):
    """That a person agreed to the text of a task's consent page."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="consents")
    task = models.ForeignKey(Task, models.CASCADE, related_name="consents")
    text = models.CharField(max_length=64, help_text="SHA-256 of the text they saw.")
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """Once a text."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "task", "text"], name="one_consent_a_text")
        ]


class Form(models.Model):
    """A filled-in form: SECA's feedback questions, SUS or NASA-TLX."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="forms")
    task = models.ForeignKey(Task, models.CASCADE)
    batch = models.ForeignKey(Batch, models.CASCADE, null=True, blank=True)
    name = models.SlugField(max_length=20)
    answers = models.JSONField()
    remark = models.TextField(blank=True)
    filled_at = models.DateTimeField(default=timezone.now)

    class Meta:
        """The same form once a batch."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "task", "batch", "name"], name="one_form_a_batch"
            )
        ]
