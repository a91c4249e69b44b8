"""The board of a site and the caller's own chairs, for asking again every few seconds."""

from typing import Any

from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from clinic.common import clock
from clinic.facilities.models import Site
from sessions.api.contract import actor_of, checked
from sessions.api.places import site_seen
from sessions.api.serializers.board import BoardOut, BoardQuery, MyChairsOut
from sessions.reports.board import board
from sessions.reports.board_version import lasting, standing_at, stands
from sessions.reports.my_chairs import my_chairs, version_of_mine

SITE = OpenApiParameter("site", OpenApiTypes.UUID, required=True)
TAG = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag of the last answer: 304 while that still stands.",
)


class SiteRoute(APIView):
    """What is asked of one site."""

    def site(self, request: Request) -> Site:
        return site_seen(request, checked(BoardQuery(data=request.query_params))["site"])


class BoardDetail(SiteRoute):
    """The board."""

    @extend_schema(parameters=[SITE, TAG], responses={200: BoardOut, 304: None})
    def get(self, request: Request) -> Response:
        """Who sits where, what is due, and what calls for somebody."""
        site, now = self.site(request), clock.now()
        standing = standing_at(site, now=now)
        if _has(request, standing.version, now):
            return Response(status=304)
        shown = board(site, actor=actor_of(request), silent=standing.silent, now=now)
        return _tagged(BoardOut(shown).data, lasting(standing.version, shown.changes_at))


class MyChairs(SiteRoute):
    """The chairs of whoever asks."""

    @extend_schema(parameters=[SITE, TAG], responses={200: MyChairsOut, 304: None})
    def get(self, request: Request) -> Response:
        """What is due, overdue, paused or calls for the caller at each of their patients."""
        site, by, now = self.site(request), actor_of(request), clock.now()
        standing = standing_at(site, now=now)
        version = version_of_mine(standing, actor=by)
        if _has(request, version, now):
            return Response(status=304)
        mine = my_chairs(site, actor=by, silent=standing.silent, now=now)
        return _tagged(MyChairsOut(mine).data, lasting(version, mine.stands_until(now)))


def _has(request: Request, version: str, now: Any) -> bool:
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    return any(stands(tag.removeprefix("W/").strip('"'), version, now=now) for tag in tags)


def _tagged(data: Any, version: str) -> Response:
    response = Response(data)
    response["ETag"] = f'"{version}"'
    return response
