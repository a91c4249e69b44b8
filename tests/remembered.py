"""Scenes that were walked before are put back as rows, instead of walked again.

To walk a session through the operations to the state that a test needs takes more time than most tests themselves,
and thousands of tests walk the same ways. What a scene left in the database when it was walked is kept, and put back
where the same is asked for again. That is the same only where nothing else could have told the scene otherwise, so it
is walked wherever

- the database holds anything but what the scenes before it left there,
- the clock stands at another moment, or runs and the scene asks it,
- the test has changed a setting or may have replaced a piece of code.
"""

import functools
import inspect
import itertools
import pickle
import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import time
from operator import itemgetter
from typing import Any, ParamSpec, TypeVar

from django.apps import apps
from django.conf import UserSettingsHolder, settings
from django.db import connection, models, transaction
from django.db.backends.signals import connection_created
from time_machine import escape_hatch

from clinic.accounts.models import User
from clinic.audit.models import AuditChain, AuditEvent
from clinic.common import clock
from clinic.facilities.models import Site

KEPT = 100
"""Scenes kept at a time: tests that follow one another begin alike."""

GROUND = ("accounts_role", "accounts_role_permission", "audit_chain")
"""Tables of what scenes find where nothing was made yet: a flush may have left other rows there, or none."""

READS = ("SELECT", "SAVEPOINT", "RELEASE", "BEGIN")
WRITES = re.compile(r'(?:INSERT(?: OR IGNORE)? INTO|UPDATE|DELETE FROM) "(\w+)"')
Told = ParamSpec("Told")
Given = TypeVar("Given")
Row = tuple[Any, ...]
Table = dict[Any, Row]
Tables = dict[type[models.Model], Table]
Heads = tuple[tuple[Any, ...], ...]


class Unnamable(Exception):
    """What a scene was told says nothing that two tests could have in common."""


@dataclass
class Standing:
    """What the database holds, as far as scenes know.

    Attributes:
        rows: stands for exactly the rows that are there: each scene that is walked leaves others.
        writes: statements that this process had sent by then, besides those that only read.
        heads: how the chains of the audit ended; another process cannot have acted without moving them.
        sent: how many such statements it has sent until now.
        patches: how many pieces of code this test has replaced; ``patched`` of them at its beginning.
    """

    rows: Any = None
    writes: int = 0
    heads: Heads = ()
    sent: int = 0
    patches: Callable[[], Any] = tuple
    patched: Any = None


@dataclass(frozen=True)
class Rows:
    """What one scene did to the rows of the database, and what it gave back.

    Attributes:
        left: what stands for the rows that were there afterwards.
    """

    left: int
    added: Tables
    changed: Tables
    removed: Mapping[type[models.Model], Sequence[Any]]
    given: bytes


standing = Standing()
_walks = itertools.count(1)
_kept: OrderedDict[Any, Rows] = OrderedDict()
_tables: set[str] = set()
"""Tables that scenes write to, as far as they were walked: a scene that finds another one is kept the next time."""
_written: list[set[str]] = []
"""The tables written to by the scenes that are being walked, the outermost first."""


def begin(patches: Callable[[], Any]) -> None:
    """A test begins, on a database that is as the migrations left it."""
    standing.patches, standing.patched = patches, patches()
    standing.rows, standing.writes, standing.heads = None, standing.sent, ()


def remembered(scene: Callable[Told, Given]) -> Callable[Told, Given]:
    """Put back what ``scene`` made the last time it was asked for the same, upon the same."""
    signature = inspect.signature(scene)

    @functools.wraps(scene)
    def put_back_or_walk(*args: Told.args, **kwargs: Told.kwargs) -> Given:
        before = _rows_before()
        if before is None:
            return scene(*args, **kwargs)
        try:
            told = (_moment(signature, args, kwargs), _name(args), _name(kwargs))
        except Unnamable:
            return scene(*args, **kwargs)
        named = (before, scene.__module__, scene.__name__, *told)
        if named in _kept:
            _kept.move_to_end(named)
            left, given = _kept[named].left, _put_back(_kept[named])
        else:
            left, given = _walk(named, functools.partial(scene, *args, **kwargs))
            if told[1:] != (_name(args), _name(kwargs)):
                # It changed what it was given, and rows alone would not.
                _kept.pop(named, None)
        standing.rows, standing.writes, standing.heads = left, standing.sent, _heads()
        return given

    return put_back_or_walk


def _rows_before() -> Any:
    """What stands for the rows that are there; None where something else may have written, or changed the code."""
    if standing.patches() != standing.patched or isinstance(settings._wrapped, UserSettingsHolder):
        return None
    if standing.sent != standing.writes:
        return None
    if standing.rows is not None:
        return standing.rows if _heads() == standing.heads else None
    if any(model._base_manager.exists() for model in (Site, User, AuditEvent)):
        return None
    return tuple((model.__name__, tuple(rows.values())) for model, rows in _rows_of(GROUND))


def _moment(signature: inspect.Signature, args: Any, kwargs: Any) -> str:
    if escape_hatch.is_travelling():
        return clock.now().isoformat()
    told = signature.bind(*args, **kwargs)
    told.apply_defaults()
    if told.arguments.get("now", "never asked") is None:
        raise Unnamable
    return "running"


def _name(value: Any) -> Any:
    """What stands for a value in the name of a scene."""
    if isinstance(value, models.Model):
        columns = value._meta.concrete_fields
        return value._meta.label, repr([value.__dict__.get(one.attname) for one in columns])
    if is_dataclass(value):
        return type(value).__name__, *(_name(getattr(value, one.name)) for one in fields(value))
    if isinstance(value, Mapping):
        return tuple(sorted((repr(key), _name(one)) for key, one in value.items()))
    if isinstance(value, list | tuple):
        return tuple(map(_name, value))
    if callable(value) or type(value).__hash__ is None or type(value).__repr__ is object.__repr__:
        raise Unnamable
    return repr(value)


def _walk(named: Any, scene: Callable[[], Any]) -> tuple[int, Any]:
    """Walk a scene, and keep what came of it where it is part of no other."""
    left = next(_walks)
    before = {} if _written else dict(_rows_of(_tables))
    written: set[str] = set()
    _written.append(written)
    try:
        given = scene()
    finally:
        _written.pop()
        _tables.update(written)
        if _written:
            _written[-1].update(written)
    if not _written and written <= {model._meta.db_table for model in before}:
        _kept[named] = _difference(before, dict(_rows_of(written)), left, given)
        if len(_kept) > KEPT:
            _kept.popitem(last=False)
    return left, given


def _difference(before: Tables, after: Tables, left: int, given: Any) -> Rows:
    added, changed, removed = {}, {}, {}
    for model, rows in after.items():
        known = before[model]
        added[model] = {pk: row for pk, row in rows.items() if pk not in known}
        changed[model] = {pk: row for pk, row in rows.items() if pk in known and known[pk] != row}
        removed[model] = [pk for pk in known if pk not in rows]
    return Rows(left, _filled(added), _filled(changed), _filled(removed), pickle.dumps(given))


def _filled(found: dict[Any, Any]) -> dict[Any, Any]:
    return {model: rows for model, rows in found.items() if rows}


@transaction.atomic
def _put_back(rows: Rows) -> Any:
    for model in sorted(rows.added, key=lambda model: model is AuditEvent):
        _insert(model, _as_it_takes_them(model, rows.added[model]))
    for model, table in rows.changed.items():
        if model is not AuditChain:
            _update(model, table)
    for model, keys in rows.removed.items():
        _delete(model, keys)
    return pickle.loads(rows.given)


def _as_it_takes_them(model: type[models.Model], table: Table) -> Iterable[Row]:
    """The database itself moves a chain of the audit on with each event, and takes none that does not follow."""
    names = [one.attname for one in _columns(model)]
    if model is AuditEvent:
        return sorted(table.values(), key=itemgetter(names.index("sequence")))
    if model is AuditChain:
        begins = {"length": 0, "head": ""}
        return [tuple(map(begins.get, names, row)) for row in table.values()]
    return table.values()


def _rows_of(tables: Collection[str]) -> Iterator[tuple[type[models.Model], Table]]:
    """Every row of these tables, as it is stored, by its key."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table in tables and not model._meta.proxy:
            columns = _columns(model)
            key = columns.index(model._meta.pk)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {_quoted(columns)} FROM {_quoted([model._meta])}")
                yield model, {row[key]: tuple(map(_sent, row)) for row in cursor.fetchall()}


def _sent(value: Any) -> Any:
    """A stored value as the driver takes it back."""
    return connection.ops.adapt_timefield_value(value) if isinstance(value, time) else value


@functools.cache
def _columns(model: type[models.Model]) -> tuple[Any, ...]:
    return tuple(one for one in model._meta.local_concrete_fields if not one.generated)


def _quoted(named: Sequence[Any]) -> str:
    names = (getattr(one, "column", None) or one.db_table for one in named)
    return ", ".join(map(connection.ops.quote_name, names))


def _insert(model: type[models.Model], rows: Iterable[Row]) -> None:
    rows, columns = list(rows), _columns(model)
    marks = f"({', '.join(['%s'] * len(columns))})"
    statement = f"INSERT INTO {_quoted([model._meta])} ({_quoted(columns)}) VALUES "
    with connection.cursor() as cursor:
        cursor.execute(statement + ", ".join([marks] * len(rows)), [value for row in rows for value in row])


def _update(model: type[models.Model], rows: Table) -> None:
    columns = _columns(model)
    told = ", ".join(f"{_quoted([column])} = %s" for column in columns)
    statement = f"UPDATE {_quoted([model._meta])} SET {told} WHERE {_quoted([model._meta.pk])} = %s"
    with connection.cursor() as cursor:
        for key, row in rows.items():
            cursor.execute(statement, [*row, key])


def _delete(model: type[models.Model], keys: Sequence[Any]) -> None:
    statement = f"DELETE FROM {_quoted([model._meta])} WHERE {_quoted([model._meta.pk])} = %s"
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(key,) for key in keys])


def _heads() -> Heads:
    return tuple(AuditChain.objects.order_by("pk").values_list("pk", "length", "head"))


def _count(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    if not str(sql).lstrip().upper().startswith(READS):
        standing.sent += 1
        if _written and (found := WRITES.match(str(sql))):
            _written[-1].add(found[1])
    return execute(sql, params, many, context)


def watch(**told: Any) -> None:
    """Count what each connection writes, from its opening on."""
    wrappers = told["connection"].execute_wrappers
    if _count not in wrappers:
        wrappers.append(_count)


connection_created.connect(watch)
