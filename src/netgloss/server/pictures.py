"""The pictures people see, behind opaque addresses.

An address is a capability: it names an assignment (or an item, for the organiser), a kind of
picture and one of its parts, and carries a signature. Neither the file's name nor the class can be
read from it, and without the server's key none can be made up. What may not be seen yet is not
served, even to whoever has its address.
"""

from __future__ import annotations

import base64
import logging
from uuid import UUID

from django.core import signing
from django.db.models import UUIDField
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_safe

from netgloss.errors import NetglossError
from netgloss.server.drawing import Picture, picture_file
from netgloss.server.prepared import Given, Prepared
from netgloss.server.tasks.kinds import kind_of
from netgloss.server.tasks.models import Assignment, Item

__all__ = ["Picture", "address", "item_address", "serve"]

_SALT = "netgloss.pictures"
_ITEM_BYTES = 8
_KEEP = {"Cache-Control": "private, max-age=86400, immutable"}
# A browser must not show later what somebody else at the same machine was not shown.
_KEEP_NOT = {"Cache-Control": "private, no-store"}
_OF_A_GAME = (Picture.REVEAL, Picture.WHOLE)
_LOG = logging.getLogger("netgloss.server.pictures")


def address(kind: Picture, assignment_id: UUID, part: int = 0) -> str:
    """Where the picture of an assignment is served.

    Args:
        kind: Which picture.
        assignment_id: The assignment's key.
        part: Which of its parts, 0 to 9: of ``REVEAL`` the level.
    """
    return _address(kind, "a", part, assignment_id.bytes)


def item_address(kind: Picture, item_id: int) -> str:
    """Where the picture of an item is served, for the organiser.

    Args:
        kind: Which picture.
        item_id: The item's key.
    """
    return _address(kind, "n", 0, item_id.to_bytes(_ITEM_BYTES))


def _address(kind: Picture, of: str, part: int, key: bytes) -> str:
    named = f"{kind.value}{of}{part}" + base64.urlsafe_b64encode(key).decode().rstrip("=")
    return f"/pictures/{_signer().sign(named)}.webp"


def _signer() -> signing.Signer:
    return signing.Signer(salt=_SALT, sep=".")


@require_safe
def serve(_request: HttpRequest, capability: str) -> HttpResponse:
    """The picture behind an address, for a page that shows it; no cookie is asked for.

    What must not be seen yet is answered like an address that does not exist.

    Args:
        _request: Any.
        capability: The address's last part, without its ending.
    """
    try:
        named = _signer().unsign(capability)
        kind, part = Picture(named[:1]), int(named[2:3])
        method, evidence = _looked_up(kind, part, named[1:2], named[3:])
        content = picture_file(kind, method, evidence, part=part).read_bytes()
    except (signing.BadSignature, ValueError, Item.DoesNotExist):
        return HttpResponseNotFound()
    except NetglossError:
        _LOG.exception("a picture cannot be shown")
        return HttpResponseNotFound()
    headers = _KEEP_NOT if kind in _OF_A_GAME else _KEEP
    return HttpResponse(content, content_type="image/webp", headers=headers)


# What kinds of task look at; the rest, texts and drafts, would be read for each picture.
_asked: Prepared[Assignment] = Prepared(
    lambda: (
        Assignment.objects.filter(pk=Given("id", UUIDField()))
        .select_related("task", "item")
        .only("task__method", "item__evidence", "person_id", "state", "control", "course")
    )
)


def _looked_up(kind: Picture, part: int, of: str, encoded: str) -> tuple[str, str]:
    """Method and identifier of the heat map that a capability stands for, in one query.

    Raises:
        ValueError: It stands for nothing, or for what must not be seen yet.
    """
    key = base64.urlsafe_b64decode(encoded + "==")
    if of == "a":
        return _of_assignment(kind, part, UUID(bytes=key))
    if len(key) != _ITEM_BYTES:
        raise ValueError("no item's key")
    return Item.objects.values_list("task__method", "evidence").get(pk=int.from_bytes(key))


def _of_assignment(kind: Picture, part: int, assignment_id: UUID) -> tuple[str, str]:
    found = _asked.first(id=assignment_id)
    if found is None:
        raise ValueError("no assignment's key")
    if not kind_of(found.task_id).reveals(found, kind, part):
        raise ValueError("not to be seen yet")
    return found.task.method, found.item.evidence
