"""The sessions of an episode as the lines of its tables: those that are over are read once, and then known.

Facts are only ever added, so that a session whose row reads the same and that has as many of each kind has the same
line. Three queries where every line is known, and as many for forty sessions as for one where none is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection

from clinic.accounts.actor import Actor
from clinic.common.kept import Shelf
from sessions.models import (
    BaselineChoice,
    DoseConfirmation,
    InfusionEvent,
    InfusionSession,
    SideEffect,
    SideEffectEntry,
    SideEffectInquiry,
    VitalSigns,
)
from sessions.reports.chart import holding
from sessions.reports.course_session import SessionLine, line_of
from sessions.states import OFF, Status

FACTS: tuple[Any, ...] = (
    SideEffectInquiry,
    DoseConfirmation,
    InfusionEvent,
    BaselineChoice,
    SideEffect,
    SideEffectEntry,
    VitalSigns,
)
"""Every kind of which a line tells anything; whether side effects were asked about is told by the first alone."""
SESSION = (
    *("id", "public_id", "course_id", "status", "local_date", "scheduled_start", "infusion_started_at"),
    *("infusion_ended_at", "running_since", "infused_seconds", "given_micrograms", "end_kind"),
)
SIGNED = ("is_authored", "is_reviewed")
READING = (
    "pk",
    "session_id",
    "taken_at",
    "systolic",
    "diastolic",
    "heart_rate",
    "oxygen_saturation",
    "corrects_id",
    "retracted",
)
"""What a line reads of its session and of hundreds of readings: the rest of wide rows is left where it is."""

_known: Shelf[SessionLine] = Shelf(4096)


def session_lines(courses: Collection[int], *, actor: Actor, zone: Any, now: datetime) -> list[SessionLine]:
    """The sessions of some courses by their planned times; those of each are numbered by themselves.

    Args:
        courses: by inner key.
        zone: on whose clocks their times are told.
    """
    found = InfusionSession.objects.for_user(actor).filter(course__in=courses).with_chart_state()
    rows = list(found.order_by("scheduled_start", "pk").values_list(*SESSION, *SIGNED))
    counts, none = _counts(courses), (0,) * len(FACTS)
    keys = [(*key, counts.get(key[0][0], none)) for key in _keys(rows, zone)]
    lines = [_known.get(key) for key in keys]
    missing = [place for place, line in enumerate(lines) if line is None]
    for place, session in zip(missing, _with_facts([keys[place] for place in missing]), strict=True):
        line = line_of(session, session.readings, keys[place][1], zone, now)
        lines[place] = _known.put(keys[place], line) if _is_settled(session, now) else line
    return [line for line in lines if line]


def _is_settled(session: InfusionSession, now: datetime) -> bool:
    """Whether the clock has no more part in it: nothing runs in."""
    ended = session.infusion_ended_at
    return session.infusion_started_at is None or (ended is not None and ended <= now)


def _keys(rows: Iterable[Any], zone: Any) -> Iterable[tuple[Any, int | None, Any]]:
    """Each row with its number among those of its course that took or take place."""
    course, status = SESSION.index("course_id"), SESSION.index("status")
    numbers: dict[int, int] = defaultdict(int)
    for row in rows:
        takes_place = Status(row[status]) not in OFF
        numbers[row[course]] += takes_place
        yield row, numbers[row[course]] if takes_place else None, zone


def _counts(courses: Collection[int]) -> Mapping[int, tuple[int, ...]]:
    """How many facts of each kind every session has; sessions without any are left out."""
    found: dict[int, list[int]] = defaultdict(lambda: [0] * len(FACTS))
    with connection.cursor() as cursor:
        cursor.execute(_question(len(courses)), [*courses] * len(FACTS))
        for kind, session, count in cursor.fetchall():
            found[session][kind] = count
    return {session: tuple(counts) for session, counts in found.items()}


@cache
def _question(courses: int) -> str:
    # By hand: Django takes longer to write down a union than the database to answer it.
    places = ", ".join(["%s"] * courses)
    mine = f"SELECT id FROM sessions_infusion_session WHERE course_id IN ({places})"
    return " UNION ALL ".join(
        f"SELECT {kind}, session_id, COUNT(*) FROM {model._meta.db_table}"
        f" WHERE session_id IN ({mine}) GROUP BY session_id"
        for kind, model in enumerate(FACTS)
    )


def _with_facts(keys: Iterable[Any]) -> list[Any]:
    """The session of each key with the facts that its line reads, each kind in one query."""
    sessions = [_session(row, asked=counts[0]) for row, _number, _zone, counts in keys]
    for kind in ("doses", "infusion_events", "baseline_choices"):
        _read(sessions, kind)
    _read(_read(sessions, "side_effects"), "entries")
    _read_readings(sessions)
    return sessions


def _session(row: Sequence[Any], *, asked: int) -> Any:
    session: Any = InfusionSession.from_db(None, SESSION, row[: len(SESSION)])
    for name, value in zip(SIGNED, row[len(SESSION) :], strict=True):
        setattr(session, name, value)
    session.is_asked = bool(asked)
    return session


def _read(owners: Sequence[Any], kind: str) -> list[Any]:
    """The rows of one kind of all owners, left with each of them where prefetching keeps what it has read.

    Prefetching itself writes down a query for every owner, which takes several times longer than to read the rows.
    """
    if not owners:
        return []
    relation: Any = owners[0]._meta.get_field(kind)
    model, link = relation.related_model, relation.field
    by_owner: dict[int, list[Any]] = {owner.pk: [] for owner in owners}
    rows = list(model.objects.filter(**{f"{link.name}__in": by_owner}))
    for row in rows:
        by_owner[getattr(row, link.attname)].append(row)
    for owner in owners:
        vars(owner).setdefault("_prefetched_objects_cache", {})[kind] = holding(model, by_owner[owner.pk])
    return rows


def _read_readings(sessions: Sequence[Any]) -> None:
    """The readings of each session in the order of their times: bare rows, since a long course has hundreds."""
    found: dict[int, list[Any]] = defaultdict(list)
    if sessions:
        rows = VitalSigns.objects.filter(session__in=[session.pk for session in sessions])
        for row in rows.order_by("taken_at", "pk").values_list(*READING, named=True):
            found[row.session_id].append(row)
    for session in sessions:
        session.readings = found[session.pk]
