"""Brakes on guessing: how often something may be tried in a while, counted in the database.

All worker processes count together and a restart forgets nothing. Whose tries they are is kept
only as a keyed hash that ends with the counting.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from netgloss.server.errors import RequestError
from netgloss.server.people.models import Attempts

__all__ = ["LIMITS", "Limit", "address_of", "forget_ended", "give_back", "spend"]


class Limit(NamedTuple):
    """How many tries in how many seconds."""

    tries: int
    seconds: int


# A class of pupils comes from one address, hence the room there.
LIMITS = {
    "sign-in to a name from an address": Limit(10, 900),
    "sign-in to a name": Limit(60, 3600),
    "sign-in from an address": Limit(200, 900),
    "reset of an e-mail": Limit(3, 3600),
    "reset from an address": Limit(30, 3600),
    "reset link from an address": Limit(60, 3600),
    "account from an address": Limit(300, 3600),
    "guest from an address": Limit(3000, 3600),
}


def spend(what: str, *whose: str) -> None:
    """Counts a try before it is made, so that tries at the same moment count too.

    Args:
        what: A name in :data:`LIMITS`.
        *whose: An address, a name, or both.

    Raises:
        RequestError: 429 ``too_often`` with the ``seconds`` until it may be tried again.
    """
    limit, now = LIMITS[what], timezone.now()
    key = _key(what, *whose)
    with transaction.atomic():
        Attempts.objects.get_or_create(
            key=key, defaults={"until": now + timedelta(seconds=limit.seconds)}
        )
        row = Attempts.objects.select_for_update().get(key=key)
        if row.until <= now:
            row.count, row.until = 0, now + timedelta(seconds=limit.seconds)
        if row.count >= limit.tries:
            raise _too_often((row.until - now).total_seconds())
        row.count += 1
        row.save()


def give_back(what: str, *whose: str) -> None:
    """Takes a try back that went well: only those that fail are to be limited."""
    with transaction.atomic():
        row = Attempts.objects.select_for_update().filter(key=_key(what, *whose)).first()
        if row is not None and row.count:
            row.count -= 1
            row.save()


def forget_ended() -> None:
    """Deletes what counts no more."""
    with transaction.atomic():
        ended = Attempts.objects.select_for_update(skip_locked=True).filter(
            until__lte=timezone.now()
        )
        Attempts.objects.filter(key__in=[row.key for row in ended]).delete()


def address_of(request: HttpRequest) -> str:
    """The network address that asks, for :func:`spend`; of IPv6 the half that names a household.

    Behind a proxy it is what the proxy added last to ``X-Forwarded-For``; what stands before that
    the client may have made up.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        forwarded = request.headers.get("X-Forwarded-For", "")
        address = forwarded.rpartition(",")[2].strip() or address
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)


def _too_often(seconds: float) -> RequestError:
    minutes = max(1, math.ceil(seconds / 60))
    return RequestError(
        429,
        "too_often",
        f"That was tried too often; try again in {minutes} minute{'s' if minutes > 1 else ''}.",
        seconds=math.ceil(seconds),
    )


def _key(*parts: str) -> str:
    """A hash that nobody without the server's key can look an address or a name up by."""
    key = f"netgloss.throttle{settings.SECRET_KEY}".encode()
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hmac.new(key, text, hashlib.sha256).hexdigest()
