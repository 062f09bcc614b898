"""How passwords are kept: Argon2id at the cost that OWASP's cheat sheet recommends."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher

__all__ = ["Argon2"]


class Argon2(Argon2PasswordHasher):
    """Argon2id in 19 MiB.

    Django's own setting takes 100 MiB and eight threads a hash: a class that signs in at the same
    moment would use up a small server's memory.

    Source:
        OWASP Password Storage Cheat Sheet, Argon2id: m = 19 MiB, t = 2, p = 1.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
