"""Times for a course's next infusions. Only read: nothing is kept until they are booked."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.facilities.models import Chair
from sessions.api.contract import actor_of, chair_named, checked
from sessions.api.courses import CourseRoute
from sessions.api.serializers.proposals import ProposalsIn, ProposalsOut
from sessions.models import Course
from sessions.reports.free_times import course_times
from sessions.reports.series_rows import ToldSeries, told
from sessions.rules.proposing import Wishes, propose


class Proposals(CourseRoute):
    """A series of free times for a course."""

    serializer_class: Any = ProposalsOut

    @extend_schema(parameters=[ProposalsIn], responses=ProposalsOut)
    def get(self, request: Request, course_id: Any) -> Response:
        """Propose a time for each infusion that is still to be booked, with the reasons for what was passed over."""
        course, by = self.course(), actor_of(request)
        by.require(Permission.BOOK, course.site_id)
        typed = checked(ProposalsIn(data=request.query_params))
        times = course_times(course, now=clock.now())
        # A closed course leaves nothing to book.
        to_book = times.to_book if course.state == Course.State.ACTIVE else 0
        found = propose(
            times.known,
            number=min(typed.get("number", to_book), to_book),
            spacing=times.spacing,
            wishes=_wishes(request, typed),
            previous=times.previous,
            days=times.days,
        )
        chairs = {chair.pk: chair for chair in Chair.objects.for_user(by).filter(site=course.site_id)}
        results = [told(proposal, times, chairs) for proposal in found]
        return Response(ProposalsOut(ToldSeries(course.public_id, to_book, results)).data)


def _wishes(request: Request, typed: dict[str, Any]) -> Wishes:
    chair = chair_named(request, typed["chair"]).pk if "chair" in typed else None
    return Wishes(
        weekdays=frozenset(int(day) for day in typed.get("weekdays", ())),
        starts_from=typed.get("starts_from"),
        starts_until=typed.get("starts_until"),
        chair=chair,
        leaves_chair_open=typed["leave_chair_open"],
        first_day=typed.get("first_day"),
        spacing=typed.get("spacing"),
    )
