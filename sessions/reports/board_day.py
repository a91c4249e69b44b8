"""A site's day as its board reads it, in one statement.

It is written by hand: the board is asked for every few seconds, and Django takes several times as long to write down
what stands of each kind of fact as the database to find it. Which visits may be seen is still said by the queryset;
``tests/sessions/reports/test_board_day.py`` holds the rest against the querysets and rules that it restates.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from functools import cache, partial
from itertools import islice
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection

from clinic.accounts.actor import Actor
from clinic.accounts.models import User
from clinic.common.kept import Shelf
from clinic.facilities.models import Chair, Site
from patients.models import Patient
from sessions.models import (
    Alert,
    Booking,
    Course,
    DischargeAssessment,
    InfusionSession,
    ProtocolVersion,
    ReadyToLeave,
    VitalSigns,
)
from sessions.models.infusion_session import InfusionSessionQuerySet
from sessions.reports.board_rows import (
    BoardBooking,
    BoardCourse,
    BoardPatient,
    BoardProtocol,
    BoardSession,
    Reading,
)
from sessions.rules.limits import URGENCY
from sessions.states import OFF, Status

OWN = (
    "id",
    "public_id",
    "status",
    "scheduled_start",
    "arrived_at",
    "infusion_started_at",
    "infusion_ended_at",
    "running_since",
    "infused_seconds",
    "delivered_microlitres",
    "rate_microlitres_per_hour",
    "rate_since",
    "reading_excused_at",
)
STATUS = OWN.index("status")
MEASURED = tuple(each.name for each in fields(Reading))
PROTOCOL = tuple(each.name for each in fields(BoardProtocol))

NUMBER = """(SELECT COUNT(*) FROM sessions_infusion_session AS earlier WHERE earlier.course_id = visit.course_id
    AND earlier.scheduled_start <= visit.scheduled_start AND earlier.status NOT IN ({off}))"""
AUTHORED = "EXISTS (SELECT 1 FROM sessions_signature WHERE session_id = visit.id AND meaning = 'author')"
OWN_LIMITS = "EXISTS (SELECT 1 FROM sessions_patient_limit AS own WHERE own.patient_id = visit.patient_id)"
OPEN_ALERTS = """FROM sessions_alert AS alert
    WHERE alert.session_id = visit.id AND alert.is_live AND alert.level <> 'info' AND NOT EXISTS (
        SELECT 1 FROM sessions_alert_entry WHERE alert_id = alert.id
        AND kind IN ('acknowledged', 'worsened', 'retracted'))"""
MOST_URGENT = f"""{OPEN_ALERTS}
    ORDER BY CASE alert.level {" ".join(f"WHEN '{level}' THEN {URGENCY.index(level)}" for level in URGENCY)} END DESC,
    alert.raised_at LIMIT 1"""
WAITED = (
    "EXISTS (SELECT 1 FROM sessions_check_answer WHERE session_id = visit.id AND waits_until IS NOT NULL)"
)
ASSESSED = "EXISTS (SELECT 1 FROM sessions_discharge_assessment WHERE session_id = visit.id)"
READY = """(SELECT taken_at FROM sessions_ready_to_leave WHERE session_id = visit.id
    ORDER BY entered_at DESC, id DESC LIMIT 1)"""
HANDED = "EXISTS (SELECT 1 FROM sessions_handover_session WHERE session_id = visit.id)"
ANSWERED = "(SELECT COUNT(DISTINCT item) FROM sessions_check_answer WHERE session_id = visit.id)"
STANDING = """sessions_vital_signs AS reading
    WHERE reading.session_id = visit.id AND NOT reading.retracted AND NOT EXISTS (
        SELECT 1 FROM sessions_vital_signs AS correction WHERE correction.corrects_id = reading.id)"""
BEFORE = f"""{STANDING} AND reading.taken_at < visit.infusion_started_at
    AND reading.systolic > 0 AND reading.heart_rate > 0"""

STATEMENT = f"""
    WITH visit AS MATERIALIZED (
        SELECT {{planned}}, visit.course_id
        FROM ({{mine}}) AS mine
        JOIN sessions_infusion_session AS visit ON visit.id = mine.pk
        JOIN patients_patient AS patient ON patient.id = visit.patient_id
        JOIN sessions_booking AS booking ON booking.id = visit.booking_id
        JOIN sessions_course AS course ON course.id = visit.course_id
        JOIN sessions_protocol_version AS version ON version.id = course.protocol_version_id
        LEFT JOIN accounts_user AS nurse ON nurse.id = visit.nurse_id
    )
    , meant AS MATERIALIZED (
        SELECT visit.id AS visit_id,
            (SELECT id FROM sessions_dose_confirmation WHERE session_id = visit.id
                ORDER BY entered_at DESC, id DESC LIMIT 1) AS dose_id,
            (SELECT reading.id FROM {STANDING} ORDER BY reading.taken_at DESC, reading.id DESC LIMIT 1) AS latest_id,
            COALESCE(
                (SELECT reading.id FROM {BEFORE} AND reading.id = (
                    SELECT reading_id FROM sessions_baseline_choice WHERE session_id = visit.id
                    ORDER BY entered_at DESC, id DESC LIMIT 1)),
                (SELECT reading.id FROM {BEFORE} ORDER BY reading.taken_at DESC, reading.id LIMIT 1)) AS baseline_id
        FROM visit
    )
    SELECT {{columns}}
    FROM visit
    JOIN meant ON meant.visit_id = visit.id
    LEFT JOIN sessions_dose_confirmation AS dose ON dose.id = meant.dose_id
    LEFT JOIN sessions_vital_signs AS latest ON latest.id = meant.latest_id
    LEFT JOIN sessions_vital_signs AS baseline ON baseline.id = meant.baseline_id
    ORDER BY visit.scheduled_start, visit.id
"""
"""In three steps, each kept apart: PostgreSQL weighs the orders of nine tables for longer than it then reads, and reads
all vital signs there are where the one that is meant is worked out in a join."""

Column = tuple[str, str, Any]
VersionKey = tuple[int, UUID, int]
"""A version of a protocol as it was saved last: inner key, public id, revision."""

_known: Shelf[BoardProtocol] = Shelf(256)


def _of(alias: str, model: Any, *names: str) -> tuple[Column, ...]:
    """Columns of a table: the column, its name in the first step, and the field by which Django reads it."""
    found = (model._meta.get_field(name) for name in names)
    before = "" if alias == "visit" else f"{alias}_"
    return tuple((f"{alias}.{each.column}", f"{before}{each.column}", each) for each in found)


# In the order of the fields of BoardSession.
FIRST = _of("visit", InfusionSession, *OWN)
JOINED = (
    *_of("patient", Patient, "id", "public_id", "family_name", "given_name"),
    *_of("booking", Booking, "overrides", "is_chair_provisional"),
    *_of("course", Course, "planned_infusions", "duration_minutes"),
    *_of("version", ProtocolVersion, "id", "public_id", "revision"),
    *_of("visit", InfusionSession, "chair", "nurse"),
    *_of("nurse", User, "display_name"),
)
SEEN: tuple[Column, ...] = (
    *((sql, "", None) for sql in (NUMBER, AUTHORED, HANDED, OWN_LIMITS)),
    (f"(SELECT COUNT(*) {OPEN_ALERTS})", "", None),
    (f"(SELECT alert.level {MOST_URGENT})", "", None),
    (f"(SELECT alert.raised_at {MOST_URGENT})", "", Alert._meta.get_field("raised_at")),
    *((sql, "", None) for sql in (WAITED, ASSESSED)),
    (READY, "", ReadyToLeave._meta.get_field("taken_at")),
    (ANSWERED, "", None),
    ("dose.dose_micrograms", "", None),
    ("dose.duration_minutes", "", None),
    ("dose.bag_microlitres", "", None),
    *_of("latest", VitalSigns, *MEASURED),
    *_of("baseline", VitalSigns, *MEASURED),
)
ASSESSED_AT = len(FIRST) + [sql for sql, _name, _field in SEEN].index(ASSESSED)
FIELDS = [field for _column, _name, field in (*FIRST, *SEEN, *JOINED)]


@cache
def _statement() -> tuple[str, str]:
    """The statement before and after the place of the queryset that says which visits are meant."""
    off = ", ".join(f"'{status.value}'" for status in sorted(OFF))
    planned = ", ".join(f"{column} AS {name}" for column, name, _field in (*FIRST, *JOINED))
    names = ([f"visit.{name}" for _column, name, _field in part] for part in (FIRST, JOINED))
    first, joined = names
    columns = ", ".join([*first, *(column for column, _name, _field in SEEN), *joined]).format(off=off)
    before, after = STATEMENT.split("{mine}")
    return before.format(planned=planned), after.format(columns=columns)


def sessions_of_day(site: Site, chairs: Iterable[Chair], *, actor: Actor, day: date) -> list[BoardSession]:
    """The visits of a day by their planned times."""
    return read_visits(InfusionSession.objects.for_user(actor).on_day(day, site), chairs)


def read_visits(mine: InfusionSessionQuerySet, chairs: Iterable[Chair]) -> list[BoardSession]:
    """The visits of a queryset that is within somebody's reach, in one query; another where going home was looked at.

    What a version of a protocol says is read once, as long as it is not saved again.

    Args:
        chairs: those of its sites.
    """
    rows = _read(mine.order_by().values("pk"))
    versions = _versions({tuple(row[-6:-3]) for row in rows})
    seats, people = {chair.pk: chair for chair in chairs}, _people(rows)
    confirmed = _confirmed([row[0] for row in rows if row[STATUS] == Status.RECOVERING and row[ASSESSED_AT]])
    return [_session(row, versions, seats, people, confirmed) for row in rows]


def _versions(keys: Collection[VersionKey]) -> Mapping[VersionKey, BoardProtocol]:
    found = {key: known for key in keys if (known := _known.get(key))}
    if missing := {key[0]: key for key in keys if key not in found}:
        rows = ProtocolVersion.objects.filter(pk__in=missing).order_by().values_list(*PROTOCOL)
        for pk, *rest in rows:
            found[missing[pk]] = _known.put(missing[pk], BoardProtocol(pk, *rest))
    return found


def _confirmed(recovering: Sequence[int]) -> Mapping[int, dict[str, Any]]:
    """The criteria of the discharge by visit, each as the last assessment that names it left it."""
    found: dict[int, dict[str, Any]] = {}
    if recovering:
        rows = DischargeAssessment.objects.filter(session__in=recovering).order_by("entered_at", "pk")
        for session_id, criteria in rows.values_list("session_id", "criteria"):
            found[session_id] = found.get(session_id, {}) | criteria
    return found


def _read(mine: Any) -> list[list[Any]]:
    try:
        scope, given = mine.query.sql_with_params()
    except EmptyResultSet:
        return []  # no site within reach: nothing to ask the database
    before, after = _statement()
    with connection.cursor() as cursor:
        cursor.execute(f"{before}{scope}{after}", given)
        rows = [list(row) for row in cursor.fetchall()]
    for place, convert in _converters():
        for row in rows:
            row[place] = convert(row[place])
    return rows


def _converters() -> Iterable[tuple[int, Callable[[Any], Any]]]:
    """How Django reads a column from this kind of database: SQLite keeps moments and identities as texts."""
    for place, of in enumerate(FIELDS):
        if of is not None:
            column = of.cached_col
            for convert in (*connection.ops.get_db_converters(column), *of.get_db_converters(connection)):
                yield place, partial(convert, expression=column, connection=connection)


def _people(rows: Sequence[Sequence[Any]]) -> dict[int, User]:
    names = {pk: name for *_others, pk, name in rows if pk}
    return {pk: User.from_db(None, ("id", "display_name"), (pk, name)) for pk, name in names.items()}


def _session(
    row: Sequence[Any],
    versions: Mapping[VersionKey, BoardProtocol],
    seats: Mapping[int, Chair],
    people: Mapping[int, User],
    confirmed: Mapping[int, dict[str, Any]],
) -> BoardSession:
    cells: Any = iter(row)
    own = list(islice(cells, len(OWN) + 14))
    latest, baseline = _reading(*islice(cells, len(MEASURED))), _reading(*islice(cells, len(MEASURED)))
    patient, booking = BoardPatient(*islice(cells, 4)), BoardBooking(*islice(cells, 2))
    planned, minutes, *version, chair, nurse, _name = cells
    course = BoardCourse(planned, minutes, versions[tuple(version)])
    joined = (patient, booking, course, seats[chair], people.get(nurse))
    found: list[Any] = [*own, latest, baseline, *joined, Status(row[STATUS]), confirmed.get(row[0], {})]
    return BoardSession(*found)


def _reading(taken_at: Any, *measured: Any) -> Reading | None:
    return Reading(taken_at, *measured) if taken_at else None
