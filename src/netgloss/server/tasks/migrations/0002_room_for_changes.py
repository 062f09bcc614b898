"""Leaves room in the pages of assignments, which are changed with each draft.

PostgreSQL then writes the new version of a row beside the old one and touches no index.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_FULL = 70  # percent of a page that new rows fill


def leave_room(_apps: StateApps, schema: BaseDatabaseSchemaEditor) -> None:
    """Only PostgreSQL knows such a setting."""
    if schema.connection.vendor == "postgresql":
        schema.execute(f"ALTER TABLE tasks_assignment SET (fillfactor = {_FULL})")


class Migration(migrations.Migration):
    """Going back changes nothing: room does no harm."""

    dependencies = [("tasks", "0001_initial")]
    operations = [migrations.RunPython(leave_room, migrations.RunPython.noop)]
