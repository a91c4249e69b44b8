"""Every table of ours with its columns: the data dictionary, written from the models."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from clinic.common.constraints import NoOverlap

FLOORS = ("clinic", "patients", "sessions")
NAME_OF_TYPE = {
    "BigAutoField": "whole number, counted up",
    "BooleanField": "yes or no",
    "CharField": "text",
    "DateField": "date",
    "DateTimeField": "instant (UTC)",
    "EmailField": "e-mail address",
    "JSONField": "JSON",
    "PositiveBigIntegerField": "whole number from 0",
    "PositiveIntegerField": "whole number from 0",
    "PositiveSmallIntegerField": "whole number from 0",
    "SlugField": "slug",
    "SmallIntegerField": "whole number",
    "TextField": "long text",
    "UUIDField": "UUID",
}
SIZED = {"text", "slug", "e-mail address"}
COMPARED = {"exact": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "in": "in"}
ATTRIBUTE = re.compile(r"^\s{4,}(\w+): (.+)$")

INTRODUCTION = """# Data dictionary

Written by `manage.py generate_docs` from the models; change those. Outside the installation rows are known by
`public_id` only. "Never changed" means that triggers in the database refuse to change or delete a row. A table with a
history keeps every earlier version of its rows in the table named.
"""


def data_dictionary() -> str:
    """The whole document: floors from the ground up, tables by name."""
    parts = [INTRODUCTION]
    for floor in FLOORS:
        parts.append(f"## {floor}\n")
        parts += [_section(model) for model in sorted(_models(floor), key=lambda model: model._meta.db_table)]
    return "\n".join(parts)


def _models(floor: str) -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        # A history table has no module of its own, only that of its app.
        if model.__module__.split(".")[0] == floor and not hasattr(model, "instance_type"):
            yield model


def _section(model: type[models.Model]) -> str:
    text = inspect.getdoc(model) or ""
    traits = list(_traits(model))
    lines = [f"### `{model._meta.db_table}`", "", f"{_plain(text.splitlines()[0])} Model `{model.__name__}`."]
    lines += ["", *traits] if traits else []
    lines += ["", "| column | holds | may be empty | note |", "|---|---|---|---|"]
    told = _told(text)
    lines += [_column(field, told) for field in model._meta.concrete_fields]
    constraints = [_constraint(item) for item in sorted(model._meta.constraints, key=lambda item: item.name)]
    lines += ["", *constraints] if constraints else []
    return "\n".join([*lines, ""])


def _traits(model: type[models.Model]) -> Iterator[str]:
    bases = {base.__name__ for base in model.__mro__}
    if "AppendOnly" in bases:
        yield "Never changed."
    history = getattr(model, "history", None)
    if history is not None:
        yield f"History: `{history.model._meta.db_table}`."


def _told(text: str) -> dict[str, str]:
    """What the docstring's ``Attributes`` say of each column."""
    told: dict[str, str] = {}
    name = ""
    for line in text.partition("Attributes:\n")[2].splitlines():
        if found := ATTRIBUTE.match(line):
            name = found[1]
            told[name] = found[2]
        elif name and line.strip():
            told[name] += f" {line.strip()}"
        else:
            name = ""
    return told


def _column(field: Any, told: dict[str, str]) -> str:
    notes = [_plain(told[field.name])] if field.name in told else []
    notes += [str(field.help_text)] if field.help_text else []
    notes += ["Once."] if field.unique and not field.primary_key else []
    if field.choices:
        notes.append("One of " + ", ".join(f"`{value}`" for value, _label in field.flatchoices) + ".")
    empty = "yes" if field.null or (field.blank and field.empty_strings_allowed) else "no"
    cells = (f"`{field.column}`", _holds(field), empty, " ".join(notes))
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _holds(field: Any) -> str:
    if field.is_relation:
        return f"row of `{field.related_model._meta.db_table}`"
    name = NAME_OF_TYPE.get(field.get_internal_type(), field.get_internal_type())
    length = field.max_length if name in SIZED and not field.choices else None
    return f"{name}, up to {length}" if length else name


def _constraint(item: Any) -> str:
    return f"- `{item.name}`: {_said(item)}"


def _said(item: Any) -> str:
    if isinstance(item, NoOverlap):
        where = f" where {_condition(item.condition)}" if item.condition else ""
        return f"no two rows of one {item.key} share an instant of [{item.start}, {item.end}){where}"
    if isinstance(item, models.UniqueConstraint):
        where = f" where {_condition(item.condition)}" if item.condition else ""
        return f"{', '.join(item.fields)} once{where}"
    if isinstance(item, models.CheckConstraint):
        return _condition(item.condition)  # type: ignore[arg-type]
    raise TypeError(f"{item.name}: say in words what a {type(item).__name__} holds")


def _condition(condition: Q) -> str:
    """A condition in words close to SQL."""
    parts = [
        f"({_condition(child)})"
        if isinstance(child, Q) and len(child) > 1 and not child.negated
        else _condition(child)
        if isinstance(child, Q)
        else _comparison(*child)  # type: ignore[misc]
        for child in condition.children
    ]
    joined = f" {condition.connector.lower()} ".join(parts)
    if condition.negated and len(parts) == 1 and " = " in joined:
        return joined.replace(" = ", " is not ")
    return f"not ({joined})" if condition.negated else joined


def _comparison(left: str, right: Any) -> str:
    name, _sign, lookup = left.partition("__")
    if lookup == "isnull":
        return f"{name} is {'' if right else 'not '}empty"
    return f"{name} {COMPARED[lookup or 'exact']} {_value(right)}"


def _value(right: Any) -> str:
    if isinstance(right, bool):
        return "yes" if right else "no"
    if isinstance(right, list | tuple):
        return ", ".join(str(value) for value in right)
    # F("column") and a constant alike; an empty text would be nothing to read.
    return str(getattr(right, "name", right)) or "blank"


def _plain(text: str) -> str:
    """A docstring's words without its markup."""
    return re.sub(r":\w+:`~?([\w.]+)`", r"`\1`", text).replace("``", "`")
