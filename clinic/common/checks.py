"""System checks of the house, run by ``manage.py check --database default`` and after every migration."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from clinic.common import guards
from clinic.common.models import IdempotencyKey


@register(Tags.database)
def guards_stand(*, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Every append-only table must refuse changes in the database itself."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if IdempotencyKey._meta.db_table not in connection.introspection.table_names():
            continue  # not migrated yet
        for name in guards.missing(connection):
            found.append(
                Error(f"The guard {name} is missing.", hint="Run manage.py migrate.", id="clinic.E001")
            )
    return found
