"""What is printed or looked at beside the chart: the ambulance sheet, the downtime sheets, the last time."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.audit.recording import record_access, record_accesses
from clinic.common import clock
from patients.reports.banner import banner_of
from sessions.api.contract import SessionRoute, actor_of, chart_of
from sessions.api.places import site_seen
from sessions.api.serializers.sheets import AmbulanceSheetOut, DowntimePackOut, LastTimeCardOut
from sessions.reports.ambulance_sheet import ambulance_sheet
from sessions.reports.downtime import ONE_KEEPING, downtime_pack
from sessions.reports.last_time import helped_by, last_time, standing_wish


class AmbulanceSheet(SessionRoute):
    """The sheet for the ambulance crew."""

    @extend_schema(responses=AmbulanceSheetOut)
    def get(self, request: Request, session_id: Any) -> Response:
        """Who this is, what was given and when, what was seen, whom to call; that it was read is noted."""
        by, now, session = actor_of(request), clock.now(), chart_of(request, session_id)
        record_access(what="ambulance-sheet", patient=session.patient, by=by, now=now)
        today = clock.local_date(now, session.site.time_zone)
        told = {
            "banner": banner_of(session.patient, actor=by, today=today, site=session.site),
            "sheet": ambulance_sheet(session, actor=by, now=now),
        }
        return Response(AmbulanceSheetOut(told).data)


class LastTimeCard(SessionRoute):
    """What to expect, and how the patient wants it."""

    @extend_schema(responses=LastTimeCardOut)
    def get(self, request: Request, session_id: Any) -> Response:
        """The infusion before this one, what helped then, and the patient's wishes; that it was read is noted."""
        by, session = actor_of(request), chart_of(request, session_id, with_order=False)
        record_access(what="session", patient=session.patient, by=by, now=clock.now())
        last = last_time(session, actor=by)
        told = {
            "last": last,
            "helped": helped_by(last.session) if last else [],
            "wish": standing_wish(session, actor=by),
        }
        return Response(LastTimeCardOut(told).data)


class DowntimeSheets(APIView):
    """The downtime pack of a site."""

    @extend_schema(responses=DowntimePackOut)
    def get(self, request: Request, site_id: Any) -> Response:
        """Today's visits that are not over, each with what is needed on paper; that they were read is noted."""
        by, site, now = actor_of(request), site_seen(request, site_id), clock.now()
        pack = downtime_pack(site, day=clock.local_date(now, site.time_zone), actor=by, now=now)
        patients = [sheet.session.patient for sheet in pack.sheets]
        record_accesses(what="downtime", patients=patients, by=by, now=now, again_after=ONE_KEEPING)
        return Response(DowntimePackOut(pack).data)
