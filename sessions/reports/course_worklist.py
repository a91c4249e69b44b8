"""Which courses wait for somebody: not booked on, slipping past their window, to be looked at again, or at their end?

Two queries, however many courses there are. Planned, booked and given are counted here; nothing keeps them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from clinic.accounts.actor import Actor
from clinic.common import clock
from clinic.facilities.models import Site
from patients.models import Registration
from sessions.models import Course, InfusionSession, Reevaluation
from sessions.rules.windows import Window, window_after
from sessions.states import Status

AHEAD = (Status.SCHEDULED, Status.ARRIVED, Status.READY)
"""An infusion of the course may still come of it."""


@dataclass(frozen=True, slots=True)
class CourseRow:
    """One active course as the worklist shows it.

    Attributes:
        given: infusions begun, whatever became of them; ``booked``: visits from today on that have not begun.
        next_visit: the first of them.
        left_open: a visit of an earlier day of which nobody has said what became of it; it counts as neither.
        window: when the next infusion is due; None before the first, and when all are given.
        days_late: by how many days the next booking, or today where there is none, comes after the window.
        since_look: infusions given since the last re-evaluation, or since the order.
    """

    course: Any
    record_number: str
    today: date
    given: int
    booked: int
    next_visit: Any
    left_open: Any
    last_given: date | None
    window: Window | None
    days_late: int
    since_look: int

    @property
    def planned(self) -> int:
        return int(self.course.planned_infusions)

    @property
    def look_after(self) -> int | None:
        """After how many infusions the protocol asks for a re-evaluation."""
        return self.course.protocol_version.reevaluate_after_infusions

    @property
    def next_day(self) -> date | None:
        return self.next_visit.local_date if self.next_visit else None

    @property
    def is_given(self) -> bool:
        """All that was planned has been given."""
        return self.given >= self.planned

    @property
    def is_unbooked(self) -> bool:
        return not self.is_given and self.next_day is None

    @property
    def is_slipping(self) -> bool:
        return self.days_late > 0

    @property
    def is_unchecked(self) -> bool:
        """It could slip, and the protocol sets no longest gap by which that would be seen."""
        return self.window is not None and not self.window.checks_lateness

    @property
    def needs_look(self) -> bool:
        return self.look_after is not None and self.since_look >= self.look_after


@dataclass(frozen=True, slots=True)
class Worklist:
    """The courses by what is to be done; one course may stand in several lists.

    Attributes:
        unchecked: how many active courses cannot be found late, because their protocol sets no longest gap.
    """

    unbooked: tuple[CourseRow, ...]
    slipping: tuple[CourseRow, ...]
    reevaluate: tuple[CourseRow, ...]
    finished: tuple[CourseRow, ...]
    active: int
    unchecked: int

    @property
    def is_empty(self) -> bool:
        return not (self.unbooked or self.slipping or self.reevaluate or self.finished)


def course_worklist(sites: Sequence[Site], *, actor: Actor, now: datetime) -> Worklist:
    """The active courses of some sites, each day counted on its own site's calendar."""
    courses = _courses(sites, actor)
    visits = _visits(courses, actor)
    rows = [_row(course, visits[course.pk], now) for course in courses]
    return Worklist(
        unbooked=_chosen(rows, lambda row: row.is_unbooked, _waiting_longest),
        slipping=_chosen(rows, lambda row: row.is_slipping, lambda row: -row.days_late),
        reevaluate=_chosen(rows, lambda row: row.needs_look, lambda row: -row.since_look),
        finished=_chosen(rows, lambda row: row.is_given, _waiting_longest),
        active=len(rows),
        unchecked=sum(row.is_unchecked for row in rows),
    )


def _chosen(
    rows: Iterable[CourseRow], wanted: Callable[[CourseRow], bool], urgency: Callable[[CourseRow], Any]
) -> tuple[CourseRow, ...]:
    """The rows of one list, the most urgent first and then by name."""
    return tuple(
        sorted(
            (row for row in rows if wanted(row)), key=lambda row: (urgency(row), row.course.patient.sort_key)
        )
    )


def _waiting_longest(row: CourseRow) -> date:
    return row.last_given or row.course.ordered_at.date()


def _courses(sites: Sequence[Site], actor: Actor) -> list[Any]:
    looks = Reevaluation.objects.filter(course=OuterRef("pk")).order_by("-taken_at", "-pk")
    numbers = Registration.objects.filter(patient=OuterRef("patient"), site=OuterRef("site"))
    begun = Q(sessions__infusion_started_at__isnull=False)
    return list(
        Course.objects.for_user(actor)
        .active()
        .filter(site__in=sites)
        .select_related("site", "patient", "protocol_version__protocol")
        .annotate(
            given=Count("sessions", filter=begun),
            last_given=Max("sessions__local_date", filter=begun),
            given_at_look=Coalesce(Subquery(looks.values("delivered")[:1]), 0),
            record_number=Subquery(numbers.values("record_number")[:1]),
        )
        .order_by("pk")
    )


def _visits(courses: Sequence[Any], actor: Actor) -> dict[int, list[Any]]:
    """The visits that have not begun, of each course in the order of their times."""
    found: dict[int, list[Any]] = defaultdict(list)
    ahead = InfusionSession.objects.for_user(actor).filter(course__in=courses, status__in=AHEAD)
    fields = ("public_id", "course_id", "local_date", "status", "scheduled_start")
    for visit in ahead.only(*fields).order_by("scheduled_start", "pk"):
        found[visit.course_id].append(visit)
    return found


def _row(course: Any, visits: Sequence[Any], now: datetime) -> CourseRow:
    today = clock.local_date(now, course.site.time_zone)
    coming = [visit for visit in visits if visit.local_date >= today]
    left_open = next((visit for visit in visits if visit.local_date < today), None)
    window = None
    if course.last_given and course.given < course.planned_infusions:
        window = window_after(course.last_given, course.protocol_version)
    return CourseRow(
        course=course,
        record_number=course.record_number or "",
        today=today,
        given=course.given,
        booked=len(coming),
        next_visit=coming[0] if coming else None,
        left_open=left_open,
        last_given=course.last_given,
        window=window,
        days_late=window.days_late(coming[0].local_date if coming else today) if window else 0,
        since_look=course.given - course.given_at_look,
    )
