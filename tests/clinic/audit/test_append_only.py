"""What is written once cannot be changed or deleted, whatever way the statement takes, on both databases."""

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, transaction

from clinic.audit.models import AccessEvent, AuditEvent
from clinic.audit.recording import record, record_access
from clinic.common import guards
from clinic.common.constraints import violated
from clinic.common.models import AppendOnly
from tests.clinic.audit.tampering import execute
from tests.scenes import make_site, staff

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def event(db):
    site = make_site()
    nurse = staff("nurse", site)
    record_access(what="patient", patient=nurse.user, by=nurse, now=NOW)
    return record(verb="place.tidied", subject=site, by=nurse, now=NOW, site=site)


WAYS = {
    "update": lambda event: AuditEvent.objects.update(reason="x"),
    "save": lambda event: event.save(),
    "bulk update": lambda event: AuditEvent.objects.bulk_update([event], ["reason"]),
    "delete": lambda event: event.delete(),
    "delete many": lambda event: AuditEvent.objects.all().delete(),
    "raw update": lambda event: execute("UPDATE audit_event SET reason = 'x'"),
    "raw delete": lambda event: execute("DELETE FROM audit_event"),
    "access update": lambda event: AccessEvent.objects.update(what="nothing"),
    "access delete": lambda event: AccessEvent.objects.all().delete(),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_database_refuses(event, way):
    before = (list(AuditEvent.objects.values()), list(AccessEvent.objects.values()))
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        way(event)
    assert "append_only_audit_" in str(caught.value)
    if connection.vendor == "sqlite":
        assert str(violated(caught.value)).startswith("append_only_audit_")
    assert (list(AuditEvent.objects.values()), list(AccessEvent.objects.values())) == before


def test_replacing_a_row_is_a_change_too(event):
    """SQLite's REPLACE deletes silently unless recursive triggers are on; PostgreSQL's upsert updates."""
    columns = ", ".join(field.column for field in AccessEvent._meta.concrete_fields)
    statement = {
        "sqlite": f"REPLACE INTO audit_access_event ({columns}) SELECT {columns} FROM audit_access_event",
        "postgresql": f"INSERT INTO audit_access_event ({columns}) SELECT {columns} FROM audit_access_event"
        " ON CONFLICT (id) DO UPDATE SET what = 'x'",
    }[connection.vendor]
    with pytest.raises(IntegrityError, match="append_only_audit_access_event"), transaction.atomic():
        execute(statement)


def test_a_table_cannot_be_emptied_at_once(event):
    connection.check_constraints()
    statement = {"sqlite": "DELETE FROM audit_event", "postgresql": "TRUNCATE audit_event CASCADE"}
    with pytest.raises(IntegrityError, match="append_only_audit_event"), transaction.atomic():
        execute(statement[connection.vendor])


def test_every_append_only_table_is_guarded():
    tables = {model._meta.db_table for model in apps.get_models() if issubclass(model, AppendOnly)}
    assert {"audit_event", "audit_access_event"} <= tables
    assert {guard.table for guard in guards.declared(connection)} == tables
    assert guards.missing(connection) == []


def test_a_missing_guard_fails_the_system_check():
    connection.check_constraints()
    call_command("check", databases=["default"])
    name = next(iter(sorted(guards.standing(connection))))
    guard = next(guard for guard in guards.declared(connection) if guard.name == name)
    execute(guard.drop_sql(connection))
    with pytest.raises(SystemCheckError, match=f"The guard {name} is missing"):
        call_command("check", databases=["default"])
    guards.make(connection)
    call_command("check", databases=["default"])
