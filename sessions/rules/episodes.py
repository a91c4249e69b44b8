"""What may be said about an episode: what goes on from what, what was given elsewhere, which baseline counts."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.common.errors import Conflict, Invalid, Problem
from sessions.models import Course, CoursePhase, OutsideInfusion
from sessions.rules.outcome_definitions import definitions_of

MOST_MICROGRAMS = 1_000_000
"""Above a gram of ketamine in one infusion a dose is a slipped digit."""


def first_infusion_day(course: Course) -> date | None:
    """The day of the first infusion of a course; None before it."""
    days = course.sessions.delivered().order_by("local_date").values_list("local_date", flat=True)
    first: date | None = days.first()
    return first


def members_of(start: int, continues: dict[int, int | None]) -> set[int]:
    """Everything that is joined to a course by going on, in either direction."""
    pairs = [(pk, before) for pk, before in continues.items() if before is not None]
    found = {start}
    while True:
        more = {pk for pair in pairs if found & set(pair) for pk in pair} - found
        if not more:
            return found
        found |= more


def check_phase(*, course: Course, phase: str, continues: Course | None, reason: str, is_first: bool) -> None:
    """Raises Invalid ``phase.unknown``, ``phase.begins``, ``phase.other_patient``, ``phase.order``, or
    ``reason.missing`` where something else was said before.

    A course goes on only from one that was ordered before it, so that no episode can bite its own tail.
    """
    problems: dict[str, Problem] = {}
    if phase not in CoursePhase.Phase.values:
        problems["phase"] = Problem("phase.unknown", _("Choose which part of the episode this course is."))
    if continues is not None and (problem := _cannot_continue(course, phase, continues)):
        problems["continues"] = problem
    if not is_first and not reason.strip():
        problems["reason"] = Problem("reason.missing", _("Say why this is changed."))
    if problems:
        raise Invalid(problems)


def _cannot_continue(course: Course, phase: str, continues: Course) -> Problem | None:
    if phase == CoursePhase.Phase.INDUCTION:
        message = _("An induction begins an episode. Leave the earlier course out, or choose another part.")
        return Problem("phase.begins", message)
    if continues.patient_id != course.patient_id:
        return Problem(
            "phase.other_patient", _("This is a course of another patient. Choose one of this patient's.")
        )
    if continues.pk == course.pk or continues.ordered_at >= course.ordered_at:
        message = _("A course goes on from one that was ordered before it. Choose an earlier course.")
        return Problem("phase.order", message)
    return None


def check_outside_infusion(
    *,
    given_on: date,
    micrograms: int | None,
    place: str,
    source: str,
    birth: date,
    today: date,
    known: set[date],
) -> None:
    """Raises Invalid by field, or Conflict ``outside.same_day`` where one of that day is recorded already."""
    problems: dict[str, Problem] = {}
    if given_on > today:
        message = _("%(day)s is in the future here. Enter the day on which it was given.")
        problems["given_on"] = Problem("time.future", message, {"day": given_on.isoformat()})
    elif given_on < birth:
        message = _("%(day)s is before the patient was born. Check the year.")
        problems["given_on"] = Problem("time.before_birth", message, {"day": given_on.isoformat()})
    if micrograms is not None and not 1 <= micrograms <= MOST_MICROGRAMS:
        message = _("Enter the dose in mg, above 0 and up to 1000, or leave it empty where it is not known.")
        problems["micrograms"] = Problem("outside.dose", message)
    if not place.strip():
        problems["place"] = Problem("outside.place", _("Say where it was given."))
    if source not in OutsideInfusion.Source.values:
        problems["source"] = Problem("outside.source", _("Say how it is known."))
    if problems:
        raise Invalid(problems)
    if given_on in known:
        message = _("An infusion of that day is recorded already. Strike it first if it is wrong.")
        raise Conflict(Problem("outside.same_day", message))


def check_baseline_choice(
    *, course: Course, instrument: str, assessment: Any, reason: str, first_infusion: date | None
) -> None:
    """Raises Invalid ``baseline.instrument``, ``baseline.assessment``, ``baseline.late``, ``reason.missing``.

    What a course is measured against was scored before it began: a later score speaks of the treatment.
    """
    problems: dict[str, Problem] = {}
    if not definitions_of(instrument):
        message = _("Nothing is judged by this questionnaire, so it needs no baseline.")
        problems["instrument"] = Problem("baseline.instrument", message)
    unfit = (
        None if assessment is None else _cannot_be_baseline(course, instrument, assessment, first_infusion)
    )
    if unfit is not None:
        problems["assessment"] = unfit
    if not reason.strip():
        problems["reason"] = Problem("reason.missing", _("Say why this score is the one to measure against."))
    if problems:
        raise Invalid(problems)


def _cannot_be_baseline(
    course: Course, instrument: str, assessment: Any, first_infusion: date | None
) -> Problem | None:
    is_theirs = assessment.patient_id == course.patient_id and assessment.instrument_code == instrument
    superseded = assessment.retracted or type(assessment).objects.filter(corrects=assessment).exists()
    if not is_theirs or superseded or assessment.total is None:
        message = _("Choose a complete score of this patient by this questionnaire that still stands.")
        return Problem("baseline.assessment", message)
    day = assessment.taken_at.astimezone(course.site.zone).date()
    if first_infusion is not None and day > first_infusion:
        message = _("This score is later than the first infusion of the course. Choose one from before it.")
        return Problem("baseline.late", message)
    return None
