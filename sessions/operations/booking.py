"""Booking a session into a chair, moving it, and settling its chair. The database refuses a second claim."""

import uuid
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from clinic.audit.recording import record
from clinic.audit.records import snapshot
from clinic.common import clock
from clinic.common.errors import Conflict, Problem, stale
from clinic.common.text import storable
from clinic.facilities.models import Chair
from sessions.models import Booking, Course, InfusionSession
from sessions.operations.claiming import (
    ChairsNeeded,
    Override,
    accepted,
    check_chair,
    in_the_way,
    instant,
    let_go,
    lock,
    move_aside,
    obstacle,
    place,
    seat,
    taken_problem,
)
from sessions.rules import planning as rules
from sessions.rules.moments import person
from sessions.states import Status


def book(
    *,
    course: Course,
    chair: Chair | None,
    starts_at: datetime,
    by: Actor,
    override_reason: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> InfusionSession:
    """Book the next session of a course: preparation, infusion and recovery in one chair.

    Args:
        chair: None books the time only; which chair it is gets decided at check-in.
        override_reason: books against a taken chair, too few nurses or the opening hours, with the right to.

    Returns:
        the session, scheduled; its ``public_id`` is the given one.

    Raises:
        Refused: without the right.
        Conflict: the chair or the patient is taken (``booking.chair_taken``, ``booking.patient_taken``), no chair is
            free, the site is closed or its nurses are busy, the course is closed or full, too near to another
            infusion, or the chair is out of service.
        Invalid: a time that has passed.
    """
    now, starts_at = now or clock.now(), instant(starts_at)
    ends_at = starts_at + timedelta(minutes=course.chair_minutes)
    override = Override(by, override_reason, now)

    def attempt(all_chairs: bool) -> InfusionSession:
        chairs = None if all_chairs or chair is None else [chair]
        lock(site=course.site, chairs=chairs, patient_id=course.patient_id, ranges=[(starts_at, ends_at)])
        locked = _locked_course(course)
        return claim(
            course=locked,
            chair=chair,
            starts_at=starts_at,
            override=override,
            public_id=public_id,
            exchange=all_chairs,
        )

    try:
        return _claimed(attempt)
    except IntegrityError as error:
        site, patient = course.site, course.patient
        raise obstacle(
            error, chair=chair, patient=patient, site=site, start=starts_at, end=ends_at
        ) from error


def _claimed(attempt: Callable[[bool], InfusionSession]) -> InfusionSession:
    """With the lock of one chair where that is enough, else with the lock of all."""
    try:
        with transaction.atomic():
            return attempt(False)
    except ChairsNeeded:
        with transaction.atomic():
            return attempt(True)


def _locked_course(course: Course) -> Course:
    return Course.objects.locked().select_related("site", "patient", "protocol_version").get(pk=course.pk)


def claim(
    *,
    course: Course,
    chair: Chair | None,
    starts_at: datetime,
    override: Override,
    public_id: uuid.UUID | None,
    exchange: bool = True,
) -> InfusionSession:
    """Make the booking and its session, with everything locked that :func:`claiming.lock` names, and the course."""
    by, now = override.by, override.now
    rules.check_can_book(course=course, by=by, starts_at=starts_at, now=now)
    if chair is not None:
        check_chair(chair, site_id=course.site_id)
    day = clock.local_date(starts_at, course.site.time_zone)
    rules.check_gap(course=course, day=day)
    booking = Booking(
        site=course.site,
        patient=course.patient,
        course=course,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=course.chair_minutes),
        local_date=day,
        booked_by=person(by),
        booked_at=now,
    )
    place(booking, chair, override=override, exchange=exchange)
    booking._history_date = now  # type: ignore[attr-defined]
    booking.save(force_insert=True)
    session = InfusionSession(
        public_id=public_id or uuid.uuid4(),
        site=course.site,
        patient=course.patient,
        course=course,
        booking=booking,
        chair=booking.chair,
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
        reason=booking.override_reason,
        after={
            "chair": booking.chair.name,
            "starts_at": starts_at,
            "ends_at": booking.ends_at,
            "overrides": booking.overrides,
        },
    )
    return session


def move_booking(
    *,
    session: InfusionSession,
    chair: Chair | None,
    starts_at: datetime,
    by: Actor,
    expected_revision: int,
    override_reason: str = "",
    reason: str = "",
    now: datetime | None = None,
) -> InfusionSession:
    """Move a scheduled session to another time or chair. Raises as :func:`book`, and Stale."""
    now, starts_at = now or clock.now(), instant(starts_at)
    ends_at = starts_at + timedelta(minutes=session.course.chair_minutes)
    override = Override(by, override_reason, now)

    def attempt(all_chairs: bool) -> InfusionSession:
        chairs = None if all_chairs or chair is None else [chair]
        lock(site=session.site, chairs=chairs, patient_id=session.patient_id, ranges=[(starts_at, ends_at)])
        locked = taken_up({session.pk: expected_revision}, by=by)[session.pk]
        return relocate(locked, chair, starts_at, override=override, reason=reason, exchange=all_chairs)

    try:
        return _claimed(attempt)
    except IntegrityError as error:
        site, patient = session.site, session.patient
        raise obstacle(
            error, chair=chair, patient=patient, site=site, start=starts_at, end=ends_at
        ) from error


def taken_up(revisions: Mapping[int, int], *, by: Actor) -> dict[int, InfusionSession]:
    """Sessions by their inner keys, locked, once they may and can be moved; their places are free for others already.

    Args:
        revisions: by inner key, the revision that each was read with.
    """
    rows = InfusionSession.objects.locked().filter(pk__in=revisions).order_by("pk")
    found = {
        row.pk: row
        for row in rows.select_related(
            "site", "patient", "booking__site", "booking__chair", "course__protocol_version"
        )
    }
    for session in found.values():
        _check_movable(session, by=by, expected_revision=revisions[session.pk])
        let_go(session.booking)
    return found


def _check_movable(session: InfusionSession, *, by: Actor, expected_revision: int) -> None:
    by.require(Permission.BOOK, session.site_id)
    rules.check_can_move(session)
    if session.revision != expected_revision:
        raise stale(snapshot(session))
    rules.check_is_alive(session.patient)


def relocate(
    session: InfusionSession,
    chair: Chair | None,
    starts_at: datetime,
    *,
    override: Override,
    reason: str = "",
    exchange: bool = True,
    leaving: Collection[int] = (),
) -> InfusionSession:
    """Write the other time and chair of a session that was :func:`taken_up`.

    Args:
        leaving: inner keys of sessions of the course that are still to be moved; their old days do not count.
    """
    if starts_at != session.scheduled_start:
        rules.check_bookable_time(starts_at, now=override.now)
    if chair is not None:
        check_chair(chair, site_id=session.site_id)
    day = clock.local_date(starts_at, session.site.time_zone)
    rules.check_gap(course=session.course, day=day, besides=session, leaving=leaving)
    booking, before = session.booking, snapshot(session.booking)
    ends_at = starts_at + timedelta(minutes=session.course.chair_minutes)
    known = accepted(booking, chair, starts_at, ends_at)
    booking.starts_at, booking.ends_at, booking.local_date = starts_at, ends_at, day
    place(booking, chair, override=override, exchange=exchange, accepted=known)
    told = "; ".join(
        text for text in (storable(reason, field="reason").strip(), booking.override_reason) if text
    )
    _save_moved(booking, told, by=override.by, now=override.now)
    session.chair, session.local_date = booking.chair, day
    session.scheduled_start, session.scheduled_end = booking.starts_at, booking.ends_at
    session.revision += 1
    session.save(update_fields=["chair", "local_date", "scheduled_start", "scheduled_end", "revision"])
    record(
        verb="session.moved",
        subject=session,
        by=override.by,
        now=override.now,
        site=session.site,
        patient=session.patient,
        reason=told,
        before=before,
        after=snapshot(booking),
    )
    return session


def _save_moved(booking: Booking, reason: str, *, by: Actor, now: datetime) -> None:
    booking.revision += 1
    booking.sequence += 1
    booking._history_date = now  # type: ignore[attr-defined]
    booking._history_user = by.user  # type: ignore[attr-defined]
    booking._change_reason = reason  # type: ignore[attr-defined]
    booking.save()


def assign_chair(
    *, session: InfusionSession, chair: Chair, by: Actor, now: datetime | None = None
) -> InfusionSession:
    """Settle the chair of a scheduled session whose chair was left open, or give it another for the same time.

    Raises:
        Refused: without the right to check patients in.
        Conflict: the chair is taken or out of service, or the session has begun.
        Stale: the session was moved to another time meanwhile.
    """
    now, site = now or clock.now(), session.site
    start, end = session.scheduled_start, session.scheduled_end
    with transaction.atomic():
        lock(site=site, chairs=None, patient_id=session.patient_id, ranges=[(start, end)])
        locked = InfusionSession.objects.locked().get(pk=session.pk)
        by.require(Permission.CHECK_IN, locked.site_id)
        rules.check_can_assign_chair(locked)
        if (locked.scheduled_start, locked.scheduled_end) != (start, end):
            raise stale(snapshot(locked))
        check_chair(chair, site_id=locked.site_id)
        booking = Booking.objects.select_related("site", "patient", "chair").get(pk=locked.booking_id)
        let_go(booking)
        keeper, aside = in_the_way(booking, chair)
        if keeper is not None:
            raise Conflict(taken_problem(keeper, chair))
        move_aside(aside, by=by, now=now)
        booking.is_chair_provisional = False
        seat(booking, chair, by=by, now=now, verb="session.chair_assigned")
    return InfusionSession.objects.select_related("chair", "booking").get(pk=session.pk)


def change_chair(
    *, session: InfusionSession, chair: Chair, by: Actor, now: datetime | None = None
) -> InfusionSession:
    """Seat a patient who has arrived in another chair; what was booked stays as it was."""
    now = now or clock.now()
    with transaction.atomic(savepoint=False):
        lock(site=session.site, chairs=[chair], patient_id=session.patient_id, ranges=[])
        session = InfusionSession.objects.locked().select_related("site", "patient").get(pk=session.pk)
        by.require(Permission.CHECK_IN, session.site_id)
        check_chair(chair, site_id=session.site_id)
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
