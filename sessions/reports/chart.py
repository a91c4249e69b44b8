"""Everything in one session's chart, read in a number of queries that does not grow with what is in it."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db.models import prefetch_related_objects

from clinic.accounts.models import User
from sessions.models import InfusionSession, Signature
from sessions.models.infusion_session import InfusionSessionQuerySet
from sessions.reports.kinds import kinds_with_rows

TAKEN_AND_ENTERED = (
    "check_answers",
    "weights",
    "doses",
    "infusion_events",
    "vital_signs",
    "side_effect_inquiries",
    "notes",
    "discharge_assessments",
    "addenda",
    "departures",
    "ready_marks",
    "early_leavings",
    "emergency_steps",
)
ABOUT_THE_CHECK = ("baseline_choices", "decision_requests", "check_decisions", "patient_wishes")
BESIDE = ("side_effects", "signatures")
OF_THE_PAGE = ("alerts",)
DEEPER = {
    "doses": "doses__weight",
    "side_effects": "side_effects__entries",
    "alerts": "alerts__entries__by",
}
CORRECTABLE = ("weights", "infusion_events", "vital_signs", "notes", "emergency_steps")


def read_chart(found: InfusionSessionQuerySet, *, with_order: bool = True) -> InfusionSession | None:
    """The first session found, with all rows of its chart loaded; ``session.vital_signs.all()`` asks nothing more.

    Every row knows who took and entered it, and ``is_superseded`` says of a correctable one that another row
    corrects or strikes it.

    Args:
        with_order: also the protocol version and the consent behind the course, which most states do not ask for,
            what was asked and decided about the check, and the alerts.
    """
    order = ("course__protocol_version", "course__consent__document") if with_order else ("course",)
    kinds = TAKEN_AND_ENTERED + (ABOUT_THE_CHECK if with_order else ())
    rows = found.select_related("site", "patient", "chair", "booking", *order)
    # One row needs no order, and for an order Django compares each of some hundred columns.
    session = next(iter(rows.order_by()[:1]), None)
    if session is not None:
        _read_facts(session, (*kinds, *BESIDE, *(OF_THE_PAGE if with_order else ())))
        _say_chart_state(session)
        _name_people(session, list(rows_of(session, kinds)))
        for kind in CORRECTABLE:
            _link_corrections(getattr(session, kind).all())
    return session


def _read_facts(session: Any, kinds: tuple[str, ...]) -> None:
    """Load the rows of every kind that has any."""
    there, nothing = kinds_with_rows(_selects(kinds), session.pk), {}
    for kind in set(kinds) - there:
        nothing[kind] = holding(_model_of(kind), [])
    # Where prefetching keeps what it has read, so that the rules ask nothing more.
    session._prefetched_objects_cache = nothing
    prefetch_related_objects([session], *(DEEPER.get(kind, kind) for kind in sorted(there)))


def holding(model: Any, found: list[Any]) -> Any:
    """A queryset that has been read and has these rows: one that has not would be written down in SQL to find that out.

    It is there to be gone through; what narrows it further finds nothing.
    """
    rows = model._base_manager.none()
    rows._result_cache, rows._prefetch_done = found, True
    return rows


@cache
def _selects(kinds: tuple[str, ...]) -> dict[str, str]:
    return {
        kind: f"SELECT 1 FROM {_model_of(kind)._meta.db_table} WHERE session_id = %s"
        for kind in sorted(kinds)
    }


def _model_of(kind: str) -> Any:
    return InfusionSession._meta.get_field(kind).related_model


def _say_chart_state(session: Any) -> None:
    # As with_chart_state() does, from rows that are here already.
    signed = {signature.meaning for signature in session.signatures.all()}
    session.is_authored = Signature.Meaning.AUTHOR in signed
    session.is_reviewed = Signature.Meaning.REVIEW in signed


def rows_of(session: InfusionSession, kinds: Iterable[str] = TAKEN_AND_ENTERED) -> Iterable[Any]:
    """Every fact of a loaded chart."""
    for kind in kinds:
        yield from getattr(session, kind).all()
    for effect in session.side_effects.all():
        yield from effect.entries.all()


def _name_people(session: InfusionSession, rows: list[Any]) -> None:
    # One query for everybody: a join for each kind of row would read the same few people again and again.
    ids = {row.taken_by_id for row in rows} | {row.entered_by_id for row in rows} | {session.nurse_id}
    people = User.objects.only("display_name", "credential").in_bulk(ids - {None})
    for row in rows:
        row.taken_by, row.entered_by = people[row.taken_by_id], people[row.entered_by_id]
    if session.nurse_id is not None:
        session.nurse = people[session.nurse_id]


def _link_corrections(rows: Iterable[Any]) -> None:
    by_key = {row.pk: row for row in rows}
    superseded = {row.corrects_id for row in by_key.values()}
    for row in by_key.values():
        row.corrects = by_key.get(row.corrects_id)
        row.is_superseded = row.pk in superseded
