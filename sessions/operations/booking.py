"""Booking a session into a chair, and moving it. The database refuses a second claim on chair or patient."""

import uuid
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import save_record, snapshot
from clinic.common import clock
from clinic.common.constraints import violated
from clinic.common.errors import Conflict, Problem, stale
from clinic.facilities.models import Chair
from patients.models import Patient
from sessions.models import Booking, Course, InfusionSession
from sessions.rules import planning as rules
from sessions.rules.moments import person
from sessions.states import Status


def book(
    *,
    course: Course,
    chair: Chair,
    starts_at: datetime,
    by: Actor,
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> InfusionSession:
    """Book the next session of a course: preparation, infusion and recovery in one chair.

    Returns:
        the session, scheduled; its ``public_id`` is the given one.

    Raises:
        Refused: without the right.
        Conflict: the chair or the patient is taken (``booking.chair_taken``, ``booking.patient_taken``), the course
            is closed or full, too near to another infusion, or the chair is out of service.
        Invalid: a time that has passed.
    """
    now = now or clock.now()
    starts_at = _instant(starts_at)
    try:
        with transaction.atomic():
            return _book(course=course, chair=chair, starts_at=starts_at, by=by, now=now, public_id=public_id)
    except IntegrityError as error:
        ends_at = starts_at + timedelta(minutes=course.chair_minutes)
        raise _obstacle(error, chair=chair, patient=course.patient, start=starts_at, end=ends_at) from error


def _book(
    *,
    course: Course,
    chair: Chair,
    starts_at: datetime,
    by: Actor,
    now: datetime,
    public_id: uuid.UUID | None,
) -> InfusionSession:
    _lock(chair.pk, course.patient_id)
    course = Course.objects.locked().select_related("site", "patient", "protocol_version").get(pk=course.pk)
    rules.check_can_book(course=course, by=by, starts_at=starts_at, now=now)
    _check_chair(chair, site_id=course.site_id)
    day = clock.local_date(starts_at, course.site.time_zone)
    rules.check_gap(course=course, day=day)
    booking = Booking(
        site=course.site,
        patient=course.patient,
        course=course,
        chair=chair,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=course.chair_minutes),
        local_date=day,
        booked_by=person(by),
        booked_at=now,
    )
    booking._history_date = now  # type: ignore[attr-defined]
    booking.save(force_insert=True)
    session = InfusionSession(
        public_id=public_id or uuid.uuid4(),
        site=course.site,
        patient=course.patient,
        course=course,
        booking=booking,
        chair=chair,
        local_date=day,
        scheduled_start=booking.starts_at,
        scheduled_end=booking.ends_at,
    )
    session.save(force_insert=True)
    record(
        verb="session.booked",
        subject=session,
        by=by,
        now=now,
        site=course.site,
        patient=course.patient,
        after={"chair": chair.name, "starts_at": starts_at, "ends_at": booking.ends_at},
    )
    return session


def move_booking(
    *,
    session: InfusionSession,
    chair: Chair,
    starts_at: datetime,
    by: Actor,
    expected_revision: int,
    now: datetime | None = None,
) -> InfusionSession:
    """Move a scheduled session to another time or chair. Raises as :func:`book`, and Stale."""
    now = now or clock.now()
    starts_at = _instant(starts_at)
    try:
        with transaction.atomic():
            return _move(session, chair, starts_at, by=by, expected_revision=expected_revision, now=now)
    except IntegrityError as error:
        ends_at = starts_at + timedelta(minutes=session.course.chair_minutes)
        raise _obstacle(error, chair=chair, patient=session.patient, start=starts_at, end=ends_at) from error


def _move(
    session: InfusionSession,
    chair: Chair,
    starts_at: datetime,
    *,
    by: Actor,
    expected_revision: int,
    now: datetime,
) -> InfusionSession:
    _lock(chair.pk, session.patient_id)
    session = (
        InfusionSession.objects.locked()
        .select_related("site", "patient", "booking", "course__protocol_version")
        .get(pk=session.pk)
    )
    by.require(Permission.BOOK, session.site_id)
    if session.state is not Status.SCHEDULED:
        message = _("Only a scheduled session can be moved. This one is %(status)s.")
        raise Conflict(Problem("session.status", message, {"status": str(session.state.label).lower()}))
    if session.revision != expected_revision:
        raise stale(snapshot(session))
    rules.check_is_alive(session.patient)
    if starts_at != session.scheduled_start:
        rules.check_bookable_time(starts_at, now=now)
    _check_chair(chair, site_id=session.site_id)
    day = clock.local_date(starts_at, session.site.time_zone)
    rules.check_gap(course=session.course, day=day, besides=session)
    booking = session.booking
    booking.chair, booking.starts_at = chair, starts_at
    booking.ends_at = starts_at + timedelta(minutes=session.course.chair_minutes)
    booking.local_date = day
    session.chair, session.local_date = chair, booking.local_date
    session.scheduled_start, session.scheduled_end = booking.starts_at, booking.ends_at
    session.revision += 1
    session.save(update_fields=["chair", "local_date", "scheduled_start", "scheduled_end", "revision"])
    save_record(booking, verb="session.moved", by=by, now=now, site=session.site, patient=session.patient)
    return session


def change_chair(
    *, session: InfusionSession, chair: Chair, by: Actor, now: datetime | None = None
) -> InfusionSession:
    """Seat a patient who has arrived in another chair; what was booked stays as it was."""
    now = now or clock.now()
    with transaction.atomic(savepoint=False):
        _lock(chair.pk, session.patient_id)
        session = InfusionSession.objects.locked().select_related("site", "patient").get(pk=session.pk)
        by.require(Permission.CHECK_IN, session.site_id)
        _check_chair(chair, site_id=session.site_id)
        if session.state not in {Status.ARRIVED, Status.READY}:
            message = _("The chair is changed before the infusion. This session is %(status)s.")
            raise Conflict(Problem("session.status", message, {"status": str(session.state.label).lower()}))
        before = session.chair_id
        session.chair = chair
        session.revision += 1
        session.save(update_fields=["chair", "revision"])
        record(
            verb="session.chair_changed",
            subject=session,
            by=by,
            now=now,
            site=session.site,
            patient=session.patient,
            before={"chair": before},
            after={"chair": chair.pk},
        )
        return session


def _instant(at: datetime) -> datetime:
    # In a place's own zone Python adds minutes to what the clock on the wall shows: an hour off on two nights.
    return at.astimezone(UTC)


def _lock(chair_id: int, patient_id: int) -> None:
    # In the house's order; without it PostgreSQL's exclusion constraint deadlocks under many writers.
    Chair.objects.select_for_update(no_key=True).get(pk=chair_id)
    Patient.objects.select_for_update(no_key=True, of=("self",)).get(pk=patient_id)


def _check_chair(chair: Chair, *, site_id: int) -> None:
    if chair.site_id != site_id:
        raise Conflict(Problem("chair.other_site", _("This chair stands at another site.")))
    if not chair.is_in_service:
        message = _("%(chair)s is out of service. Choose another chair.")
        raise Conflict(Problem("chair.out_of_service", message, {"chair": chair.name}))


def _obstacle(
    error: IntegrityError, *, chair: Chair, patient: Patient, start: datetime, end: datetime
) -> Exception:
    """The sentence that names what is in the way; another patient only by the time, never by name."""
    name = violated(error)
    if name not in {"booking_chair_once", "booking_patient_once"}:
        return error
    live = Booking.objects.live().overlapping(start, end).select_related("site")
    taken = live.filter(chair=chair) if name == "booking_chair_once" else live.filter(patient=patient)
    other = taken.order_by("starts_at").first()
    zone = chair.site.zone
    params = {
        "chair": chair.name,
        "start": (other.starts_at if other else start).astimezone(zone).strftime("%H:%M"),
        "end": (other.ends_at if other else end).astimezone(zone).strftime("%H:%M"),
    }
    if name == "booking_chair_once":
        message = _("%(chair)s is taken from %(start)s to %(end)s. Choose another time or chair.")
        return Conflict(Problem("booking.chair_taken", message, params))
    message = _("This patient is booked from %(start)s to %(end)s already. Choose another time.")
    return Conflict(Problem("booking.patient_taken", message, params))
