"""Which part of an episode a course is, what was given elsewhere, and which score the course is measured against."""

import uuid
from datetime import date, datetime
from typing import Any

from django.db import transaction

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import check_fields
from clinic.common import clock
from clinic.common.text import storable
from patients.models import Assessment
from sessions.models import Course, CoursePhase, OutcomeBaseline, OutsideInfusion
from sessions.rules import episodes as rules
from sessions.rules.corrections import check_can_correct
from sessions.rules.moments import person


@transaction.atomic(savepoint=False)
def set_course_phase(
    *,
    course: Course,
    phase: str,
    by: Actor,
    continues: Course | None = None,
    reason: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> CoursePhase:
    """Say which part of an episode a course is, and from which earlier course it goes on.

    Raises:
        Refused: without the right to order courses.
        Invalid: an unknown phase, an induction that goes on from something, a course of another patient or a later
            one; no reason where it is changed.
    """
    now, course = now or clock.now(), _locked(course)
    by.require(Permission.ORDER_COURSE, course.site_id)
    reason = storable(reason, field="reason").strip()
    is_first = not CoursePhase.objects.filter(course=course).exists()
    rules.check_phase(course=course, phase=phase, continues=continues, reason=reason, is_first=is_first)
    fact = CoursePhase(course=course, phase=phase, continues=continues, reason=reason)
    after = {"phase": phase, "continues": str(continues.public_id) if continues else ""}
    return _write(fact, "course.phase_set", by=by, now=now, public_id=public_id, reason=reason, after=after)


@transaction.atomic(savepoint=False)
def record_outside_infusion(
    *,
    course: Course,
    given_on: date,
    place: str,
    source: str,
    by: Actor,
    micrograms: int | None = None,
    note: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> OutsideInfusion:
    """Record an infusion that was given elsewhere; it is counted in the numbering of the episode.

    Args:
        micrograms: None where the dose is not known.

    Raises:
        Refused: without the right to record observations.
        Invalid: a day in the future or before birth, an unlikely dose, no place, no source.
        Conflict: one of that day is recorded for this course already.
    """
    now, course = now or clock.now(), _locked(course)
    by.require(Permission.RECORD_OBSERVATIONS, course.site_id)
    standing = OutsideInfusion.objects.filter(course=course).current()
    rules.check_outside_infusion(
        given_on=given_on,
        micrograms=micrograms,
        place=place,
        source=source,
        birth=course.patient.birth_date,
        today=clock.local_date(now, course.site.time_zone),
        known=set(standing.values_list("given_on", flat=True)),
    )
    fact = OutsideInfusion(
        course=course,
        given_on=given_on,
        micrograms=micrograms,
        place=storable(place, field="place").strip(),
        source=source,
        note=storable(note, field="note").strip(),
    )
    after = {"given_on": given_on.isoformat(), "micrograms": micrograms, "source": source}
    return _write(fact, "outside_infusion.recorded", by=by, now=now, public_id=public_id, after=after)


@transaction.atomic(savepoint=False)
def retract_outside_infusion(
    *,
    infusion: OutsideInfusion,
    reason: str,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> OutsideInfusion:
    """Strike an infusion that was never given, or was entered wrongly; it stays on record, struck.

    Raises:
        Refused: without the right to record observations.
        Invalid: without a reason.
        Conflict: it was struck already.
    """
    now, course = now or clock.now(), _locked(infusion.course)
    by.require(Permission.RECORD_OBSERVATIONS, course.site_id)
    check_can_correct(infusion, reason=reason)
    kept = {name: getattr(infusion, name) for name in ("given_on", "micrograms", "place", "source")}
    reason = storable(reason, field="reason").strip()
    fact = OutsideInfusion(course=course, corrects=infusion, correction_reason=reason, retracted=True, **kept)
    return _write(fact, "outside_infusion.retracted", by=by, now=now, public_id=public_id, reason=reason)


@transaction.atomic(savepoint=False)
def choose_outcome_baseline(
    *,
    course: Course,
    instrument: str,
    assessment: Assessment | None,
    reason: str,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> OutcomeBaseline:
    """Measure a course against another score than the rule finds; without one, by the rule again.

    Raises:
        Refused: without the right to order courses.
        Invalid: no reason, a questionnaire that nothing is judged by, an incomplete, corrected or foreign score, one
            from after the first infusion of the course.
    """
    now, course = now or clock.now(), _locked(course)
    by.require(Permission.ORDER_COURSE, course.site_id)
    reason = storable(reason, field="reason").strip()
    rules.check_baseline_choice(
        course=course,
        instrument=instrument,
        assessment=assessment,
        reason=reason,
        first_infusion=rules.first_infusion_day(course),
    )
    fact = OutcomeBaseline(course=course, instrument_code=instrument, assessment=assessment, reason=reason)
    after = {"instrument": instrument, "assessment": str(assessment.public_id) if assessment else ""}
    return _write(
        fact, "course.baseline_chosen", by=by, now=now, public_id=public_id, reason=reason, after=after
    )


def _locked(course: Course) -> Course:
    found: Course = Course.objects.locked().select_related("site", "patient").get(pk=course.pk)
    return found


def _write(
    fact: Any,
    verb: str,
    *,
    by: Actor,
    now: datetime,
    public_id: uuid.UUID | None,
    reason: str = "",
    after: dict[str, Any] | None = None,
) -> Any:
    """Said and entered at the same moment by the same person; the audit is written last."""
    author = person(by)
    fact.taken_at = fact.entered_at = now
    fact.taken_by = fact.entered_by = author
    if public_id is not None:
        fact.public_id = public_id
    check_fields(fact)
    fact.save(force_insert=True)
    told = {"site": fact.course.site, "patient": fact.course.patient, "reason": reason, "after": after}
    record(verb=verb, subject=fact, by=by, now=now, **told)
    return fact
