"""What a server is told when it starts, carried to its worker processes by the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, replace
from pathlib import Path

__all__ = ["Environment"]

_PREFIX = "NETGLOSS_"


@dataclass(frozen=True)
class Environment:
    """What the settings are made from.

    Each field is also an environment variable, ``NETGLOSS_STUDY`` and so on.

    Args:
        study: The study folder; empty only where no study is served, as in a check of migrations.
        database: ``postgresql://user:password@host:port/name`` or ``sqlite:///path``; empty for
            ``answers.sqlite3`` in the study folder.
        address: Where people reach the server, for links in mails: ``http://127.0.0.1:8000``.
        hosts: Host names that are answered, separated by commas.
        https: ``1`` where a proxy in front speaks HTTPS; cookies then travel only encrypted.
        mail: ``smtp://user:password@host:port`` or ``smtps://…``; empty prints mails.
        sender: Address from which mails come.
        mturk: Sites besides Amazon's own that may act as Mechanical Turk, separated by commas.
    """

    study: str = ""
    database: str = ""
    address: str = "http://127.0.0.1:8000"
    hosts: str = "127.0.0.1,localhost,[::1]"
    https: str = ""
    mail: str = ""
    sender: str = "netgloss@localhost"
    mturk: str = ""

    @classmethod
    def current(cls) -> Environment:
        """What the environment variables of this process say."""
        given = {
            field.name: os.environ[_PREFIX + field.name.upper()]
            for field in fields(cls)
            if _PREFIX + field.name.upper() in os.environ
        }
        return replace(cls(), **given)

    def apply(self) -> None:
        """Puts every field into the environment, and names the settings module."""
        for field in fields(self):
            os.environ[_PREFIX + field.name.upper()] = getattr(self, field.name)
        os.environ["DJANGO_SETTINGS_MODULE"] = "netgloss.server.settings"

    @property
    def folder(self) -> Path:
        """The study folder."""
        return Path(self.study)
