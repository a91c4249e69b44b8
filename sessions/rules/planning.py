"""Whether a course can be ordered and a session booked."""

import uuid
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.common.errors import Conflict, Invalid, Problem, Refused
from patients.models.diagnosis import validate_code
from sessions.models import Course, InfusionSession, ProtocolVersion, StopCode
from sessions.states import ENDED, OFF, Status

ADULT_AGE = 18
SHORTEST_MINUTES, LONGEST_MINUTES = 40, 60
"""An infusion's length; beyond it a prescriber must say why."""
TYPING_MINUTES = range(5, 241)
"""Outside this a duration is a slipped digit, whoever types it."""
SLIPPED_DIGIT = 3
"""A dose or cap beyond so many times the protocol's highest is a slipped digit, whoever types it."""
BOOKING_HORIZON = timedelta(days=366)


def check_can_order(*, patient: Any, site: Any, version: ProtocolVersion, by: Actor, today: date) -> None:
    """Raises Refused without the right; Conflict for a patient of another site, a minor, a deceased patient, an
    unusable protocol or, outside demo sites, one without limits."""
    by.require(Permission.ORDER_COURSE, site.pk)
    check_is_at_site(patient, site)
    check_is_alive(patient)
    if patient.age_on(today) < ADULT_AGE:
        message = _(
            "This patient is %(age)s years old. Courses can be ordered for adults from 18 years only."
        )
        raise Conflict(Problem("patient.minor", message, {"age": patient.age_on(today)}))
    if not version.is_usable_at(site):
        message = _("%(protocol)s is not approved for this site. Choose an approved version.")
        raise Conflict(Problem("order.protocol", message, {"protocol": str(version)}))
    if not version.limits and not site.is_demo:
        message = _(
            "%(protocol)s has no limits, so nothing would be checked during an infusion. Nothing is ordered without"
            " approved limits: have a version with limits approved first."
        )
        raise Conflict(Problem("order.no_limits", message, {"protocol": str(version)}))


def check_is_at_site(patient: Any, site: Any) -> None:
    """Raises Conflict ``patient.not_at_site``."""
    if not patient.registrations.filter(site=site).exists():
        message = _("This patient is not registered at %(site)s. Register the patient there first.")
        raise Conflict(Problem("patient.not_at_site", message, {"site": site.name}))


def check_is_alive(patient: Any) -> None:
    """Raises Conflict ``patient.deceased``."""
    if patient.is_deceased:
        raise Conflict(
            Problem("patient.deceased", _("This patient is recorded as deceased. Nothing can be planned."))
        )


def check_order_values(
    *,
    version: ProtocolVersion,
    by: Actor,
    site: Any,
    diagnosis: str,
    dose: int,
    cap: int,
    duration: int,
    planned: int,
    reason: str,
) -> None:
    """Check an order against its protocol.

    Args:
        diagnosis: a code of ICD-10-CM.
        dose: micrograms per kg. cap: micrograms. duration: minutes. planned: number of infusions.

    Raises:
        Invalid: by field; a departure from the protocol without a reason (``reason.missing``).
        Refused: over the protocol's cap or its highest dose without the right.
    """
    problems: dict[str, Problem] = {}
    if problem := diagnosis_problem(diagnosis):
        problems["diagnosis_code"] = problem
    if problem := duration_problem(duration, reason=reason):
        problems["duration_minutes"] = problem
    if problem := _amount_problem(dose, version.max_dose_micrograms_per_kg, unit="mg/kg", code="order.dose"):
        problems["dose_mg_per_kg"] = problem
    if problem := _amount_problem(cap, version.cap_micrograms, unit="mg", code="order.cap"):
        problems["cap_mg"] = problem
    if not 1 <= planned <= 60:
        problems["planned_infusions"] = Problem("order.planned", _("Plan 1 to 60 infusions."))
    if problems:
        raise Invalid(problems)
    if not SHORTEST_MINUTES <= duration <= LONGEST_MINUTES:
        by.require(Permission.OVERRIDE_DOSE, site.pk)
    if dose > version.max_dose_micrograms_per_kg or cap > version.cap_micrograms:
        _check_over_protocol(version, by=by, site=site, dose=dose)
    departs = (dose, cap, duration) != (
        version.dose_micrograms_per_kg,
        version.cap_micrograms,
        version.duration_minutes,
    )
    if departs and not reason.strip():
        message = _("This order departs from the protocol's dose, cap or duration. Say why.")
        raise Invalid({"order_reason": Problem("reason.missing", message)})


def _amount_problem(amount: int, most: int, *, unit: str, code: str) -> Problem | None:
    """What is wrong with a dose or a cap, whoever orders it; over the protocol it still needs right and reason.

    Args:
        amount: micrograms, or micrograms per kg. most: the protocol's highest, in the same unit.
    """
    if 0 < amount <= SLIPPED_DIGIT * most:
        return None
    params = {"amount": amount / 1000, "unit": unit, "times": SLIPPED_DIGIT, "most": most / 1000}
    if amount <= 0:
        return Problem(code, _("Enter more than 0 %(unit)s."), params)
    message = _(
        "%(amount)g %(unit)s is more than %(times)s times the %(most)g %(unit)s of this protocol. Check the typing."
    )
    return Problem(code, message, params)


def diagnosis_problem(code: str) -> Problem | None:
    """What is wrong with a diagnosis, in the words of the patient's own list; an empty one is the column's matter."""
    try:
        if code:
            validate_code(code)
    except ValidationError as error:
        return Problem(f"field.{error.code}", "%(text)s", {"text": " ".join(error.messages)})
    return None


def duration_problem(minutes: int, *, reason: str) -> Problem | None:
    """What is wrong with a duration; outside 40 to 60 minutes a reason mends it, for whoever has the right."""
    if SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES or (reason.strip() and minutes in TYPING_MINUTES):
        return None
    message = _(
        "%(minutes)s minutes is outside 40 to 60 minutes. Enter 40 to 60, or let a prescriber say why."
    )
    return Problem("order.duration", message, {"minutes": minutes})


def _check_over_protocol(version: ProtocolVersion, *, by: Actor, site: Any, dose: int) -> None:
    if by.can(Permission.OVERRIDE_DOSE, site.pk):
        return
    message = _(
        "%(dose)g mg/kg or the cap is over what this protocol allows: at most %(max)g mg/kg and %(cap)g mg."
    )
    params = {
        "dose": dose / 1000,
        "max": version.max_dose_micrograms_per_kg / 1000,
        "cap": version.cap_micrograms / 1000,
    }
    raise Refused(Problem("order.over_protocol", message, params))


def check_can_book(*, course: Course, by: Actor, starts_at: datetime, now: datetime) -> None:
    """Raises Refused without the right; Conflict for a closed course, a dead patient or all infusions booked;
    Invalid for a time that has passed."""
    by.require(Permission.BOOK, course.site_id)
    check_is_alive(course.patient)
    if course.state != Course.State.ACTIVE:
        raise Conflict(
            Problem("order.inactive", _("This course is closed, so nothing more can be booked under it."))
        )
    check_bookable_time(starts_at, now=now)
    planned = course.planned_infusions
    if sessions_taking_place(course).count() >= planned:
        message = _(
            "All %(planned)s planned infusions of this course are booked or given. A prescriber can order more."
        )
        raise Conflict(Problem("course.full", message, {"planned": planned}))


def check_bookable_time(starts_at: datetime, *, now: datetime) -> None:
    """Raises Invalid ``booking.past`` or, more than a year ahead, ``booking.too_far``."""
    if starts_at < now:
        raise Invalid({"starts_at": Problem("booking.past", _("This time has passed. Choose a later one."))})
    if starts_at - now > BOOKING_HORIZON:
        raise Invalid(
            {"starts_at": Problem("booking.too_far", _("This is more than a year ahead. Check the date."))}
        )


def check_can_move(session: InfusionSession) -> None:
    """Raises Conflict ``session.status`` once the visit has begun or is called off."""
    if session.state is not Status.SCHEDULED:
        message = _("Only a scheduled session can be moved. This one is %(status)s.")
        raise Conflict(Problem("session.status", message, {"status": str(session.state.label).lower()}))


def check_can_assign_chair(session: InfusionSession) -> None:
    """Raises Conflict ``session.status`` once the visit has begun or is called off."""
    if session.state is not Status.SCHEDULED:
        message = _("Only a scheduled session's chair is assigned. This one is %(status)s.")
        raise Conflict(Problem("session.status", message, {"status": str(session.state.label).lower()}))


def sessions_taking_place(course: Course) -> Any:
    """Sessions of a course in which an infusion was or may still be given: not called off, missed, or over
    without one."""
    sessions = InfusionSession.objects.filter(course=course).exclude(status__in=OFF)
    return sessions.exclude(status__in=ENDED, infusion_started_at__isnull=True)


def ids_of_series(key: uuid.UUID, count: int) -> list[uuid.UUID]:
    """The public ids of sessions that are booked together under a key, in the order of their times."""
    return [uuid.uuid5(key, str(index)) for index in range(count)]


def check_gap(
    *, course: Course, day: date, besides: InfusionSession | None = None, leaving: Collection[int] = ()
) -> None:
    """Raises Conflict ``booking.gap`` when another session of the course is nearer than the protocol's minimum.

    Args:
        besides: the session that is being moved, which is in nobody's way.
        leaving: inner keys of others that are about to be moved, too.
    """
    gap = course.protocol_version.min_gap_days
    away = [*leaving, besides.pk] if besides else leaving
    for session in sessions_taking_place(course).exclude(pk__in=away).only("local_date"):
        if abs((session.local_date - day).days) < gap:
            raise Conflict(gap_problem(session.local_date, gap))


def gap_problem(day: date, gap: int) -> Problem:
    """That a session on a day is nearer than the protocol's minimum."""
    message = _(
        "There is a session on %(day)s. This protocol asks for at least %(gap)s days between infusions."
    )
    return Problem("booking.gap", message, {"day": day.strftime("%a %d %b"), "gap": gap})


def check_close(*, state: str, code: str, reason: str) -> None:
    """Raises Invalid, by field: neither completed nor stopped, or a stop without its code and its reason."""
    if state not in {Course.State.COMPLETED, Course.State.STOPPED}:
        raise Invalid(
            {"state": Problem("course.state", _("Say whether the course is completed or stopped."))}
        )
    problems: dict[str, Problem] = {}
    if state == Course.State.COMPLETED and code:
        message = _("A completed course has no reason for stopping. Choose none, or say that it was stopped.")
        problems["code"] = Problem("course.code", message)
    if state == Course.State.STOPPED and code not in StopCode.values:
        message = _("Choose why the course is stopped; the reasons are counted by it.")
        problems["code"] = Problem("course.code_missing", message)
    if state == Course.State.STOPPED and not reason.strip():
        problems["reason"] = Problem("reason.missing", _("Say why the course is stopped."))
    if problems:
        raise Invalid(problems)
