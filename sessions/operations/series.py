"""A course's sessions booked, moved or called off together: all of them, or none."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.common.errors import ClinicError, Conflict, Invalid, Problem, Refused
from clinic.facilities.models import Chair
from sessions.models import CancelCode, Course, InfusionSession
from sessions.operations.arriving import cancel
from sessions.operations.booking import claim, relocate, taken_up
from sessions.operations.claiming import Override, instant, lock, obstacle
from sessions.rules.planning import ids_of_series
from sessions.states import Status

MOST = 60


@dataclass(frozen=True, slots=True)
class Slot:
    """A time for one session, and a chair or none yet."""

    starts_at: datetime
    chair: Chair | None = None


@dataclass(frozen=True, slots=True)
class Relocation:
    """A session that is booked already, as it was seen, and where it is to go."""

    session: InfusionSession
    revision: int
    slot: Slot


def book_series(
    *,
    course: Course,
    slots: Sequence[Slot],
    by: Actor,
    override_reason: str = "",
    now: datetime | None = None,
    public_id: uuid.UUID | None = None,
) -> list[InfusionSession]:
    """Book several sessions of a course, all or none.

    Returns:
        the sessions in the order of their times; their public ids follow from the given one.

    Raises:
        Refused: without the right.
        Conflict: whatever :func:`~sessions.operations.booking.book` refuses, for every slot that it refuses, each
            sentence with its day.
        Invalid: no slot or too many; or every slot that is refused has passed or is too far ahead.
    """
    now = now or clock.now()
    _check_number(slots)
    override = Override(by, override_reason, now)
    ids = ids_of_series(public_id or uuid.uuid4(), len(slots))
    ordered = sorted(slots, key=lambda slot: slot.starts_at)
    with transaction.atomic():
        _lock_for(course, ordered)
        locked = (
            Course.objects.locked().select_related("site", "patient", "protocol_version").get(pk=course.pk)
        )

        def one(index: int, slot: Slot) -> InfusionSession:
            return claim(
                course=locked,
                chair=slot.chair,
                starts_at=instant(slot.starts_at),
                override=override,
                public_id=ids[index],
            )

        return _all_or_none(locked, ordered, one)


def move_series(
    *,
    course: Course,
    moves: Sequence[Relocation],
    by: Actor,
    reason: str = "",
    override_reason: str = "",
    now: datetime | None = None,
) -> list[InfusionSession]:
    """Move several scheduled sessions of a course, all or none; one may take the time that another gives up.

    Raises:
        Refused, Conflict, Invalid: as :func:`book_series`.
        Stale: somebody changed one of the sessions meanwhile.
    """
    now = now or clock.now()
    _check_number(moves)
    override = Override(by, override_reason, now)
    ordered = sorted(moves, key=lambda move: move.slot.starts_at)
    with transaction.atomic():
        _lock_for(course, [move.slot for move in ordered])
        locked = (
            Course.objects.locked().select_related("site", "patient", "protocol_version").get(pk=course.pk)
        )
        _check_course(moves, locked)
        found = taken_up({move.session.pk: move.revision for move in moves}, by=by)
        sessions = [found[move.session.pk] for move in ordered]

        def one(index: int, slot: Slot) -> InfusionSession:
            session, starts_at = sessions[index], instant(slot.starts_at)
            leaving = [later.pk for later in sessions[index + 1 :]]
            return relocate(session, slot.chair, starts_at, override=override, reason=reason, leaving=leaving)

        return _all_or_none(locked, [move.slot for move in ordered], one)


def cancel_series(
    *,
    session: InfusionSession,
    by: Actor,
    reason: str,
    code: str = CancelCode.OTHER,
    now: datetime | None = None,
) -> list[InfusionSession]:
    """Call off a scheduled session and all later ones of its course.

    Raises:
        Refused: without the right.
        Conflict: the session is not scheduled any more.
        Invalid: no reason.
    """
    now = now or clock.now()
    with transaction.atomic():
        lock(site=session.site, chairs=None, patient_id=session.patient_id, ranges=[])
        Course.objects.locked().only("pk").get(pk=session.course_id)
        first = cancel(session=session, by=by, reason=reason, code=code, now=now)
        later = InfusionSession.objects.filter(
            course=session.course_id, status=Status.SCHEDULED, scheduled_start__gt=first.scheduled_start
        )
        rest = [cancel(session=row, by=by, reason=reason, code=code, now=now) for row in later]
        return [first, *rest]


def _check_number(rows: Sequence[Any]) -> None:
    if not 1 <= len(rows) <= MOST:
        message = _("Choose 1 to %(most)s times.")
        raise Invalid({"": Problem("series.number", message, {"most": MOST})})


def _lock_for(course: Course, slots: Sequence[Slot]) -> None:
    # Every chair: several are claimed, and provisional bookings may have to make room.
    length = timedelta(minutes=course.chair_minutes)
    ranges = [(instant(slot.starts_at), instant(slot.starts_at) + length) for slot in slots]
    lock(site=course.site, chairs=None, patient_id=course.patient_id, ranges=ranges)


def _check_course(moves: Sequence[Relocation], course: Course) -> None:
    """Raises Conflict for a session of another course, Invalid for one that is named twice."""
    if any(move.session.course_id != course.pk for move in moves):
        raise Conflict(Problem("series.other_course", _("This session belongs to another course.")))
    if len({move.session.pk for move in moves}) < len(moves):
        raise Invalid(
            {"": Problem("series.twice", _("A session is moved to one time. It is named twice here."))}
        )


def _all_or_none(
    course: Course, slots: Sequence[Slot], one: Callable[[int, Slot], InfusionSession]
) -> list[InfusionSession]:
    """Every slot is tried, so that all that is in the way is said at once."""
    done: list[InfusionSession] = []
    refusals: list[ClinicError] = []
    problems: list[Problem] = []
    for index, slot in enumerate(slots):
        try:
            with transaction.atomic():
                done.append(one(index, slot))
        except (ClinicError, IntegrityError) as error:
            found = error if isinstance(error, ClinicError) else _constraint(error, slot, course)
            if isinstance(found, Refused):
                raise found from error
            refusals.append(found)
            problems += [_of_day(problem, slot, course) for problem in found.problems]
    if not refusals:
        return done
    if all(isinstance(refusal, Invalid) for refusal in refusals):
        raise Invalid({"": problems})
    raise Conflict(problems[0], also=problems[1:])


def _constraint(error: IntegrityError, slot: Slot, course: Course) -> ClinicError:
    start = instant(slot.starts_at)
    end = start + timedelta(minutes=course.chair_minutes)
    found = obstacle(error, chair=slot.chair, patient=course.patient, site=course.site, start=start, end=end)
    if not isinstance(found, ClinicError):
        raise found from error
    return found


def _of_day(problem: Problem, slot: Slot, course: Course) -> Problem:
    local = slot.starts_at.astimezone(course.site.zone)
    params = {"day": f"{local:%a} {local.day} {local:%b} {local:%H:%M}", "sentence": str(problem)}
    return Problem(problem.code, _("%(day)s: %(sentence)s"), params, problem.link)
