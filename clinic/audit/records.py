"""The one way to save a plain row: checked, counted, remembered and audited."""

from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction

from clinic.audit.recording import By, record
from clinic.common.errors import Invalid, Problem, stale
from clinic.common.text import storable

M = TypeVar("M", bound=models.Model)

NOT_TOLD = frozenset({"id", "search_key", "sort_key"})
"""Columns that say nothing to a reader: the inner key, and what is derived from names."""


@transaction.atomic(savepoint=False)
def save_record(
    instance: M,
    *,
    verb: str,
    by: By,
    now: datetime,
    site: Any = None,
    patient: Any = None,
    reason: str = "",
    expected_revision: int | None = None,
) -> M:
    """Insert or update one row that has no rules beyond its fields.

    Raises:
        Invalid: a field does not fit its column.
        Stale: ``expected_revision`` is not the stored one any more; ``current`` carries the stored values.
    """
    check_fields(instance)
    before = None
    if instance.pk is not None:
        before = _checked_before(instance, expected_revision)
    instance._history_date = now  # type: ignore[attr-defined]
    instance._change_reason = reason  # type: ignore[attr-defined]
    instance._history_user = by.user  # type: ignore[attr-defined]
    instance.save()
    record(
        verb=verb,
        subject=instance,
        by=by,
        now=now,
        site=site,
        patient=patient,
        reason=reason,
        before=before,
        after=snapshot(instance),
    )
    return instance


def _checked_before(instance: models.Model, expected_revision: int | None) -> dict[str, Any]:
    model = type(instance)
    stored = model._base_manager.select_for_update(no_key=True).get(pk=instance.pk)
    if expected_revision is not None and stored.revision != expected_revision:  # type: ignore[attr-defined]
        raise stale(snapshot(stored))
    if hasattr(instance, "revision"):
        instance.revision = stored.revision + 1  # type: ignore[attr-defined]
    return snapshot(stored)


def check_fields(instance: models.Model) -> None:
    """Check every column's own limits; ``full_clean`` would add seven queries and the database checks the rest.

    Raises:
        Invalid: by field, in Django's own words.
    """
    _check_texts(instance)
    try:
        instance.clean_fields(exclude=_references(instance))
    except ValidationError as error:
        raise Invalid(
            {
                name: [
                    Problem(f"field.{item.code or 'invalid'}", "%(text)s", {"text": " ".join(item.messages)})
                    for item in items
                ]
                for name, items in error.error_dict.items()
            }
        ) from None


def _references(instance: models.Model) -> set[str]:
    # Django would ask the database once for each; the database's own foreign keys answer for nothing.
    related = (field for field in instance._meta.concrete_fields if field.is_relation)
    return {field.name for field in related if field.value_from_object(instance) is not None}


def _check_texts(instance: models.Model) -> None:
    # Django's model fields let NUL and half a surrogate pair through, and the databases then raise.
    for field in instance._meta.concrete_fields:
        value = field.value_from_object(instance)
        if isinstance(value, str):
            storable(value, field=field.name)


def snapshot(instance: models.Model) -> dict[str, Any]:
    """The row as plain values, for history and comparison."""
    fields = [field for field in instance._meta.concrete_fields if field.name not in NOT_TOLD]
    return {field.name: field.value_from_object(instance) for field in fields}
