"""Which sessions, or which side effects, stand behind a number?"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clinic.accounts.actor import Actor
from patients.models import Registration
from sessions.models import Alert, SideEffect, SideEffectEntry
from sessions.reports.session_filter import (
    SIDE_EFFECTS,
    SessionFilter,
    matching_sessions,
    matching_side_effects,
)
from sessions.states import ENDED


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session of the list; its alerts are those that nobody had acknowledged when the patient left.

    Example: ``SessionRow(UUID(...), UUID(...), UUID(...), "Silva, Rui", "100003", "North clinic", date(2026, 3, 4),
    datetime(...), "Chair 1", "discharged", "Discharged", 3, "completed", 1, "reviewed", 0)``
    """

    session_id: UUID
    course_id: UUID
    patient_id: UUID
    patient_name: str
    record_number: str
    site_name: str
    day: date
    starts_at: datetime
    chair: str
    status: str
    status_label: Any
    number: int
    outcome: str
    side_effects: int
    signed: str
    unanswered_alerts: int


@dataclass(frozen=True, slots=True)
class SideEffectRow:
    """One side effect of the list: its grade as last entered, and at worst."""

    session_id: UUID
    patient_id: UUID
    patient_name: str
    record_number: str
    site_name: str
    day: date
    onset_at: datetime
    term: str
    label: str
    grade: int
    worst: int
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A part of the rows, and how many there are in all."""

    rows: tuple[SessionRow, ...] | tuple[SideEffectRow, ...]
    total: int


def list_rows(
    asked: SessionFilter, *, actor: Actor, now: datetime, start: int = 0, limit: int | None = None
) -> Listed:
    """The rows in the order of time, the latest first: two queries, however many there are."""
    end = None if limit is None else start + limit
    if asked.kind == SIDE_EFFECTS:
        effects = matching_side_effects(asked, actor=actor, now=now)
        shown = _described_effects(effects).order_by("-onset_at", "-pk")[start:end]
        return Listed(tuple(_effect_row(effect) for effect in shown), effects.count())
    sessions = matching_sessions(asked, actor=actor, now=now)
    described = _described_sessions(sessions).order_by("-scheduled_start", "-pk")[start:end]
    return Listed(tuple(_session_row(session) for session in described), sessions.count())


def _record_number(patient: str, site: str) -> Subquery:
    numbers = Registration.objects.filter(patient=OuterRef(patient), site=OuterRef(site))
    return Subquery(numbers.values("record_number")[:1])


def _described_sessions(found: Any) -> Any:
    effects = (
        SideEffect.objects.filter(session=OuterRef("pk"))
        .order_by()
        .values("session")
        .annotate(count=Count("pk"))
        .values("count")
    )
    unanswered = (
        Alert.objects.unanswered()
        .filter(session=OuterRef("pk"))
        .order_by()
        .values("session")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return (
        found.with_number()
        .with_chart_state()
        .select_related("patient", "site", "chair", "course")
        .annotate(
            record_number=_record_number("patient", "site"),
            effect_count=Coalesce(Subquery(effects, output_field=IntegerField()), 0),
            unanswered_count=Coalesce(Subquery(unanswered, output_field=IntegerField()), 0),
        )
    )


def _described_effects(found: QuerySet[Any]) -> QuerySet[Any]:
    latest = SideEffectEntry.objects.filter(side_effect=OuterRef("pk")).order_by("-entered_at", "-pk")
    return found.select_related("session__patient", "session__site").annotate(
        grade=Coalesce(Subquery(latest.values("grade")[:1]), 0),
        resolved_at=Subquery(latest.values("resolved_at")[:1]),
        record_number=_record_number("session__patient", "session__site"),
    )


def chart_state(session: Any) -> str:
    """``reviewed``, ``signed``, ``unsigned``, or "" while the visit is not over; needs ``with_chart_state()``."""
    if session.is_reviewed:
        return "reviewed"
    if session.is_authored:
        return "signed"
    return "unsigned" if session.state in ENDED else ""


def _session_row(session: Any) -> SessionRow:
    return SessionRow(
        session_id=session.public_id,
        course_id=session.course.public_id,
        patient_id=session.patient.public_id,
        patient_name=session.patient.full_name,
        record_number=session.record_number or "",
        site_name=session.site.name,
        day=session.local_date,
        starts_at=session.scheduled_start.astimezone(session.site.zone),
        chair=session.chair.name,
        status=session.status,
        status_label=session.state.label,
        number=session.number,
        outcome=session.end_kind,
        side_effects=session.effect_count,
        signed=chart_state(session),
        unanswered_alerts=session.unanswered_count,
    )


def _effect_row(effect: Any) -> SideEffectRow:
    session = effect.session
    return SideEffectRow(
        session_id=session.public_id,
        patient_id=session.patient.public_id,
        patient_name=session.patient.full_name,
        record_number=effect.record_number or "",
        site_name=session.site.name,
        day=session.local_date,
        onset_at=effect.onset_at.astimezone(session.site.zone),
        term=effect.term,
        label=effect.get_term_display(),
        grade=effect.grade,
        worst=effect.worst,
        resolved_at=effect.resolved_at,
    )
