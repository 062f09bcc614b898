"""The engine's front: everything that other parts of the server do with tasks."""

from __future__ import annotations

from netgloss.server.tasks.batches import finish_batch, open_batch, resume_batch
from netgloss.server.tasks.items import Synced, set_quota, set_up, sync_items, task_of
from netgloss.server.tasks.slots import free_slots, take_back_slots
from netgloss.server.tasks.submitting import Receipt, mark_opened, save_draft, submit

__all__ = [
    "Receipt",
    "Synced",
    "finish_batch",
    "free_slots",
    "mark_opened",
    "open_batch",
    "resume_batch",
    "save_draft",
    "set_quota",
    "set_up",
    "submit",
    "sync_items",
    "take_back_slots",
    "task_of",
]
