"""The schedule of a site, and the nurse of a session."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.accounts.models import User
from clinic.common import clock
from clinic.common.api import writes
from clinic.common.errors import Invalid, Problem
from clinic.facilities.api.sites import site_named
from clinic.facilities.models import Site
from sessions.api.contract import (
    REVISION_HEADER,
    SessionRoute,
    actor_of,
    answer,
    checked,
    edit,
    found_or_404,
)
from sessions.api.serializers.schedule import (
    NurseIn,
    ScheduleIn,
    ScheduleOut,
)
from sessions.api.serializers.sessions import SessionOut
from sessions.api.sessions import opened, show
from sessions.operations.assigning import assign_nurse
from sessions.reports.visits import Visit, read_visits

MOST_DAYS = 31


@dataclass(frozen=True, slots=True)
class Schedule:
    """The answer: a site with what is booked there."""

    site: Site
    visits: list[Visit]


class ScheduleList(APIView):
    """What is booked at a site."""

    @extend_schema(parameters=[ScheduleIn], responses=ScheduleOut)
    def get(self, request: Request) -> Response:
        """Sessions and other uses of the chairs that share an instant with the days; names only of patients whose
        record the caller may open."""
        by, asked = actor_of(request), checked(ScheduleIn(data=request.query_params))
        site = site_named(request, asked["site"])
        first, last = asked["from"], asked["to"]
        if not 0 <= (last - first).days < MOST_DAYS:
            message = _("Ask for 1 to %(days)s days; the last one does not come before the first.")
            raise Invalid({"to": Problem("schedule.range", message, {"days": MOST_DAYS})})
        try:
            start, end = clock.day_range(first, site.time_zone)[0], clock.day_range(last, site.time_zone)[1]
            found = read_visits(site, start=start, end=end, actor=by)
        except OverflowError:
            message = _("This day is at the end of the calendar. Choose another one.")
            raise Invalid({"to": Problem("schedule.calendar", message)}) from None
        return Response(ScheduleOut(Schedule(site, [visit for visit in found if not visit.is_off])).data)


class SessionNurse(SessionRoute):
    """Who looks after the patient of a session."""

    @extend_schema(request=NurseIn, responses=SessionOut, parameters=[REVISION_HEADER])
    def post(self, request: Request, session_id: Any) -> Response:
        """Name the nurse of a session that is not over, or nobody."""
        session, revision = self.session(), writes.expected_revision(request)
        key, by = checked(NurseIn(data=request.data))["nurse"], actor_of(request)
        nurse = None if key is None else found_or_404(User.objects.for_user(by), key)
        edit(assign_nurse, session=session, nurse=nurse, by=by, expected_revision=revision)
        return answer(opened(request, session_id), show)
