"""What managers and the medical director count: overrides of the check, and alerts by limit; and the rows behind."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sessions.api.contract import is_for_the_document
from sessions.api.reporting import OF_A_PERIOD, Question, question
from sessions.api.serializers.alerts import AlertOut
from sessions.api.serializers.figures import AlertFiguresOut, OverrideCountsOut, OverrideOut
from sessions.models import Alert, CheckAnswer
from sessions.reports.alert_figures import WHAT, AlertFilter, alert_figures, matching_alerts
from sessions.reports.check_overrides import override_counts, override_rows

ITEM = OpenApiParameter("item", OpenApiTypes.STR, description="One item of the check, by its code.")
RULE = OpenApiParameter(
    "rule", OpenApiTypes.STR, description="One limit, such as infusion.systolic.ge.180.pause."
)
BECAME = OpenApiParameter(
    "what",
    OpenApiTypes.STR,
    enum=[code for code in WHAT if code],
    description="What became of it; all without.",
)


class CheckOverrides(APIView):
    """Overrides of the check, counted."""

    @extend_schema(parameters=OF_A_PERIOD, responses=OverrideCountsOut)
    def get(self, request: Request) -> Response:
        """How often each item was overridden in the visits of the days, the most frequent first."""
        asked = question(request)
        counts = override_counts(asked.sites, period=asked.period, actor=asked.by)
        told = {"period": asked.period, "total": sum(one.n for one in counts), "items": counts}
        return Response(OverrideCountsOut(told).data)


class CheckOverrideRows(ListAPIView[CheckAnswer]):
    """Overrides of the check, one by one."""

    serializer_class = OverrideOut

    @extend_schema(parameters=[*OF_A_PERIOD, ITEM])
    def get(self, request: Request) -> Response:
        """The overrides behind the counts with their reasons, the latest first."""
        return self.list(request)

    def get_queryset(self) -> QuerySet[CheckAnswer]:
        if is_for_the_document(self):
            return CheckAnswer.objects.none()
        asked, item = question(self.request), self.request.query_params.get("item", "")[:40]
        rows: Any = override_rows(asked.sites, period=asked.period, actor=asked.by, item=item)
        found: QuerySet[CheckAnswer] = rows.select_related("entered_by")
        return found


def _filter(request: Request, asked: Question) -> AlertFilter:
    today = asked.period.last
    return AlertFilter.of_query(request.query_params, site=asked.site, today=today)


class AlertFigures(APIView):
    """Alerts, counted by limit and never by person."""

    @extend_schema(parameters=[*OF_A_PERIOD, RULE, BECAME], responses=AlertFiguresOut)
    def get(self, request: Request) -> Response:
        """How often each limit fired, what became of its alerts, and the median minutes to the answer."""
        asked = question(request)
        return Response(AlertFiguresOut(alert_figures(_filter(request, asked), actor=asked.by)).data)


class AlertFigureRows(ListAPIView[Alert]):
    """Alerts, one by one."""

    serializer_class: Any = AlertOut

    @extend_schema(parameters=[*OF_A_PERIOD, RULE, BECAME])
    def get(self, request: Request) -> Response:
        """The alerts behind a number, the latest first."""
        return self.list(request)

    def get_queryset(self) -> QuerySet[Alert]:
        if is_for_the_document(self):
            return Alert.objects.none()
        asked = question(self.request)
        rows = matching_alerts(_filter(self.request, asked), actor=asked.by)
        named = rows.select_related("session__site", "reading").prefetch_related("entries__by", "entries__to")
        return named.order_by("-raised_at", "-pk")
