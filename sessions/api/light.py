"""Serializers for answers with many rows: declared like any other, read out without work for each field."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any

from django.db.models.manager import BaseManager
from rest_framework import serializers
from rest_framework.utils.serializer_helpers import ReturnDict

Getter = Callable[[Any], Any]

AS_THEY_ARE = (
    serializers.BooleanField,
    serializers.CharField,
    serializers.ChoiceField,
    serializers.DateField,
    serializers.DateTimeField,
    serializers.DictField,
    serializers.FloatField,
    serializers.IntegerField,
    serializers.JSONField,
    serializers.ListField,
    serializers.UUIDField,
)
"""Fields whose values the JSON renderer writes as they stand in the row."""


class LightSerializer(serializers.Serializer[Any]):
    """Only for answers. Each field is one attribute path, or the method ``get_<field>(row)`` of the class.

    Django REST framework asks every field of every row for its attribute and its form; the declaration already says
    both, so they are read from it once.
    """

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {name: get(instance) for name, get in plan(type(self))}

    @property
    def data(self) -> Any:
        return ReturnDict(self.to_representation(self.instance), serializer=self)


@cache
def plan(of: type[LightSerializer]) -> tuple[tuple[str, Getter], ...]:
    """How each declared field of a serializer is read from a row."""
    fields: Mapping[str, serializers.Field[Any, Any, Any, Any]] = of().fields
    return tuple((name, _getter(of, name, field)) for name, field in fields.items())


def _getter(of: type[LightSerializer], name: str, field: serializers.Field[Any, Any, Any, Any]) -> Getter:
    # DRF has a get_value() and a get_initial() of its own.
    own = None if hasattr(LightSerializer, f"get_{name}") else f"get_{name}"
    method: Getter | None = getattr(of, own, None) if own else None
    read = method or _path(field.source or name, none_on_the_way=field.allow_null)
    if isinstance(field, serializers.ListSerializer):
        each = field.child.to_representation  # type: ignore[union-attr]
        return lambda row: [each(item) for item in _rows(read(row))]
    if isinstance(field, AS_THEY_ARE):
        return read
    written = field.to_representation
    return lambda row: None if (value := read(row)) is None else written(value)


def _path(source: str, *, none_on_the_way: bool) -> Getter:
    """An attribute path. As in Django REST framework, what may be null is null where an owner on the way is None."""
    owner, _, last = source.rpartition(".")
    if not (owner and none_on_the_way):
        return attrgetter(source)
    find, read = _path(owner, none_on_the_way=True), attrgetter(last)
    return lambda row: None if (found := find(row)) is None else read(found)


def _rows(found: Any) -> Iterable[Any]:
    return found.all() if isinstance(found, BaseManager) else found
