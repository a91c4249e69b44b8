"""Doing to the database what nobody should: with its guards taken down, or its audit made to fail."""

from typing import Any

from django.apps import apps
from django.db import connection

from clinic.common import guards
from tests.house.source import OUR_LABELS

BREAKING_SQL = {
    "sqlite": [
        "CREATE TRIGGER broken_audit BEFORE INSERT ON audit_event"
        " BEGIN SELECT RAISE(ABORT, 'constraint broken_audit'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION broken_audit() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'constraint broken_audit' USING ERRCODE = '23514'; END $$",
        "CREATE TRIGGER broken_audit BEFORE INSERT ON audit_event"
        " FOR EACH ROW EXECUTE FUNCTION broken_audit()",
    ],
}


def execute(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def drop_guards() -> None:
    """For the rest of the test's transaction."""
    # PostgreSQL alters no table that has foreign keys still to be checked.
    connection.check_constraints()
    guards.drop(connection)


def break_the_audit() -> None:
    """From now on no event can be written."""
    connection.check_constraints()
    for statement in BREAKING_SQL[connection.vendor]:
        execute(statement)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of ours."""
    models = [model for model in apps.get_models() if model._meta.app_label in OUR_LABELS]
    return {model._meta.label: sorted(model._base_manager.values_list(), key=repr) for model in models}
