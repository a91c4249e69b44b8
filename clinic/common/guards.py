"""Triggers on both databases: what is written once is neither changed nor deleted, and what follows from it is kept.

They are declared in code, by inheriting :class:`~clinic.common.models.AppendOnly`; our ``migrate`` command drops
them before it works and makes them again afterwards, because SQLite loses the triggers of a table that it rebuilds.
A system check compares what stands in the database with what the code declares.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from clinic.common.models import AppendOnly

FUNCTION = "clinic_refuse_change"
PREFIX = "guard_"

# Class 23 makes Django raise IntegrityError; without it the error would pass for a programming mistake.
_FUNCTION_SQL = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'constraint append_only_%', TG_TABLE_NAME USING ERRCODE = '23514';
END $$
"""


@dataclass(frozen=True, slots=True)
class Guard:
    """One trigger: a table and the statement that it refuses, or before which it does what ``body`` says."""

    table: str
    event: str
    body: str = ""

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.table}_{self.event.lower()}"

    def create_sql(self, connection: Any) -> str:
        name, table = connection.ops.quote_name(self.name), connection.ops.quote_name(self.table)
        if connection.vendor == "postgresql":
            each = "STATEMENT" if self.event == "TRUNCATE" else "ROW"
            function = name if self.body else FUNCTION
            return f"CREATE TRIGGER {name} BEFORE {self.event} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"
        body = self.body or f"SELECT RAISE(ABORT, 'constraint append_only_{self.table}');"
        return f"CREATE TRIGGER {name} BEFORE {self.event} ON {table} BEGIN {body} END"

    def function_sql(self, connection: Any) -> str:
        """What PostgreSQL wants to have before a trigger with a body."""
        return (
            f"CREATE OR REPLACE FUNCTION {connection.ops.quote_name(self.name)}() RETURNS trigger"
            f" LANGUAGE plpgsql AS $$ BEGIN {self.body} RETURN NEW; END $$"
        )

    def drop_sql(self, connection: Any) -> str:
        name = connection.ops.quote_name(self.name)
        on_table = f" ON {connection.ops.quote_name(self.table)}" if connection.vendor == "postgresql" else ""
        return f"DROP TRIGGER IF EXISTS {name}{on_table}"


def guarded_models() -> Iterator[type[AppendOnly]]:
    """Every concrete model that is written once."""
    for model in apps.get_models(include_auto_created=True):
        if issubclass(model, AppendOnly) and not model._meta.proxy:
            yield model


def declared(connection: Any) -> set[Guard]:
    """The triggers that the code asks for."""
    events = ("UPDATE", "DELETE", "TRUNCATE") if connection.vendor == "postgresql" else ("UPDATE", "DELETE")
    refusing = {Guard(model._meta.db_table, event) for model in guarded_models() for event in events}
    return refusing | {
        Guard(model._meta.db_table, "INSERT", model.before_insert[connection.vendor])
        for model in guarded_models()
        if model.before_insert
    }


def standing(connection: Any) -> set[str]:
    """The names of the guards that stand in the database."""
    query = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'guard\\_%%'",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard\\_%%' ESCAPE '\\'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query, [])
        return {row[0] for row in cursor.fetchall()}


def make(connection: Any) -> None:
    """Create the guards of all tables that exist and drop those that nothing declares any more."""
    there = set(connection.introspection.table_names())
    already = standing(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION_SQL)
        for guard in sorted(declared(connection), key=lambda guard: guard.name):
            if guard.table in there and guard.name not in already:
                if guard.body and connection.vendor == "postgresql":
                    cursor.execute(guard.function_sql(connection))
                cursor.execute(guard.create_sql(connection))


def drop(connection: Any) -> None:
    """Drop every guard, for a migration or for a test's flush."""
    names = standing(connection)
    with connection.cursor() as cursor:
        for guard in declared(connection):
            if guard.name in names:
                cursor.execute(guard.drop_sql(connection))


def missing(connection: Any) -> list[str]:
    """Names of guards that are declared and do not stand."""
    return sorted({guard.name for guard in declared(connection)} - standing(connection))
