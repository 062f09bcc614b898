"""The engine's front: everything that other parts of the server do with tasks."""

from __future__ import annotations

from netgloss.server.tasks.acting import Acted, act
from netgloss.server.tasks.batches import finish_batch, open_batch, resume_batch
from netgloss.server.tasks.items import Synced, set_quota, set_up, set_up_all, sync_items, task_of
from netgloss.server.tasks.slots import free_slots, take_back_slots
from netgloss.server.tasks.submitting import Receipt, mark_opened, save_draft, submit

__all__ = [
    "Acted",
    "Receipt",
    "Synced",
    "act",
    "finish_batch",
    "free_slots",
    "mark_opened",
    "open_batch",
    "resume_batch",
    "save_draft",
    "set_quota",
    "set_up",
    "set_up_all",
    "submit",
    "sync_items",
    "take_back_slots",
    "task_of",
]
