"""Which courses and booked sessions wait to be moved, because a version of their protocol was approved for safety?"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from clinic.accounts.actor import Actor
from clinic.accounts.permissions import Permission
from sessions.models import Course, ProtocolVersion
from sessions.states import Status

BOOKED = Q(sessions__status__in=[Status.SCHEDULED, Status.ARRIVED, Status.READY])


@dataclass(frozen=True, slots=True)
class AffectedCourse:
    """An active course under a version that was replaced for safety; the next of its booked sessions comes first.

    Example: ``AffectedCourse(<course>, booked=3, next_start=2026-03-12 15:00)``
    """

    course: Any
    booked: int
    next_start: Any


@dataclass(frozen=True, slots=True)
class SafetyVersion:
    """A version that was approved for safety, and the courses that are still under an earlier one."""

    version: Any
    courses: list[AffectedCourse]


def safety_worklist(actor: Actor) -> list[SafetyVersion]:
    """Every safety version with courses to be moved, the soonest session first; two queries."""
    rows = (
        Course.objects.for_user(actor)
        .active()
        .filter(protocol_version__safety_successor__isnull=False)
        .select_related("patient", "site", "ordered_by", "protocol_version__protocol")
        .annotate(booked=Count("sessions", filter=BOOKED))
        .annotate(next_start=Min("sessions__scheduled_start", filter=BOOKED))
    )
    affected: dict[int, list[AffectedCourse]] = {}
    for course in rows:
        successor: Any = course.protocol_version.safety_successor_id
        affected.setdefault(successor, []).append(AffectedCourse(course, course.booked, course.next_start))
    versions = ProtocolVersion.objects.filter(pk__in=affected).select_related("protocol", "approved_by")
    found = [SafetyVersion(version, _soonest_first(affected[version.pk])) for version in versions]
    return sorted(found, key=lambda each: each.version.approved_at, reverse=True)


def _soonest_first(courses: list[AffectedCourse]) -> list[AffectedCourse]:
    # Those without a booked session last.
    return sorted(courses, key=lambda row: (row.next_start is None, row.next_start or row.course.ordered_at))


def versions_to_move_to(course: Course) -> list[ProtocolVersion]:
    """The version in use of the course's protocol, where the course is not under it and it may be used there."""
    return list(_in_use(course).select_related("protocol"))


def _in_use(course: Course) -> QuerySet[ProtocolVersion]:
    usable = ProtocolVersion.objects.usable_at(course.site)
    return usable.filter(protocol=course.protocol_version.protocol_id).exclude(pk=course.protocol_version_id)


@dataclass(frozen=True, slots=True)
class Moves:
    """Whether a course has to be moved to another version of its protocol, or may be.

    Attributes:
        newer: the number of the version in use, where the course is under another.
    """

    is_stopped: bool
    newer: int | None
    may_move: bool


def moves_of(course: Course, *, actor: Actor) -> Moves:
    """What a course's page says about versions; nothing for a closed one."""
    if course.state != Course.State.ACTIVE:
        return Moves(False, None, False)
    return Moves(
        is_stopped=course.protocol_version.is_stopped_for_safety,
        newer=_in_use(course).values_list("number", flat=True).first(),
        may_move=actor.can(Permission.ORDER_COURSE, course.site_id),
    )
