"""What the routes of reports share: who may read them, of which site, and of which days."""

from dataclasses import dataclass
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from clinic.accounts.actor import Actor, lacking
from clinic.accounts.permissions import Permission
from clinic.common import clock
from clinic.facilities.models import Site
from sessions.api.contract import actor_of, checked, found_or_404
from sessions.reports.period import Period
from sessions.rules.report_reading import reader_of_reports

OF_A_PERIOD = [
    OpenApiParameter("site", OpenApiTypes.UUID, description="All within reach without it."),
    OpenApiParameter("from", OpenApiTypes.DATE, description="Four weeks up to today without it."),
    OpenApiParameter("to", OpenApiTypes.DATE),
]
"""The site and the days of a report, as every one of them takes them."""


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks, of which sites and days.

    Attributes:
        by: the caller, with nothing but the sites whose reports and records they may open.
        site: the one that was named; None for all of them.
    """

    by: Actor
    site: Site | None
    sites: list[Site]
    period: Period


class SiteQuery(serializers.Serializer[Any]):
    """A site; all within reach when it is left out. The days are read by the report."""

    site = serializers.UUIDField(required=False)


def question(request: Request) -> Question:
    """What a request asks of a report.

    Raises:
        Refused: the right to open reports is missing, or nowhere held together with the right to open records.
        Invalid: what is no site and no day.
        Http404: a site out of reach.
    """
    by, asked = _reader(actor_of(request)), request.query_params
    within_reach = list(Site.objects.for_user(by).order_by("name", "pk"))
    named = checked(SiteQuery(data={"site": asked["site"]} if asked.get("site") else {}))
    site = found_or_404(Site.objects.for_user(by), named["site"]) if named else None
    today = clock.local_date(clock.now(), (site or within_reach[0]).time_zone)
    return Question(by, site, [site] if site else within_reach, Period.of_query(asked, today=today))


def _reader(by: Actor) -> Actor:
    reader = reader_of_reports(by)
    if not reader.site_ids:
        by.require(Permission.VIEW_PATIENTS)
        # Each of the two is held, and nowhere both.
        raise lacking(Permission.VIEW_REPORTS)
    return reader
