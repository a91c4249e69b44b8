"""Constraints that Django does not bring: ranges that may not overlap, on PostgreSQL and SQLite alike."""

import re
from typing import Any

from django.core.exceptions import FieldError, ValidationError
from django.db import DEFAULT_DB_ALIAS, IntegrityError, models
from django.db.backends.ddl_references import Statement, Table
from django.db.models import Q, Value
from django.db.models.constraints import BaseConstraint
from django.utils.translation import gettext_lazy as _


class NoOverlap(BaseConstraint):
    """Rows with the same ``key`` that satisfy ``condition`` may not share an instant of ``[start, end)``.

    PostgreSQL gets an exclusion constraint that needs no extension; SQLite a pair of triggers, which this
    constraint emits again whenever Django rebuilds the table. Give the model an index on key and start: the
    triggers look for overlaps with it. ``condition`` may compare the row's own columns with constants
    (``exact``, ``in``, ``isnull``); a row without a key is free.
    """

    default_violation_error_message = _("This time is taken.")
    violation_error_code = "overlap"

    def __init__(
        self, *, name: str, key: str, start: str, end: str, condition: Q | None = None, **kwargs: Any
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.key, self.start, self.end = key, start, end
        self.condition = condition or Q()

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        kwargs |= {"key": self.key, "start": self.start, "end": self.end, "condition": self.condition}
        return path, args, kwargs

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NoOverlap):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((self.name, self.key, self.start, self.end))

    def constraint_sql(self, model: type[models.Model] | None, schema_editor: Any) -> Any:
        """The part of CREATE TABLE; on SQLite, triggers to be created once the table stands."""
        assert model is not None
        if schema_editor.connection.vendor == "postgresql":
            return f"CONSTRAINT {schema_editor.quote_name(self.name)} {self._exclusion(model, schema_editor)}"
        schema_editor.deferred_sql.extend(self._triggers(model, schema_editor))
        return None

    def create_sql(self, model: type[models.Model] | None, schema_editor: Any) -> Any:
        assert model is not None
        if schema_editor.connection.vendor == "postgresql":
            return Statement(
                "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s %(definition)s",
                table=Table(model._meta.db_table, schema_editor.quote_name),
                name=schema_editor.quote_name(self.name),
                definition=self._exclusion(model, schema_editor),
            )
        on_insert, on_update = self._triggers(model, schema_editor)
        schema_editor.execute(on_insert)
        return on_update

    def remove_sql(self, model: type[models.Model] | None, schema_editor: Any) -> Any:
        assert model is not None
        if schema_editor.connection.vendor == "postgresql":
            return Statement(
                "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
                table=Table(model._meta.db_table, schema_editor.quote_name),
                name=schema_editor.quote_name(self.name),
            )
        quote = schema_editor.quote_name
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {quote(f'{self.name}_insert')}")
        return f"DROP TRIGGER IF EXISTS {quote(f'{self.name}_update')}"

    def _exclusion(self, model: type[models.Model], schema_editor: Any) -> str:
        key, start, end = (schema_editor.quote_name(column) for column in self._columns(model))
        where = self._sql(self.condition, model, schema_editor, "")
        # int8range instead of the plain number: comparing numbers in a gist index needs an extension.
        return (
            f"EXCLUDE USING gist (int8range({key}, {key}, '[]') WITH &&, tstzrange({start}, {end}, '[)') WITH &&)"
            f" WHERE ({where} AND {key} IS NOT NULL)"
        )

    def _triggers(self, model: type[models.Model], schema_editor: Any) -> tuple[Statement, Statement]:
        key, start, end = (schema_editor.quote_name(column) for column in self._columns(model))
        new = self._sql(self.condition, model, schema_editor, "NEW.")
        other = self._sql(self.condition, model, schema_editor, "other.")
        pk = schema_editor.quote_name(model._meta.pk.column)

        def trigger(event: str) -> Statement:
            # Django writes instants as text in one form and in UTC, so text sorts as time does.
            itself = f" AND other.{pk} <> NEW.{pk}" if event == "update" else ""
            body = (
                f"CREATE TRIGGER %(name)s BEFORE {event.upper()} ON %(table)s FOR EACH ROW"
                f" WHEN {new} AND NEW.{key} IS NOT NULL AND EXISTS (SELECT 1 FROM %(table)s AS other"
                f" WHERE other.{key} = NEW.{key} AND {other} AND other.{start} < NEW.{end}"
                f" AND other.{end} > NEW.{start}{itself})"
                f" BEGIN SELECT RAISE(ABORT, 'constraint {self.name}'); END"
            )
            name = schema_editor.quote_name(f"{self.name}_{event}")
            return Statement(body, table=Table(model._meta.db_table, schema_editor.quote_name), name=name)

        return trigger("insert"), trigger("update")

    def _columns(self, model: type[models.Model]) -> list[str]:
        return [str(model._meta.get_field(name).column) for name in (self.key, self.start, self.end)]  # type: ignore[union-attr]

    def _sql(self, condition: Q, model: type[models.Model], schema_editor: Any, prefix: str) -> str:
        """The condition in SQL with its constants written out, as DDL demands."""
        parts = [
            f"({self._sql(child, model, schema_editor, prefix)})"
            if isinstance(child, Q)
            else self._comparison(child, model, schema_editor, prefix)
            for child in condition.children
        ]
        joined = f" {condition.connector} ".join(parts) or "1 = 1"
        return f"NOT ({joined})" if condition.negated else joined

    def _comparison(self, child: Any, model: type[models.Model], schema_editor: Any, prefix: str) -> str:
        name, value = child
        name, _separator, lookup = name.partition("__")
        field = model._meta.get_field(name)
        column = f"{prefix}{schema_editor.quote_name(field.column)}"  # type: ignore[union-attr]
        if lookup == "isnull":
            return f"{column} IS {'' if value else 'NOT '}NULL"
        if lookup not in {"", "exact", "in"}:
            raise FieldError(f"NoOverlap cannot write {name}__{lookup} as a condition.")
        connection = schema_editor.connection
        values = value if lookup == "in" else [value]
        written = [schema_editor.quote_value(field.get_db_prep_value(item, connection)) for item in values]  # type: ignore[union-attr]
        return f"{column} IN ({', '.join(str(item) for item in written)})"

    def validate(
        self,
        model: type[models.Model],
        instance: models.Model,
        exclude: Any = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        """For ``full_clean``; the database decides in the end."""
        start, end = getattr(instance, self.start), getattr(instance, self.end)
        key = getattr(instance, model._meta.get_field(self.key).attname)  # type: ignore[union-attr]
        if (
            key is None
            or start is None
            or end is None
            or {self.key, self.start, self.end} & set(exclude or ())
        ):
            return
        if not self.condition.check(self._values(model, instance)):
            return
        overlapping = {self.key: key, f"{self.start}__lt": end, f"{self.end}__gt": start}
        others = model._base_manager.using(using).filter(self.condition, **overlapping)
        if instance.pk is not None:
            others = others.exclude(pk=instance.pk)
        if others.exists():
            raise ValidationError(self.get_violation_error_message(), code=self.violation_error_code)

    def _values(self, model: type[models.Model], instance: models.Model) -> dict[str, Value]:
        """The row's columns that the condition names, each with its field: a bare None has no type and no lookup."""
        names = self._condition_fields(self.condition)
        fields = [field for field in model._meta.concrete_fields if field.name in names]
        return {field.name: Value(field.value_from_object(instance), output_field=field) for field in fields}

    def _condition_fields(self, condition: Q) -> set[str]:
        names: set[str] = set()
        for child in condition.children:
            names |= self._condition_fields(child) if isinstance(child, Q) else {_name_of(child)}
        return names


def _name_of(child: Any) -> str:
    return str(child[0]).partition("__")[0]


_ON_SQLITE = re.compile(r"constraint (\w+)|CHECK constraint failed: (\w+)")


def violated(error: IntegrityError) -> str | None:
    """The name of the constraint that refused a write, where the database tells it."""
    diagnostics = getattr(error.__cause__, "diag", None)
    if diagnostics is not None:
        return str(diagnostics.constraint_name) if diagnostics.constraint_name else None
    found = _ON_SQLITE.search(str(error))
    return (found.group(1) or found.group(2)) if found else None
